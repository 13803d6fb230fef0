"""The mapping of Kolibri. The rows are as Kolibri 0.19.5 gave them, with other names."""

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

GONE = "2026-11-22T10:00:00Z"
GONE_AT = datetime(2026, 11, 22, 10, tzinfo=UTC)
MADE_AT = datetime(2026, 11, 1, 8, tzinfo=UTC)
COLUMNS = {
    "facilities": {"dataset": {"data_type": "json"}},
    "users": {"extra_demographics": {"data_type": "json"}},
    "lessons": {"resources": {"data_type": "json"}},
    "quizzes": {"id": {"data_type": "text"}, "question_sources": {"data_type": "json"}},
    "attempts": {
        "answer": {"data_type": "json"},
        "interaction_history": {"data_type": "json"},
        "time_spent": {"data_type": "double"},
        "completion_timestamp": {"data_type": "timestamp"},
    },
    "quiz_results": {"last_activity": {"data_type": "timestamp"}},
    "attendance_sessions": {"session_start_datetime": {"data_type": "text"}},
}


def user(key: str, **said: Any) -> dict[str, Any]:
    row = {
        "id": key,
        "username": key,
        "full_name": f"{key.title()} 馥羽",
        "facility": "school",
        "id_number": "",
        "gender": "NOT_SPECIFIED",
        "birth_year": "1987",
        "extra_demographics": None,
        "date_joined": "2026-11-01T08:00:00Z",
        "picture_password": None,
        "is_superuser": False,
        "roles": [],
    }
    return row | said


def lesson(key: str, **said: Any) -> dict[str, Any]:
    row = {
        "id": key,
        "title": "Fractions",
        "description": "",
        "resources": [{"contentnode_id": "88da", "channel_id": "6513", "content_id": "5190"}],
        "collection": "class-1",
        "created_by": "cora",
        "date_created": "2026-11-01T08:00:00Z",
        "assignments": ["class-1"],
        "active": True,
        "classroom": {"id": "class-1", "name": "Class1A", "parent": "school"},
        "learner_ids": [],
    }
    return row | said


def quiz(key: Any, **said: Any) -> dict[str, Any]:
    row = {
        "id": key,
        "title": "Quiz",
        "question_sources": [{"exercise_id": "26de", "question_id": "c6c8", "title": "Item 25"}],
        "seed": 1,
        "collection": "class-1",
        "question_count": 3,
        "creator": "cora",
        "data_model_version": 3,
        "learners_see_fixed_order": False,
        "instant_report_visibility": True,
        "date_created": "2026-11-01T08:00:00Z",
        "active": True,
        "archive": False,
        "date_archived": None,
        "date_activated": "2026-11-02T08:00:00Z",
        "assignments": ["red", "class-1"],
        "learner_ids": [],
        "draft": False,
    }
    return row | said


def attempt(key: str, **said: Any) -> dict[str, Any]:
    row = {
        "id": key,
        "item": "8cdb:153e",
        "start_timestamp": "2026-11-23T13:26:20.282318Z",
        "end_timestamp": "2026-11-23T13:26:41.282318Z",
        "completion_timestamp": "2026-11-23T13:26:41.282318Z",
        "time_spent": 20.6,
        "complete": True,
        "correct": 0.5,
        "hinted": False,
        "answer": {},
        "simple_answer": "",
        "interaction_history": [],
        "user": "lea",
        "error": False,
        "masterylog": "mastery-1",
        "sessionlog": "session-1",
    }
    return row | said


def result(exam: str, learner: str, **said: Any) -> dict[str, Any]:
    row = {
        "exam_id": exam,
        "learner_id": learner,
        "status": "Completed",
        "last_activity": "2026-11-23T13:26:41.282318Z",
        "num_correct": 2,
        "num_answered": 3,
        "previous_num_correct": 0,
        "_classrooms_id": "class-1",
    }
    return row | said


ROWS: dict[str, list[dict[str, Any]]] = {
    "facilities": [{"id": "school", "name": "Test School", "num_users": 6, "dataset": {"id": "d"}}],
    "users": [
        user("ada", is_superuser=True),
        user("amy"),
        user("cora"),
        user("cleo"),
        user("lea", id_number="S-17", gender="FEMALE"),
        user("leo", gender="DEFERRED", _deleted_at=GONE),
    ],
    "classrooms": [
        {"id": "class-1", "name": "Class1A", "parent": "school", "learner_count": 1, "coaches": []},
        {"id": "class-2", "name": "Class2B", "parent": "school", "learner_count": 0, "_deleted_at": GONE},
    ],
    "learner_groups": [{"id": "red", "name": "Red", "parent": "class-1", "user_ids": ["lea"]}],
    "memberships": [
        {"id": "m1", "collection": "class-1", "user": "lea"},
        {"id": "m2", "collection": "class-1", "user": "leo"},
        {"id": "m3", "collection": "class-2", "user": "lea"},
        {"id": "m4", "collection": "red", "user": "lea"},
        {"id": "m5", "collection": "red", "user": "leo"},
        {"id": "m6", "collection": "of-one-learner", "user": "lea"},
        {"id": "m7", "collection": "class-1", "user": "amy", "_deleted_at": GONE},
    ],
    "roles": [
        {"id": "r1", "kind": "admin", "collection": "school", "user": "amy"},
        {"id": "r2", "kind": "coach", "collection": "school", "user": "cora"},
        {"id": "r3", "kind": "classroom assignable coach", "collection": "school", "user": "cleo"},
        {"id": "r4", "kind": "coach", "collection": "class-1", "user": "cleo"},
        {"id": "r5", "kind": "coach", "collection": "school", "user": "lea", "_deleted_at": GONE},
        {"id": "r6", "kind": "janitor", "collection": "class-1", "user": "cleo"},
        {"id": "r7", "kind": "janitor", "collection": "school", "user": "cleo"},
        {"id": "r8", "kind": "admin", "collection": "class-1", "user": "amy"},
    ],
    "lessons": [lesson("l1", description="Halves first"), lesson("l2", active=False), lesson("l3", _deleted_at=GONE)],
    "quizzes": [
        quiz(1, draft=True, active=False, date_activated=None, assignments=[]),
        quiz("q1"),
        quiz("q2", archive=True, date_archived="2026-11-03T08:00:00Z"),
        quiz("q3", active=False),
    ],
    "quiz_results": [
        result("q1", "lea"),
        result("q1", "leo", status="Started", num_correct=1, num_answered=1),
        result("q2", "leo", _deleted_at=GONE),
    ],
    "attempts": [
        attempt("a1"),
        attempt("a2", user=None, time_spent=7e-06, completion_timestamp=None),
        attempt("a3", _deleted_at=GONE),
    ],
    "attendance_sessions": [
        {
            "id": "s1",
            "collection": "class-1",
            "created_by": "cora",
            "session_start_datetime": "2026-11-23T08:30:00+10:00",
            "date_created": "2026-11-23T08:31:00+10:00",
            "date_modified": "2026-11-23T08:32:00+10:00",
            "present_count": 1,
            "total_count": 2,
        }
    ],
    "attendance_records": [
        {
            "id": "t1",
            "user": "lea",
            "present": True,
            "attendance_session": "s1",
            "user_name": "L",
            "user_username": "l",
        },
        {"id": "t2", "user": "leo", "present": False, "attendance_session": "s1"},
        {"id": "t3", "user": "lea", "present": True, "attendance_session": "s1", "_deleted_at": GONE},
        {"id": "t4", "user": "lea", "present": True, "attendance_session": "taken-after-the-sessions-were-read"},
    ],
}


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Mapped:
    return mapped("kolibri", ROWS, tmp_path_factory.mktemp("kolibri"), demographics=True, columns=COLUMNS)


def by_id(school: Mapped, entity: str) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in school.dicts(entity)}


def test_nothing_is_broken_and_all_entities_have_rows(school: Mapped) -> None:
    assert school.broken == []
    assert dict(school.report.rows) == {
        "org": 1,
        "section": 2,
        "person": 6,
        "person_role": 7,
        "person_demographics": 6,
        "enrollment": 7,
        "section_group": 1,
        "group_member": 2,
        "assignment": 7,
        "submission": 3,
        "grade": 2,
        "attendance": 3,
        "activity": 3,
    }


def test_the_facility_is_a_school_with_its_classes(school: Mapped) -> None:
    (org,) = school.dicts("org")
    assert org == {
        "source": "kolibri",
        "id": "school",
        "name": "Test School",
        "kind": "school",
        "state": "active",
        "extra": org["extra"],
    }
    first, second = school.dicts("section")
    assert first == {
        "source": "kolibri",
        "id": "class-1",
        "title": "Class1A",
        "org_id": "school",
        "kind": "site",
        "state": "active",
    }
    assert (second["state"], second["deleted_at"]) == ("deleted", GONE_AT)


def test_a_learner_has_all_that_kolibri_knows(school: Mapped) -> None:
    assert by_id(school, "person")["lea"] == {
        "source": "kolibri",
        "id": "lea",
        "display_name": "Lea 馥羽",
        "username": "lea",
        "sis_id": "S-17",
        "primary_role": "student",
        "source_created_at": MADE_AT,
        "state": "active",
    }
    assert "sis_id" not in by_id(school, "person")["leo"]


def test_who_has_a_role_is_no_learner_and_a_role_that_was_taken_away_does_not_count(school: Mapped) -> None:
    assert school.rows("SELECT id, primary_role, state FROM edu.person ORDER BY id") == [
        ("ada", "administrator", "active"),
        ("amy", "administrator", "active"),
        ("cleo", "teacher", "active"),
        ("cora", "teacher", "active"),
        ("lea", "student", "active"),
        ("leo", "student", "deleted"),
    ]
    assert school.rows("SELECT id, person_id, role, org_id, native_state, state FROM edu.person_role ORDER BY id") == [
        ("lea/learner", "lea", "student", "school", "learner", "active"),
        ("leo/learner", "leo", "student", "school", "learner", "deleted"),
        ("r1", "amy", "administrator", "school", "admin", "active"),
        ("r2", "cora", "teacher", "school", "coach", "active"),
        ("r3", "cleo", "teacher", "school", "classroom assignable coach", "active"),
        ("r5", "lea", "teacher", "school", "coach", "deleted"),
        ("r7", "cleo", "other", "school", "janitor", "active"),
    ]


def test_a_year_of_birth_is_no_date(school: Mapped) -> None:
    assert school.rows("SELECT id, person_id, sex, birth_date FROM edu.person_demographics WHERE id LIKE 'le%'") == [
        ("lea", "lea", "female", None),
        ("leo", "leo", "unspecified", None),
    ]


def test_members_of_a_class_are_students_and_its_coaches_teachers(school: Mapped) -> None:
    assert school.rows("SELECT id, person_id, section_id, role, state FROM edu.enrollment ORDER BY id") == [
        ("m1", "lea", "class-1", "student", "active"),
        ("m2", "leo", "class-1", "student", "inactive"),  # he is deleted, his membership is not
        ("m3", "lea", "class-2", "student", "deleted"),  # the class is
        ("m7", "amy", "class-1", "student", "deleted"),
        ("r4", "cleo", "class-1", "teacher", "active"),
        ("r6", "cleo", "class-1", "observer", "active"),
        ("r8", "amy", "class-1", "administrator", "active"),
    ]


def test_learner_groups_have_their_members_and_ad_hoc_groups_are_none(school: Mapped) -> None:
    assert school.rows("SELECT id, title, section_id, state FROM edu.section_group") == [
        ("red", "Red", "class-1", "active")
    ]
    assert school.rows("SELECT id, group_id, person_id, state FROM edu.group_member ORDER BY id") == [
        ("m4", "red", "lea", "active"),
        ("m5", "red", "leo", "inactive"),
    ]


def test_lessons_and_quizzes_are_assignments(school: Mapped) -> None:
    found = by_id(school, "assignment")
    assert found["l1"] == {
        "source": "kolibri",
        "id": "l1",
        "title": "Fractions",
        "section_id": "class-1",
        "kind": "assignment",
        "description": "Halves first",
        "grading": "none",
        "source_created_at": MADE_AT,
        "state": "active",
        "native_state": "active",
        "extra": found["l1"]["extra"],
    }
    assert found["q2"] == {
        "source": "kolibri",
        "id": "q2",
        "title": "Quiz",
        "section_id": "class-1",
        "kind": "quiz",
        "max_points": Decimal(3),
        "grading": "points",
        "opens_at": datetime(2026, 11, 2, 8, tzinfo=UTC),
        "closes_at": datetime(2026, 11, 3, 8, tzinfo=UTC),
        "source_created_at": MADE_AT,
        "state": "inactive",
        "native_state": "archive",
        "extra": found["q2"]["extra"],
    }
    assert json.loads(found["l1"]["extra"]) == {"kind": "lesson", "assigned_to": ["class-1"]}
    assert json.loads(found["q2"]["extra"]) == {"kind": "quiz", "assigned_to": ["red", "class-1"]}
    assert {key: (row["state"], row["native_state"]) for key, row in found.items() if key not in ("l1", "q2")} == {
        "1": ("inactive", "draft"),
        "l2": ("inactive", "inactive"),
        "l3": ("deleted", "active"),
        "q1": ("active", "active"),
        "q3": ("inactive", "inactive"),
    }


def test_the_newest_try_at_a_quiz_is_a_submission_and_a_grade_when_it_is_completed(school: Mapped) -> None:
    tried_at = datetime(2026, 11, 23, 13, 26, 41, 282318, tzinfo=UTC)
    tries, grades = by_id(school, "submission"), by_id(school, "grade")
    assert tries["q1/lea"] == {
        "source": "kolibri",
        "id": "q1/lea",
        "assignment_id": "q1",
        "person_id": "lea",
        "status": "graded",
        "score": Decimal(2),
        "source_modified_at": tried_at,
        "state": "active",
        "native_state": "Completed",
        "extra": tries["q1/lea"]["extra"],
    }
    assert json.loads(tries["q1/lea"]["extra"]) == {"num_answered": 3, "previous_num_correct": 0}
    assert (tries["q1/leo"]["status"], tries["q1/leo"]["native_state"]) == ("draft", "Started")
    assert "score" not in tries["q1/leo"]
    assert grades["q1/lea"] == {
        "source": "kolibri",
        "id": "q1/lea",
        "person_id": "lea",
        "section_id": "class-1",
        "scope": "assignment",
        "scope_id": "q1",
        "kind": "current",
        "score": Decimal(2),
        "max_score": Decimal(3),
        "recorded_at": tried_at,
        "source_modified_at": tried_at,
        "state": "active",
    }
    assert {key: row["state"] for key, row in grades.items()} == {"q1/lea": "active", "q2/leo": "deleted"}


def test_a_result_of_a_quiz_that_is_not_listed_belongs_to_the_class_it_was_read_of(tmp_path: Path) -> None:
    found = mapped("kolibri", {"quiz_results": ROWS["quiz_results"][:1]}, tmp_path, columns=COLUMNS)
    assert found.rows("SELECT id, section_id, score, max_score FROM edu.grade") == [("q1/lea", "class-1", 2, None)]


def test_the_day_of_attendance_is_that_of_the_schools_clock(school: Mapped) -> None:
    """It is the 23rd at 8:30 there, and the 22nd at 22:30 in UTC."""
    found = by_id(school, "attendance")
    assert found["t1"] == {
        "source": "kolibri",
        "id": "t1",
        "person_id": "lea",
        "section_id": "class-1",
        "org_id": "school",
        "on_date": date(2026, 11, 23),
        "status": "present",
        "source_created_at": datetime(2026, 11, 22, 22, 31, tzinfo=UTC),
        "source_modified_at": datetime(2026, 11, 22, 22, 32, tzinfo=UTC),
        "state": "active",
        "extra": found["t1"]["extra"],
    }
    assert json.loads(found["t1"]["extra"]) == {"attendance_session": "s1", "started_at": "2026-11-23T08:30:00+10:00"}
    assert {key: (row["status"], row["state"]) for key, row in found.items()} == {
        "t1": ("present", "active"),
        "t2": ("absent", "active"),
        "t3": ("present", "deleted"),
    }


def test_an_attempt_is_an_activity_that_lasted(school: Mapped) -> None:
    found = by_id(school, "activity")
    assert found["a1"] == {
        "source": "kolibri",
        "id": "a1",
        "person_id": "lea",
        "verb": "attempted",
        "object_id": "8cdb:153e",
        "occurred_at": datetime(2026, 11, 23, 13, 26, 20, 282318, tzinfo=UTC),
        "seconds": 21,
        "score": Decimal("0.5000"),
        "source_created_at": datetime(2026, 11, 23, 13, 26, 20, 282318, tzinfo=UTC),
        "source_modified_at": datetime(2026, 11, 23, 13, 26, 41, 282318, tzinfo=UTC),
        "state": "active",
        "extra": found["a1"]["extra"],
    }
    told = json.loads(found["a1"]["extra"])
    assert (told["masterylog"], told["sessionlog"], told["complete"], told["hinted"]) == (
        "mastery-1",
        "session-1",
        True,
        False,
    )
    assert "person_id" not in found["a2"]
    assert (found["a2"]["seconds"], found["a3"]["state"]) == (0, "deleted")


def test_a_server_with_nothing_on_it_has_views_without_rows(tmp_path: Path) -> None:
    found = mapped("kolibri", {"facilities": ROWS["facilities"]}, tmp_path, columns=COLUMNS)
    assert found.broken == []
    assert {name: count for name, count in found.report.rows.items() if count} == {"org": 1}


def test_a_school_without_classes_lacks_nothing(tmp_path: Path) -> None:
    rows = {name: ROWS[name] for name in ("facilities", "users")} | {"roles": ROWS["roles"][:2]}
    found = mapped("kolibri", rows, tmp_path, columns=COLUMNS)
    assert found.broken == []
    assert (found.report.rows["enrollment"], found.report.rows["group_member"]) == (0, 0)
