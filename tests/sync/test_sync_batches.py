"""Several parents in one request: the same tables, by fewer requests."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # the helpers beside this file; importlib mode adds no folder

from deleting import deleting, listed, over_lists
from list_server import Lists, Row

from homeroom.values import Status

if TYPE_CHECKING:
    from conftest import Campus

FIELD = "{resources.courses.id}"
NAMED = {"name": "seats", "endpoint": {"path": "/seats", "params": {"ids[0]": FIELD}}}


class Asked(Lists):
    """Gives of the seats those of the courses that are asked for, and remembers what was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[list[str]] = []

    def listed(self, name: str, asked: dict[str, str]) -> Sequence[Row]:
        if name != "seats":
            return super().listed(name, asked)
        ids = [value for key, value in asked.items() if key.startswith("ids")]
        self.asked.append(ids)
        return [row for row in self.rows[name] if str(row["course_id"]) in ids]


@pytest.fixture
def lists() -> Iterator[Asked]:
    with Asked() as opened:
        opened.rows = {"courses": courses(100), "seats": seats(100)}
        yield opened


def courses(count: int, **more: Any) -> list[Row]:
    return [{"id": number, "changed": 1, **more} for number in range(count)]


def seats(count: int) -> list[Row]:
    """Two seats in each course, and none in each tenth."""
    return [{"id": 10 * c + n, "course_id": c} for c in range(count) if c % 10 for n in (1, 2)]


def test_of_a_hundred_parents_two_requests_bring_the_same_table(campus: Campus, lists: Asked) -> None:
    over_lists(campus, lists, listed("courses"), NAMED, sync={"resources": {"seats": {"batch": 50}}})
    line = campus.sync().resources["seats"]
    assert [len(ids) for ids in lists.asked] == [50, 50]
    assert (line.requests, line.status, line.rows_in_table) == (2, Status.COMPLETE, 180)
    assert campus.query("SELECT id, course_id FROM seats ORDER BY id") == [
        (row["id"], row["course_id"]) for row in lists.rows["seats"]
    ]


def test_absent_rows_go_parent_by_parent_where_a_column_tells_it(campus: Campus, lists: Asked) -> None:
    by_cursor = listed(
        "courses", endpoint={"incremental": {"cursor_path": "changed", "initial_value": 0, "start_param": "since"}}
    )
    sync = deleting("hard", "seats", batch=50, parent_column="course_id")
    over_lists(campus, lists, by_cursor, NAMED, sync=sync).sync()
    lists.rows["courses"] = courses(3, changed=2)
    lists.rows["seats"] = [{"id": 11, "course_id": 1}]
    line = campus.sync().resources["seats"]
    assert (line.rows_absent, line.rows_deleted) == (3, 3)  # one of course 1, both of course 2; others were not asked
    assert campus.ids("seats")[:3] == [11, 31, 32]


def test_a_request_that_fails_says_for_how_many_parents(campus: Campus, lists: Asked) -> None:
    lists.refused = {"seats"}
    over_lists(campus, lists, listed("courses"), NAMED, sync={"resources": {"seats": {"batch": 50}}})
    line = campus.sync().resources["seats"]
    assert line.status is Status.FAILED
    assert f"GET {lists.url}/seats (50 parents)?ids[0…49]=…&offset=0&limit=100: the server answered 400" in line.note
