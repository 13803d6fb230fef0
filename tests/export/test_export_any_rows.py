"""Whatever rows the model holds, what is written of them breaks no rule of the standard."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from hand_made import written

from homeroom.model import Column, neutral_model
from homeroom.oneroster_export.bundle import READS

IDS = [
    "1",
    "2",
    "a:b",
    "a+b",
    "",
    "x" * 300,
    "é",
    "1 ",
    "grade-1",
    "class-1",
    "homeroom-school",
    "homeroom-term",
    "1/2",
]
TEXTS = ["", " ", "\n", "a,b", '"q"', "é🙂\ud800", "=1+1", "x\r\ny", "\x00", "Lin Wu"]
VALUES: dict[str, Callable[[random.Random], Any]] = {
    "text": lambda draw: draw.choice(TEXTS),
    "texts": lambda draw: [draw.choice([*TEXTS, None]) for _ in range(draw.randint(0, 3))],
    "boolean": lambda draw: draw.random() < 0.5,
    "bigint": lambda draw: draw.randint(-3, 3000),
    "double": lambda draw: draw.choice([0.0, 1.0, 40.0, 0.333, 1e300, float("nan"), float("inf"), -1.0]),
    "decimal": lambda draw: draw.choice([Decimal("0"), Decimal("10.5000"), Decimal("-3"), Decimal("100")]),
    "date": lambda draw: date(draw.choice([1, 999, 1970, 2025, 2026, 9999]), draw.randint(1, 12), draw.randint(1, 28)),
    "timestamp": lambda draw: date(draw.choice([1, 1970, 2025, 2026]), draw.randint(1, 12), draw.randint(1, 28)),
}


def value(draw: random.Random, column: Column) -> Any:
    """A value such as the column may hold, and now and then one that it may not."""
    if draw.random() < 0.15:
        return None
    if column.allowed and draw.random() < 0.95:
        return draw.choice(column.allowed)
    if column.name == "id" or column.references:
        return [draw.choice(IDS) for _ in range(draw.randint(0, 3))] if column.type == "texts" else draw.choice(IDS)
    return VALUES[column.type](draw)


@pytest.mark.parametrize("seed", range(40))
def test_any_rows_make_a_bundle_that_breaks_no_rule(seed: int, tmp_path: Path) -> None:
    draw, entities = random.Random(seed), neutral_model().entities
    tables = {
        entity: [
            {name: value(draw, entities[entity].columns[name]) for name in ("id", "state", *columns)}
            for _ in range(draw.randint(0, 20))
        ]
        for entity, columns in READS.items()
    }
    written(tables, tmp_path)
