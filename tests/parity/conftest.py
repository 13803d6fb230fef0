"""A school, the two sides over it, and one run of every case."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from homeroom.demo import School

sys.path.insert(0, str(Path(__file__).parent))  # the helpers beside this file; importlib mode adds no folder

from parity_annex import Seen, read_annex
from parity_cases import every_case
from parity_server import Annex
from parity_sides import Runs, Side, change, make_sides

SCALE = 0.01


@pytest.fixture(scope="session", autouse=True)
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nobody's secrets, no telemetry, and an empty folder to work in."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("alone")
        patch.chdir(folder)
        patch.setenv("DLT_DATA_DIR", str(folder / "dlt"))
        patch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")
        yield


@pytest.fixture
def school() -> Iterator[School]:
    """A school that the test may change."""
    with School(scale=SCALE) as opened:
        yield opened


@pytest.fixture
def sides(tmp_path: Path) -> tuple[Side, Side]:
    """Fresh pipelines of a single test."""
    return make_sides(tmp_path)


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """Every case at once: a run of many resources costs little more than one of a single resource."""
    theirs, ours = make_sides(tmp_path_factory.mktemp("runs"))
    with School(scale=SCALE) as school:
        first = theirs.run(every_case(school)), ours.run(every_case(school))
        change(school)
        return Runs(first, (theirs.run(every_case(school)), ours.run(every_case(school))))


@pytest.fixture(scope="session")
def annex_runs(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Seen, Seen]]:
    """Every case of the annex, three runs of both sides."""
    return read_annex(tmp_path_factory.mktemp("annex"))


@pytest.fixture
def annex() -> Iterator[Annex]:
    """An annex of the test's own."""
    with Annex() as opened:
        yield opened
