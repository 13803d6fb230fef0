"""The mapping of Google Classroom, over rows with the fields and words of its documentation."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from mapped import Mapped, mapped

# REST Resources courses, courses.students, courses.teachers, courses.topics, courses.courseWork and
# courses.courseWork.studentSubmissions of https://developers.google.com/workspace/classroom/reference/rest/v1/…, read
# on 2026-11-23. dueAt is what the config's cast makes of dueDate and dueTime. False and zero do not come.

GONE = "2026-11-20T06:00:00Z"
COURSE = {
    **{"id": "987654", "name": "10th Grade Biology", "section": "Period 2", "descriptionHeading": "Welcome"},
    **{"room": "301", "ownerId": "1001", "creationTime": "2026-08-20T07:00:00.123Z", "courseState": "ACTIVE"},
    **{"updateTime": "2026-08-21T07:00:00.456Z", "guardiansEnabled": True, "subject": "Biology"},
}


def member(course: str, user: str, given: str, **others: Any) -> dict[str, Any]:
    name = {"givenName": given, "familyName": "Cooper", "fullName": f"{given} Cooper"}
    profile = {"id": user, "name": name, "emailAddress": f"{given.lower()}@school.example.edu"}
    return {"courseId": course, "userId": user, "profile": profile, **others}


WORK: dict[str, Any] = {
    **{"courseId": "987654", "id": "51", "title": "Cells", "description": "Draw one", "state": "PUBLISHED"},
    **{"creationTime": "2026-09-01T08:00:00Z", "updateTime": "2026-09-01T09:00:00Z", "topicId": "31"},
    **{"dueAt": "2026-09-12T21:59:00Z", "scheduledTime": "2026-09-02T06:00:00Z", "maxPoints": 100.0},
    **{
        "workType": "ASSIGNMENT",
        "assigneeMode": "ALL_STUDENTS",
        "submissionModificationMode": "MODIFIABLE_UNTIL_TURNED_IN",
    },
    "gradeCategory": {"id": "81", "name": "Homework", "weight": 250000, "defaultGradeDenominator": 100},
}


def state(word: str, at: str) -> dict[str, Any]:
    return {"stateHistory": {"state": word, "stateTimestamp": at, "actorUserId": "2002"}}


def points(kind: str, at: str) -> dict[str, Any]:
    grade = {"pointsEarned": 91.5, "maxPoints": 100, "gradeTimestamp": at, "actorUserId": "1001"}
    return {"gradeHistory": {**grade, "gradeChangeType": f"{kind}_GRADE_POINTS_EARNED_CHANGE"}}


SUBMISSION: dict[str, Any] = {
    **{"courseId": "987654", "courseWorkId": "51", "id": "Cg4", "userId": "2002", "state": "RETURNED", "late": True},
    **{"creationTime": "2026-09-01T08:00:01Z", "updateTime": "2026-09-15T10:00:01Z", "draftGrade": 91.5},
    **{"assignedGrade": 91.5, "courseWorkType": "ASSIGNMENT"},
    "submissionHistory": [
        state("CREATED", "2026-09-02T08:00:00Z"),
        state("TURNED_IN", "2026-09-13T08:00:00Z"),
        state("RECLAIMED_BY_STUDENT", "2026-09-13T08:30:00Z"),
        state("TURNED_IN", "2026-09-13T09:00:00Z"),
        points("DRAFT", "2026-09-15T09:30:00Z"),
        points("ASSIGNED", "2026-09-15T10:00:00Z"),
        state("RETURNED", "2026-09-15T10:00:01Z"),
    ],
}


def submission(number: str, word: str, **others: Any) -> dict[str, Any]:
    keys = ("courseId", "courseWorkId", "userId", "courseWorkType")
    return {**{key: SUBMISSION[key] for key in keys}, "id": number, "state": word, **others}


ROWS: dict[str, list[dict[str, Any]]] = {
    "courses": [
        COURSE,
        {**COURSE, "id": "2", "name": "Old", "courseState": "ARCHIVED"},
        {"id": "3", "name": "New", "courseState": "PROVISIONED", "ownerId": "1001", "_deleted_at": GONE},
    ],
    "students": [
        member("987654", "2002", "Sheldon", _deleted_at=GONE),
        member("2", "2002", "Sheldon"),
        member("987654", "2003", "Missy"),
        member("987654", "1002", "Mary", _deleted_at=GONE),
        member("2", "2004", "Georgie", _deleted_at=GONE),
    ],
    "teachers": [member("987654", "1001", "Amy"), member("987654", "1002", "Mary")],
    "topics": [{"courseId": "987654", "topicId": "31", "name": "Unit 1", "updateTime": "2026-08-22T07:00:00Z"}],
    "course_work": [
        WORK,
        {**WORK, "id": "52", "workType": "SHORT_ANSWER_QUESTION", "maxPoints": None, "topicId": None, "dueAt": None},
        {**WORK, "id": "53", "workType": "MULTIPLE_CHOICE_QUESTION", "state": "DRAFT"},
        {**WORK, "courseId": "2", "topicId": None, "state": "DELETED", "_deleted_at": GONE},
    ],
    "submissions": [
        SUBMISSION,
        submission("a", "NEW"),
        submission("b", "CREATED", late=True),
        submission("c", "TURNED_IN", submissionHistory=[state("TURNED_IN", "2026-09-03T08:00:00Z")]),
        submission("d", "RETURNED"),
        submission("e", "RECLAIMED_BY_STUDENT", submissionHistory=[state("TURNED_IN", "2026-09-03T08:00:00Z")]),
        submission("f", "TURNED_IN", assignedGrade=0.0, _deleted_at=GONE),
        submission("a", "NEW", courseWorkId="52"),
    ],
}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Mapped:
    return mapped("google_classroom", ROWS, tmp_path_factory.mktemp("classroom"))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def first(found: Mapped, entity: str, number: str) -> dict[str, Any]:
    """A row without its extra, which a test of its own looks at."""
    (row,) = (each for each in found.dicts(entity) if each["id"] == number)
    return {name: value for name, value in row.items() if name not in ("source", "extra")}


def test_nothing_is_broken_in_rows_that_fit_together(found: Mapped) -> None:
    assert found.broken == []
    assert all(found.report.rows[entity] for entity in found.report.rows)


def test_what_classroom_calls_a_course_is_a_course_and_its_section(found: Mapped) -> None:
    told = {
        **{"id": "987654", "title": "10th Grade Biology", "state": "active", "native_state": "ACTIVE"},
        "source_created_at": at("2026-08-20T07:00:00.123Z"),
        "source_modified_at": at("2026-08-21T07:00:00.456Z"),
    }
    assert first(found, "course", "987654") == {**told, "subjects": ["Biology"]}
    assert first(found, "section", "987654") == {
        **told,
        **{"course_id": "987654", "code": "Period 2", "kind": "site", "native_course_id": "987654"},
    }


def test_only_active_courses_are_active(found: Mapped) -> None:
    states = [("2", "inactive"), ("3", "deleted"), ("987654", "active")]
    assert found.rows("SELECT id, state FROM edu.section ORDER BY 1") == states
    assert found.rows("SELECT id, state FROM edu.course ORDER BY 1") == states


def test_a_member_of_many_courses_is_one_person(found: Mapped) -> None:
    assert first(found, "person", "2002") == {
        **{"id": "2002", "given_name": "Sheldon", "family_name": "Cooper", "display_name": "Sheldon Cooper"},
        **{"email": "sheldon@school.example.edu", "state": "active"},
    }


def test_a_person_is_deleted_who_is_in_no_course_any_more(found: Mapped) -> None:
    assert found.rows("SELECT id, state FROM edu.person ORDER BY 1") == [
        ("1001", "active"),
        ("1002", "active"),
        ("2002", "active"),
        ("2003", "active"),
        ("2004", "deleted"),
    ]


def test_students_and_teachers_are_enrolled_and_the_owner_is_the_first_teacher(found: Mapped) -> None:
    assert found.rows("SELECT id, person_id, section_id, role, is_primary, state FROM edu.enrollment ORDER BY 1") == [
        ("2/student/2002", "2002", "2", "student", None, "active"),
        ("2/student/2004", "2004", "2", "student", None, "deleted"),
        ("987654/student/1002", "1002", "987654", "student", None, "deleted"),
        ("987654/student/2002", "2002", "987654", "student", None, "deleted"),
        ("987654/student/2003", "2003", "987654", "student", None, "active"),
        ("987654/teacher/1001", "1001", "987654", "teacher", True, "active"),
        ("987654/teacher/1002", "1002", "987654", "teacher", False, "active"),
    ]


def test_a_topic_is_a_category(found: Mapped) -> None:
    assert first(found, "assignment_category", "987654/31") == {
        **{"id": "987654/31", "title": "Unit 1", "section_id": "987654", "state": "active"},
        "source_modified_at": at("2026-08-22T07:00:00Z"),
    }


def test_course_work_is_an_assignment(found: Mapped) -> None:
    assert first(found, "assignment", "987654/51") == {
        **{"id": "987654/51", "title": "Cells", "section_id": "987654", "category_id": "987654/31"},
        **{"kind": "assignment", "description": "Draw one", "opens_at": at("2026-09-02T06:00:00Z")},
        **{"due_at": at("2026-09-12T21:59:00Z"), "max_points": Decimal(100), "submission_types": ["ASSIGNMENT"]},
        **{"grading": "points", "state": "active", "native_state": "PUBLISHED"},
        "source_created_at": at("2026-09-01T08:00:00Z"),
        "source_modified_at": at("2026-09-01T09:00:00Z"),
    }
    ((extra,),) = found.rows("SELECT CAST(extra AS TEXT) FROM edu.assignment WHERE id = '987654/51'")
    assert json.loads(extra)["grade_category"] == "Homework"


def test_questions_are_quizzes_and_ids_are_unique_within_a_course_alone(found: Mapped) -> None:
    assert found.rows("SELECT id, category_id, kind, grading, state FROM edu.assignment ORDER BY 1") == [
        ("2/51", None, "assignment", "points", "deleted"),
        ("987654/51", "987654/31", "assignment", "points", "active"),
        ("987654/52", None, "quiz", "none", "active"),
        ("987654/53", "987654/31", "quiz", "points", "inactive"),
    ]


def test_a_submission_tells_from_its_history_when_it_was_handed_in_and_graded(found: Mapped) -> None:
    assert first(found, "submission", "987654/51/Cg4") == {
        **{"id": "987654/51/Cg4", "assignment_id": "987654/51", "person_id": "2002", "status": "graded"},
        **{"submitted_at": at("2026-09-13T09:00:00Z"), "graded_at": at("2026-09-15T10:00:00Z")},
        **{"is_late": True, "is_missing": False, "score": Decimal("91.5"), "state": "active"},
        **{"native_state": "RETURNED", "source_created_at": at("2026-09-01T08:00:01Z")},
        "source_modified_at": at("2026-09-15T10:00:01Z"),
    }


def test_late_and_not_handed_in_is_missing(found: Mapped) -> None:
    columns = "native_state, status, submitted_at IS NOT NULL, is_late, is_missing, state"
    assert found.rows(f"SELECT {columns} FROM edu.submission WHERE id <> '987654/51/Cg4' ORDER BY id") == [
        ("NEW", "not_submitted", False, False, None, "active"),
        ("CREATED", "draft", False, False, True, "active"),
        ("TURNED_IN", "submitted", True, False, False, "active"),
        ("RETURNED", "returned", False, False, False, "active"),
        ("RECLAIMED_BY_STUDENT", "draft", False, False, None, "active"),
        ("TURNED_IN", "submitted", False, False, False, "deleted"),
        ("NEW", "not_submitted", False, False, None, "active"),
    ]


def test_an_assigned_grade_is_a_grade(found: Mapped) -> None:
    assert first(found, "grade", "987654/51/Cg4") == {
        **{"id": "987654/51/Cg4", "person_id": "2002", "section_id": "987654", "scope": "assignment"},
        **{"scope_id": "987654/51", "score": Decimal("91.5"), "max_score": Decimal(100), "state": "active"},
        **{"recorded_at": at("2026-09-15T10:00:00Z"), "native_state": "RETURNED"},
        "source_modified_at": at("2026-09-15T10:00:01Z"),
    }
    assert found.rows("SELECT id, score, state FROM edu.grade ORDER BY id OFFSET 1") == [
        ("987654/51/f", Decimal(0), "deleted")
    ]


def test_a_database_without_rows_has_views_without_rows(tmp_path: Path) -> None:
    found = mapped("google_classroom", {"courses": [], "unrelated": [{"id": 1}]}, tmp_path)
    assert (set(found.report.rows.values()), found.broken) == ({0}, [])
