"""A server for all tests of the check, and a config that asks it."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from routes_server import KEY, Routes

import homeroom
from homeroom.check_run import CheckReport

Check = Callable[..., CheckReport]


@pytest.fixture(scope="session")
def served() -> Iterator[Routes]:
    with Routes() as routes:
        yield routes


@pytest.fixture
def server(served: Routes) -> Routes:
    """The server, as if it was new."""
    served.routes.clear()
    served.asked.clear()
    return served


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test works in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOMEROOM_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DLT_DATA_DIR", str(tmp_path / "dlt"))
    return tmp_path


@pytest.fixture
def check(server: Routes, tmp_path: Path) -> Check:
    """Checks a config of these resources; what is said of them."""

    def run(*resources: dict[str, Any], head: str = "", sync: dict[str, Any] | None = None) -> CheckReport:
        client = {"base_url": server.url, "auth": {"type": "bearer", "token": KEY}}
        config = {"source": {"client": client, "resources": list(resources)}, "sync": sync or {}}
        file = tmp_path / "campus.yaml"
        file.write_text(head + json.dumps(config), encoding="utf-8")
        return homeroom.check(file)

    return run
