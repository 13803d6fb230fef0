"""`homeroom runs` and `homeroom show`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from homeroom.history import record_run

if TYPE_CHECKING:
    from conftest import Homeroom

LINE = {"resource": "terms", "table_name": "terms", "status": "complete", "proof": "count", "rows_received": 3}


def report(run_id: str, **given: Any) -> dict[str, Any]:
    """A run's report as it is kept."""
    return {
        "run_id": run_id,
        "name": "campus",
        "status": "complete",
        "started_at": "2026-03-01T10:00:00+00:00",
        "finished_at": "2026-03-01T10:00:02.500000+00:00",
        "destination": "duckdb:///rows.duckdb",
        "dataset": "campus",
        "landed": True,
        "resources": [LINE],
        "errors": {},
        **given,
    }


@pytest.fixture
def kept() -> list[dict[str, Any]]:
    """Three runs of two configs, oldest first."""
    reports = [
        report("20260301-aaa"),
        report("20260302-bbb", name="other", started_at="2026-03-02T10:00:00+00:00", status="failed"),
        report("20260302-bcc", started_at="2026-03-03T10:00:00+00:00"),
    ]
    for each in reports:
        home = Path(os.environ["HOMEROOM_HOME"])
        record_run(home, each["run_id"], each["name"], each["started_at"], orjson.dumps(each).decode())
    return reports


def test_runs_are_listed_newest_first(homeroom: Homeroom, kept: list[dict[str, Any]]) -> None:
    result = homeroom("runs")
    rows = [line.split() for line in result.stdout.splitlines()]
    assert rows[0] == ["run", "config", "started", "status", "seconds", "resources", "rows"]
    assert [row[0] for row in rows[2:]] == ["20260302-bcc", "20260302-bbb", "20260301-aaa"]
    assert rows[4] == ["20260301-aaa", "campus", "2026-03-01", "10:00:00Z", "complete", "2.5", "1", "3"]


def test_runs_may_be_few_and_of_one_config(homeroom: Homeroom, kept: list[dict[str, Any]]) -> None:
    assert "bcc" in homeroom("runs", "-n", "1").stdout and "bbb" not in homeroom("runs", "-n", "1").stdout
    assert [run["run_id"] for run in orjson.loads(homeroom("runs", "--name", "other", "--json").stdout)["runs"]] == [
        "20260302-bbb"
    ]


def test_no_runs_is_no_error(homeroom: Homeroom) -> None:
    result = homeroom("runs")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "No runs yet. Try: homeroom demo\n"


def test_no_runs_as_json_is_an_empty_list(homeroom: Homeroom) -> None:
    assert orjson.loads(homeroom("runs", "--json").stdout) == {"runs": []}


@pytest.mark.parametrize("run", ["20260302-bcc", "20260302-bc", "last"])
def test_show_finds_a_run_by_its_id_its_beginning_or_last(
    homeroom: Homeroom, kept: list[dict[str, Any]], run: str
) -> None:
    result = homeroom("show", run)
    assert result.exit_code == 0
    assert "Run 20260302-bcc of campus: complete. 3 rows read in" in result.stdout


def test_show_as_json_is_the_report(homeroom: Homeroom, kept: list[dict[str, Any]]) -> None:
    shown = orjson.loads(homeroom("show", "20260301", "--json").stdout)
    assert {key: shown[key] for key in ("run_id", "status", "landed")} == {
        "run_id": "20260301-aaa",
        "status": "complete",
        "landed": True,
    }
    assert shown["resources"][0] == shown["resources"][0] | LINE


def test_show_of_an_unknown_run_exits_with_2(homeroom: Homeroom, kept: list[dict[str, Any]]) -> None:
    result = homeroom("show", "2027")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "error: RUN: there is no such run; got '2027'; allowed: a run's id, its beginning, or last; "
        "homeroom runs lists them [unknown-name]\n"
    )


def test_show_of_a_beginning_that_several_runs_have_exits_with_2(
    homeroom: Homeroom, kept: list[dict[str, Any]]
) -> None:
    result = homeroom("show", "20260302")
    assert result.exit_code == 2
    assert result.stderr == (
        "error: RUN: several runs begin with this; got '20260302'; allowed: 20260302-bcc, 20260302-bbb; "
        "give more of its id [unknown-name]\n"
    )


def test_a_field_that_this_version_does_not_know_is_left_out(homeroom: Homeroom) -> None:
    newer = report("20260401-ddd", colour="red", resources=[LINE | {"rows_absent": 0}])
    record_run(Path(os.environ["HOMEROOM_HOME"]), "20260401-ddd", "campus", "2026-04-01", orjson.dumps(newer).decode())
    assert homeroom("show", "last").exit_code == 0


def test_a_name_without_a_run_is_told_the_names_that_have_one(homeroom: Homeroom, kept: list[dict[str, Any]]) -> None:
    result = homeroom("runs", "--name", "nope")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "No run of nope; there are runs of: campus, other\n"


@pytest.mark.parametrize("columns", ["80", "60", "20"])
def test_what_is_not_printed_to_a_terminal_is_not_cut(
    homeroom: Homeroom, kept: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    heading, _, *rows = homeroom("runs").stdout.splitlines()
    assert heading.split() == ["run", "config", "started", "status", "seconds", "resources", "rows"]
    assert rows[2].split() == ["20260301-aaa", "campus", "2026-03-01", "10:00:00Z", "complete", "2.5", "1", "3"]
    assert len(homeroom("show", "last").stdout.splitlines()) == 4
