"""What the tables hold, in the form of the model, straight from the DuckDB file."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from .model import Table

DATASET = "histories"
COLUMNS = {
    "name": "name",
    "status": "status",
    "score": "score",
    "updated_at": "updated_at",
    "profile__city": "city",
    "section_id": "section_id",
    "extra": "extra",
}
"""Column: its name in `shown`."""

Shown = dict[str, Any]


def shown(row: Any) -> Shown:
    """A row of the API as its table must show it."""
    return {
        "name": row["name"],
        "status": row["status"],
        "score": row["score"],
        "updated_at": datetime.fromisoformat(row["updated_at"]).astimezone(UTC),
        "city": row["profile"]["city"],
        "section_id": row.get("section_id"),
        "extra": row.get("extra"),
        "roles": [each["role"] for each in row["roles"]],
    }


def opened(database: Path) -> duckdb.DuckDBPyConnection:
    """A connection to look through. As long as it is open, others of this process are opened in no time."""
    connection = duckdb.connect(str(database))
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def read(connection: duckdb.DuckDBPyConnection, name: str) -> Table:
    """A table with its nested one. AssertionError where a key is there twice, or a nested row has no parent."""
    found = _columns(connection, name)
    if not found:
        return Table()
    marks = "_deleted_at" if "_deleted_at" in found else "NULL"
    parts = [f'"{column}"' if column in found else "NULL" for column in COLUMNS]
    rows = connection.execute(f"SELECT id, _dlt_id, {marks}, {', '.join(parts)} FROM {DATASET}.{name}").fetchall()
    nested = _nested(connection, name)
    keys = [row[0] for row in rows]
    assert len(keys) == len(set(keys)), f"{name}: keys that are there twice: {sorted(keys)}"
    assert set(nested) <= {row[1] for row in rows}, f"{name}: nested rows without a parent"
    told = {
        key: dict(zip(COLUMNS.values(), values, strict=True)) | {"roles": nested.get(dlt_id, [])}
        for key, dlt_id, _, *values in rows
    }
    return Table(told, frozenset(key for key, _, mark, *_ in rows if mark is not None))


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> set[str]:
    sql = "SELECT column_name FROM duckdb_columns() WHERE schema_name = ? AND table_name = ?"
    return {name for (name,) in connection.execute(sql, [DATASET, table]).fetchall()}


def _nested(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, list[str]]:
    if not _columns(connection, f"{table}__roles"):
        return {}
    order = "ORDER BY _dlt_parent_id, _dlt_list_idx"
    sql = f"SELECT _dlt_parent_id, role, _dlt_list_idx FROM {DATASET}.{table}__roles {order}"
    found: dict[str, list[str]] = defaultdict(list)
    for parent, role, place in connection.execute(sql).fetchall():
        assert place == len(found[parent]), f"{table}: a nested row is there twice, or one is missing"
        found[parent].append(role)
    return found
