"""How much of a resource is read where not everything is wanted, and what is asked for to get it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from homeroom.fetch import Chain
from homeroom.ledger import ResourceLedger
from homeroom.source.asking import Ask
from homeroom.source.options import ReadingOptions

MOST_PAGES = 100
"""Of the resource itself: pages of a single row, or empty ones that lead on, would be without end."""
MOST_LISTS = 50
"""Parents of a child, or spans of time, that are asked for one after the other where they bring too few rows."""


class Enough:
    """What is wanted of each resource: everything, the rows of a `limit`, or what a glance takes.

    A glance reads one list after the other, and each page once.
    """

    def __init__(self, options: ReadingOptions) -> None:
        self._limit = options.limit
        self._glance = options.glance
        self._asked: Counter[str] = Counter()

    def cut(self, chain: Chain, entry: ResourceLedger) -> Chain:
        """The chain with what a glance wants of it: of a resource that is read for its children the first page."""
        if self._glance is None:
            return chain
        if entry.resource != self._glance.resource:
            return replace(chain, most_pages=1)
        return replace(chain, most_pages=MOST_PAGES, most_rows=self._glance.rows - entry.rows_received)

    def parts(self, asks: Sequence[Ask], entry: ResourceLedger) -> Iterator[Sequence[Ask]]:
        """What is asked for at once: everything; by a glance each by itself, as long as rows are wanted."""
        if self._glance is None:
            yield asks
            return
        for ask in asks:
            if self.is_there(entry) or entry.error is not None or self._asked[entry.resource] >= MOST_LISTS:
                return
            self._asked[entry.resource] += 1
            yield [ask]

    def is_there(self, entry: ResourceLedger) -> bool:
        """Whether a resource has brought what is wanted: by a glance any row of one that is read for its children."""
        if self._glance is not None:
            return entry.rows_received >= (self._glance.rows if entry.resource == self._glance.resource else 1)
        return self._limit is not None and entry.rows_received >= self._limit
