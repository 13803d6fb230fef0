"""Filters, order and reading by POST."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from homeroom.demo import School

if TYPE_CHECKING:
    from conftest import Client

Opened = Callable[..., "Client"]
SINCE = "2026-01-15T10:30:00+05:30"


def instant(row: dict[str, Any]) -> datetime:
    """When the row was changed."""
    return datetime.fromisoformat(row["updated_at"])


def since(school: School, entity: str, text: str) -> list[dict[str, Any]]:
    """The rows changed at this moment or later."""
    return [row for row in school.rows(entity) if instant(row) >= datetime.fromisoformat(text)]


def test_updated_since_compares_instants(client: "Client", school: School) -> None:
    """Whatever zone the row or the question has."""
    body = client.get("/v1/people", updated_since=SINCE, limit=1000).json()
    assert body == {"data": since(school, "people", SINCE), "total": len(since(school, "people", SINCE))}
    assert 0 < body["total"] < 104


def test_updated_since_has_the_moment_itself(client: "Client", school: School) -> None:
    """At or after."""
    newest = max(school.rows("people"), key=instant)
    asked = instant(newest).astimezone(UTC).isoformat()
    assert client.get("/v1/people", updated_since=asked).json()["data"] == [newest]


@pytest.mark.parametrize("text", ["2026-01-15", "2026-01-15T00:00:00", "2026-01-15T00:00:00Z"])
def test_a_moment_without_a_zone_is_in_utc(text: str, client: "Client", school: School) -> None:
    """A day begins at midnight."""
    body = client.get("/v1/people", updated_since=text, limit=1000).json()
    assert body["data"] == since(school, "people", "2026-01-15T00:00:00+00:00")


def test_role_and_school_are_filters_that_add_up(client: "Client", school: School) -> None:
    """Both have to fit."""
    rows = client.get("/v1/people", role="student", school_id=101).json()["data"]
    assert rows == [row for row in school.rows("people") if row["role"] == "student" and row["school_id"] == 101]
    assert rows


def test_a_filter_on_a_column_that_is_not_there_excludes_nothing(client: "Client") -> None:
    """Terms have no role."""
    assert client.get("/v1/terms", role="student", school_id=7).json()["total"] == 3


def test_filters_narrow_children_too(client: "Client", school: School) -> None:
    """They are offset pages."""
    rows = client.get("/v1/sections/20003/enrollments", role="teacher").json()["data"]
    assert [row["role"] for row in rows] == ["teacher"]
    assert rows[0] in school.rows("enrollments")


def test_other_styles_know_no_filters(client: "Client") -> None:
    """As many servers."""
    assert client.get("/link/people", role="teacher").json()["count"] == 104


def test_ignored_filters_are_ignored_without_a_word(opened: Opened) -> None:
    """Even nonsense."""
    client = opened(ignore_filters="on")
    for query in ({"role": "teacher"}, {"school_id": 101}, {"updated_since": SINCE}, {"updated_since": "soon"}):
        answer = client.get("/v1/people", **query)
        assert (answer.status_code, answer.json()["total"]) == (200, 104)


def test_ignored_filters_leave_the_order_alone(client: "Client") -> None:
    """It is no filter."""
    dials = "ignore_filters=on"
    rows = client.get("/v1/people", dials=dials, sort="updated_at", role="teacher", limit=1000).json()["data"]
    assert len(rows) == 104 and rows == sorted(rows, key=instant)


def test_sorted_by_time_the_oldest_comes_first(client: "Client", school: School) -> None:
    """Rows of one instant by id, and a walk has each row once."""
    pages = [
        client.get("/v1/people", sort="updated_at", offset=offset, limit=50).json()["data"] for offset in (0, 50, 100)
    ]
    read = [row for page in pages for row in page]
    assert read == sorted(school.rows("people"), key=lambda row: (instant(row), row["id"]))


def test_sorted_by_id_is_as_not_sorted(client: "Client") -> None:
    """The order there is."""
    assert client.get("/v1/people", sort="id").json() == client.get("/v1/people").json()


def test_children_are_sorted_by_time_too(client: "Client") -> None:
    """By instant, not by text."""
    rows = client.get("/v1/courses/1003/sections", sort="updated_at").json()["data"]
    assert len(rows) > 1 and rows == sorted(rows, key=instant)


def test_order_filter_and_change_go_together(opened: Opened) -> None:
    """What changes is found again, at the end."""
    client = opened()
    row = client.school.rows("people")[5] | {"updated_at": "2027-01-01T00:00:00Z"}
    assert row not in client.get("/v1/people", sort="updated_at", updated_since=SINCE).json()["data"]
    client.school.put("people", row)
    assert client.get("/v1/people", sort="updated_at", updated_since=SINCE).json()["data"][-1] == row


def test_a_row_without_a_moment_is_the_oldest(opened: Opened) -> None:
    """And changed since no moment at all."""
    client = opened()
    client.school.put("terms", {"id": 99, "name": "Someday", "updated_at": "soon"})
    assert client.get("/v1/terms", sort="updated_at").json()["data"][0]["id"] == 99
    assert client.get("/v1/terms", updated_since="1970-01-01").json()["total"] == 3


@pytest.mark.parametrize("question", ["updated_since=soon", "sort=name", "sort="])
def test_a_bad_filter_is_a_400_that_names_it(question: str, client: "Client") -> None:
    """And says what is allowed."""
    answer = client.get(f"/v1/people?{question}")
    assert answer.status_code == 400 and question.split("=")[0] + "='" in answer.json()["message"]
    assert "allowed: " in answer.json()["message"]


@pytest.mark.parametrize(
    "options",
    [
        {"json": {"offset": 1, "limit": 3, "sort": "updated_at", "filters": {"role": "student", "school_id": 101}}},
        {"data": {"offset": 1, "limit": 3, "sort": "updated_at", "role": "student", "school_id": 101}},
        {"data": {"offset": "1", "limit": "3", "sort": "updated_at", "filters[role]": "student", "school_id": "101"}},
    ],
)
def test_a_search_answers_as_the_offset_list(options: dict[str, object], client: "Client") -> None:
    """JSON and form alike."""
    query = {"offset": 1, "limit": 3, "sort": "updated_at", "role": "student", "school_id": 101}
    body = client.post("/search/people", **options).json()
    assert body == client.get("/v1/people", **query).json()
    assert len(body["data"]) == 3 < body["total"]


def test_a_search_for_changes_compares_instants(client: "Client", school: School) -> None:
    """As in a query."""
    body = client.post("/search/people", json={"filters": {"updated_since": SINCE}, "limit": 1000}).json()
    assert body["data"] == since(school, "people", SINCE)


@pytest.mark.parametrize("options", [{}, {"json": {}}, {"json": {"offset": None, "filters": None}}])
def test_a_search_for_nothing_begins_at_the_first_row(options: dict[str, object], client: "Client") -> None:
    """A hundred rows of all."""
    assert client.post("/search/people", **options).json() == client.get("/v1/people").json()


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"data": b"{", "headers": "application/json"}, 400),
        ({"json": []}, 400),
        ({"json": {"filters": ["role"]}}, 400),
        ({"json": {"offset": 1.5}}, 400),
        ({"json": {"limit": True}}, 400),
        ({"json": {"limit": 0}}, 400),
        ({"data": {"offset": "-1"}}, 400),
        ({"data": b"<search/>"}, 415),
    ],
)
def test_a_search_that_cannot_be_read_is_refused(options: dict[str, Any], status: int, client: "Client") -> None:
    """Saying what is allowed."""
    if "headers" in options:
        headers = {"X-Api-Key": client.school.api_key, "Content-Type": options["headers"]}
        answer = client.bare_post("/search/people", data=options["data"], headers=headers)
    else:
        answer = client.post("/search/people", **options)
    assert answer.status_code == status and "allowed: " in answer.json()["message"]


def test_a_search_is_asked_by_post_alone(client: "Client") -> None:
    """GET is a 405."""
    answer = client.get("/search/people")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


def test_a_search_needs_the_key(client: "Client") -> None:
    """In the query or a header, as ever."""
    assert client.bare_post("/search/people", json={}).status_code == 401
    assert client.bare_post(f"/search/people?api_key={client.school.api_key}", json={}).status_code == 200


def test_dials_are_for_searches_too(opened: Opened) -> None:
    """Pages, totals and failures."""
    client = opened(page_cap=2, total="text", fail_every=((503, 2),))
    body = client.post("/search/people", json={"limit": 50}).json()
    assert (len(body["data"]), body["total"]) == (2, "104")
    assert client.post("/search/people", json={}).status_code == 503


def test_the_log_has_what_a_search_asked(opened: Opened) -> None:
    """As text, and no key."""
    client = opened()
    client.post("/search/people", json={"offset": 5, "filters": {"role": client.school.api_key}})
    entry = client.school.requests[0]
    assert (entry.method, entry.resource, dict(entry.query)) == ("POST", "people", {})
    assert dict(entry.posted) == {"offset": "5", "role": "***"}
