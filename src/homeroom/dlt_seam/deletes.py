"""Rows that the API has deleted, taken out of a table or marked in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dlt.common.schema.typing import C_DLT_ID
from dlt.destinations.sql_client import SqlClientBase
from dlt.extract import DltResource
from dlt.pipeline.pipeline import Pipeline

from homeroom.dlt_seam.conditions import DELETED_AT, Rows, column_of, live, older, valued
from homeroom.dlt_seam.extraction import holds_rows
from homeroom.dlt_seam.families import Family, columns_of
from homeroom.dlt_seam.packages import remove_orphans

MOST_AT_ONCE = 500
"""Parents, or rows, that one statement names: destinations bear some thousand values in one."""


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A column and the value by which a row says that it is deleted."""

    column: str
    value: Any


def add_mark(resource: DltResource) -> None:
    """Give a resource's table the column of soft deletes. What is loaded leaves it null, also of a row that returns."""
    resource.apply_hints(columns={DELETED_AT: {"name": DELETED_AT, "data_type": "timestamp", "nullable": True}})


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
            return self._delete(client, [self._older(client)])

    def absent_of(self, columns: Sequence[str], parents: Sequence[Family]) -> int:
        """Of these parents, whom `columns` name, delete the rows that this load has not written; how many."""
        known = columns_of(self._pipeline.default_schema, self._table, columns) or []
        parts = [parents[start : start + MOST_AT_ONCE] for start in range(0, len(parents), MOST_AT_ONCE)]
        with self._pipeline.sql_client() as client:
            rows = [valued(client, known, [family.values for family in part]) for part in parts]
            return self._delete(client, [self._older(client) & each for each in rows])

    def buried(self, tombstone: Tombstone) -> int | None:
        """Delete the rows that say that they are deleted; how many, None where the table has no such column."""
        schema = self._pipeline.default_schema
        if not holds_rows(schema, self._table):
            return 0
        column = column_of(schema, self._table, tombstone.column)
        if column is None:
            return None
        with self._pipeline.sql_client() as client:
            return self._delete(client, [valued(client, [column], [(tombstone.value,)])])

    def rows(self, row_ids: Sequence[Any]) -> int:
        """Delete the rows with these `_dlt_id`s; how many."""
        row_id = self._pipeline.default_schema.naming.normalize_identifier(C_DLT_ID)
        parts = [row_ids[start : start + MOST_AT_ONCE] for start in range(0, len(row_ids), MOST_AT_ONCE)]
        with self._pipeline.sql_client() as client:
            return self._delete(client, [valued(client, [row_id], [(each,) for each in part]) for part in parts])

    def _older(self, client: SqlClientBase[Any]) -> Rows:
        return older(self._pipeline.default_schema, client, self._load_id)

    def _delete(self, client: SqlClientBase[Any], parts: Sequence[Rows]) -> int:
        """Delete the rows of several conditions, no row in two of them, in one transaction; how many."""
        alive = live(self._pipeline.default_schema, self._table, client)
        counted = [(rows, self._count(client, rows & alive)) for rows in parts]
        with client.begin_transaction():
            for rows in (rows for rows, count in counted if count):
                self._take_out(client, rows, alive)
            if not self._soft and any(count for _, count in counted):
                remove_orphans(client, self._pipeline.default_schema, self._table)
        return sum(count for _, count in counted)

    def _take_out(self, client: SqlClientBase[Any], rows: Rows, alive: Rows) -> None:
        name = client.make_qualified_table_name(self._table)
        if self._soft:
            sql = f"UPDATE {name} SET {client.escape_column_name(DELETED_AT)} = %s WHERE {alive.where} AND {rows.where}"
            client.execute_sql(sql, self._at, *rows.values)
        else:
            client.execute_sql(f"DELETE FROM {name} WHERE {rows.where}", *rows.values)

    def _count(self, client: SqlClientBase[Any], rows: Rows) -> int:
        sql = f"SELECT COUNT(*) FROM {client.make_qualified_table_name(self._table)} WHERE {rows.where}"
        return int((client.execute_sql(sql, *rows.values) or [[0]])[0][0])
