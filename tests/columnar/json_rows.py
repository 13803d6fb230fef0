"""Rows of JSON as APIs give them and as they should not, drawn at random."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from lane_sides import Rows

KEYS = (
    *("a", "b", "c", "name", "camelCase", "with space", "ümlaut", "日本", "a__b", "value", "list", "select", "1st"),
    *("Trailing_", "_lead", "x.y", "HTTPServer", "id2", "order", "kids", "deep", "at", "note"),
)
TIMES = (
    *("2024-01-15T10:00:00Z", "2024-01-15T10:00:00+02:00", "2024-01-15 10:00:00", "2024-01-15T10:00:00.123456Z"),
    *("2024-01-15T10:00:00.123456789Z", "2024-01-15", "20240115T100000Z", "2024-W03-1T10:00:00", "2024/01/15 10:00:00"),
    *("2024-01-15T10:00", "2024-01-15T10", "1705312800", "", "not a time", "2024-01-15T10:00:00+0200", "24:00"),
    *("1969-12-31T23:59:59.999999Z", "1900-01-01T00:00:00Z", "9999-12-31T00:00:00Z", "2024-02-30T00:00:00Z"),
)
TEXTS = (
    "",
    " ",
    "x",
    "Ælfric",
    "日本語",
    "👩‍🏫",
    'a\nb\t"c"\\',
    "null",
    "1",
    "1.5",
    "true",
    "\u007f",
    "é" * 40,
    "'; --",
)

Draw = Callable[[Random, int], Any]


def _integer(random: Random, _: int) -> int:
    return random.choice((0, 1, -1, 7, 2**31, -(2**31), 2**53 + 1, 2**63 - 1, -(2**63), random.randint(-999, 999)))


def _fraction(random: Random, _: int) -> float:
    return random.choice((0.5, -1.25, 1e300, 1e-300, 0.1, 2.0, 1e16, random.random()))


def _object(random: Random, depth: int) -> Any:
    return {key: drawn(random, depth + 1) for key in random.sample(KEYS, random.randint(0, 3))}


def _list(random: Random, depth: int) -> Any:
    draw = random.choice(KINDS)
    return [None if random.random() < 0.1 else draw(random, depth + 1) for _ in range(random.randint(0, 3))]


KINDS: tuple[Draw, ...] = (
    _integer,
    _fraction,
    lambda random, _: random.random() < 0.5,
    lambda random, _: random.choice(TEXTS),
    lambda random, _: random.choice(TIMES),
    lambda random, _: None,
    _object,
    _list,
)


def drawn(random: Random, depth: int = 0) -> Any:
    """Any value; nothing that nests, three levels down."""
    return random.choice(KINDS if depth < 3 else KINDS[:6])(random, depth)


def _shape(random: Random, depth: int = 0) -> Draw:
    """How one place of the rows is drawn: mostly one kind, sometimes with another in between."""
    kind = random.choice(KINDS[:6] if depth >= 3 else KINDS)
    if kind is _object:
        kind = _steady_object(random, depth)
    elif kind is _list:
        element = _shape(random, depth + 1)
        kind = lambda r, d: [element(r, d) for _ in range(r.randint(0, 3))]  # noqa: E731
    elif random.random() < 0.5:
        fixed = random.choice((TIMES[0], TIMES[1], TIMES[3]))
        kind = random.choice((kind, lambda r, d: fixed))
    stray, missing = random.choice((0.0, 0.0, 0.0, 0.03)), random.choice((0.0, 0.0, 0.2))

    def draw(r: Random, d: int) -> Any:
        if r.random() < missing:
            return None
        return drawn(r, d) if r.random() < stray else kind(r, d)

    return draw


def _steady_object(random: Random, depth: int) -> Draw:
    fields: Mapping[str, Draw] = {key: _shape(random, depth + 1) for key in random.sample(KEYS, random.randint(1, 6))}
    gap = random.choice((0.0, 0.1))
    return lambda r, d: {key: field(r, d + 1) for key, field in fields.items() if r.random() >= gap}


def rows_of(name: str, random: Random) -> Rows:
    """A resource in two runs; the second brings more of the same, and sometimes something new."""
    hints: dict[str, Any] = random.choice(
        (
            {"write_disposition": "append"},
            {"write_disposition": "append", "max_table_nesting": random.randint(0, 2)},
            {"write_disposition": "replace"},
            {"write_disposition": "merge", "primary_key": "id"},
            {"write_disposition": {"disposition": "merge", "strategy": "upsert"}, "primary_key": "id"},
            {"write_disposition": "append", "columns": {"a": {"data_type": random.choice(("text", "double", "json"))}}},
        )
    )
    draw, more = _steady_object(random, 0), _steady_object(random, 0)
    keyed = "primary_key" in hints or random.random() < 0.5
    number = 0

    def page(extra: bool) -> str:
        nonlocal number
        found = []
        for _ in range(random.randint(1, 6)):  # an empty page would be the end
            number += 1
            row = {**({"id": number} if keyed else {}), **draw(random, 0), **(more(random, 0) if extra else {})}
            found.append(row)
        return json.dumps(found, ensure_ascii=random.random() < 0.5)

    late = random.random() < 0.3
    runs = [[page(late and at > 3) for at in range(random.randint(1, 6))] for _ in range(2)]
    return Rows(name, runs, hints)
