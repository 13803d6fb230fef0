"""From the first page of a list: how many rows and requests the whole of it comes to. Pure.

What is asked for by offset or page number is told by the sync's own plan of such a read (`ranges`), played through
against a server that goes on as it began.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

from homeroom.fetch.overlap import may_overlap
from homeroom.paginate import Offset, PageNumber, Paging
from homeroom.plan_run.count import Count, at_least, exact
from homeroom.ranges import Bounds, RangePlan, Stretch
from homeroom.values import PageFacts

MOST_PLAYED = 3000
"""Pages of a read that is played through; of a longer one the middle is of full pages, each a request."""


@dataclass(frozen=True, slots=True)
class Began:
    """How a list began: its paging (None: guessed, and nothing came), its first page, and whether that leads on.

    `requests` are those that the first page took, `asked` is the page size that was asked for, None where none was.
    `crawls`: pages may be asked for in any order. `doubts`: an empty list is asked for twice. `overlap` and
    `concurrency` are those of the settings.
    """

    paging: Paging | None
    first: PageFacts
    has_more: bool
    requests: int
    asked: int | None
    crawls: bool
    doubts: bool
    overlap: str
    concurrency: int

    @property
    def is_short(self) -> bool:
        """Whether fewer rows came than were asked for although there are more: the server clamps."""
        more = self.has_more or (self.first.row_total or 0) > self.first.rows
        return more and self.asked is not None and 0 < self.first.rows < self.asked


@dataclass(frozen=True, slots=True)
class Reach:
    """Rows and requests of one list."""

    rows: Count
    requests: Count


def reach_of(began: Began) -> Reach:
    """What the whole list comes to."""
    first, total = began.first, began.first.row_total
    if not first.rows and not began.has_more:
        return Reach(exact(0), exact(began.requests + began.doubts))
    if began.crawls and first.rows:
        paging = began.paging
        return _by_offset(began, paging) if isinstance(paging, Offset) else _by_page(began, paging)
    if not began.has_more:
        return Reach(exact(first.rows), exact(began.requests))
    if total is None or not first.rows:
        return Reach(at_least(first.rows), at_least(began.requests + 1))
    pages = -(-max(total, first.rows + 1) // first.rows)
    # Behind the last row some servers name one more page, which is then empty.
    return Reach(exact(max(total, first.rows)), Count(pages, pages + 1, pages))


def _by_offset(began: Began, paging: Offset) -> Reach:
    first, asked_beyond = began.first, began.requests - 1
    if first.row_total is None or first.has_more is False:
        requests = _played(began, paging, first.rows) + asked_beyond
        if began.has_more:  # it ends here at the earliest
            return Reach(at_least(first.rows), at_least(requests))
        return Reach(exact(first.rows), exact(requests))
    rows = max(first.row_total - paging.start, first.rows)
    if paging.maximum is not None:
        rows = min(rows, max(0, paging.maximum - paging.start))
    requests = _played(began, paging, rows) + asked_beyond
    if first.total is None:  # it is told where the read does not look: how far that goes depends on what comes when
        return Reach(exact(rows), Count(requests - 1, requests + began.concurrency, requests))
    return Reach(exact(rows), exact(requests))


def _by_page(began: Began, paging: Paging | None) -> Reach:
    assert isinstance(paging, PageNumber)
    first, size = began.first, began.first.rows
    if first.has_more is False or not began.has_more:
        return Reach(exact(size), exact(_played(began, paging, size)))
    if first.total is None:
        known = first.row_total
        if known is None:
            fewest = _played(began, paging, size)
            return Reach(at_least(size), at_least(fewest))
        requests = _played(began, paging, max(known, size))
        return Reach(exact(max(known, size)), Count(requests - 1, requests + began.concurrency, requests))
    pages = max(1, first.total + paging.base - paging.start)
    if paging.maximum is not None:
        pages = min(pages, paging.maximum - paging.start)
    if first.row_total is not None and paging.maximum is None:
        return Reach(exact(max(first.row_total, size)), exact(_played(began, paging, max(first.row_total, size))))
    least, most = _played(began, paging, (pages - 1) * size + 1), _played(began, paging, pages * size)
    if _may_count_rows(paging, first):
        # Many APIs tell rows where dlt's paginator looks for pages. That would be fewer requests.
        return Reach(
            Count(min(first.total, (pages - 1) * size + 1), pages * size), Count(-(-first.total // size), most)
        )
    return Reach(Count((pages - 1) * size + 1, pages * size), Count(least, most, least))


def _may_count_rows(paging: PageNumber, first: PageFacts) -> bool:
    """Whether a total that is taken for one of pages may be one of rows: those are no fewer than came."""
    named = "" if paging.total is None else paging.total.text.rpartition(".")[2].lower()
    return first.total is not None and first.total >= first.rows and "page" not in named


def _played(began: Began, paging: Offset | PageNumber, rows: int) -> int:
    """How many requests a list of so many rows takes."""
    size = began.first.rows
    pages = -(-rows // size)
    if pages <= MOST_PLAYED:
        return _Play(began, paging, rows).requests()
    # Full pages in the middle are a request each (less the row that they share with the one before).
    step = size - 1 if _overlaps(began, paging) else size
    left_out = (pages - MOST_PLAYED) * size // step
    cut = left_out * step if isinstance(paging, Offset) else left_out
    maximum = None if paging.maximum is None else paging.maximum - cut
    total = None if began.first.total is None else began.first.total - cut
    shorter = replace(began, first=replace(began.first, total=total))
    return _Play(shorter, replace(paging, maximum=maximum), rows - left_out * step).requests() + left_out


def _overlaps(began: Began, paging: Offset | PageNumber) -> bool:
    return may_overlap(paging, began.first, began.overlap)


class _Play:
    """A server of so many rows, and the read of it: answers come in the order of their requests."""

    def __init__(self, began: Began, paging: Offset | PageNumber, rows: int) -> None:
        self._began, self._paging, self._rows = began, paging, rows
        self._size = began.first.rows
        self._is_by_row = isinstance(paging, Offset)
        self._clamps = began.asked is not None and self._size < began.asked and rows > self._size
        bounds = Bounds(
            start=paging.start,
            step=paging.limit if isinstance(paging, Offset) else 1,
            divisible=self._is_by_row,
            window=began.concurrency,
            maximum=paging.maximum,
            stops_when_empty=paging.stop_after_empty_page,
            full_page=None if self._is_by_row else began.asked,
        )
        self._plan = RangePlan(bounds)
        if _overlaps(began, paging):
            self._plan.overlap_by_one()

    def requests(self) -> int:
        """How many are sent until the read is over."""
        # Whether a short first page is a clamp is told by the second one of page numbers, which is asked for twice.
        sent = 1 if self._clamps and not self._is_by_row else 0
        under_way: deque[Stretch] = deque()
        while True:
            while len(under_way) < self._began.concurrency and (stretch := self._plan.take()) is not None:
                under_way.append(stretch)
                sent += 1
            if not under_way:
                return sent
            stretch = under_way.popleft()
            self._plan.arrived(stretch, self._facts(stretch))

    def _facts(self, stretch: Stretch) -> PageFacts:
        first, start = self._began.first, self._paging.start
        if self._is_by_row:
            lead = self._plan.lead_of(stretch)
            most = min(stretch.length + lead, self._size) if self._clamps else stretch.length + lead
            came = max(0, min(most - lead, self._rows - (stretch.start - start)))
            end = stretch.start - start + came
            total = first.total
        else:
            came = max(0, min(self._size, self._rows - (stretch.start - start) * self._size))
            end = (stretch.start - start) * self._size + came
            base = self._paging.base if isinstance(self._paging, PageNumber) else 0
            total = None if first.total is None else first.total + base
        has_more = None if first.has_more is None else end < self._rows
        return replace(first, rows=came, data=None, total=total, has_more=has_more)
