"""A read with random access brings every row, whatever server is drawn: few requests, none twice."""

import random
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from homeroom.ranges import Kind

from .range_reader import (
    Rows,
    at_least,
    ending_with_404,
    fixed,
    flooring_offsets,
    generous,
    holds,
    paged,
    read,
    refusing_odd_offsets,
)

DICE = st.integers(0, 2**32 - 1).map(random.Random)
"""Seeded by a number: dice that hypothesis throws itself are slow, and shrink for minutes."""


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
    # One page, the one that showed how the server counts, may overlap with the one that follows.
    assert set(found.rows) == kept and len(found.rows) <= len(kept) + 100


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
