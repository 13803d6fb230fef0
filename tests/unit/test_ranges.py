"""The plan of a read with random access, driven against servers that are drawn at random."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeroom.ranges import SAMPLE, Bounds, Kind, RangePlan, Stretch
from homeroom.values import PageFacts

Rows = list[int]
Server = Callable[[int, int], Rows | None]
"""What is held from a position on, so many at most; None where the question is refused."""
Total = Callable[[], int | None]

MOST_REQUESTS = 8000
DICE = st.integers(0, 2**32 - 1).map(random.Random)
"""Seeded by a number: dice that hypothesis throws itself are slow, and shrink for minutes."""


@dataclass
class Outcome:
    """What came of a read. `pages` are in the order in which they arrived."""

    plan: RangePlan
    asked: list[Stretch] = field(default_factory=list)
    pages: list[Rows] = field(default_factory=list)
    failed: Stretch | None = None
    most_under_way: int = 0

    @property
    def rows(self) -> Rows:
        return sorted(row for page in self.pages for row in page)

    @property
    def kinds(self) -> list[Kind]:
        return [stretch.kind for stretch in self.asked]

    @property
    def spans(self) -> list[tuple[int, int]]:
        return [(stretch.start, stretch.length) for stretch in self.asked]


class Reader:
    """Drives a plan as `fetch.crawl` does: so many at once, answers in an order that dice choose."""

    def __init__(self, bounds: Bounds, server: Server, total: Total, dice: random.Random, hands: int) -> None:
        self._limit, self._server, self._total, self._dice = bounds.step, server, total, dice
        self._hands = hands
        self._short: dict[int, set[int]] = {}
        self._first: Rows | None = None
        self._highest: tuple[int, Rows] = (-1, [])
        self.found = Outcome(RangePlan(bounds))

    def read(self) -> Outcome:
        under_way: list[Stretch] = []
        while self.found.failed is None:
            while len(under_way) < self._hands and (stretch := self.found.plan.take()) is not None:
                under_way.append(stretch)
                self.found.asked.append(stretch)
                assert len(self.found.asked) < MOST_REQUESTS, "the plan does not end"
            if not under_way:
                break
            self.found.most_under_way = max(self.found.most_under_way, len(under_way))
            self._answer(under_way.pop(self._dice.randrange(len(under_way))))
        return self.found

    def _answer(self, stretch: Stretch) -> None:
        plan, rows = self.found.plan, self._server(stretch.start, min(stretch.length, self._limit))
        if rows is None:
            self.found.failed = None if plan.refused(stretch) else stretch
            return
        known = bool(rows) and self._is_known(stretch, rows)
        plan.arrived(stretch, PageFacts(len(rows), total=self._total()), known=known)
        if known or not rows:
            return
        self._first = self._first or rows
        self._highest = max(self._highest, (stretch.start, rows))
        if plan.is_filling(stretch.start):
            self._short[stretch.start] = set(rows)
        self.found.pages.append(rows)

    def _is_known(self, stretch: Stretch, rows: Rows) -> bool:
        if stretch.kind is Kind.FILL and stretch.of is not None:
            return set(rows) <= self._short.pop(stretch.of, set())
        return stretch.kind in (Kind.PROBE, Kind.FAR) and rows in (self._first, self._highest[1])


def read(
    server: Server,
    limit: int = 10,
    *,
    total: int | Total | None = None,
    window: int = 4,
    divisible: bool = True,
    dice: random.Random | None = None,
    maximum: int | None = None,
    stops_when_empty: bool = True,
    start: int = 0,
    hands: int | None = None,
) -> Outcome:
    """Read a server to its end; without dice answers come in the order of the requests."""
    bounds = Bounds(start, limit if divisible else 1, divisible, window, maximum, stops_when_empty)
    told = total if callable(total) else lambda: total
    return Reader(bounds, server, told, dice or _InOrder(), hands or window).read()


class _InOrder(random.Random):
    def randrange(self, *_: int) -> int:  # type: ignore[override]
        return 0


def holds(count: int, cap: Callable[[int], int] = lambda position: 1_000_000) -> Server:
    """Rows 0 to `count`, at most `cap` of the position asked for in one answer."""
    return lambda start, length: list(range(start, min(start + min(length, cap(start)), count)))


def paged(count: int, size: int) -> Server:
    """Pages of `size` rows, counted from 0."""
    return lambda page, length: list(range(page * size, min((page + 1) * size, count)))


def least(count: int, limit: int, cap: Callable[[int], int]) -> int:
    """Requests of a reader who knows the most rows of each page, and asks for no more again once they were fewer."""
    position = number = 0
    while position < count:
        position, number = position + min(limit, cap(0), cap(position)), number + 1
    return max(1, number)


# Every row, once, with few requests


@st.composite
def clamps(draw: st.DrawFn, count: int, limit: int) -> Callable[[int], int]:
    """Most rows of a page by its position: always so, from half-way on, or ever more."""
    size = draw(st.one_of(st.just(limit), st.integers(max(1, limit // 8), limit)))
    kind = draw(st.sampled_from(["always", "half-way", "growing", "from the third page"]))
    match kind:
        case "half-way":
            return lambda position: limit if position < count // 2 else size
        case "growing":
            return lambda position: size + position // 100
        case "from the third page":
            return lambda position: limit if position < 2 * limit else size
        case _:
            return lambda position: size


@settings(max_examples=400, deadline=None)
@given(
    st.data(),
    st.one_of(st.integers(0, 3000), st.integers(0, 60), st.sampled_from([100, 200, 1600])),
    st.sampled_from([10, 50, 100]),
    st.sampled_from([1, 4, 16]),
    st.sampled_from(["absent", "right"]),
    DICE,
)
def test_a_clamp_costs_no_row_brings_none_twice_and_few_requests(
    data: st.DataObject, count: int, limit: int, window: int, told: str, dice: random.Random
) -> None:
    cap = data.draw(clamps(count, limit))
    found = read(holds(count, cap), limit, total=count if told == "right" else None, window=window, dice=dice)
    assert found.rows == list(range(count))
    assert len(set(found.spans)) == len(found.spans)
    # One window that was under way when the clamp set in, one to look beyond the end, the far look and the probe.
    guard = window if told == "absent" and window > 1 else 0
    assert len(found.asked) <= least(count, limit, cap) + window + guard + 2


@settings(max_examples=150, deadline=None)
@given(
    st.integers(0, 800),
    st.sampled_from([10, 50]),
    st.sampled_from([1, 4, 16]),
    st.booleans(),
    DICE,
)
def test_pages_of_any_length_cost_no_row_and_bring_none_twice(
    count: int, limit: int, window: int, told: bool, dice: random.Random
) -> None:
    server = holds(count, lambda position: dice.randint(1, limit))
    found = read(server, limit, total=count if told else None, window=window, dice=dice)
    assert found.rows == list(range(count))
    empty = len(found.asked) - len(found.pages)
    assert empty <= 2 * window + 4


@settings(max_examples=200, deadline=None)
@given(
    st.data(),
    st.integers(0, 1500),
    st.sampled_from([10, 50, 100]),
    st.sampled_from([1, 4, 16]),
    st.sampled_from([0.0, 0.5, 0.99, 1.01, 2.0]),
    DICE,
)
def test_a_wrong_total_costs_a_row_only_where_a_short_page_ends_just_there(
    data: st.DataObject, count: int, limit: int, window: int, times: float, dice: random.Random
) -> None:
    cap, told = data.draw(clamps(count, limit)), round(count * times)
    found = read(holds(count, cap), limit, total=told, window=window, dice=dice)
    assert found.rows == list(range(count)) or found.plan.top == told < count
    assert found.plan.misses_announced is (told > count)
    assert len(set(found.spans)) == len(found.spans) - found.kinds.count(Kind.AGAIN)
    spare = max(0, told - count) // max(1, min(limit, found.plan.step))
    assert len(found.asked) <= least(count, limit, cap) + 2 * window + spare + 4


@settings(max_examples=200, deadline=None)
@given(st.data(), st.integers(0, 900), st.sampled_from([10, 50]), st.sampled_from([1, 4, 16]), DICE)
def test_a_total_that_changes_costs_a_row_only_where_a_page_ends_just_there(
    data: st.DataObject, count: int, limit: int, window: int, dice: random.Random
) -> None:
    said: list[int | None] = []

    def total() -> int | None:
        said.append(dice.choice([None, count, count + 40, count // 2, max(0, count - 1)]))
        return said[-1]

    cap = data.draw(clamps(count, limit))
    found = read(holds(count, cap), limit, total=total, window=window, dice=dice)
    assert found.rows == list(range(count)) or (found.rows == list(range(found.plan.top)) and found.plan.top in said)


@settings(max_examples=150, deadline=None)
@given(
    st.integers(0, 1000),
    st.integers(1, 40),
    st.sampled_from([1, 4, 16]),
    st.sampled_from(["absent", "right", "low", "high"]),
    DICE,
)
def test_pages_by_number_are_asked_for_once_each(
    count: int, size: int, window: int, told: str, dice: random.Random
) -> None:
    pages = -(-count // size)
    # A single page announced where there are more is the one lie that nobody could notice.
    total = {"right": pages, "low": min(pages, max(2, pages // 2)), "high": pages + 5}.get(told)
    found = read(paged(count, size), total=total, window=window, divisible=False, dice=dice)
    assert found.rows == list(range(count))
    again = found.kinds.count(Kind.AGAIN)
    assert len(set(found.spans)) == len(found.spans) - again and again <= 1
    assert len(found.asked) <= max(1, pages) + 2 * window + 2 + (5 if told == "high" else 0)


# Servers with other manners


def fixed(size: int, count: int) -> Server:
    return lambda start, length: list(range(start, min(start + size, count)))


def generous(times: int, count: int) -> Server:
    return lambda start, length: list(range(start, min(start + times * length, count)))


def at_least(size: int, count: int) -> Server:
    return lambda start, length: list(range(start, min(start + max(size, length), count)))


def refusing_odd_offsets(count: int) -> Server:
    return lambda start, length: None if start % length else holds(count)(start, length)


def flooring_offsets(count: int) -> Server:
    return lambda start, length: holds(count)(start // length * length, length)


def ending_with_404(count: int, cap: Callable[[int], int] = lambda position: 1_000_000) -> Server:
    return lambda start, length: None if start >= count > 0 else holds(count, cap)(start, length)


ODD_SERVERS = {
    "always 30": lambda count: fixed(30, count),
    "always 50": lambda count: fixed(50, count),
    "twice as many": lambda count: generous(2, count),
    "at least 100": lambda count: at_least(100, count),
    "odd offsets refused": refusing_odd_offsets,
    "offsets floored": flooring_offsets,
    "404 beyond the end": ending_with_404,
    "404 and a clamp": lambda count: ending_with_404(count, lambda at: 100 if at < count // 2 else 37),
}


@settings(max_examples=250, deadline=None)
@given(
    st.sampled_from(sorted(ODD_SERVERS)),
    st.integers(1, 2000),
    st.sampled_from([1, 4, 16]),
    st.booleans(),
    DICE,
)
def test_a_server_with_manners_of_its_own_loses_nothing(
    kind: str, count: int, window: int, told: bool, dice: random.Random
) -> None:
    server = ODD_SERVERS[kind](count)
    found = read(server, 100, total=count if told else None, window=window, dice=dice)
    assert found.failed is None and sorted(set(found.rows)) == list(range(count))
    if kind in ("odd offsets refused", "404 beyond the end", "404 and a clamp"):
        assert found.rows == list(range(count))
    assert len(found.asked) <= 2 * (-(-count // 30) + window) + 4


@settings(max_examples=150, deadline=None)
@given(
    st.integers(0, 4000),
    st.sampled_from([1, 4, 16]),
    st.sampled_from([None, "all", "kept"]),
    DICE,
)
def test_rows_left_out_after_cutting_are_not_mistaken_for_an_end(
    count: int, window: int, told: str | None, dice: random.Random
) -> None:
    kept = {row for row in range(count) if dice.random() > 0.1}

    def server(start: int, length: int) -> Rows:
        return [row for row in range(start, min(start + length, count)) if row in kept]

    total = {"all": count, "kept": len(kept)}.get(str(told))
    found = read(server, 100, total=total, window=window, dice=dice)
    if told == "kept":  # counts other rows than the offsets do, so it is a total too low
        assert len(set(found.rows)) <= len(kept)
    else:
        assert found.rows == sorted(kept)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 40), st.integers(1, 15), DICE, st.booleans())
def test_whole_pages_left_out_are_no_end_within_one_window(
    first: int, pages: int, dice: random.Random, told: bool
) -> None:
    count, gap = 8000, range(first * 100, (first + pages) * 100)

    def server(start: int, length: int) -> Rows:
        return [row for row in range(start, min(start + length, count)) if row not in gap]

    # The window has to be open before the gap, else only the far look remains.
    found = read(server, 100, total=count if told else None, window=16, dice=dice)
    if told or first >= 31:
        assert found.rows == [row for row in range(count) if row not in gap]


# The rules, one by one


def test_the_first_request_goes_out_alone() -> None:
    plan = RangePlan(Bounds(0, 10, True, 16))
    assert plan.take() == Stretch(0, 10) and plan.take() is None


def test_each_full_page_opens_the_window_by_one_more() -> None:
    plan = RangePlan(Bounds(0, 10, True, 16))
    flights = []
    for _ in range(4):
        flight = []
        while (stretch := plan.take()) is not None:
            flight.append(stretch)
        flights.append(len(flight))
        for stretch in flight:
            plan.arrived(stretch, PageFacts(10))
    assert flights == [1, 2, 4, 8]


def test_a_short_list_costs_one_request_more() -> None:
    found = read(holds(7), 10, window=16)
    assert found.spans == [(0, 10), (7, 3)]


def test_with_a_total_everything_is_under_way_after_the_first_answer() -> None:
    plan = RangePlan(Bounds(0, 10, True, 16))
    first = plan.take()
    assert first is not None
    plan.arrived(first, PageFacts(10, total=1000))
    assert len(list(iter(plan.take, None))) == 99


def test_a_short_page_is_not_an_end() -> None:
    found = read(holds(100, lambda position: 4 if position == 20 else 10), 10, window=1)
    assert found.rows == list(range(100))


def test_the_rest_of_a_short_page_goes_first_and_has_exactly_the_length_that_is_missing() -> None:
    plan = RangePlan(Bounds(0, 10, True, 16))
    first = plan.take()
    assert first is not None
    plan.arrived(first, PageFacts(10, total=100))
    second, third = plan.take(), plan.take()
    assert second is not None and third is not None
    plan.arrived(third, PageFacts(10, total=100))
    plan.arrived(second, PageFacts(4, total=100))
    assert plan.take() == Stretch(14, 6, Kind.FILL, 10) and plan.take() == Stretch(30, 10)


def test_a_rest_that_holds_rows_lowers_the_step() -> None:
    found = read(holds(100, lambda position: 4), 10, window=4)
    assert found.plan.clamped and found.plan.step == 4
    assert [stretch.length for stretch in found.asked if stretch.kind is Kind.NEXT][1:3] == [4, 4]


def test_a_page_short_for_another_reason_lowers_no_step() -> None:
    found = read(holds(100, lambda position: 4 if position == 20 else 10), 10, window=4)
    assert not found.plan.clamped and found.plan.step == 10


def test_the_last_page_is_no_clamp() -> None:
    found = read(holds(97), 10, window=4)
    assert not found.plan.clamped and found.rows == list(range(97))


def test_a_clamp_in_the_middle_of_a_window_sends_nothing_twice() -> None:
    found = read(holds(1600, lambda position: 100 if position < 800 else 40), 100, window=16)
    assert found.rows == list(range(1600)) and found.plan.clamped
    assert len(set(found.spans)) == len(found.spans)


def test_a_server_that_gives_more_is_read_in_its_own_steps() -> None:
    found = read(generous(2, 1000), 100, window=4)
    assert found.plan.step == 200 and found.rows == list(range(1000))


def test_an_empty_page_with_rows_behind_it_is_asked_for_again_once() -> None:
    seen: list[int] = []

    def server(start: int, length: int) -> Rows:
        seen.append(start)
        return [] if start == 50 and seen.count(50) == 1 else holds(200)(start, length)

    found = read(server, 10, window=4, total=200)
    assert found.rows == list(range(200)) and seen.count(50) == 2 and found.plan.holes == 0


def test_a_page_that_stays_empty_is_counted_as_a_hole() -> None:
    found = read(lambda start, length: [] if start == 50 else holds(200)(start, length), 10, window=4, total=200)
    assert found.rows == [row for row in range(200) if not 50 <= row < 60]
    assert found.plan.holes == 1 and found.spans.count((50, 10)) == 2


def test_an_empty_page_before_the_announced_end_is_asked_for_again() -> None:
    found = read(holds(50), 10, window=1, total=70)
    assert found.plan.misses_announced and found.kinds[-1] is Kind.AGAIN and found.rows == list(range(50))


def test_a_full_last_page_is_worth_one_request_beyond_the_announced_end() -> None:
    found = read(holds(50), 10, total=50)
    assert found.spans[-1] == (50, 10) and found.kinds.count(Kind.PROBE) == 1 == found.kinds[-1:].count(Kind.PROBE)


def test_a_short_last_page_at_the_announced_end_is_the_end() -> None:
    found = read(holds(47), 10, total=47)
    assert found.spans == [(start, 10) for start in range(0, 50, 10)]


def test_a_probe_that_brings_rows_disproves_the_total_for_good() -> None:
    found = read(holds(200), 10, total=50)
    assert found.rows == list(range(200)) and found.kinds.count(Kind.PROBE) == 1


def test_a_probe_that_brings_the_last_page_again_is_the_end() -> None:
    def server(start: int, length: int) -> Rows:
        return holds(50)(min(start, 40), length)

    found = read(server, 10, total=50)
    assert found.rows == list(range(50)) and found.kinds[-1] is Kind.PROBE


@pytest.mark.parametrize("window", [4, 16])
def test_a_gap_wider_than_the_window_is_looked_for_far_behind_it(window: int) -> None:
    gap = range(2000, 2000 + 100 * window + 200)
    found = read(
        lambda start, length: [row for row in range(start, min(start + length, 10_000)) if row not in gap],
        100,
        window=window,
    )
    assert found.rows == [row for row in range(10_000) if row not in gap]
    assert found.kinds.count(Kind.FAR) == 1


def test_the_far_look_at_an_honest_end_is_one_empty_request() -> None:
    found = read(holds(1000), 100, window=4)
    assert found.kinds.count(Kind.FAR) == 1 and found.spans[-1] == (2000, 100)


@pytest.mark.parametrize(("window", "total"), [(4, 1000), (1, None)])
def test_nobody_looks_far_where_a_total_ends_the_read_or_pages_go_out_one_by_one(
    window: int, total: int | None
) -> None:
    assert Kind.FAR not in read(holds(1000), 100, window=window, total=total).kinds


def test_the_maximum_is_not_crossed() -> None:
    found = read(holds(1000), 10, maximum=60, window=16)
    assert found.rows == list(range(60)) and found.plan.at_maximum
    assert all(start < 60 for start, _ in found.spans)


def test_a_read_that_ends_before_its_maximum_says_so() -> None:
    assert not read(holds(55), 10, maximum=100).plan.at_maximum


def test_where_an_empty_page_is_no_end_all_is_read_to_the_maximum() -> None:
    server = holds(1000)
    found = read(
        lambda start, length: [] if start == 20 else server(start, length), 10, maximum=100, stops_when_empty=False
    )
    assert found.rows == [row for row in range(100) if not 20 <= row < 30] and len(found.asked) == 10


def test_a_read_may_start_in_the_middle() -> None:
    assert read(holds(100), 10, start=30, total=100).rows == list(range(30, 100))


@pytest.mark.parametrize("window", [1, 4, 16])
def test_a_refusal_beyond_the_last_page_is_an_end_that_is_named(window: int) -> None:
    found = read(ending_with_404(100), 10, window=window)
    assert found.failed is None and found.rows == list(range(100)) and found.plan.refused_end == 100


def test_a_refused_first_page_is_no_end() -> None:
    found = read(lambda start, length: None)
    assert found.failed == Stretch(0, 10) and found.plan.refused_end is None


def test_a_refusal_with_rows_behind_it_is_no_end() -> None:
    plan = RangePlan(Bounds(0, 10, True, 16))
    first = plan.take()
    assert first is not None
    plan.arrived(first, PageFacts(10, total=100))
    second, third = plan.take(), plan.take()
    assert second is not None and third is not None
    plan.arrived(third, PageFacts(10))
    assert not plan.refused(second)


def test_a_refused_rest_behind_the_last_row_says_nothing_of_offsets() -> None:
    found = read(ending_with_404(93), 10, window=4)
    assert found.kinds.count(Kind.FILL) == 1 and not found.plan.aligned and found.rows == list(range(93))


def test_a_total_too_low_behind_a_short_page_leaves_no_gap() -> None:
    found = read(holds(318, lambda position: 50 if position < 100 else 22), 50, total=159, window=4)
    assert found.rows == list(range(318)) and found.kinds.count(Kind.PROBE) == 1


def test_a_server_that_refuses_odd_offsets_is_no_longer_asked_for_the_rest_of_pages() -> None:
    def server(start: int, length: int) -> Rows | None:
        """Every page is three rows short."""
        rows = refusing_odd_offsets(995)(start, length)
        return rows and rows[3:]

    found = read(server, 10, window=4)
    assert found.plan.aligned and found.kinds.count(Kind.FILL) <= 4
    assert found.rows == [row for row in range(995) if row % 10 > 2]


def test_where_rows_are_left_out_after_cutting_only_one_short_page_in_some_is_looked_at() -> None:
    def server(start: int, length: int) -> Rows:
        return [row for row in range(start, min(start + length, 6000)) if row % 10]

    def refilled(start: int, length: int) -> Rows:
        """As such servers do: the rest begins at a row that was sent before."""
        return server(start, length) if start % 100 == 0 else server(start // 100 * 100, 100)

    found = read(refilled, 100, window=1, total=6000)
    assert found.plan.filtered and found.rows == [row for row in range(6000) if row % 10]
    assert found.kinds.count(Kind.FILL) <= 60 // SAMPLE + 2


def test_a_flag_ends_the_read_at_its_page() -> None:
    plan = RangePlan(Bounds(0, 10, True, 16))
    for rows, more in ((10, True), (10, False)):
        stretch = plan.take()
        assert stretch is not None
        plan.arrived(stretch, PageFacts(rows, has_more=more))
        for late in plan.under_way.copy():
            plan.arrived(late, PageFacts(0, has_more=False))
    assert plan.take() is None and plan.top == 20


def test_a_flag_is_not_believed_against_rows_beyond_it() -> None:
    plan = RangePlan(Bounds(0, 10, True, 16))
    first = plan.take()
    assert first is not None
    plan.arrived(first, PageFacts(10, has_more=True))
    second, third = plan.take(), plan.take()
    assert second is not None and third is not None
    plan.arrived(second, PageFacts(10, has_more=False))
    plan.arrived(third, PageFacts(10, has_more=True))
    assert plan.take() == Stretch(30, 10)


def test_pages_below_the_lowest_stretch_under_way_are_settled() -> None:
    plan = RangePlan(Bounds(0, 10, True, 16))
    first = plan.take()
    assert first is not None and plan.settled == 0
    plan.arrived(first, PageFacts(10))
    second, third = plan.take(), plan.take()
    assert second is not None and third is not None and plan.settled == 10
    plan.arrived(third, PageFacts(10))
    assert plan.settled == 10 == plan.lowest
    plan.arrived(second, PageFacts(4))
    assert plan.settled == 14 and plan.is_filling(10)


def test_no_more_than_the_window_is_under_way_while_no_end_is_known() -> None:
    assert read(holds(5000), 10, window=4, hands=100).most_under_way == 4
