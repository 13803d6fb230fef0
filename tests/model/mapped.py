"""Rows of a platform, loaded as its shipped config names the tables, and the views of the neutral model over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dlt
import duckdb

from homeroom.edu_values import ModelCheck, ModelReport, ModelSettings
from homeroom.views import views_of

AT = datetime(2026, 11, 23, 6, tzinfo=UTC)


@dataclass(frozen=True)
class Mapped:
    """A database with one platform in it; `report` is of its views."""

    database: Path
    pipeline: dlt.Pipeline
    source: str
    report: ModelReport

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What a query over `edu` gives."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            return connection.execute(sql).fetchall()

    def dicts(self, entity: str) -> list[dict[str, Any]]:
        """The rows of an entity in order of id, without what is null."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            found = connection.execute(f"SELECT * FROM edu.{entity} ORDER BY id")
            names = [column[0] for column in found.description or ()]
            return [
                {name: value for name, value in zip(names, row, strict=True) if value is not None}
                for row in found.fetchall()
            ]

    @property
    def broken(self) -> Sequence[ModelCheck]:
        """The checks with violations."""
        return self.report.broken


def mapped(
    platform: str,
    rows: Mapping[str, Sequence[Mapping[str, Any]]],
    folder: Path,
    *,
    demographics: bool = False,
    materialise: bool = False,
    columns: Mapping[str, Mapping[str, Any]] | None = None,
    source: str = "",
    dataset: str = "",
) -> Mapped:
    """The views of a platform over `rows`, by table of its shipped config, each row as the API gives it.

    `columns` are the hints of the config (`columns:` of a resource). A table that is not given is not there.
    """
    name = source or platform
    database = folder / "campus.duckdb"
    pipeline = dlt.pipeline(
        f"{name}_{dataset}_pipeline",
        destination=dlt.destinations.duckdb(str(database)),
        dataset_name=dataset or f"{name}_raw",
        pipelines_dir=str(folder / "pipelines"),
    )
    pipeline.run(
        [dlt.resource([{"id": 1}], name="unrelated")]
        + [
            dlt.resource(list(each), name=table, columns=dict((columns or {}).get(table, {})))
            for table, each in rows.items()
        ]
    )
    settings = ModelSettings(platform, materialise=materialise, demographics=demographics)
    return Mapped(database, pipeline, name, views_of(pipeline, "duckdb", settings, name, run_id="r1", at=AT))


def remade(found: Mapped) -> Mapped:
    """The views of the same rows once more, as plain views."""
    settings = ModelSettings(found.report.platform)
    report = views_of(found.pipeline, "duckdb", settings, found.source, run_id="r2", at=AT)
    return replace(found, report=report)
