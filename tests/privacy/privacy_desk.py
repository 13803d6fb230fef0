"""A config with rules over a server of lists, and the DuckDB file that it is synced to."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import yaml
from list_server import Lists, Row

import homeroom
from homeroom.values import Report

KEY = "a key of tests, of thirty-two characters or more"


def hashed(text: str, key: str = KEY) -> str:
    """What the standard library makes of it."""
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


class Desk:
    """`configure`, then `sync`; all that is local lies in `folder`."""

    def __init__(self, folder: Path, lists: Lists) -> None:
        self.folder = folder
        self.lists = lists
        self.config = folder / "desk.yaml"
        self.database = folder / "rows.duckdb"
        self.home = folder / "home"

    def configure(self, *resources: Row, columns: Mapping[str, str] | None = None, **sections: Any) -> Path:
        """Write the config: offset pages, key `id`, merge; rules where any are given."""
        usual = {"data_selector": "data", "paginator": {"type": "offset", "limit": 100}}
        defaults = {"primary_key": "id", "write_disposition": "merge", "endpoint": usual}
        client = {"base_url": self.lists.url}
        source = {"client": client, "resource_defaults": defaults, "resources": list(resources)}
        rules = {} if columns is None else {"privacy": {"columns": dict(columns)}}
        self.config.write_text(yaml.safe_dump({"source": source, **rules, **sections}, sort_keys=False))
        return self.config

    def sync(self, **options: Any) -> Report:
        return homeroom.sync(
            self.config, **{"destination": f"duckdb:///{self.database}", "home": self.home, "dataset": "d", **options}
        )

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.database), read_only=True) as connection:
            connection.execute("SET schema = 'd'")
            return connection.execute(sql).fetchall()

    def columns(self, table: str) -> dict[str, str]:
        """The columns of a table with their types, without dlt's own."""
        found = self.query(f"SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = '{table}'")
        return {name: kind for name, kind in found if not name.startswith("_dlt")}

    def files(self) -> dict[Path, bytes]:
        """Every file that was made, the database too."""
        return {path: path.read_bytes() for path in self.folder.rglob("*") if path.is_file() and path != self.config}


def listed(name: str, path: str | None = None, **more: Any) -> Row:
    """A resource of the config."""
    endpoint = {"path": path or f"/{name}", **more.pop("endpoint", {})}
    return {"name": name, "endpoint": endpoint, **more}
