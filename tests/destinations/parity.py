"""The sample school in DuckDB and in PostgreSQL: every table and every view of the model, compared row by row.

    make parity-postgres                                the whole school
    python tests/destinations/parity.py --scale 0.05    a small one

Both databases are synced twice, so that rows are appended once and merged once. A row of a nested table is compared
with its parent in the place of the parent's generated id. Of dlt's own tables columns and numbers of rows are compared.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import psycopg2
import yaml

sys.path.insert(0, str(Path(__file__).parents[1] / "columnar"))

from destination_postgres import missing_program, postgres_server

import homeroom
from homeroom.demo import School
from homeroom.demo.config import school_config

DATASETS = ("school", "edu")
GENERATED = frozenset({"_dlt_id", "_dlt_root_id", "_dlt_load_id"})
OF_A_RUN = frozenset(
    ("run_id", "started_at", "finished_at", "checked_at", "made_at", "oldest_page_at", "waited_s", "config_hash")
)
"""Columns of our own tables that differ from run to run."""

OF_A_DATABASE = frozenset({"part"})
"""In `edu._sources`: the select, written in the database's own dialect."""

FAMILIES: Mapping[str, str] = {
    "BIGINT": "whole number",
    "bigint": "whole number",
    "DOUBLE": "double",
    "double precision": "double",
    "BOOLEAN": "boolean",
    "boolean": "boolean",
    "VARCHAR": "text",
    "character varying": "text",
    "text": "text",
    "VARCHAR[]": "texts",
    "ARRAY": "texts",
    "DATE": "date",
    "date": "date",
    "TIMESTAMP WITH TIME ZONE": "time",
    "timestamp with time zone": "time",
    "DECIMAL(12,4)": "decimal",
    "numeric": "decimal",
    "JSON": "json",
    "jsonb": "json",
    "json": "json",
}

Query = Callable[[str], Sequence[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class Table:
    """A table or view: the family of each column's type, and its rows as they may be compared."""

    columns: Mapping[str, str]
    rows: Counter[str]


def school_file(folder: Path, school: School) -> Path:
    """A config of the whole sample school, with the views of the model."""
    path = folder / "school.yaml"
    source = school_config(school.url, school.api_key)
    model = {"platform": "sample_school", "demographics": True}
    path.write_text(yaml.safe_dump({"source": source, "model": model}, sort_keys=False))
    return path


def read_all(query: Query) -> dict[str, Table]:
    """All tables and views of both datasets, by `dataset.name`."""
    listed = query(
        "SELECT table_schema, table_name, column_name, data_type FROM information_schema.columns"
        f" WHERE table_schema IN {DATASETS}"
    )
    columns: dict[str, dict[str, str]] = {}
    for dataset, table, column, kind in listed:
        columns.setdefault(f"{dataset}.{table}", {})[column] = FAMILIES.get(kind, kind)
    held = {name: _rows(query, name, sorted(columns[name])) for name in columns}
    return {name: Table(columns[name], _comparable(name, held)) for name in columns}


def _rows(query: Query, name: str, columns: Sequence[str]) -> list[dict[str, Any]]:
    listed = ", ".join(f'"{column}"' for column in columns)
    dataset, table = name.split(".")
    return [dict(zip(columns, row, strict=True)) for row in query(f'SELECT {listed} FROM "{dataset}"."{table}"')]


def _comparable(name: str, held: Mapping[str, list[dict[str, Any]]]) -> Counter[str]:
    if "._dlt_" in name:
        return Counter({"a row": len(held[name])})
    parents = {}
    if "__" in name and held[name]:
        parents = {row["_dlt_id"]: _natural(row) for row in held[name.rpartition("__")[0]]}
    return Counter(
        json.dumps([_natural(row), parents.get(row.get("_dlt_parent_id"))], sort_keys=True) for row in held[name]
    )


def _natural(row: Mapping[str, Any]) -> dict[str, Any]:
    left_out = GENERATED | OF_A_RUN | OF_A_DATABASE | {"_dlt_parent_id"}
    return {column: _plain(value) for column, value in row.items() if column not in left_out}


def _plain(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in ("{", "["):
        return json.loads(value)  # DuckDB gives JSON as a text
    if isinstance(value, bool | int | float | str | list | dict | None):
        return value
    if isinstance(value, Decimal):
        return str(value.normalize())
    return value.isoformat()


def differences(left: Mapping[str, Table], right: Mapping[str, Table]) -> list[str]:
    """In words, without a row's content; empty where both hold the same."""
    found = [f"{name}: only on one side" for name in sorted(left.keys() ^ right.keys())]
    for name in sorted(left.keys() & right.keys()):
        here, there = left[name], right[name]
        for column in sorted(here.columns.keys() | there.columns.keys()):
            kinds = here.columns.get(column), there.columns.get(column)
            if kinds[0] != kinds[1]:
                found.append(f"{name}.{column}: {kinds[0]} | {kinds[1]}")
        less, more = (here.rows - there.rows).total(), (there.rows - here.rows).total()
        if less or more:
            found.append(f"{name}: {less} rows only left, {more} only right")
    return found


def tables_in_duckdb(path: Path) -> dict[str, Table]:
    """All of a DuckDB file."""
    with duckdb.connect(str(path), read_only=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        return read_all(lambda sql: connection.execute(sql).fetchall())


def tables_in_postgres(url: str) -> dict[str, Table]:
    """All of a PostgreSQL database."""
    connection = psycopg2.connect(url, options="-c TimeZone=UTC")
    try:
        with connection.cursor() as cursor:

            def query(sql: str) -> Sequence[tuple[Any, ...]]:
                cursor.execute(sql)
                return cursor.fetchall()

            return read_all(query)
    finally:
        connection.close()


def both(folder: Path, school: School, url: str) -> tuple[dict[str, Table], dict[str, Table]]:
    """What two syncs make of the school in a DuckDB file, and in the PostgreSQL database of the URL."""
    config = school_file(folder, school)
    for destination in (f"duckdb:///{folder}/rows.duckdb", url):
        for _ in range(2):
            began = time.monotonic()
            report = homeroom.sync(config, destination=destination, home=folder / "home")
            kind = destination.partition(":")[0]
            print(f"{kind}: {report.status}, {report.rows_loaded:,} rows, {time.monotonic() - began:.1f} s")
    return tables_in_duckdb(folder / "rows.duckdb"), tables_in_postgres(url)


def main() -> int:
    """Sync, compare, print; 0 where nothing differs."""
    parser = argparse.ArgumentParser(description="compare DuckDB and PostgreSQL by the sample school")
    parser.add_argument("--scale", type=float, default=1.0)
    scale = parser.parse_args().scale
    if (missing := missing_program()) is not None:
        print(f"PostgreSQL is needed here: {missing} was not found (Debian: apt-get install postgresql)")
        return 2
    with tempfile.TemporaryDirectory() as made, postgres_server() as server, School(scale=scale) as school:
        left, right = both(Path(made), school, server.database("school"))
    found = differences(left, right)
    columns = sum(len(table.columns) for table in left.values())
    rows = sum(table.rows.total() for table in left.values())
    print("\n".join([*found, ""]) if found else "", end="")
    print(f"{len(left)} tables and views, {columns} columns, {rows:,} rows: {len(found)} differences")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
