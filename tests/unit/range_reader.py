"""A reader that drives a plan of stretches, and servers to drive it against."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from homeroom.ranges import Bounds, Kind, RangePlan, Stretch
from homeroom.values import PageFacts

Rows = list[int]
Server = Callable[[int, int], Rows | None]
"""What is held from a position on, so many at most; None where the question is refused."""
Total = Callable[[], int | None]

MOST_REQUESTS = 8000


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
        known, mixed = self._compare(stretch, rows) if rows else (False, False)
        plan.arrived(stretch, PageFacts(len(rows), total=self._total()), known=known, mixed=mixed)
        if known or not rows:
            return
        self._first = self._first or rows
        self._highest = max(self._highest, (stretch.start, rows))
        if plan.is_filling(stretch.start):
            self._short[stretch.start] = set(rows)
        self.found.pages.append(rows)

    def _compare(self, stretch: Stretch, rows: Rows) -> tuple[bool, bool]:
        if stretch.kind is Kind.FILL and stretch.of is not None:
            before = self._short.pop(stretch.of, set())
            return set(rows) <= before, bool(set(rows) & before)
        return stretch.kind in (Kind.PROBE, Kind.FAR) and rows in (self._first, self._highest[1]), False


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
