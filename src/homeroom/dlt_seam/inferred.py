"""The columns that dlt would make of rows, without a pipeline: for a draft, from a sample."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dlt.common.configuration.container import Container
from dlt.common.schema import Schema
from dlt.destinations import duckdb

from homeroom.dlt_seam.shadow import Shadow
from homeroom.errors import DataError
from homeroom.layout import UnfitError

_LOAD_ID = "sample"
_MOST_VALUES = 200


@dataclass(frozen=True, slots=True)
class InferredColumn:
    """A column of a table, `filled` in so many of its rows. `data_type` is None where no value came.

    `values` are those of the first rows that have one.
    """

    table: str
    name: str
    data_type: str | None
    filled: int
    rows: int
    values: tuple[Any, ...]


def inferred_columns(table: str, rows: Sequence[Mapping[str, Any]]) -> list[InferredColumn]:
    """The columns of a root table and of those nested in it, in the order in which they came; without dlt's own.

    A column of two types is there twice, as dlt makes it (`n`, `n__v_text`). Raises `DataError` for rows that dlt
    refuses.
    """
    with Container().injectable_context(duckdb().capabilities()):
        schema = Schema("draft")
        own = table_name(schema, table)
        shadow = Shadow(schema, _LOAD_ID)
        try:
            shadow.learn(own, rows)
        except UnfitError as error:
            raise DataError(f"resource {table}, its rows cannot be stored: {error}", resource=table) from None
        shadow.share(own)
    found, lengths = _counted(schema, own, rows)
    types = {name: {**held["columns"]} for name, held in schema.tables.items() if name in lengths}
    return [
        InferredColumn(table, name, _type(types, table, name), each.filled, lengths[table], tuple(each.values))
        for (table, name), each in _with_variants(found, types).items()
        if not name.startswith("_dlt_")
    ]


def table_name(schema: Schema, resource: str) -> str:
    """How the table of a resource is called."""
    return schema.naming.normalize_table_identifier(resource)


@dataclass(slots=True)
class _Count:
    filled: int = 0
    values: list[Any] = field(default_factory=list)

    def add(self, value: Any) -> None:
        self.filled += value is not None
        if value is not None and len(self.values) < _MOST_VALUES:
            self.values.append(value)


_Counts = dict[tuple[str, str], _Count]


def _counted(schema: Schema, own: str, rows: Sequence[Any]) -> tuple[_Counts, Counter[str]]:
    """What rows of each table have as values of each column, and how many rows there are."""
    found: _Counts = {}
    lengths: Counter[str] = Counter()
    for row in rows:
        for (table, *_), flat in schema.normalize_data_item(dict(row), _LOAD_ID, own):
            lengths[table] += 1
            for column, value in flat.items():
                found.setdefault((table, column), _Count()).add(value)
    return found, lengths


def _with_variants(found: _Counts, types: Mapping[str, Any]) -> _Counts:
    """What was counted, and the columns that dlt makes beside those for values of another type."""
    made = ((table, name) for table, held in types.items() for name in held if "__v_" in name)
    return {**found, **{place: _Count() for place in made if place not in found}}


def _type(types: Mapping[str, Mapping[str, Any]], table: str, column: str) -> str | None:
    held = types.get(table, {}).get(column, {}).get("data_type")
    return None if held is None else str(held)
