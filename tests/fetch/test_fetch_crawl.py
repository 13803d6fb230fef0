"""Pages read all at once: in order, in good time, and none lost to a clamp."""

import asyncio
import random
from math import ceil

import pytest
from requests import PreparedRequest

from homeroom.fetch.chain import Chain
from homeroom.paginate import Offset, PageNumber
from homeroom.values import Answer, Request

from .scripted import BASE, aligned, answer, chain, query, rows, settings
from .trips import HANDS, LATENCY_S, PACE, Answering, Slow, by_number, by_offset, listed, numbered, travel

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
    trip = travel(Slow(server), followed, sync=aligned(HANDS))
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
        assert len(trip.pages) <= 16 + (0 if total else 1)
        assert len(trip.transport.sent) <= 16 + (0 if total else HANDS + 3)


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
