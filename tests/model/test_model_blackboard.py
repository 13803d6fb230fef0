"""The mapping of Blackboard Learn.

Fields and values after blackboard/studentapiredox openapi/learn/learn-swagger.json at 0a9bce1 (Learn 3900.65); the
attempt after Anthology's page Working with Rubrics APIs (edited 2023-10-20); the grades in percent and in letters as
a Learn answered in 2024, in the notes of a public script. All read 2026-11-23.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from mapped import Mapped, mapped

from homeroom.catalog import find_platform

GONE = "2026-01-02T03:04:05Z"
CREATED, MODIFIED = "2023-10-09T18:40:34.278Z", "2023-10-12T13:03:14.372Z"
CREATED_AT = datetime(2023, 10, 9, 18, 40, 34, 278000, tzinfo=UTC)
MODIFIED_AT = datetime(2023, 10, 12, 13, 3, 14, 372000, tzinfo=UTC)
YES, NO, DISABLED = {"available": "Yes"}, {"available": "No"}, {"available": "Disabled"}
PAST = {"type": "DateRange", "start": "2023-05-06T07:00:00.000Z", "end": "2023-08-19T06:59:59.000Z"}

TERMS: list[dict[str, Any]] = [
    {
        "id": "_18_1",
        "externalId": "spring.2999",
        "name": "2999 Spring",
        "availability": {
            "available": "Yes",
            "duration": {
                "type": "DateRange",
                "start": "2998-05-06T07:00:00.000Z",
                "end": "2999-08-19T06:59:59.000Z",
            },
        },
    },
    {"id": "_19_1", "name": "2023 Spring", "availability": {"available": "Yes", "duration": PAST}},
    {"id": "_20_1", "name": "Hidden", "availability": {"available": "No", "duration": {"type": "Continuous"}}},
    {"id": "_21_1", "name": "Gone", "availability": YES, "_deleted_at": GONE},
]


def course(number: int, availability: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": f"_{number}_1", "name": f"Course {number}", "availability": availability, **more}


TERM = {"available": "Term", "duration": {"type": "Term"}}
COURSES = [
    {
        "id": "_57_1",
        "uuid": "b94f51b00c3a488989eb465aa346c3c8",
        "externalId": "SIS-COM102",
        "courseId": "COM102.61.2024W.NY",
        "name": "Therapeutic Communication in Healthcare",
        "created": CREATED,
        "modified": MODIFIED,
        "organization": False,
        "ultraStatus": "Ultra",
        "closedComplete": False,
        "termId": "_18_1",
        "availability": {"available": "Yes", "duration": {"type": "Term"}},
        "hasChildren": True,
    },
    course(58, YES, parentId="_57_1", termId="_18_1", organization=False),
    course(59, YES, organization=True),
    course(60, NO),
    course(61, DISABLED),
    course(62, TERM, termId="_18_1"),
    course(63, TERM, termId="_19_1"),
    course(64, TERM, termId="_20_1"),
    course(65, YES, closedComplete=True),
    course(66, {"available": "Yes", "duration": PAST}),
    course(67, YES, _deleted_at=GONE),
]
USERS: list[dict[str, Any]] = [
    {
        "id": "_28497_1",
        "uuid": "u1",
        "externalId": "davetest2",
        "userName": "davetest2",
        "studentId": "S-7",
        "created": CREATED,
        "modified": MODIFIED,
        "lastLogin": "2024-05-22T06:28:29.000Z",
        "institutionRoleIds": ["STUDENT", "BbMobile"],
        "systemRoleIds": ["User"],
        "availability": YES,
        "name": {"given": "David", "family": "Herrera", "other": "Dave", "preferredDisplayName": "OtherName"},
        "locale": {"id": "en-US"},
    },
    {
        "id": "_2_1",
        "userName": "ida",
        "name": {"given": "Ida", "family": "Noddack"},
        "institutionRoleIds": ["FACULTY", "STAFF"],
        "systemRoleIds": ["SystemAdmin", "CourseSupport", "Observer", "Guest"],
        "availability": DISABLED,
    },
    {"id": "_3_1", "userName": "obs", "institutionRoleIds": ["Observer"], "availability": NO},
    {"id": "_4_1", "userName": "gone", "institutionRoleIds": ["ALUMNI"], "availability": YES, "_deleted_at": GONE},
    {"id": "_5_1", "userName": "none", "availability": YES},
]
ROLES = {
    "Student": "student",
    "Instructor": "teacher",
    "BbFacilitator": "teacher",
    "TeachingAssistant": "assistant",
    "Grader": "assistant",
    "CourseBuilder": "designer",
    "Guest": "observer",
    "OurMentor": "observer",
}
MEMBERSHIPS: list[dict[str, Any]] = [
    {
        "id": "_780_1",
        "userId": "_28497_1",
        "courseId": "_57_1",
        "childCourseId": "_58_1",
        "created": CREATED,
        "modified": MODIFIED,
        "availability": YES,
        "courseRoleId": "Student",
        "lastAccessed": "2024-04-24T13:18:12.000Z",
    },
    {
        "id": "_781_1",
        "userId": "_2_1",
        "courseId": "_57_1",
        "courseRoleId": "Instructor",
        "availability": YES,
        "displayOrder": 1,
    },
    {"id": "_782_1", "userId": "_3_1", "courseId": "_57_1", "courseRoleId": "Student", "availability": NO},
    {"id": "_783_1", "userId": "_5_1", "courseId": "_57_1", "courseRoleId": "Student", "_deleted_at": GONE},
    *(
        {"id": f"_9{number}_1", "userId": "_5_1", "courseId": f"_{60 + number}_1", "courseRoleId": role}
        for number, role in enumerate(ROLES)
    ),
]
GROUPS = [
    {
        "id": "_g1_1",
        "_courses_id": "_57_1",
        "groupSetId": "_g0_1",
        "name": "Team Alpha",
        "availability": {"available": "SignupOnly"},
        "enrollment": {"type": "SelfEnrollment"},
        "created": CREATED,
        "modified": MODIFIED,
    },
    {"id": "_g2_1", "_courses_id": "_57_1", "name": "Team Beta", "availability": NO},
]


def column(key: str, grading: str, **more: Any) -> dict[str, Any]:
    return {"id": key, "_courses_id": "_57_1", "name": f"Column {key}", "grading": {"type": grading}, **more}


ATTEMPTS_COLUMN = {
    "id": "_120127_1",
    "_courses_id": "_57_1",
    "externalId": "x1",
    "name": "Essay",
    "description": "Write 200 words",
    "created": CREATED,
    "contentId": "_503_1",
    "score": {"possible": 100.5},
    "availability": YES,
    "grading": {"type": "Attempts", "due": "2023-10-09T18:41:00.000Z", "attemptsAllowed": 2, "scoringModel": "Last"},
    "gradebookCategoryId": "_c_1",
    "includeInCalculations": True,
    "scoreProviderHandle": "resource/x-bb-assignment",
}
COLUMNS = [
    ATTEMPTS_COLUMN,
    column("quiz", "Attempts", scoreProviderHandle="resource/x-bb-assessment"),
    column("test", "Attempts", scoreProviderHandle="resource/x-bb-asmt-test-link"),
    column("forum", "Attempts", scoreProviderHandle="resource/x-bb-forumlink"),
    column("tool", "Manual", externalToolId="t1"),
    column("paper", "Manual", availability=NO, score={"possible": 20}),
    column("gone", "Attempts", _deleted_at=GONE),
    column("total", "Calculated", score={"possible": 40}),
    column("_1147_1", "Calculated"),
    column("_5839_1", "Manual", externalGrade=True),
]
GRADES: list[dict[str, Any]] = [
    {
        "userId": "_28497_1",
        "columnId": "_120127_1",
        "status": "Graded",
        "displayGrade": {"scaleType": "Score", "score": 62.5, "possible": 100.5},
        "text": "62.50000",
        "score": 62.5,
        "exempt": False,
        "changeIndex": 3,
    },
    {
        "userId": "_28497_1",
        "columnId": "_1147_1",
        "displayGrade": {"scaleType": "Percent", "score": 96.54116, "possible": 19.16},
        "exempt": False,
    },
    {
        "userId": "_28497_1",
        "columnId": "_5839_1",
        "status": "Graded",
        "displayGrade": {"scaleType": "Tabular", "score": 70.0, "possible": 100.0, "text": "C-"},
        "text": "C-",
        "score": 70.0,
        "overridden": "2024-04-01T18:11:44.745Z",
        "exempt": False,
    },
    {
        "userId": "_28497_1",
        "columnId": "paper",
        "displayGrade": {"scaleType": "Score", "score": 5},
        "_deleted_at": GONE,
    },
    {"userId": "_5_1", "columnId": "quiz", "status": "NeedsGrading"},
]
STATUSES = {
    "NotAttempted": "not_submitted",
    "Abandoned": "not_submitted",
    "Canceled": "not_submitted",
    "InProgress": "draft",
    "Suspended": "draft",
    "NeedsGrading": "submitted",
    "NeedsGradingAgain": "submitted",
    "Completed": "graded",
    "InProgressAgain": "graded",
}
ATTEMPTS: list[dict[str, Any]] = [
    {
        "id": "_844981_1",
        "_grade_columns_id": "_120127_1",
        "userId": "_28497_1",
        "status": "Completed",
        "displayGrade": {"scaleType": "Score", "score": 62.5},
        "text": "62.50000",
        "score": 62.5,
        "exempt": False,
        "created": CREATED,
        "attemptDate": "2023-10-09T18:41:00.562Z",
        "modified": MODIFIED,
        "attemptReceipt": {
            "receiptId": "eec942431d4f4266b5571ecade1fe4c1",
            "submissionDate": "2023-10-09T18:41:00.562Z",
            "submissionTotalSize": 26,
        },
    },
    {"id": "excused", "_grade_columns_id": "quiz", "userId": "_5_1", "status": "Completed", "exempt": True},
    {"id": "gone", "_grade_columns_id": "quiz", "userId": "_5_1", "status": "Completed", "_deleted_at": GONE},
    *(
        {"id": f"s{number}", "_grade_columns_id": "quiz", "userId": "_2_1", "status": status, "attemptDate": CREATED}
        for number, status in enumerate(STATUSES)
    ),
]
ROWS: dict[str, list[dict[str, Any]]] = {
    "terms": TERMS,
    "courses": COURSES,
    "users": USERS,
    "memberships": MEMBERSHIPS,
    "groups": GROUPS,
    "grade_columns": COLUMNS,
    "grades": GRADES,
    "attempts": ATTEMPTS,
}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Mapped:
    return mapped("blackboard", ROWS, tmp_path_factory.mktemp("blackboard"))


def test_the_config_asks_for_the_model() -> None:
    assert find_platform("blackboard").config["model"] == "blackboard"


def test_nothing_is_broken(found: Mapped) -> None:
    assert found.broken == []


def test_terms_are_sessions(found: Mapped) -> None:
    terms = {row["id"]: row for row in found.dicts("academic_session")}
    extra = json.loads(terms["_18_1"].pop("extra"))
    assert terms["_18_1"] == {
        "source": "blackboard",
        "id": "_18_1",
        "title": "2999 Spring",
        "kind": "term",
        "starts_on": date(2998, 5, 6),
        "ends_on": date(2999, 8, 19),
        "state": "active",
        "native_state": "Yes",
    }
    assert extra == {"external_id": "spring.2999", "duration": "DateRange"}
    assert [terms[f"_{number}_1"]["state"] for number in (19, 20, 21)] == ["active", "inactive", "deleted"]


def test_courses_are_courses_and_organizations_are_not(found: Mapped) -> None:
    courses = {row["id"]: row for row in found.dicts("course")}
    assert courses["_57_1"] == {
        "source": "blackboard",
        "id": "_57_1",
        "title": "Therapeutic Communication in Healthcare",
        "code": "COM102.61.2024W.NY",
        "source_created_at": CREATED_AT,
        "source_modified_at": MODIFIED_AT,
        "state": "active",
    }
    assert "_59_1" not in courses
    assert courses["_67_1"]["state"] == "deleted"
    assert found.rows("SELECT kind, course_id FROM edu.section WHERE id = '_59_1'") == [("group", None)]


def test_a_course_is_a_section_too(found: Mapped) -> None:
    sections = {row["id"]: row for row in found.dicts("section")}
    extra = json.loads(sections["_57_1"].pop("extra"))
    assert sections["_57_1"] == {
        "source": "blackboard",
        "id": "_57_1",
        "title": "Therapeutic Communication in Healthcare",
        "course_id": "_57_1",
        "session_ids": ["_18_1"],
        "code": "COM102.61.2024W.NY",
        "sis_id": "SIS-COM102",
        "kind": "site",
        "native_course_id": "_57_1",
        "source_created_at": CREATED_AT,
        "source_modified_at": MODIFIED_AT,
        "state": "active",
        "native_state": "Yes",
    }
    assert (extra["ultra_status"], extra["duration"], extra["has_children"]) == ("Ultra", "Term", True)
    assert (sections["_58_1"]["parent_section_id"], sections["_58_1"]["native_course_id"]) == ("_57_1", "_57_1")


def test_a_section_is_inactive_where_it_or_its_term_is_closed_or_over(found: Mapped) -> None:
    rows = found.rows("SELECT id, state FROM edu.section WHERE id >= '_60_1' ORDER BY id")
    assert [state for _, state in rows] == [
        "inactive",  # No
        "inactive",  # Disabled
        "active",  # as its term, which is open
        "inactive",  # as its term, which is over
        "inactive",  # as its term, which is hidden
        "inactive",  # closed
        "inactive",  # over
        "deleted",
    ]


def test_users_are_persons(found: Mapped) -> None:
    persons = {row["id"]: row for row in found.dicts("person")}
    extra = json.loads(persons["_28497_1"].pop("extra"))
    assert persons["_28497_1"] == {
        "source": "blackboard",
        "id": "_28497_1",
        "given_name": "David",
        "family_name": "Herrera",
        "display_name": "Dave Herrera",
        "username": "davetest2",
        "sis_id": "davetest2",
        "master_id": "S-7",
        "locale": "en-US",
        "primary_role": "student",
        "source_created_at": CREATED_AT,
        "source_modified_at": MODIFIED_AT,
        "state": "active",
        "native_state": "Yes",
    }
    assert set(extra) == {"last_login"}
    told = [(persons[key].get("primary_role"), persons[key]["state"]) for key in ("_2_1", "_3_1", "_4_1", "_5_1")]
    assert told == [("teacher", "inactive"), ("observer", "inactive"), ("other", "deleted"), (None, "active")]


def test_an_email_comes_where_the_config_lets_it(tmp_path: Path) -> None:
    users = [{"id": "_1_1", "userName": "ada", "contact": {"email": "ada@icatt.it"}}]
    found = mapped("blackboard", {"users": users}, tmp_path)
    assert found.rows("SELECT email FROM edu.person") == [("ada@icatt.it",)]


def test_roles_are_of_the_institution_and_of_the_system(found: Mapped) -> None:
    roles = {row["id"]: row for row in found.dicts("person_role")}
    extra = json.loads(roles["_28497_1/STUDENT"].pop("extra"))
    assert roles["_28497_1/STUDENT"] == {
        "source": "blackboard",
        "id": "_28497_1/STUDENT",
        "person_id": "_28497_1",
        "role": "student",
        "is_primary": True,
        "source_modified_at": MODIFIED_AT,
        "state": "active",
        "native_state": "Yes",
    }
    assert extra == {"institution_role": "STUDENT"}
    assert {key: (row["role"], row["is_primary"]) for key, row in roles.items()} == {
        "_28497_1/STUDENT": ("student", True),
        "_28497_1/BbMobile": ("other", False),
        "_2_1/FACULTY": ("teacher", True),
        "_2_1/STAFF": ("staff", False),
        "_2_1/system/SystemAdmin": ("administrator", False),
        "_2_1/system/CourseSupport": ("staff", False),
        "_2_1/system/Observer": ("observer", False),
        "_2_1/system/Guest": ("other", False),
        "_3_1/Observer": ("observer", True),
        "_4_1/ALUMNI": ("other", True),
    }
    assert {roles[key]["state"] for key in ("_2_1/FACULTY", "_2_1/system/Guest")} == {"inactive"}


def test_a_membership_is_in_the_child_that_somebody_came_from(found: Mapped) -> None:
    rows = {row["id"]: row for row in found.dicts("enrollment")}
    extra = json.loads(rows["_780_1"].pop("extra"))
    assert rows["_780_1"] == {
        "source": "blackboard",
        "id": "_780_1",
        "person_id": "_28497_1",
        "section_id": "_58_1",
        "role": "student",
        "last_activity_at": datetime(2024, 4, 24, 13, 18, 12, tzinfo=UTC),
        "source_created_at": CREATED_AT,
        "source_modified_at": MODIFIED_AT,
        "state": "active",
        "native_state": "Yes",
    }
    assert extra == {"role": "Student", "course_id": "_57_1"}
    assert (rows["_781_1"]["section_id"], rows["_781_1"]["is_primary"]) == ("_57_1", True)
    assert [rows[key]["state"] for key in ("_782_1", "_783_1")] == ["inactive", "deleted"]


def test_each_course_role_has_its_own(found: Mapped) -> None:
    rows = found.rows("SELECT role FROM edu.enrollment WHERE id LIKE '\\_9%' ESCAPE '\\' ORDER BY id")
    assert [role for (role,) in rows] == list(ROLES.values())


def test_groups_are_of_a_section(found: Mapped) -> None:
    alpha, beta = found.dicts("section_group")
    extra = json.loads(alpha.pop("extra"))
    assert alpha == {
        "source": "blackboard",
        "id": "_g1_1",
        "title": "Team Alpha",
        "section_id": "_57_1",
        "source_created_at": CREATED_AT,
        "source_modified_at": MODIFIED_AT,
        "state": "active",
        "native_state": "SignupOnly",
    }
    assert extra == {"group_set_id": "_g0_1", "enrollment": "SelfEnrollment"}
    assert beta["state"] == "inactive"


def test_columns_of_work_are_assignments(found: Mapped) -> None:
    assignments = {row["id"]: row for row in found.dicts("assignment")}
    extra = json.loads(assignments["_120127_1"].pop("extra"))
    assert assignments["_120127_1"] == {
        "source": "blackboard",
        "id": "_120127_1",
        "title": "Essay",
        "section_id": "_57_1",
        "category_id": "_c_1",
        "kind": "assignment",
        "description": "Write 200 words",
        "due_at": datetime(2023, 10, 9, 18, 41, tzinfo=UTC),
        "max_points": Decimal("100.5000"),
        "source_created_at": CREATED_AT,
        "state": "active",
        "native_state": "Yes",
    }
    assert (extra["grading"], extra["attempts_allowed"], extra["content_id"]) == ("Attempts", 2, "_503_1")
    assert {key: (row["kind"], row["state"]) for key, row in assignments.items()} == {
        "_120127_1": ("assignment", "active"),
        "quiz": ("quiz", "active"),
        "test": ("quiz", "active"),
        "forum": ("discussion", "active"),
        "tool": ("external", "active"),
        "paper": ("offline", "inactive"),
        "gone": ("assignment", "deleted"),
    }


def test_attempts_are_submissions(found: Mapped) -> None:
    rows = {row["id"]: row for row in found.dicts("submission")}
    extra = json.loads(rows["_844981_1"].pop("extra"))
    assert rows["_844981_1"] == {
        "source": "blackboard",
        "id": "_844981_1",
        "assignment_id": "_120127_1",
        "person_id": "_28497_1",
        "status": "graded",
        "submitted_at": datetime(2023, 10, 9, 18, 41, 0, 562000, tzinfo=UTC),
        "is_late": True,
        "score": Decimal("62.5000"),
        "grade_text": "62.50000",
        "source_created_at": CREATED_AT,
        "source_modified_at": MODIFIED_AT,
        "state": "active",
        "native_state": "Completed",
    }
    assert extra == {"group_attempt_id": None, "submission_size": 26}
    assert (rows["excused"]["status"], rows["gone"]["state"]) == ("excused", "deleted")


def test_an_attempt_is_handed_in_or_not_by_its_status(found: Mapped) -> None:
    rows = found.rows("SELECT status, submitted_at IS NULL FROM edu.submission WHERE id LIKE 's%' ORDER BY id")
    assert rows == [(status, status in ("not_submitted", "draft")) for status in STATUSES.values()]


def test_grades_are_of_an_assignment_or_of_the_section(found: Mapped) -> None:
    grades = {row["id"]: row for row in found.dicts("grade")}
    extra = json.loads(grades["_120127_1/_28497_1"].pop("extra"))
    assert grades["_120127_1/_28497_1"] == {
        "source": "blackboard",
        "id": "_120127_1/_28497_1",
        "person_id": "_28497_1",
        "section_id": "_57_1",
        "scope": "assignment",
        "scope_id": "_120127_1",
        "score": Decimal("62.5000"),
        "max_score": Decimal("100.5000"),
        "grade_text": "62.50000",
        "state": "active",
        "native_state": "Graded",
    }
    assert extra == {"column": "Essay", "column_id": "_120127_1", "scale": "Score", "exempt": False}
    assert (grades["paper/_28497_1"]["state"], grades["paper/_28497_1"]["max_score"]) == ("deleted", 20)
    columns = ("scope", "scope_id", "kind", "score", "max_score", "grade_text", "recorded_at")
    told = {key: tuple(row.get(name) for name in columns) for key, row in grades.items() if row["scope"] == "section"}
    overridden = datetime(2024, 4, 1, 18, 11, 44, 745000, tzinfo=UTC)
    assert told == {
        "_1147_1/_28497_1": ("section", "_57_1", "current", Decimal("96.5412"), 100, None, None),
        "_5839_1/_28497_1": ("section", "_57_1", "final", 70, 100, "C-", overridden),
    }


def test_a_row_of_the_grade_book_without_a_mark_is_no_grade(found: Mapped) -> None:
    assert found.rows("SELECT count(*) FROM edu.grade WHERE person_id = '_5_1'") == [(0,)]


def test_an_empty_database_has_empty_views(tmp_path: Path) -> None:
    found = mapped("blackboard", {"nothing": [{"id": 1}]}, tmp_path)
    assert set(found.report.rows.values()) == {0}
    assert found.broken == []
