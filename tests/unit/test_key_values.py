"""Keys that came beside keys that a table holds: equal where the column's values are."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from homeroom.dlt_seam.key_values import count_absent
from homeroom.keys import KeySet


def absent(held: Any, came: Any, *kinds: Any) -> int:
    """How many of the rows held have a key that did not come; both as columns of values, one for each kind."""
    keys = KeySet()
    keys.add(came)
    return count_absent([held], keys, kinds)


EAST = timezone(timedelta(hours=2))
SAME = [
    ("bigint", [1, 2], [1, 2]),
    ("bigint", [1, 2], ["1", "2"]),
    ("bigint", [1, 2], [1.0, Decimal("2.00")]),
    ("text", ["1", "2"], [1, 2]),
    ("text", ["ü ", ""], ["ü ", ""]),
    ("double", [1.0, 0.5], [1, "0.5"]),
    ("decimal", [Decimal("1.50"), Decimal("2.000000000")], ["1.5", 2]),
    ("timestamp", [datetime(2024, 1, 2, 10, tzinfo=UTC)] * 2, ["2024-01-02T12:00:00+02:00"]),
    ("timestamp", [datetime(2024, 1, 2, 12, tzinfo=EAST), datetime(2024, 1, 2, 10)], ["2024-01-02T10:00:00Z"]),
    ("date", [date(2024, 1, 2)], ["2024-01-02"]),
    ("bool", [True, 0], [False, True]),
]


@pytest.mark.parametrize(("kind", "held", "came"), SAME)
def test_a_key_is_known_by_the_value_that_its_column_holds(kind: Any, held: list[Any], came: list[Any]) -> None:
    assert absent([held], came, kind) == 0


@pytest.mark.parametrize(
    ("kind", "held", "came"),
    [
        ("bigint", [1, 2], [1, "two"]),
        ("text", ["a", "b"], ["a", "B"]),
        ("text", ["a", "b"], ["a", "b "]),
        ("timestamp", [datetime(2024, 1, 2), datetime(2024, 1, 3)], ["2024-01-02T00:00:00Z"]),
        ("bigint", [1, None], [1, None]),
        ("bigint", [1, 2], [1, 2**64 + 2]),
    ],
)
def test_a_key_of_another_value_is_absent(kind: Any, held: list[Any], came: list[Any]) -> None:
    assert absent([held], came, kind) == 1


@pytest.mark.parametrize("large", [2**53 + 1, 2**62 + 1])
def test_large_numbers_are_told_apart(large: int) -> None:
    assert absent([[large, large + 1]], [str(large)], "bigint") == 1


def test_columns_meet_values_in_whatever_form_they_come() -> None:
    keys = KeySet()
    keys.add(pa.array([1, 2]))
    keys.add(["3"])
    chunks = [[pa.chunked_array([[1], [2, 3]])], [pa.array([4], pa.int32())], [(5, 1)]]
    assert count_absent(chunks, keys, ["bigint"]) == 2


def test_every_row_counts_where_a_table_has_a_key_twice() -> None:
    assert absent([[1, 1, 2, 2]], [2], "bigint") == 2


def test_a_key_of_several_columns_is_known_by_all_of_them() -> None:
    assert absent([[1, 1, 2], ["a", "b", "a"]], [(1, "a"), ("2", "a")], "bigint", "text") == 1


def test_columns_of_a_key_do_not_run_into_each_other() -> None:
    assert absent([["a", "1:a"], ["1:b", "b"]], [("a", "1:b")], "text", "text") == 1


def test_nothing_is_absent_from_an_empty_table_and_all_where_nothing_came() -> None:
    assert absent([[]], [1], "bigint") == 0
    assert absent([[1, 2]], [], "bigint") == 2
    assert absent([[1, 2], ["a", "b"]], [], "bigint", "text") == 2
    assert count_absent([], KeySet(), ["bigint"]) == 0
