"""Helpers of other folders, and a desk to sync at."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.extend(str(Path(__file__).parents[1] / name) for name in ("privacy", "columnar", "parity", "sync"))

from list_server import Lists
from privacy_desk import KEY, Desk


@pytest.fixture(scope="session", autouse=True)
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No telemetry, dlt's own folder is ours, and no key of whoever runs the tests is there."""
    before = Path.cwd()
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("alone")
        patch.setenv("DLT_DATA_DIR", str(folder / "dlt"))
        patch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")
        os.chdir(folder)
        yield
    os.chdir(before)


@pytest.fixture(scope="module", autouse=True)
def with_a_key() -> Iterator[None]:
    """The privacy key, for the tests of this folder alone: what other folders test lasts as long as the session."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOMEROOM_PRIVACY_KEY", KEY)
        yield


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Lists() as lists:
        yield Desk(tmp_path, lists)
