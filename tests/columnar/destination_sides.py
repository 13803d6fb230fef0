"""One config through dlt's own source, through ours and through `homeroom.sync`, into one destination."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import dlt
import yaml
from destination_server import Api, Pages
from dlt.sources.rest_api import rest_api_source as dlt_source
from parity_tables import Tables, compare_tables, read_tables

import homeroom
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
REPLACED: Hints = {"replaced": {"write_disposition": "replace"}}
EVERY_WAY: Hints = {**APPENDED, **MERGED, **UPSERTED, **REPLACED}


@dataclass(frozen=True, slots=True)
class Place:
    """A destination: how dlt makes it, and how `homeroom.sync` is told of it.

    `lane` is the one that pages are expected to go.
    """

    name: str
    make: Callable[[], Any]
    reference: str
    lane: str = "columns"
    hints: Hints = field(default_factory=lambda: EVERY_WAY)


@dataclass(frozen=True, slots=True)
class Run:
    """The tables after one run of each of the three, and the reports of the two that are ours."""

    theirs: Tables
    ours: Tables
    synced: Tables
    report: Report
    sync_report: Report

    def differences(self) -> list[str]:
        """What our source made otherwise than dlt's."""
        return compare_tables(self.theirs, self.ours)

    def differences_of_sync(self) -> list[str]:
        """What the whole job made otherwise; the format of load files is its own choice."""
        return compare_tables(_any_format(self.theirs), _any_format(self.synced))


def _any_format(tables: Tables) -> Tables:
    def kept(hints: Mapping[str, Any]) -> Mapping[str, Any]:
        return {key: value for key, value in hints.items() if key != "file_format"}

    return replace(tables, hints={name: kept(hints) for name, hints in tables.hints.items()})


class Trio:
    """Three pipelines with a dataset each, and the API that all of them read."""

    def __init__(self, folder: Path, place: Place, api: Api) -> None:
        self._place = place
        self._api = api
        self._folder = folder
        self._config = folder / f"{NAME}.yaml"
        self._config.write_text(yaml.safe_dump({"source": self._source()}, sort_keys=False))

    def runs(self, given: Sequence[Pages]) -> list[Run]:
        """A run of all three over each of the pages."""
        return [self._run(pages) for pages in given]

    def _run(self, pages: Pages) -> Run:
        self._api.pages = pages
        theirs, ours = self._pipeline("theirs"), self._pipeline("ours")
        theirs.run(dlt_source(self._source()))
        source = our_source(self._source())
        ours.run(source)
        home = self._folder / "home"
        synced = homeroom.sync(self._config, destination=self._place.reference, dataset="synced", home=home)
        return Run(read_tables(theirs), read_tables(ours), self._read_synced(), source.report, synced)

    def _pipeline(self, name: str) -> dlt.Pipeline:
        folder = str(self._folder / "pipelines")
        return dlt.pipeline(name, destination=self._place.make(), dataset_name=name, pipelines_dir=folder)

    def _read_synced(self) -> Tables:
        """Its schema is read from the destination, as anybody would who comes after it."""
        folder = str(self._folder / "readers" / str(len(list(self._folder.glob("readers/*")))))
        reader = dlt.pipeline(NAME, destination=self._place.make(), dataset_name="synced", pipelines_dir=folder)
        reader.sync_destination()
        return read_tables(reader)

    def _source(self) -> Any:
        paginator = {"type": "page_number", "base_page": 0, "total_path": "pages"}
        endpoint = {"data_selector": "data", "paginator": paginator}
        return {
            "client": {"base_url": self._api.url},
            "resource_defaults": {"endpoint": endpoint},
            "resources": [{"name": n, "endpoint": {"path": n}, **hints} for n, hints in self._place.hints.items()],
        }
