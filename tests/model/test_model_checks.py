"""Each kind of check counts what it is about, and nothing else is broken then."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from mapped import mapped, remade

Rows = Mapping[str, Sequence[Mapping[str, Any]]]

SCHOOL: dict[str, list[dict[str, Any]]] = {
    "districts": [{"id": 1, "name": "Lindgrove"}],
    "schools": [{"id": 101, "district_id": 1, "name": "Primary", "kind": "primary"}],
    "terms": [{"id": 11, "name": "Year", "kind": "school_year", "starts_on": "2025-08-25", "ends_on": "2026-06-19"}],
    "courses": [{"id": 1001, "school_id": 101, "name": "Music", "is_open": True}],
    "sections": [{"id": 20001, "course_id": 1001, "term_id": 11, "school_id": 101, "name": "Music 1"}],
    "people": [{"id": 7, "name": "Ada", "role": "student", "is_active": True}],
    "enrollments": [{"id": 5, "section_id": 20001, "person_id": 7, "role": "student", "status": "active"}],
}


def broken(rows: Rows, folder: Path) -> list[tuple[str, str, str, int]]:
    found = mapped("sample_school", rows, folder).broken
    return [(each.entity, each.column, each.kind, each.violations) for each in found]


def with_row(table: str, **changed: Any) -> Rows:
    """The school, the one row of a table changed."""
    return {**SCHOOL, table: [{**SCHOOL[table][0], **changed}]}


def test_a_school_that_is_whole_breaks_nothing(tmp_path: Path) -> None:
    assert broken(SCHOOL, tmp_path) == []


def test_an_id_that_comes_twice_is_one_violation(tmp_path: Path) -> None:
    assert broken({**SCHOOL, "people": SCHOOL["people"] * 2}, tmp_path) == [("person", "id", "unique", 1)]


def test_a_null_where_none_may_be_is_a_violation(tmp_path: Path) -> None:
    assert broken(with_row("schools", name=None), tmp_path) == [("org", "name", "required", 1)]


def test_an_id_that_no_row_has_is_a_violation(tmp_path: Path) -> None:
    assert broken(with_row("enrollments", person_id=8), tmp_path) == [("enrollment", "person_id", "reference", 1)]


def test_each_id_of_a_list_must_be_a_rows(tmp_path: Path) -> None:
    assert broken(with_row("sections", term_id=12), tmp_path) == [("section", "session_ids", "reference", 1)]


def test_a_value_that_is_not_of_its_type_is_null_and_a_violation(tmp_path: Path) -> None:
    rows = with_row("terms", starts_on="next Monday")
    assert broken(rows, tmp_path) == [("academic_session", "starts_on", "type", 1)]


def test_rows_without_a_row_in_the_model_are_a_warning(tmp_path: Path) -> None:
    people = [{**SCHOOL["people"][0], "roles": [{"org_id": 1, "role": "student"}]}]
    found = mapped("sample_school", {**SCHOOL, "people": people, "enrollments": []}, tmp_path)
    assert found.broken == []
    with duckdb.connect(str(found.database)) as connection:
        connection.execute("DELETE FROM sample_school_raw.people")
    told = [(each.entity, each.kind, each.severity, each.violations) for each in remade(found).broken]
    assert told == [("person_role", "rows", "warning", 1)]


@pytest.mark.parametrize("table", ["people", "enrollments"])
def test_a_table_that_is_missing_has_no_rows_and_ids_of_it_resolve_to_none(table: str, tmp_path: Path) -> None:
    rows = {name: each for name, each in SCHOOL.items() if name != table}
    found = mapped("sample_school", rows, tmp_path)
    assert found.rows(f"SELECT count(*) FROM edu.{'person' if table == 'people' else 'enrollment'}") == [(0,)]
    told = [(each.entity, each.kind) for each in found.broken]
    assert told == ([("enrollment", "reference")] if table == "people" else [])


def test_a_deleted_row_may_refer_to_what_is_gone(tmp_path: Path) -> None:
    rows = with_row("enrollments", person_id=8, _deleted_at="2026-11-01T00:00:00Z")
    assert broken(rows, tmp_path) == []


def test_a_filter_that_leaves_nothing_is_no_violation(tmp_path: Path) -> None:
    assignments = [{"id": 4, "section_id": 20001, "name": "Quiz", "points_possible": 10}]
    submissions = [{"id": 3, "assignment_id": 4, "person_id": 7, "attempt": 1, "status": "submitted"}]
    rows = {**SCHOOL, "assignments": assignments, "submissions": submissions}
    found = mapped("sample_school", rows, tmp_path)
    assert found.report.rows["grade"] == 0
    assert found.broken == []
