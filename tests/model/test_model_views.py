"""The dataset `edu`: views over every platform of a database."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from mapped import mapped, remade

ADA = {"id": 1, "name": "Ada", "role": "student", "is_active": True}
BOB = {"id": 1, "name": "Bob", "role": "teacher", "is_active": True}


def run(database: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(database)) as connection:
        return connection.execute(sql).fetchall()


def test_two_sources_are_told_apart_where_their_ids_are_the_same(tmp_path: Path) -> None:
    mapped("sample_school", {"people": [ADA]}, tmp_path, source="east")
    found = mapped("sample_school", {"people": [BOB]}, tmp_path, source="west")
    assert found.rows("SELECT source, id, display_name FROM edu.person ORDER BY source") == [
        ("east", "1", "Ada"),
        ("west", "1", "Bob"),
    ]


def test_a_source_that_is_synced_again_takes_its_own_place(tmp_path: Path) -> None:
    mapped("sample_school", {"people": [ADA]}, tmp_path)
    found = mapped("sample_school", {"people": [{**ADA, "id": 2}]}, tmp_path)
    assert found.rows("SELECT id FROM edu.person ORDER BY id") == [("1",), ("2",)]


def test_a_column_that_is_missing_is_null_of_its_type_and_comes_with_the_next_sync(tmp_path: Path) -> None:
    found = mapped("sample_school", {"people": [ADA]}, tmp_path)
    assert found.rows("SELECT email, typeof(email), typeof(source_modified_at) FROM edu.person") == [
        (None, "VARCHAR", "TIMESTAMP WITH TIME ZONE")
    ]
    found = mapped("sample_school", {"people": [{**ADA, "id": 2, "email": "a@example.org"}]}, tmp_path)
    assert found.rows("SELECT id, email FROM edu.person ORDER BY id") == [("1", None), ("2", "a@example.org")]


def test_an_entity_without_a_mapping_is_an_empty_view(tmp_path: Path) -> None:
    found = mapped("sample_school", {"people": [ADA]}, tmp_path)
    assert found.rows("SELECT * FROM edu.attendance") == []


def test_a_source_whose_tables_are_gone_is_left_out_and_said(tmp_path: Path) -> None:
    east = mapped("sample_school", {"people": [ADA]}, tmp_path, source="east")
    run(east.database, "DROP SCHEMA east_raw CASCADE")
    found = mapped("sample_school", {"people": [BOB]}, tmp_path, source="west")
    assert found.rows("SELECT source FROM edu.person") == [("west",)]
    assert found.report.note == "east is left out: its tables are gone or are of an older model; sync it again"


def test_rows_are_written_down_where_that_is_asked_for_and_no_more_where_not(tmp_path: Path) -> None:
    tables = "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'edu' AND table_name LIKE '%person_of%'"
    found = mapped("sample_school", {"people": [ADA]}, tmp_path, materialise=True)
    assert found.rows(tables) == [("_person_of_sample_school",)]
    assert found.rows("SELECT display_name FROM edu.person") == [("Ada",)]
    found = remade(found)
    assert found.rows(tables) == []
    assert found.rows("SELECT display_name FROM edu.person") == [("Ada",)]


def test_demographics_are_made_on_demand_and_go_with_it(tmp_path: Path) -> None:
    born = {**ADA, "birth_date": "2011-12-10"}
    found = mapped("sample_school", {"people": [born]}, tmp_path, demographics=True, materialise=True)
    assert found.rows("SELECT CAST(birth_date AS TEXT) FROM edu.person_demographics") == [("2011-12-10",)]
    found = remade(found)
    names = "SELECT table_name FROM information_schema.tables WHERE table_name LIKE '%demographics%'"
    assert found.rows(names) == []


def test_checks_are_kept_of_the_last_run_of_each_source(tmp_path: Path) -> None:
    mapped("sample_school", {"people": [ADA, ADA]}, tmp_path, source="east")
    found = mapped("sample_school", {"people": [BOB]}, tmp_path, source="west")
    told = "SELECT source, run_id, entity, kind, column_name, severity, violations FROM edu._checks"
    assert found.rows(f"{told} WHERE violations > 0") == [("east", "r1", "person", "unique", "id", "error", 1)]
    assert found.rows("SELECT DISTINCT source FROM edu._checks ORDER BY 1") == [("east",), ("west",)]
    remade(found)
    assert found.rows("SELECT count(*) FROM edu._checks WHERE source = 'west'") == [(len(found.report.checks),)]


def test_a_table_of_the_users_in_the_place_of_a_view_is_left_and_said(tmp_path: Path) -> None:
    database = tmp_path / "campus.duckdb"
    run(database, "CREATE SCHEMA edu; CREATE TABLE edu.person AS SELECT 1 AS mine")
    found = mapped("sample_school", {"people": [ADA]}, tmp_path)
    assert "could not make the views of edu" in found.report.error
    assert run(database, "SELECT mine FROM edu.person") == [(1,)]


def test_values_of_another_type_that_came_later_are_not_lost(tmp_path: Path) -> None:
    task = {"id": 4, "section_id": 1, "name": "Quiz", "points_possible": 10}
    mapped("sample_school", {"assignments": [task]}, tmp_path)
    found = mapped("sample_school", {"assignments": [{**task, "id": 5, "points_possible": 2.5}]}, tmp_path)
    columns = "SELECT column_name FROM duckdb_columns() WHERE column_name LIKE 'points_possible%' ORDER BY 1"
    assert found.rows(columns) == [("points_possible",), ("points_possible__v_double",)]
    assert found.rows("SELECT id, CAST(max_points AS TEXT) FROM edu.assignment ORDER BY id") == [
        ("4", "10.0000"),
        ("5", "2.5000"),
    ]


def test_of_a_history_the_active_rows_are_in_the_model(tmp_path: Path) -> None:
    ends = {1: None, 2: "2026-01-01T00:00:00Z", 3: "9999-12-31T00:00:00Z"}
    versions = [{**ADA, "id": number, "_dlt_valid_to": end} for number, end in ends.items()]
    found = mapped("sample_school", {"people": versions}, tmp_path)
    assert found.rows("SELECT id FROM edu.person ORDER BY id") == [("1",), ("3",)]


def test_a_trial_in_another_dataset_does_not_take_the_place_of_the_real_rows(tmp_path: Path) -> None:
    mapped("sample_school", {"people": [ADA]}, tmp_path, source="east")
    found = mapped("sample_school", {"people": [BOB]}, tmp_path, source="east", dataset="trial")
    assert found.report.error == (
        "east in edu is of the dataset east_raw, and was left as it was: this run loaded into trial; give one of the "
        "two configs another name, or delete the rows of east in edu._sources if the dataset has moved [name-taken]"
    )
    assert found.rows("SELECT display_name FROM edu.person") == [("Ada",)]


@pytest.mark.parametrize("gone", ["DROP SCHEMA east_raw CASCADE", "DELETE FROM edu._sources WHERE source = 'east'"])
def test_a_dataset_that_has_moved_is_taken_from_its_new_place(gone: str, tmp_path: Path) -> None:
    run(mapped("sample_school", {"people": [ADA]}, tmp_path, source="east").database, gone)
    found = mapped("sample_school", {"people": [BOB]}, tmp_path, source="east", dataset="moved")
    assert (found.report.error, found.report.note) == ("", "")
    assert found.rows("SELECT display_name FROM edu.person") == [("Bob",)]
