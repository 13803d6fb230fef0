"""Rows that the API has deleted, taken out of a table or marked in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dlt.common.schema import Schema
from dlt.common.schema.typing import C_DLT_LOAD_ID
from dlt.destinations.sql_client import SqlClientBase
from dlt.extract import DltResource
from dlt.pipeline.pipeline import Pipeline

from homeroom.dlt_seam.extraction import holds_rows
from homeroom.dlt_seam.packages import remove_orphans

DELETED_AT = "_deleted_at"
"""The column of soft deletes: when a run first missed the row, null while it is there."""


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A column and the value by which a row says that it is deleted."""

    column: str
    value: Any


def add_mark(resource: DltResource) -> None:
    """Give a resource's table the column of soft deletes. What is loaded leaves it null, also of a row that returns."""
    resource.apply_hints(columns={DELETED_AT: {"name": DELETED_AT, "data_type": "timestamp", "nullable": True}})


def is_marked(schema: Schema, table: str) -> bool:
    """Whether a table has the column of soft deletes."""
    return table in schema.tables and DELETED_AT in schema.tables[table]["columns"]


def column_of(schema: Schema, table: str, path: str) -> str | None:
    """The column that a field of a row (`a.b` for one inside of an object) lies in; None where the table has none."""
    column = schema.naming.normalize_path(path.replace(".", schema.naming.PATH_SEPARATOR))
    held = schema.tables[table]["columns"] if table in schema.tables else {}
    return column if "data_type" in held.get(column, {}) else None  # without a type there was no value yet


class Cleaner:
    """Deletes in one merged table, behind the load `load_id`. `soft`: rows are marked instead, with the time `at`."""

    def __init__(self, pipeline: Pipeline, table: str, load_id: str, at: datetime, *, soft: bool) -> None:
        self._pipeline = pipeline
        self._table = table
        self._load_id = load_id
        self._at = at
        self._soft = soft

    def absent(self) -> int:
        """Delete the rows that this load has not written; how many."""
        with self._pipeline.sql_client() as client:
            return self._delete(client, *self._absent(client))

    def buried(self, tombstone: Tombstone) -> int | None:
        """Delete the rows that say that they are deleted; how many, None where the table has no such column."""
        schema = self._pipeline.default_schema
        if not holds_rows(schema, self._table):
            return 0
        column = column_of(schema, self._table, tombstone.column)
        if column is None:
            return None
        with self._pipeline.sql_client() as client:
            return self._delete(client, f"{client.escape_column_name(column)} = %s", (tombstone.value,))

    def _absent(self, client: SqlClientBase[Any]) -> tuple[str, tuple[Any, ...]]:
        column = client.escape_column_name(self._pipeline.default_schema.naming.normalize_identifier(C_DLT_LOAD_ID))
        return f"({column} <> %s OR {column} IS NULL)", (self._load_id,)

    def _delete(self, client: SqlClientBase[Any], where: str, values: tuple[Any, ...]) -> int:
        if not (rows := self._count(client, where, values)):
            return 0
        name = client.make_qualified_table_name(self._table)
        with client.begin_transaction():
            if self._soft:
                mark = client.escape_column_name(DELETED_AT)
                sql = f"UPDATE {name} SET {mark} = %s WHERE {mark} IS NULL AND {where}"
                client.execute_sql(sql, self._at, *values)
            else:
                client.execute_sql(f"DELETE FROM {name} WHERE {where}", *values)
                remove_orphans(client, self._pipeline.default_schema, self._table)
        return rows

    def _count(self, client: SqlClientBase[Any], where: str, values: tuple[Any, ...]) -> int:
        """The rows that a condition fits, without those that are marked."""
        marked = is_marked(self._pipeline.default_schema, self._table)
        live = f" AND {client.escape_column_name(DELETED_AT)} IS NULL" if marked else ""
        sql = f"SELECT COUNT(*) FROM {client.make_qualified_table_name(self._table)} WHERE {where}{live}"
        return int((client.execute_sql(sql, *values) or [[0]])[0][0])
