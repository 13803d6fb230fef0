"""What a hook is told, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from homeroom.demo import Request
from homeroom.errors import LoadError
from homeroom.events import (
    Event,
    ListRead,
    ListsAsked,
    LooksPersonal,
    PageRead,
    ReadPlanned,
    RequestSent,
    ResourceFinished,
    ResourceStarted,
    RetryScheduled,
    StageStarted,
)

if TYPE_CHECKING:
    from conftest import Campus, OpenCampus


@pytest.fixture(scope="module")
def events(open_campus: OpenCampus) -> list[Event]:
    """The events of a run with two pages of enrollments, each at the second attempt."""
    campus = open_campus()
    campus.configure("enrollments", "terms")
    campus.dial("fail_503_every=2,only=/v1/enrollments")
    seen: list[Event] = []
    campus.sync(hooks=[seen.append])
    return seen


def test_stages_come_in_order(events: list[Event]) -> None:
    stages = [event.stage for event in events if isinstance(event, StageStarted)]
    assert stages == ["read", "load", "report"]
    assert isinstance(events[0], StageStarted)


def test_everything_is_read_before_the_load(events: list[Event]) -> None:
    loading = events.index(StageStarted("load"))
    assert all(isinstance(event, StageStarted | LooksPersonal) for event in events[loading:])


def test_a_resource_starts_before_its_pages_and_finishes_after_them(events: list[Event]) -> None:
    own = [event for event in events if getattr(event, "resource", "") == "enrollments"]
    assert isinstance(own[0], ResourceStarted)
    assert isinstance(own[-1], ResourceFinished)
    assert {type(event) for event in own[1:-1]} == {ListsAsked, RequestSent, PageRead, RetryScheduled, ListRead}


def test_a_list_is_asked_for_before_it_is_read(events: list[Event]) -> None:
    own = [event for event in events if isinstance(event, ListsAsked | ListRead) and event.resource == "enrollments"]
    assert own == [ListsAsked("enrollments", 1), ListRead("enrollments")]


def test_what_is_going_to_be_read_is_told_with_its_parents(campus: Campus) -> None:
    endpoint = {"path": "/v1/terms/{resources.terms.id}", "data_selector": "$", "paginator": "single_page"}
    campus.configure("people", "terms", {"name": "term", "endpoint": endpoint})
    seen: list[Event] = []
    campus.sync(hooks=[seen.append], select=("term",), limit=2)
    assert [e for e in seen if isinstance(e, ReadPlanned)] == [ReadPlanned((("terms", None), ("term", "terms")))]
    asked = [e for e in seen if isinstance(e, ListsAsked)]
    assert asked == [ListsAsked("terms", 1, 2), ListsAsked("term", 2, 2)]


def test_a_list_whose_rows_have_moved_is_asked_for_again(open_campus: OpenCampus) -> None:
    asked: list[Request] = []

    def move(request: Request) -> None:
        asked.append(request)
        if len(asked) == 2:
            campus.school.remove("people", campus.school.rows("people")[0]["id"])

    campus = open_campus(on_request=move)
    campus.configure("people", limit=20, sync={"concurrency": 1})
    seen: list[Event] = []
    campus.sync(hooks=[seen.append])
    lists = [ListsAsked("people", 1), ListRead("people"), ListsAsked("people", 1, again=True), ListRead("people")]
    assert [event for event in seen if isinstance(event, ListsAsked | ListRead)] == lists


def test_pages_say_how_many_rows_came_of_how_many(events: list[Event]) -> None:
    pages = [(e.rows, e.total) for e in events if isinstance(e, PageRead) and e.resource == "enrollments"]
    assert sorted(pages) == [(89, 189), (100, 189)]


def test_a_retry_says_what_happened(events: list[Event]) -> None:
    retries = [(e.resource, e.attempt, e.reason, e.throttled) for e in events if isinstance(e, RetryScheduled)]
    assert retries == [("enrollments", 1, "503", False)]


def test_a_finished_resource_has_the_status_of_the_report(events: list[Event]) -> None:
    finished = {e.resource: (str(e.status), e.rows) for e in events if isinstance(e, ResourceFinished)}
    assert finished == {"enrollments": ("complete", 189), "terms": ("complete", 3)}


def test_an_exception_in_a_hook_ends_the_run_and_the_next_one_works(campus: Campus) -> None:
    campus.configure("terms")

    def fall(event: Event) -> None:
        if isinstance(event, ResourceFinished):
            raise RuntimeError("the hook fell")

    with pytest.raises(LoadError, match=r"RuntimeError was raised \(test_sync_events.py:\d+\) by code .* or a hook"):
        campus.sync(hooks=[fall])
    campus.sync()
    assert campus.ids("terms") == campus.true_ids("terms")
    assert campus.pending() == []
