"""What the model of the histories says, where a fault of its own would hide one of the product."""

from __future__ import annotations

from typing import Any

import pytest

from .model import DELETED, FEW, Came, Row, Rules, Table
from .named import Naming

BURYING = Rules("hard", buries=True)


def row(key: int, status: str = "active") -> dict[str, Any]:
    return {"id": key, "status": status}


def rows(*keys: int) -> dict[int, Row]:
    return {key: row(key) for key in keys}


def test_a_row_that_a_killed_run_has_loaded_is_buried_by_the_next_one_though_it_does_not_come() -> None:
    killed = Table(rows(1)).loaded(Came({2: row(2, DELETED)}, is_all=False))
    assert killed.live == {1, 2}
    assert killed.after(Came({}, is_all=False), BURYING, absence_counts=False).live == {1}


def test_a_marked_row_that_comes_is_not_marked_any_more() -> None:
    table = Table(rows(1, 2), frozenset({1, 2}))
    after = table.after(Came(rows(1), is_all=True), Rules("soft"), absence_counts=True)
    assert after.marked == {2} and set(after.rows) == {1, 2}


@pytest.mark.parametrize(("absent", "held", "is_guarded"), [(FEW, 40, False), (FEW + 1, 40, True), (22, 110, False)])
def test_the_guard_lets_go_of_a_few_or_of_a_share(absent: int, held: int, is_guarded: bool) -> None:
    came = Came(rows(*range(held - absent)), is_all=True)
    assert Table(rows(*range(held))).is_guarded(came, Rules("hard"), allowed=False) is is_guarded


def test_rows_that_were_kept_out_stay_in_an_older_version() -> None:
    came = Came(rows(1), is_all=True, rejected=frozenset({2}))
    assert Table(rows(1, 2, 3)).after(came, Rules("hard"), absence_counts=True).live == {1, 2}


def test_a_list_of_deletes_names_rows_that_were_written_before_it_was_last_read() -> None:
    known = Naming()
    known.read(1, {frozenset()}, whole={True})
    known.wrote(1, {7, 8}, {7, 8})
    known.wrote(2, {8}, {8})
    known.read(2, {frozenset({(7, 30), (8, 31)})}, whole={True})
    assert known.surely() == known.maybe() == {7}


def test_after_pages_of_before_a_row_may_be_named_or_not() -> None:
    known = Naming()
    known.read(1, {frozenset()}, whole={True})
    known.wrote(1, {7}, {7})
    known.read(2, {frozenset(), frozenset({(7, 30)})}, whole={False})
    assert (known.surely(), known.maybe()) == (frozenset(), {7})
    known.read(3, {frozenset({(7, 30)})}, whole={True})
    assert known.surely() == {7}
