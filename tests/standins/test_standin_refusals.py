"""A wrong key, or a right that is missing, is an error that says what is missing and where to grant it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
import reads
from loopback import Asked, Says
from moodle_server import Moodle
from oneroster_server import OneRoster
from reads import Read

from homeroom.report import exit_code
from homeroom.values import Status

WRONG = "wr0ng-key-0f-n0b0dy-77c2"
GRANT = "needed: https://purl.imsglobal.org/spec/or/v1p2/scope/roster-core.readonly (the provider's page for"
ADMIN = "Site administration: Server, Web services, External services (functions), Manage tokens"


def notes(read: Read) -> dict[str, str]:
    """What is said of each resource that failed."""
    return {name: line.note for name, line in read.report.resources.items() if line.status is Status.FAILED}


# Moodle: status 200 for all of it.


def of_moodle(site: Moodle, folder: Path) -> Read:
    return reads.sync(reads.filled("moodle", site.values, folder, attempts=1), folder)


def test_a_wrong_token_of_moodle_exits_4_with_the_function_the_code_and_where_to_make_one(
    moodle: Moodle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOODLE_TOKEN", WRONG)
    read = of_moodle(moodle, tmp_path)
    assert (exit_code(read.report), read.report.landed) == (4, False)
    assert dict(read.report.errors) == {"courses": "AuthError", "users": "AuthError"}
    said = notes(read)["courses"]
    assert re.search(r"resource courses, GET https?://[^/]+/webservice/rest/server.php", said)
    assert "wsfunction=core_course_get_courses" in said
    assert "it says 'invalidtoken': 'Invalid token - token not found'" in said
    assert ADMIN in said
    assert WRONG not in said


@pytest.fixture(scope="module")
def hampered(moodle: Moodle, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Notes of a read by a service without a function, and a user without five rights."""
    missing = ["core_group_get_course_groups", "moodle/user:viewdetails", "moodle/course:viewparticipants"]
    with moodle.without(*missing, "mod/assign:view", "moodle/grade:viewall"):
        read = of_moodle(moodle, tmp_path_factory.mktemp("hampered"))
    assert read.report.resources["courses"].status is Status.COMPLETE
    assert read.report.resources["submissions"].status is Status.SKIPPED
    assert set(read.report.errors) == {"users", "enrolled_users", "groups", "assignments", "grades"}
    return notes(read)


@pytest.mark.parametrize(
    ("resource", "function", "code", "right"),
    [
        (
            "groups",
            "core_group_get_course_groups",
            "accessexception",
            "function core_group_get_course_groups",
        ),
        (
            "enrolled_users",
            "core_enrol_get_enrolled_users",
            "nopermissions",
            "moodle/course:viewparticipants",
        ),
        ("grades", "gradereport_user_get_grade_items", "nopermissiontoviewgrades", "moodle/grade:viewall"),
        ("assignments", "mod_assign_get_assignments", "1", "mod/assign:view"),
    ],
)
def test_a_right_that_moodle_misses_is_named(
    hampered: dict[str, str], resource: str, function: str, code: str, right: str
) -> None:
    said = hampered[resource]
    assert re.search(rf"resource {resource}, GET https?://[^/]+/webservice/rest/server.php", said)
    assert f"wsfunction={function}" in said
    assert f"it says '{code}'; needed: " in said
    assert right in said.partition("; needed: ")[2]
    assert ADMIN in said


def test_a_user_of_moodles_who_sees_nobody_is_no_school_of_one(hampered: dict[str, str]) -> None:
    said = hampered["users"]
    assert re.search(r"resource users, GET https?://[^/]+/webservice/rest/server.php", said)
    assert "wsfunction=core_user_get_users" in said
    assert ": 1 row came, where sync.resources.users.at_least says 2 or more" in said
    assert "moodle/user:viewdetails" in said
    assert ADMIN in said


def test_courses_that_may_not_be_entered_are_an_error(moodle: Moodle, tmp_path: Path) -> None:
    with moodle.without("moodle/course:view"):
        read = of_moodle(moodle, tmp_path)
    assert "it says 'errorcoursecontextnotvalid': 'You cannot execute functions" in notes(read)["courses"]
    assert read.report.errors["courses"] == "AuthError"


# OneRoster: 401, 403, and an empty list.


def of_oneroster(service: OneRoster, folder: Path, *select: str) -> Read:
    file = reads.filled("oneroster_1_2", service.values, folder, attempts=1)
    return reads.sync(file, folder, select=select or ["orgs", "users"])


def test_a_wrong_secret_of_oneroster_exits_4_in_the_endpoints_words(
    oneroster: OneRoster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONEROSTER_CLIENT_SECRET", WRONG)
    read = of_oneroster(oneroster, tmp_path)
    assert (exit_code(read.report), read.report.landed) == (4, False)
    said = notes(read)["orgs"]
    assert re.search(r"resource orgs, GET https?://[^/]+/ims/oneroster/rostering/v1p2/orgs", said)
    assert "401" in said
    assert "invalid_client" in said
    assert GRANT in said
    assert WRONG not in said


def test_a_scope_that_is_missing_is_named_by_the_service_and_by_us(oneroster: OneRoster, tmp_path: Path) -> None:
    with oneroster.changed(granted=[]):
        read = of_oneroster(oneroster, tmp_path)
    assert (exit_code(read.report), read.report.landed) == (4, False)
    said = notes(read)["orgs"]
    assert "the server answered 403 (\"Insufficient scope: your token must have the 'https://purl.imsglobal.org" in said
    assert GRANT in said


def test_a_token_that_is_not_taken_is_told_by_its_status_and_words(oneroster: OneRoster, tmp_path: Path) -> None:
    refused = "not-this-one.token"
    with oneroster.changed(answer=lambda asked: _with_a_token(oneroster, asked, refused)):
        said = notes(of_oneroster(oneroster, tmp_path, "orgs"))["orgs"]
    assert "the server answered 401 ('Invalid or expired token.')" in said
    assert GRANT in said
    assert refused not in said


def _with_a_token(service: OneRoster, asked: Asked, token: str) -> Says:
    says = OneRoster.answer(service, asked)
    return replace(says, body={**says.body, "access_token": token}) if asked.path == "/oauth/token" else says


def test_a_token_without_an_organisation_makes_no_empty_school(oneroster: OneRoster, tmp_path: Path) -> None:
    with oneroster.changed(organizations=[]):
        read = of_oneroster(oneroster, tmp_path, "*")
    assert (exit_code(read.report), read.report.landed) == (4, False)
    assert set(read.report.errors.values()) == {"AuthError"}
    assert len(read.report.errors) == 6
    said = notes(read)["users"]
    assert re.search(r"resource users, GET https?://[^/]+/ims/oneroster/rostering/v1p2/users", said)
    assert ": no row came, where sync.resources.users.at_least says 1 or more" in said
    assert GRANT in said


def test_a_wrong_secret_of_version_1_1_is_a_401(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONEROSTER_SECRET", WRONG)
    with OneRoster("1.1") as service:
        read = reads.sync(reads.filled("oneroster_1_1", service.values, tmp_path), tmp_path, select=["orgs"])
    assert (exit_code(read.report), read.report.errors["orgs"]) == (4, "AuthError")
    assert "401 ('Invalid or expired signature.')" in notes(read)["orgs"]
    assert "needed: reading of the rostering lists" in notes(read)["orgs"]
