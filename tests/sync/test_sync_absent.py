"""`rows_absent`: rows that are in the table and were not in this read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
import pytest

if TYPE_CHECKING:
    from conftest import Campus


def written(name: str, way: Any, **more: Any) -> dict[str, Any]:
    return {"name": name, "write_disposition": way, "endpoint": {"path": f"/v1/{name}"}, **more}


def by(strategy: str, **more: Any) -> dict[str, Any]:
    return {"disposition": "merge", "strategy": strategy, **more}


TOLD: dict[str, tuple[Any, int | None]] = {
    "merge": ("merge", 2),
    "upsert": (by("upsert"), 2),
    "replace": ("replace", 0),
    "scd2": (by("scd2"), 0),
    "cdc": (by("cdc"), 0),
    "append": ("append", None),
    "insert-only": (by("insert-only"), None),
    "unchanged rows skipped": (by("upsert", skip_unchanged_rows=True), None),
    "scd2 by a merge_key": (by("scd2"), None),
}


@pytest.mark.parametrize(("way", "absent"), TOLD.values(), ids=list(TOLD))
def test_rows_that_a_read_did_not_bring_are_told_where_that_is_known(
    campus: Campus, way: Any, absent: int | None, request: pytest.FixtureRequest
) -> None:
    more = {"merge_key": "id", "primary_key": ""} if "merge_key" in request.node.callspec.id else {}
    campus.configure(written("people", way, **more))
    first = campus.sync().resources["people"].rows_absent
    for row_id in campus.true_ids("people")[:2]:
        campus.school.remove("people", row_id)
    campus.school.put("people", campus.school.rows("people")[0] | {"id": 1})
    line = campus.sync().resources["people"]
    assert (first, line.rows_absent) == (None if absent is None else 0, absent)
    if way == "merge":
        assert line.rows_in_table == len(campus.true_ids("people")) + 2


def test_rows_without_a_key_that_were_merged_by_merge_key_are_told(campus: Campus) -> None:
    campus.configure(written("terms", "merge", primary_key="", merge_key="id"))
    campus.sync()
    campus.school.remove("terms", campus.true_ids("terms")[0])
    assert campus.sync().resources["terms"].rows_absent == 1


def test_a_merge_without_any_key_appends_and_tells_nothing(campus: Campus) -> None:
    campus.configure(written("terms", "merge", primary_key=""))
    campus.sync()
    assert campus.sync().resources["terms"].rows_absent is None


def test_of_a_read_without_a_row_all_are_absent(campus: Campus) -> None:
    campus.configure("terms")
    campus.sync()
    for row_id in campus.true_ids("terms"):
        campus.school.remove("terms", row_id)
    line = campus.sync().resources["terms"]
    assert (line.rows_absent, line.rows_in_table) == (3, 3)


def test_a_read_that_was_not_whole_tells_nothing(campus: Campus) -> None:
    campus.configure("people", "terms")
    campus.sync()
    assert campus.sync(limit=1).resources["people"].rows_absent is None
    campus.dial("always=500,only=/v1/people")
    report = campus.sync()
    assert [report.resources[name].rows_absent for name in ("people", "terms")] == [None, 0]


def test_an_incremental_read_tells_nothing_nor_do_those_of_its_children(campus: Campus) -> None:
    since = {"type": "incremental", "cursor_path": "updated_at", "initial_value": "2000-01-01T00:00:00Z"}
    people = written("people", "merge") | {"endpoint": {"path": "/v1/people", "params": {"updated_since": since}}}
    path = "/v1/people/{resources.people.id}/enrollments"
    campus.configure(people, {"name": "enrollments", "endpoint": {"path": path}})
    campus.sync()
    report = campus.sync()
    assert [line.rows_absent for line in report.resources.values()] == [None, None]


def test_of_a_table_that_several_resources_feed_nothing_is_told(campus: Campus) -> None:
    campus.configure("terms", written("schools", "merge", table_name="terms"))
    campus.sync()
    report = campus.sync(select=["terms"])
    assert report.resources["terms"].rows_absent is None


def test_the_ledger_of_an_older_version_gets_the_column(campus: Campus) -> None:
    campus.configure("terms")
    campus.sync()
    with duckdb.connect(str(campus.database)) as connection:
        connection.execute("ALTER TABLE campus._homeroom_resources DROP COLUMN rows_absent")
    campus.school.remove("terms", campus.true_ids("terms")[0])
    campus.sync()
    assert sorted(campus.column("SELECT rows_absent FROM _homeroom_resources"), key=str) == [1, None]
