"""When a table may lose what a read did not bring."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from homeroom.guard import Loss, needs_absent, objection
from homeroom.values import Status


def loss(**given: Any) -> Loss:
    usual: dict[str, Any] = {"status": Status.COMPLETE, "came": 80, "held": 100, "absent": 20}
    return Loss("users", "app_users", "replace", **{**usual, **given})


def objected(share: float = 0.2, *, allowed: bool = False, **given: Any) -> str | None:
    return objection(loss(**given), share=share, allowed=allowed)


@pytest.mark.parametrize(
    ("held", "absent", "share"),
    [(100, 20, 0.2), (105, 21, 0.2), (20, 19, 0.2), (20, 20, 0.0), (1000, 1000, 1.0), (30, 21, 0.7), (100, 0, 0.0)],
)
def test_few_rows_or_a_small_share_may_go(held: int, absent: int, share: float) -> None:
    assert objected(share, held=held, absent=absent) is None


@pytest.mark.parametrize(("held", "absent", "share"), [(100, 21, 0.2), (104, 21, 0.2), (21, 21, 0.99), (100, 21, 0.0)])
def test_more_than_a_few_rows_and_a_large_share_stay(held: int, absent: int, share: float) -> None:
    assert objected(share, held=held, absent=absent) is not None


def test_what_is_said_of_too_many_rows_has_the_numbers_and_the_way_on() -> None:
    assert objected(held=1800, absent=1214) == (
        "1,214 of the 1,800 rows of the table app_users did not come (67.4%, and sync.max_delete_share is 0.2), and "
        "replace would take them out; it was left as it was: if they are deleted, sync with --allow-deletes, or raise "
        "sync.max_delete_share"
    )


@pytest.mark.parametrize("share", [0.2, 1.0])
def test_a_read_without_a_row_takes_nothing_away_whatever_the_share(share: float) -> None:
    said = objected(share, came=0, held=3, absent=0)
    assert said is not None and said.startswith(
        "0 rows came, and replace would empty the table app_users, which holds 3"
    )


@pytest.mark.parametrize("status", [Status.UNPROVED, Status.INCOMPLETE])
def test_a_read_that_is_not_proved_takes_nothing_away_even_where_deletes_are_allowed(status: Status) -> None:
    said = objected(allowed=True, status=status, absent=0)
    assert said is not None and "sync.resources.users.total_path or total_header" in said and "primary_key" not in said


def test_without_a_key_the_way_to_a_proof_begins_with_one() -> None:
    assert "prove it by a primary_key with the API's total" in str(objected(status=Status.UNPROVED, keyed=False))


def test_a_table_without_a_row_has_nothing_to_lose() -> None:
    assert objected(held=0, came=0, status=Status.UNPROVED) is None


def test_allowed_deletes_may_take_all_behind_a_proved_read() -> None:
    assert objected(allowed=True, came=0) is None
    assert objected(allowed=True, came=1, held=100, absent=99) is None
    assert objected(allowed=True, held=None, absent=None) is None


def test_where_nothing_can_be_counted_only_a_word_of_the_users_lets_it_through() -> None:
    assert "cannot be asked how many" in str(objected(held=None, absent=None))
    assert objected(1.0, held=None, absent=None) is None


def test_keys_are_compared_only_where_they_decide() -> None:
    def asked(share: float = 0.2, *, allowed: bool = False, **given: Any) -> bool:
        return needs_absent(loss(**given), share=share, allowed=allowed)

    assert asked() and asked(held=21)
    assert not any([asked(held=20), asked(held=None), asked(came=0), asked(status=Status.UNPROVED)])
    assert not any([asked(1.0), asked(allowed=True)])


def test_what_is_said_of_deletes_is_that_the_rows_were_kept() -> None:
    said = objection(replace(loss(held=100, absent=50), way="deletes: soft"), share=0.2, allowed=False)
    assert said == (
        "50 of the 100 rows of the table app_users did not come (50.0%, and sync.max_delete_share is 0.2), and "
        "deletes: soft would mark them as deleted; they were kept, and the rows that came were merged: if they are "
        "deleted, sync with --allow-deletes, or raise sync.max_delete_share"
    )
    said = objection(replace(loss(held=3, came=0), way="deletes: hard"), share=0.2, allowed=False)
    assert said is not None and said.endswith(
        "which holds 3 rows; they were kept: if they are deleted, sync with --allow-deletes"
    )


def test_where_every_row_is_absent_no_share_is_named() -> None:
    said = objection(replace(loss(held=100, absent=100), way="deletes: hard"), share=0.2, allowed=False)
    assert said is not None and said.endswith("sync with --allow-deletes") and "would take them out" in said
