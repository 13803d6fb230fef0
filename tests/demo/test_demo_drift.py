"""Data that changes under a reader, deterministically."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from homeroom.demo import Dials

if TYPE_CHECKING:
    from conftest import Client

Opened = Callable[..., "Client"]
Row = dict[str, Any]
FIRST, COURSES = 1001, 8


def ids(rows: Iterable[Row]) -> list[int]:
    """In the order given."""
    return [row["id"] for row in rows]


def by_offset(client: "Client", path: str = "/v1/courses", size: int = 2, **query: object) -> list[Row]:
    """Rows of a walk that believes the total."""
    read: list[Row] = []
    offset, total = 0, 1
    while offset < total:
        body = client.get(path, offset=offset, limit=size, **query).json()
        read += body["data"]
        offset, total = offset + size, body["total"]
    return read


def by_page(client: "Client") -> list[Row]:
    """Rows of a walk by page number."""
    read: list[Row] = []
    page = pages = 1
    while page <= pages:
        body = client.get("/page/courses", page=page, per_page=2).json()
        read += body["items"]
        page, pages = page + 1, body["total_pages"]
    return read


def by_cursor(client: "Client") -> list[Row]:
    """Rows of a walk by keyset."""
    read: list[Row] = []
    query: dict[str, object] = {"limit": 2}
    while "cursor" not in query or query["cursor"]:
        body = client.get("/cursor/courses", **query).json()
        read += body["results"]
        query["cursor"] = body["cursors"]["next"]
    return read


def test_an_insert_makes_an_offset_reader_repeat_and_miss(opened: Opened) -> None:
    """Each new row pushes the others back by one."""
    client = opened(drift="insert", drift_every=2)
    assert ids(by_offset(client)) == [1001, 1002, 1002, 1003, 1004, 1005, 1005, 1006, 1007, 1008]
    assert ids(client.school.rows("courses")) == list(range(1001, 1011))


def test_an_insert_makes_a_page_number_reader_repeat(opened: Opened) -> None:
    """As it does by offset."""
    read = ids(by_page(opened(drift="insert", drift_every=2)))
    assert len(read) > len(set(read)) and 1009 not in read


def test_an_insert_does_not_harm_a_keyset_reader(opened: Opened) -> None:
    """New ids are above all others."""
    client = opened(drift="insert", drift_every=2)
    read = by_cursor(client)
    assert ids(read) == sorted(set(ids(read))) and read == client.school.rows("courses")[: len(read)]


def test_a_delete_makes_an_offset_reader_miss(opened: Opened) -> None:
    """Rows that are still there are never read."""
    client = opened(drift="delete", drift_every=2)
    missed = set(ids(client.school.rows("courses"))) - set(ids(by_offset(client)))
    truth = ids(client.school.rows("courses"))
    assert missed and missed <= set(truth) and truth[0] > FIRST


def test_a_delete_does_not_make_a_keyset_reader_miss(opened: Opened) -> None:
    """What is left was read."""
    client = opened(drift="delete", drift_every=2)
    read = ids(by_cursor(client))
    assert set(ids(client.school.rows("courses"))) <= set(read) and len(read) == len(set(read))


def test_both_keep_the_total_and_change_the_rows(opened: Opened) -> None:
    """An offset reader has rows that are gone, and misses new ones, while every count agrees."""
    client = opened(drift="both", drift_every=2)
    read, truth = ids(by_offset(client)), ids(client.school.rows("courses"))
    assert len(read) == len(truth) == len(set(read)) == COURSES
    assert set(read) - set(truth) == {1001, 1002} and set(truth) - set(read) == {1009, 1010}


def test_a_move_keeps_total_and_truth_and_breaks_the_walk(opened: Opened) -> None:
    """One row is repeated where another is missed."""
    client = opened(drift="move", drift_every=2)
    before = client.school.rows("courses")
    read = ids(by_offset(client))
    assert client.school.rows("courses") == before
    assert len(read) == COURSES and len(set(read)) < COURSES


def test_a_move_does_not_harm_a_keyset_reader(opened: Opened) -> None:
    """It goes by id, whatever the sort key is."""
    client = opened(drift="move", drift_every=2)
    assert by_cursor(client) == client.school.rows("courses")


@pytest.mark.parametrize("style", ["v1", "page", "link", "link-relative", "header", "search"])
def test_a_moved_row_comes_first_in_every_numbered_style(style: str, opened: Opened) -> None:
    """They share one order."""
    client = opened(drift="move", drift_every=1)
    answer = client.post("/search/courses", json={}) if style == "search" else client.get(f"/{style}/courses")
    body = answer.json()
    rows = body if isinstance(body, list) else next(value for value in body.values() if isinstance(value, list))
    assert ids(rows) == [1008, *range(1001, 1008)]


def test_all_stays_in_order_of_id(opened: Opened) -> None:
    """There is no front to move to."""
    client = opened(drift="move", drift_every=1)
    assert client.get("/all/courses").json()["data"] == client.school.rows("courses")


@pytest.mark.parametrize("kind", ["insert", "delete", "both", "move"])
def test_drift_is_the_same_from_run_to_run(kind: str, opened: Opened) -> None:
    """Rows and walks alike."""
    clients = [opened(drift=kind, drift_every=2) for _ in range(2)]
    first, second = ((by_offset(client), client.school.rows("courses")) for client in clients)
    assert first == second


def test_totals_follow(opened: Opened) -> None:
    """With each answer."""
    client = opened(drift="insert", drift_every=1)
    assert [client.get("/v1/courses").json()["total"] for _ in range(3)] == [9, 10, 11]


def test_a_new_row_is_the_newest(opened: Opened) -> None:
    """So that a reader of changes finds it; all else is as in the row that was first."""
    client = opened(drift="insert", drift_every=2)
    before = client.get("/v1/courses").json()["data"]
    newest = max((row["updated_at"] for row in before), key=datetime.fromisoformat)
    new = client.get("/v1/courses", limit=1).json()["data"][0]
    assert new == before[0] | {"id": 1009, "updated_at": newest}
    assert new in client.get("/v1/courses", updated_since=newest).json()["data"]


def test_only_the_entity_asked_for_drifts(opened: Opened) -> None:
    """And only on paths of the pattern."""
    client = opened(drift="delete", drift_every=1, only="*/courses")
    client.get("/v1/terms")
    client.get("/v1/courses")
    assert (len(client.school.rows("terms")), len(client.school.rows("courses"))) == (3, COURSES - 1)
    client.get("/v1/courses/1002")
    assert len(client.school.rows("courses")) == COURSES - 1


def test_children_drift_at_their_own_front(opened: Opened) -> None:
    """The new row is of the same parent, and first there."""
    client = opened(drift="insert", drift_every=2, only="/v1/courses/1003/*")
    before = client.get("/v1/courses/1003/sections").json()["data"]
    after = client.get("/v1/courses/1003/sections").json()["data"]
    assert after[1:] == before and after[0]["course_id"] == 1003 and after[0]["id"] > max(ids(before))


def test_a_filtered_list_drifts_at_its_own_front(opened: Opened) -> None:
    """Where its reader is."""
    client = opened(drift="delete", drift_every=2)
    before = client.get("/v1/people", role="teacher").json()["data"]
    assert client.get("/v1/people", role="teacher").json()["data"] == before[1:]


def test_a_list_by_time_drifts_at_its_own_front(opened: Opened) -> None:
    """The last row becomes as old as the first, and says so."""
    client = opened(drift="move", drift_every=2)
    before = client.get("/v1/courses", sort="updated_at").json()["data"]
    after = client.get("/v1/courses", sort="updated_at").json()["data"]
    assert ids(after) == [ids(before)[-1], *ids(before)[:-1]]
    assert after[0]["updated_at"] == before[0]["updated_at"]
    assert after[0] in client.school.rows("courses")


def test_an_insert_into_a_list_by_time_comes_first(opened: Opened) -> None:
    """By its sort key, at the same instant."""
    client = opened(drift="insert", drift_every=2)
    before = client.get("/v1/courses", sort="updated_at").json()["data"]
    after = client.get("/v1/courses", sort="updated_at").json()["data"]
    assert ids(after) == [1009, *ids(before)]


@pytest.mark.parametrize("kind", ["insert", "delete", "both", "move"])
def test_an_empty_list_stays_empty(kind: str, opened: Opened) -> None:
    """There is nothing to copy, take or move."""
    client = opened()
    for row in client.school.rows("terms"):
        client.school.remove("terms", row["id"])
    client.school.set_dials(Dials(drift=kind, drift_every=1))
    assert client.get("/v1/terms").json() == {"data": [], "total": 0}


def test_a_failed_request_drifts_too_and_a_refused_key_does_not(opened: Opened) -> None:
    """The data changes before the answer is made."""
    client = opened(drift="delete", drift_every=1, always=503)
    client.get("/v1/terms")
    assert len(client.school.rows("terms")) == 2
    client.school.set_dials(Dials(drift="delete", drift_every=1, expire_key_after=1))
    client.get("/v1/terms")
    assert len(client.school.rows("terms")) == 2


def test_drift_rests_without_its_kind(opened: Opened) -> None:
    """`drift_every` alone does nothing."""
    client = opened(drift_every=1)
    client.get("/v1/terms")
    assert len(client.school.rows("terms")) == 3
