"""The real Kolibri, a school of 41 users and 1,008 attempts, with the catalogue's config as `homeroom init` writes it.

It knows no error for a session that has ended: it answers 200 and an empty list. The package comes from PyPI at the
first run and stays in the temporary folder; each run has a school of its own. `-m "not real"` leaves it out.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import duckdb
import pytest
from filelock import FileLock

import homeroom
from homeroom.report import exit_code
from homeroom.values import Proof, Report, Status

# One server for all tests where xdist groups them (--dist loadgroup), one for each worker otherwise.
pytestmark = [pytest.mark.real, pytest.mark.xdist_group("kolibri")]

SCRIPT = Path(__file__).with_name("kolibri.sh")
PASSWORD, WRONG = "r1ght-passw0rd-5e1f", "wr0ng-passw0rd-77c2"
LEARNERS = "password"
"""That of all learners whom the package's helpers make."""
INSTALL_S, START_S, STOP_S = 400, 240, 30
COUNTS = {
    "facilities": 1,
    "users": 41,
    "classrooms": 4,
    "learner_groups": 8,
    "memberships": 80,
    "lessons": 12,
    "quizzes": 4,
    "attendance_sessions": 12,
    "attendance_records": 120,
}


@dataclass(frozen=True, slots=True)
class School:
    """A server, what an admin may do with it, and a config for it."""

    url: str
    facility: str
    folder: Path

    def ask(self, path: str, method: str = "GET") -> Any:
        """An answer to the admin, without homeroom."""
        cookies = CookieJar()
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(cookies)
        )
        login = {"username": "superuser", "password": PASSWORD, "facility": self.facility}
        opener.open(self._request("auth/session/", "POST", json.dumps(login).encode()), timeout=30).close()
        request = self._request(path, method)
        request.add_header("X-CSRFToken", next((each.value or "" for each in cookies if "csrf" in each.name), ""))
        with opener.open(request, timeout=30) as answer:
            return json.loads(answer.read() or "null")

    def results(self) -> int:
        """How many have begun a quiz, of each class as its coach sees it."""
        classes = [self.ask(f"../coach/api/classsummary/{each['id']}/") for each in self.ask("auth/classroom/")]
        return sum(len(each["exam_learner_status"]) for each in classes)

    def _request(self, path: str, method: str, body: bytes | None = None) -> urllib.request.Request:
        headers = {"Content-Type": "application/json"} if body else {}
        return urllib.request.Request(urljoin(f"{self.url}/api/", path), body, headers, method=method)

    def sync(self, **settings: Any) -> Report:
        """A run of the config."""
        database = f"duckdb:///{self.folder}/school.duckdb"
        return homeroom.sync(self.folder / "kolibri.yaml", destination=database, home=self.folder / "home", **settings)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """A query over the tables."""
        with duckdb.connect(f"{self.folder}/school.duckdb", read_only=True) as db:
            db.execute("USE kolibri")
            return db.execute(query).fetchall()


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    if missing := [tool for tool in ("bash", "curl", "ps") if shutil.which(tool) is None]:
        pytest.skip(f"Kolibri needs {', '.join(missing)} on the PATH")
    folder = tmp_path_factory.mktemp("school")
    packages = Path(tempfile.gettempdir()) / "real-kolibri"
    port, zips = free_ports(2)
    settings = {"WORK": str(packages), "STATE": str(folder / "server"), "PYTHON": sys.executable}
    settings |= {"PASSWORD": PASSWORD, "OWNER": str(os.getpid()), "PORT": str(port), "ZIP": str(zips)}
    with FileLock(f"{packages}.lock", timeout=INSTALL_S + 60):
        code, words = script("install", settings, INSTALL_S)
    if code:
        pytest.skip(f"Kolibri cannot be installed from PyPI: {words.splitlines()[-1]}")
    try:
        code, words = script("start", settings, START_S)
        assert code == 0, words
        found = School(f"http://127.0.0.1:{port}", words.splitlines()[-1], folder)
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(folder)
            patch.setenv("DLT_DATA_DIR", str(folder / "dlt"))
            patch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")
            patch.setenv("KOLIBRI_PASSWORD", PASSWORD)
            write_config(found)
            yield found
    finally:
        script("stop", settings, STOP_S)


def script(act: str, settings: dict[str, str], most_s: float) -> tuple[int, str]:
    """Run the script; its exit code and its words."""
    # In a file, for the server outlives the script and would hold a pipe open.
    with tempfile.TemporaryFile() as words:
        process = subprocess.Popen(
            ["bash", str(SCRIPT), act],
            env=os.environ | {"PIP_RETRIES": "2"} | settings,
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=words,
            start_new_session=True,
        )
        try:
            code = process.wait(most_s)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
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


def write_config(school: School) -> None:
    """As somebody would: `homeroom init`, with all that it asks for."""
    told = {"KOLIBRI_FACILITY": school.facility, "KOLIBRI_USER": "superuser"}
    settings = [part for name, value in told.items() for part in ("--set", f"{name}={value}")]
    command = [sys.executable, "-m", "homeroom", "init", "kolibri", "--base-url", school.url, *settings]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, capture_output=True, cwd=school.folder)


@pytest.fixture(scope="module")
def first(school: School) -> Report:
    return school.sync()


def test_every_list_arrives_whole(school: School, first: Report) -> None:
    assert first.status is Status.COMPLETE
    assert {(each.status, each.proof) for each in first.resources.values()} == {(Status.COMPLETE, Proof.DECLARED)}
    assert {name: each.rows_in_table for name, each in first.resources.items() if name in COUNTS} == COUNTS
    assert first.resources["attempts"].rows_in_table == len(school.ask("logger/attemptlog/")) > 500
    assert first.resources["roles"].rows_in_table == len(school.ask("auth/role/"))
    assert first.resources["quiz_results"].rows_in_table == school.results() > 0


def test_the_neutral_model_has_what_kolibri_counts(school: School, first: Report) -> None:
    model, tables = first.model, {name: each.rows_in_table for name, each in first.resources.items()}
    assert model is not None
    assert (model.error, model.note, list(model.broken)) == ("", "", [])
    assert dict(model.rows) == {
        "org": 1,
        "section": 4,
        "person": 41,
        "person_role": 41,
        "enrollment": 40,
        "section_group": 8,
        "group_member": 40,
        "assignment": 16,
        "submission": tables["quiz_results"],
        "grade": school.rows("SELECT count(*) FROM quiz_results WHERE status = 'Completed'")[0][0],
        "attendance": 120,
        "activity": tables["attempts"],
    }
    enrolled = "SELECT section_id, count(*) FROM edu.enrollment WHERE role = 'student' AND state = 'active' GROUP BY 1"
    assert dict(school.rows(enrolled)) == {each["id"]: each["learner_count"] for each in school.ask("auth/classroom/")}
    present = "SELECT count(*) FROM edu.attendance WHERE status = 'present'"
    sessions = school.ask("attendance/attendancesession/")
    assert school.rows(present) == [(sum(each["present_count"] for each in sessions),)]


def test_the_members_of_groups_are_the_users(school: School, first: Report) -> None:
    assert school.rows("SELECT count(*) FROM learner_groups__user_ids WHERE value IN (SELECT id FROM users)") == [(40,)]
    assert school.rows("SELECT count(*) FROM attempts WHERE user NOT IN (SELECT id FROM users)") == [(0,)]


def test_every_column_has_a_class_of_personal_data(school: School, first: Report) -> None:
    classes = homeroom_classes()
    found = school.rows(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'kolibri'"
        " AND table_name NOT LIKE '\\_%' ESCAPE '\\' AND column_name NOT LIKE '\\_%' ESCAPE '\\'"
    )
    assert [f"{table}.{column}" for table, column in found if column not in classes.get(table, set())] == []


def homeroom_classes() -> dict[str, set[str]]:
    from homeroom.catalog import find_platform

    classes = find_platform("kolibri").classes
    return {table: {column for columns in each.values() for column in columns} for table, each in classes.items()}


def test_who_is_deleted_is_marked_and_a_wrong_password_changes_nothing(
    school: School, first: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    users = "SELECT count(*), count(_deleted_at) FROM users"
    gone = next(each for each in school.ask("auth/facilityuser/") if not each["roles"] and not each["is_superuser"])
    school.ask(f"auth/facilityuser/{gone['id']}/", "DELETE")
    monkeypatch.setenv("KOLIBRI_PASSWORD", WRONG)
    refused = school.sync()
    assert (exit_code(refused), set(refused.errors.values())) == (4, {"AuthError"})
    said = refused.resources["users"].note
    assert re.search(r"resource users, GET https?://[^/]+/api/auth/facilityuser/", said)
    assert "401" in said
    assert "needed: Admin of the facility" in said
    assert WRONG not in said
    assert school.rows(users) == [(41, 0)]
    monkeypatch.setenv("KOLIBRI_PASSWORD", PASSWORD)
    assert school.sync().status is Status.COMPLETE
    assert school.rows(users) == [(41, 1)]
    assert school.rows("SELECT id FROM users WHERE _deleted_at IS NOT NULL") == [(gone["id"],)]
    assert school.rows("SELECT id FROM edu.person WHERE state = 'deleted'") == [(gone["id"],)]
    learning = "SELECT count(*) FROM edu.enrollment WHERE role = 'student' AND state = 'active'"
    assert school.rows(learning) == [(sum(each["learner_count"] for each in school.ask("auth/classroom/")),)]


def test_who_is_no_admin_is_refused_and_not_given_a_school_of_one(school: School, tmp_path: Path) -> None:
    learner = next(each for each in school.ask("auth/facilityuser/") if not each["roles"] and not each["is_superuser"])
    config = (school.folder / "kolibri.yaml").read_text(encoding="utf-8")
    file = tmp_path / "kolibri.yaml"
    file.write_text(config.replace("superuser", learner["username"]), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KOLIBRI_PASSWORD", LEARNERS)
        report = homeroom.sync(file, destination=f"duckdb:///{tmp_path}/rows.duckdb", home=tmp_path / "home")
    assert (exit_code(report), report.landed) == (4, False)
    assert set(report.errors) == set(report.resources) - {"quiz_results"}  # it asks for each class, and knows none
    assert report.resources["quiz_results"].status is not Status.COMPLETE
    said = report.resources["classrooms"].note
    assert re.search(r"resource classrooms, GET https?://[^/]+/api/auth/classroom/", said)
    assert """was refused by fails_when ('kind == ["learner"]')""" in said
    assert "needed: Admin of the facility" in said
