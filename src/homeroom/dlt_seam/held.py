"""What tables hold before a load, and what of it a read did not bring."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from dlt.common.destination.exceptions import DestinationUndefinedEntity
from dlt.common.schema.typing import C_DLT_LOAD_ID, TTableSchema
from dlt.common.schema.utils import get_active_record_timestamp, get_columns_names_with_prop, get_validity_column_names
from dlt.destinations.exceptions import DatabaseException
from dlt.destinations.sql_client import SqlClientBase
from dlt.pipeline.pipeline import Pipeline

from homeroom.dlt_seam.deletes import DELETED_AT, is_marked
from homeroom.dlt_seam.key_values import count_absent
from homeroom.keys import Came

CHUNK = 122_880
"""Rows that are read at once: of DuckDB, whose groups are of this size, as columns; of others as Python values."""

_ARROW = ("duckdb", "motherduck")


def count_held(pipeline: Pipeline, tables: Collection[str]) -> int:
    """How many rows the tables hold together; of a history (scd2) those that are active. 0 for one that is missing."""
    with pipeline.sql_client() as client:
        return sum(_count(client, pipeline, table) for table in tables)


def absent_rows(pipeline: Pipeline, tables: Collection[str], came: Came) -> int | None:
    """How many rows of the tables have a key that did not come; None where that cannot be told by keys."""
    if not came.key or came.keys is None:
        return None
    kinds = {table: _kinds(pipeline.default_schema.tables.get(table), came.key) for table in tables}
    with pipeline.sql_client() as client:
        try:
            return sum(
                count_absent(_keys(client, pipeline, table, came.key), came.keys, kinds[table]) for table in tables
            )
        except DatabaseException:
            return None  # no such column: the key is newer than the table


def count_older(pipeline: Pipeline, table: str, load_id: str) -> int | None:
    """How many rows of a merged table another load than this one has written last, without those that are marked as
    deleted; None where that is not told.

    Told of `delete-insert` and `upsert`, which write every row that came; not of `insert-only`, nor of `upsert` where
    it skips unchanged rows, nor of a merge without a key, which appends.
    """
    schema = pipeline.default_schema
    if not _writes_all(schema.tables.get(table, {"columns": {}})):
        return None
    with pipeline.sql_client() as client:
        column = client.escape_column_name(schema.naming.normalize_identifier(C_DLT_LOAD_ID))
        name = client.make_qualified_table_name(table)
        live = f" AND {client.escape_column_name(DELETED_AT)} IS NULL" if is_marked(schema, table) else ""
        sql = f"SELECT COUNT(*) FROM {name} WHERE ({column} <> %s OR {column} IS NULL){live}"
        try:
            return _number(client, sql, load_id)
        except DestinationUndefinedEntity:
            return 0


def _writes_all(table: TTableSchema) -> bool:
    keyed = get_columns_names_with_prop(table, "primary_key") or get_columns_names_with_prop(table, "merge_key")
    strategy = table.get("x-merge-strategy") in (None, "delete-insert", "upsert")
    skips = bool(table.get("x-merge-skip-unchanged-rows"))
    return table.get("write_disposition") == "merge" and bool(keyed) and strategy and not skips


def _count(client: SqlClientBase[Any], pipeline: Pipeline, table: str) -> int:
    sql = f"SELECT COUNT(*) FROM {client.make_qualified_table_name(table)}"
    active = _active(client, pipeline.default_schema.tables.get(table))
    try:
        rows = _number(client, sql)
    except DestinationUndefinedEntity:
        return 0
    try:
        return _number(client, sql + active) if rows and active else rows
    except DatabaseException:
        return rows  # no such column: not a history yet, and dlt will take all of them for active


def _number(client: SqlClientBase[Any], sql: str, *values: str) -> int:
    return int((client.execute_sql(sql, *values) or [[0]])[0][0])


def _keys(
    client: SqlClientBase[Any], pipeline: Pipeline, table: str, key: Sequence[str]
) -> Iterator[Sequence[Sequence[Any]]]:
    """The key's columns of a table's rows, chunk by chunk."""
    columns = ", ".join(client.escape_column_name(name) for name in key)
    active = _active(client, pipeline.default_schema.tables.get(table))
    sql = f"SELECT {columns} FROM {client.make_qualified_table_name(table)}{active}"
    if str(pipeline.destination.destination_type).rpartition(".")[2] in _ARROW:
        yield from _columns(client, sql)
        return
    with client.execute_query(sql) as cursor:
        yield from (list(zip(*rows, strict=True)) for rows in cursor.iter_fetch(CHUNK))


def _columns(client: SqlClientBase[Any], sql: str) -> Iterator[Sequence[Sequence[Any]]]:
    """The result's columns as DuckDB gives them; by dlt's cursor it would warn of a copy on stderr."""
    client.execute_sql(f"{sql} LIMIT 0")  # so that an error is one of dlt's
    yield from (batch.columns for batch in client.native_connection.sql(sql).to_arrow_reader(CHUNK))


def _kinds(table: TTableSchema | None, key: Sequence[str]) -> list[Any]:
    columns = table["columns"] if table else {}
    return [columns.get(name, {}).get("data_type", "text") for name in key]


def _active(client: SqlClientBase[Any], table: TTableSchema | None) -> str:
    """The condition of a history's active rows, as dlt's own merge has it; empty for any other table."""
    if table is None or table.get("write_disposition") != "merge" or table.get("x-merge-strategy") != "scd2":
        return ""
    until = client.escape_column_name(str(get_validity_column_names(table)[1]))
    moment = get_active_record_timestamp(table)
    caps: Any = client.capabilities  # to dlt, not every destination has a form of its own for times
    if moment is None:
        return f" WHERE {until} IS NULL"
    literal = caps.format_datetime_literal or caps.generic_capabilities().format_datetime_literal
    return f" WHERE {until} = {literal(moment, caps.timestamp_precision)}"
