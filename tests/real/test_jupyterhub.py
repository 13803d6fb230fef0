"""The real JupyterHub, 2,000 users and 40 groups: all with examples/jupyterhub.yaml, a tenth with dlt's defaults.

The hub cuts a list at 200 rows and says so only to those who ask by an Accept header. Packages come from PyPI and
npm at the first run and stay in the temporary folder; each run has a hub of its own. `-m "not real"` leaves it out.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dlt
import duckdb
import pytest
import yaml
from dlt.sources.rest_api import rest_api_source as dlt_source
from filelock import FileLock

import homeroom
from homeroom.catalog import fill, find_platform
from homeroom.report import exit_code
from homeroom.values import Proof, Report, Status

# One hub for all tests where xdist groups them (--dist loadgroup), one for each worker otherwise.
pytestmark = [pytest.mark.real, pytest.mark.xdist_group("jupyterhub")]

SCRIPT = Path(__file__).with_name("jupyterhub.sh")
EXAMPLE = Path(__file__).parents[2] / "examples" / "jupyterhub.yaml"
TOKEN = "r1ght-t0ken-0f-the-service-5e1f"
WRONG = "wr0ng-t0ken-0f-n0b0dy-77c2"
USERS = [f"student{number:05d}" for number in range(2000)]
MEMBERS = {f"course-{number:03d}": set(USERS[number::40]) for number in range(40)}
INSTALL_S, START_S, STOP_S = 300, 240, 60


@pytest.fixture(scope="module", autouse=True)
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a hub that runs; it and its token are in the environment, as the example wants them."""
    if missing := [tool for tool in ("bash", "curl", "node", "npm", "ps") if shutil.which(tool) is None]:
        pytest.skip(f"JupyterHub needs {', '.join(missing)} on the PATH")
    folder = tmp_path_factory.mktemp("hub")
    packages = Path(tempfile.gettempdir()) / "real-jupyterhub"
    public, inner, proxy = free_ports(3)
    settings = {
        "WORK": str(packages),
        "STATE": str(folder),
        "PYTHON": sys.executable,
        "TOKEN": TOKEN,
        "OWNER": str(os.getpid()),
        "PORT": str(public),
        "HUBPORT": str(inner),
        "PROXYPORT": str(proxy),
    }
    with FileLock(f"{packages}.lock", timeout=INSTALL_S + 60):
        code, words = script("install", settings, INSTALL_S)
    if code:
        pytest.skip(f"JupyterHub cannot be installed from PyPI and npm: {words.splitlines()[-1]}")
    try:
        code, words = script("start", settings, START_S)
        assert code == 0, words
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(folder)
            patch.setenv("DLT_DATA_DIR", str(folder / "dlt"))
            patch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")
            patch.setenv("JUPYTERHUB_URL", f"http://127.0.0.1:{public}")
            patch.setenv("JUPYTERHUB_TOKEN", TOKEN)
            patch.setenv("COLUMNS", "200")
            yield f"http://127.0.0.1:{public}"
    finally:
        script("stop", settings, STOP_S)


def script(act: str, settings: dict[str, str], most_s: float) -> tuple[int, str]:
    """Run the script; its exit code and its words. One that takes too long is ended, with all it started."""
    brief = {"PIP_RETRIES": "2", "npm_config_fetch_retries": "2"}
    # In files, for the hub outlives the script and would hold a pipe open.
    with tempfile.TemporaryFile() as words:
        process = subprocess.Popen(
            ["bash", str(SCRIPT), act],
            env=os.environ | brief | settings,
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=words,
            start_new_session=True,
        )
        try:
            code = process.wait(most_s)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            code = process.wait() or 1
        words.seek(0)
        return code, words.read().decode(errors="replace").strip() or f"{act} ended with {code}"


def free_ports(number: int) -> list[int]:
    """Ports that nobody listens on, below those that systems hand out: no client can take one meanwhile."""
    found: list[int] = []
    for port in random.sample(range(20_000, 30_000), 200):
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) != 0:
                found.append(port)
        if len(found) == number:
            return found
    raise AssertionError("no free ports")


Rows = dict[str, list[tuple[Any, ...]]]

TABLES = {
    "users": "FROM users AS t",
    "groups": "FROM groups AS t",
    "users__groups": "FROM users AS p JOIN users__groups AS t ON t._dlt_parent_id = p._dlt_id",
    "users__roles": "FROM users AS p JOIN users__roles AS t ON t._dlt_parent_id = p._dlt_id",
    "groups__users": "FROM groups AS p JOIN groups__users AS t ON t._dlt_parent_id = p._dlt_id",
}


def read_rows(database: Path, dataset: str) -> Rows:
    """Every table as text, without what dlt numbers anew at each load; members with the name they belong to."""
    with duckdb.connect(str(database), read_only=True) as db:
        db.execute(f"USE {dataset}")
        return {table: sorted(db.execute(_select(table)).fetchall(), key=repr) for table in TABLES}


def _select(table: str) -> str:
    owned = (
        "p.name, t.value, t._dlt_list_idx" if "__" in table else "COLUMNS(t.* EXCLUDE (_dlt_id, _dlt_load_id))::TEXT"
    )
    return f"SELECT {owned} {TABLES[table]}"


@dataclass(frozen=True, slots=True)
class Synced:
    """What two syncs of the example reported, and left."""

    reports: tuple[Report, Report]
    rows: tuple[Rows, Rows]
    home: Path
    database: Path


@pytest.fixture(scope="module")
def synced(hub: str, tmp_path_factory: pytest.TempPathFactory) -> Synced:
    folder = tmp_path_factory.mktemp("synced")
    home, database = folder / "home", folder / "school.duckdb"
    reports, rows = [], []
    for _ in range(2):
        reports.append(homeroom.sync(EXAMPLE, destination=f"duckdb:///{database}", home=home))
        rows.append(read_rows(database, "jupyterhub"))
    return Synced((reports[0], reports[1]), (rows[0], rows[1]), home, database)


def test_every_user_and_every_group_arrives_and_is_counted(synced: Synced) -> None:
    users, groups = (synced.reports[0].resources[name] for name in ("users", "groups"))
    assert synced.reports[0].status is Status.COMPLETE
    assert (users.status, users.proof, groups.status, groups.proof) == (Status.COMPLETE, Proof.COUNT) * 2
    assert (users.api_total, users.rows_distinct, users.rows_in_table) == (2000, 2000, 2000)
    assert (groups.api_total, groups.rows_distinct, groups.rows_in_table) == (40, 40, 40)
    # Ten full pages, and one more to see that the total is not too low.
    assert (users.requests, groups.requests) == (11, 2)  # 40 rows have the length of a clamp, too


def test_the_members_of_each_group_are_rows_of_their_own(synced: Synced) -> None:
    members: dict[str, list[str]] = {}
    for group, user, _ in synced.rows[0]["groups__users"]:
        members.setdefault(group, []).append(user)
    assert {group: len(users) for group, users in members.items()} == dict.fromkeys(MEMBERS, 50)
    assert {group: set(users) for group, users in members.items()} == MEMBERS


def test_the_groups_of_each_user_say_the_same(synced: Synced) -> None:
    assert {(group, user) for user, group, _ in synced.rows[0]["users__groups"]} == {
        (group, user) for group, users in MEMBERS.items() for user in users
    }


def test_a_column_that_is_always_null_has_the_type_that_the_example_names(synced: Synced) -> None:
    with duckdb.connect(str(synced.database), read_only=True) as db:
        found = db.execute(
            "SELECT table_name || '.' || column_name, data_type FROM information_schema.columns"
            " WHERE table_schema = 'jupyterhub'"
            " AND column_name IN ('last_activity', 'server', 'user_info', 'properties')"
        ).fetchall()
    assert dict(found) == {
        "users.last_activity": "TIMESTAMP WITH TIME ZONE",
        "users.server": "VARCHAR",
        "users.user_info": "JSON",
        "groups.properties": "JSON",
    }


def test_a_second_sync_changes_no_row(synced: Synced) -> None:
    assert synced.reports[1].status is Status.COMPLETE
    assert synced.rows[1] == synced.rows[0]
    assert {table: len(rows) for table, rows in synced.rows[1].items()} == {
        "users": 2000,
        "groups": 40,
        "users__groups": 2000,
        "users__roles": 2000,
        "groups__users": 2000,
    }


def test_the_token_stays_in_memory(synced: Synced) -> None:
    assert files_with(TOKEN, synced.home, synced.database.parent) == []


def files_with(secret: str, *folders: Path) -> list[Path]:
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    assert files
    return [path for path in files if secret.encode() in path.read_bytes()]


def obvious(hub: str) -> dict[str, Any]:
    """What one writes first: where, who, what; no header, no paginator."""
    return {
        "client": {"base_url": f"{hub}/hub/api", "auth": {"type": "bearer", "token": TOKEN}},
        "resource_defaults": {"primary_key": "name", "write_disposition": "merge"},
        "resources": ["users", "groups"],
    }


def test_dlt_with_the_obvious_config_loads_200_users_and_reports_success(hub: str, tmp_path: Path) -> None:
    """The reason for this file."""
    destination = dlt.destinations.duckdb(str(tmp_path / "theirs.duckdb"))
    pipeline = dlt.pipeline(
        "theirs", destination=destination, dataset_name="jupyterhub", pipelines_dir=str(tmp_path / "pipelines")
    )
    info = pipeline.run(dlt_source(obvious(hub)))
    assert not info.has_failed_jobs
    assert [package.state for package in info.load_packages] == ["loaded"]
    assert len(read_rows(tmp_path / "theirs.duckdb", "jupyterhub")["users"]) == 200


def sync_of(config: dict[str, Any], folder: Path) -> Report:
    file = folder / "changed.yaml"
    file.write_text(yaml.safe_dump(config), encoding="utf-8")
    return homeroom.sync(
        file, destination=f"duckdb:///{folder}/rows.duckdb", dataset="jupyterhub", home=folder / "home"
    )


def test_the_obvious_config_is_not_called_complete(hub: str, tmp_path: Path) -> None:
    report = sync_of({"source": obvious(hub)}, tmp_path)
    users = report.resources["users"]
    assert users.rows_distinct == 200
    assert users.status is Status.INCOMPLETE
    assert "the list was cut; name a paginator" in users.note


@pytest.fixture
def unasked() -> dict[str, Any]:
    """The example without its Accept header."""
    config = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    assert config["source"]["client"].pop("headers") == {"Accept": "application/jupyterhub-pagination+json"}
    return config


def test_the_example_without_its_header_fails_by_name_and_loads_nothing(
    unasked: dict[str, Any], tmp_path: Path
) -> None:
    report = sync_of(unasked, tmp_path)
    assert report.status is Status.FAILED
    assert set(report.errors.values()) == {"DataError"}
    assert not report.landed
    assert "data_selector 'items' finds nothing: the answer is a list" in report.resources["users"].note


def test_offsets_alone_read_everything_but_prove_nothing(unasked: dict[str, Any], tmp_path: Path) -> None:
    unasked["source"]["resource_defaults"]["endpoint"]["data_selector"] = "$"
    users = sync_of(unasked, tmp_path).resources["users"]
    assert (users.rows_in_table, users.api_total) == (2000, None)
    assert (users.status, users.proof) == (Status.UNPROVED, Proof.END)


@pytest.mark.parametrize("flags", [(), ("-v", "--json")], ids=["plain", "verbose"])
def test_a_wrong_token_exits_4_in_the_hubs_words_and_shows_itself_nowhere(
    flags: tuple[str, ...], tmp_path: Path
) -> None:
    home = tmp_path / "home"
    result = subprocess.run(
        [sys.executable, "-m", "homeroom", "sync", str(EXAMPLE), "--to", f"duckdb:///{tmp_path}/rows.duckdb", *flags],
        env=os.environ | {"JUPYTERHUB_TOKEN": WRONG, "HOMEROOM_HOME": str(home)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 4, result.stderr
    assert "403 ('Missing or invalid credentials.')" in result.stdout
    assert WRONG not in result.stdout
    assert WRONG not in result.stderr
    assert files_with(WRONG, home, tmp_path) == []


def test_a_wrong_token_is_an_auth_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTERHUB_TOKEN", WRONG)
    report = homeroom.sync(EXAMPLE, destination=f"duckdb:///{tmp_path}/rows.duckdb", home=tmp_path / "home")
    assert dict(report.errors) == {"users": "AuthError", "groups": "AuthError"}
    assert not report.landed


def catalogued(hub: str, folder: Path) -> Path:
    """The catalogue's config, as `homeroom init` writes it."""
    file = folder / "jupyterhub.yaml"
    file.write_text(fill(find_platform("jupyterhub"), "jupyterhub", {"JUPYTERHUB_URL": hub}, {}).text, encoding="utf-8")
    return file


def test_the_neutral_model_has_what_the_hub_counts(hub: str, tmp_path: Path) -> None:
    database = tmp_path / "rows.duckdb"
    report = homeroom.sync(catalogued(hub, tmp_path), destination=f"duckdb:///{database}", home=tmp_path / "home")
    assert report.model is not None
    assert (report.model.error, list(report.model.broken)) == ("", [])
    assert dict(report.model.rows) == {"section": 40, "person": 2000, "person_role": 2000, "enrollment": 2000}
    with duckdb.connect(str(database), read_only=True) as db:
        sizes = db.execute("SELECT section_id, count(DISTINCT person_id) FROM edu.enrollment GROUP BY 1").fetchall()
    assert dict(sizes) == {group: len(users) for group, users in MEMBERS.items()}


def test_a_scope_that_is_missing_is_named_by_the_hub_with_where_to_grant_it(
    hub: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTERHUB_TOKEN", f"narrow-{TOKEN}")
    report = homeroom.sync(
        catalogued(hub, tmp_path), destination=f"duckdb:///{tmp_path}/rows.duckdb", home=tmp_path / "home"
    )
    assert dict(report.errors) == {"groups": "AuthError"}
    assert report.resources["users"].rows_in_table == 2000
    said = report.resources["groups"].note
    assert re.search(r"resource groups, GET https?://[^/]+/hub/api/groups", said)
    assert "the server answered 403" in said
    assert "list:groups" in said.partition("; needed: ")[0]
    assert "needed: list:users; read:users; list:groups; read:groups (jupyterhub_config.py, c.JupyterHub" in said


def test_the_catalogue_says_with_a_wrong_token_what_to_grant_the_right_one(
    hub: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTERHUB_TOKEN", WRONG)
    report = homeroom.sync(
        catalogued(hub, tmp_path), destination=f"duckdb:///{tmp_path}/rows.duckdb", home=tmp_path / "home"
    )
    assert (exit_code(report), report.landed) == (4, False)
    said = report.resources["users"].note
    assert re.search(r"resource users, GET https?://[^/]+/hub/api/users", said)
    assert "403 ('Missing or invalid credentials.')" in said
    assert "needed: list:users; read:users" in said
