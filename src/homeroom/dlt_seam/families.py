"""Rows of a table by the parent that they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dlt.common.destination.exceptions import DestinationUndefinedEntity
from dlt.common.schema import Schema
from dlt.common.schema.typing import C_DLT_LOAD_ID
from dlt.pipeline.pipeline import Pipeline

from homeroom.dlt_seam.conditions import column_of, live, older, valued
from homeroom.dlt_seam.held import client_by


@dataclass(frozen=True, slots=True)
class Family:
    """How many rows a parent has. `values` of the columns that name it, as the destination gives them."""

    values: tuple[Any, ...]
    rows: int

    @property
    def parent(self) -> tuple[str, ...]:
        """The values as texts."""
        return tuple(map(str, self.values))


def families(
    pipeline: Pipeline,
    schema: Schema,
    table: str,
    columns: Sequence[str],
    *,
    but: str | None = None,
    of: Sequence[str] | None = None,
) -> list[Family]:
    """The rows of a table that are not marked as deleted, by parent; `but` those that this load has written.

    With `of` those alone that one of these loads has written.

    None where table or columns are not there by `schema`; rows without a parent are left out.
    """
    known = columns_of(schema, table, columns)
    if known is None:
        return []
    with client_by(pipeline, schema) as client:
        rows = live(schema, table, client)
        if but is not None:
            rows = rows & older(schema, client, but)
        if of is not None:
            load = schema.naming.normalize_identifier(C_DLT_LOAD_ID)
            rows = rows & valued(client, [load], [(each,) for each in of])
        names = ", ".join(map(client.escape_column_name, known))
        source = client.make_qualified_table_name(table)
        sql = f"SELECT {names}, COUNT(*) FROM {source} WHERE {rows.where} GROUP BY {names}"
        try:
            found = client.execute_sql(sql, *rows.values) or []
        except DestinationUndefinedEntity:
            return []
    return [Family(tuple(row[:-1]), int(row[-1])) for row in found if None not in row]


def columns_of(schema: Schema, table: str, paths: Sequence[str]) -> list[str] | None:
    """The columns of a table that these fields lie in; None where it has not all of them."""
    found = [column_of(schema, table, path) for path in paths]
    return None if None in found else [column for column in found if column]
