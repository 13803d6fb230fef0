"""Children of the parents that were read: rows of these that did not come are gone, and no others."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # the helpers beside this file; importlib mode adds no folder

from deleting import deleting, listed, over_lists, rows
from list_server import Lists

from homeroom import rest_api_source
from homeroom.errors import ConfigError
from homeroom.report import exit_code
from homeroom.values import Status

if TYPE_CHECKING:
    from conftest import Campus

CHANGED = {"cursor_path": "changed", "initial_value": 0, "start_param": "since"}
PATH = "/seats-{resources.courses.id}"


@pytest.fixture
def lists() -> Iterator[Lists]:
    with Lists() as opened:
        opened.rows = {"courses": [course(1, 1), course(2, 1), course(3, 1)]}
        opened.rows |= {f"seats-{number}": seats(number, 4) for number in (1, 2, 3)}
        yield opened


def course(number: int, changed: int) -> dict[str, Any]:
    return {"id": number, "changed": changed}


def seats(number: int, count: int) -> list[dict[str, Any]]:
    return rows(10 * number, 10 * number + count, course_id=number)


def school(campus: Campus, lists: Lists, way: str = "hard", seat: Any = None, **more: Any) -> Campus:
    """Courses by a cursor, and the seats of each; `more` are settings of the seats."""
    courses = listed("courses", endpoint={"incremental": CHANGED})
    child = seat or listed("seats", PATH)
    return over_lists(campus, lists, courses, child, sync=deleting(way, "seats", **more))


def change(lists: Lists, *numbers: int) -> None:
    """From now on these courses alone are new; their seats have lost the first one."""
    lists.rows["courses"] = [course(number, 2) for number in numbers]
    for number in numbers:
        lists.rows[f"seats-{number}"] = seats(number, 4)[1:]


def kept(*gone: int) -> list[int]:
    return [row["id"] for number in (1, 2, 3) for row in seats(number, 4) if row["id"] not in gone]


@pytest.mark.parametrize("way", ["keep", "soft", "hard"])
def test_of_the_parents_that_were_read_absent_rows_go(campus: Campus, lists: Lists, way: str) -> None:
    school(campus, lists, way, parent_column="course_id").sync()
    change(lists, 2)
    lists.rows["seats-1"] = []  # nobody asks for it
    line = campus.sync().resources["seats"]
    assert (line.status, line.rows_absent) == (Status.COMPLETE, 1)
    assert line.rows_deleted == (None if way == "keep" else 1)
    assert campus.ids("seats") == (kept(20) if way == "hard" else kept())
    if way == "soft":
        assert campus.column("SELECT id FROM seats WHERE _deleted_at IS NOT NULL") == [20]
        lists.rows["courses"], lists.rows["seats-2"] = [course(2, 3)], seats(2, 4)
        assert campus.sync().resources["seats"].rows_absent == 0
        assert campus.column("SELECT id FROM seats WHERE _deleted_at IS NOT NULL") == []


@pytest.mark.parametrize("way", ["soft", "hard"])
def test_in_sqlite_absent_rows_of_a_parent_go_too(campus: Campus, lists: Lists, way: str) -> None:
    there = {"destination": f"sqlite:///{campus.folder}/rows.db", "dataset": "main"}
    school(campus, lists, way, parent_column="course_id").sync(**there)
    change(lists, 2)
    line = campus.sync(**there).resources["seats"]
    assert (line.rows_absent, line.rows_deleted) == (1, 1)
    assert line.rows_in_table == (12 if way == "soft" else 11)


def test_the_fields_of_the_parent_in_the_primary_key_tell_it_too(campus: Campus, lists: Lists) -> None:
    for number in (1, 2, 3):  # one person has a seat in each course
        lists.rows[f"seats-{number}"] = rows(0, 4)
    seat = listed("seats", PATH, include_from_parent=["id"], primary_key=["_courses_id", "id"])
    school(campus, lists, seat=seat).sync()
    change(lists, 2)
    lists.rows["seats-2"] = rows(1, 4)
    assert campus.sync().resources["seats"].rows_deleted == 1
    assert campus.query("SELECT _courses_id, id FROM seats WHERE id = 0 ORDER BY 1") == [(1, 0), (3, 0)]


def test_rows_that_may_belong_to_several_parents_are_kept_and_told(campus: Campus, lists: Lists) -> None:
    school(campus, lists, seat=listed("seats", PATH, include_from_parent=["id"])).sync()
    change(lists, 2)
    line = campus.sync().resources["seats"]
    assert (line.rows_absent, line.rows_deleted, campus.ids("seats")) == (None, 0, kept())
    assert "its rows do not tell their one parent" in line.note and "sync.resources.seats.parent_column" in line.note


def test_a_column_that_is_not_there_is_told_and_deletes_nothing(campus: Campus, lists: Lists) -> None:
    school(campus, lists, parent_column="course").sync()
    change(lists, 2)
    line = campus.sync().resources["seats"]
    assert (line.rows_absent, line.rows_deleted, campus.ids("seats")) == (None, 0, kept())
    assert "parent_column: the table seats has no column course" in line.note


def test_a_parent_whose_list_is_not_proved_loses_nothing(campus: Campus, lists: Lists) -> None:
    school(campus, lists, parent_column="course_id").sync()
    change(lists, 1, 2)
    lists.totals["seats-1"] = 9
    line = campus.sync().resources["seats"]
    assert (line.status, line.rows_absent, line.rows_deleted) == (Status.INCOMPLETE, 1, 1)
    assert campus.ids("seats") == kept(20)


def test_where_the_read_of_a_child_fails_nothing_goes(campus: Campus, lists: Lists) -> None:
    school(campus, lists, parent_column="course_id").sync()
    change(lists, 1, 2)
    lists.refused = {"seats-1"}
    line = campus.sync().resources["seats"]
    assert (line.status, line.rows_absent, line.rows_deleted) == (Status.FAILED, None, None)
    assert campus.ids("seats") == kept()


def test_parents_that_were_not_proved_still_prove_their_own_children(campus: Campus, lists: Lists) -> None:
    numbered = {"paginator": {"type": "page_number", "base_page": 1, "total_path": None}}
    over_lists(
        campus,
        lists,
        listed("courses", endpoint=numbered),
        listed("seats", PATH),
        sync=deleting("hard", "seats", parent_column="course_id"),
    )
    campus.sync()
    change(lists, 2, 3)
    line = campus.sync().resources["seats"]
    assert (line.status, line.rows_absent, line.rows_deleted) == (Status.UNPROVED, 6, 2)
    assert campus.ids("seats") == kept(20, 30)


def test_the_guard_weighs_the_rows_of_the_parents_that_were_read(campus: Campus, lists: Lists) -> None:
    for number in (1, 2, 3):
        lists.rows[f"seats-{number}"] = rows(100 * number, 100 * number + 50, course_id=number)
    school(campus, lists, parent_column="course_id").sync()
    lists.rows["courses"], lists.rows["seats-2"] = [course(2, 2)], rows(225, 250, course_id=2)
    report = campus.sync()
    line = report.resources["seats"]
    assert (line.status, line.rows_absent, line.rows_deleted) == (Status.DELETES_REFUSED, 25, 0)
    assert "25 of the 50 rows of the table seats (of the parent that was read) did not come" in line.note
    assert exit_code(report) == 3
    lists.rows["courses"] = [course(2, 3)]
    assert campus.sync(allow_deletes=True).resources["seats"].rows_deleted == 25


def test_children_that_were_all_read_go_with_their_parents_as_ever(campus: Campus, lists: Lists) -> None:
    sync = deleting("hard", "courses", "seats")
    sync["resources"]["seats"]["parent_column"] = "course_id"
    over_lists(campus, lists, listed("courses"), listed("seats", PATH), sync=sync).sync()
    lists.rows["courses"] = [course(1, 1), course(3, 1)]
    report = campus.sync()
    assert [line.rows_deleted for line in report.resources.values()] == [1, 4]
    assert campus.ids("seats") == kept(20, 21, 22, 23)


def test_in_a_plain_run_the_parent_is_not_named() -> None:
    seat = {"name": "seats", "endpoint": {"path": "/seats"}}
    with pytest.raises(ConfigError, match=r"sync\.resources\.seats\.parent_column: is for homeroom sync alone"):
        rest_api_source(
            {"client": {"base_url": "http://127.0.0.1:9"}, "resources": [seat]},  # type: ignore[list-item]
            sync={"resources": {"seats": {"parent_column": "course_id"}}},
        )


def test_a_limit_deletes_nothing(campus: Campus, lists: Lists) -> None:
    school(campus, lists, parent_column="course_id").sync()
    change(lists, 2)
    line = campus.sync(limit=50).resources["seats"]
    assert (line.rows_deleted, campus.ids("seats")) == (0, kept())


@pytest.mark.parametrize(
    ("seat", "says"),
    [
        (listed("seats"), "the resource has no parent"),
        (listed("seats", PATH, endpoint={"incremental": CHANGED}), "an `incremental` of its own"),
        (listed("seats", PATH + "-{resources.courses.changed}"), "its requests take changed, id of it"),
    ],
    ids=["no parent", "own cursor", "two fields"],
)
def test_a_column_that_could_not_tell_the_parent_is_refused(
    campus: Campus, lists: Lists, seat: dict[str, Any], says: str
) -> None:
    school(campus, lists, seat=seat, parent_column="course_id")
    with pytest.raises(ConfigError, match=r"sync\.resources\.seats\.parent_column") as caught:
        campus.sync()
    assert says in str(caught.value)
