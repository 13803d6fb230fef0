"""The catalogue's configs, as `homeroom init` writes them, read the stand-ins whole."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import counts
import moodle_server as school
import pytest
import reads
from moodle_server import Moodle
from oneroster_server import OneRoster
from reads import Read

from homeroom.values import Proof, Status


@pytest.fixture(scope="module")
def of_moodle(moodle: Moodle, tmp_path_factory: pytest.TempPathFactory) -> Read:
    folder = tmp_path_factory.mktemp("moodle")
    return reads.sync(reads.write("moodle", moodle.values, folder), folder)


@pytest.fixture(scope="module")
def of_oneroster(oneroster: OneRoster, tmp_path_factory: pytest.TempPathFactory) -> Read:
    folder = tmp_path_factory.mktemp("oneroster")
    return reads.sync(reads.write("oneroster_1_2", oneroster.values, folder), folder)


def proofs(read: Read) -> set[tuple[Status, Proof | None]]:
    return {(line.status, line.proof) for line in read.report.resources.values()}


def test_moodle_is_read_whole(moodle: Moodle, of_moodle: Read) -> None:
    assert proofs(of_moodle) == {(Status.COMPLETE, Proof.DECLARED)}
    assert of_moodle.in_tables == moodle.counts()


def test_moodles_rows_say_what_they_belong_to(moodle: Moodle, of_moodle: Read) -> None:
    enrolled = of_moodle.rows("SELECT _courses_id, count(*) FROM enrolled_users GROUP BY 1")
    assert dict(enrolled) == {
        course: len(school.enrolled(course)) for course in school.COURSES if school.enrolled(course)
    }
    assert of_moodle.rows("SELECT count(*) FROM users WHERE email IS NULL") == [(1,)]
    joined = "SELECT count(*) FROM submissions s JOIN assignments a ON a.id = s._assignments_id"
    assert of_moodle.rows(joined) == [(moodle.counts()["submissions"],)]


def test_the_certified_service_is_read_whole_behind_its_clamp(oneroster: OneRoster, of_oneroster: Read) -> None:
    assert proofs(of_oneroster) == {(Status.COMPLETE, Proof.CONTINUITY)}
    assert of_oneroster.in_tables == oneroster.counts()
    assert oneroster.counts()["users"] == 1203


def test_version_1_1_is_read_whole_by_its_total(tmp_path: Path) -> None:
    with OneRoster("1.1", policy=(1000, 60)) as service:
        read = reads.sync(reads.filled("oneroster_1_1", service.values, tmp_path), tmp_path)
        assert proofs(read) == {(Status.COMPLETE, Proof.COUNT)}
        assert read.in_tables == service.counts()


def test_the_services_rate_is_waited_for(tmp_path: Path) -> None:
    with OneRoster(policy=(6, 1)) as service:
        read = reads.sync(reads.filled("oneroster_1_2", service.values, tmp_path), tmp_path, select=["users"])
        users = read.report.resources["users"]
        assert (users.status, users.rows_in_table) == (Status.COMPLETE, 1203)


def test_who_is_gone_from_the_roster_is_marked(oneroster: OneRoster, of_oneroster: Read) -> None:
    folder, gone = of_oneroster.database.parent, oneroster.rows["orgs"][0]["sourcedId"]
    with oneroster.changed(rows=dict(oneroster.rows)):
        oneroster.refresh_without("orgs", gone)
        read = reads.sync(folder / "oneroster_1_2.yaml", folder, select=["orgs"])
    assert read.rows("SELECT sourced_id FROM orgs WHERE _deleted_at IS NOT NULL") == [(gone,)]


def test_the_table_of_counts_sets_the_platform_beside_its_tables(of_moodle: Read, moodle: Moodle) -> None:
    lines = counts.compared("moodle", of_moodle, moodle.counts())
    shown = [[cell.strip() for cell in line.split("|")[1:-1]] for line in counts.table_of(lines).splitlines()]
    assert shown[0] == ["platform", "resource", "rows in the platform", "rows in the table", "status", "proof"]
    assert ["moodle", "users", "243", "243", "complete", "declared"] in shown
    assert all(line.agrees for line in lines)
    assert not replace(lines[0], here=lines[0].here - 1).agrees


def test_a_roster_whose_pages_may_not_overlap_is_whole_and_unproved(oneroster: OneRoster, tmp_path: Path) -> None:
    file = reads.filled("oneroster_1_2", oneroster.values, tmp_path)
    file.write_text(file.read_text(encoding="utf-8").replace("sync:\n", "sync:\n  overlap: never\n"), encoding="utf-8")
    users = reads.sync(file, tmp_path, select=["users"]).report.resources["users"]
    assert (users.status, users.proof, users.rows_in_table) == (Status.UNPROVED, Proof.END, 1203)


def test_every_behaviour_that_is_listed_is_held_by_a_test() -> None:
    here = Path(__file__).parent
    listed = set(re.findall(r"`(test_\w+)`", (here / "conftest.py").read_text(encoding="utf-8")))
    servers = [(here / f"test_{name}_server.py").read_text(encoding="utf-8") for name in ("moodle", "oneroster")]
    assert listed == set(re.findall(r"^def (test_\w+)", "\n".join(servers), flags=re.MULTILINE))
