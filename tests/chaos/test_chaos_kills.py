"""Processes that are killed anywhere, once or several times: the next run has every row, each once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .killing import Executioner
from .kills import KillCase, Trial, as_json, drawn
from .numbers import KILLS, SEED

if TYPE_CHECKING:
    from ..sync.conftest import Fresh, OpenCampus


@pytest.mark.parametrize("case", [drawn(SEED, number) for number in range(1, KILLS + 1)], ids=str)
def test_a_run_that_was_killed_is_made_good_by_the_next(
    case: KillCase,
    open_campus: OpenCampus,
    fresh: Fresh,
    tmp_path: Path,
    record_property: Callable[[str, str], None],
) -> None:
    executioner = Executioner(tmp_path / "pid")
    found = Trial(case, open_campus(on_request=executioner), fresh, executioner).go()
    record_property("kill", as_json(found))
    assert (found.wrong, found.lost, found.doubled, found.left) == ([], 0, 0, [])
    assert found.kills == len(case.kills)
    assert found.is_whole
    assert found.twice <= found.twice_allowed
