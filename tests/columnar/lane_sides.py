"""Pages of JSON text through dlt alone and through our two lanes, and what each makes of them."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import dlt
import requests
from dlt.pipeline.exceptions import PipelineStepFailed
from parity_tables import Tables, compare_tables, read_tables

from homeroom.source import RestApiSource
from homeroom.source.options import ReadingOptions
from homeroom.source.rest_api import make_source
from homeroom.values import Answer, Report, SyncSettings

Texts = Sequence[str]
"""The JSON texts of a resource's lists of rows, a page each."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What one resource gives in each run, and its hints."""

    name: str
    runs: Sequence[Texts]
    hints: Mapping[str, Any] = field(default_factory=dict)


class Shelf:
    """A transport that knows the pages of every resource; the page asked for is in the query."""

    def __init__(self, pages: Mapping[str, Texts]) -> None:
        self._pages = pages

    def prepare(self, request: requests.Request) -> requests.PreparedRequest:
        return request.prepare()

    async def send(self, request: requests.PreparedRequest) -> Answer:
        parts = urlsplit(str(request.url))
        texts = self._pages[parts.path.strip("/")]
        number = int(parse_qs(parts.query)["page"][0])
        text = texts[number] if number < len(texts) else "[]"
        return Answer(200, str(request.url), (), f'{{"data":{text},"pages":{len(texts)}}}'.encode())


def source_of(
    pages: Mapping[str, Texts],
    hints: Mapping[str, Mapping[str, Any]],
    settings: SyncSettings | None = None,
    **endpoint: Any,
) -> RestApiSource:
    """Our source of these pages; `endpoint` holds further keys of each."""

    @asynccontextmanager
    async def transport(settings: SyncSettings) -> AsyncIterator[Shelf]:
        yield Shelf(pages)

    paginator = {"type": "page_number", "base_page": 0, "total_path": "pages"}
    endpoint = {"data_selector": "data", "paginator": paginator, **endpoint}
    resources = [{"name": n, "endpoint": {"path": n, **endpoint}, **hints.get(n, {})} for n in pages]
    config = {"client": {"base_url": "https://api.example.com"}, "resources": resources}
    return make_source(config, settings or SyncSettings(), ReadingOptions(transport=transport))


class Both:
    """dlt's pipeline and ours, in one folder."""

    def __init__(self, folder: Path) -> None:
        self.theirs, self.ours = (self._pipeline(name, folder) for name in ("theirs", "ours"))

    def _pipeline(self, name: str, folder: Path) -> dlt.Pipeline:
        destination = dlt.destinations.duckdb(str(folder / f"{name}.duckdb"))
        return dlt.pipeline(name, destination=destination, dataset_name="campus", pipelines_dir=str(folder / "pipes"))

    def run(self, rows: Sequence[Rows], number: int) -> tuple[Tables, Tables, Report]:
        """Run `number` of all resources through both; the tables of each, and our report."""
        pages = {each.name: each.runs[number] for each in rows}

        def resource(each: Rows) -> Any:
            return dlt.resource([json.loads(text) for text in pages[each.name]], name=each.name, **each.hints)

        theirs = dlt.source(lambda: [resource(each) for each in rows], name="rest_api")()
        self.theirs.run(theirs, loader_file_format="parquet")
        ours = source_of(pages, {each.name: each.hints for each in rows})
        self.ours.run(ours, loader_file_format="parquet")
        return read_tables(self.theirs), read_tables(self.ours), ours.report


def what_dlt_fails_at(error: PipelineStepFailed) -> str:
    """The resource whose rows dlt could not load; raises the error where it was not dlt alone."""
    told = re.search(r"job_id=(r\d+)", str(error))
    if error.pipeline.pipeline_name != "theirs" or told is None:
        raise error
    return told[1]


def differences(folder: Path, rows: Sequence[Rows]) -> tuple[list[str], list[Report]]:
    """What is not the same after any of the runs, in words; our reports."""
    both, reports, found = Both(folder), list[Report](), list[str]()
    for number in range(max(len(each.runs) for each in rows)):
        theirs, ours, report = both.run(rows, number)
        found += [f"run {number}: {each}" for each in compare_tables(theirs, ours)]
        reports.append(report)
    return found, reports
