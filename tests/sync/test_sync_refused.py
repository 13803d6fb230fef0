"""Rows that the destination refuses: their pages are kept for one more try, and then set aside."""

from __future__ import annotations

import sqlite3
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from homeroom.cli.console import code_of
from homeroom.errors import LoadError
from homeroom.reasons import hint_beside_rows

if TYPE_CHECKING:
    from conftest import Campus


def alter(campus: Campus, kind: str) -> None:
    """Make the column `name` one of this kind, behind dlt's back."""
    with duckdb.connect(str(campus.database)) as connection:
        connection.execute(f"UPDATE campus.people SET name = NULL; ALTER TABLE campus.people ALTER name TYPE {kind}")


@pytest.fixture
def narrowed(campus: Campus) -> Campus:
    """A campus whose next load cannot succeed."""
    campus.configure("people", limit=10)
    campus.sync()
    alter(campus, "INTEGER")
    return campus


def refused(campus: Campus) -> tuple[LoadError, int]:
    """The error of a sync that must not succeed, and how many requests it sent."""
    campus.school.clear_log()
    with pytest.raises(LoadError) as caught:
        campus.sync()
    return caught.value, len(campus.school.requests)


def journals(campus: Campus) -> list[str]:
    return sorted(file.name.partition(".")[2] for file in (campus.home / "journals").glob("*.sqlite"))


def test_after_a_first_refusal_the_pages_are_kept_for_another_try(narrowed: Campus) -> None:
    error, asked = refused(narrowed)
    assert error.in_rows and journals(narrowed) == ["sqlite"] and asked >= 6
    alter(narrowed, "VARCHAR")
    narrowed.school.clear_log()
    assert narrowed.sync().status == "complete"
    assert len(narrowed.school.requests) <= 2  # the last page, and an empty one behind a full one
    assert narrowed.ids("people") == narrowed.true_ids("people")


def test_a_refusal_is_not_told_as_something_to_run_again(narrowed: Campus) -> None:
    error, _ = refused(narrowed)
    assert (error.kept, code_of(error)) == (0, 1)


def test_rows_that_are_refused_twice_are_set_aside_and_the_next_run_reads_afresh(narrowed: Campus) -> None:
    refused(narrowed)
    error, asked = refused(narrowed)
    assert asked <= 2 and journals(narrowed) == ["aside.sqlite"]
    (aside,) = (narrowed.home / "journals").glob("*.aside.sqlite")
    assert str(error).endswith(
        f"; they were refused before, so their pages lie in {aside} now, and the next run reads afresh"
    )
    _, asked = refused(narrowed)
    assert asked >= 6 and journals(narrowed) == ["aside.sqlite", "sqlite"]


def test_a_refusal_that_was_mended_is_forgotten(narrowed: Campus) -> None:
    refused(narrowed)
    alter(narrowed, "VARCHAR")
    narrowed.sync()
    alter(narrowed, "INTEGER")
    error, _ = refused(narrowed)
    assert "refused before" not in str(error) and journals(narrowed) == ["sqlite"]


def chained(*errors: Exception) -> Exception:
    """Errors, each raised from the next."""
    for error, cause in pairwise(errors):
        error.__cause__ = cause
    return errors[0]


BESIDE: list[tuple[Exception, str]] = [
    (duckdb.IOException("IO Error: Could not set lock on file"), "wait for who has it open, or end that"),
    (duckdb.TransactionException("Failed to commit: No space left on device"), "make room there"),
    (duckdb.InvalidInputException('Cannot execute on database "b" in read-only mode'), "make it writable"),
    (duckdb.FatalException("database has been invalidated"), ""),
    (OSError(28, "No space left on device"), "make room there"),
    (sqlite3.OperationalError("database or disk is full"), "make room there"),
    (sqlite3.OperationalError("attempt to write a readonly database"), "make it writable"),
    (sqlite3.OperationalError("database is locked"), "wait for who has it open, or end that"),
    (chained(ValueError("load failed"), ConnectionResetError("reset")), ""),
]
OF_ROWS: list[Exception] = [
    duckdb.ConversionException("Could not convert string 'disk full' to INT32"),
    sqlite3.OperationalError("table people has no column named nick"),
    duckdb.ConstraintException("NOT NULL constraint failed"),
    duckdb.TransactionException('Failed to commit: duplicate key "is locked"'),
    ZeroDivisionError("division by zero"),
]


@pytest.mark.parametrize(("error", "hint"), BESIDE, ids=lambda given: type(given).__name__)
def test_a_reason_around_the_rows_has_a_hint_of_its_own(error: Exception, hint: str) -> None:
    assert hint_beside_rows(error) == hint


@pytest.mark.parametrize("error", OF_ROWS, ids=lambda given: type(given).__name__)
def test_any_other_reason_may_be_in_the_rows(error: Any) -> None:
    assert hint_beside_rows(error) is None
