"""A look at one resource: which pages are enough, and what is asked for to get them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from homeroom.fetch import Chain
from homeroom.ledger import ResourceLedger
from homeroom.source.asking import Ask
from homeroom.source.options import Glance

MOST_PAGES = 100
"""Of the resource itself: pages of a single row, or empty ones that lead on, would be without end."""
MOST_LISTS = 50
"""Parents of a child, or spans of time, that are asked for one after the other where they bring too few rows."""


class Glancing:
    """How far a glance has come. It reads one list after the other, and each page once."""

    def __init__(self, glance: Glance) -> None:
        self._glance = glance
        self._asked: Counter[str] = Counter()

    def cut(self, chain: Chain, entry: ResourceLedger) -> Chain:
        """The chain with what is wanted of it: of a resource that is read for its children the first page."""
        if entry.resource != self._glance.resource:
            return replace(chain, most_pages=1)
        return replace(chain, most_pages=MOST_PAGES, most_rows=self._glance.rows - entry.rows_received)

    def one_by_one(self, asks: Sequence[Ask], entry: ResourceLedger) -> Iterator[list[Ask]]:
        """What is asked for, each by itself, as long as rows are wanted and none has failed."""
        for ask in asks:
            if self.is_enough(entry) or entry.error is not None or self._asked[entry.resource] >= MOST_LISTS:
                return
            self._asked[entry.resource] += 1
            yield [ask]

    def is_enough(self, entry: ResourceLedger) -> bool:
        """Whether a resource has brought what is wanted: of one that is read for its children, any row."""
        wanted = self._glance.rows if entry.resource == self._glance.resource else 1
        return entry.rows_received >= wanted
