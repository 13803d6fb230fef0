"""One config through dlt's own source, through ours and through `homeroom.sync`, into one destination."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import dlt
import yaml
from destination_server import Api, Pages
from destination_sqlite import SqlitePipeline
from dlt.common.pipeline import LoadInfo
from dlt.sources.rest_api import rest_api_source as dlt_source
from parity_tables import Tables, compare_tables, read_tables

import homeroom
from homeroom.errors import HomeroomError
from homeroom.source import rest_api_source as our_source
from homeroom.values import Report

Hints = Mapping[str, Mapping[str, Any]]
"""Resource name to its hints."""

NAME = "campus"
APPENDED: Hints = {"appended": {"write_disposition": "append"}}
MERGED: Hints = {"merged": {"write_disposition": "merge", "primary_key": "id"}}
UPSERTED: Hints = {
    "upserted": {"write_disposition": {"disposition": "merge", "strategy": "upsert"}, "primary_key": "id"}
}
REPLACED: Hints = {"replaced": {"write_disposition": "replace", "primary_key": "id"}}
EVERY_WAY: Hints = {**APPENDED, **MERGED, **UPSERTED, **REPLACED}


@dataclass(frozen=True, slots=True)
class Place:
    """A destination: how dlt makes it, and how `homeroom.sync` is told of it; and what is read into it."""

    name: str
    make: Callable[[], Any]
    reference: str
    hints: Hints = field(default_factory=lambda: EVERY_WAY)


@dataclass(frozen=True, slots=True)
class Run:
    """The tables after one run of each of the three, and what the two that are ours say of it.

    `jobs` are the formats of the load files that our plain run made; `error` is what the whole job raised.
    """

    theirs: Tables
    ours: Tables
    synced: Tables
    report: Report
    jobs: frozenset[str]
    sync_report: Report | None
    error: HomeroomError | None

    def differences(self) -> list[str]:
        """What our source made otherwise than dlt's."""
        return compare_tables(self.theirs, self.ours)

    def differences_of_sync(self) -> list[str]:
        """What the whole job made otherwise.

        How it writes rows is its own choice: the format of load files, and that the first rows of a merged table
        are appended.
        """
        return compare_tables(_without_ways(self.theirs), _without_ways(self.synced))


def _without_ways(tables: Tables) -> Tables:
    def kept(hints: Mapping[str, Any]) -> Mapping[str, Any]:
        return {key: value for key, value in hints.items() if key not in ("file_format", "write_disposition")}

    return replace(tables, hints={name: kept(hints) for name, hints in tables.hints.items()})


def lanes(report: Report) -> set[str]:
    """The lanes that pages with rows went."""
    lines = report.resources.values()
    found = {"columns" if line.pages_columnar else "" for line in lines}
    return (found | {"objects" if line.pages_object else "" for line in lines}) - {""}


def _read(pipeline: dlt.Pipeline) -> Tables:
    by_sqlalchemy = str(pipeline.destination and pipeline.destination.destination_type).endswith("sqlalchemy")
    read: Any = SqlitePipeline(pipeline) if by_sqlalchemy else pipeline
    return read_tables(read)


def _formats(done: LoadInfo) -> frozenset[str]:
    files = [job.job_file_info for package in done.load_packages for job in package.jobs["completed_jobs"]]
    return frozenset(f.file_format for f in files if not f.table_name.startswith("_dlt")) - {"sql"}


class Trio:
    """Three pipelines with a dataset each, and the API that all of them read."""

    def __init__(self, folder: Path, place: Place, api: Api) -> None:
        self._place = place
        self._api = api
        self._folder = folder
        self._config = folder / f"{NAME}.yaml"
        self._config.write_text(yaml.safe_dump({"source": self.config()}, sort_keys=False))
        self._readers = 0

    def run(self, pages: Pages) -> Run:
        """All three over the same pages."""
        self._api.pages = pages
        theirs, ours = self._pipeline("theirs"), self._pipeline("ours")
        theirs.run(dlt_source(self.config()))
        source = our_source(self.config())
        done = ours.run(source)
        report, error = self._sync()
        tables = _read(theirs), _read(ours), self._synced()
        return Run(*tables, source.report, _formats(done), report, error)

    def _sync(self) -> tuple[Report | None, HomeroomError | None]:
        home = self._folder / "home"
        try:
            return homeroom.sync(self._config, destination=self._place.reference, dataset="synced", home=home), None
        except HomeroomError as error:
            return None, error

    def _synced(self) -> Tables:
        """Its schema is read from the destination, as by anybody who comes after it."""
        self._readers += 1
        folder = str(self._folder / f"reader{self._readers}")
        reader = dlt.pipeline(NAME, destination=self._place.make(), dataset_name="synced", pipelines_dir=folder)
        reader.sync_destination()
        return _read(reader)

    def _pipeline(self, name: str) -> dlt.Pipeline:
        folder = str(self._folder / "pipelines")
        return dlt.pipeline(name, destination=self._place.make(), dataset_name=name, pipelines_dir=folder)

    def config(self) -> Any:
        """The config of all three; a new one each time, because dlt changes what it is given."""
        paginator = {"type": "page_number", "base_page": 0, "total_path": "pages"}
        endpoint = {"data_selector": "data", "paginator": paginator}
        resources = [{"name": n, "endpoint": {"path": n}, **hints} for n, hints in self._place.hints.items()]
        source = {
            "client": {"base_url": self._api.url},
            "resource_defaults": {"endpoint": endpoint},
            "resources": resources,
        }
        return deepcopy(source)
