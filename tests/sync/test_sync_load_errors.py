"""A destination that refuses: one clear line, no row's content in it, and the next run works."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from homeroom.errors import ContractError, LoadError

if TYPE_CHECKING:
    from conftest import Campus

HOLDER = "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print('held', flush=True); input()"


@contextmanager
def held_by_another(campus: Campus) -> Iterator[None]:
    """The database is open for writing in another process."""
    command = [sys.executable, "-c", HOLDER, str(campus.database)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout and holder.stdout.readline() == "held\n"
        yield
        holder.communicate("\n")


def alter(campus: Campus, sql: str) -> None:
    with duckdb.connect(str(campus.database)) as connection:
        connection.execute(sql)


def refused(campus: Campus, **options: Any) -> str:
    """The message of a sync that must not succeed."""
    with pytest.raises(LoadError) as caught:
        campus.sync(**options)
    return str(caught.value)


def test_a_locked_database_is_told_in_one_line(campus: Campus) -> None:
    campus.configure("terms")
    with held_by_another(campus):
        message = refused(campus)
    assert message.startswith(
        f'could not reach the destination: IO Error: Could not set lock on file "{campus.database}"'
    )
    assert "\n" not in message
    assert campus.school.requests == []


def test_a_database_that_was_locked_is_synced_by_the_next_run(campus: Campus) -> None:
    campus.configure("terms")
    with held_by_another(campus):
        refused(campus)
    campus.sync()
    assert campus.ids("terms") == campus.true_ids("terms")


def test_a_folder_that_is_not_there_is_told_in_one_line(campus: Campus) -> None:
    campus.configure("terms")
    message = refused(campus, destination="duckdb:////nowhere/at/all/rows.duckdb", dataset="campus")
    assert message.startswith(
        'could not reach the destination: IO Error: Cannot open file "/nowhere/at/all/rows.duckdb"'
    )


@pytest.fixture
def narrowed(campus: Campus) -> Campus:
    """A campus whose column `name` was made a number behind dlt's back."""
    campus.configure("people", "terms")
    campus.sync()
    alter(campus, "UPDATE campus.people SET name = NULL; ALTER TABLE campus.people ALTER name TYPE INTEGER")
    return campus


def test_a_value_that_a_column_cannot_take_is_not_quoted(narrowed: Campus, capfd: pytest.CaptureFixture[str]) -> None:
    message = refused(narrowed)
    assert message == (
        "could not load: Conversion Error: Could not convert string … to INT32 when casting from source column name; "
        "change the table or the config so that they fit, then sync again; --no-resume reads afresh"
    )
    assert capfd.readouterr() == ("", "")


def test_after_a_failed_load_the_next_run_reads_afresh(narrowed: Campus) -> None:
    refused(narrowed)
    assert narrowed.pending() == []
    alter(narrowed, "ALTER TABLE campus.people ALTER name TYPE VARCHAR")
    narrowed.sync()
    names = sorted(row["name"] for row in narrowed.school.rows("people"))
    assert sorted(narrowed.column("SELECT name FROM people")) == names


def test_a_failed_load_has_no_row_in_the_ledger(narrowed: Campus) -> None:
    refused(narrowed)
    assert narrowed.query("SELECT count(*) FROM _homeroom_runs") == [(1,)]


def test_a_failed_load_takes_appended_rows_out_again(campus: Campus) -> None:
    sections = {"name": "sections", "write_disposition": "append", "endpoint": {"path": "/v1/sections"}}
    campus.configure(sections, "people")
    campus.sync()
    alter(campus, "UPDATE campus.people SET name = NULL; ALTER TABLE campus.people ALTER name TYPE INTEGER")
    refused(campus)
    assert campus.ids("sections") == campus.true_ids("sections")


def test_a_failed_load_leaves_a_replaced_table_as_it_was(campus: Campus) -> None:
    courses = {"name": "courses", "write_disposition": "replace", "endpoint": {"path": "/v1/courses"}}
    campus.configure(courses, "people")
    campus.sync()
    alter(campus, "ALTER TABLE campus.courses DROP COLUMN code; ALTER TABLE campus.courses ADD COLUMN code INTEGER")
    refused(campus)
    assert campus.ids("courses") == campus.true_ids("courses")


def test_a_frozen_schema_names_the_column_and_no_row(campus: Campus) -> None:
    campus.configure("people")
    campus.sync()
    frozen = {"name": "people", "schema_contract": {"columns": "freeze"}, "endpoint": {"path": "/v1/people"}}
    campus.configure(frozen)
    campus.school.put("people", campus.school.rows("people")[0] | {"nickname": "Bunny"})
    with pytest.raises(ContractError) as caught:
        campus.sync()
    message = str(caught.value)
    assert "column nickname of table people is new, and its columns are frozen" in message
    assert "Bunny" not in message and "100001" not in message


def test_an_error_after_the_load_says_that_the_rows_have_landed(
    campus: Campus, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise LoadError("could not write the ledger: no room")

    campus.configure("terms")
    monkeypatch.setattr("homeroom.load.write_ledger", fail)
    with pytest.raises(LoadError, match=r"no room$") as caught:
        campus.sync()
    assert (caught.value.landed, caught.value.kept) == (True, 0)
    assert campus.ids("terms") == campus.true_ids("terms")
