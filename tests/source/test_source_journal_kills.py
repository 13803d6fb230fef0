"""Plain `pipeline.run` with a journal, killed wherever that is, and the runs after it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from homeroom.demo import School

Point = tuple[str, int]
Rows = dict[str, list[Any]]

WAYS = {"people": "merge", "sections": "append", "courses": "replace"}

READING: tuple[Point, ...] = (
    ("journal begun", 1),
    ("page kept", 1),
    ("page kept", 6),
    ("read", 1),
    ("about to move", 1),
    ("moved", 1),
    ("in both folders", 1),
)
"""Points before the dataset: in a first run dlt wipes its working folder then, and the journal alone has the pages."""

WAITING: tuple[Point, ...] = (
    ("moved", 1),
    ("state saved", 1),
    ("normalising", 1),
    ("normalised", 1),
    ("in both folders", 1),
    ("about to load", 1),
    ("tables made", 1),
    ("job started", 1),
    ("all jobs done", 1),
    ("load committed", 1),
)
"""Points at which a package waits for the next run."""

AFTER_ITS_TABLES = ("tables made", "all jobs done", "load committed")


class Kills:
    """A school, and processes that run a pipeline over it; `tests/source/fresh_runs.py` forks them."""

    def __init__(self, forks: subprocess.Popen[str], school: School, folder: Path) -> None:
        self._forks = forks
        self.school = school
        self.folder = folder
        self.ways = WAYS

    def run(self, point: str = "", nth: int = 1, about: str = "", times: int = 1, **environ: str) -> dict[str, Any]:
        """Some runs in one process, which is killed at the `nth` passing of `point`. What became of it."""
        self.school.clear_log()
        order = {
            "school": self.school.url,
            "key": self.school.api_key,
            "folder": str(self.folder),
            "ways": self.ways,
            "point": point,
            "nth": nth,
            "about": about,
            "times": times,
            "environ": environ,
        }
        assert self._forks.stdin and self._forks.stdout
        self._forks.stdin.write(json.dumps(order) + "\n")
        self._forks.stdin.flush()
        answer: dict[str, Any] = json.loads(self._forks.stdout.readline())
        return answer

    @property
    def asked(self) -> Counter[str]:
        """How many pages of each resource the last run asked for."""
        return Counter(str(each.resource) for each in self.school.requests if each.resource)

    def pages(self) -> Counter[str]:
        """How many pages each resource has."""
        return Counter({name: -(-len(self.school.rows(name)) // 10) for name in self.ways})

    def truth(self, **times: int) -> Rows:
        """The ids that must have landed, those of the tables that are named so many times."""
        return {name: sorted(self.ids(name) * times.get(name, 1)) for name in self.ways}

    def ids(self, name: str) -> list[Any]:
        return [row["id"] for row in self.school.rows(name)]

    def landed(self) -> Rows:
        """The ids in each table."""
        with duckdb.connect(str(self.folder / "campus.duckdb"), read_only=True) as db:
            return {
                name: [i for (i,) in db.execute(f"SELECT id FROM held.{name} ORDER BY id").fetchall()]
                for name in self.ways
            }


@pytest.fixture(scope="module")
def forks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[subprocess.Popen[str]]:
    """The process that forks; HOMEROOM_HOME is one for all, as it is for all pipelines of a person."""
    folder = tmp_path_factory.mktemp("forks")
    environ = {**os.environ, "HOMEROOM_HOME": str(folder / "home"), "DLT_DATA_DIR": str(folder / "dlt")}
    script = Path(__file__).with_name("fresh_runs.py")
    process = subprocess.Popen(
        [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environ, cwd=folder
    )
    yield process
    assert process.stdin
    process.stdin.close()
    process.wait(10)


@pytest.fixture(scope="module")
def module_school() -> Iterator[School]:
    """One school for the module; its rows are put back by nobody, so tests only read what they change themselves."""
    with School(scale=0.01) as opened:
        yield opened


@pytest.fixture
def kills(forks: subprocess.Popen[str], module_school: School, tmp_path: Path) -> Kills:
    """A pipeline of the test's own."""
    return Kills(forks, module_school, tmp_path)


KILLED = {"signal": 9}
COMPLETE = {"error": None, "statuses": ["complete"]}
ONLY_LOADED = {"error": None, "statuses": ["skipped"]}


def reads_anew(kills: Kills, sections: int) -> None:
    """The next run takes nothing from a journal; then the appended rows are there so many times."""
    assert kills.run() == COMPLETE
    assert kills.asked >= kills.pages()
    assert kills.landed() == kills.truth(sections=sections)


@pytest.mark.parametrize(("point", "nth"), READING)
def test_a_first_run_killed_while_it_reads_is_gone_on_with(kills: Kills, point: str, nth: int) -> None:
    assert kills.run(point, nth) == KILLED
    before = kills.asked
    assert kills.run() == COMPLETE
    assert kills.landed() == kills.truth()
    all_read = point not in ("journal begun", "page kept")
    for name, pages in kills.pages().items():
        # Twice: the last one of the list, an empty page behind a full one, and of all resources what was in flight.
        assert kills.asked[name] <= (2 if all_read else pages + 2)
        assert before[name] + kills.asked[name] <= pages + 18
    reads_anew(kills, sections=2)


@pytest.mark.parametrize(("point", "nth"), [each for each in WAITING if each[0] in AFTER_ITS_TABLES])
def test_a_first_run_killed_behind_its_reading_comes_right(kills: Kills, point: str, nth: int) -> None:
    assert kills.run(point, nth) == KILLED
    assert kills.run()["error"] is None
    assert kills.landed() == kills.truth()
    reads_anew(kills, sections=2)


@pytest.fixture
def later(kills: Kills) -> Kills:
    """A pipeline after its first run."""
    assert kills.run() == COMPLETE
    return kills


@pytest.mark.parametrize(("point", "nth"), [("page kept", 6), ("about to move", 1)])
def test_a_later_run_killed_while_it_reads_is_gone_on_with(later: Kills, point: str, nth: int) -> None:
    assert later.run(point, nth) == KILLED
    assert later.run() == COMPLETE
    assert later.landed() == later.truth(sections=2)
    assert point == "page kept" or all(asked <= 2 for asked in later.asked.values())
    reads_anew(later, sections=3)


@pytest.mark.parametrize(("point", "nth"), WAITING)
def test_a_later_run_killed_behind_its_reading_comes_right(later: Kills, point: str, nth: int) -> None:
    assert later.run(point, nth) == KILLED
    assert later.run() == ONLY_LOADED
    assert later.landed() == later.truth(sections=2)
    reads_anew(later, sections=3)


@pytest.mark.parametrize("point", ["moved", "state saved", "load committed"])
@pytest.mark.parametrize("restore", ["true", "false"])
def test_a_journal_whose_package_was_loaded_in_this_process_is_not_read_again(
    later: Kills, point: str, restore: str
) -> None:
    assert later.run(point) == KILLED
    assert later.run(times=2, RESTORE_FROM_DESTINATION=restore) == {"error": None, "statuses": ["skipped", "complete"]}
    assert later.asked >= later.pages() and later.landed() == later.truth(sections=3)


@pytest.mark.parametrize("restore", ["true", "false"])
def test_a_journal_whose_load_only_the_destination_knows_is_done_with(later: Kills, restore: str) -> None:
    assert later.run("load committed") == KILLED
    shutil.rmtree(later.folder / "pipelines")
    assert later.run(RESTORE_FROM_DESTINATION=restore) == COMPLETE
    assert later.asked >= later.pages() and later.landed() == later.truth(sections=3)


def test_a_second_kill_is_as_good_as_the_first(later: Kills) -> None:
    for point, nth in (("page kept", 4), ("journal begun", 1), ("about to move", 1), ("moved", 1), ("normalised", 1)):
        assert later.run(point, nth) == KILLED
    assert later.run() == ONLY_LOADED
    assert later.landed() == later.truth(sections=2)
    reads_anew(later, sections=3)


@pytest.mark.parametrize(
    ("name", "way", "times"),
    [("terms", "merge", 1), ("people", "merge", 2), ("terms", "replace", 2), ("sections", "append", 3)],
)
def test_rows_of_a_job_killed_behind_its_commit_may_come_twice_by_a_fault_of_dlts(
    kills: Kills, name: str, way: str, times: int
) -> None:
    """docs/guarantees.md says so. Merged rows come once where no table is nested in theirs; people have roles."""
    kills.ways = {name: way}
    assert kills.run() == COMPLETE
    assert kills.run("job committed", about=f"{name}.") == KILLED
    assert kills.run() == ONLY_LOADED
    assert kills.landed() == kills.truth(**{name: times})
