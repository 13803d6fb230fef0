"""Reading chains again whose rows have moved: what came does not fit the API's total.

A further pass is a read of its own from the first page on, and proves what it proves by itself: by its own totals and
its own keys. Nothing that went on before is taken back. Where a table would then hold rows twice (it does not merge
them by key, or children would be read for them once more), rows that came before byte by byte are left out of the
pages that go on; a row that has changed meanwhile goes on as the newer one.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

import msgspec

from homeroom import paginate
from homeroom.fetch import Chain
from homeroom.fetch.overlap import Key, key_of
from homeroom.ledger import ChainCount, has_moved
from homeroom.values import ChainEnd, Page


@dataclass(slots=True)
class _Course:
    """How one chain was read so far. `gone` are marks of the rows that went on; None where nobody needs them."""

    gone: array[int] | None
    passes: int = 0
    known: Counter[int] = field(default_factory=Counter)
    """Of the rows that went on in earlier passes, those that have not come in this one."""
    received: int = 0
    keys: set[Key] = field(default_factory=set)
    before: tuple[ChainCount, Sequence[int | None]] | None = None
    """What the pass before came to."""


class Passes:
    """The passes of some chains of one resource. `most` is how often one may be read again.

    `number` gives each further pass a number of its own among the resource's chains. `once`: no row may go on twice. Of
    the thread that dlt pulls in.
    """

    def __init__(self, chains: Iterable[Chain], most: int, number: Callable[[], int], *, once: bool) -> None:
        self._number = number
        self._first: dict[int, int] = {}
        self._chains = {chain.number: chain for chain in chains if _is_repeatable(chain)}
        self._most = most
        self._courses: dict[int, _Course] = {}
        self._once = once
        self._due: list[int] = []

    def entered(self, page: Page) -> Page:
        """The page as it may go on."""
        first = self.first_of(page.chain)
        if (course := self._course_of(first, page)) is None or course.gone is None:
            return page
        if page.facts.data is None and page.facts.rows:
            del self._chains[first]  # its rows lie all over the answer
            return page
        rows = [bytes(row) for row in msgspec.json.decode(page.facts.data or b"[]", type=list[msgspec.Raw])]
        if not course.passes:
            course.gone.extend(map(hash, rows))
            return page
        key = self._chains[first].key
        course.received += len(rows)
        course.keys.update(key_of(row, key) for row in rows)
        fresh = [row for row in rows if _is_fresh(course.known, hash(row))]
        course.gone.extend(map(hash, fresh))
        return replace(page, facts=replace(page.facts, rows=len(fresh), data=b"[" + b",".join(fresh) + b"]"))

    def first_of(self, chain: int) -> int:
        """The number of the first pass of a chain."""
        return self._first.get(chain, chain)

    def _course_of(self, first: int, page: Page) -> _Course | None:
        """The course of a page's chain, if a total is told: without one nothing says that it should be read again.

        Where rows may not go on twice it has to be told by the first page, or nobody knows which have gone on.
        """
        if first not in self._courses and first in self._chains and page.facts.row_total is not None:
            if self._once and page.number > 1:
                del self._chains[first]
            else:
                self._courses[first] = _Course(array("q") if self._once else None)
        return self._courses.get(first) if first in self._chains else None

    def ended(self, end: ChainEnd, counted: ChainCount) -> tuple[ChainEnd, ChainCount]:
        """The end of a pass with what is to be said of it, and what came in it; it may make another one due.

        `counted` is what went on of it.
        """
        first = self.first_of(end.chain)
        course = self._courses.get(first) if first in self._chains else None
        if course is None:
            return end, counted
        if course.passes and course.gone is not None:
            counted = ChainCount(course.received, len(course.keys))
        told = replace(end, note="; ".join(filter(None, (end.note, self._note(course)))))
        # Where a pass brings what the one before brought, nothing moves: the API's total counts something else.
        stands_still, course.before = (counted, end.totals) == course.before, (counted, end.totals)
        if has_moved(end, counted) and not stands_still and course.passes + end.passes < self._most:
            self._due.append(end.chain)
        return told, counted

    def _note(self, course: _Course) -> str:
        if not course.passes:
            return ""
        times = "once" if course.passes == 1 else f"{course.passes} times"
        return f"rows moved while they were read; read again {times} (sync.repair_passes: {self._most})"

    def due(self) -> dict[int, Chain]:
        """The chains to be read once more, which begins now, by the numbers of the passes whose place they take."""
        numbers, self._due = self._due, []
        return {number: self._again(self.first_of(number)) for number in numbers}

    def _again(self, first: int) -> Chain:
        course = self._courses[first]
        course.passes += 1
        course.known = Counter(course.gone or ())
        course.received, course.keys = 0, set()
        chain = replace(self._chains[first], number=self._number(), is_repair=True)
        self._first[chain.number] = first
        return chain


def _is_repeatable(chain: Chain) -> bool:
    """Whether rows are told apart by fields, and no code of the user's remembers how far it came."""
    return bool(chain.key) and not chain.actions and not isinstance(chain.paging, paginate.Own)


def _is_fresh(known: Counter[int], mark: int) -> bool:
    if known[mark] > 0:
        known[mark] -= 1
        return False
    return True
