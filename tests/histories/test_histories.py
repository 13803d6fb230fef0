"""Random histories of a school: after each run the table equals the model."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import get_state_machine_test

from .machine import Nights
from .numbers import HISTORIES, IN_A_TEST, MOST_RUNS, SEED, SHRINKS

PHASES = (Phase.generate, Phase.shrink) if SHRINKS else (Phase.generate,)
COUNTS = [min(IN_A_TEST, HISTORIES - first) for first in range(0, HISTORIES, IN_A_TEST)]


@pytest.mark.parametrize(("number", "count"), list(enumerate(COUNTS, 1)))
def test_after_each_run_the_table_equals_the_model(
    number: int, count: int, tmp_path: Path, record_property: Callable[[str, str], None]
) -> None:
    tally: Counter[str] = Counter()
    drawn = type("Nights", (Nights,), {"folder": tmp_path, "tally": tally})
    how = settings(
        max_examples=count + 1,  # the least case is no history
        stateful_step_count=MOST_RUNS + 1,
        deadline=None,
        database=None,
        phases=PHASES,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    try:
        seed(f"{SEED}/{number}")(get_state_machine_test(drawn, settings=how))()
    except BaseException:
        tally["wrong"] += 1
        raise
    finally:
        record_property("histories", json.dumps(tally))
