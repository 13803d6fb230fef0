"""A school to read, pipelines to read it with, and the rule that nothing is left running."""

import gc
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from homeroom.demo import School

sys.path.insert(0, str(Path(__file__).parent))  # the helpers beside this file; importlib mode adds no folder

from source_help import Campus

SCALE = 0.02


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's secrets, no telemetry, and an empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DLT_DATA_DIR", str(tmp_path / "dlt"))
    monkeypatch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")


@pytest.fixture(autouse=True)
def no_thread_left() -> Iterator[None]:
    """Whatever a test does, the thread that fetches has ended when it is over."""
    yield
    if fetching():
        gc.collect()  # dlt's iterator holds itself in a circle: one that was given up ends here
    assert fetching() == []


def fetching() -> list[str]:
    """The threads of ours that are alive."""
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("homeroom")]


@pytest.fixture(scope="session")
def shared_school() -> Iterator[School]:
    """Not to be changed, neither rows nor dials."""
    with School(scale=SCALE) as opened:
        yield opened


@pytest.fixture
def school() -> Iterator[School]:
    """A school that the test may change."""
    with School(scale=SCALE) as opened:
        yield opened


@pytest.fixture
def campus(tmp_path: Path) -> Campus:
    """A pipeline into a database of its own."""
    return Campus("campus", tmp_path)


@pytest.fixture
def open_campus(tmp_path: Path) -> Callable[[str], Campus]:
    """Further pipelines, by name."""
    return lambda name: Campus(name, tmp_path)
