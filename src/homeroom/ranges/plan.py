"""The plan of a read with random access: which stretch to ask for next, until nothing can be missing.

Pure. Positions count rows (offset paging) or pages (page numbers). The plan is one of stretches, not of page
numbers: what a short page left out is asked for as a stretch of exactly that length, so a server that clamps
the page size in the middle of sixteen requests loses nothing and sends nothing twice.

A plan may be told that requests overlap: each is then made for one row before its stretch (its *lead*), which the
page before has brought already. Stretches are of new rows alone, and so is what `arrived` is told of; only the size
of a page, and with it the step, counts the lead too.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace

from homeroom.ranges.stretch import Bounds, Kind, Stretch
from homeroom.values import PageFacts

FAR_FROM = 4
"""Pages that must have been read before a gap is looked for with a request of its own."""

SAMPLE = 10
"""Of pages known to come short for another reason than a clamp, each n-th is still looked at for one."""

MOST_EMPTY = 100
"""Empty pages in a row that are read on below a total: it may be too high, or count something else than rows."""

CLAMPS = frozenset({10, 20, 25, 30, 40, 50, 60, 75, 80})
"""Most rows that servers give in a page, with the multiples of 50."""


class RangePlan:
    """Where one read stands.

    Ask `take` for stretches until it gives None, tell what came of each by `arrived` or `refused`, and ask
    again; the read is over when `take` gives None and nothing is under way.
    """

    def __init__(self, bounds: Bounds) -> None:
        self.step = bounds.step
        """What a request is expected to bring. More than was asked for where the server gives more."""
        self.under_way: set[Stretch] = set()
        self.top = bounds.start
        """End of the highest stretch that held rows."""
        self.clamped = False
        self.holes = 0
        self.filtered = False
        self.aligned = False
        """The server refuses offsets that are no multiple of the limit, so short pages cannot be filled."""
        self.overlap = 0
        """Rows before a stretch that its request asks for once more: 1 or 0."""
        self._bounds = bounds
        self._urgent: deque[Stretch] = deque()
        self._next = bounds.start
        self._window = 1
        self._total: int | None = None
        self._flag: int | None = None
        self._doubted: set[int] = set()
        self._empty: dict[int, Stretch] = {}
        self._refused: set[int] = set()
        self._refused_rests: set[int] = set()
        self._repeated: set[int] = set()
        self._short: dict[int, int] = {}
        self._unfilled: list[Stretch] = []
        self._far: dict[int, int] = {}
        self._looked_far = False
        self._far_was_hit = False
        self._largest = 0
        self._last_was_full = False
        self._answered = False
        self._flag_was_wrong = False

    def overlap_by_one(self) -> None:
        """From now on each request begins one row early, and so brings one new row less. Say so before the first page.

        Only for rows, and pages that hold two of them at least.
        """
        self.overlap = 1
        self.step -= 1

    def read_aligned(self) -> None:
        """Requests overlap no more."""
        self.step += self.overlap
        self.overlap = 0

    def lead_of(self, stretch: Stretch) -> int:
        """How many rows before the stretch its request begins; nothing lies before the first one."""
        return self.overlap if stretch.start > self._bounds.start else 0

    def rewind(self, position: int) -> None:
        """Read on from a position, as if nothing had been asked for or had come beyond it.

        Answers to what was under way must not be told any more.
        """
        self.under_way.clear()
        self._urgent.clear()
        self.top = self._next = position
        self._total = self._flag = None
        for beyond in (self._empty, self._short, self._far):
            beyond.clear()
        for asked in (self._doubted, self._refused, self._refused_rests, self._repeated):
            asked.clear()
        self._unfilled.clear()
        self._looked_far = self._far_was_hit = self._last_was_full = False

    # What to ask

    def take(self) -> Stretch | None:
        """The next stretch to ask for; None: none before another one has arrived, or none at all."""
        if self._urgent:
            # The lowest is what the reader waits for.
            lowest = min(self._urgent, key=lambda stretch: stretch.start)
            self._urgent.remove(lowest)
            return self._sent(lowest)
        if not self._answered:
            return None if self.under_way else self._sent(self._following())
        if self._may_go_on():
            return self._sent(self._following())
        if self.under_way:
            # What is under way lies beyond an empty page: the far look need not wait for it.
            last = self._far_look() if self.is_past_rows else None
        else:
            last = self._last_look() or self._far_look()
        return None if last is None else self._sent(last)

    @property
    def is_urgent(self) -> bool:
        """Whether pages that have arrived wait for what `take` gives next."""
        return bool(self._urgent)

    @property
    def lowest(self) -> int | None:
        """Where the lowest stretch begins that has not arrived yet; what lies below is settled. None: all has."""
        return min((stretch.start for stretch in (*self.under_way, *self._urgent)), default=None)

    @property
    def settled(self) -> int:
        """Pages that begin below this are in their order: nothing before them is still to come."""
        return self._next if self.lowest is None else min(self.lowest, self._next)

    def is_filling(self, start: int) -> bool:
        """Whether the rest of the page at `start` is being asked for."""
        return any(s.kind is Kind.FILL and s.of == start for s in (*self.under_way, *self._urgent))

    def has_ended_before(self, position: int) -> bool:
        """Whether an empty page below, or one that may be the last, makes this position one beyond the end."""
        sign = self._end_sign()
        return (sign is not None and sign < position) or (self.top < position and self._end_is_being_filled())

    def _sent(self, stretch: Stretch) -> Stretch:
        self.under_way.add(stretch)
        return stretch

    def _following(self) -> Stretch:
        start = self._next
        while start in self._far:
            start = self._far.pop(start)
        ahead = min((far for far in self._far if far > start), default=start + self.step)
        length = min(self.step, ahead - start)
        self._next = start + length
        return Stretch(start, length)

    def _may_go_on(self) -> bool:
        if self._end_is_being_filled():
            return False  # its rest tells a clamp from the end
        maximum = self._bounds.maximum
        if maximum is not None and self._next >= maximum:
            return False
        if (end := self._announced_end()) is not None:
            return self._next < end and not self._is_far_behind_rows()
        if not self._bounds.stops_when_empty and maximum is not None:
            return True
        if len(self.under_way) >= self._window:
            return False
        sign = self._end_sign()
        return sign is None or self._next + self.step <= sign + self._guard()

    def _end_is_being_filled(self) -> bool:
        return any(s.kind is Kind.FILL and s.start == self.top for s in (*self.under_way, *self._urgent))

    def _announced_end(self) -> int | None:
        if self._flag is not None:
            return self._flag
        # Where the server filters after it has cut its pages, positions count rows that its total leaves out.
        return None if self.filtered else self._total

    def _end_sign(self) -> int | None:
        """The lowest empty stretch with nothing but empty ones above it."""
        return min((start for start in self._empty if start >= self.top), default=None)

    def _is_far_behind_rows(self) -> bool:
        """Whether so many pages in a row were empty that rows are hardly to be found before the announced end."""
        sign = self._end_sign()
        if sign is None:
            return False
        most = self._guard() if sign in self._refused else max(self._guard(), MOST_EMPTY * self.step)
        return self._next + self.step > sign + most

    def _guard(self) -> int:
        """How far to look beyond an empty page: pages in the middle may be empty where a server filters afterwards."""
        return self._window * self.step if self._window > 1 else 0

    def _last_look(self) -> Stretch | None:
        """Nothing is under way: what would still show that this is not the end."""
        if not self._bounds.stops_when_empty:
            return None
        sign, total = self._end_sign(), self._announced_end()
        if sign is not None and total is not None and sign < total:
            return self._once_more(self._empty[sign])
        beyond = self._bounds.maximum is None or self.top < self._bounds.maximum
        if total is not None and self.top >= total and sign is None and beyond and self._is_doubtful():
            self._doubted.add(self.top)
            return Stretch(self.top, self.step, Kind.PROBE)
        return None

    def _is_doubtful(self) -> bool:
        """Whether the announced end is worth one request more: it may be too low (dlt then loses the rest in silence).

        So it is where a full page ends there, and where the only page has the length of a clamp: some servers tell the
        rows of the page instead of all. Any other short page is the end that every server means.
        """
        if self.top in self._doubted:
            return False
        if self._is_like_a_clamp():
            return True
        read = self.top - self._bounds.start if self._bounds.divisible else self.top
        return self._flag is None and self._total is not None and (self._last_was_full or read > self._total)

    def _is_like_a_clamp(self) -> bool:
        rows = self.top - self._bounds.start
        alone = self._bounds.divisible and rows == self._largest < self._bounds.step
        return alone and (rows in CLAMPS or (rows > 0 and rows % 50 == 0))

    def _far_look(self) -> Stretch | None:
        """Beyond any window: a gap wider than that would show there."""
        if self._looked_far or self._announced_end() is not None or self._window < FAR_FROM:
            return None
        maximum = self._bounds.maximum
        if not self._bounds.stops_when_empty or (maximum is not None and self.top >= maximum):
            return None
        self._looked_far = True
        pages = -(-(self.top - self._bounds.start) // self.step)
        far = self._bounds.start + 2 * pages * self.step
        return Stretch(far, self.step, Kind.FAR) if far >= self._next and (maximum is None or far < maximum) else None

    def _once_more(self, stretch: Stretch) -> Stretch | None:
        if stretch.start in self._repeated:
            return None
        self._repeated.add(stretch.start)
        return Stretch(stretch.start, stretch.length, Kind.AGAIN, stretch.of)

    # What came

    def arrived(self, stretch: Stretch, facts: PageFacts, *, known: bool = False, mixed: bool = False) -> None:
        """Enter the answer to a stretch; its total is a position here.

        `known`: it held only rows that came before; `mixed`: some of its rows did.
        """
        self.under_way.discard(stretch)
        self._answered = True
        if facts.rows == 0 or (known and stretch.kind in (Kind.PROBE, Kind.FAR)):
            self._listen(stretch, facts, stretch.start)
            self._came_empty(stretch)
        elif known:
            self._came_known(stretch)
        else:
            self._came(stretch, facts, mixed=mixed)

    def refused(self, stretch: Stretch) -> bool:
        """Enter a refusal (such as 404); whether it may be the end rather than a failure."""
        self.under_way.discard(stretch)
        if stretch.kind is Kind.FILL:
            # Behind the last row it may as well be the end: nothing is known of offsets before rows come from beyond.
            self.aligned = self.aligned or stretch.start < self.top
            self._refused_rests.add(stretch.start)
            return True
        if stretch.kind in (Kind.PROBE, Kind.FAR):
            return True
        if not self._answered or stretch.start < self.top or stretch.kind is Kind.AGAIN:
            return False
        self._refused.add(stretch.start)
        self._came_empty(stretch)
        return True

    @property
    def is_bounded(self) -> bool:
        """Whether the API's total ends the read, whatever else comes."""
        return self._total is not None and not self.filtered

    @property
    def is_past_rows(self) -> bool:
        """Whether an empty page lies behind all rows, and nothing before it is still to come."""
        sign, lowest = self._end_sign(), self.lowest
        return sign is not None and (lowest is None or lowest > sign)

    def forget_total(self) -> None:
        """The API's total counts something else: what comes tells the end."""
        self._total = None

    @property
    def refused_end(self) -> int | None:
        """Where the refusal stands that ended the read; None where an empty page or a total did."""
        sign = self._end_sign()
        return sign if sign in self._refused else None

    @property
    def is_told_end(self) -> bool:
        """Whether it was the API's word (a total, a flag) that ended the read, and not a page without rows."""
        announced = self._announced_end()
        return announced is not None and self.top >= announced

    @property
    def at_maximum(self) -> bool:
        """Whether the config's maximum ended the read."""
        return self._bounds.maximum is not None and self.top >= self._bounds.maximum

    @property
    def passed_announced(self) -> bool:
        """Whether the read went beyond an end that the API had announced."""
        return bool(self._doubted)

    @property
    def misses_announced(self) -> bool:
        """Whether the API announced an end beyond what came."""
        return self._total is not None and self.top < self._total

    def _listen(self, stretch: Stretch, facts: PageFacts, end: int) -> None:
        """Take in what an answer says of the end. An empty page often says a total of 0: it is no second opinion."""
        if facts.total is not None and (facts.rows or self.top == self._bounds.start):
            self._total = None if self._is_disproved(facts.total) else facts.total
        lower = self._flag is None or end < self._flag
        if facts.has_more is False and not self._flag_was_wrong and end >= self.top and lower:
            self._flag = end

    def _is_disproved(self, total: int) -> bool:
        return any(doubted >= total and self.top > doubted for doubted in self._doubted)

    def _came(self, stretch: Stretch, facts: PageFacts, *, mixed: bool) -> None:
        rows = facts.rows
        end = stretch.start + (rows if self._bounds.divisible else stretch.length)
        self._raise_top(stretch, end)
        self._listen(stretch, facts, end)
        full = self._is_full(stretch, rows)
        if end >= self.top:
            self._last_was_full = full
        if full and stretch.kind in (Kind.NEXT, Kind.PROBE):
            # One more for each full page doubles it with each round trip: 1.23 of the ideal time at 400 pages and 16
            # under way (times four: 1.15), and a small list costs no more than twice its requests.
            self._window = min(self._bounds.window, self._window + 1)
        self._largest = max(self._largest, rows)
        if stretch.kind is Kind.FAR:
            self._far_was_hit = True
            self._far[stretch.start] = max(end, stretch.start + stretch.length)
        else:
            # Nothing was planned behind a probe; what it leaves out of its stretch is filled like any other rest.
            reach = stretch.start + stretch.length if stretch.kind is Kind.PROBE else end
            self._next = max(self._next, end, reach)
        if mixed and stretch.kind is Kind.FILL:
            self.filtered = True
        elif self._bounds.divisible:
            self._note_size(stretch, rows, end)

    def _raise_top(self, stretch: Stretch, end: int) -> None:
        if end <= self.top:
            return
        self.top = end
        if stretch.kind is not Kind.FAR and not self._far_was_hit:
            self._looked_far = False  # it was looked for behind an end that is none
        self.aligned = self.aligned or any(rest < end for rest in self._refused_rests)
        if self._flag is not None and stretch.start >= self._flag:
            self._flag = None  # rows beyond the end that a flag announced
            self._flag_was_wrong = stretch.kind is Kind.PROBE
        if self._total is not None and stretch.kind is Kind.PROBE:
            self._total = None
        if self._bounds.stops_when_empty:
            for hole in [empty for start, empty in self._empty.items() if start < stretch.start]:
                del self._empty[hole.start]
                self._ask_again(hole)

    def _ask_again(self, hole: Stretch) -> None:
        if hole.kind is Kind.FILL and self.filtered:
            return  # where short pages are the rule, so are rests without a row
        if (again := self._once_more(hole)) is not None:
            self._urgent.append(again)
        elif hole.of is None:
            self.holes += 1

    def _is_full(self, stretch: Stretch, rows: int) -> bool:
        if self._bounds.divisible:
            return rows >= stretch.length
        least = self._largest or self._bounds.full_page
        return least is not None and rows >= least

    def _note_size(self, stretch: Stretch, rows: int, end: int) -> None:
        """What the number of rows says of the page size, and what it leaves to be asked for."""
        if rows > stretch.length and stretch.kind is Kind.NEXT:
            self.step = max(self.step, rows + self.lead_of(stretch) - self.overlap)
        if stretch.kind is Kind.FILL and stretch.of is not None:
            self._confirm_clamp(stretch, rows)
        if rows >= stretch.length:
            return
        if self._is_announced(end) and stretch.kind is not Kind.FAR and stretch.start + stretch.length >= self._next:
            self._next = end  # not asked for now, nor left out should the announcement turn out to be wrong
            return
        self._short[stretch.start] = rows + self.lead_of(stretch)
        rest = Stretch(end, stretch.length - rows, Kind.FILL, stretch.start)
        alone = not self.under_way and not self.filtered and self._announced_end() is None
        if alone and self._next == stretch.start + stretch.length:
            # Nothing beyond is under way, so one request asks for the rest and for what may follow.
            rest = replace(rest, length=max(rest.length, self.step))
        if self.filtered:
            self._unfilled.append(rest)
            if len(self._unfilled) < SAMPLE:
                return
            rest = self._unfilled.pop()
        if not self.aligned:
            self._urgent.appendleft(rest)

    def _is_announced(self, end: int) -> bool:
        announced = self._announced_end()
        return announced is not None and end >= announced

    def _confirm_clamp(self, fill: Stretch, rows: int) -> None:
        """A fill that brings new rows tells a clamp from a page that is short for another reason."""
        size, lead = self._short.get(fill.of if fill.of is not None else fill.start, 0), self.lead_of(fill)
        if self.overlap < size < self.step + self.overlap and rows + lead == min(fill.length + lead, size):
            self.step = size - self.overlap
            self.clamped = True
        if self.filtered:
            self.filtered = False
            if not self.aligned:
                self._urgent.extend(self._unfilled)
        self._unfilled.clear()

    def _came_known(self, stretch: Stretch) -> None:
        """Only rows already seen: the server cuts pages first and filters afterwards, so offsets count all rows."""
        if stretch.kind is Kind.FILL:
            self.filtered = True
            self._unfilled.clear()

    def _came_empty(self, stretch: Stretch) -> None:
        match stretch.kind:
            case Kind.FILL:
                if stretch.start >= self.top:
                    self._empty[stretch.start] = stretch
                else:
                    self._ask_again(stretch)
            case Kind.AGAIN:
                if stretch.start < self.top:
                    self.holes += stretch.of is None
                else:
                    self._empty[stretch.start] = stretch
            case Kind.NEXT:
                if stretch.start < self.top and self._bounds.stops_when_empty:
                    self._ask_again(stretch)
                else:
                    self._empty[stretch.start] = stretch
            case Kind.PROBE | Kind.FAR:
                pass
