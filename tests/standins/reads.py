"""A platform read as somebody would: `homeroom init` writes the config, `homeroom sync` reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import yaml
from typer.testing import CliRunner

import homeroom
from homeroom.catalog import fill, find_platform
from homeroom.cli.app import app
from homeroom.values import Report


@dataclass(frozen=True, slots=True)
class Read:
    """What a sync reported, and the database that it left."""

    report: Report
    database: Path
    name: str

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """A query over the tables."""
        with duckdb.connect(str(self.database), read_only=True) as db:
            db.execute(f"USE {self.name}")
            return db.execute(query).fetchall()

    @property
    def in_tables(self) -> dict[str, int]:
        """How many rows each table has that is not marked deleted."""
        return {
            name: self.rows(f"SELECT count(*) FROM {name} WHERE _deleted_at IS NULL")[0][0]
            for name in self.report.resources
        }


def write(platform: str, values: Mapping[str, str], folder: Path) -> Path:
    """The config, by the command line."""
    settings = [part for name, value in values.items() for part in ("--set", f"{name}={value}")]
    file = folder / f"{platform}.yaml"
    told = CliRunner().invoke(app, ["init", platform, *settings, "-o", str(file)])
    assert told.exit_code == 0, told.output
    return file


def filled(platform: str, values: Mapping[str, str], folder: Path, *, attempts: int = 6) -> Path:
    """The same config without a process of its own; it does not wait for what will not get better."""
    config = yaml.safe_load(fill(find_platform(platform), platform, values, {}).text)
    config["sync"]["retry"] = {"attempts": attempts, "first_wait_s": 0.1}
    file = folder / f"{platform}.yaml"
    file.write_text(yaml.safe_dump(config), encoding="utf-8")
    return file


def paths(platform: str) -> dict[str, str]:
    """The path of each resource of a config."""
    return {str(each["name"]): str(each["endpoint"]["path"]) for each in find_platform(platform).resources}


def sync(file: Path, folder: Path, **settings: Any) -> Read:
    """A run of the config into a database beside it."""
    database = folder / "rows.duckdb"
    report = homeroom.sync(file, destination=f"duckdb:///{database}", home=folder / "home", **settings)
    return Read(report, database, file.stem)
