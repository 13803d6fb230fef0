"""The tables of a pipeline as its schema has them, and what columns hold."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dlt.common.destination.exceptions import DestinationUndefinedEntity
from dlt.common.schema import Schema
from dlt.common.schema.utils import is_complete_column, is_nested_table
from dlt.pipeline.pipeline import Pipeline

from homeroom.dlt_seam.asking import asked
from homeroom.dlt_seam.conditions import DELETED_AT
from homeroom.dlt_seam.extraction import DLT_PREFIX
from homeroom.dlt_seam.naming import MARK

_KEYS: Mapping[str, str] = {
    "primary_key": "primary key",
    "merge_key": "merge key",
    "row_key": "row id",
    "parent_key": "parent's id",
    "root_key": "root's id",
}
_TYPE = ("data_type", "precision", "scale", "timezone")


@dataclass(frozen=True, slots=True)
class StoredColumn:
    """A column; `kind` is dlt's data type, `key` what it is a key of, empty for none."""

    name: str
    kind: str
    nullable: bool
    key: str


@dataclass(frozen=True, slots=True)
class StoredTable:
    """A table; `resource` feeds it, `parent` is the table that it is nested in, None for a root table."""

    name: str
    resource: str | None
    parent: str | None
    columns: tuple[StoredColumn, ...]


def stored_tables(pipeline: Pipeline) -> list[StoredTable]:
    """The tables that loads have made, root tables before those nested in them; none where nothing was loaded."""
    if not pipeline.default_schema_name:
        return []
    return [_table(table) for table in _made(pipeline.default_schema)]


def _made(schema: Schema) -> Sequence[Any]:
    return sorted(schema.data_tables(seen_data_only=True), key=lambda table: str(table["name"]))


def _table(table: Any) -> StoredTable:
    columns = [column for column in table["columns"].values() if is_complete_column(column)]
    return StoredTable(
        str(table["name"]), table.get("resource"), table.get("parent"), tuple(_column(column) for column in columns)
    )


def _column(column: Any) -> StoredColumn:
    key = ", ".join(words for hint, words in _KEYS.items() if column.get(hint))
    return StoredColumn(str(column["name"]), str(column["data_type"]), bool(column.get("nullable", True)), key)


def observed_columns(pipeline: Pipeline, tables: Collection[str]) -> dict[str, dict[str, dict[str, Any]]]:
    """By root table, its columns as `columns:` would declare them: types, and `nullable: false` where no row has none.

    Without dlt's own columns, that of soft deletes, and those whose name stands for a key that is spelled otherwise.
    """
    schema = pipeline.default_schema
    found = {}
    for table in _made(schema):
        name: Any = table["name"]
        if name not in tables or is_nested_table(table):
            continue
        columns = {
            column: hints
            for column, hints in table["columns"].items()
            if is_complete_column(hints) and not column.startswith(DLT_PREFIX) and column != DELETED_AT
        }
        columns = {column: hints for column, hints in columns.items() if MARK not in hints}
        full = _never_null(pipeline, name, list(columns))
        found[str(name)] = {
            column: {key: hints[key] for key in _TYPE if hints.get(key) is not None}
            | ({"nullable": False} if column in full else {})
            for column, hints in columns.items()
        }
    return found


def _never_null(pipeline: Pipeline, table: str, columns: Sequence[str]) -> set[str]:
    """The columns without a null in any row; none of a table without rows."""
    with asked(pipeline) as client:
        counts = ", ".join(["COUNT(*)", *(f"COUNT({client.escape_column_name(column)})" for column in columns)])
        try:
            answer = client.execute_sql(f"SELECT {counts} FROM {client.make_qualified_table_name(table)}")
        except DestinationUndefinedEntity:
            return set()
    rows, *filled = (answer or [[0]])[0]
    return {column for column, count in zip(columns, filled, strict=False) if rows and count == rows}


def rows_of(pipeline: Pipeline, table: StoredTable, most: int | None) -> list[tuple[Any, ...]]:
    """The first rows of a table, all of them where `most` is None: values in the order of its columns."""
    with asked(pipeline) as client:
        columns = ", ".join(client.escape_column_name(column.name) for column in table.columns)
        query = f"SELECT {columns} FROM {client.make_qualified_table_name(table.name)}"
        found = client.execute_sql(query if most is None else f"{query} LIMIT {most}")
    return [tuple(row) for row in found or ()]


def types_in(folder: Path) -> dict[str, dict[str, str]]:
    """By table, the data types of its columns as a working folder knows them; nothing where it knows none."""
    found: dict[str, dict[str, str]] = {}
    for file in sorted(folder.glob("schemas/*.schema.json")):
        tables = json.loads(file.read_text(encoding="utf-8")).get("tables", {})
        for name, table in tables.items():
            columns = table.get("columns", {}).items()
            found[name] = {column: hints["data_type"] for column, hints in columns if hints.get("data_type")}
    return found
