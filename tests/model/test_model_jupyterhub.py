"""The mapping of JupyterHub. The rows are as JupyterHub 6.1.1 gives them."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from mapped import Mapped, mapped

GONE = "2026-11-22T10:00:00Z"
COLUMNS = {
    "users": {
        "last_activity": {"data_type": "timestamp"},
        "server": {"data_type": "text"},
        "pending": {"data_type": "text"},
        "user_info": {"data_type": "json"},
    },
    "groups": {"properties": {"data_type": "json"}},
}


def user(name: str, **said: Any) -> dict[str, Any]:
    row = {
        "name": name,
        "kind": "user",
        "admin": False,
        "roles": ["user"],
        "groups": [],
        "server": None,
        "pending": None,
        "created": "2026-11-22T15:13:41.692752Z",
        "last_activity": None,
    }
    return row | said


def group(name: str, users: list[str], **said: Any) -> dict[str, Any]:
    return {"name": name, "kind": "group", "users": users, "roles": [], "properties": {}} | said


ROWS: dict[str, list[dict[str, Any]]] = {
    "users": [
        user("root", admin=True, roles=["admin", "user"]),
        user("ines", roles=["user", "instructor"], last_activity="2026-11-23T09:00:00Z"),
        user("sam", roles=["user", "student", "grader-of-101"]),
        user("sue", _deleted_at=GONE),
    ],
    "groups": [
        group("nbgrader-course101", ["sam", "sue"]),
        group("formgrade-course101", ["ines"]),
        group("physics/2026", ["sam", "root"]),
        group("old", ["sam"], _deleted_at=GONE),
        group("empty", []),
    ],
}


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Mapped:
    return mapped("jupyterhub", ROWS, tmp_path_factory.mktemp("hub"), columns=COLUMNS)


def test_nothing_is_broken_and_all_entities_have_rows(hub: Mapped) -> None:
    assert hub.broken == []
    assert dict(hub.report.rows) == {"section": 5, "person": 4, "person_role": 8, "enrollment": 6}


def test_a_user_is_a_person_of_whom_the_hub_knows_the_name(hub: Mapped) -> None:
    ines, root, sam, sue = hub.dicts("person")
    assert ines == {
        "source": "jupyterhub",
        "id": "ines",
        "username": "ines",
        "source_created_at": datetime(2026, 11, 22, 15, 13, 41, 692752, tzinfo=UTC),
        "state": "active",
        "extra": ines["extra"],
    }
    told = json.loads(ines["extra"])
    assert told["kind"] == "user"
    assert told["last_activity"].startswith("2026-11-23")
    assert json.loads(sam["extra"])["last_activity"] is None
    assert (root["primary_role"], sue["state"]) == ("administrator", "deleted")
    assert sue["deleted_at"] == datetime(2026, 11, 22, 10, tzinfo=UTC)


def test_a_last_activity_is_no_event(hub: Mapped) -> None:
    assert hub.rows("SELECT count(*) FROM edu.activity") == [(0,)]


def test_each_role_of_a_user_is_a_row(hub: Mapped) -> None:
    assert hub.rows("SELECT id, person_id, role, native_state, state FROM edu.person_role ORDER BY id") == [
        ("ines/instructor", "ines", "teacher", "instructor", "active"),
        ("ines/user", "ines", "other", "user", "active"),
        ("root/admin", "root", "administrator", "admin", "active"),
        ("root/user", "root", "other", "user", "active"),
        ("sam/grader-of-101", "sam", "other", "grader-of-101", "active"),
        ("sam/student", "sam", "student", "student", "active"),
        ("sam/user", "sam", "other", "user", "active"),
        ("sue/user", "sue", "other", "user", "deleted"),
    ]


def test_a_group_is_a_section_and_nbgraders_groups_name_their_course(hub: Mapped) -> None:
    assert hub.rows("SELECT id, title, kind, native_course_id, state FROM edu.section ORDER BY id") == [
        ("empty", "empty", "group", None, "active"),
        ("formgrade-course101", "formgrade-course101", "group", "course101", "active"),
        ("nbgrader-course101", "nbgrader-course101", "group", "course101", "active"),
        ("old", "old", "group", None, "deleted"),
        ("physics/2026", "physics/2026", "group", None, "active"),
    ]


def test_members_of_a_group_are_enrolled(hub: Mapped) -> None:
    assert hub.rows("SELECT id, person_id, section_id, role, state FROM edu.enrollment ORDER BY id") == [
        ("formgrade-course101/ines", "ines", "formgrade-course101", "teacher", "active"),
        ("nbgrader-course101/sam", "sam", "nbgrader-course101", "student", "active"),
        ("nbgrader-course101/sue", "sue", "nbgrader-course101", "student", "inactive"),
        ("old/sam", "sam", "old", "student", "deleted"),
        ("physics/2026/root", "root", "physics/2026", "administrator", "active"),
        ("physics/2026/sam", "sam", "physics/2026", "student", "active"),
    ]


def test_a_hub_without_groups_has_people_alone(tmp_path: Path) -> None:
    found = mapped("jupyterhub", {"users": ROWS["users"][:1]}, tmp_path, columns=COLUMNS)
    assert found.broken == []
    assert dict(found.report.rows) == {"section": 0, "person": 1, "person_role": 2, "enrollment": 0}
