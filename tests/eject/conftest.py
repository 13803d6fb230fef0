"""A config of the sample school in which much of dlt's format stands, and a process that has no Homeroom."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # the helpers beside this file; importlib mode adds no folder

from eject_alone import KEY

from homeroom.demo import School


@pytest.fixture(scope="session", autouse=True)
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nobody's secrets, nobody's terminal."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("alone")
        patch.chdir(folder)
        patch.setenv("DLT_DATA_DIR", str(folder / "dlt"))
        patch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")
        patch.setenv("API_KEY", KEY)
        patch.setenv("SCHOOL__TOKEN", KEY)
        patch.setenv("HOMEROOM_HOME", str(folder / "home"))
        yield


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def school() -> Iterator[School]:
    """A school that is at rest."""
    with School(scale=0.01, api_key=KEY) as opened:
        yield opened


Write = Callable[..., str]


@pytest.fixture
def config() -> Write:
    """Writes a config of one resource; `more` is put at its end. Gives the file's name."""

    def write(
        more: str = "", *, auth: str = "bearer", paginator: str = "{type: offset, limit: 100}", resource: str = ""
    ) -> str:
        text = f"""
name: campus
destination: duckdb:///rows.duckdb
source:
  client:
    base_url: ${{SCHOOL_URL}}/v1
    auth: {auth}
    paginator: {paginator}
  resource_defaults: {{primary_key: id, write_disposition: merge}}
  resources:
    - name: people
      endpoint: {{path: people, data_selector: data}}
      {resource}
{more}"""
        Path("campus.yaml").write_text(text)
        return "campus.yaml"

    return write
