"""Forgotten persons and tables made anew by another key, in PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from homeroom.sync_run import SyncOptions
from homeroom.sync_run.forget import forget
from homeroom.values import Status

from .pg_campus import PgCampus, ids, listed

if TYPE_CHECKING:
    from ..sync.list_server import Lists

OLD, NEW = "an-old-key-of-thirty-two-characters", "a-new-key-of-thirty-two-characters"


@pytest.fixture
def campus_of_people(campus: PgCampus, lists: Lists, monkeypatch: pytest.MonkeyPatch) -> PgCampus:
    monkeypatch.setenv("HOMEROOM_PRIVACY_KEY", OLD)
    lists.rows["people"] = ids(0, 5, tags=["a", "b"])
    lists.rows["marks"] = [{"id": number, "person_id": number, "teacher_id": 1} for number in range(5)]
    return campus


def test_a_person_goes_and_stays_out(campus_of_people: PgCampus, lists: Lists) -> None:
    campus = campus_of_people.over(lists, listed("people"), listed("marks"))
    campus.sync()
    done = forget(str(campus.config), "1", SyncOptions(campus.url, "campus", home=campus.home))
    assert {(each.table, each.act, each.rows) for each in done.tables} == {
        ("people", "deleted", 1),
        ("people__tags", "deleted", 2),
        ("marks", "deleted", 1),
        ("marks", "cleared", 4),
    }
    line = campus.sync().resources["people"]
    assert (line.status, line.rows_received, line.rows_in_table) == (Status.COMPLETE, 5, 4)
    assert campus.ids("people") == [0, 2, 3, 4]
    assert campus.column("SELECT count(*) FROM people__tags") == [8]
    assert campus.query("SELECT count(*), count(teacher_id) FROM marks") == [(4, 0)]


def test_a_table_is_made_anew_by_another_key(
    campus_of_people: PgCampus, lists: Lists, monkeypatch: pytest.MonkeyPatch
) -> None:
    campus = campus_of_people.over(lists, listed("people"), privacy={"columns": {"people.id": "hash"}})
    campus.sync()
    before = campus.column("SELECT id FROM people")
    monkeypatch.setenv("HOMEROOM_PRIVACY_KEY", NEW)
    assert campus.sync(rekey=True).resources["people"].status is Status.COMPLETE
    after = campus.column("SELECT id FROM people")
    assert len(after) == 5
    assert not {*before} & {*after}
    assert campus.column("SELECT count(*) FROM people__tags") == [10]
