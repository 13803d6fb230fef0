"""How a read ends: by an error, by its reader, by the server; and what is left under way then."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from requests import PreparedRequest

from homeroom.dlt_seam.rest_api import json_path
from homeroom.errors import AuthError, DataError, RequestError, TransientError
from homeroom.fetch.chain import Chain
from homeroom.paginate import Cursor, HeaderCursor, HeaderLink, JsonLink
from homeroom.values import Answer, ChainEnd, LimitSettings, Proof, SyncSettings

from .scripted import aligned, answer, chain, lost, query, rows, settings
from .trips import HANDS, Answering, Slow, by_number, by_offset, listed, numbered, travel

# Errors, and what is under way then


def failing(server: Answering, at: int, reply: Any) -> Answering:
    def act(request: PreparedRequest) -> Answer:
        if int(query(request).get("offset", query(request).get("page", -1))) != at:
            return server(request)
        if isinstance(reply, Exception):
            raise reply
        return reply  # type: ignore[no-any-return]

    return act


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (answer({}, 403), AuthError),
        (answer({}, 404), RequestError),
        (answer({}, 503), TransientError),
        (answer({"nothing": 1}), DataError),
        (answer(b"<html>log in</html>"), DataError),
        (lost(), TransientError),
        (ZeroDivisionError("oops"), ZeroDivisionError),
    ],
    ids=["403", "404", "503", "no rows", "html", "lost", "unexpected"],
)
@pytest.mark.parametrize("total", [True, False])
def test_an_error_in_the_middle_is_raised_and_gives_up_the_rest(reply: Any, error: type, total: bool) -> None:
    server = Slow(failing(listed(4000, total=total), 1000, reply))
    trip = travel(server, by_offset(), sync=aligned(HANDS, attempts=1))
    assert isinstance(trip.error, error)
    assert trip.ids == list(range(len(trip.ids))) and len(trip.ids) <= 1000
    assert trip.tasks_left == 0 and trip.held == 0 and server.inside == 0


def test_no_request_goes_out_after_an_error() -> None:
    server = Slow(failing(listed(40_000, total=True), 1000, answer({}, 403)))
    trip = travel(server, by_offset(), linger_s=60.0)
    assert isinstance(trip.error, AuthError) and len(trip.transport.sent) <= 100 + 2 * HANDS
    assert max(trip.transport.sent_at) <= trip.seconds


def test_closing_early_gives_up_what_is_under_way() -> None:
    server = Slow(listed(4000, total=True))
    trip = travel(server, by_offset(), stop_after=2, linger_s=60.0)
    assert len(trip.pages) == 2 and trip.tasks_left == 0 and trip.held == 0
    assert server.inside == 0 and server.given_up > 0
    assert max(trip.transport.sent_at) <= trip.seconds


def test_closing_before_the_first_page_leaves_nothing() -> None:
    trip = travel(Slow(listed(4000)), by_offset(), stop_after=0, linger_s=60.0)
    assert len(trip.transport.sent) <= 1 + 2 and trip.tasks_left == 0 and trip.held == 0


def test_all_room_is_taken_by_the_pages_that_went_on() -> None:
    for server in (listed(95), listed(100, total=True), listed(100, past=404), listed(95, cap=4)):
        assert travel(Slow(server), by_offset()).held == 0


@pytest.mark.parametrize("followed", [by_offset(), by_number()])
def test_a_chain_of_too_many_pages_is_an_error(followed: Chain) -> None:
    def endless(request: PreparedRequest) -> Answer:
        at = int(query(request).get("offset", query(request).get("page", 0)))
        return rows(*range(at * 100, at * 100 + 10))

    sync = SyncSettings(HANDS, limits=LimitSettings(pages=20))
    trip = travel(Slow(endless), followed, sync=sync)
    assert isinstance(trip.error, DataError) and "more than 20 pages (sync.limits.pages: 20)" in str(trip.error)
    assert len(trip.pages) <= 20 + 2 * HANDS and trip.tasks_left == 0 and trip.held == 0


def test_a_chain_of_just_as_many_pages_as_allowed_is_read() -> None:
    sync = SyncSettings(HANDS, limits=LimitSettings(pages=20))
    trip = travel(Slow(listed(195, total=True)), by_offset(), sync=sync)
    assert trip.error is None and trip.ids == list(range(195))


# Ends


@pytest.mark.parametrize("status", [404, 410, 416])
@pytest.mark.parametrize("count", [95, 100, 10])
def test_no_such_page_beyond_the_last_is_the_end_with_a_note(status: int, count: int) -> None:
    offsets = travel(Slow(listed(count, past=status)), by_offset(), sync=aligned())
    assert offsets.error is None and offsets.ids == list(range(count))
    assert offsets.note == f"the server answered {status} beyond the last page, taken for the end"
    pages = travel(Slow(numbered(count, past=status)), by_number())
    assert pages.error is None and pages.ids == list(range(count)) and f"answered {status} beyond" in pages.note


@pytest.mark.parametrize("status", [400, 422])
def test_a_refusal_that_may_be_a_limit_on_the_offset_is_no_end(status: int) -> None:
    trip = travel(Slow(listed(100, past=status)), by_offset(), sync=aligned())
    assert isinstance(trip.error, RequestError) and trip.error.status == status
    assert trip.ids == list(range(100))


def test_a_page_that_breaks_the_server_beyond_the_empty_one_is_no_error() -> None:
    def reply(request: PreparedRequest) -> Answer:
        return answer({}, 500) if int(query(request)["offset"]) > 2000 else listed(2000)(request)

    trip = travel(Slow(reply), by_offset(100), sync=settings(HANDS, attempts=1))
    assert trip.error is None and trip.ids == list(range(2000))


@pytest.mark.parametrize("seed", range(10))
def test_a_server_that_repeats_its_last_page_beyond_the_end_has_ended(seed: int) -> None:
    dice = random.Random(seed)

    def reply(request: PreparedRequest) -> Answer:
        return rows(*range(page := min(int(query(request)["page"]), 24) * 10, min(page + 10, 245)))

    trip = travel(Slow(reply, lambda _: dice.random()), by_number())
    assert trip.error is None and trip.ids == list(range(245))
    assert trip.end is not None and not trip.end.broken
    assert "page 26 is page 25 once more, taken for the end" in trip.note
    assert trip.held == 0 and trip.tasks_left == 0


def test_a_server_that_ignores_paging_is_broken_on_its_second_page() -> None:
    for followed in (by_offset(3), by_number()):
        trip = travel(Slow(lambda request: rows(1, 2, 3)), followed)
        assert trip.ids == [1, 2, 3] and trip.end is not None and trip.end.broken
        assert trip.held == 0 and len(trip.transport.sent) <= 8


def test_a_page_that_came_empty_once_is_read_after_all() -> None:
    seen: list[str] = []

    def reply(request: PreparedRequest) -> Answer:
        seen.append(query(request)["offset"])
        if seen[-1] == "50" and seen.count("50") == 1:
            return rows(total=200)
        return listed(200, total=True)(request)

    trip = travel(Slow(reply), by_offset())
    assert trip.ids == list(range(200))


def test_a_page_that_stays_empty_in_the_middle_is_named() -> None:
    def reply(request: PreparedRequest) -> Answer:
        return rows() if query(request)["offset"] == "50" else listed(200)(request)

    trip = travel(Slow(reply), by_offset(), sync=aligned())
    assert trip.ids == [row for row in range(200) if not 50 <= row < 60]
    assert "1 pages came back empty, twice" in trip.note


def test_rows_left_out_after_cutting_are_named() -> None:
    def reply(request: PreparedRequest) -> Answer:
        start, size = int(query(request)["offset"]), int(query(request)["limit"])
        return rows(*(row for row in range(start, min(start + size, 3000)) if row % 10 != 3))

    trip = travel(Slow(reply), by_offset(100))
    assert set(trip.ids) == {row for row in range(3000) if row % 10 != 3}
    assert "leaves out" in trip.note


def test_the_maximum_is_an_end_that_the_config_set() -> None:
    trip = travel(Slow(listed(4000, total=True)), by_offset(maximum=60))
    assert trip.ids == list(range(60))
    assert trip.end == ChainEnd(1, Proof.END, (None, None), "stopped at 60, the config's maximum is 60")


# Chains that go from page to page


@pytest.mark.parametrize(
    ("paging", "way"),
    [
        (JsonLink(json_path("next")), lambda page: {"next": f"/users?after={page}"}),
        (Cursor(json_path("next")), lambda page: {"next": f"c{page}"}),
    ],
)
def test_a_chain_of_cursors_has_one_request_under_way(paging: Any, way: Callable[[int], dict[str, str]]) -> None:
    counter = iter(range(1, 100))

    def reply(request: PreparedRequest) -> Answer:
        page = next(counter)
        return rows(page, **(way(page) if page < 12 else {}))

    server = Slow(reply)
    trip = travel(server, chain(paging=paging))
    assert trip.ids == list(range(1, 13)) and server.most == 1
    assert trip.end is not None and trip.end.proof is Proof.KEYSET


def endless_ways() -> list[Any]:
    fresh = iter(range(1, 1_000_000))
    return [
        pytest.param(
            JsonLink(json_path("next")), lambda: ({"next": f"/users?after={next(fresh)}"}, {}), id="json link"
        ),
        pytest.param(Cursor(json_path("next")), lambda: ({"next": f"c{next(fresh)}"}, {}), id="cursor"),
        pytest.param(
            HeaderLink(), lambda: ({}, {"Link": f'</users?after={next(fresh)}>; rel="next"'}), id="header link"
        ),
        pytest.param(HeaderCursor("X-Next", "cursor"), lambda: ({}, {"X-Next": f"c{next(fresh)}"}), id="header cursor"),
    ]


@pytest.mark.parametrize(("paging", "way"), endless_ways())
def test_the_same_page_under_ever_new_cursors_breaks_the_chain(
    paging: Any, way: Callable[[], tuple[dict[str, str], dict[str, str]]]
) -> None:
    def reply(request: PreparedRequest) -> Answer:
        body, headers = way()
        return answer({"data": [{"id": 1}, {"id": 2}], **body}, headers=headers)

    sync = SyncSettings(HANDS, limits=LimitSettings(pages=50))
    trip = travel(reply, chain(paging=paging), sync=sync)
    assert trip.error is None and trip.ids == [1, 2] and trip.end is not None and trip.end.broken
    assert "page 2 is page 1 once more" in trip.note and len(trip.transport.sent) == 2 and trip.held == 0


@pytest.mark.parametrize(("paging", "way"), endless_ways())
def test_empty_pages_that_lead_on_are_no_repetition(
    paging: Any, way: Callable[[], tuple[dict[str, str], dict[str, str]]]
) -> None:
    pages = iter([[1], [], [], [], [2]])

    def reply(request: PreparedRequest) -> Answer:
        ids = next(pages)
        body, headers = way() if ids != [2] else ({}, {})
        return answer({"data": [{"id": number} for number in ids], **body}, headers=headers)

    trip = travel(reply, chain(paging=paging))
    assert trip.ids == [1, 2] and trip.end is not None and not trip.end.broken


@pytest.mark.parametrize(("paging", "way"), endless_ways())
def test_a_page_repeated_in_the_middle_of_a_chain_breaks_it(
    paging: Any, way: Callable[[], tuple[dict[str, str], dict[str, str]]]
) -> None:
    pages = iter([[1], [2], [2], [3]])

    def reply(request: PreparedRequest) -> Answer:
        ids = next(pages)
        body, headers = way() if ids != [3] else ({}, {})
        return answer({"data": [{"id": number} for number in ids], **body}, headers=headers)

    trip = travel(reply, chain(paging=paging))
    assert trip.ids == [1, 2] and trip.end is not None and trip.end.broken
    assert "page 3 is page 2 once more" in trip.note
