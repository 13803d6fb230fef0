"""The two tables that say of every run what it brought."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pytest

from homeroom.dlt_seam import tables
from homeroom.errors import LoadError
from homeroom.values import Report, Status

if TYPE_CHECKING:
    from conftest import Campus, OpenCampus

RUN_COLUMNS = ["run_id", "name", "started_at", "finished_at", "status", "config_hash", "version"]
RESOURCE_COLUMNS = [
    *("run_id", "resource", "table_name", "status", "proof", "api_total", "rows_received", "rows_distinct"),
    *(
        "rows_absent",
        "rows_in_table",
        "rows_deleted",
        "rows_rejected",
        "pages",
        "pages_resumed",
        "requests",
        "retries",
        "throttled",
        "waited_s",
        "bytes",
        "pages_columnar",
    ),
    *("pages_object", "oldest_page_at", "started_at", "finished_at", "note"),
]


@pytest.fixture(scope="module")
def told(open_campus: OpenCampus) -> tuple[Campus, Report]:
    """A run in which one resource failed."""
    campus = open_campus("always=500,only=/v1/people")
    campus.configure("people", "terms", "schools")
    return campus, campus.sync()


def columns(campus: Campus, table: str) -> list[str]:
    """The columns of a table, in order."""
    return campus.column(f"SELECT column_name FROM duckdb_columns() WHERE table_name = '{table}' ORDER BY column_index")


def test_the_runs_table_has_the_columns_of_the_contract(told: tuple[Campus, Report]) -> None:
    assert columns(told[0], "_homeroom_runs") == RUN_COLUMNS


def test_the_resources_table_has_the_columns_of_the_contract(told: tuple[Campus, Report]) -> None:
    assert columns(told[0], "_homeroom_resources") == RESOURCE_COLUMNS


def test_a_run_is_one_row(told: tuple[Campus, Report]) -> None:
    campus, report = told
    expected = tuple(getattr(report, column) for column in RUN_COLUMNS)
    assert campus.query("SELECT * FROM _homeroom_runs") == [expected]


def test_every_resource_is_one_row_equal_to_the_report(told: tuple[Campus, Report]) -> None:
    campus, report = told
    lines = [asdict(line) for line in report.resources.values()]
    expected = {(report.run_id, *(value for name, value in line.items() if name != "code")) for line in lines}
    assert set(campus.query("SELECT * FROM _homeroom_resources")) == expected
    assert campus.query("SELECT count(*) FROM _homeroom_resources") == [(3,)]


def test_the_tables_of_the_ledger_are_no_schema_of_the_users(told: tuple[Campus, Report]) -> None:
    assert told[0].column("SELECT DISTINCT schema_name FROM _dlt_version") == ["rest_api"]


def test_the_ledger_is_written_for_a_run_in_which_everything_failed(campus: Campus) -> None:
    campus.configure("terms")
    campus.dial("always=500")
    report = campus.sync()
    assert campus.query("SELECT run_id, status FROM _homeroom_runs") == [(report.run_id, Status.FAILED)]
    assert campus.tables() == {"_homeroom_runs", "_homeroom_resources"}


def test_the_ledger_is_written_in_one_transaction(campus: Campus, monkeypatch: pytest.MonkeyPatch) -> None:
    campus.configure("terms")
    write = tables.write_rows

    def write_half(pipeline: Any, columns: Any, rows: dict[str, Any]) -> None:
        write(pipeline, columns, rows | {"_homeroom_resources": [("a value", "too few")]})

    monkeypatch.setattr(tables, "write_rows", write_half)
    with pytest.raises(LoadError, match=r"^could not write the ledger: "):
        campus.sync()
    assert campus.query("SELECT count(*) FROM _homeroom_runs") == [(0,)]
    assert campus.query("SELECT count(*) FROM _homeroom_resources") == [(0,)]


def test_the_ledger_is_written_after_the_rows(campus: Campus, monkeypatch: pytest.MonkeyPatch) -> None:
    campus.configure("terms")
    seen: list[set[str]] = []
    write = tables.write_rows

    def look_first(*given: Any) -> None:
        seen.append(campus.tables())
        write(*given)

    monkeypatch.setattr(tables, "write_rows", look_first)
    campus.sync()
    assert seen == [{"terms"}]


def test_every_run_adds_its_rows(campus: Campus) -> None:
    campus.configure("terms", "schools")
    ids = [campus.sync().run_id, campus.sync().run_id]
    assert campus.column("SELECT run_id FROM _homeroom_runs ORDER BY started_at") == ids
    assert campus.query("SELECT count(*) FROM _homeroom_resources") == [(4,)]


def test_a_column_that_an_older_version_did_not_know_is_added(campus: Campus) -> None:
    import duckdb

    campus.configure("terms")
    campus.sync()
    with duckdb.connect(str(campus.database)) as connection:
        connection.execute("ALTER TABLE campus._homeroom_resources DROP COLUMN note")
    campus.sync()
    assert set(columns(campus, "_homeroom_resources")) == set(RESOURCE_COLUMNS)
