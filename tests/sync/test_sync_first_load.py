"""The first rows of a merged table are appended: there is nothing yet to merge them with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
import pytest

if TYPE_CHECKING:
    from conftest import Campus

STAGED = "SELECT count(*) FROM duckdb_tables() WHERE schema_name = 'campus_staging' AND table_name = 'people'"


def staged(campus: Campus) -> bool:
    """Whether rows have gone through the staging dataset, as those of a merge do."""
    return bool(campus.column(STAGED)[0])


def test_the_first_rows_of_a_merged_table_are_appended_and_later_ones_merged(campus: Campus) -> None:
    campus.configure("people")
    campus.sync()
    assert (campus.ids("people"), staged(campus)) == (campus.true_ids("people"), False)
    campus.sync()
    assert (campus.ids("people"), staged(campus)) == (campus.true_ids("people"), True)


def test_a_table_that_was_emptied_is_appended_to_again(campus: Campus) -> None:
    campus.configure("people")
    campus.sync()
    campus.sync()
    with duckdb.connect(campus.database) as connection:
        connection.execute("DELETE FROM campus.people; DELETE FROM campus.people__roles")
        connection.execute("DROP SCHEMA campus_staging CASCADE")
    campus.sync()
    assert (campus.ids("people"), staged(campus)) == (campus.true_ids("people"), False)


@pytest.mark.parametrize(
    "hints",
    [
        {"write_disposition": {"disposition": "merge", "strategy": "scd2"}},
        {"columns": {"is_active": {"hard_delete": True}}},
        {"columns": {"id": {"dedup_sort": "desc"}}},
    ],
    ids=["scd2", "hard_delete", "dedup_sort"],
)
def test_where_merging_does_more_than_put_rows_in_it_is_done(campus: Campus, hints: dict[str, Any]) -> None:
    campus.configure({"name": "people", "endpoint": {"path": "/v1/people"}, **hints})
    campus.sync()
    assert staged(campus)


def test_rows_of_a_key_that_came_twice_are_merged(campus: Campus) -> None:
    campus.dial("drift=insert,total=absent,only=/v1/people")
    campus.configure("people", limit=20)
    line = campus.sync().resources["people"]
    assert line.rows_received > (line.rows_distinct or 0)
    assert (len({*campus.ids("people")}), staged(campus)) == (line.rows_in_table, True)


def test_rows_that_went_as_objects_are_merged(campus: Campus) -> None:
    campus.configure({"name": "people", "endpoint": {"path": "/v1/people"}, "max_table_nesting": 0})
    campus.sync()
    assert staged(campus)
