"""The mapping of Canvas, over rows with the fields and words of its documentation."""

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

# After the objects Account, EnrollmentTerm, Course, Section, User, Enrollment, Assignment Group, Assignment and
# Submission of https://developerdocs.instructure.com/services/canvas/resources/… and the comments that they are made
# from (instructure/canvas-lms app/controllers at 0088c23, 022b78c, 00b222d, 0d3e709), read on 2026-11-23.

GONE = "2026-11-20T06:00:00Z"
TERM = {
    **{"id": 1, "name": "Fall 20X6", "start_at": "2026-08-31T20:00:00Z", "end_at": "2026-12-20T20:00:00Z"},
    **{"created_at": "2025-01-02T03:43:11Z", "workflow_state": "active", "grading_period_group_id": 1},
    **{"sis_term_id": "Fa26"},
}
COURSE = {
    **{"id": 370663, "sis_course_id": "INST-12", "name": "InstructureCon 2012", "course_code": "INSTCON12"},
    **{"workflow_state": "available", "account_id": 2, "root_account_id": 1, "enrollment_term_id": 1},
    **{"created_at": "2012-05-01T00:00:00-06:00", "start_at": "2012-06-01T00:00:00-06:00", "end_at": None},
    **{"homeroom_course": False},
}
SECTION = {
    **{"id": 1, "name": "Section A", "sis_section_id": "s34643", "course_id": 370663, "sis_course_id": "7"},
    **{"start_at": "2012-06-01T00:00:00-06:00", "end_at": None, "nonxlist_course_id": None},
    **{"created_at": "2012-05-02T00:00:00Z"},
}
SHELDON = {
    **{"id": 2, "name": "Sheldon Cooper", "sortable_name": "Cooper, Sheldon", "last_name": "Cooper"},
    **{"first_name": "Sheldon", "short_name": "Shelly", "sis_user_id": "SHEL93921", "integration_id": "ABC59802"},
    **{"login_id": "sheldon@caltech.example.com", "email": "sheldon@caltech.example.com", "locale": "tlh"},
    **{"time_zone": "America/Denver", "created_at": "2012-04-18T23:08:51Z"},
}
ENROLLED = {
    **{"id": 1, "course_id": 370663, "course_section_id": 1, "user_id": 2, "enrollment_state": "active"},
    **{"type": "StudentEnrollment", "role": "StudentEnrollment", "created_at": "2012-04-18T23:08:51Z"},
    **{"updated_at": "2012-04-18T23:08:52Z", "start_at": "2012-04-19T00:30:00+02:00", "end_at": None},
    **{"last_activity_at": "2012-04-18T23:08:53Z", "total_activity_time": 260},
    "grades": {"current_score": 35, "current_grade": None, "final_score": 6.67, "final_grade": "F"},
}
ASSIGNMENT: dict[str, Any] = {
    **{"id": 4, "name": "some assignment", "description": "<p>Do the following:</p>", "course_id": 370663},
    **{"created_at": "2012-07-01T23:59:00-06:00", "updated_at": "2012-07-01T23:59:01-06:00"},
    **{"due_at": "2012-07-01T23:59:00-06:00", "lock_at": "2012-07-02T23:59:00-06:00"},
    **{"unlock_at": "2012-06-01T23:59:00-06:00", "assignment_group_id": 2, "points_possible": 12.0},
    **{"submission_types": ["online_text_entry", "online_upload"], "grading_type": "points", "published": True},
    **{"omit_from_final_grade": True, "only_visible_to_overrides": False, "allowed_attempts": 2},
}
SUBMISSION = {
    **{"id": 91, "assignment_id": 4, "user_id": 2, "_courses_id": 370663, "attempt": 1, "grade": "A-", "score": 11.5},
    **{"submitted_at": "2012-01-01T01:00:00Z", "graded_at": "2012-01-02T03:05:34Z", "late": True, "missing": False},
    **{"excused": False, "late_policy_status": "late", "points_deducted": 0.5, "seconds_late": 300},
    **{"workflow_state": "graded", "posted_at": "2020-01-02T11:10:30Z", "grade_matches_current_submission": True},
}
UNSUBMITTED = {
    **{"assignment_id": 4, "_courses_id": 370663, "attempt": None, "grade": None, "score": None},
    **{"submitted_at": None, "graded_at": None, "late": False, "missing": True, "excused": False},
    **{"workflow_state": "unsubmitted"},
}


def enrolled(number: int, **others: Any) -> dict[str, Any]:
    return {**ENROLLED, "grades": {}, "id": number, **others}


def assignment(number: int, types: list[str], **others: Any) -> dict[str, Any]:
    return {**ASSIGNMENT, "id": number, "submission_types": types, **others}


ROWS: dict[str, list[dict[str, Any]]] = {
    "root_account": [
        {"id": 1, "name": "Campus", "parent_account_id": None, "workflow_state": "active", "sis_account_id": None}
    ],
    "accounts": [
        {
            **{"id": 2, "name": "Canvas Account", "parent_account_id": 1, "root_account_id": 1},
            **{"default_time_zone": "America/Denver", "sis_account_id": "123xyz", "workflow_state": "active"},
        }
    ],
    "terms": [TERM, {**TERM, "id": 2, "name": "Old", "workflow_state": "deleted", "_deleted_at": GONE}],
    "courses": [
        COURSE,
        {**COURSE, "id": 8, "name": "Done", "workflow_state": "completed", "homeroom_course": True},
        {**COURSE, "id": 9, "name": "Empty", "workflow_state": "unpublished", "enrollment_term_id": None},
    ],
    "sections": [
        SECTION,
        {**SECTION, "id": 2, "name": "From 9", "nonxlist_course_id": 9},
        {**SECTION, "id": 3, "name": "From a course that is gone", "nonxlist_course_id": 4711},
        {**SECTION, "id": 8, "name": "Homeroom", "course_id": 8},
    ],
    "users": [
        SHELDON,
        {"id": 3, "name": "Student 1", "sortable_name": "1, Student"},
        {"id": 4, "name": "Ada King, Countess", "sortable_name": "King, Countess, Ada", "_deleted_at": GONE},
        {"id": 5, "name": "Cher", "sortable_name": "Cher"},
    ],
    "enrollments": [
        ENROLLED,
        enrolled(2, type="TeacherEnrollment", user_id=3, enrollment_state="invited"),
        enrolled(3, type="TaEnrollment", user_id=4, enrollment_state="creation_pending"),
        enrolled(4, type="ObserverEnrollment", user_id=5, enrollment_state="completed", associated_user_id=2),
        enrolled(5, type="DesignerEnrollment", user_id=3, enrollment_state="rejected"),
        enrolled(6, type="StudentViewEnrollment", user_id=5, enrollment_state="inactive"),
        enrolled(7, user_id=3, enrollment_state="deleted", _deleted_at=GONE, grades={"final_score": 50}),
    ],
    "assignment_groups": [{"id": 2, "name": "Group", "position": 7, "group_weight": 20.5, "_courses_id": 370663}],
    "assignments": [
        ASSIGNMENT,
        assignment(5, ["online_quiz"], grading_type="percent"),
        assignment(6, ["discussion_topic"], grading_type="pass_fail"),
        assignment(7, ["external_tool"], grading_type="letter_grade"),
        assignment(8, ["on_paper"], grading_type="gpa_scale"),
        assignment(9, ["not_graded"], grading_type="not_graded", published=False),
        assignment(10, ["none"], _deleted_at=GONE),
    ],
    "submissions": [
        SUBMISSION,
        {**UNSUBMITTED, "id": 92, "user_id": 3},
        {**SUBMISSION, "id": 93, "assignment_id": 5, "excused": True, "score": None, "grade": None},
        {**SUBMISSION, "id": 94, "assignment_id": 6, "workflow_state": "pending_review", "score": 0, "grade": "0"},
        {**UNSUBMITTED, "id": 95, "user_id": 4, "_deleted_at": GONE},
    ],
}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Mapped:
    return mapped("canvas", ROWS, tmp_path_factory.mktemp("canvas"))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def first(found: Mapped, entity: str, number: str) -> dict[str, Any]:
    """A row without its extra, which a test of its own looks at."""
    (row,) = (each for each in found.dicts(entity) if each["id"] == number)
    return {name: value for name, value in row.items() if name not in ("source", "extra")}


def test_nothing_is_broken_in_rows_that_fit_together(found: Mapped) -> None:
    assert found.broken == []
    assert all(found.report.rows[entity] for entity in found.report.rows)


def test_the_root_account_is_an_org_above_its_sub_accounts(found: Mapped) -> None:
    assert first(found, "org", "1") == {
        **{"id": "1", "name": "Campus", "kind": "account", "state": "active", "native_state": "active"},
    }
    assert first(found, "org", "2") == {
        **{"id": "2", "name": "Canvas Account", "kind": "account", "parent_id": "1", "code": "123xyz"},
        **{"state": "active", "native_state": "active"},
    }


def test_a_term_is_a_session_of_whole_days(found: Mapped) -> None:
    assert first(found, "academic_session", "1") == {
        **{"id": "1", "title": "Fall 20X6", "kind": "term", "starts_on": date(2026, 8, 31)},
        **{"ends_on": date(2026, 12, 20), "state": "active", "native_state": "active"},
        "source_created_at": at("2025-01-02T03:43:11Z"),
    }
    assert first(found, "academic_session", "2")["deleted_at"] == at(GONE)


def test_a_course_is_active_while_it_is_available(found: Mapped) -> None:
    assert first(found, "course", "370663") == {
        **{"id": "370663", "title": "InstructureCon 2012", "code": "INSTCON12", "org_id": "2"},
        **{"state": "active", "native_state": "available", "source_created_at": at("2012-05-01T06:00:00Z")},
    }
    states = "SELECT native_state, state FROM edu.course ORDER BY 1"
    assert found.rows(states) == [("available", "active"), ("completed", "inactive"), ("unpublished", "inactive")]


def test_a_course_is_a_site_and_its_sections_say_which_they_are_of(found: Mapped) -> None:
    assert first(found, "section", "course/370663") == {
        **{"id": "course/370663", "title": "InstructureCon 2012", "course_id": "370663", "org_id": "2"},
        **{"session_ids": ["1"], "code": "INSTCON12", "sis_id": "INST-12", "kind": "site"},
        **{"native_course_id": "370663", "state": "active", "native_state": "available"},
        "source_created_at": at("2012-05-01T06:00:00Z"),
    }
    assert first(found, "section", "1") == {
        **{"id": "1", "title": "Section A", "course_id": "370663", "org_id": "2", "session_ids": ["1"]},
        **{"sis_id": "s34643", "kind": "scheduled", "native_course_id": "370663", "state": "active"},
        **{"native_state": "available", "source_created_at": at("2012-05-02T00:00:00Z")},
    }
    homeroom = first(found, "section", "8")
    assert (homeroom["kind"], homeroom["state"]) == ("homeroom", "inactive")


def test_a_cross_listed_section_is_of_the_course_it_came_from_where_that_is_known(found: Mapped) -> None:
    assert found.rows(
        "SELECT id, course_id, native_course_id, parent_section_id FROM edu.section WHERE parent_section_id <> ''"
        " ORDER BY 1"
    ) == [("2", "9", "370663", "course/370663"), ("3", "370663", "370663", "course/370663")]


def test_a_user_is_a_person_with_the_names_that_canvas_tells(found: Mapped) -> None:
    assert first(found, "person", "2") == {
        **{"id": "2", "given_name": "Sheldon", "family_name": "Cooper", "display_name": "Sheldon Cooper"},
        **{"email": "sheldon@caltech.example.com", "username": "sheldon@caltech.example.com", "sis_id": "SHEL93921"},
        **{"master_id": "ABC59802", "locale": "tlh", "time_zone": "America/Denver", "state": "active"},
        "source_created_at": at("2012-04-18T23:08:51Z"),
    }


def test_a_sortable_name_is_taken_apart_at_its_only_comma(found: Mapped) -> None:
    assert found.rows("SELECT id, given_name, family_name, state FROM edu.person WHERE id <> '2' ORDER BY 1") == [
        ("3", "Student", "1", "active"),
        ("4", None, None, "deleted"),
        ("5", None, None, "active"),
    ]


def test_an_enrollment_is_in_its_section(found: Mapped) -> None:
    assert first(found, "enrollment", "1") == {
        **{"id": "1", "person_id": "2", "section_id": "1", "role": "student", "starts_on": date(2012, 4, 18)},
        **{"last_activity_at": at("2012-04-18T23:08:53Z"), "source_created_at": at("2012-04-18T23:08:51Z")},
        **{"source_modified_at": at("2012-04-18T23:08:52Z"), "state": "active", "native_state": "active"},
    }


def test_types_of_enrollments_are_roles_and_only_active_ones_are_active(found: Mapped) -> None:
    assert found.rows("SELECT role, native_state, state FROM edu.enrollment ORDER BY id") == [
        ("student", "active", "active"),
        ("teacher", "invited", "inactive"),
        ("assistant", "creation_pending", "inactive"),
        ("observer", "completed", "inactive"),
        ("designer", "rejected", "inactive"),
        ("observer", "inactive", "inactive"),
        ("student", "deleted", "deleted"),
    ]


def test_an_assignment_group_is_a_category_of_the_course(found: Mapped) -> None:
    assert first(found, "assignment_category", "2") == {
        **{"id": "2", "title": "Group", "section_id": "course/370663", "weight": 20.5, "state": "active"},
    }


def test_an_assignment_belongs_to_the_site_of_its_course(found: Mapped) -> None:
    assert first(found, "assignment", "4") == {
        **{"id": "4", "title": "some assignment", "section_id": "course/370663", "category_id": "2"},
        **{"kind": "assignment", "description": "<p>Do the following:</p>", "max_points": Decimal(12)},
        **{"opens_at": at("2012-06-02T05:59:00Z"), "due_at": at("2012-07-02T05:59:00Z")},
        **{"closes_at": at("2012-07-03T05:59:00Z"), "submission_types": ["online_text_entry", "online_upload"]},
        **{"grading": "points", "state": "active", "native_state": "published"},
        **{"source_created_at": at("2012-07-02T05:59:00Z"), "source_modified_at": at("2012-07-02T05:59:01Z")},
    }


def test_kinds_of_assignments_are_read_out_of_how_they_are_handed_in(found: Mapped) -> None:
    assert found.rows("SELECT kind, grading, state FROM edu.assignment ORDER BY length(id), id") == [
        ("assignment", "points", "active"),
        ("quiz", "percent", "active"),
        ("discussion", "pass_fail", "active"),
        ("external", "letter", "active"),
        ("offline", "scale", "active"),
        ("other", "none", "inactive"),
        ("offline", "points", "deleted"),
    ]


def test_a_submission_is_the_last_attempt(found: Mapped) -> None:
    assert first(found, "submission", "91") == {
        **{"id": "91", "assignment_id": "4", "person_id": "2", "attempt": 1, "status": "graded"},
        **{"submitted_at": at("2012-01-01T01:00:00Z"), "graded_at": at("2012-01-02T03:05:34Z"), "is_late": True},
        **{"is_missing": False, "score": Decimal("11.5"), "grade_text": "A-", "state": "active"},
        "native_state": "graded",
    }


def test_what_is_excused_or_not_handed_in_is_said_so(found: Mapped) -> None:
    assert found.rows("SELECT id, attempt, status, is_missing, state FROM edu.submission ORDER BY 1 OFFSET 1") == [
        ("92", None, "not_submitted", True, "active"),
        ("93", 1, "excused", False, "active"),
        ("94", 1, "submitted", False, "active"),
        ("95", None, "not_submitted", True, "deleted"),
    ]


def test_the_score_of_a_submission_is_a_grade_of_its_assignment(found: Mapped) -> None:
    assert first(found, "grade", "91") == {
        **{"id": "91", "person_id": "2", "section_id": "course/370663", "scope": "assignment", "scope_id": "4"},
        **{"score": Decimal("11.5"), "max_score": Decimal(12), "grade_text": "A-", "state": "active"},
        **{"recorded_at": at("2012-01-02T03:05:34Z"), "native_state": "graded"},
    }
    assert found.rows("SELECT score, grade_text FROM edu.grade WHERE id = '94'") == [(Decimal(0), "0")]


def test_an_enrollment_with_scores_has_a_current_and_a_final_grade(found: Mapped) -> None:
    assert found.rows(
        "SELECT id, section_id, scope_id, kind, score, max_score, grade_text, state FROM edu.grade"
        " WHERE scope = 'section' ORDER BY 1"
    ) == [
        ("enrollment/1/current", "1", "1", "current", Decimal(35), Decimal(100), None, "active"),
        ("enrollment/1/final", "1", "1", "final", Decimal("6.67"), Decimal(100), "F", "active"),
        ("enrollment/7/final", "1", "1", "final", Decimal(50), Decimal(100), None, "deleted"),
    ]


def test_what_has_no_column_is_kept_in_extra_under_its_own_name(found: Mapped) -> None:
    extra = dict(found.rows("SELECT id, CAST(extra AS TEXT) FROM edu.submission"))
    assert json.loads(extra["91"])["seconds_late"] == 300
    (term,) = found.rows("SELECT CAST(extra AS TEXT) FROM edu.academic_session WHERE id = '1'")
    assert json.loads(term[0])["sis_term_id"] == "Fa26"


def test_a_database_without_rows_has_views_without_rows(tmp_path: Path) -> None:
    found = mapped("canvas", {"courses": [], "unrelated": [{"id": 1}]}, tmp_path)
    assert (set(found.report.rows.values()), found.broken) == ({0}, [])
