"""The command line in this process, over a small school."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from click.testing import Result
from typer.testing import CliRunner

from homeroom.cli.app import app
from homeroom.demo import School

KEY = "k3y-0f-the-sch00l"


@pytest.fixture(scope="session", autouse=True)
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nobody's secrets, nobody's terminal."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("alone")
        patch.chdir(folder)
        patch.setenv("DLT_DATA_DIR", str(folder / "dlt"))
        patch.setenv("API_KEY", KEY)
        patch.setenv("COLUMNS", "200")
        for name in ("NO_COLOR", "FORCE_COLOR", "HOMEROOM_HOME"):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test works in an empty folder, with a history of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOMEROOM_HOME", str(tmp_path / "home"))
    return tmp_path


Homeroom = Callable[..., Result]


@pytest.fixture(scope="session")
def homeroom() -> Homeroom:
    """Runs `homeroom ARGUMENTS…` in this process."""
    return lambda *arguments: CliRunner().invoke(app, [str(each) for each in arguments], prog_name="homeroom")


@pytest.fixture(scope="session")
def process() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs `homeroom ARGUMENTS…` in a process of its own, without a terminal."""

    def run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        command: Sequence[str] = [sys.executable, "-m", "homeroom", *arguments]
        return subprocess.run(
            command, capture_output=True, text=True, env=os.environ | environ, timeout=60, check=False
        )

    return run


@pytest.fixture(scope="session")
def school() -> Iterator[School]:
    """A school that is at rest."""
    with School(scale=0.01, api_key=KEY) as opened:
        yield opened


@pytest.fixture
def config(school: School) -> Callable[..., str]:
    """Writes campus.yaml with these resources (paths that do not exist fail); gives its name."""

    def write(*names: str, destination: str = "duckdb:///rows.duckdb", **client: Any) -> str:
        auth = {"type": "api_key", "name": "api_key", "api_key": "${API_KEY}", "location": "query"}
        endpoint = {"data_selector": "data", "paginator": {"type": "offset", "limit": 100}}
        source = {
            "client": {"base_url": school.url, "auth": auth, **client},
            "resource_defaults": {"primary_key": "id", "write_disposition": "merge", "endpoint": endpoint},
            "resources": [{"name": name, "endpoint": {"path": f"/v1/{name}"}} for name in names],
        }
        retry = {"attempts": 1, "first_wait_s": 0.01, "max_wait_s": 0.01}
        content = {"destination": destination, "source": source, "sync": {"retry": retry}}
        Path("campus.yaml").write_text(yaml.safe_dump(content, sort_keys=False))
        return "campus.yaml"

    return write


@pytest.fixture(scope="session")
def json_lines() -> Callable[[str], list[dict[str, Any]]]:
    """Reads stdout that must be JSON lines and nothing else."""
    return lambda text: [orjson.loads(line) for line in text.splitlines()]
