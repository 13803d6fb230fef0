"""The mapping of D2L Brightspace.

Rows after User.UserData (https://docs.valence.desire2learn.com/res/user.html), OrgUnit.OrgUnit (…/res/orgunit.html) and
Enrollment.ClasslistUser (…/res/enroll.html), 2026-11-23.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from mapped import Mapped, mapped

from homeroom.catalog import find_platform

GONE = "2026-01-02T03:04:05Z"
OFFERING = {"Id": 3, "Code": "Course Offering", "Name": "Course Offering"}

USERS: list[dict[str, Any]] = [
    {
        "OrgId": 6605,
        "UserId": 7001,
        "FirstName": "Jane",
        "MiddleName": None,
        "LastName": "Doe",
        "DisplayName": "Jane Doe",
        "UserName": "jdoe",
        "ExternalEmail": "jane@example.ca",
        "OrgDefinedId": "S00091797",
        "UniqueIdentifier": "jdoe",
        "Activation": {"IsActive": True},
        "LastAccessedDate": "2026-08-23T08:52:20.032Z",
        "Pronouns": "she/her",
    },
    {"UserId": 7002, "FirstName": "Max", "LastName": "Born", "Activation": {"IsActive": False}},
    {"UserId": 7003, "FirstName": "Ida", "LastName": "Noddack", "_deleted_at": GONE},
]
COURSES = [
    {"Identifier": "6606", "Name": "Databases", "Code": "COMP-3005", "Path": "/content/6606/", "Type": OFFERING},
    {"Identifier": "6607", "Name": "Compilers", "Code": None, "Path": "/content/6607/", "Type": OFFERING},
    {"Identifier": "6608", "Name": "Gone", "Code": "X", "Type": OFFERING, "_deleted_at": GONE},
]
LISTED: list[dict[str, Any]] = [
    {
        "_courses_Identifier": "6606",
        "Identifier": "7001",
        "ProfileIdentifier": "QKGjIK9TtN",
        "DisplayName": "Doe, Jane",
        "Username": "jdoe",
        "OrgDefinedId": "S00091797",
        "Email": "jane@example.ca",
        "FirstName": "Jane",
        "LastName": "Doe",
        "RoleId": 110,
        "LastAccessed": "2026-08-23T08:52:20.032Z",
        "IsOnline": False,
        "ClasslistRoleDisplayName": "Student",
    },
    {
        "_courses_Identifier": "6606",
        "Identifier": "7002",
        "RoleId": 109,
        "ClasslistRoleDisplayName": "Instructor",
        "_deleted_at": GONE,
    },
    # Somebody whom the account may see in the class list, but not among the users.
    *(
        {
            "_courses_Identifier": course,
            "Identifier": "7004",
            "DisplayName": "Peanut Butter",
            "FirstName": "Peanut",
            "LastName": "Butter",
            "OrgDefinedId": "S4",
            "Email": "pb@example.ca",
            "Username": "pb",
            "ClasslistRoleDisplayName": "Learner",
        }
        for course in ("6606", "6607")
    ),
]
ROLES = {
    "Learner": "student",
    "Student": "student",
    "Instructor": "teacher",
    "Lecturer": "teacher",
    "Associate Professor": "teacher",
    "Faculty": "teacher",
    "Teaching Assistant": "assistant",
    "TA": "assistant",
    "Grader": "assistant",
    "Instructional Designer": "designer",
    "Course Builder": "designer",
    "Proctor": "proctor",
    "Administrator": "administrator",
    "Auditor": "observer",
    "Parent": "observer",
    None: "observer",
}
ROWS: dict[str, list[dict[str, Any]]] = {
    "users": [*USERS, *({"UserId": 8000 + number} for number, _ in enumerate(ROLES))],
    "courses": COURSES,
    "class_lists": [
        *LISTED,
        *(
            {"_courses_Identifier": "6607", "Identifier": str(8000 + number), "ClasslistRoleDisplayName": role}
            for number, role in enumerate(ROLES)
        ),
    ],
}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Mapped:
    return mapped("brightspace", ROWS, tmp_path_factory.mktemp("brightspace"))


def test_the_config_asks_for_the_model() -> None:
    assert find_platform("brightspace").config["model"] == "brightspace"


def test_nothing_is_broken(found: Mapped) -> None:
    assert found.broken == []


def test_a_course_offering_is_a_course_and_its_site(found: Mapped) -> None:
    course, section = found.dicts("course")[0], found.dicts("section")[0]
    assert course == {
        "source": "brightspace",
        "id": "6606",
        "title": "Databases",
        "code": "COMP-3005",
        "state": "active",
    }
    extra = json.loads(section.pop("extra"))
    assert section == {**course, "course_id": "6606", "sis_id": "COMP-3005", "kind": "site"}
    assert extra == {"path": "/content/6606/", "type": "Course Offering"}
    states = [row["state"] for row in found.dicts("section")]
    assert states == [row["state"] for row in found.dicts("course")] == ["active", "active", "deleted"]


def test_users_are_persons(found: Mapped) -> None:
    persons = {row["id"]: row for row in found.dicts("person")}
    extra = json.loads(persons["7001"].pop("extra"))
    assert persons["7001"] == {
        "source": "brightspace",
        "id": "7001",
        "given_name": "Jane",
        "family_name": "Doe",
        "display_name": "Jane Doe",
        "email": "jane@example.ca",
        "username": "jdoe",
        "sis_id": "S00091797",
        "state": "active",
        "native_state": "true",
    }
    assert set(extra) == {"last_accessed"}
    assert (persons["7002"]["display_name"], persons["7002"]["state"]) == ("Max Born", "inactive")
    assert persons["7003"]["state"] == "deleted"


def test_whom_class_lists_alone_name_is_a_person_once(found: Mapped) -> None:
    assert [row for row in found.dicts("person") if row["id"] == "7004"] == [
        {
            "source": "brightspace",
            "id": "7004",
            "given_name": "Peanut",
            "family_name": "Butter",
            "display_name": "Peanut Butter",
            "email": "pb@example.ca",
            "username": "pb",
            "sis_id": "S4",
            "state": "active",
        }
    ]


def test_class_lists_are_enrollments(found: Mapped) -> None:
    rows = {row["id"]: row for row in found.dicts("enrollment")}
    extra = json.loads(rows["6606/7001"].pop("extra"))
    assert rows["6606/7001"] == {
        "source": "brightspace",
        "id": "6606/7001",
        "person_id": "7001",
        "section_id": "6606",
        "role": "student",
        "last_activity_at": datetime(2026, 8, 23, 8, 52, 20, 32000, tzinfo=UTC),
        "state": "active",
    }
    assert extra == {"role": "Student", "role_id": 110}
    assert (rows["6606/7002"]["role"], rows["6606/7002"]["state"]) == ("teacher", "deleted")


def test_a_role_goes_by_its_name(found: Mapped) -> None:
    rows = found.rows("SELECT role FROM edu.enrollment WHERE id LIKE '6607/8%' ORDER BY id")
    assert [role for (role,) in rows] == list(ROLES.values())


def test_an_empty_database_has_empty_views(tmp_path: Path) -> None:
    found = mapped("brightspace", {"nothing": [{"id": 1}]}, tmp_path)
    assert set(found.report.rows.values()) == {0}
    assert found.broken == []
