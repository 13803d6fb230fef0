"""The two that are compared: dlt's own source and ours, each with a pipeline of its own."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dlt
from dlt.sources.rest_api import rest_api_source as dlt_source
from parity_tables import Tables, read_tables

from homeroom.demo import School
from homeroom.source import rest_api_source as our_source


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: its source function and its pipeline."""

    make: Callable[..., Any]
    pipeline: dlt.Pipeline

    def run(self, config: Any, **options: Any) -> Tables:
        """The tables after one more run. Parquet, because dlt's own default takes minutes."""
        self.pipeline.run(self.make(config, **options), loader_file_format="parquet")
        return read_tables(self.pipeline)


def make_sides(folder: Path) -> tuple[Side, Side]:
    """dlt's and ours, in this order."""

    def side(name: str, make: Callable[..., Any]) -> Side:
        destination = dlt.destinations.duckdb(str(folder / f"{name}.duckdb"))
        where = str(folder / "pipelines")
        return Side(make, dlt.pipeline(name, destination=destination, dataset_name="campus", pipelines_dir=where))

    return side("theirs", dlt_source), side("ours", our_source)


@dataclass(frozen=True, slots=True)
class Runs:
    """The tables of both sides after a first run, and after a second one over changed rows."""

    first: tuple[Tables, Tables]
    second: tuple[Tables, Tables]


def change(school: School) -> None:
    """Rows that go, come and change; among them a new column, another type, a longer list."""
    people = school.rows("people")
    school.remove("people", people[3]["id"])
    school.put(
        "people",
        {**people[5], "name": "Renamed", "roles": [*people[5]["roles"], {"org_id": 7, "role": "new"}]},
    )
    school.put("people", {**people[7], "id": 999_999, "updated_at": "", "nickname": "Bo", "roles": []})
    school.remove("enrollments", school.rows("enrollments")[0]["id"])
