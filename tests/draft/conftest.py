"""Helpers of these tests are modules beside them; and a school to draft, for those that ask for it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from homeroom.demo import School

sys.path.insert(0, str(Path(__file__).parent))


PRIVACY_KEY = "a key of tests, of thirty-two characters or more"


@pytest.fixture(scope="module")
def school() -> Iterator[School]:
    with School(scale=0.05) as school:
        yield school


@pytest.fixture
def at_the_school(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, school: School) -> None:
    """In an empty folder, with a history of its own and the school's key."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOMEROOM_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("API_KEY", school.api_key)
    monkeypatch.setenv("HOMEROOM_PRIVACY_KEY", PRIVACY_KEY)
