"""The columns that dlt would make of rows, without a pipeline: for a draft, from a sample."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dlt.common.configuration.container import Container
from dlt.common.schema import Schema
from dlt.destinations import duckdb

from homeroom.dlt_seam.shadow import Shadow
from homeroom.errors import DataError
from homeroom.layout import UnfitError

_LOAD_ID = "sample"


@dataclass(frozen=True, slots=True)
class InferredColumn:
    """A column of a table, `filled` in so many of its rows. `data_type` is None where no value came."""

    table: str
    name: str
    data_type: str | None
    filled: int
    rows: int


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
    counted, lengths = _filled(schema, own, rows)
    types = {name: {**held["columns"]} for name, held in schema.tables.items() if name in lengths}
    return [
        InferredColumn(name, column, _type(types, name, column), filled, lengths[name])
        for (name, column), filled in _with_variants(counted, types).items()
        if not column.startswith("_dlt_")
    ]


def table_name(schema: Schema, resource: str) -> str:
    """How the table of a resource is called."""
    return schema.naming.normalize_table_identifier(resource)


def _filled(schema: Schema, own: str, rows: Sequence[Any]) -> tuple[dict[tuple[str, str], int], Counter[str]]:
    """How many rows of each table have a value of each column, and how many rows there are."""
    filled: dict[tuple[str, str], int] = {}
    lengths: Counter[str] = Counter()
    for row in rows:
        for (table, *_), flat in schema.normalize_data_item(dict(row), _LOAD_ID, own):
            lengths[table] += 1
            for column, value in flat.items():
                key = (table, column)
                filled[key] = filled.get(key, 0) + (value is not None)
    return filled, lengths


def _with_variants(counted: dict[tuple[str, str], int], types: Mapping[str, Any]) -> dict[tuple[str, str], int]:
    """What was counted, and the columns that dlt makes beside those for values of another type."""
    made = ((table, name) for table, held in types.items() for name in held if "__v_" in name)
    variants = {place: 0 for place in made if place not in counted}
    return {**counted, **variants}


def _type(types: Mapping[str, Mapping[str, Any]], table: str, column: str) -> str | None:
    held = types.get(table, {}).get(column, {}).get("data_type")
    return None if held is None else str(held)
