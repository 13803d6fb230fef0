"""Whether an API keeps to the span of time that it was asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import msgspec

from homeroom.dlt_seam.rest_api import IncrementalPlan, json_path
from homeroom.ledger import ResourceLedger
from homeroom.values import Page
from homeroom.windows import Window, moment

TOLERANCE = timedelta(days=1)
"""A filter may know whole days alone, and a zone of its own."""


class Watched:
    """Looks at the first page of each chain of a resource that is read by an `incremental`."""

    def __init__(self, plan: IncrementalPlan | None, asked: Mapping[int, Window], entry: ResourceLedger) -> None:
        path = plan.cursor.cursor_path if plan is not None and plan.start_param is not None else None
        self._field = None if path is None else json_path(path).keys
        self._param = None if plan is None else plan.start_param
        self._asked = asked
        self._entry = entry

    def see(self, items: Iterable[object]) -> None:
        """Enter in the ledger that the API gives what it was not asked for."""
        if self._field is None:
            return
        for item in items:
            if not isinstance(item, Page) or item.number > 1:
                continue
            window = self._asked.get(item.chain)
            if window is not None and strays(item, self._field, window):
                self._entry.ignores_filter(f"the API gives rows outside of what {self._param} asks for")


def strays(page: Page, field: Sequence[str], asked: Window) -> bool:
    """Whether rows of a page lie outside of the span that was asked for, by more than a filter may be rough.

    `field` are the keys that lead to the cursor in a row. Numbers are compared as they are. False where
    nothing can be said: no such field, other types.
    """
    if page.facts.data is None or not page.facts.rows:
        return False
    values = [value for value in _values(page.facts.data, field) if value is not None]
    try:
        return any(_is_outside(value, asked) for value in values)
    except (TypeError, ValueError, OverflowError, OSError):
        return False


def _values(data: bytes, field: Sequence[str]) -> Iterable[Any]:
    for row in msgspec.json.decode(data):
        for key in field:
            row = row.get(key) if isinstance(row, dict) else None
        yield row


def _is_outside(value: Any, asked: Window) -> bool:
    if isinstance(value, int | float):
        before = asked.start is not None and value < asked.start
        return bool(before or (asked.end is not None and value > asked.end))
    if asked.start is not None and moment(value) < moment(asked.start) - TOLERANCE:
        return True
    return asked.end is not None and moment(value) > moment(asked.end) + TOLERANCE
