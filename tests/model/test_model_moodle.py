"""The mapping of Moodle: over what its stand-in gave, and over rows as its source describes them."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "standins"))

import moodle_server as school
from mapped import Mapped, mapped
from of_standin import OfStandIn, synced

GONE = "2026-11-20T03:00:00Z"
THEN, LATER, DUE = "2026-11-01T08:00:00Z", "2026-11-02T08:00:00Z", "2026-11-01T12:00:00Z"


def time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def enrolled(course: int, user: int, *roles: tuple[int, str], **others: Any) -> dict[str, Any]:
    told = [{"roleid": number, "name": "", "shortname": name, "sortorder": 0} for number, name in roles]
    return {"_courses_id": course, "id": user, "fullname": f"User {user}", "roles": told, **others}


def handed(number: int, user: int, status: str, grading: str = "notgraded", **others: Any) -> dict[str, Any]:
    same = {"attemptnumber": 0, "timecreated": THEN, "timemodified": THEN, "groupid": 0, "_assignments_id": 20}
    return same | {"id": number, "userid": user, "status": status, "gradingstatus": grading} | others


def item(number: int, kind: str, mark: float | None, **others: Any) -> dict[str, Any]:
    same = {"itemname": f"Item {number}", "itemnumber": 0, "scaleid": None, "grademax": 100, "gradeishidden": False}
    shown = "-" if mark is None else f"{mark:.2f}"
    return same | {"id": number, "itemtype": kind, "graderaw": mark, "gradeformatted": shown} | others


ESSAY = {"itemmodule": "assign", "iteminstance": 20, "cmid": 120}
STUDENT, EDITING, OTHER_TEACHER = (5, "student"), (3, "editingteacher"), (4, "teacher")
TEAM = {"groups": [{"id": 200, "name": "Red", "description": ""}]}

ROWS: dict[str, list[dict[str, Any]]] = {
    "courses": [
        {"id": 1, "shortname": "Site", "fullname": "Our site", "categoryid": 0, "format": "site", "visible": 1},
        {
            "id": 2,
            "shortname": "B1",
            "fullname": "Biology",
            "idnumber": "sis-2",
            "categoryid": 3,
            "format": "topics",
            "lang": "",
            "visible": 0,
            "startdate": THEN,
            "timecreated": THEN,
            "timemodified": LATER,
        },
        {"id": 3, "shortname": "OLD", "fullname": "Gone", "format": "topics", "visible": 1, "_deleted_at": GONE},
    ],
    "users": [
        {
            "id": 11,
            "username": "ada",
            "firstname": "Ada",
            "lastname": "Byron",
            "fullname": "Ada Byron",
            "email": "ada@example.edu",
            "idnumber": "S-11",
            "lang": "en",
            "timezone": "Europe/London",
            "auth": "manual",
            "department": "Maths",
            "suspended": False,
            "confirmed": True,
            "city": "London",
        },
        {"id": 12, "fullname": "Left", "timezone": "99", "suspended": True, "confirmed": True, "idnumber": ""},
        {"id": 13, "fullname": "New", "timezone": "99", "suspended": False, "confirmed": False},
        {"id": 14, "fullname": "Gone", "suspended": False, "confirmed": True, "_deleted_at": GONE},
    ],
    "enrolled_users": [
        enrolled(1, 11),
        enrolled(1, 12, (1, "manager")),
        enrolled(2, 11, STUDENT, STUDENT, lastcourseaccess=LATER, **TEAM),
        enrolled(2, 12, EDITING, OTHER_TEACHER, **TEAM),
        enrolled(2, 13, (2, "coursecreator")),
        enrolled(2, 15, (9, "external_examiner"), firstname="Only", email="only@example.edu", **TEAM),
        enrolled(2, 16),
        enrolled(3, 16, STUDENT, _deleted_at=GONE),
    ],
    "groups": [{"id": 200, "courseid": 2, "name": "Red", "idnumber": "r"}],
    "assignments": [
        {
            "id": 20,
            "cmid": 120,
            "course": 2,
            "name": "Essay",
            "nosubmissions": 0,
            "intro": "<p>Write.</p>",
            "allowsubmissionsfromdate": THEN,
            "duedate": DUE,
            "cutoffdate": LATER,
            "grade": 100,
            "timemodified": LATER,
            "configs": [
                {"plugin": "onlinetext", "subtype": "assignsubmission", "name": "enabled", "value": "1"},
                {"plugin": "file", "subtype": "assignsubmission", "name": "enabled", "value": "1"},
                {"plugin": "comments", "subtype": "assignfeedback", "name": "enabled", "value": "1"},
                {"plugin": "pdf", "subtype": "assignsubmission", "name": "enabled", "value": "0"},
            ],
        },
        {"id": 21, "course": 2, "name": "On paper", "nosubmissions": 1, "grade": -4},
        {"id": 22, "course": 2, "name": "Team", "nosubmissions": 0, "grade": 0, "duedate": None},
        {"id": 23, "course": 3, "name": "Gone", "grade": 10, "_deleted_at": GONE},
    ],
    "submissions": [
        handed(201, 11, "submitted", "graded", timemodified=LATER, attemptnumber=1),
        handed(202, 12, "submitted", "readyforreview"),
        handed(203, 13, "draft"),
        handed(204, 15, "new", "released"),
        handed(205, 16, "reopened", attemptnumber=1),
        handed(206, 0, "submitted", groupid=200, _assignments_id=22),
        handed(207, 12, "draft", _assignments_id=22),
        handed(208, 14, "submitted", _assignments_id=23, _deleted_at=GONE),
    ],
    "grades": [
        {
            "courseid": 2,
            "userid": 11,
            "userfullname": "Ada Byron",
            "gradeitems": [
                item(31, "course", 80, itemname=None),
                item(32, "category", 70, itemname=None),
                item(33, "mod", 76, gradedategraded=LATER, percentageformatted="76.00 %", **ESSAY),
                item(34, "mod", 3.5, itemmodule="quiz", iteminstance=7, cmid=140, grademax=9.5),
                item(35, "manual", 2, gradeformatted="Good", scaleid=6, gradeishidden=True),
            ],
        },
        {
            "courseid": 2,
            "userid": 15,
            "userfullname": "User 15",
            "gradeitems": [
                item(31, "course", None, itemname=None),
                item(32, "category", None, itemname=None),
                item(33, "mod", 50, **ESSAY),
                item(34, "mod", None, itemmodule="quiz", iteminstance=7, cmid=140, grademax=9.5),
                item(36, "mod", None, itemmodule="forum"),
                item(37, "mod", None, itemmodule="lti"),
                item(38, "mod", None, itemmodule="attendance"),
                item(39, "mod", None, itemmodule="assign", iteminstance=20, itemnumber=1000),
            ],
        },
        {"courseid": 3, "userid": 14, "gradeitems": [item(40, "course", 5)], "_deleted_at": GONE},
    ],
}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Mapped:
    return mapped("moodle", ROWS, tmp_path_factory.mktemp("moodle"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> OfStandIn:
    return synced("moodle", tmp_path_factory.mktemp("site"))


def one(found: Mapped, entity: str, number: str) -> dict[str, Any]:
    (row,) = [row for row in found.dicts(entity) if row["id"] == number]
    return row


def test_the_site_of_the_stand_in_is_all_there(site: OfStandIn) -> None:
    rows = site.model.rows
    in_site = len(school.enrolled(school.SITE))  # everybody, in no role: nobody is enrolled by that
    totals = sum(len(school.enrolled(course)) for course in school.COURSES if course not in (school.SITE, school.BARE))
    assert dict(rows) == {
        "course": site.counts["courses"],
        "section": site.counts["courses"],
        "person": site.counts["users"],
        "enrollment": site.counts["enrolled_users"] - in_site,
        "section_group": site.counts["groups"],
        "group_member": site.counts["enrolled_users"] - in_site,  # each is in the first group of the course
        "assignment": site.counts["assignments"],
        "submission": site.counts["submissions"],
        "grade": site.counts["submissions"] + totals,
    }
    assert site.model.broken == []


def test_each_of_its_submissions_has_the_mark_that_the_gradebook_has(site: OfStandIn) -> None:
    told = site.rows("SELECT status, attempt, score, count(*) FROM edu.submission GROUP BY ALL")
    assert told == [("graded", 1, Decimal(76), site.counts["submissions"])]
    late = "SELECT count(*) FROM edu.submission AS s JOIN edu.assignment AS a ON a.id = s.assignment_id WHERE s.is_late"
    assert site.rows(f"{late} AND s.submitted_at <= a.due_at") == [(0,)]


def test_the_rows_hold_together(found: Mapped) -> None:
    assert found.broken == []


def test_a_course_is_a_course_and_its_own_section(found: Mapped) -> None:
    course, section = one(found, "course", "2"), one(found, "section", "2")
    assert json.loads(course.pop("extra"))["categoryid"] == 3
    assert section.pop("extra")
    same = {
        "source": "moodle",
        "id": "2",
        "title": "Biology",
        "code": "B1",
        "source_created_at": time(THEN),
        "source_modified_at": time(LATER),
        "state": "inactive",
        "native_state": "0",
    }
    assert course == same
    assert section == same | {"course_id": "2", "sis_id": "sis-2", "kind": "site"}
    assert [one(found, "section", number)["state"] for number in "13"] == ["active", "deleted"]


def test_a_person_is_who_has_an_account(found: Mapped) -> None:
    ada = one(found, "person", "11")
    assert json.loads(ada.pop("extra")) == {
        "auth": "manual",
        "department": "Maths",
        "institution": None,
        "lastaccess": None,
    }
    assert ada == {
        "source": "moodle",
        "id": "11",
        "given_name": "Ada",
        "family_name": "Byron",
        "display_name": "Ada Byron",
        "email": "ada@example.edu",
        "username": "ada",
        "sis_id": "S-11",
        "locale": "en",
        "time_zone": "Europe/London",
        "state": "active",
    }


def test_suspended_and_unconfirmed_accounts_are_inactive(found: Mapped) -> None:
    told = found.rows("SELECT id, state, native_state, time_zone, sis_id FROM edu.person ORDER BY id")
    assert told[1:4] == [
        ("12", "inactive", "suspended", None, None),
        ("13", "inactive", "unconfirmed", None, None),
        ("14", "deleted", None, None, None),
    ]


def test_who_is_only_seen_in_courses_is_a_person_once(found: Mapped) -> None:
    told = found.rows("SELECT id, given_name, display_name, email, state FROM edu.person WHERE id IN ('15', '16')")
    assert sorted(told) == [
        ("15", "Only", "User 15", "only@example.edu", "active"),
        ("16", None, "User 16", None, "active"),
    ]


def test_each_role_in_a_course_is_an_enrollment(found: Mapped) -> None:
    assert found.rows("SELECT id, role, extra ->> 'role', state FROM edu.enrollment ORDER BY id") == [
        ("1/12/1", "administrator", "manager", "active"),
        ("2/11/5", "student", "student", "active"),
        ("2/12/3", "teacher", "editingteacher", "active"),
        ("2/12/4", "assistant", "teacher", "active"),
        ("2/13/2", "designer", "coursecreator", "active"),
        ("2/15/9", "observer", "external_examiner", "active"),
        ("2/16", "observer", None, "active"),
        ("3/16/5", "student", "student", "deleted"),
    ]
    student = one(found, "enrollment", "2/11/5")
    assert (student["person_id"], student["section_id"], student["last_activity_at"]) == ("11", "2", time(LATER))


def test_groups_have_their_members(found: Mapped) -> None:
    (group,) = found.dicts("section_group")
    assert group == {
        "source": "moodle",
        "id": "200",
        "title": "Red",
        "section_id": "2",
        "state": "active",
        "extra": '{"idnumber":"r"}',
    }
    assert [(row["id"], row["group_id"], row["person_id"]) for row in found.dicts("group_member")] == [
        ("200/11", "200", "11"),
        ("200/12", "200", "12"),
        ("200/15", "200", "15"),
    ]


def test_an_assignment_has_its_times_and_ways_to_hand_in(found: Mapped) -> None:
    essay = one(found, "assignment", "20")
    assert json.loads(essay.pop("extra"))["cmid"] == "120"
    assert essay == {
        "source": "moodle",
        "id": "20",
        "title": "Essay",
        "section_id": "2",
        "kind": "assignment",
        "description": "<p>Write.</p>",
        "opens_at": time(THEN),
        "due_at": time(DUE),
        "closes_at": time(LATER),
        "max_points": Decimal(100),
        "submission_types": ["onlinetext", "file"],
        "grading": "points",
        "source_modified_at": time(LATER),
        "state": "active",
    }
    told = found.rows("SELECT id, kind, max_points, grading, state FROM edu.assignment WHERE id > '20' ORDER BY id")
    assert told[:3] == [
        ("21", "offline", None, "scale", "active"),
        ("22", "assignment", None, "none", "active"),
        ("23", "assignment", Decimal(10), "points", "deleted"),
    ]


def test_what_the_gradebook_has_besides_is_an_assignment_too(found: Mapped) -> None:
    told = (
        "SELECT id, title, section_id, kind, max_points, grading FROM edu.assignment WHERE id LIKE 'item/%' ORDER BY id"
    )
    assert found.rows(told) == [
        ("item/34", "Item 34", "2", "quiz", Decimal("9.5"), "points"),
        ("item/35", "Item 35", "2", "offline", None, "scale"),
        ("item/36", "Item 36", "2", "discussion", Decimal(100), "points"),
        ("item/37", "Item 37", "2", "external", Decimal(100), "points"),
        ("item/38", "Item 38", "2", "attendance", Decimal(100), "points"),
        ("item/39", "Item 39", "2", "other", Decimal(100), "points"),
    ]


def test_a_graded_submission_has_the_gradebooks_mark(found: Mapped) -> None:
    graded = one(found, "submission", "201")
    assert json.loads(graded.pop("extra")) == {"gradingstatus": "graded", "groupid": None}
    assert graded == {
        "source": "moodle",
        "id": "201",
        "assignment_id": "20",
        "person_id": "11",
        "attempt": 2,
        "status": "graded",
        "submitted_at": time(LATER),
        "graded_at": time(LATER),
        "is_late": True,
        "score": Decimal(76),
        "grade_text": "76.00",
        "source_created_at": time(THEN),
        "source_modified_at": time(LATER),
        "state": "active",
        "native_state": "submitted",
    }


def test_what_is_new_or_reopened_is_not_handed_in(found: Mapped) -> None:
    told = "SELECT id, status, attempt, is_late, score, native_state FROM edu.submission WHERE assignment_id = '20'"
    assert found.rows(f"{told} AND id > '201' ORDER BY id") == [
        ("202", "submitted", 1, False, None, "submitted"),
        ("203", "draft", None, None, None, "draft"),
        ("204", "graded", None, None, Decimal(50), "new"),
        ("205", "not_submitted", None, None, None, "reopened"),
    ]


def test_a_groups_submission_is_each_members_who_has_none(found: Mapped) -> None:
    told = "SELECT id, person_id, status, is_late, extra ->> 'groupid' FROM edu.submission WHERE assignment_id = '22'"
    assert found.rows(f"{told} ORDER BY id") == [
        ("206/11", "11", "submitted", False, "200"),
        ("206/15", "15", "submitted", False, "200"),
        ("207", "12", "draft", None, None),
    ]


def test_a_grade_is_of_a_course_or_an_assignment(found: Mapped) -> None:
    told = "SELECT id, scope, scope_id, kind, score, max_score, grade_text, state FROM edu.grade ORDER BY id"
    assert found.rows(told) == [
        ("31/11", "section", "2", "current", Decimal(80), Decimal(100), "80.00", "active"),
        ("33/11", "assignment", "20", None, Decimal(76), Decimal(100), "76.00", "active"),
        ("33/15", "assignment", "20", None, Decimal(50), Decimal(100), "50.00", "active"),
        ("34/11", "assignment", "item/34", None, Decimal("3.5"), Decimal("9.5"), "3.50", "active"),
        ("35/11", "assignment", "item/35", None, Decimal(2), Decimal(100), "Good", "inactive"),
        ("40/14", "section", "3", "current", Decimal(5), Decimal(100), "5.00", "deleted"),
    ]
    essay = one(found, "grade", "33/11")
    assert json.loads(essay["extra"])["percentage"] == "76.00 %"
    assert (essay["person_id"], essay["section_id"], essay["recorded_at"]) == ("11", "2", time(LATER))


def test_a_database_without_its_tables_has_no_rows(tmp_path: Path) -> None:
    found = mapped("moodle", {"others": [{"id": 1}]}, tmp_path)
    assert set(found.report.rows.values()) == {0}
    assert found.broken == []
