"""A page that has arrived out of order, and waits for its turn."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from homeroom.facts import read_rows
from homeroom.fetch.chain import Reading
from homeroom.fetch.overlap import Cut
from homeroom.values import Answer, PageFacts, Request


@dataclass(frozen=True, slots=True, order=True)
class Arrived:
    """The answer to a stretch that begins at `start`; earlier stretches are less."""

    start: int
    request: Request = field(compare=False)
    answer: Answer = field(compare=False)
    facts: PageFacts = field(compare=False)
    read_at: datetime = field(compare=False)
    cut: Cut | None = field(default=None, compare=False)
    """The page told in rows, where pages overlap; `facts` are then those without its lead."""

    @property
    def held(self) -> bytes:
        """What the page holds, for telling whether another one holds the same."""
        return self.answer.body if self.facts.data is None else self.facts.data


def rows_of(reading: Reading, answer: Answer, facts: PageFacts) -> frozenset[str]:
    """The rows of a page in a form to compare. Only pages in doubt are parsed for it."""
    assert reading.chain.selector is not None
    return frozenset(map(repr, read_rows(answer.body, facts, reading.chain.selector)))
