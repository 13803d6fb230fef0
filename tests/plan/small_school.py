"""One sample school for all tests of plan and preview, and configs that ask it."""

import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from homeroom.demo import School
from homeroom.demo.dials import Dials

Write = Callable[..., Path]


@pytest.fixture(scope="session")
def served() -> Iterator[School]:
    with School(scale=0.05) as school:
        yield school


@pytest.fixture
def school(served: School) -> School:
    """The school, as if it was new."""
    served.set_dials(Dials())
    served.clear_log()
    return served


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test works in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOMEROOM_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DLT_DATA_DIR", str(tmp_path / "dlt"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def write(school: School, tmp_path: Path) -> Write:
    """Writes a config of these resources, which syncs into `rows.duckdb`."""

    def written(*resources: Any, sync: dict[str, Any] | None = None) -> Path:
        auth = {"type": "api_key", "name": "api_key", "api_key": school.api_key, "location": "query"}
        source = {"client": {"base_url": school.url, "auth": auth}, "resources": list(resources)}
        config = {"destination": "duckdb:///rows.duckdb", "dataset": "campus", "source": source, "sync": sync or {}}
        file = tmp_path / "school.yaml"
        file.write_text(json.dumps(config), encoding="utf-8")
        return file

    return written


def resource(name: str, path: str | None = None, limit: int = 100, **more: Any) -> dict[str, Any]:
    """A resource that is paged by offset, and merged."""
    pages = {"type": "offset", "limit": limit}
    endpoint = {"path": path or f"/v1/{name}", "data_selector": "data", "paginator": pages, **more.pop("endpoint", {})}
    return {"name": name, "primary_key": "id", "write_disposition": "merge", "endpoint": endpoint, **more}
