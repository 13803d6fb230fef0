"""Filters and order of the offset lists of the sample school, read from a question."""

from datetime import datetime

from homeroom.demo.changes import ALL_CHANGES, Span
from homeroom.demo.question import Question, RefusedError
from homeroom.demo.tables import Wanted, instant

EQUAL_FILTERS = ("role", "school_id")
SINCE_FILTER = "updated_since"
UNTIL_FILTER = "updated_until"
CHANGE_FILTERS = ("minChangeVersion", "maxChangeVersion")


def wanted(asked: Question, parent: tuple[str, int] | None = None) -> Wanted:
    """What the query asks for among the rows of the parent (None: among all); RefusedError 400 for nonsense.

    `sort=updated_at` is the one order there is besides that of the sort key, which `sort=id` means too, as no sort
    does; `ignore_filters` does not touch it.
    """
    by_time = _is_by_time(asked)
    if asked.dials.ignore_filters == "on":
        return Wanted(parent, by_time=by_time)
    equal = tuple((name, asked.query[name]) for name in EQUAL_FILTERS if name in asked.query)
    since, until = _instant(asked, SINCE_FILTER), _instant(asked, UNTIL_FILTER)
    return Wanted(parent, equal, since, by_time, until, asked.dials.since == "exclusive", wanted_changes(asked))


def wanted_changes(asked: Question) -> Span:
    """Which changes the query asks for, as Ed-Fi does: both ends are inside; RefusedError 400 for nonsense."""
    if asked.dials.ignore_filters == "on":
        return ALL_CHANGES
    return Span(*(asked.number(name, 0, 0) if name in asked.query else None for name in CHANGE_FILTERS))


def _is_by_time(asked: Question) -> bool:
    order = asked.query.get("sort")
    if order not in (None, "id", "updated_at"):
        raise RefusedError(400, "bad_request", f"sort={order[:40]!r} is not allowed; allowed: id, updated_at")
    return order == "updated_at"


def _instant(asked: Question, name: str) -> datetime | None:
    text = asked.query.get(name)
    if text is None:
        return None
    try:
        return instant(text)
    except ValueError:
        allowed = "an ISO date or time such as 2026-01-31T08:00:00Z"
        raise RefusedError(400, "bad_request", f"{name}={text[:40]!r} is not allowed; allowed: {allowed}") from None
