"""The fixtures that plan and preview share, and a server whose answers a test writes."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "check"))

from routes_server import Routes
from small_school import elsewhere, school, served, write

__all__ = ["elsewhere", "school", "served", "write"]


@pytest.fixture
def routes() -> Iterator[Routes]:
    with Routes() as routes:
        yield routes
