"""Rows that the API has deleted, in PostgreSQL: taken out, marked, told by the row, named by a list; and the guard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from homeroom.values import Status

from .pg_campus import PgCampus, ids, listed

if TYPE_CHECKING:
    from ..sync.conftest import Fresh
    from ..sync.list_server import Lists

FIRST = {"disposition": "merge", "strategy": "insert-only"}


def deleting(way: str, **more: Any) -> dict[str, Any]:
    """A `sync:` section that deletes people."""
    return {"resources": {"people": {"deletes": way, **more}}, "retry": {"attempts": 1}}


@pytest.fixture
def people(campus: PgCampus, lists: Lists) -> PgCampus:
    """A campus over a list of people with two nested rows each."""
    lists.rows["people"] = ids(0, 10, tags=["a", "b"])
    return campus


def test_rows_that_did_not_come_are_taken_out_with_what_is_nested_in_them(people: PgCampus, lists: Lists) -> None:
    people.over(lists, listed("people"), sync=deleting("hard")).sync()
    lists.rows["people"] = lists.rows["people"][1:]
    assert people.sync().resources["people"].rows_deleted == 1
    assert people.ids("people") == list(range(1, 10))
    assert people.column("SELECT count(*) FROM people__tags") == [18]


def test_rows_that_did_not_come_are_marked_and_unmarked_when_they_return(people: PgCampus, lists: Lists) -> None:
    people.over(lists, listed("people"), sync=deleting("soft")).sync()
    every = lists.rows["people"]
    lists.rows["people"] = every[1:]
    assert people.sync().resources["people"].rows_deleted == 1
    assert people.column("SELECT id FROM people WHERE _deleted_at IS NOT NULL") == [0]
    lists.rows["people"] = every
    people.sync()
    assert people.column("SELECT id FROM people WHERE _deleted_at IS NOT NULL") == []


def test_too_many_deletes_are_refused(people: PgCampus, lists: Lists) -> None:
    lists.rows["people"] = ids(0, 100)
    people.over(lists, listed("people"), sync=deleting("hard")).sync()
    lists.rows["people"] = ids(50, 100)
    line = people.sync().resources["people"]
    assert (line.status, line.rows_deleted) == (Status.DELETES_REFUSED, 0)
    assert len(people.ids("people")) == 100
    assert people.sync(allow_deletes=True).resources["people"].rows_deleted == 50


def test_rows_that_say_so_are_deleted_by_the_hint_of_dlt(people: PgCampus, lists: Lists) -> None:
    hint = {"gone": {"data_type": "bool", "hard_delete": True}}
    people.over(lists, listed("people", columns=hint)).sync()
    lists.rows["people"] = [{"id": 3, "gone": True}, {"id": 4, "gone": False}]
    people.sync()
    assert people.ids("people") == [0, 1, 2, 4, 5, 6, 7, 8, 9]


@pytest.mark.parametrize("way", ["soft", "hard"])
def test_tombstones_in_the_list_itself_are_heeded(people: PgCampus, lists: Lists, way: str) -> None:
    lists.rows["people"] = ids(0, 10, state="active")
    people.over(lists, listed("people"), sync=deleting(way, deleted_when="state == deleted")).sync()
    lists.rows["people"] = [{"id": 2, "state": "deleted"}, *lists.rows["people"][3:], *lists.rows["people"][:2]]
    line = people.sync().resources["people"]
    assert (line.status, line.rows_deleted) == (Status.COMPLETE, 1)
    left = "SELECT count(*) FROM people" + (" WHERE _deleted_at IS NULL" if way == "soft" else "")
    assert people.column(left) == [9]


@pytest.mark.parametrize("way", ["soft", "hard"])
def test_rows_that_a_list_of_deletes_names_are_deleted(people: PgCampus, lists: Lists, way: str) -> None:
    lists.rows["gone"] = []
    gone = listed("gone", write_disposition=FIRST)
    people.over(lists, listed("people"), gone, sync=deleting(way, deleted_in="gone")).sync()
    lists.rows["gone"] = [{"id": 2}, {"id": 5}]
    lists.rows["people"] = [row for row in lists.rows["people"] if row["id"] not in (2, 5)]
    assert people.sync().resources["people"].rows_deleted == 2
    left = "SELECT id FROM people" + (" WHERE _deleted_at IS NULL" if way == "soft" else "")
    assert sorted(people.column(left)) == [0, 1, 3, 4, 6, 7, 8, 9]


def test_deletes_that_a_killed_run_owes_are_made_up(people: PgCampus, lists: Lists, fresh: Fresh) -> None:
    people.over(lists, listed("people"), sync=deleting("hard")).sync()
    lists.rows["people"] = lists.rows["people"][1:]
    assert fresh.run(people, "journal closed") == {"signal": 9}
    assert people.ids("people") == list(range(10))
    assert fresh.run(people) == {"status": "complete", "landed": True}
    assert people.ids("people") == list(range(1, 10))
