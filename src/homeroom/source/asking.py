"""What is asked for a resource: the first request of each chain, and what goes with its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from homeroom.fetch import Chain
from homeroom.ledger import ResourceLedger
from homeroom.plan import Batch, ResourcePlan, child_batches, child_request, parent_values, root_requests
from homeroom.source.asked import Asked, Watched, asked_of
from homeroom.source.cursors import OwnCursors, Start
from homeroom.values import Page, Request, Status
from homeroom.windows import Window


@dataclass(frozen=True, slots=True)
class Ask:
    """A chain to be. `given` are the fields of its parent that each row takes in; `asked` what its rows must fit.

    `start` is None where dlt's cursor, or none, says from where. `is_over`: a span into which nothing new can fall.
    """

    request: Request
    given: Mapping[str, Any]
    asked: Asked | None = None
    start: Start | None = None
    is_over: bool = False
    parents: tuple[tuple[str, ...] | None, ...] = ()
    """What the request takes of each parent's row, as texts, where the rows of the child tell their parent by it."""


def root_asks(plan: ResourcePlan, cursor: Any, own: OwnCursors | None, now: datetime) -> list[Ask]:
    """What is asked for a resource without a parent: query by query, the windows of each from the oldest on.

    Raises `ConfigError` for a span of time that cannot be cut.
    """
    if own is None:
        return _spans(plan, cursor, None, now)
    return [ask for start in own.starts() for ask in _spans(start.plan, start.cursor, start, now)]


def _spans(plan: ResourcePlan, cursor: Any, start: Start | None, now: datetime) -> list[Ask]:
    spans = root_requests(plan, cursor, now)
    return [
        Ask(request, {}, asked_of(plan, window), start, len(spans) > 1 and window.is_over(now))
        for request, window in spans
    ]


def child_asks(
    plan: ResourcePlan, parents: Sequence[Mapping[str, Any]], cursor: Any, own: OwnCursors | None
) -> list[Ask]:
    """What is asked for some parent rows, in their order. Raises `DataError` where one lacks a field."""
    if plan.batch is not None:
        starts = [(plan, cursor, None)] if own is None else [(each.plan, each.cursor, each) for each in own.starts()]
        return [ask for asking in starts for ask in _of_batches(plan.batch, parents, *asking)]
    if own is None:
        return [_of_parent(plan, parent, cursor, None) for parent in parents]
    return [_of_parent(s.plan, parent, s.cursor, s) for parent in parents for s in own.starts(parent)]


def _of_batches(
    batch: Batch, parents: Sequence[Mapping[str, Any]], plan: ResourcePlan, cursor: Any, start: Start | None
) -> Iterator[Ask]:
    asked = None if cursor is None else asked_of(plan, Window(cursor.start_value, cursor.end_value))
    for request, together in child_batches(plan, batch, parents, cursor):
        told = tuple(parent_values(plan, parent) for parent in together) if plan.parent_columns else ()
        yield Ask(request, {}, asked, start, parents=told)


def _of_parent(plan: ResourcePlan, parent: Mapping[str, Any], cursor: Any, start: Start | None) -> Ask:
    request, given = child_request(plan, parent, cursor)
    asked = None if cursor is None else asked_of(plan, Window(cursor.start_value, cursor.end_value))
    return Ask(request, given, asked, start, parents=(parent_values(plan, parent),) if plan.parent_columns else ())


def first_of_each(asks: Sequence[Ask]) -> tuple[list[Ask], list[Ask]]:
    """The first chain of each query, and the others: an API that does not know a filter gives all there is at once."""
    first: dict[int, Ask] = {}
    for ask in asks:
        first.setdefault(id(ask.start), ask)
    head = list(first.values())
    return head, [ask for ask in asks if not any(ask is each for each in head)]


class Followed:
    """What is looked at in the chains of some asks while they are read: filters that are ignored, cursors of our own.

    `first_of` names the first pass of a chain that is read again.
    """

    def __init__(
        self,
        chains: Sequence[Chain],
        asks: Sequence[Ask],
        entry: ResourceLedger,
        own: OwnCursors | None,
        first_of: Callable[[int], int],
    ) -> None:
        self._watched = Watched({chain.number: ask.asked for chain, ask in zip(chains, asks, strict=True)}, entry)
        self._own = own
        self._first_of = first_of
        for chain, ask in zip(chains, asks, strict=True):
            if own is not None and ask.start is not None:
                own.follow(chain.number, ask.start)

    def see(self, items: Iterable[object]) -> None:
        """What came, pages and other things. Raises `DataError` where values of a cursor cannot be compared."""
        pages = [item for item in items if isinstance(item, Page)]
        self._watched.see(pages)
        if self._own is not None:
            for page in pages:
                self._own.see(self._first_of(page.chain), page)

    def ended(self, chain: int, status: Status) -> None:
        """A chain ended, and proves this."""
        if self._own is not None:
            self._own.ended(self._first_of(chain), status)
