"""What a journal holds, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from homeroom.values import Answer

Whose: TypeAlias = tuple[str, bytes]
"""A chain, in this run and in those before it: its resource and the key of its first request."""

FOR_REPLAYS = b""
"""In the place of a request's key: a later run asks again for this page, whatever is here."""


@dataclass(frozen=True, slots=True)
class Head:
    """What a journal says of its run.

    `fits` are the marks that a later run must share to go on with it. `run_id` is empty where the run came to its
    report and what is left here is for another one. `load_id` is that of the package that holds these pages, None
    before there is one. `landed` are the resources that are loaded already. `refused`: the destination has refused
    these rows once, for a reason that may be in them.
    """

    run_id: str
    started_at: datetime
    fits: Mapping[str, str]
    load_id: str | None = None
    landed: frozenset[str] = frozenset()
    refused: bool = False


@dataclass(frozen=True, slots=True)
class KeptPage:
    """An answer and what must be known of it without reading its body.

    `place` is its position in a list that may be asked for in any order, None where pages lead to each other.
    `again` is what its request differs in from its chain's first one, as JSON; None
    where that cannot be written down. `held` are secrets that its request was sent with: a page that quotes one which
    could not be put back is not kept.
    """

    whose: Whose
    request: bytes
    place: int | None
    rows: int
    row_total: int | None
    again: bytes | None
    answer: Answer
    held: frozenset[bytes] = frozenset()


@dataclass(slots=True)
class Earlier:
    """What earlier runs have left of a chain. `answers` are page ids, or an answer that was just asked for, by request.

    The same request twice has two answers, in their order. `last` is the page that is furthest into the list, None
    where no page has rows; `first` the one that arrived first.
    """

    ended: bool = False
    checked: bool = False
    first: int | None = None
    last: int | None = None
    furthest: int = -1
    answers: dict[bytes, list[int | Answer]] = field(default_factory=dict)
    empty: set[int] = field(default_factory=set)

    def drop_empty_pages(self) -> None:
        """Let pages without rows be asked for again: where a list has ended may not be its end any more."""
        for ids in self.answers.values():
            for page in [each for each in ids if each in self.empty]:
                ids.remove(page)

    def take(self, request: bytes) -> int | Answer | None:
        """The next answer to a request; None where none is left."""
        left = self.answers.get(request)
        return left.pop(0) if left else None

    def put_first(self, request: bytes, page: int, fresh: Answer) -> None:
        """Give this answer instead of the page."""
        left = self.answers[request]
        left[left.index(page)] = fresh


@dataclass(frozen=True, slots=True)
class Tally:
    """How much is in a journal: pages, and those of them that have rows; when the last one came, None without any.

    `totals` are, for each resource, the pages with rows that it should have, None if not known.
    """

    pages: int
    with_rows: int
    newest: datetime | None
    totals: Mapping[str, int | None]
