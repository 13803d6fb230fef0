"""A span of time cut into windows, in the form in which an API's times are written. Pure.

Whether a filter takes in its ends is rarely documented, so windows share a moment: a row at the edge of two of them
comes once or twice, never not at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

MOST_WINDOWS = 10_000
"""Requests at the least; more are a window too small, or a start in the wrong unit."""

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_MILLISECONDS_FROM = 10**11
"""Numbers above are milliseconds since 1970: as seconds they would be beyond the year 5000."""


@dataclass(frozen=True, slots=True)
class Window:
    """Ask for what is from `start` to `end`, both in the API's form; None: without an end."""

    start: Any
    end: Any

    def is_over(self, now: datetime) -> bool:
        """Whether nothing new can fall into it any more; of dates the last one is taken in."""
        if self.end is None:
            return False
        return moment(self.end) + (_DAY if _is_date(self.end) else _SECOND) <= now


def cut(start: Any, end: Any, now: datetime, step: timedelta) -> list[Window]:
    """The windows from `start` to `end`, each `step` long; the last one has no end where `end` is None.

    Raises `ValueError` for a start or an end that is no time, for a step no longer than what times are written in (a
    day, a second), and for more than `MOST_WINDOWS`.
    """
    first, last = moment(start), now if end is None else moment(end)
    unit = _DAY if _is_date(start) else _SECOND
    if step <= unit:
        raise ValueError(
            f"a window must be longer than {'a day' if unit == _DAY else 'a second'}, the unit of {start!r}"
        )
    if (last - first) / step > MOST_WINDOWS:
        raise ValueError(f"more than {MOST_WINDOWS:,} windows from {start} on")
    edges = []
    edge = first + step
    while edge < last:
        edges.append(edge)
        edge += step
    starts = [start, *(alike(start, edge - unit) for edge in edges)]
    ends = [*(alike(start, edge) for edge in edges), end]
    return [Window(*each) for each in zip(starts, ends, strict=True)]


def moment(value: Any) -> datetime:
    """The moment that a value of an API stands for; without a zone it is UTC. Raises `ValueError`."""
    if isinstance(value, datetime):
        found = value
    elif isinstance(value, date):
        found = datetime(value.year, value.month, value.day)
    elif isinstance(value, str):
        found = datetime.fromisoformat(value)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        found = datetime.fromtimestamp(value / 1000 if value >= _MILLISECONDS_FROM else value, UTC)
    else:
        raise ValueError(f"{type(value).__name__} is no time")
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def alike(pattern: Any, when: datetime) -> Any:
    """A moment, written as `pattern` is: a date, a time with the same zone, seconds or milliseconds since 1970.

    Fractions of a second are kept where the pattern has some, else the time is cut to the second.
    """
    if isinstance(pattern, str):
        return _text_like(pattern, when)
    if isinstance(pattern, datetime):
        return type(pattern).fromtimestamp(when.timestamp(), pattern.tzinfo or UTC).replace(tzinfo=pattern.tzinfo)
    if isinstance(pattern, date):
        return when.date()
    number = when.timestamp() * (1000 if pattern >= _MILLISECONDS_FROM else 1)
    return int(number) if isinstance(pattern, int) else number


def _text_like(pattern: str, when: datetime) -> str:
    if _is_date(pattern):
        return when.date().isoformat()
    known = datetime.fromisoformat(pattern)
    there = when.astimezone(known.tzinfo) if known.tzinfo else when.replace(tzinfo=None)
    fraction = pattern.partition(".")[2]
    digits = len(fraction) - len(fraction.lstrip("0123456789"))
    text = there.isoformat(
        " " if " " in pattern else "T", "milliseconds" if 0 < digits <= 3 else "microseconds" if digits else "seconds"
    )
    return text.replace("+00:00", "Z") if pattern.endswith("Z") else text


def _is_date(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= len("2024-08-01")
    return isinstance(value, date) and not isinstance(value, datetime)
