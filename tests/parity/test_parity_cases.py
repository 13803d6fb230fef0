"""The tables are dlt's, case by case: dlt's own source is the oracle."""

import pytest
from parity_school_cases import SCHOOL_CASES
from parity_sides import Runs
from parity_tables import compare_tables

CASES = tuple(SCHOOL_CASES)


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
