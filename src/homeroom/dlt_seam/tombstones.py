"""Rows of one table that the rows of another name as deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dlt.common.schema import Schema
from dlt.common.schema.typing import C_DLT_ID, C_DLT_LOAD_ID
from dlt.common.schema.utils import get_columns_names_with_prop
from dlt.destinations.sql_client import SqlClientBase
from dlt.pipeline.pipeline import Pipeline

from homeroom.dlt_seam.conditions import Rows, column_of, live
from homeroom.dlt_seam.extraction import holds_rows
from homeroom.dlt_seam.reads import NotedRead


@dataclass(frozen=True, slots=True)
class Naming:
    """How rows of the table `tombstones` name those of `table`: pairs of a column here and a column there."""

    table: str
    tombstones: str
    pairs: tuple[tuple[str, str], ...]


def naming_of(schema: Schema, table: str, tombstones: str, by: Mapping[str, str]) -> Naming | None:
    """The naming by these columns and fields, without any by the primary key's; None where a table has no row yet.

    Raises `ValueError`, with words for the note, where a column is not there or the two of a pair are of two types.
    """
    if not (holds_rows(schema, table) and holds_rows(schema, tombstones)):
        return None
    key = get_columns_names_with_prop(schema.tables[table], "primary_key")
    pairs = [
        (_known(schema, table, own), _known(schema, tombstones, named))
        for own, named in (by or dict(zip(key, key, strict=True))).items()
    ]
    for own, named in pairs:
        kinds = [
            schema.tables[name]["columns"][column].get("data_type")
            for name, column in ((table, own), (tombstones, named))
        ]
        if kinds[0] != kinds[1]:
            raise ValueError(
                f"{table}.{own} is {kinds[0]} and {tombstones}.{named} is {kinds[1]}, so no row was found by it; "
                "declare one data_type by columns"
            )
    return Naming(table, tombstones, tuple(pairs))


def _known(schema: Schema, table: str, path: str) -> str:
    if (column := column_of(schema, table, path)) is None:
        raise ValueError(f"the table {table} has no column {path}")
    return column


def named_rows(pipeline: Pipeline, naming: Naming, reads: Sequence[NotedRead]) -> list[Any]:
    """The row ids of rows that are named by a tombstone and were there before it.

    That is: whose load is not later than the last whole read before the one in which the tombstone came first.
    """
    with pipeline.sql_client() as client:
        here, there = _loads(pipeline.default_schema, client)
        known = [read for read in reads if read.since is not None]
        # Not the read's own load alone: one that was killed half way may have left its tombstones, which stay as first.
        either = " OR ".join([f"({there} > %s AND {there} <= %s AND {here} <= %s)"] * len(known))
        values = tuple(value for read in known for value in (read.since, read.load_id, read.since))
        return _found(pipeline.default_schema, client, naming, Rows(f"({either})", values)) if known else []


def kept_rows(pipeline: Pipeline, naming: Naming, read: NotedRead) -> list[Any]:
    """The row ids of rows that a tombstone of this read names, and that may have come again after it."""
    with pipeline.sql_client() as client:
        here, there = _loads(pipeline.default_schema, client)
        if read.since is None:
            rows = Rows(f"{there} = %s", (read.load_id,))
        else:
            values = (read.since, read.load_id, read.since)
            rows = Rows(f"{there} > %s AND {there} <= %s AND {here} > %s", values)
        return _found(pipeline.default_schema, client, naming, rows)


def _loads(schema: Schema, client: SqlClientBase[Any]) -> tuple[str, str]:
    column = client.escape_column_name(schema.naming.normalize_identifier(C_DLT_LOAD_ID))
    return f"t.{column}", f"d.{column}"


def _found(schema: Schema, client: SqlClientBase[Any], naming: Naming, rows: Rows) -> list[Any]:
    """The row ids of rows with a tombstone: `t` are the rows, `d` the tombstones in the condition."""
    escape = client.escape_column_name
    row_id = f"t.{escape(schema.naming.normalize_identifier(C_DLT_ID))}"
    equal = " AND ".join(f"t.{escape(own)} = d.{escape(named)}" for own, named in naming.pairs)
    alive = live(schema, naming.table, client, "t.")
    table, tombstones = (client.make_qualified_table_name(name) for name in (naming.table, naming.tombstones))
    sql = f"SELECT DISTINCT {row_id} FROM {table} AS t INNER JOIN {tombstones} AS d ON {equal}"
    found = client.execute_sql(f"{sql} WHERE {rows.where} AND {alive.where}", *rows.values) or []
    return [row[0] for row in found]
