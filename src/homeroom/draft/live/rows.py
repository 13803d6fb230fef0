"""Whether two answers hold the same rows. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence

from homeroom.draft.live.envelope import Row

_IDS = ("id", "sourcedId", "uuid", "_id", "guid", "key")


def same(first: Sequence[Row], second: Sequence[Row]) -> bool:
    """Whether these are the same rows in the same order; a time in them that moves on does no harm."""
    return [_identity(row) for row in first] == [_identity(row) for row in second]


def begins(rows: Sequence[Row], expected: Sequence[Row]) -> bool:
    """Whether the rows begin with those that are expected, at least one, as far as both are known."""
    known = min(len(rows), len(expected))
    return known > 0 and same(rows[:known], expected[:known])


def others(first: Sequence[Row], second: Sequence[Row]) -> bool:
    """Whether there are rows in the second answer, and none of the first."""
    known = {_identity(row) for row in first}
    return bool(second) and not any(_identity(row) in known for row in second)


def distinct(rows: Sequence[Row]) -> list[Row]:
    """The rows without those that are byte for byte another one: a list that moves brings them twice."""
    return list({_whole(row): row for row in rows}.values())


def _identity(row: Row) -> str:
    name = next((name for name in _IDS if isinstance(row.get(name), str | int)), None)
    return _whole(row) if name is None else f"{name}={row[name]}"


def _whole(row: Row) -> str:
    return json.dumps(row, sort_keys=True, default=str)
