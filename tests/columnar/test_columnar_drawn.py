"""Rows drawn at random make the tables of dlt, whichever lane they go."""

from __future__ import annotations

from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from dlt.pipeline.exceptions import PipelineStepFailed
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from json_rows import rows_of
from lane_sides import Rows, differences, what_dlt_fails_at

from homeroom.values import Report

CASES = 40
"""Resources of one pipeline run: that costs little more than one."""


@pytest.fixture(scope="module", autouse=True)
def alone(tmp_path_factory: pytest.TempPathFactory) -> object:
    """No telemetry, and dlt's own folder is ours."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("alone")
        patch.chdir(folder)
        patch.setenv("DLT_DATA_DIR", str(folder / "dlt"))
        patch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")
        yield


@given(seed=st.integers(min_value=0, max_value=2**32))
@settings(
    max_examples=3,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_drawn_rows_make_the_tables_of_dlt(seed: int) -> None:
    """In a first run and in a second one into what the first has made."""
    random = Random(seed)
    found, reports = compared([rows_of(f"r{number}", random) for number in range(CASES)])
    assert found == []
    assert sum(line.pages_columnar for report in reports for line in report.resources.values()) > 0


def compared(rows: list[Rows]) -> tuple[list[str], list[Report]]:
    """The differences, without the resources that dlt itself cannot load."""
    with TemporaryDirectory() as folder:
        try:
            return differences(Path(folder), rows)
        except PipelineStepFailed as error:
            failing = what_dlt_fails_at(error)
    return compared([each for each in rows if each.name != failing])
