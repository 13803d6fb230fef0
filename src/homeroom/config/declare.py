"""Writes `columns:` into a YAML config, by its text: comments, order and style of everything else stay."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from homeroom.errors import ConfigError, DiskError, Problem

Columns = Mapping[str, Mapping[str, Any]]

_STEP = 2
"""Spaces by which written columns are indented."""


@dataclass(frozen=True, slots=True)
class Declared:
    """What was written: resource to the names of the columns that were added; `left` are those that could not be."""

    added: Mapping[str, tuple[str, ...]]
    left: tuple[str, ...]


def as_text(columns: Columns, indent: int = 0) -> str:
    """Columns as YAML, a line each, without the key `columns` itself."""
    return "\n".join(f"{' ' * indent}{_flow_pair(name, hints)}" for name, hints in columns.items())


def write_columns(reference: str, columns: Mapping[str, Columns]) -> Declared:
    """Add columns to the resources of a YAML file, by resource. What it declares already stays as it is.

    Raises `ConfigError` for any other kind of config, `DiskError` where the file cannot be written; it is written
    whole or not at all.
    """
    file = Path(reference)
    if file.suffix.lower() not in (".yaml", ".yml") or not file.exists():
        hint = "leave --write out, and paste what is printed under the resources"
        raise ConfigError(
            [Problem("--write", "only YAML files are written", reference, ".yaml, .yml", hint, code="wrong-flag")]
        )
    text = file.read_bytes().decode("utf-8-sig")
    edits, added, left = _edits(text, columns)
    changed = _edited(text, edits)
    if yaml.safe_load(changed) != _expected(yaml.safe_load(text), columns, added):
        hint = "leave --write out, and paste what is printed under the resources"
        raise ConfigError(
            [
                Problem(
                    "--write",
                    "the file is written in a way that cannot be added to",
                    reference,
                    hint=hint,
                    code="wrong-flag",
                )
            ]
        )
    if edits:
        _replace(file, changed)
    return Declared(added, left)


def _replace(file: Path, text: str) -> None:
    fresh = file.with_name(f"{file.name}.new")
    try:
        fresh.write_bytes(text.encode())
        fresh.chmod(file.stat().st_mode)
        fresh.replace(file)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise DiskError(f"{file} cannot be written ({error.strerror}); it is as it was") from None


def _edits(
    text: str, columns: Mapping[str, Columns]
) -> tuple[list[tuple[int, str]], dict[str, tuple[str, ...]], tuple[str, ...]]:
    """Where in the text what is put in; what that adds, and the resources that nothing can be added to."""
    newline = "\r\n" if "\r\n" in text else "\n"
    edits: list[tuple[int, str]] = []
    added: dict[str, tuple[str, ...]] = {}
    left: list[str] = []
    nodes = _resources(yaml.compose(text, Loader=yaml.SafeLoader))
    for name, wanted in columns.items():
        node = nodes.get(name)
        held = None if node is None else _value(node, "columns")
        if node is None or (held is not None and not isinstance(held, yaml.MappingNode)):
            left.append(name)
            continue
        known = set() if held is None else {key.value for key, _ in held.value}
        fresh = {column: hints for column, hints in wanted.items() if column not in known}
        if fresh:
            edits.append(_edit(text, node, held, fresh, newline))
            added[name] = tuple(fresh)
    return edits, added, tuple(left)


def _edit(text: str, node: Any, held: Any, fresh: Columns, newline: str) -> tuple[int, str]:
    if held is not None and held.flow_style:
        return held.start_mark.index + 1, f"{_flow(fresh)}{', ' if held.value else ''}"
    if held is not None:
        indent = held.start_mark.column
        return _line_start(text, held.start_mark.index), as_text(fresh, indent).replace("\n", newline) + newline
    if node.flow_style:
        return node.start_mark.index + 1, f"columns: {{{_flow(fresh)}}}, "
    indent = node.start_mark.column
    name = _value(node, "name")
    lines = f"{' ' * indent}columns:\n{as_text(fresh, indent + _STEP)}\n".replace("\n", newline)
    end = text.find("\n", name.end_mark.index) + 1
    return (end, lines) if end else (len(text), newline + lines)


def _line_start(text: str, index: int) -> int:
    return text.rfind("\n", 0, index) + 1


def _edited(text: str, edits: list[tuple[int, str]]) -> str:
    for place, inserted in sorted(edits, reverse=True):
        text = text[:place] + inserted + text[place:]
    return text


def _expected(content: Any, columns: Mapping[str, Columns], added: Mapping[str, tuple[str, ...]]) -> Any:
    """The content as it must be afterwards. What other places share with a resource (aliases) stays as it is."""
    source = content.get("source", content)
    resources = [_declaring(each, columns, added) for each in source["resources"]]
    declared = {**source, "resources": resources}
    return {**content, "source": declared} if "source" in content else declared


def _declaring(resource: Any, columns: Mapping[str, Columns], added: Mapping[str, tuple[str, ...]]) -> Any:
    name: Any = resource.get("name") if isinstance(resource, dict) else None
    if name not in added:
        return resource
    fresh = {column: columns[name][column] for column in added[name]}
    return {**resource, "columns": {**(resource.get("columns") or {}), **fresh}}


def _resources(root: Any) -> dict[str, Any]:
    """The mapping of each resource by its name; without those that are written as a name alone."""
    source = _value(root, "source") if isinstance(root, yaml.MappingNode) else None
    listed = _value(root if source is None else source, "resources")
    nodes = listed.value if isinstance(listed, yaml.SequenceNode) else []
    found = {}
    for node in nodes:
        name = _value(node, "name") if isinstance(node, yaml.MappingNode) else None
        if isinstance(name, yaml.ScalarNode):
            found[name.value] = node
    return found


def _value(node: Any, key: str) -> Any:
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((value for held, value in node.value if held.value == key), None)


def _flow(columns: Columns) -> str:
    return ", ".join(_flow_pair(name, hints) for name, hints in columns.items())


def _flow_pair(name: str, hints: Mapping[str, Any]) -> str:
    inside = ", ".join(
        f"{key}: {json.dumps(value) if not isinstance(value, str) else value}" for key, value in hints.items()
    )
    shown = name if yaml.safe_load(name) == name and ": " not in name else json.dumps(name)
    return f"{shown}: {{{inside}}}"
