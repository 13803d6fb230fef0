"""Lists that change while they are read: no table is wrong under a status that says it is complete."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest

from homeroom.values import Status

from .drifts import Act, Burst, DriftCase, Seen, Shelf, as_json, drawn, go
from .killing import Executioner
from .numbers import DRIFTS, SEED

if TYPE_CHECKING:
    from ..sync.conftest import Fresh, OpenCampus

READ = (Status.COMPLETE, Status.UNPROVED, Status.INCOMPLETE)


Met = Callable[[DriftCase], Seen]


@pytest.fixture
def met(open_campus: OpenCampus, fresh: Fresh, tmp_path: Path) -> Met:
    """What came of a case."""

    def act(case: DriftCase) -> Seen:
        shelf, executioner = Shelf(Random(case.number)), Executioner(tmp_path / "pid")
        campus = open_campus(on_request=lambda request: (shelf(request), executioner(request)))
        return go(case, campus, shelf, executioner, fresh)

    return act


@pytest.mark.parametrize("case", [drawn(SEED, number) for number in range(1, DRIFTS + 1)], ids=str)
def test_a_list_that_moves_is_read_whole_or_said_not_to_be(
    case: DriftCase, met: Met, record_property: Callable[[str, str], None]
) -> None:
    seen = met(case)
    record_property("drift", as_json(case, seen))
    assert seen.fired and seen.status in READ
    assert not seen.is_complete_and_wrong, seen
    assert not seen.foreign and not seen.has_changed_kept
    assert seen.note or seen.status is not Status.INCOMPLETE
    # What is merged has each key once; what is replaced holds the rows that the ledger counts.
    assert not seen.twice or (case.disposition == "replace" and seen.repeats >= len(seen.twice))


CANCELLING = Burst(8, (Act("delete", 0.1), Act("insert", 0.9)))


def test_a_count_cannot_see_an_insert_and_a_delete_that_cancel_out(met: Met) -> None:
    """The blind spot of docs/guarantees.md: as many keys came as the API names before and after."""
    seen = met(DriftCase(1, "offset, total", "merge", 1, (CANCELLING,)))
    assert seen.status is Status.COMPLETE and len(seen.missing) == 1


def test_overlapping_pages_see_them(met: Met) -> None:
    seen = met(DriftCase(1, "offset, total and overlap", "merge", 1, (CANCELLING,)))
    assert not seen.missing


def test_what_came_with_an_insert_and_a_delete_is_mended_without_a_total(met: Met) -> None:
    seen = met(DriftCase(1, "offset, no total", "merge", 1, (CANCELLING,)))
    assert (seen.status, seen.missing) == (Status.COMPLETE, [])
