"""From the model's rows of one source to the rows of the files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from homeroom.oneroster_export.classes import CLASSES, COURSES, Classes
from homeroom.oneroster_export.gradebook import CATEGORIES, LINE_ITEMS, RESULTS, LineItems, Results
from homeroom.oneroster_export.notes import Note, Notes
from homeroom.oneroster_export.orgs import FILE as ORGS
from homeroom.oneroster_export.orgs import Orgs
from homeroom.oneroster_export.people import (
    DEMOGRAPHICS,
    ENROLLMENTS,
    ROLES,
    USERS,
    demographics_of,
    enrollments_of,
    roles_of,
    users_of,
)
from homeroom.oneroster_export.sessions import FILE as SESSIONS
from homeroom.oneroster_export.sessions import Sessions
from homeroom.oneroster_export.texts import Row, day

READS: Mapping[str, Sequence[str]] = {
    "org": ("name", "kind", "parent_id", "code"),
    "academic_session": ("title", "kind", "starts_on", "ends_on", "parent_id", "school_year"),
    "course": ("title", "code", "org_id", "subjects", "grades"),
    "section": ("title", "course_id", "org_id", "session_ids", "code", "kind"),
    "person": (
        "given_name",
        "family_name",
        "display_name",
        "email",
        "username",
        "sis_id",
        "master_id",
        "primary_role",
    ),
    "person_role": ("person_id", "role", "org_id", "is_primary", "starts_on", "ends_on"),
    "person_demographics": ("person_id", "birth_date", "sex", "race", "ethnicity", "birth_country"),
    "enrollment": ("person_id", "section_id", "role", "is_primary", "starts_on", "ends_on"),
    "assignment_category": ("title", "weight"),
    "assignment": (
        "title",
        "section_id",
        "category_id",
        "session_id",
        "opens_at",
        "due_at",
        "closes_at",
        "max_points",
        "source_created_at",
    ),
    "submission": (
        "assignment_id",
        "person_id",
        "attempt",
        "status",
        "submitted_at",
        "graded_at",
        "is_late",
        "is_missing",
        "score",
        "grade_text",
        "source_modified_at",
    ),
    "grade": ("person_id", "scope", "scope_id", "score", "grade_text", "recorded_at", "source_modified_at"),
}
"""The entities and columns of the model that a bundle is made of, besides id and state."""

DEMOGRAPHIC = "person_demographics"

Tables = Mapping[str, Sequence[Row]]
"""Rows by entity. An entity may be missing."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """The rows of each file by its name without ending, those that have any; and what was made up or left out."""

    source: str
    files: Mapping[str, Sequence[Mapping[str, str]]]
    notes: tuple[Note, ...]


def bundle_of(tables: Tables, source: str, today: date) -> Bundle:
    """The bundle of a source's rows. A file of which there is no row is not in it (the binding permits none).

    `today` says what is over, and dates the term of a source that has no date at all.
    """
    rows = {entity: tables.get(entity, ()) for entity in READS}
    notes = Notes()
    orgs = Orgs(rows["org"], _taught_in(rows), source, notes)
    sessions = Sessions(rows["academic_session"], _span(rows, today), notes)
    classes = Classes(rows["course"], rows["section"], orgs, sessions, notes)
    users = users_of(rows["person"], notes)
    enrollments = enrollments_of(rows["enrollment"], users, classes, sessions, day(today), notes)
    roles = roles_of(rows["person_role"], rows["person"], users, enrollments, orgs, day(today), notes)
    items = LineItems(rows["assignment_category"], rows["assignment"], classes, sessions, notes)
    results = Results(rows["submission"], rows["grade"], users, items, notes)
    files = {
        SESSIONS: sessions.rows,
        ORGS: orgs.rows,
        COURSES: classes.courses,
        CLASSES: classes.rows,
        USERS: users,
        ROLES: roles,
        ENROLLMENTS: enrollments,
        DEMOGRAPHICS: demographics_of(rows[DEMOGRAPHIC], users, notes),
        CATEGORIES: items.categories,
        LINE_ITEMS: items.rows,
        RESULTS: results.rows,
    }
    return Bundle(source, {name: [*each.values()] for name, each in files.items() if each}, notes.all())


def _taught_in(rows: Tables) -> set[str]:
    """The orgs that classes are said to be in, by themselves or by their course."""
    by_course = {str(row["id"]): row["org_id"] for row in rows["course"]}
    found = (row["org_id"] or by_course.get(str(row["course_id"])) for row in rows["section"])
    return {str(org) for org in found if org}


def _span(rows: Tables, today: date) -> tuple[date, date]:
    """From the first day of the first year of which there is a date to the last day of the last; else today's year."""
    years = {each.year for each in _dates(rows)} or {today.year}
    return date(min(years), 1, 1), date(max(years), 12, 31)


def _dates(rows: Tables) -> Iterator[date]:
    named = (
        ("academic_session", "ends_on"),
        ("enrollment", "starts_on"),
        ("enrollment", "ends_on"),
        ("assignment", "due_at"),
    )
    for entity, column in named:
        yield from (row[column] for row in rows[entity] if isinstance(row[column], date) and row[column].year >= 1000)
