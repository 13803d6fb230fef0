"""Schemas of an API description, with references followed and `allOf`, `oneOf` and `anyOf` put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote

_DEEPEST = 20
"""How many schemas may be put together, or references follow each other, before the rest is left out."""


def mapping(value: object) -> Mapping[str, Any]:
    """A mapping, or an empty one in place of anything else: descriptions are written by hand."""
    return value if isinstance(value, Mapping) else {}


def sequence(value: object) -> Sequence[Any]:
    """The same for lists."""
    return value if isinstance(value, list) else ()


def text_of(value: object) -> str:
    """The same for texts."""
    return value.strip() if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a schema says of a value.

    `kind` is object, array, string, integer, number, boolean or null; empty where nothing says it, or several are
    allowed. `name` is that of the schema it refers to. `raw` is the schema itself, for what is not told here.
    """

    kind: str = ""
    name: str = ""
    format: str = ""
    nullable: bool = False
    described: str = ""
    properties: Mapping[str, Any] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    items: Any = None
    values: tuple[Any, ...] = ()
    """What it may be alone (`enum`)."""
    raw: Mapping[str, Any] = field(default_factory=dict)
    variants: tuple[Shape, ...] = ()
    """Of different kinds, where several are allowed."""

    @property
    def is_object(self) -> bool:
        """Whether it is an object, or may as well be one: rows of which nothing is said."""
        return self.kind == "object" or (not self.kind and not self.variants and not self.values)


class Shapes:
    """The schemas of one document."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        self._content = content

    def shape(self, node: object) -> Shape:
        """A schema, one level deep. A ring of references ends in a shape of which nothing is said."""
        return self._shape(node, 0)

    def target(self, ref: str) -> Any:
        """What a reference leads to; None where that is not in this document."""
        if not ref.startswith("#"):
            return None
        node: Any = self._content
        for part in ref[1:].split("/")[1:]:
            key = unquote(part).replace("~1", "/").replace("~0", "~")
            if isinstance(node, list) and key.isdigit() and int(key) < len(node):
                node = node[int(key)]
            else:
                node = mapping(node).get(key)
        return node

    def resolved(self, node: object) -> Mapping[str, Any]:
        """What a node is, behind its reference. What stands beside the reference holds too."""
        return self._followed(node)[0]

    def _followed(self, node: object) -> tuple[Mapping[str, Any], str]:
        """The same, and the name of what was referred to first."""
        found, name = mapping(node), ""
        for _ in range(_DEEPEST):
            ref = found.get("$ref")
            if not isinstance(ref, str):
                return found, name
            name = name or unquote(ref.rsplit("/", 1)[-1])
            beside = {key: value for key, value in found.items() if key != "$ref"}
            found = {**mapping(self.target(ref)), **beside}
        return {}, name

    def _shape(self, node: object, depth: int) -> Shape:
        raw, name = self._followed(node)
        if depth > _DEEPEST:
            return Shape(name=name)
        own = _plain(raw, name)
        for part in sequence(raw.get("allOf")):
            own = _both(own, self._shape(part, depth + 1))
        for word in ("oneOf", "anyOf"):
            if choices := sequence(raw.get(word)):
                own = _both(own, _either([self._shape(choice, depth + 1) for choice in choices]))
        return replace(own, name=name or own.name)


def _plain(raw: Mapping[str, Any], name: str) -> Shape:
    kinds = raw.get("type")
    several = [str(kind) for kind in kinds] if isinstance(kinds, list) else [kinds] if isinstance(kinds, str) else []
    values = tuple(value for value in sequence(raw.get("enum")) if value is not None)
    return Shape(
        kind=_kind(several, raw),
        name=name,
        format=text_of(raw.get("format")),
        nullable=_is_nullable(raw, several),
        described=text_of(raw.get("description")),
        properties=mapping(raw.get("properties")),
        required=frozenset(item for item in sequence(raw.get("required")) if isinstance(item, str)),
        items=raw.get("items"),
        values=values or ((raw["const"],) if raw.get("const") is not None else ()),
        raw=raw,
    )


def _is_nullable(raw: Mapping[str, Any], kinds: Sequence[str]) -> bool:
    is_marked = raw.get("nullable") is True or raw.get("x-nullable") is True
    return is_marked or "null" in kinds or None in sequence(raw.get("enum"))


def _kind(several: Sequence[str], raw: Mapping[str, Any]) -> str:
    """The one kind that a value has; `null` where it can be nothing else."""
    kinds = [kind for kind in several if kind != "null"]
    if several and not kinds:
        return "null"
    if len(kinds) == 1:
        return kinds[0]
    if kinds:
        return "number" if {*kinds} == {"integer", "number"} else ""
    if "properties" in raw or "additionalProperties" in raw:
        return "object"
    if "items" in raw:
        return "array"
    values = raw.get("enum")
    return "string" if isinstance(values, list) and values and all(isinstance(v, str) for v in values) else ""


def _both(one: Shape, other: Shape) -> Shape:
    """A value that is both: what the first says goes before."""
    return Shape(
        kind=one.kind or other.kind,
        name=one.name or other.name,
        format=one.format or other.format,
        nullable=one.nullable or other.nullable,
        described=one.described or other.described,
        properties={**other.properties, **one.properties},
        required=one.required | other.required,
        items=one.items if one.items is not None else other.items,
        values=one.values or other.values,
        raw={**other.raw, **one.raw},
        variants=one.variants or other.variants,
    )


def _either(shapes: Sequence[Shape]) -> Shape:
    """A value that is one of several: of one kind, what all of them say; of different kinds, `variants`."""
    nullable = any(shape.nullable or shape.kind == "null" for shape in shapes)
    real = [shape for shape in shapes if shape.kind != "null" and (shape.kind or shape.raw)]
    if len(real) == 1:
        return replace(real[0], nullable=nullable)
    kinds = {shape.kind for shape in real}
    if kinds == {"integer", "number"}:
        return Shape(kind="number", nullable=nullable)
    if len(kinds) != 1:
        return Shape(nullable=nullable, variants=tuple(real))
    properties: dict[str, Any] = {}
    for shape in real:
        properties = {**shape.properties, **properties}
    formats = {shape.format for shape in real}
    return Shape(
        kind=kinds.pop(),
        format=formats.pop() if len(formats) == 1 else "",
        nullable=nullable,
        properties=properties,
        required=frozenset.intersection(*(shape.required for shape in real)),
        items=next((shape.items for shape in real if shape.items is not None), None),
    )
