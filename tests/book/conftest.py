"""One build of the site for all tests of a process."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from pages import Build, built


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """As `make docs` builds it."""
    return built(tmp_path_factory.mktemp("book"))
