"""Rows of the model by hand, and the bundle that is made of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from homeroom.oneroster_export import Bundle, Note, bundle_of, problems_of, write_bundle
from homeroom.oneroster_export.bundle import READS

TODAY = date(2026, 11, 23)
TERM = (date(2026, 8, 17), date(2026, 12, 18))


def rows(entity: str, *given: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows of an entity with all columns that an export reads; what is not given is null."""
    empty: dict[str, Any] = dict.fromkeys(READS[entity])
    return [{**empty, "state": "active", **each} for each in given]


def school(**more: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """A school of one class with one teacher, one student and one piece of work; entities of `more` instead."""
    first, last = TERM
    return {
        "org": rows("org", {"id": "o1", "name": "North", "kind": "school", "code": "N1"}),
        "academic_session": rows(
            "academic_session", {"id": "t1", "title": "Autumn", "kind": "term", "starts_on": first, "ends_on": last}
        ),
        "course": rows("course", {"id": "c1", "title": "Algebra", "org_id": "o1", "grades": ["09", "10"]}),
        "section": rows(
            "section",
            {"id": "s1", "title": "Algebra A", "course_id": "c1", "org_id": "o1", "session_ids": ["t1"]},
        ),
        "person": rows(
            "person",
            {"id": "p1", "given_name": "Ada", "family_name": "Byron", "username": "ada", "primary_role": "teacher"},
            {"id": "p2", "given_name": "Lin", "family_name": "Wu", "username": "lin", "primary_role": "student"},
        ),
        "person_role": rows(
            "person_role",
            {"id": "r1", "person_id": "p1", "role": "teacher", "org_id": "o1", "is_primary": True},
            {"id": "r2", "person_id": "p2", "role": "student", "org_id": "o1", "is_primary": True},
        ),
        "enrollment": rows(
            "enrollment",
            {"id": "e1", "person_id": "p1", "section_id": "s1", "role": "teacher", "is_primary": True},
            {"id": "e2", "person_id": "p2", "section_id": "s1", "role": "student", "starts_on": first, "ends_on": last},
        ),
        "assignment_category": rows("assignment_category", {"id": "k1", "title": "Tests", "weight": 40.0}),
        "assignment": rows(
            "assignment",
            {
                "id": "a1",
                "title": "Test 1",
                "section_id": "s1",
                "category_id": "k1",
                "opens_at": date(2026, 9, 1),
                "due_at": date(2026, 9, 8),
                "max_points": 10,
            },
        ),
        "submission": rows(
            "submission",
            {
                "id": "m1",
                "assignment_id": "a1",
                "person_id": "p2",
                "attempt": 1,
                "status": "graded",
                "graded_at": date(2026, 9, 9),
                "score": 8.5,
                "is_late": False,
            },
        ),
        **more,
    }


def bundle(tables: Mapping[str, list[dict[str, Any]]]) -> Bundle:
    """The bundle of these rows."""
    return bundle_of(tables, "north", TODAY)


def written(tables: Mapping[str, list[dict[str, Any]]], folder: Path) -> Bundle:
    """The same, written into a folder, where it breaks no rule."""
    made = bundle(tables)
    folder.mkdir(exist_ok=True)
    write_bundle(made, folder)
    assert problems_of(folder) == []
    return made


def told(made: Bundle, kind: str, file: str) -> dict[str, int]:
    """The notes of a kind about a file: how many rows each is of."""
    return {note.what: note.rows for note in notes(made, kind, file)}


def notes(made: Bundle, kind: str, file: str) -> list[Note]:
    """The notes of a kind about a file."""
    return [note for note in made.notes if (note.kind, note.file) == (kind, file)]
