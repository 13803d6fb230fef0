"""The tables are dlt's, case by case: dlt's own source is the oracle."""

import pytest
from parity_sides import Runs
from parity_tables import compare_tables

CASES = """
offset_total offset_from_defaults page_number_from_1 page_number_from_0 page_number_maximum cursor json_link
json_link_relative header_link selector_of_many single_page auto_link auto_header
auth_api_key_query auth_api_key_header auth_bearer auth_http_basic
v1_districts courses course_sections section_enrollments sections section_assignments one_section area_people
sections_of_hidden wanted wanted_enrollments
appended appended_keyless replaced upserted inserted_only historic mirrored two_keys merged_by_school parallel
typed typed_by_list typed_by_model declared flat one_level renamed_people role_student role_teacher
nested_hints frozen
students role_rows large_courses sections_of_large
""".split()  # noqa: SIM905 - a list of sixty lines is not easier to read


@pytest.mark.parametrize("table", CASES)
def test_a_first_run_makes_the_tables_of_dlt(table: str, runs: Runs) -> None:
    """Tables, columns, types, hints, rows and links."""
    theirs, ours = runs.first
    assert theirs.rows[table] and compare_tables(theirs, ours, [table]) == []


@pytest.mark.parametrize("table", CASES)
def test_a_second_run_over_changed_rows_does_too(table: str, runs: Runs) -> None:
    """Append, replace and merge; a new column, a new type, a row that went."""
    theirs, ours = runs.second
    assert compare_tables(theirs, ours, [table]) == []


def test_no_table_is_left_out(runs: Runs) -> None:
    """Neither by the cases above nor by us."""
    theirs, ours = runs.second
    assert compare_tables(theirs, ours) == []
    assert {*theirs.hints} == set().union(*map(theirs.family, CASES), theirs.family("role_administrator"))
