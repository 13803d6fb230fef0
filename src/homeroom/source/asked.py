"""Whether an API keeps to the span of time that it was asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import msgspec

from homeroom.dlt_seam.rest_api import START_PLACEHOLDERS, json_path
from homeroom.ledger import ResourceLedger
from homeroom.plan import ResourcePlan
from homeroom.values import Page
from homeroom.windows import Window, moment

TOLERANCE = timedelta(days=1)
"""A filter may know whole days alone, and a zone of its own."""

_SECONDS_FROM, _MILLISECONDS_FROM = 10**8, 10**11
"""Numbers from here on may be seconds (since 1973), and milliseconds, since 1970; those below are ids or versions."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The span that a chain asks for by `param`; `field` are the keys that lead to the cursor in a row."""

    param: str
    field: tuple[str, ...]
    window: Window


def asked_of(plan: ResourcePlan, window: Window) -> Asked | None:
    """What a chain of the resource asks for; None where nothing can be said of what it then gives.

    So it is with a cursor that does not run upwards, and with a placeholder that is one part of a larger filter.
    """
    if plan.by_version or plan.incremental is None or plan.incremental.cursor.last_value_func is not max:
        return None
    filling = (name for name, value in plan.params.items() if isinstance(value, str) and value in START_PLACEHOLDERS)
    param = plan.incremental.start_param or next(filling, None)
    field = json_path(plan.incremental.cursor.cursor_path).keys
    return None if param is None or field is None else Asked(param, field, window)


class Watched:
    """Looks at the first page of each chain of a resource that is read by an `incremental`."""

    def __init__(self, asked: Mapping[int, Asked | None], entry: ResourceLedger) -> None:
        self._asked = asked
        self._entry = entry

    def see(self, pages: Iterable[Page]) -> None:
        """Enter in the ledger that the API gives what it was not asked for."""
        for page in pages:
            asked = self._asked.get(page.chain) if page.number == 1 else None
            if asked is not None and (strays := count_strays(page, asked.field, asked.window)):
                self._entry.strays_from(asked.param, ignored=2 * strays > page.facts.rows)


def count_strays(page: Page, field: Sequence[str], asked: Window) -> int:
    """How many rows of a page lie outside of the span that was asked for, by more than a filter may be rough.

    `field` are the keys that lead to the cursor in a row. 0 where nothing can be said: no such field, other types.
    """
    if page.facts.data is None or not page.facts.rows:
        return 0
    values = [value for value in _values(page.facts.data, field) if value is not None]
    try:
        return sum(_is_outside(value, asked) for value in values)
    except (TypeError, ValueError, OverflowError, OSError):
        return 0


def _values(data: bytes, field: Sequence[str]) -> Iterable[Any]:
    for row in msgspec.json.decode(data):
        for key in field:
            row = row.get(key) if isinstance(row, dict) else None
        yield row


def _is_outside(value: Any, asked: Window) -> bool:
    if isinstance(value, int | float):
        rough = _roughness(value)
        before = asked.start is not None and value < asked.start - rough
        return bool(before or (asked.end is not None and value > asked.end + rough))
    if asked.start is not None and moment(value) < moment(asked.start) - TOLERANCE:
        return True
    return asked.end is not None and moment(value) > moment(asked.end) + TOLERANCE


def _roughness(value: float) -> float:
    """A day, in the unit that a number counts moments in; 0 where it is too small for one."""
    seconds = TOLERANCE.total_seconds()
    return 0 if value < _SECONDS_FROM else seconds if value < _MILLISECONDS_FROM else 1000 * seconds
