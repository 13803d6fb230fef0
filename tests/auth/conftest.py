from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from dlt.sources.rest_api import rest_api_source as dlt_source

sys.path.insert(0, str(Path(__file__).parent))  # the helpers beside this file; importlib mode adds no folder

from token_server import Platform

from homeroom.source import rest_api_source

Read = Callable[[Any], list[Any]]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Local state is the test's own."""
    monkeypatch.setenv("HOMEROOM_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def platform() -> Iterator[Platform]:
    with Platform() as one:
        yield one


@pytest.fixture
def elsewhere() -> Iterator[Platform]:
    """Another host."""
    with Platform() as other:
        yield other


@pytest.fixture(params=["dlt", "aiohttp", "requests"])
def read(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Read:
    """The rows of a config: by dlt's own source, and by ours over either wire."""
    if request.param == "dlt":
        return lambda config: list(dlt_source(config))
    monkeypatch.setenv("HOMEROOM_TRANSPORT", request.param)
    return lambda config: list(rest_api_source(config))


@pytest.fixture(params=["aiohttp", "requests"])
def read_by_us(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Read:
    """The rows of a config by our source, over either wire."""
    monkeypatch.setenv("HOMEROOM_TRANSPORT", request.param)
    return lambda config: list(rest_api_source(config))
