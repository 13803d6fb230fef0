"""Rows that the API has deleted: kept, marked or taken out; by absence and by what they say themselves."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # the helpers beside this file; importlib mode adds no folder

from list_server import Lists

from homeroom.errors import ConfigError
from homeroom.report import exit_code
from homeroom.values import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Campus

WAYS = ["keep", "soft", "hard"]


def deleting(way: str, name: str = "people", **more: Any) -> dict[str, Any]:
    """A `sync:` section."""
    return {"resources": {name: {"deletes": way, **more}}}


def live(campus: Campus, table: str = "people") -> list[int]:
    """The ids of the rows that are not marked."""
    return campus.column(f"SELECT id FROM {table} WHERE _deleted_at IS NULL ORDER BY id")


@pytest.mark.parametrize("way", WAYS)
def test_rows_that_are_gone_are_kept_marked_or_taken_out(campus: Campus, way: str) -> None:
    campus.configure("people", sync=deleting(way))
    campus.sync()
    before = campus.true_ids("people")
    for row_id in before[:3]:
        campus.school.remove("people", row_id)
    report = campus.sync()
    line = report.resources["people"]
    assert (line.status, line.rows_absent, exit_code(report)) == (Status.COMPLETE, 3, 0)
    assert line.rows_deleted == {"keep": None, "soft": 3, "hard": 3}[way]
    assert campus.ids("people") == (before[3:] if way == "hard" else before)
    if way == "soft":
        assert live(campus) == before[3:]
    again = campus.sync().resources["people"]
    assert (again.rows_absent, again.rows_deleted) == {"keep": (3, None), "soft": (0, 0), "hard": (0, 0)}[way]


def test_hard_deletes_take_the_nested_rows_too(campus: Campus) -> None:
    campus.configure("people", sync=deleting("hard"))
    campus.sync()
    gone = campus.true_ids("people")[0]
    assert campus.column("SELECT count(*) FROM people__roles")[0] > 0
    campus.school.remove("people", gone)
    campus.sync()
    orphans = "SELECT count(*) FROM people__roles WHERE _dlt_parent_id NOT IN (SELECT _dlt_id FROM people)"
    roles = sum(len(row["roles"]) for row in campus.school.rows("people"))
    assert campus.column(orphans) == [0]
    assert campus.column("SELECT count(*) FROM people__roles") == [roles]


@pytest.mark.parametrize("strategy", ["delete-insert", "upsert"])
def test_a_row_that_returns_is_clear_of_its_mark(campus: Campus, strategy: str) -> None:
    disposition = {"disposition": "merge", "strategy": strategy}
    people = {"name": "people", "write_disposition": disposition, "endpoint": {"path": "/v1/people"}}
    campus.configure(people, sync=deleting("soft"))
    campus.sync()
    row = campus.school.rows("people")[0]
    campus.school.remove("people", row["id"])
    campus.sync()
    assert row["id"] not in live(campus)
    campus.school.put("people", row)
    campus.sync()
    assert live(campus) == campus.true_ids("people")


def test_a_mark_keeps_the_time_of_the_first_run_that_missed_the_row(campus: Campus) -> None:
    campus.configure("people", sync=deleting("soft"))
    campus.sync()
    campus.school.remove("people", campus.true_ids("people")[0])
    campus.sync()
    marked = campus.column("SELECT _deleted_at FROM people WHERE _deleted_at IS NOT NULL")
    campus.sync()
    assert campus.column("SELECT _deleted_at FROM people WHERE _deleted_at IS NOT NULL") == marked != []


@pytest.mark.parametrize("way", ["soft", "hard"])
def test_a_read_that_is_not_proved_deletes_nothing(campus: Campus, way: str) -> None:
    numbered = {"path": "/page/people", "data_selector": "items", "paginator": {"type": "page_number", "base_page": 1}}
    campus.configure({"name": "people", "endpoint": numbered}, sync=deleting(way))
    campus.sync()
    campus.school.remove("people", campus.true_ids("people")[0])
    line = campus.sync().resources["people"]
    assert (line.status, line.rows_absent, line.rows_deleted) == (Status.UNPROVED, 1, 0)


def test_a_resource_that_failed_deletes_nothing(campus: Campus) -> None:
    campus.configure("people", "terms", sync={**deleting("hard"), "retry": {"attempts": 1}})
    campus.sync()
    before = campus.ids("people")
    campus.dial("always=500,only=/v1/people")
    line = campus.sync().resources["people"]
    assert (line.status, line.rows_deleted, campus.ids("people")) == (Status.FAILED, None, before)


def test_an_incremental_read_deletes_nothing(campus: Campus) -> None:
    cursor = {"cursor_path": "updated_at", "initial_value": "2000-01-01T00:00:00Z", "start_param": "updated_since"}
    campus.configure(
        {"name": "people", "endpoint": {"path": "/v1/people", "incremental": cursor}}, sync=deleting("hard")
    )
    campus.sync()
    before = campus.ids("people")
    campus.school.remove("people", before[0])
    assert campus.sync().resources["people"].rows_deleted == 0
    assert campus.ids("people") == before


@pytest.fixture
def lists() -> Iterator[Lists]:
    with Lists() as opened:
        yield opened


def rows(first: int, last: int, **more: Any) -> list[dict[str, Any]]:
    return [{"id": number, **more} for number in range(first, last)]


@pytest.fixture
def plain(campus: Campus, lists: Lists) -> Campus:
    """A campus that reads `/people` of plain lists."""
    text = campus.configure({"name": "people", "endpoint": {"path": "/people"}}, sync=deleting("hard")).read_text()
    campus.config.write_text(text.replace(campus.school.url, lists.url))
    return campus


def test_more_than_a_fifth_is_refused_until_it_is_allowed(plain: Campus, lists: Lists) -> None:
    lists.rows["people"] = rows(0, 100)
    plain.sync()
    lists.rows["people"] = rows(21, 101)
    report = plain.sync()
    line = report.resources["people"]
    assert (line.status, line.rows_deleted, exit_code(report)) == (Status.DELETES_REFUSED, 0, 3)
    assert "21 of the 100 rows of the table people did not come (21.0%" in line.note and "--allow-deletes" in line.note
    assert plain.ids("people") == [*range(101)]
    allowed = plain.sync(allow_deletes=True).resources["people"]
    assert (allowed.status, allowed.rows_deleted) == (Status.COMPLETE, 21)
    assert plain.ids("people") == [*range(21, 101)]


def test_twenty_rows_may_go_whatever_their_share(plain: Campus, lists: Lists) -> None:
    lists.rows["people"] = rows(0, 25)
    plain.sync()
    lists.rows["people"] = rows(20, 25)
    assert plain.sync().resources["people"].rows_deleted == 20


def test_an_empty_answer_deletes_nothing(plain: Campus, lists: Lists) -> None:
    lists.rows["people"] = rows(0, 5)
    plain.sync()
    lists.rows["people"] = []
    line = plain.sync().resources["people"]
    assert (line.status, line.rows_deleted, plain.ids("people")) == (Status.DELETES_REFUSED, 0, [0, 1, 2, 3, 4])
    assert plain.sync(allow_deletes=True).resources["people"].rows_deleted == 5


@pytest.mark.parametrize(("when", "value"), [("status == tobedeleted", "tobedeleted"), ("state.gone == true", True)])
@pytest.mark.parametrize("way", ["soft", "hard"])
def test_a_row_that_says_that_it_is_deleted_is(plain: Campus, lists: Lists, when: str, value: Any, way: str) -> None:
    given = {"status": value} if when.startswith("status") else {"state": {"gone": value}}
    text = plain.config.read_text().replace("deletes: hard", f"deletes: {way}\n      deleted_when: {when}")
    plain.config.write_text(text)
    other = {"status": "active"} if when.startswith("status") else {"state": {"gone": False}}
    lists.rows["people"] = [{"id": 1, **given}, {"id": 2, **other}]
    line = plain.sync().resources["people"]
    assert (line.status, line.rows_deleted) == (Status.COMPLETE, 1)
    assert (live(plain) if way == "soft" else plain.ids("people")) == [2]


def test_a_column_that_is_not_there_is_told(plain: Campus, lists: Lists) -> None:
    text = plain.config.read_text().replace("deletes: hard", "deletes: hard\n      deleted_when: nothing == 1")
    plain.config.write_text(text)
    lists.rows["people"] = rows(0, 2)
    assert "deleted_when: the table people has no column nothing" in plain.sync().resources["people"].note


@pytest.mark.parametrize(
    ("resource", "sync", "says"),
    [
        ({"write_disposition": "append"}, deleting("soft"), "deletes: only rows that are merged by a key"),
        ({"primary_key": []}, deleting("soft"), "deletes: only rows that are merged by a key"),
        (
            {"write_disposition": {"disposition": "merge", "strategy": "scd2"}},
            deleting("hard"),
            "deletes: this merge strategy does not write every row that comes; got 'scd2'",
        ),
        (
            {"write_disposition": {"disposition": "merge", "strategy": "insert-only"}},
            deleting("soft"),
            "deletes: this merge",
        ),
        ({}, deleting("keep", deleted_when="a == 1"), "deleted_when: says what is deleted, and deletes: keep keeps it"),
        ({}, deleting("soft", deleted_when="gone"), "deleted_when"),
        ({}, deleting("sometimes"), "deletes"),
    ],
)
def test_deletes_that_cannot_be_are_refused(
    campus: Campus, resource: dict[str, Any], sync: dict[str, Any], says: str
) -> None:
    campus.configure({"name": "people", "endpoint": {"path": "/v1/people"}, **resource}, sync=sync)
    with pytest.raises(ConfigError) as caught:
        campus.sync()
    assert f"sync.resources.people.{says}" in str(caught.value)


def test_children_of_a_parent_that_is_gone_go_too(campus: Campus) -> None:
    enrollments = {"name": "enrollments", "endpoint": {"path": "/v1/sections/{resources.sections.id}/enrollments"}}
    sync = {"resources": {"sections": {"deletes": "hard"}, "enrollments": {"deletes": "hard"}}}
    campus.configure("sections", enrollments, sync=sync)
    campus.sync()
    gone = campus.true_ids("sections")[0]
    campus.school.remove("sections", gone)
    report = campus.sync(allow_deletes=True)
    assert report.status is Status.COMPLETE
    expected = sorted(row["id"] for row in campus.school.rows("enrollments") if row["section_id"] != gone)
    assert campus.ids("enrollments") == expected
