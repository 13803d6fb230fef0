"""The real Airflow runs the DAGs of examples/: the whole job in one task, and dlt's helper with our source.

Airflow has a venv of its own, made at the first run. Its scheduler and its API server are not started: `dag.test()`
runs the tasks over a SQLite database. `-m "not real"` leaves it out.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from orchestrated import driven

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("airflow")]

ROWS = {"courses": 8, "sections": 25, "people": 104, "enrollments": 378}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("airflow")


@pytest.fixture(scope="module")
def runs(folder: Path) -> dict[str, dict[str, Any]]:
    """What came of each run, and what its tasks have logged."""
    told = driven("airflow", folder)
    logs = (folder / "output").read_text().split(">>> ")[1:]
    return {name: {**run, "log": log} for (name, run), log in zip(told.items(), logs, strict=True)}


def test_the_task_brings_every_row_and_hands_the_counts_on(runs: dict[str, dict[str, Any]]) -> None:
    right = runs["right"]
    assert (right["state"], right["tasks"]) == ("success", {"sync": "success"})
    assert right["returned"]["sync"] == {
        name: {"status": "complete", "proof": "count", "rows": rows} for name, rows in ROWS.items()
    }


def test_dlt_s_helper_makes_a_task_of_each_resource_of_our_source(runs: dict[str, dict[str, Any]]) -> None:
    assert runs["dlt right"]["tasks"] == {f"load.school_{name}": "success" for name in ROWS}
    assert runs["dlt right"]["state"] == "success"


@pytest.mark.parametrize("dataset", ["school", "school_dlt"])
def test_the_rows_are_in_the_database(runs: dict[str, dict[str, Any]], folder: Path, dataset: str) -> None:
    with duckdb.connect(str(folder / "rows.duckdb"), read_only=True) as db:
        found = {name: db.sql(f"SELECT count(DISTINCT id) FROM {dataset}.{name}").fetchall()[0][0] for name in ROWS}
    assert found == ROWS


@pytest.mark.parametrize(
    ("run", "said"),
    [
        ("short", "people: incomplete; the API says 604 rows, 104 came [rows-missing]"),
        ("refused", "courses: failed; resource courses, GET"),
    ],
)
def test_what_is_not_whole_fails_the_task_by_its_message_at_once(
    runs: dict[str, dict[str, Any]], run: str, said: str
) -> None:
    assert (runs[run]["state"], runs[run]["tasks"]) == ("failed", {"sync": "failed"})
    assert f"AirflowFailException: {said}" in runs[run]["log"]


@pytest.mark.parametrize(
    ("run", "task", "said"),
    [("dlt short", "people", "604 rows, 104 came"), ("dlt refused", "courses", "answered 403")],
)
def test_what_is_not_whole_fails_its_task_of_the_helper_and_the_run(
    runs: dict[str, dict[str, Any]], run: str, task: str, said: str
) -> None:
    assert (runs[run]["state"], runs[run]["tasks"][f"load.school_{task}"]) == ("failed", "failed")
    assert said in runs[run]["log"]
