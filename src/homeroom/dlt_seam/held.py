"""What tables hold before a load, and what of it a read did not bring."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from dlt.common.destination.exceptions import DestinationUndefinedEntity
from dlt.common.schema import Schema
from dlt.common.schema.typing import C_DLT_ID, TTableSchema
from dlt.common.schema.utils import get_active_record_timestamp, get_columns_names_with_prop, get_validity_column_names
from dlt.destinations.sql_client import SqlClientBase
from dlt.pipeline.pipeline import Pipeline

from homeroom.dlt_seam.asking import asked
from homeroom.dlt_seam.conditions import Rows, live, older
from homeroom.dlt_seam.key_values import absent_rows as absent_keys
from homeroom.dlt_seam.key_values import all_fit, count_absent
from homeroom.dlt_seam.merging import way_of_table
from homeroom.keys import Came

CHUNK = 122_880
"""Rows that are read at once: of DuckDB, whose groups are of this size, as columns; of others as Python values."""

_ARROW = ("duckdb", "motherduck")


def last_loaded(pipeline: Pipeline) -> Schema:
    """The tables as the last load has left them, none if there was none. To be asked before an extraction."""
    return pipeline.default_schema.clone() if pipeline.default_schema_name else Schema("homeroom")


def count_held(pipeline: Pipeline, before: Schema, tables: Collection[str], *, active: bool) -> int:
    """How many rows the tables hold together, 0 for one that is missing; `active`: of a history those that are.

    `before` is what `last_loaded` told before the extraction.
    """
    with client_by(pipeline, before) as client:
        return sum(_count(client, name, before.tables.get(name) if active else None) for name in tables)


def absent_rows(pipeline: Pipeline, before: Schema, tables: Collection[str], came: Came, *, active: bool) -> int | None:
    """How many rows of the tables have a key that did not come; None where that cannot be told by keys."""
    if not came.key or came.keys is None:
        return None
    known = {table: before.tables[table] for table in tables if table in before.tables}
    kinds = {name: [table["columns"].get(c, {}).get("data_type") for c in came.key] for name, table in known.items()}
    if len(known) < len(tables) or not all(kind for each in kinds.values() for kind in each):
        return None  # the key is newer than the table
    with client_by(pipeline, before) as client:
        return sum(
            count_absent(
                _keys(client, pipeline, name, table if active else None, came.key),
                came.keys,
                [kind for kind in kinds[name] if kind],
            )
            for name, table in known.items()
        )


def count_live(pipeline: Pipeline, before: Schema, table: str) -> int:
    """How many rows a table holds that are not marked as deleted; 0 where there is none. `before` as above."""
    with client_by(pipeline, before) as client:
        return _count_of(client, table, live(before, table, client))


def count_older(pipeline: Pipeline, tables: Collection[str], load_id: str) -> dict[str, int]:
    """How many rows of merged tables another load than this one has written last, without those that are marked as
    deleted. Without tables of which that is not told.

    Told of `delete-insert` and `upsert`, which write every row that came; not of `insert-only`, nor of `upsert` where
    it skips unchanged rows, nor of a merge without a key, which appends.
    """
    schema = pipeline.default_schema
    told = [table for table in tables if writes_all(schema, table)]
    if not told:
        return {}
    with asked(pipeline) as client:
        return {
            table: _count_of(client, table, older(schema, client, load_id) & live(schema, table, client))
            for table in told
        }


def writes_all(schema: Schema, table: str) -> bool:
    """Whether each row that comes is written anew to a table, so that its load tells that it came."""
    held = schema.tables.get(table, {"columns": {}})
    keyed = get_columns_names_with_prop(held, "primary_key") or get_columns_names_with_prop(held, "merge_key")
    return way_of_table(held).writes_all and bool(keyed)


def discards_rows(pipeline: Pipeline, table: str) -> bool:
    """Whether the contract of a table lets rows go that do not fit it: what was there before then stays as it was."""
    contract = pipeline.default_schema.resolve_contract_settings_for_table(table)
    return "discard_row" in contract.values()


def older_absent(pipeline: Pipeline, table: str, load_id: str, came: Came) -> list[Any] | None:
    """Of the rows that `count_older` counts the `_dlt_id`s of those whose key did not come.

    None where that cannot be told by keys: there are none, or one that came fits no column, and may be any row's.
    """
    schema = pipeline.default_schema
    columns = schema.tables[table]["columns"]
    kinds = [kind for column in came.key if (kind := columns.get(column, {}).get("data_type"))]
    if not came.key or came.keys is None or len(kinds) < len(came.key) or not all_fit(came.keys, kinds):
        return None
    with asked(pipeline) as client:
        rows = older(schema, client, load_id) & live(schema, table, client)
        row_id = schema.naming.normalize_identifier(C_DLT_ID)
        names = ", ".join(map(client.escape_column_name, (row_id, *came.key)))
        sql = f"SELECT {names} FROM {client.make_qualified_table_name(table)} WHERE {rows.where}"
        ids, *keys = list(zip(*(client.execute_sql(sql, *rows.values) or []), strict=True)) or [()]
    is_absent = absent_keys([keys] if ids else [], came.keys, kinds).to_pylist()
    return [each for each, absent in zip(ids, is_absent, strict=True) if absent]


def client_by(pipeline: Pipeline, before: Schema) -> SqlClientBase[Any]:
    """By the tables as they are: files in a folder are read by them, and have no column that came just now."""
    schema = before if pipeline.default_schema_name == before.name else pipeline.default_schema
    return asked(pipeline, schema)


def _count(client: SqlClientBase[Any], name: str, table: TTableSchema | None) -> int:
    try:
        return _number(client, f"SELECT COUNT(*) FROM {client.make_qualified_table_name(name)}{_active(client, table)}")
    except DestinationUndefinedEntity:
        return 0


def _count_of(client: SqlClientBase[Any], table: str, rows: Rows) -> int:
    sql = f"SELECT COUNT(*) FROM {client.make_qualified_table_name(table)} WHERE {rows.where}"
    try:
        return _number(client, sql, *rows.values)
    except DestinationUndefinedEntity:
        return 0


def _number(client: SqlClientBase[Any], sql: str, *values: str) -> int:
    return int((client.execute_sql(sql, *values) or [[0]])[0][0])


def _keys(
    client: SqlClientBase[Any], pipeline: Pipeline, name: str, table: TTableSchema | None, key: Sequence[str]
) -> Iterator[Sequence[Sequence[Any]]]:
    """The key's columns of a table's rows, chunk by chunk."""
    columns = ", ".join(map(client.escape_column_name, key))
    sql = f"SELECT {columns} FROM {client.make_qualified_table_name(name)}{_active(client, table)}"
    if pipeline.destination and str(pipeline.destination.destination_type).rpartition(".")[2] in _ARROW:
        # By dlt's cursor DuckDB would warn of a copy on stderr.
        batches = client.native_connection.sql(sql).to_arrow_reader(CHUNK)
        yield from (batch.columns for batch in batches)
        return
    with client.execute_query(sql) as cursor:
        yield from (list(zip(*rows, strict=True)) for rows in cursor.iter_fetch(CHUNK))


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
