"""Pages read all at once: in order, in good time, none lost, and nothing left under way."""

import asyncio
import random
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from math import ceil
from typing import Any

import pytest
from requests import PreparedRequest

from homeroom.decode import decode_rows
from homeroom.dlt_seam.rest_api import json_path
from homeroom.errors import AuthError, DataError, RequestError, TransientError
from homeroom.fetch.chain import Chain, Means
from homeroom.fetch.follow import follow
from homeroom.paginate import Cursor, HeaderCursor, HeaderLink, JsonLink, Offset, PageNumber
from homeroom.values import Answer, ChainEnd, LimitSettings, Page, Proof, Request, SyncSettings

from .scripted import BASE, Boundless, Script, answer, chain, lost, query, rows, run, settings, virtual, wire

LATENCY_S = 0.1
HANDS = 16
PACE = 0.02
"""What the first requests lose because they do not all go out in the same instant (`pace`)."""
Answering = Callable[[PreparedRequest], Answer]


@dataclass
class Slow:
    """A handler that answers late; counts how many requests are inside at once."""

    reply: Answering
    seconds: Callable[[PreparedRequest], float] = lambda request: LATENCY_S
    inside: int = 0
    most: int = 0
    given_up: int = 0

    async def __call__(self, request: PreparedRequest) -> Answer:
        self.inside += 1
        self.most = max(self.most, self.inside)
        try:
            await asyncio.sleep(self.seconds(request))
            return self.reply(request)
        except asyncio.CancelledError:
            self.given_up += 1
            raise
        finally:
            self.inside -= 1


@dataclass
class Trip:
    """What came of following a chain, and what was left behind."""

    transport: Script
    pages: list[Page] = field(default_factory=list)
    end: ChainEnd | None = None
    error: Exception | None = None
    seconds: float = 0.0
    held: int = 0
    tasks_left: int = 0

    @property
    def ids(self) -> list[int]:
        return [row["id"] for page in self.pages for row in decode_rows(page)]

    @property
    def note(self) -> str:
        assert self.end is not None
        return self.end.note

    def asked(self, name: str) -> list[int]:
        """This parameter of all requests."""
        return [int(query(request)[name]) for request in self.transport.sent]


def travel(
    reply: Any, followed: Chain, *, sync: SyncSettings | None = None, stop_after: int | None = None, linger_s: float = 0
) -> Trip:
    """Follow a chain to its end, its error, or so many items; then wait a while for what may still happen."""
    trip, space, sync = Trip(Script(reply)), Boundless(), sync or settings(HANDS)
    means = Means(wire(trip.transport, sync=sync), space, (), virtual().now, sync, sync.concurrency)

    async def act() -> None:
        began = asyncio.get_running_loop().time()
        try:
            async with aclosing(follow(followed, means)) as items:
                async for item in items:
                    if isinstance(item, ChainEnd):
                        trip.end = item
                    else:
                        trip.pages.append(item)
                    if stop_after is not None and len(trip.pages) >= stop_after:
                        break
        except Exception as error:
            trip.error = error
        trip.seconds = asyncio.get_running_loop().time() - began
        trip.tasks_left = len(asyncio.all_tasks()) - 1
        await asyncio.sleep(linger_s)
        trip.held = space.held - sum(len(page.body) for page in trip.pages)

    run(act())
    return trip


def listed(count: int, *, cap: int | None = None, total: bool = False, past: int = 200) -> Answering:
    """Rows by offset and limit, at most `cap` in a page; beyond the end an empty page, or a refusal."""

    def reply(request: PreparedRequest) -> Answer:
        start, size = int(query(request)["offset"]), int(query(request)["limit"])
        if start >= count and past != 200:
            return answer({"error": "there is nothing"}, past)
        page = range(start, min(start + min(size, cap or size), count))
        return rows(*page, **({"total": count} if total else {}))

    return reply


def numbered(count: int, *, size: int = 10, told: bool = False, past: int = 200) -> Answering:
    """Pages of `size` by number, from 0."""

    def reply(request: PreparedRequest) -> Answer:
        page = int(query(request)["page"])
        if page * size >= count and past != 200:
            return answer({"error": "there is no such page"}, past)
        facts = {"pages": -(-count // size)} if told else {}
        return rows(*range(page * size, min((page + 1) * size, count)), **facts)

    return reply


def by_offset(limit: int = 10, **more: Any) -> Chain:
    return chain(paging=Offset(limit=limit, total=json_path("total"), **more))


def by_number(*, per_page: int | None = None, **more: Any) -> Chain:
    params = {} if per_page is None else {"per_page": per_page}
    paging = PageNumber(total=json_path("pages"), **more)
    return chain(paging=paging, request=Request("GET", f"{BASE}/users", params))


# Order, hands, time


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("total", [True, False])
def test_pages_leave_in_order_whatever_the_latencies(seed: int, total: bool) -> None:
    dice = random.Random(seed)
    trip = travel(Slow(listed(307, cap=dice.choice([10, 4]), total=total), lambda _: dice.random()), by_offset())
    assert trip.ids == list(range(307))
    assert [page.number for page in trip.pages] == list(range(1, len(trip.pages) + 1))


@pytest.mark.parametrize("hands", [1, 3, 16])
@pytest.mark.parametrize("total", [True, False])
def test_no_more_requests_are_under_way_than_there_are_hands(hands: int, total: bool) -> None:
    server = Slow(listed(600, total=total))
    trip = travel(server, by_offset(), sync=settings(hands))
    assert trip.ids == list(range(600)) and server.most == hands


def test_with_a_total_all_pages_go_out_after_the_first() -> None:
    trip = travel(Slow(listed(4000, total=True)), by_offset())
    # The last page is full: one request goes beyond it.
    assert trip.seconds == pytest.approx((1 + ceil(399 / HANDS) + 1) * LATENCY_S, rel=PACE)
    assert len(trip.transport.sent) == 401


def test_with_a_short_last_page_a_total_takes_no_request_beyond_it() -> None:
    trip = travel(Slow(listed(3995, total=True)), by_offset())
    assert trip.seconds == pytest.approx((1 + ceil(399 / HANDS)) * LATENCY_S, rel=PACE)
    assert len(trip.transport.sent) == 400


@pytest.mark.parametrize("followed", [by_offset(), by_number()])
def test_without_a_total_the_window_grows_until_there_is_no_end_in_sight(followed: Chain) -> None:
    server = listed(4000) if isinstance(followed.paging, Offset) else numbered(4000)
    trip = travel(Slow(server), followed)
    assert trip.ids == list(range(4000))
    assert trip.seconds <= 1.4 * 400 * LATENCY_S / HANDS
    assert len(trip.transport.sent) <= 400 + HANDS + 2


def test_a_list_of_one_page_costs_two_requests_and_no_more() -> None:
    assert len(travel(Slow(listed(7)), by_offset()).transport.sent) == 2


def test_requests_go_on_while_nobody_takes_pages_but_not_without_bound() -> None:
    trip = travel(Slow(listed(4000, total=True)), by_offset(), stop_after=1, linger_s=60.0)
    assert len(trip.transport.sent) <= 2 * HANDS


def test_a_slow_page_holds_back_the_later_ones_but_not_their_requests() -> None:
    trip = travel(
        Slow(listed(200, total=True), lambda request: 1.0 if query(request)["offset"] == "10" else 0.01), by_offset()
    )
    assert trip.ids == list(range(200)) and trip.seconds == pytest.approx(1.02, abs=0.05)


# A server that clamps


def test_a_clamped_server_is_read_whole_noticed_and_nothing_is_read_twice() -> None:
    for total in (True, False):
        trip = travel(Slow(listed(7680, cap=500, total=total)), by_offset(1000))
        assert trip.ids == list(range(7680))
        assert trip.note == "the server gives at most 500 rows a page where 1000 were asked for"
        assert len(trip.pages) == 16
        assert len(trip.transport.sent) <= 16 + (0 if total else HANDS + 2)


@pytest.mark.parametrize("per_page", [None, "per_page", "limit"])
def test_pages_that_are_as_long_as_asked_for_leave_no_note(per_page: str | None) -> None:
    params = {} if per_page is None else {per_page: 10}
    followed = chain(paging=PageNumber(), request=Request("GET", f"{BASE}/users", params))
    trip = travel(numbered(95), followed)
    assert trip.ids == list(range(95)) and trip.note == ""


def clamped_numbers(count: int, cap: int, *, counts_by: str, only: int | None = None, told: bool = False) -> Answering:
    """Pages by number whose size is clamped; numbers count pages of the size given or of the one asked for.

    `only` is the one size besides smaller ones that it takes; all others are a 400.
    """

    def reply(request: PreparedRequest) -> Answer:
        asked, page = int(query(request)["per_page"]), int(query(request)["page"])
        if only is not None and asked != only:
            return answer({"error": "per_page is not allowed"}, 400)
        size = min(asked, cap)
        start = page * (size if counts_by == "given" else asked)
        facts = {"pages": -(-count // (size if counts_by == "given" else asked))} if told else {}
        return rows(*range(start, min(start + size, count)), **facts)

    return reply


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("counts_by", ["given", "asked"])
@pytest.mark.parametrize("count", [0, 1, 49, 50, 51, 100, 430, 2000])
def test_page_numbers_with_a_clamp_lose_nothing_either_way_of_counting(count: int, counts_by: str, told: bool) -> None:
    if told and counts_by == "asked" and 50 < count <= 100:
        pytest.skip("one page of fewer rows than asked for, announced as the only one, is every small list")
    trip = travel(Slow(clamped_numbers(count, 50, counts_by=counts_by, told=told)), by_number(per_page=100))
    assert trip.error is None and trip.ids == list(range(count))
    if count > 100 or (count > 50 and not told):
        assert trip.note == "the server gives at most 50 rows a page where 100 were asked for"


def test_page_numbers_with_a_clamp_are_read_where_no_other_size_is_taken() -> None:
    trip = travel(clamped_numbers(430, 50, counts_by="given", only=100), by_number(per_page=100))
    assert trip.error is None and trip.ids == list(range(430))


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
    trip = travel(server, by_offset(), sync=settings(HANDS, attempts=1))
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
    offsets = travel(Slow(listed(count, past=status)), by_offset())
    assert offsets.error is None and offsets.ids == list(range(count))
    assert offsets.note == f"the server answered {status} beyond the last page, taken for the end"
    pages = travel(Slow(numbered(count, past=status)), by_number())
    assert pages.error is None and pages.ids == list(range(count)) and f"answered {status} beyond" in pages.note


@pytest.mark.parametrize("status", [400, 422])
def test_a_refusal_that_may_be_a_limit_on_the_offset_is_no_end(status: int) -> None:
    trip = travel(Slow(listed(100, past=status)), by_offset())
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
        assert trip.held == 0 and len(trip.transport.sent) <= 4


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

    trip = travel(Slow(reply), by_offset())
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


# Order, with rests and repeats to ask for


def test_two_short_pages_at_once_keep_the_order() -> None:
    together = asyncio.Event()

    async def reply(request: PreparedRequest) -> Answer:
        at, size = int(query(request)["offset"]), int(query(request)["limit"])
        await asyncio.sleep(0.01)
        if at in (10, 320) and size == 10:
            if at == 320:
                asyncio.get_running_loop().call_later(5.0, together.set)
            await together.wait()
            return rows(*range(at, at + 6), total=1000)
        return listed(1000, total=True)(request)

    assert travel(reply, by_offset()).ids == list(range(1000))


@pytest.mark.parametrize("seed", range(60))
def test_pages_that_come_short_empty_and_late_leave_in_order_and_once(seed: int) -> None:
    dice = random.Random(seed)
    count, cap, hands = dice.randrange(1, 1500), dice.choice([10, 10, 6, 3]), dice.choice([1, 2, 4, 16])
    clamped_from = dice.choice([0, count // 2])
    once_empty = set(dice.sample(range(10, 2000, 10), 12)) if dice.random() < 0.5 else set()

    def reply(request: PreparedRequest) -> Answer:
        at, size = int(query(request)["offset"]), int(query(request)["limit"])
        if at in once_empty and size == 10:
            once_empty.discard(at)
            return rows(total=count)
        most = min(size, cap if at >= clamped_from else 10, 4 if dice.random() < 0.1 else 10)
        return rows(*range(at, min(at + most, count)), total=count)

    trip = travel(
        Slow(reply, lambda _: dice.choice([0.01, 0.5, 3.0]) * dice.random()), by_offset(), sync=settings(hands)
    )
    assert trip.ids == list(range(count)) and trip.held == 0
