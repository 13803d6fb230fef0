"""Three sources by hand: a SIS without any work, a learning platform without terms, and a log of activity alone.

Each row is `(id, {column: value})`; what is not said is null, and `state` is active.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from homeroom.model import neutral_model
from homeroom.model.rendering import TYPES

TODAY = date(2026, 3, 16)

Rows = Mapping[str, Sequence[tuple[str, Mapping[str, Any]]]]


def enrolled(number: str, person: str, section: str, role: str = "student", **more: Any) -> tuple[str, dict[str, Any]]:
    """A row of `enrollment`."""
    return number, {"person_id": person, "section_id": section, "role": role, **more}


def handed_in(number: str, work: str, person: str, status: str, at: str | None = None, **more: Any) -> Any:
    """A row of `submission`."""
    return number, {"assignment_id": work, "person_id": person, "status": status, "submitted_at": at, **more}


def marked(number: str, person: str, section: str, of: str, score: float | None, **more: Any) -> Any:
    """A row of `grade`, of an assignment."""
    graded = {"scope": "assignment", "scope_id": of, "score": score}
    return number, {"person_id": person, "section_id": section, **graded, **more}


def there(number: str, person: str, day: str, status: str, **more: Any) -> Any:
    """A row of `attendance`."""
    return number, {"person_id": person, "on_date": day, "status": status, **more}


SIS: Rows = {
    "org": [("o1", {"name": "North", "kind": "school"}), ("o2", {"name": "South", "kind": "school"})],
    "academic_session": [
        ("t1", {"title": "Autumn", "kind": "term", "starts_on": "2025-08-25", "ends_on": "2026-01-23"}),
        ("t2", {"title": "Spring", "kind": "term", "starts_on": "2026-01-26", "ends_on": "2026-06-19"}),
        ("t3", {"title": "Ghost", "kind": "term", "state": "deleted"}),
    ],
    "course": [("c2", {"title": "Biology", "org_id": "o1"})],
    "section": [
        ("s1", {"title": "Algebra", "org_id": "o1", "session_ids": ["t2", "t3"]}),
        ("s2", {"title": "Biology", "course_id": "c2", "session_ids": ["t1", "t2"]}),
        ("s3", {"title": "Chemistry", "org_id": "o2", "session_ids": ["t1"]}),
        ("s4", {"title": "Drama", "org_id": "o2", "session_ids": []}),
        ("s5", {"title": "Gone", "org_id": "o2", "state": "deleted"}),
    ],
    "person": [
        ("p1", {"display_name": "Ann", "email": "ann@example.org", "primary_role": "student"}),
        ("p2", {"display_name": "Ben", "email": "ben@example.org", "primary_role": "student"}),
        ("p3", {"given_name": "Cid", "family_name": "Orr", "sis_id": "N3", "primary_role": "student"}),
        ("p4", {"display_name": "Dee", "primary_role": "student", "state": "deleted"}),
        ("p5", {"display_name": "Tia", "master_id": "M5", "primary_role": "teacher"}),
        ("p6", {"display_name": "Tom", "primary_role": "teacher", "email": " "}),
        ("p7", {"display_name": "Ann's mother", "primary_role": "observer"}),
    ],
    "enrollment": [
        enrolled("1", "p1", "s1"),
        enrolled("2", "p1", "s1"),  # once more
        enrolled("3", "p2", "s1", state="inactive"),
        enrolled("4", "p3", "s1", state="deleted"),
        enrolled("5", "p4", "s1"),  # who is deleted
        enrolled("6", "p5", "s1", "teacher"),
        enrolled("7", "p1", "s2", ends_on="2026-01-23"),  # for the autumn
        enrolled("8", "p2", "s2"),
        enrolled("9", "p6", "s2", "teacher", state="inactive"),
        enrolled("10", "p3", "s3", state="inactive", ends_on="2026-01-23"),  # until the term was over
        enrolled("11", "p2", "s4"),
        enrolled("12", "p2", "s5"),
    ],
    "attendance": [
        there("1", "p1", "2026-03-02", "absent", section_id="s1"),
        there("2", "p1", "2026-03-02", "late", section_id="s1"),  # the same day: there
        there("3", "p1", "2026-03-03", "excused", section_id="s1"),
        there("4", "p2", "2026-03-02", "present", section_id="s1"),
        there("5", "p2", "2026-03-03", "unknown", section_id="s1"),
        there("6", "p2", "2026-03-04", "absent", section_id="s1", state="deleted"),
        there("7", "p2", "2025-03-16", "absent", section_id="s1"),  # a year ago
        there("8", "p3", "2026-03-02", "present", org_id="o2"),
        there("9", "p4", "2026-03-02", "absent", org_id="o2"),
    ],
}

LMS: Rows = {
    "section": [
        ("course/1", {"title": "Algebra", "kind": "site", "native_course_id": "1"}),
        ("11", {"title": "Algebra A", "kind": "scheduled", "native_course_id": "1", "sis_id": "s1"}),
        ("12", {"title": "Algebra B", "kind": "scheduled", "native_course_id": "1"}),
        ("20", {"title": "Biology", "kind": "site", "sis_id": "s2"}),
        ("30", {"title": "Empty", "kind": "site"}),
    ],
    "person": [
        ("1", {"display_name": "Ann", "sis_id": "p1", "email": "a@example.org"}),
        ("2", {"display_name": "Ben", "email": "Ben@Example.org "}),
        ("3", {"display_name": "Eve", "email": "eve@example.org"}),
        ("4", {"username": "tia", "master_id": "M5", "primary_role": "teacher"}),
        ("5", {"display_name": "Zed", "email": "a@example.org", "state": "deleted"}),
        ("6", {"display_name": "Ann B", "sis_id": "p1", "email": "A@example.org", "state": "inactive"}),
        ("7", {"display_name": "Aid", "primary_role": "assistant"}),
        ("8", {"display_name": "Fay", "sis_id": "p9"}),
    ],
    "enrollment": [
        enrolled("1", "1", "11", last_activity_at="2026-03-15T10:00:00Z"),
        enrolled("2", "1", "12"),
        enrolled("3", "8", "11"),
        enrolled("4", "2", "12"),
        enrolled("5", "4", "11", "teacher"),
        enrolled("6", "1", "20"),
        enrolled("7", "3", "20"),
        enrolled("8", "7", "20", "assistant"),
        enrolled("9", "5", "20"),
    ],
    "assignment": [
        ("a1", {"title": "Sums", "section_id": "course/1", "due_at": "2026-02-25T12:00:00Z", "max_points": 10}),
        ("a2", {"title": "Essay", "section_id": "course/1", "max_points": 10}),
        ("a3", {"title": "Later", "section_id": "20", "due_at": "2026-03-20T12:00:00Z"}),
        ("a4", {"title": "On paper", "section_id": "course/1", "due_at": "2026-03-01T12:00:00Z"}),
        ("a5", {"title": "Gone", "section_id": "20", "due_at": "2026-03-01T12:00:00Z", "state": "deleted"}),
        ("a6", {"title": "Log", "section_id": "20", "due_at": "2026-02-01T12:00:00Z", "grading": "none"}),
    ],
    "submission": [
        handed_in("1", "a1", "1", "graded", "2026-02-20T12:00:00Z", attempt=1),
        handed_in("2", "a1", "1", "submitted", "2026-02-27T02:00:00Z", attempt=2, is_late=True),
        handed_in("3", "a1", "2", "not_submitted"),
        handed_in("4", "a1", "8", "excused"),
        handed_in("5", "a1", "8", "submitted", "2026-02-20T12:00:00Z", state="deleted"),
        handed_in("6", "a2", "1", "submitted", "2026-03-10T12:00:00Z"),
        handed_in("7", "a2", "8", "graded", is_missing=True, score=0),
        handed_in("8", "a3", "3", "submitted", "2026-02-20T12:00:00Z"),
        handed_in("9", "a6", "1", "submitted", "2026-02-10T12:00:00Z"),  # late by the due date
        handed_in("10", "a5", "1", "submitted", "2026-02-10T12:00:00Z"),
    ],
    "grade": [
        marked("1", "1", "course/1", "a1", 3, recorded_at="2026-02-20T13:00:00Z"),
        marked("2", "1", "course/1", "a1", 8, recorded_at="2026-02-22T13:00:00Z"),  # of the first attempt
        marked("3", "1", "course/1", "a2", 12, max_score=10),
        marked("4", "8", "course/1", "a1", 6),
        marked("5", "8", "course/1", "a2", 0, max_score=0),
        marked("6", "2", "course/1", "a1", None, grade_text="B"),
        marked("7", "3", "20", "a3", 5, max_score=10, recorded_at="2026-02-21T13:00:00Z"),
        marked("8", "3", "20", "20", 55, scope="section", max_score=100, kind="current"),
        marked("9", "3", "20", "20", 29.5, scope="section", max_score=50, kind="final"),
        marked("10", "1", "20", "20", 10, scope="section", max_score=100, state="deleted"),
    ],
}

LOG: Rows = {
    "section": [("g1", {"title": "Room", "kind": "group"})],
    "person": [
        ("u1", {"username": "gus"}),
        ("u2", {"username": "hal"}),
        ("u3", {"username": "ida", "state": "inactive"}),
        ("u4", {"username": "jon"}),
    ],
    "enrollment": [
        enrolled("1", "u1", "g1"),
        enrolled("2", "u2", "g1"),
        enrolled("3", "u3", "g1"),
        enrolled("4", "u4", "g1", starts_on="2026-03-10"),  # too young to be missed
    ],
    "attendance": [there("1", "u1", "2026-03-02", "absent", section_id="g1")],  # absences alone
    "activity": [
        ("1", {"person_id": "u1", "verb": "opened", "occurred_at": "2026-03-01T23:30:00Z"}),
        ("2", {"person_id": "u1", "verb": "opened", "occurred_at": "2026-03-10T12:00:00Z", "state": "deleted"}),
        ("3", {"person_id": "u1", "verb": "opened", "occurred_at": "2026-03-20T12:00:00Z"}),  # after that day
        ("4", {"person_id": "u2", "verb": "opened", "occurred_at": "2026-03-02T00:30:00Z"}),  # 14 days ago
        ("5", {"verb": "opened", "occurred_at": "2026-03-15T12:00:00Z"}),
    ],
}

CAMPUS: Mapping[str, Rows] = {"sis": SIS, "lms": LMS, "log": LOG}


def tables_of_edu() -> Iterator[str]:
    """Statements in DuckDB's dialect that make each table of the model as it is declared."""
    for entity in neutral_model().entities.values():
        columns = ", ".join(f"{column.name} {TYPES[column.type]}" for column in entity.columns.values())
        yield f"CREATE TABLE edu.{entity.name} ({columns})"


def rows_of_edu(campus: Mapping[str, Rows]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each row with the table that it is of."""
    for source, entities in campus.items():
        for entity, rows in entities.items():
            for number, row in rows:
                yield entity, {"source": source, "id": number, "state": "active", **row}
