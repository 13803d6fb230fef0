"""From the schema of a row to the columns and nested tables that dlt makes of such rows, with types and nullability."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from homeroom.dlt_seam.row_names import RowNames
from homeroom.draft.described.document import Document
from homeroom.draft.described.shapes import Shape
from homeroom.draft.described.words import words
from homeroom.draft.values import Column
from homeroom.personal import look

_DEEPEST = 6
"""How many objects and lists deep columns are described."""

_MOST = 400
"""How many columns of one resource are described; what is beyond is left to the rows."""

_PLAIN = {"string": "text", "integer": "bigint", "number": "double", "boolean": "bool"}
_TEXTS = {"date-time": "timestamp", "date": "date"}
_ASKED_FOR = re.compile(
    r"\bexpand(ed)?\b ?=|\b(shown|included|returned) when adding\b|\binclude\[\]"
    r"|\bonly (returned|included|present|shown|populated|available)( if| when)? (requested|asked for|expanded)\b",
    re.IGNORECASE,
)
_BAGS = {"metadata", "meta", "extensions", "extension", "custom", "attributes", "extra", "extras", "properties"}
_BAGS |= {"settings", "options", "preferences", "payload", "raw", "json", "overrides"}
_WHOLE = re.compile(r"\b(an?|as|the|in) (the )?(form of )?(an? )?integers?\b|\bwhole number\b", re.IGNORECASE)


def columns_of(document: Document, row: Shape, resource: str) -> tuple[Column, ...]:
    """The columns of a resource's rows, those of nested tables behind them.

    A column is declared where its name is its own, its type is described, and it comes unasked.
    """
    walk = _Walk(document, RowNames(), resource)
    found = walk.columns(_Place((resource,), (), is_root=True), row, may_be_missing=False, above=(row.name,))
    taken: dict[tuple[str, str], Column] = {}
    for column in found:
        taken.setdefault((column.table, column.name), column)
        if len(taken) >= _MOST:
            break
    return tuple(sorted(taken.values(), key=lambda column: column.table != ""))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where values are: `table` are the keys that name their table, `inside` those of the objects within its rows."""

    table: tuple[str, ...]
    inside: tuple[str, ...]
    is_root: bool
    is_asked_for: bool = False


@dataclass(frozen=True, slots=True)
class _Walk:
    """A walk through the schemas of a row."""

    document: Document
    names: RowNames
    resource: str

    def columns(self, at: _Place, row: Shape, *, may_be_missing: bool, above: tuple[str, ...]) -> Iterator[Column]:
        """Of an object's properties. `above` are the names of the schemas that it lies in."""
        for key, raw in row.properties.items():
            shape = self.document.shape(raw)
            if shape.raw.get("writeOnly") is True or not key or key.isspace():
                continue
            is_missing = may_be_missing or key not in row.required or shape.nullable
            asked = at.is_asked_for or bool(_ASKED_FOR.search(shape.described))
            place = _Place(at.table, (*at.inside, key), at.is_root, asked)
            if asked and shape.kind in ("object", "array"):
                yield self._column(place, shape, None, shape.kind, None)
                continue
            yield from self._value(place, shape, is_missing=is_missing, above=above)

    def _value(self, at: _Place, shape: Shape, *, is_missing: bool, above: tuple[str, ...]) -> Iterator[Column]:
        is_deep = len(at.inside) + len(at.table) > _DEEPEST or (shape.name != "" and shape.name in above)
        below = (*above, shape.name)
        if shape.kind == "object" and shape.properties:
            if is_deep:
                said = f"an object again, {shape.name or 'deeper than is described here'}"
                yield self._column(at, shape, None, said, None)
                return
            yield from self.columns(at, shape, may_be_missing=is_missing, above=below)
        elif shape.kind == "array":
            yield from self._list(at, shape, is_deep=is_deep, above=below)
        else:
            data_type, evidence = _type_of(at.inside[-1], shape)
            yield self._column(at, shape, data_type, evidence, is_missing)

    def _list(self, at: _Place, shape: Shape, *, is_deep: bool, above: tuple[str, ...]) -> Iterator[Column]:
        """The rows of a nested table; of plain values the column `value`."""
        element = self.document.shape(shape.items)
        place = _Place((*at.table, *at.inside), (), is_root=False, is_asked_for=at.is_asked_for)
        if element.kind == "object" and element.properties:
            if not is_deep and (not element.name or element.name not in above):
                yield from self.columns(place, element, may_be_missing=False, above=(*above, element.name))
        elif element.kind in _PLAIN:
            data_type, evidence = _type_of(at.inside[-1], element)
            inside = _Place(place.table, ("value",), is_root=False, is_asked_for=at.is_asked_for)
            yield self._column(inside, element, data_type, evidence, None)

    def _column(
        self, at: _Place, shape: Shape, data_type: str | None, evidence: str, is_missing: bool | None
    ) -> Column:
        """One column."""
        said = [evidence]
        nullable: bool | None = None
        if is_missing is False and self.document.tells_null:
            nullable = False
            said.append("required, and not described as null")
        elif is_missing is not None and shape.nullable:
            nullable = True
        if at.is_asked_for:
            said.append("comes only where it is asked for")
        name, table = self.names.column(at.inside), self.names.table(at.table)
        return Column(
            name=name,
            data_type=data_type,
            nullable=nullable if at.is_root else None,
            evidence="; ".join(filter(None, said)),
            table="" if at.is_root else table,
            declared=at.is_root and data_type is not None and not at.is_asked_for,
            personal=look(table, name, described=shape.described),
        )


def _type_of(name: str, shape: Shape) -> tuple[str | None, str]:
    """The data type, and what the description says; None where it says nothing of use."""
    if shape.kind == "object":
        return _type_of_object(name, shape)
    if shape.kind == "string":
        return _TEXTS.get(shape.format, "text"), f"string, {shape.format}" if shape.format else "string"
    if shape.kind == "number" and (_is_identifier(name) or _WHOLE.search(shape.described)):
        return "bigint", "number, and an identifier or said to be whole"
    if shape.kind in _PLAIN:
        return _PLAIN[shape.kind], shape.kind
    return None, "of no type or of several, by the description"


def _type_of_object(name: str, shape: Shape) -> tuple[str | None, str]:
    """Of one without properties: JSON where any key may come; columns, as for all rows, where nothing is said of it."""
    if shape.raw.get("additionalProperties") not in (None, False):
        return "json", "an object with any keys"
    if {*words(name)} & _BAGS:
        return "json", "an object of undescribed fields, of any keys by its name"
    return None, "an object of undescribed fields, which become columns as they come"


def _is_identifier(name: str) -> bool:
    return words(name)[-1:] in (("id",), ("ids",))
