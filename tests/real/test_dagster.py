"""The real Dagster runs examples/dagster_school.py, by its own job and by `dagster-dlt`. `-m "not real"` leaves it out.

Dagster has a venv of its own, made at the first run. Its daemon and its web server are not started.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from orchestrated import driven

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("dagster")]

ROWS = {"courses": 8, "sections": 25, "people": 104, "enrollments": 378}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("dagster")


@pytest.fixture(scope="module")
def runs(folder: Path) -> dict[str, dict[str, Any]]:
    return driven("dagster", folder)


def test_the_job_brings_every_row_and_each_asset_says_how_many(runs: dict[str, dict[str, Any]]) -> None:
    assets = runs["nightly"]["assets"]
    assert runs["nightly"]["success"] is True
    assert {name: told["dagster/row_count"] for name, told in assets.items()} == ROWS
    assert {name: told["api_total"] for name, told in assets.items()} == ROWS
    assert {(told["status"], told["proof"]) for told in assets.values()} == {("complete", "count")}
    assert runs["nightly"]["checks"] == dict.fromkeys(ROWS, True)


@pytest.mark.parametrize("dataset", ["school", "school_dlt"])
def test_the_rows_are_in_the_database(runs: dict[str, dict[str, Any]], folder: Path, dataset: str) -> None:
    with duckdb.connect(str(folder / "rows.duckdb"), read_only=True) as db:
        found = {name: db.sql(f"SELECT count(DISTINCT id) FROM {dataset}.{name}").fetchall()[0][0] for name in ROWS}
    assert found == ROWS


def test_one_asset_alone_is_synced_alone(runs: dict[str, dict[str, Any]]) -> None:
    assert (runs["part"]["success"], list(runs["part"]["assets"])) == (True, ["sections"])


def test_a_list_that_is_short_fails_its_check_and_the_step_and_no_other_asset(runs: dict[str, dict[str, Any]]) -> None:
    run = runs["short"]
    assert (run["success"], run["retried"]) == (False, False)
    assert run["checks"] == dict.fromkeys(ROWS, True) | {"people": False}
    assert set(run["assets"]) == set(ROWS) - {"people"}
    assert any("people: incomplete; the API says 604 rows, 104 came [rows-missing]" in said for said in run["failures"])


def test_a_resource_that_is_refused_fails_the_step_by_its_message_and_is_not_tried_again(
    runs: dict[str, dict[str, Any]],
) -> None:
    run = runs["refused"]
    assert (run["success"], run["retried"], run["checks"]["courses"]) == (False, False, False)
    assert any("courses: failed; " in said and "403" in said for said in run["failures"])


def test_dagster_dlt_takes_our_source(runs: dict[str, dict[str, Any]]) -> None:
    assets = runs["dlt"]["assets"]
    assert runs["dlt"]["success"] is True
    assert {name.removeprefix("dlt_school_"): told["rows_loaded"] for name, told in assets.items()} == ROWS


@pytest.mark.parametrize(("run", "said"), [("dlt short", "604 rows, 104 came"), ("dlt refused", "answered 403")])
def test_dagster_dlt_fails_by_our_message_and_loads_nothing(
    runs: dict[str, dict[str, Any]], run: str, said: str
) -> None:
    assert (runs[run]["success"], runs[run]["assets"]) == (False, {})
    assert any(said in words for words in runs[run]["failures"])


def test_one_asset_of_dagster_dlt_is_loaded_alone_after_a_failure(runs: dict[str, dict[str, Any]]) -> None:
    again = runs["dlt again"]
    assert (again["success"], {name: told["rows_loaded"] for name, told in again["assets"].items()}) == (
        True,
        {"dlt_school_people": ROWS["people"]},
    )
