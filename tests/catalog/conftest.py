"""The catalogue as it is shipped, and an empty folder to work in."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from homeroom.catalog import PLATFORMS, Platform, read_platform
from homeroom.cli.app import app

sys.path.insert(0, str(Path(__file__).parent))

from shipped import NAMES, key_for

Homeroom = Callable[..., Result]


@pytest.fixture(scope="session", autouse=True)
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nobody's secrets, nobody's terminal."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("alone")
        patch.chdir(folder)
        patch.setenv("DLT_DATA_DIR", str(folder / "dlt"))
        patch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")
        patch.setenv("HOMEROOM_HOME", str(folder / "home"))
        patch.setenv("COLUMNS", "200")
        for name in [name for name in os.environ if re.match(r"[A-Z0-9_]+_(URL|TOKEN|KEY|SECRET)$", name)]:
            patch.delenv(name)
        yield


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test works in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def homeroom() -> Homeroom:
    """Runs `homeroom ARGUMENTS…` in this process."""
    return lambda *arguments: CliRunner().invoke(app, [str(each) for each in arguments], prog_name="homeroom")


@pytest.fixture(params=NAMES)
def platform(request: pytest.FixtureRequest) -> Platform:
    """Each platform in turn."""
    return read_platform(PLATFORMS / f"{request.param}.yaml")


@pytest.fixture
def granted(monkeypatch: pytest.MonkeyPatch) -> Callable[[Platform], None]:
    """Puts everything that a platform asks for into the environment."""

    def grant(platform: Platform) -> None:
        for ask in platform.values:
            monkeypatch.setenv(ask.variable, ask.example)
        for secret in platform.asks.secrets:
            monkeypatch.setenv(secret.variable, key_for(secret.variable))

    return grant
