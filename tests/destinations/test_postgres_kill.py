"""A sync into PostgreSQL that is killed, wherever that is, and the run after it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from ..sync.test_sync_kill import LOADED, WAYS, Point, Rows, appended, landed, orphans, three_dispositions, truth
from .pg_campus import PgCampus

if TYPE_CHECKING:
    from ..columnar.destination_postgres import Server
    from ..sync.conftest import Fresh

FIRST: tuple[Point, ...] = (
    ("reading", 3),
    ("tables made", 1),
    ("job committed", 1),
    ("job moved", 1),
    ("all jobs done", 1),
    ("load committed", 1),
    ("ledger begun", 1),
)
"""Each is where to kill and at which passing; see tests/sync/fresh.py."""

LATER: tuple[Point, ...] = (
    ("normalised", 1),
    ("tables made", 1),
    ("job started", 2),
    ("job committed", 1),
    ("job committed", 4),
    ("job moved", 7),
    ("all jobs done", 1),
    ("load committed", 1),
    ("ledger written", 1),
)


@pytest.mark.parametrize(("point", "nth"), FIRST)
def test_a_first_run_killed_anywhere_is_made_good_by_the_next(
    open_campus: Callable[..., PgCampus], fresh: Fresh, point: str, nth: int
) -> None:
    campus = open_campus()
    three_dispositions(campus)
    assert fresh.run(campus, point, nth) == {"signal": 9}
    assert fresh.run(campus) == {"status": "complete", "landed": True}
    once = truth(campus)
    assert landed(campus) == (appended(once, once) if point in LOADED else once)
    assert (orphans(campus), campus.pending()) == (0, [])


@pytest.fixture(scope="module")
def first(open_campus: Callable[..., PgCampus], fresh: Fresh, server: Server) -> tuple[PgCampus, Rows]:
    """A campus after its first run, and what landed; since then one row of each table is new and one is gone."""
    campus = open_campus()
    three_dispositions(campus)
    fresh.run(campus)
    old = truth(campus)
    for name in WAYS:
        rows = campus.school.rows(name)
        campus.school.put(name, rows[0] | {"id": rows[-1]["id"] + 1})
    campus.school.remove("courses", campus.school.rows("courses")[0]["id"])
    shutil.copytree(campus.home, campus.folder / "kept")
    server.database("kept", like=campus.url.rpartition("/")[2])
    return campus, old


@pytest.fixture
def second(first: tuple[PgCampus, Rows], server: Server) -> tuple[PgCampus, Rows]:
    """The same, as the first run left it."""
    campus, _ = first
    shutil.rmtree(campus.home)
    shutil.copytree(campus.folder / "kept", campus.home)
    server.database(campus.url.rpartition("/")[2], like="kept")
    return first


@pytest.mark.parametrize(("point", "nth"), LATER)
def test_a_later_run_killed_anywhere_is_made_good_by_the_next(
    second: tuple[PgCampus, Rows], fresh: Fresh, point: str, nth: int
) -> None:
    """Between the two, merged and replaced tables are whole: as they were, or as they are to be."""
    campus, old = second
    assert fresh.run(campus, point, nth) == {"signal": 9}
    found, new = landed(campus), truth(campus)
    for root, child in (("people", "people__roles"), ("courses", "courses__grades")):
        assert (found[root], found[child]) in ((old[root], old[child]), (new[root], new[child]))
    assert fresh.run(campus) == {"status": "complete", "landed": True}
    assert landed(campus) == (appended(old, new, new) if point in LOADED else appended(old, new))
    assert (orphans(campus), campus.pending()) == (0, [])


def test_a_run_that_was_killed_is_finished_without_asking_again(campus: PgCampus, fresh: Fresh) -> None:
    three_dispositions(campus)
    fresh.run(campus, "all jobs done")
    asked = len(campus.school.requests)
    assert fresh.run(campus) == {"status": "complete", "landed": True}
    assert len(campus.school.requests) - asked == len(WAYS)  # the last page of each list


def test_a_run_that_was_killed_is_finished_on_another_machine(campus: PgCampus, fresh: Fresh) -> None:
    """Without its local state: what the database holds is enough to double nothing."""
    three_dispositions(campus)
    fresh.run(campus, "load committed")
    shutil.rmtree(campus.home)
    assert fresh.run(campus) == {"status": "complete", "landed": True}
    once = truth(campus)
    assert landed(campus) == appended(once, once)


def test_what_a_killed_load_had_appended_is_known_on_its_machine_alone(campus: PgCampus, fresh: Fresh) -> None:
    """Which loads were not finished stands in dlt's working folder; without it their rows stay, and come again."""
    campus.configure({"name": "terms", "write_disposition": "append", "endpoint": {"path": "/v1/terms"}}, "schools")
    fresh.run(campus, "all jobs done")
    shutil.rmtree(campus.home)
    assert fresh.run(campus) == {"status": "complete", "landed": True}
    assert campus.ids("terms") == sorted(campus.true_ids("terms") * 2)
    assert campus.ids("schools") == campus.true_ids("schools")


def test_a_killed_run_has_no_row_in_the_ledger(second: tuple[PgCampus, Rows], fresh: Fresh) -> None:
    campus, _ = second
    fresh.run(campus, "all jobs done")
    assert campus.column("SELECT count(*) FROM _homeroom_runs") == [1]
    fresh.run(campus)
    assert campus.query("SELECT count(DISTINCT run_id), count(*) FROM _homeroom_resources") == [(2, 6)]
