"""What a campus is synced to, and what lies there: read by the libraries of the formats, never by code of ours."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow
import pytest

if TYPE_CHECKING:
    from campus_of_sync import Campus

Rows = dict[str, list[Any]]

WAYS = {"people": "merge", "sections": "append", "courses": "replace"}
CHILDREN = {"people": ("roles", "role"), "sections": ("meetings", "room"), "courses": ("grades", "value")}


class Lake:
    """One config whose three resources are written in three ways, and the folder that they go to."""

    def __init__(self, campus: Campus, table_format: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
        self.campus = campus
        self.folder = campus.folder / "lake"
        self.format = table_format
        campus.url = "filesystem"
        self.env = {"DESTINATION__FILESYSTEM__BUCKET_URL": str(self.folder)}
        monkeypatch.setenv(*next(iter(self.env.items())))

    def configure(self, ways: dict[str, Any] = WAYS, **sections: Any) -> None:
        """Write the config; by default people are merged, sections appended, courses replaced."""
        of_format = {"table_format": self.format} if self.format else {}
        resources = [
            {"name": name, "write_disposition": way, "endpoint": {"path": f"/v1/{name}"}, **of_format}
            for name, way in ways.items()
        ]
        self.campus.configure(*resources, limit=20, **sections)

    def table(self, name: str) -> pyarrow.Table | None:
        """What a table holds; None where there is none."""
        folder = self.folder / "campus" / name
        if self.format == "delta":
            return _delta(folder)
        if self.format == "iceberg":
            return _iceberg(folder)
        return _files(folder)

    def rows(self) -> Rows:
        """Each root table's ids, and each child's values under the id of its parent."""
        found: Rows = {}
        for root, (child, column) in CHILDREN.items():
            parents, nested = self.table(root), self.table(f"{root}__{child}")
            ids = {} if parents is None else dict(zip(_of(parents, "_dlt_id"), _of(parents, "id"), strict=True))
            found[root] = sorted(ids.values())
            pairs = [] if nested is None else zip(_of(nested, "_dlt_parent_id"), _of(nested, column), strict=True)
            found[f"{root}__{child}"] = sorted((ids[parent], value) for parent, value in pairs)
        return found


def truth(campus: Campus) -> Rows:
    """What must have landed of a school that was read once."""
    found: Rows = {}
    for root, (child, column) in CHILDREN.items():
        rows = campus.school.rows(root)
        found[root] = sorted(row["id"] for row in rows)
        values = ((row["id"], each[column] if isinstance(each, dict) else each) for row in rows for each in row[child])
        found[f"{root}__{child}"] = sorted(values)
    return found


def appended(*reads: Rows) -> Rows:
    """The last read, with the sections of all of them."""
    both = {name: sorted(row for rows in reads for row in rows[name]) for name in ("sections", "sections__meetings")}
    return reads[-1] | both


def _of(table: pyarrow.Table, column: str) -> list[Any]:
    return list(table.column(column).to_pylist())


def _delta(folder: Path) -> pyarrow.Table | None:
    from deltalake import DeltaTable

    return DeltaTable(folder).to_pyarrow_table() if DeltaTable.is_deltatable(str(folder)) else None


def _iceberg(folder: Path) -> pyarrow.Table | None:
    from pyiceberg.table import StaticTable

    metadata = sorted((folder / "metadata").glob("*.metadata.json"))
    return StaticTable.from_metadata(str(metadata[-1])).scan().to_arrow() if metadata else None


def _files(folder: Path) -> pyarrow.Table | None:
    if not folder.exists():
        return None
    reader = "read_parquet" if list(folder.glob("*.parquet")) else "read_json"
    with duckdb.connect() as connection:
        return connection.execute(f"SELECT * FROM {reader}('{folder}/*', union_by_name = true)").to_arrow_table()
