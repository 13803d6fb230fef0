"""YAML (and so JSON) with the line of every key and list item, and the keys that are given twice."""

from __future__ import annotations

from typing import Any, NamedTuple

import yaml

from homeroom.config.collect import Path

_MOST_PARTS = 200_000
_MERGE = "tag:yaml.org,2002:merge"


class Repeated(NamedTuple):
    """A key that its mapping has already. `again` is the line where it stands a second time."""

    path: Path
    again: int


def yaml_lines(text: str) -> tuple[Any, dict[Path, int], list[Repeated]]:
    """The content, the lines (from 1) by path, and the repeated keys of a YAML text.

    Raises yaml.YAMLError for what is no YAML, ValueError for a part that holds itself and for a text
    that its aliases blow up to more than 200,000 parts.
    """
    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        walk = _Walk()
        if node is not None:
            walk.visit(node, (), node.start_mark.line + 1)
        content = None if node is None else loader.construct_document(node)
    finally:
        loader.dispose()
    return content, walk.lines, walk.repeated


class _Walk:
    """One pass over the nodes of a document."""

    def __init__(self) -> None:
        self.lines: dict[Path, int] = {}
        self.repeated: list[Repeated] = []
        self._inside: list[int] = []

    def visit(self, node: yaml.Node, path: Path, line: int) -> None:
        if id(node) in self._inside:
            raise ValueError(f"the part on line {line} holds itself")
        if len(self.lines) > _MOST_PARTS:
            raise ValueError(f"aliases make it more than {_MOST_PARTS} parts")
        self.lines.setdefault(path, line)
        self._inside.append(id(node))
        if isinstance(node, yaml.SequenceNode):
            for i, item in enumerate(node.value):
                self.visit(item, (*path, i), item.start_mark.line + 1)
        elif isinstance(node, yaml.MappingNode):
            self._mapping(node, path)
        self._inside.pop()

    def _mapping(self, node: yaml.MappingNode, path: Path) -> None:
        seen: set[str] = set()
        merged: list[yaml.Node] = []
        for key, value in node.value:
            line = key.start_mark.line + 1
            if key.tag == _MERGE:
                merged += value.value if isinstance(value, yaml.SequenceNode) else [value]
            elif isinstance(key, yaml.ScalarNode):
                self._key(key.value, value, path, line, seen)
        for each in merged:
            self.visit(each, path, each.start_mark.line + 1)

    def _key(self, key: str, value: yaml.Node, path: Path, line: int, seen: set[str]) -> None:
        if key in seen:
            self.repeated.append(Repeated((*path, key), line))
        seen.add(key)
        self.visit(value, (*path, key), line)
