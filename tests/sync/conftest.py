"""A school, a config that reads it, and a DuckDB file it is synced to; and processes that may be killed."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

import homeroom
from homeroom.demo import Dials, Request, School
from homeroom.demo.dials import parse_dials
from homeroom.values import Report

SCALE = 0.01
KEY = "k3y-0f-the-sch00l"
QUICK = {"retry": {"attempts": 2, "first_wait_s": 0.01, "max_wait_s": 0.01}}
"""A `sync:` section for servers that keep failing."""


class Campus:
    """One config over one school and one DuckDB file; everything local stays in `folder`."""

    def __init__(self, folder: Path, school: School) -> None:
        self.folder = folder
        self.school = school
        self.home = folder / "home"
        self.config = folder / "campus.yaml"
        self.database = folder / "rows.duckdb"
        self.url = f"duckdb:///{self.database}"

    def configure(self, *resources: Any, limit: int = 100, sync: Any = None, **sections: Any) -> Path:
        """Write the config: names or whole resources, offset pages of `limit` rows, the key from `${API_KEY}`."""
        source = {
            "client": {
                "base_url": self.school.url,
                "auth": {"type": "api_key", "name": "api_key", "api_key": "${API_KEY}", "location": "query"},
            },
            "resource_defaults": {
                "primary_key": "id",
                "write_disposition": "merge",
                "endpoint": {"data_selector": "data", "paginator": {"type": "offset", "limit": limit}},
            },
            "resources": [_resource(each) for each in resources],
        }
        text = yaml.safe_dump({"source": source, "sync": sync or QUICK, **sections}, sort_keys=False)
        self.config.write_text(text)
        return self.config

    def dial(self, text: str) -> None:
        """Let the school misbehave from now on; an empty text sets it at rest."""
        self.school.set_dials(parse_dials(text))

    def sync(self, **options: Any) -> Report:
        """`homeroom.sync` of the config, in this process."""
        return homeroom.sync(self.config, **{"destination": self.url, "home": self.home, **options})

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query in the dataset."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            connection.execute("SET schema = 'campus'; SET TimeZone = 'UTC'")
            return connection.execute(sql).fetchall()

    def column(self, sql: str) -> list[Any]:
        """The first column of a query, in order."""
        return [row[0] for row in self.query(sql)]

    def tables(self) -> set[str]:
        """The tables of the dataset without dlt's own; none where there is no file yet."""
        if not self.database.exists():
            return set()
        with duckdb.connect(str(self.database), read_only=True) as connection:
            sql = "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'campus'"
            names = connection.execute(sql).fetchall()
        return {name for (name,) in names if not name.startswith("_dlt")}

    def ids(self, table: str) -> list[int]:
        """The ids that a table holds, in order."""
        return self.column(f"SELECT id FROM {table} ORDER BY id")

    def true_ids(self, entity: str) -> list[int]:
        """The ids that the school has, in order."""
        return sorted(row["id"] for row in self.school.rows(entity))

    def pending(self) -> list[Path]:
        """Packages in dlt's working folder that are not loaded."""
        found = [*self.home.glob("pipelines/*/*/normalize/extracted/*"), *self.home.glob("pipelines/*/*/load/n*/*")]
        return [path for path in found if path.is_dir()]

    def working_folder(self) -> Path:
        """dlt's working folder of the one pipeline."""
        (folder,) = self.home.glob("pipelines/*/campus")
        return folder


def _resource(given: Any) -> Any:
    return {"name": given, "endpoint": {"path": f"/v1/{given}"}} if isinstance(given, str) else given


OpenCampus = Callable[..., Campus]


@pytest.fixture(scope="session", autouse=True)
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Nobody's secrets; the folder is dlt's own, which a sync has no business in."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("alone")
        patch.chdir(folder)
        patch.setenv("DLT_DATA_DIR", str(folder / "dlt"))
        patch.setenv("HOMEROOM_HOME", str(folder / "home"))
        patch.setenv("API_KEY", KEY)
        patch.delenv("NO_COLOR", raising=False)
        yield folder


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test works in an empty folder."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def open_campus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenCampus]:
    """Opens a campus, with dials as text; its school closes after the module."""
    with ExitStack() as stack:

        def opened(dials: str = "", on_request: Callable[[Request], None] | None = None) -> Campus:
            school = School(scale=SCALE, dials=parse_dials(dials, Dials()), api_key=KEY, on_request=on_request)
            return Campus(tmp_path_factory.mktemp("campus"), stack.enter_context(school))

        yield opened


@pytest.fixture
def campus(open_campus: OpenCampus) -> Campus:
    """A campus of the test's own."""
    return open_campus()


class Fresh:
    """Runs syncs in new processes; `tests/sync/fresh.py` forks them, so that dlt is imported once."""

    def __init__(self) -> None:
        script = Path(__file__).with_name("fresh.py")
        self._process = subprocess.Popen(
            [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ
        )

    def run(
        self, campus: Campus, point: str = "", nth: int = 1, signal: str = "SIGKILL", replay: str = "", **environ: str
    ) -> dict[str, Any]:
        """Sync, or replay a run; at the `nth` passing of `point` the process is sent a signal. What became of it."""
        return self.ask(campus, point=point, nth=nth, signal=signal, environ=environ, replay=replay)

    def ask(self, campus: Campus, **order: Any) -> dict[str, Any]:
        """The same for an order as `tests/sync/fresh.py` knows it."""
        order = {
            "config": str(campus.config),
            "destination": campus.url,
            "home": str(campus.home),
            "point": "",
            "environ": {},
            "replay": "",
            **order,
        }
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def close(self) -> None:
        """End the process that forks."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(10)


@pytest.fixture(scope="session")
def fresh(alone: Path) -> Iterator[Fresh]:
    """Syncs in processes of their own."""
    runner = Fresh()
    yield runner
    runner.close()
