"""A PostgreSQL server for all tests of this folder, and a campus that is synced into a database of its own."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "columnar"), str(HERE.parent / "sync")]

from destination_postgres import Server, missing_program, postgres_server


@pytest.fixture(scope="session", autouse=True)
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Nobody's secrets; the folder is dlt's own, which a sync has no business in."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("alone")
        patch.chdir(folder)
        patch.setenv("DLT_DATA_DIR", str(folder / "dlt"))
        patch.setenv("HOMEROOM_HOME", str(folder / "home"))
        patch.setenv("API_KEY", "k3y-0f-the-sch00l")
        yield folder


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test works in an empty folder."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """One server for all; where there is none the test is skipped, and says why."""
    if (missing := missing_program()) is not None:
        pytest.skip(f"no PostgreSQL here: {missing} is not installed (Debian: apt-get install postgresql)")
    with postgres_server() as made:
        yield made
