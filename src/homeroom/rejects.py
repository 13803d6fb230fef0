"""Rows that a schema contract kept out of their table, and how many values it dropped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

MOST_ROWS = 1000
MOST_BYTES = 8 << 20
"""What is kept of one resource's rejected rows in one run, by number and by their JSON; the others are counted."""

TABLE = "_homeroom_rejects"

MOST_NAMED = 3
"""Reasons, or columns, that a note names."""


@dataclass(frozen=True, slots=True)
class Reject:
    """A row of `_homeroom_rejects`, without its run. `page` and `number`, of the row on its page, count from 1.

    `number` is None where a step of the config's own has made another row of it; `column` where a whole table is
    refused. `text` is the row as JSON.
    """

    resource: str
    page: int
    number: int | None
    column: str | None
    reason: str
    text: str


class Rejects:
    """What a contract kept out of one resource's tables in one read. `rows` are those of its root table."""

    def __init__(self, resource: str) -> None:
        self.resource = resource
        self.rows = 0
        self.kept: list[Reject] = []
        self.has_keyless = False
        """Whether a rejected row has no key that can be read: nobody knows which row of the table it is."""
        self.is_blind = False
        """Whether rows went on that could not be looked at."""
        self._size = 0
        self._reasons: Counter[str] = Counter()
        self._nested: Counter[str] = Counter()
        self._values: Counter[str] = Counter()

    def add(self, page: int, number: int | None, column: str | None, reason: str, row: Any, nested: str = "") -> None:
        """A rejected row; `nested` is its table where that is not the root table."""
        if nested:
            self._nested[nested] += 1
        else:
            self.rows += 1
            self._reasons[reason] += 1
        if len(self.kept) < MOST_ROWS and self._size < MOST_BYTES:
            text = row_text(row)
            self._size += len(text)
            self.kept.append(Reject(self.resource, page, number, column, reason, text))

    def drop_value(self, column: str) -> None:
        """A value that its row went on without."""
        self._values[column] += 1

    @property
    def note(self) -> str:
        """What to say of it in the report; empty where nothing was rejected."""
        parts = []
        if self.rows:
            parts.append(f"{_counted(self.rows, 'row')} rejected by its contract ({_most(self._reasons)})")
        parts += [
            f"{_counted(count, 'row')} of {table} rejected by its contract" for table, count in self._nested.items()
        ]
        total = self.rows + self._nested.total()
        if total > len(self.kept):
            parts.append(f"the first {len(self.kept):,} of these are kept")
        if self._values:
            parts.append(f"{_counted(self._values.total(), 'value')} dropped by its contract ({_most(self._values)})")
        if self.is_blind:
            parts.append("not all rows could be held against its contract")
        return "; ".join(parts)


def row_text(row: Any) -> str:
    """A row as its JSON, as it is kept beside the tables. The one place that lets a rejected row out."""
    return orjson.dumps(_plain(row), option=orjson.OPT_NON_STR_KEYS, default=str).decode()


def _plain(value: Any) -> Any:
    """The value with whole numbers beyond 64 bits, which JSON here has no place for, as text."""
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return str(value) if type(value) is int and not -(1 << 63) <= value < 1 << 64 else value


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _most(found: Counter[str]) -> str:
    """The most frequent ones with their numbers, and how many others there are."""
    named = [f"{what}: {number:,}" for what, number in found.most_common(MOST_NAMED)]
    more = len(found) - len(named)
    return ", ".join([*named, *([f"{more} more"] if more else [])])
