"""Configs against the examples of their vendors' documentation: the fields and types of the page, values of our own."""

from __future__ import annotations

from typing import Any

import pytest
from canned import Asked, Read, Says, read
from dlt.common.normalizers.naming.snake_case import NamingConvention

from homeroom.catalog import find_platform
from homeroom.values import Proof, Status

# Schoology: the pages User, Role, Grading Periods, Course, Section, Enrollment and Assignment of
# developers.schoology.com, by their mirror KTibow/schoology-docs-md at 501e60b, 94bdf74 and 8086a53, read on
# 2026-11-23. Totals are texts, but that of grading periods.

OPTIONS = {
    "weighted_grading_categories": "0",
    "upload_documents": "0",
    "create_discussion": "0",
    "member_post": "1",
    "member_post_comment": "1",
    "content_index_visibility": dict.fromkeys(
        ("topics", "assignments", "assessments", "documents", "discussion", "album", "pages"), 1
    ),
}
PERSON = {
    **{"uid": "11", "school_uid": "s1", "name_title": "Ms.", "name_first": "Zoë", "name_first_preferred": "Z"},
    **{"name_middle": "M", "name_last": "Brown", "name_display": "Zoë Brown", "picture_url": "https://x.org/p.png"},
}
LISTS: dict[str, dict[str, Any]] = {
    "users": {
        **PERSON,
        **{"id": 11, "school_id": 344, "synced": 0, "building_id": 344, "additional_buildings": "123,789"},
        **{"name_title_show": 0, "name_middle_show": 0, "username": "zoe", "primary_email": "z@x.org", "gender": "F"},
        **{"position": "x", "grad_year": "2030", "birthday_date": "2012-01-01", "password": "", "role_id": 1214},
        **{"tz_offset": -4, "tz_name": "America/New_York", "parents": [PERSON], "child_uids": "12,13"},
        **{"parent_uids": "9", "advisor_uids": "8", "send_message": 1, "profile_url": "https://x.org/p.png"},
        **{"subjects_taught": "x", "grades_taught": "x", "department": "x", "bio": "x", "phone": "1"},
        **{"website": "x", "address": "x", "interests": "x", "activities": "x", "email_login_info": 0},
    },
    "roles": {"id": "61", "title": "Teacher", "faculty": 1, "role_type": 1, "links": {"self": "https://x.org/61"}},
    "gradingperiods": {
        **{"id": 71, "title": "x", "start": "2012-09-17", "end": "2016-09-17", "active": "1"},
        **{"links": {"self": "https://x.org/71"}},
    },
    "courses": {
        **{"id": 21, "title": "Time Travel", "course_code": "CC106", "department": "x", "description": "x"},
        **{"credits": 0, "subject_area": 0, "grade_level_range_start": 12, "grade_level_range_end": 14, "synced": 1},
        **{"building_id": "344", "district_course_name": "x"},
    },
    "sections": {
        **{"id": "31", "course_title": "Time Travel", "course_code": "CC106", "course_id": "21", "school_id": "344"},
        **{"access_code": "A-B", "section_title": "9nw", "section_code": "x", "section_school_code": "SI200"},
        **{"synced": "0", "active": 1, "description": "x", "grading_periods": [435, 13011], "profile_url": "x"},
        **{"location": "x", "meeting_days": ["1"], "start_time": "08:00", "end_time": "09:00", "weight": "0"},
        **{"class_periods": [1], "options": OPTIONS, "links": {"self": "https://x.org/31"}, "admin": 1},
    },
    "enrollments": {
        **PERSON,
        **{"id": "41", "name_title_show": "0", "name_middle_show": "0", "admin": 0, "status": "1"},
        **{"links": {"self": "https://x.org/41"}},
    },
    "assignments": {
        **{"id": 51, "title": "x", "description": "x", "due": "2026-09-25 11:30:00", "grading_scale": "0"},
        **{"grading_period": "1", "grading_category": "0", "max_points": "100", "factor": "1", "is_final": "0"},
        **{"show_comments": "0", "grade_stats": "0", "allow_dropbox": "1", "allow_discussion": "1", "published": 1},
        **{"type": "assignment", "grade_item_id": 51, "available": 1, "completed": 0, "dropbox_locked": 0},
        **{"grading_scale_type": 0, "show_rubric": False, "num_assignees": 0, "completion_status": "x"},
        **{"assignees": [41], "grading_group_ids": [1], "count_in_grade": 1, "collected_only": 0},
        **{"auto_publish_grades": 1, "links": {"self": "https://x.org/51"}},
    },
}


UNCOUNTED = {"assignments", "roles"}


def schoology(asked: Asked) -> Says:
    kind = asked.path.rpartition("/")[2]
    first = LISTS[kind]
    rows = [first, {**first, "id": int(first["id"]) + 1}][int(asked.query.get("start", 0)) :]
    # No example of a list of assignments shows its end; a limit counts for each type of them. Roles have no total.
    total = {"total": "2", "links": {"self": "https://x.org"}} if kind not in UNCOUNTED else {}
    return Says({kind if kind == "gradingperiods" else kind.removesuffix("s"): rows, **total})


def unclassed(done: Read) -> list[str]:
    """The columns that came and that the catalogue has no class of personal data for."""
    classes = {
        table: {column for columns in each.values() for column in columns}
        for table, each in find_platform(done.name).classes.items()
    }
    columns = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()"
    return [
        f"{table}.{column}"
        for table, column in done.rows(columns)
        if not table.startswith("_") and not column.startswith(("_dlt", "_deleted_at"))
        if column not in classes.get(table, set())
    ]


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Read:
    return read("schoology", schoology, {"SCHOOLOGY_KEY": "me"}, tmp_path_factory.mktemp("schoology"))


def test_every_field_that_schoology_documents_has_a_class_of_personal_data(done: Read) -> None:
    assert unclassed(done) == []


def test_schoologys_lists_are_counted_where_they_tell_a_total(done: Read) -> None:
    lines = done.report.resources
    assert {line.status for line in lines.values()} == {Status.COMPLETE}
    counted = {name.replace("_", "") for name, line in lines.items() if line.proof is Proof.COUNT}
    assert counted == {*LISTS} - UNCOUNTED


# Google Classroom: REST Resource courses.courseWork.studentSubmissions of developers.google.cn, read on 2026-11-23.

SUBMISSION = (
    *("courseId", "courseWorkId", "id", "userId", "creationTime", "updateTime", "state", "late", "draftGrade"),
    *("assignedGrade", "rubricId", "draftRubricGrades", "assignedRubricGrades", "alternateLink", "courseWorkType"),
    *("associatedWithDeveloper", "previewVersion", "assignmentSubmission", "shortAnswerSubmission"),
    "multipleChoiceSubmission",
)
FREE_KEYS = {"draft_rubric_grades", "assigned_rubric_grades"}


def test_every_field_of_a_submission_in_google_classroom_has_a_class_and_free_keys_make_no_columns() -> None:
    platform = find_platform("google_classroom")
    (submissions,) = (each for each in platform.resources if each["name"] == "submissions")
    known = {column for columns in platform.classes["submissions"].values() for column in columns}
    documented = {NamingConvention().normalize_identifier(field) for field in SUBMISSION}
    assert documented <= known
    assert {submissions["columns"][column]["data_type"] for column in FREE_KEYS} == {"json"}
