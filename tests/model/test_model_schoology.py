"""The mapping of Schoology, over rows with the fields and words of its documentation."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from mapped import Mapped, mapped

# The examples of the pages User, Role, Grading Periods, Course, Section, Enrollment and Assignment of
# developers.schoology.com, by their mirror KTibow/schoology-docs-md at 501e60b, 94bdf74 and 8086a53, read on
# 2026-11-23. Numbers come as numbers in one list and as texts in another, what is not there as an empty text.

GONE = "2026-11-20T06:00:00Z"
JAMES = {
    **{"uid": "48289", "id": 48289, "school_id": 344232, "synced": 0, "school_uid": "s1", "building_id": 344232},
    **{"additional_buildings": "123,789", "name_title": "", "name_first": "James", "name_first_preferred": ""},
    **{"name_last": "Howlett", "name_display": "James Howlett", "username": "jlogan", "primary_email": ""},
    **{"gender": "M", "birthday_date": "2010-02-03", "role_id": 1214, "tz_offset": -4, "tz_name": "America/New_York"},
    **{"language": ""},
}


def role(number: str, title: str, faculty: int) -> dict[str, Any]:
    return {"id": number, "title": title, "faculty": faculty, "role_type": 1}


def user(number: int, role_id: int | None, **others: Any) -> dict[str, Any]:
    names = {"name_first": "Mr.", "name_last": "Strickland", "name_display": "Mr. Strickland"}
    return {"uid": str(number), "id": number, "building_id": 5171921, **names, "role_id": role_id, **others}


COURSE = {
    **{"id": 1407691, "title": "Time Travel", "course_code": "CC106", "department": "", "description": ""},
    **{"credits": 0, "subject_area": 0, "grade_level_range_start": 12, "grade_level_range_end": 14, "synced": 1},
    **{"building_id": "344232"},
}
SECTION = {
    **{"id": "4318461", "course_title": "Time Travel", "course_code": "CC106", "course_id": "1407691"},
    **{"school_id": "344232", "section_title": "Section 9nw", "section_code": "", "section_school_code": "SI200"},
    **{"synced": "0", "active": 1, "grading_periods": [435, 13011], "location": "", "start_time": ""},
}
ENROLLED = {"id": "43807916", "uid": "45552", "admin": 1, "status": "1", "_sections_id": "4318461"}
ASSIGNMENT = {
    **{"id": 5699937, "title": "this is a test assignment", "description": "extra credit assignment"},
    **{"due": "2014-09-25 11:30:00", "grading_scale": "0", "grading_period": "13011", "grading_category": "4371"},
    **{"max_points": "100", "factor": "1", "is_final": "0", "allow_dropbox": "1", "published": 1},
    **{"type": "assignment", "grade_item_id": 5699937, "_sections_id": "4318461"},
}
ROWS: dict[str, list[dict[str, Any]]] = {
    "roles": [
        role("1215", "Parent", 0),
        role("1212", "School Admin", 1),
        role("1214", "Student", 0),
        role("1213", "Teacher", 1),
        role("1217", "Student Teacher", 1),
        role("1218", "Librarian", 1),
        role("1219", "Assistant Principal", 1),
        role("1220", "Counselor", 1),
        role("1221", "Guest", 0),
    ],
    "users": [
        JAMES,
        user(45552, 1213, primary_email="asd@zz"),
        user(3, 1215),
        user(4, 1212),
        user(5, 1217),
        user(6, 1218),
        user(7, 1219),
        user(8, 1220, _deleted_at=GONE),
        user(9, 1221),
        user(10, 4711),
        user(11, None, gender="F"),
    ],
    "grading_periods": [
        {"id": 13011, "title": "Never Ending Period", "start": "2012-09-17", "end": "2016-09-17", "active": "1"},
        {"id": 435, "title": "Fall 2013", "start": "2013-09-01", "end": "2013-12-31", "active": "0"},
    ],
    "courses": [
        COURSE,
        {**COURSE, "id": 5410559, "subject_area": 2, "grade_level_range_start": 6, "grade_level_range_end": 0},
        {**COURSE, "id": 3, "grade_level_range_start": 0, "grade_level_range_end": 0, "_deleted_at": GONE},
    ],
    "sections": [
        SECTION,
        {**SECTION, "id": "3719526", "section_title": "", "section_code": "SC101", "active": 0},
        {**SECTION, "id": "5", "course_id": "5410559", "grading_periods": [], "_deleted_at": GONE},
    ],
    "enrollments": [
        ENROLLED,
        {**ENROLLED, "id": "2", "uid": "48289", "admin": 0, "status": "2"},
        {**ENROLLED, "id": "3", "uid": "48289", "admin": 0, "status": "3"},
        {**ENROLLED, "id": "4", "uid": "48289", "admin": 0, "status": "4"},
        {**ENROLLED, "id": "5", "uid": "48289", "admin": 0, "status": "5"},
        {**ENROLLED, "id": "6", "uid": "48289", "admin": 0, "status": "1", "_deleted_at": GONE},
    ],
    "assignments": [
        ASSIGNMENT,
        {**ASSIGNMENT, "id": 2, "type": "discussion", "grading_period": "0", "grading_category": "0", "due": ""},
        {**ASSIGNMENT, "id": 3, "type": "assessment", "grading_scale": "77", "published": 0, "allow_dropbox": "0"},
        {**ASSIGNMENT, "id": 4, "type": "managed_assessment", "_deleted_at": GONE},
    ],
}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Mapped:
    return mapped("schoology", ROWS, tmp_path_factory.mktemp("schoology"), demographics=True)


def first(found: Mapped, entity: str, number: str) -> dict[str, Any]:
    """A row without its extra."""
    (row,) = (each for each in found.dicts(entity) if each["id"] == number)
    return {name: value for name, value in row.items() if name not in ("source", "extra")}


def test_nothing_is_broken_in_rows_that_fit_together(found: Mapped) -> None:
    assert found.broken == []
    assert all(found.report.rows[entity] for entity in found.report.rows)


def test_a_grading_period_is_a_session(found: Mapped) -> None:
    assert first(found, "academic_session", "13011") == {
        **{"id": "13011", "title": "Never Ending Period", "kind": "grading_period", "native_state": "1"},
        **{"starts_on": date(2012, 9, 17), "ends_on": date(2016, 9, 17), "state": "active"},
    }
    assert first(found, "academic_session", "435")["state"] == "inactive"


def test_a_course_has_its_grade_levels_by_name(found: Mapped) -> None:
    assert first(found, "course", "1407691") == {
        **{"id": "1407691", "title": "Time Travel", "code": "CC106", "org_id": "344232", "state": "active"},
        "grades": ["10", "11", "12"],
    }
    assert found.rows("SELECT id, subjects, grades, state FROM edu.course WHERE id <> '1407691' ORDER BY 1") == [
        ("3", None, None, "deleted"),
        ("5410559", ["Language Arts"], ["4"], "active"),
    ]


def test_a_section_has_its_grading_periods(found: Mapped) -> None:
    assert first(found, "section", "4318461") == {
        **{"id": "4318461", "title": "Section 9nw", "course_id": "1407691", "org_id": "344232", "sis_id": "SI200"},
        **{"session_ids": ["435", "13011"], "kind": "scheduled", "state": "active", "native_state": "1"},
    }
    assert found.rows("SELECT title, code, session_ids, state FROM edu.section WHERE id <> '4318461' ORDER BY id") == [
        ("Time Travel", "SC101", ["435", "13011"], "inactive"),
        ("Section 9nw", None, None, "deleted"),
    ]


def test_a_user_is_a_person_and_empty_texts_are_nothing(found: Mapped) -> None:
    assert first(found, "person", "48289") == {
        **{"id": "48289", "given_name": "James", "family_name": "Howlett", "display_name": "James Howlett"},
        **{"username": "jlogan", "sis_id": "s1", "time_zone": "America/New_York", "primary_role": "student"},
        "state": "active",
    }
    assert first(found, "person", "45552")["email"] == "asd@zz"


def test_what_a_person_is_is_read_out_of_the_title_of_the_role(found: Mapped) -> None:
    assert found.rows("SELECT person_id, role, state FROM edu.person_role ORDER BY length(person_id), person_id") == [
        ("3", "observer", "active"),
        ("4", "administrator", "active"),
        ("5", "teacher", "active"),
        ("6", "staff", "active"),
        ("7", "principal", "active"),
        ("8", "counselor", "deleted"),
        ("9", "other", "active"),
        ("10", "other", "active"),
        ("45552", "teacher", "active"),
        ("48289", "student", "active"),
    ]
    assert first(found, "person_role", "45552/1213") == {
        **{"id": "45552/1213", "person_id": "45552", "role": "teacher", "org_id": "5171921", "is_primary": True},
        "state": "active",
    }


def test_the_role_of_a_person_is_that_of_their_row_and_unknown_where_it_is_not_told(found: Mapped) -> None:
    both = (
        "SELECT count(*) FROM edu.person p JOIN edu.person_role r ON r.person_id = p.id WHERE p.primary_role <> r.role"
    )
    assert found.rows(both) == [(0,)]
    assert found.rows("SELECT id FROM edu.person WHERE primary_role IS NULL ORDER BY 1") == [("10",), ("11",)]


def test_birth_and_sex_stand_apart(found: Mapped) -> None:
    assert first(found, "person_demographics", "48289") == {
        **{"id": "48289", "person_id": "48289", "birth_date": date(2010, 2, 3), "sex": "male", "state": "active"},
    }
    assert first(found, "person_demographics", "11")["sex"] == "female"


def test_an_administrator_of_a_section_teaches_it(found: Mapped) -> None:
    assert first(found, "enrollment", "43807916") == {
        **{"id": "43807916", "person_id": "45552", "section_id": "4318461", "role": "teacher", "state": "active"},
        "native_state": "1",
    }
    assert found.rows("SELECT role, native_state, state FROM edu.enrollment WHERE length(id) = 1 ORDER BY id") == [
        ("student", "2", "inactive"),
        ("student", "3", "inactive"),
        ("student", "4", "inactive"),
        ("student", "5", "inactive"),
        ("student", "1", "deleted"),
    ]


def test_an_assignment_is_due_in_utc_as_far_as_is_known(found: Mapped) -> None:
    assert first(found, "assignment", "5699937") == {
        **{"id": "5699937", "title": "this is a test assignment", "section_id": "4318461", "category_id": "4371"},
        **{"kind": "assignment", "description": "extra credit assignment", "max_points": Decimal(100)},
        **{"due_at": datetime(2014, 9, 25, 11, 30, tzinfo=UTC), "submission_types": ["dropbox"]},
        **{"grading": "points", "session_id": "13011", "state": "active", "native_state": "1"},
    }


def test_other_kinds_of_assignments_are_told_apart(found: Mapped) -> None:
    columns = "kind, category_id, session_id, grading, submission_types, due_at IS NULL, state"
    assert found.rows(f"SELECT {columns} FROM edu.assignment WHERE length(id) = 1 ORDER BY id") == [
        ("discussion", None, None, "points", ["dropbox"], True, "active"),
        ("quiz", "4371", "13011", "scale", None, False, "inactive"),
        ("quiz", "4371", "13011", "points", ["dropbox"], False, "deleted"),
    ]


def test_a_database_without_rows_has_views_without_rows(tmp_path: Path) -> None:
    found = mapped("schoology", {"courses": [], "unrelated": [{"id": 1}]}, tmp_path)
    assert (set(found.report.rows.values()), found.broken) == ({0}, [])
