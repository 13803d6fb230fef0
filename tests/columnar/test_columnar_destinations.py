"""One config into every destination that can be had here: the tables of dlt, from our source and from the whole job."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import dlt
import pytest
from destination_postgres import missing_program, postgres
from destination_server import Api, Pages
from destination_sides import APPENDED, MERGED, REPLACED, Hints, Place, Run, Trio, lanes

NO_UPSERT: Hints = {**APPENDED, **MERGED, **REPLACED}
NO_MERGE: Hints = {**APPENDED, **REPLACED}
MIXED: Hints = {"mixed": {"write_disposition": "append", "columns": {"place": {"data_type": "json"}}}}
LANES = {
    "duckdb": ("columns", "columns"),
    "sqlite": ("objects", "objects"),
    "postgres": ("objects", "columns"),
    "postgres_parquet": ("columns", "columns"),
    "files": ("objects", "objects"),
    "files_parquet": ("columns", "columns"),
}
"""The destinations, each with the lane of a plain run's pages and of the whole job's.

A dlt pipeline of the user's writes text into PostgreSQL; the whole job may choose parquet. In a folder the format of
load files is what the user sees, so nobody but the user chooses it.
"""


def person(number: int, **more: Any) -> dict[str, Any]:
    """A row with an object, a list, a time, a null and an empty text."""
    return {
        "id": number,
        "name": f"Person {number}",
        "note": "",
        "at": f"2024-01-{number + 1:02}T10:00:00+02:00",
        "ok": number % 2 == 0,
        "score": number + 0.5,
        "place": {"city": "Ulm" if number % 3 else None, "geo": {"lat": 48.4}},
        "kids": [{"n": place, "tag": f"t{place}"} for place in range(number % 3)],
        **more,
    }


FIRST: Pages = [[person(n) for n in range(4)], [person(n) for n in range(4, 8)], [person(8)]]
SECOND: Pages = [
    [person(n) for n in (0, 1, 2)],  # 3 has gone
    [person(4, name="Renamed", kids=[]), person(7, kids=[{"n": 9, "tag": ""}]), person(5), person(6)],
    [person(8), person(9, late="x"), person(10, late="y", kids=[{"n": 1, "more": 2}])],
]
WITH_NUL: Pages = [[{"id": 1, "name": "a\0b"}, {"id": 2, "name": "c"}]]
OF_BOTH_LANES: Pages = [
    [{"id": 1, "score": 1.5}, {"id": 2, "score": None}],
    [{"id": 3, "score": "much"}],
    [{"id": 4, "place": {"city": "Ulm"}, "kids": [{"n": 1}]}],
    [{"id": 5, "score": 2.5, "kids": [{"n": 2}]}],
]


class Destinations:
    """The destinations, opened when they are first asked for, and what runs into each of them made."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder = folder
        self._stack = stack
        self._api = stack.enter_context(Api())
        self._runs: dict[str, list[Run]] = {}
        self._server = ""

    def runs(self, name: str) -> list[Run]:
        """What the two runs into a destination made."""
        if name not in self._runs:
            trio = self.trio(self.place(name))
            self._runs[name] = [trio.run(pages) for pages in (FIRST, SECOND)]
        return self._runs[name]

    def mixed(self, name: str) -> Run:
        """What one run made whose pages fit columns and do not, by turns."""
        return self.trio(self.place(name, "mixed", MIXED)).run(OF_BOTH_LANES)

    def trio(self, place: Place) -> Trio:
        """The three pipelines into a place."""
        folder = self._folder / place.name
        folder.mkdir()
        return Trio(folder, place, self._api)

    def place(self, name: str, part: str = "rows", hints: Hints | None = None) -> Place:
        """A destination by its name; `part` tells apart what shall not share a database."""
        kind, _, form = name.partition("_")
        place: Place = getattr(self, f"_{kind}")(f"{name}_{part}")
        wanted = place.hints if hints is None else hints
        return replace(
            place, hints={n: {**held, **({"file_format": form} if form else {})} for n, held in wanted.items()}
        )

    def _duckdb(self, name: str) -> Place:
        path = self._folder / f"{name}.duckdb"
        return Place(name, lambda: dlt.destinations.duckdb(str(path)), f"duckdb:///{path}")

    def _sqlite(self, name: str) -> Place:
        url = f"sqlite:///{self._folder / name}.db"
        return Place(name, lambda: dlt.destinations.sqlalchemy(url), url, NO_UPSERT)

    def _postgres(self, name: str) -> Place:
        self._server = self._server or self._stack.enter_context(postgres())
        url = f"{self._server.rpartition('/')[0]}/{self._database(name)}"
        return Place(name, lambda: dlt.destinations.postgres(url), url)

    def _database(self, name: str) -> str:
        import psycopg2

        connection = psycopg2.connect(self._server)
        connection.autocommit = True
        connection.cursor().execute(f"CREATE DATABASE {name}")
        connection.close()
        return name

    def _files(self, name: str) -> Place:
        bucket = str(self._folder / f"{name}_bucket")
        self._stack.enter_context(pytest.MonkeyPatch.context()).setenv("DESTINATION__FILESYSTEM__BUCKET_URL", bucket)
        made = Place(name, lambda: dlt.destinations.filesystem(bucket), "filesystem", NO_MERGE)
        return made


@pytest.fixture(scope="module")
def destinations(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Destinations]:
    """All of them, apart from whatever dlt and Homeroom hold elsewhere on this machine."""
    with pytest.MonkeyPatch.context() as patch, ExitStack() as stack:
        folder = tmp_path_factory.mktemp("destinations")
        patch.chdir(folder)
        patch.setenv("DLT_DATA_DIR", str(folder / "dlt"))
        patch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")
        patch.setenv("RUNTIME__LOG_LEVEL", "CRITICAL")  # dlt warns of what it cannot merge
        yield Destinations(folder, stack)


def every(*names: str) -> pytest.MarkDecorator:
    """Parametrize by destinations, all of them if none is named."""

    def marks(name: str) -> list[pytest.MarkDecorator]:
        missing = missing_program() if name.startswith("postgres") else None
        return [pytest.mark.skip(reason=f"no PostgreSQL here: {missing} is not installed")] if missing else []

    return pytest.mark.parametrize("name", [pytest.param(name, marks=marks(name)) for name in names or LANES])


@every()
def test_our_source_makes_the_tables_of_dlt(name: str, destinations: Destinations) -> None:
    """Appended, merged, upserted and replaced; in a first run, and in a second over changed, new and absent rows."""
    assert [run.differences() for run in destinations.runs(name)] == [[], []]


@every()
def test_the_whole_job_makes_the_tables_of_dlt(name: str, destinations: Destinations) -> None:
    assert [run.differences_of_sync() for run in destinations.runs(name)] == [[], []]


@every()
def test_the_tables_hold_what_the_api_has(name: str, destinations: Destinations) -> None:
    """Not only the same as dlt's."""
    first, second = destinations.runs(name)
    for tables in (second.ours, second.synced):
        assert tables.rows["replaced"].total() == sum(map(len, SECOND))
        assert tables.rows["appended"].total() == sum(map(len, FIRST)) + sum(map(len, SECOND))
        if not name.startswith("files"):
            assert tables.rows["merged"].total() == 11
    assert first.ours.links["replaced__kids"].total() == sum(len(row["kids"]) for page in FIRST for row in page)


@every()
def test_pages_go_the_lane_that_the_destination_takes(name: str, destinations: Destinations) -> None:
    assert [lanes(run.report) for run in destinations.runs(name)] == [{LANES[name][0]}] * 2


@every()
def test_pages_of_the_whole_job_go_as_columns_into_every_database(name: str, destinations: Destinations) -> None:
    reports = [run.sync_report for run in destinations.runs(name)]
    assert [report and lanes(report) for report in reports] == [{LANES[name][1]}] * 2


@every()
def test_load_files_of_columns_are_not_written_twice(name: str, destinations: Destinations) -> None:
    """dlt links parquet into the load as it is; any other format it would write anew."""
    for run in destinations.runs(name):
        assert ("columns" in lanes(run.report)) is (run.jobs == {"parquet"})


@every()
def test_the_whole_job_ends_well(name: str, destinations: Destinations) -> None:
    """With its ledger written, or with none where a destination takes no table of ours."""
    assert [run.error for run in destinations.runs(name)] == [None, None]


@every("duckdb", "postgres", "postgres_parquet", "files_parquet")
def test_pages_of_both_lanes_are_one_table(name: str, destinations: Destinations) -> None:
    """A column of JSON goes as objects beside columns that hold no value of it."""
    run = destinations.mixed(name)
    assert (run.error, run.differences(), run.differences_of_sync()) == (None, [], [])
    line = run.report.resources["mixed"]
    assert (line.pages_columnar > 0) is (LANES[name][0] == "columns") and line.pages_object > 0


@every("postgres")
def test_without_an_arrow_driver_postgres_gets_objects(
    name: str, destinations: Destinations, monkeypatch: pytest.MonkeyPatch
) -> None:
    """dlt loads parquet there by ADBC alone."""
    monkeypatch.setenv("DISABLE_ADBC_DETECTION", "true")
    run = destinations.trio(destinations.place(name, "bare", MERGED)).run(FIRST)
    assert (run.error, run.differences(), run.differences_of_sync()) == (None, [], [])
    assert run.sync_report and (lanes(run.report), lanes(run.sync_report)) == ({"objects"}, {"objects"})


@every("duckdb", "postgres")
def test_a_text_with_a_nul_can_be_loaded(name: str, destinations: Destinations) -> None:
    """dlt leaves it out of inserts, and PostgreSQL refuses it in any other format."""
    run = destinations.trio(destinations.place(name, "nul", MERGED)).run(WITH_NUL)
    assert (run.error, run.differences()) == (None, [])
