"""Counting keys."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from homeroom.keys import KeySet


def counted(*pages: Any) -> int:
    """The distinct keys of some pages."""
    keys = KeySet()
    for page in pages:
        keys.add(page)
    return len(keys)


@pytest.mark.parametrize(
    ("pages", "distinct"),
    [
        ((), 0),
        (([1, 2, 2], ["a"]), 3),
        ((pa.array([1, 2]), pa.array([2, 3])), 3),
        ((pa.array(["a"]), pa.array(["b", "a"])), 2),
        ((pa.array([1, None]), pa.array([None], pa.int64())), 2),
        ((pa.array([1, 2]), [2, 3]), 3),
        ((pa.array([1, 2]), pa.array(["1"])), 3),
        (([(1, "a"), (1, "b")],), 2),
    ],
)
def test_distinct_keys_are_counted_in_whatever_form_they_come(pages: tuple[Any, ...], distinct: int) -> None:
    """As Python values, as columns, as both."""
    assert counted(*pages) == distinct


def test_keys_of_two_sets_are_counted_once() -> None:
    """Of values and columns alike, also after either was counted."""
    one, other = KeySet(), KeySet()
    one.add(pa.array([1, 2]))
    other.add([2, 3])
    assert (len(one), len(other)) == (2, 2)
    one.absorb(other)
    assert len(one) == 3
