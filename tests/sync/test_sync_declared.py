"""Resources that declare their columns have a table even when no row came; others have none, as in dlt."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dlt
import pytest

sys.path.insert(0, str(Path(__file__).parent))  # the helpers beside this file; importlib mode adds no folder

from list_server import Lists

from homeroom import rest_api_source
from homeroom.values import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Campus

COLUMNS = {"email": {"data_type": "text", "nullable": False}, "age": {"data_type": "bigint"}}


@pytest.fixture
def lists() -> Iterator[Lists]:
    """A server of the test's own; all its lists are empty."""
    with Lists() as opened:
        yield opened


def resource(lists: Lists, name: str = "people", **hints: Any) -> dict[str, Any]:
    """A list that declares columns."""
    return {"name": name, "endpoint": {"path": f"{lists.url}/{name}"}, "columns": COLUMNS, **hints}


def child(lists: Lists, **hints: Any) -> dict[str, Any]:
    """The roles of each person, declared."""
    path = f"{lists.url}/{{resources.people.id}}/roles"
    return {"name": "roles", "endpoint": {"path": path}, "columns": COLUMNS, **hints}


def columns(campus: Campus, table: str) -> dict[str, str]:
    """Names and types of a table's columns, without dlt's own."""
    sql = f"SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = '{table}'"
    return {name: kind for name, kind in campus.query(sql) if not name.startswith("_dlt")}


@pytest.mark.parametrize("way", ["append", "merge", "replace", {"disposition": "merge", "strategy": "scd2"}], ids=str)
def test_a_declared_resource_without_rows_has_its_table(campus: Campus, lists: Lists, way: Any) -> None:
    campus.configure(resource(lists, primary_key="email", write_disposition=way), "terms")
    report = campus.sync()
    line = report.resources["people"]
    assert (line.status, line.rows_in_table) == (Status.COMPLETE, 0)
    assert columns(campus, "people").items() >= {"email": "VARCHAR", "age": "BIGINT"}.items()
    assert campus.sync().resources["people"].status is Status.COMPLETE


def test_rows_go_into_a_table_that_was_made_empty(campus: Campus, lists: Lists) -> None:
    campus.configure(resource(lists, primary_key="email"))
    campus.sync()
    lists.rows = {"people": [{"email": "a@b", "age": 7, "nick": "Bo"}]}
    line = campus.sync().resources["people"]
    assert (line.rows_in_table, campus.query("SELECT email, age, nick FROM people")) == (1, [("a@b", 7, "Bo")])


def test_a_resource_that_declares_nothing_has_no_table(campus: Campus, lists: Lists) -> None:
    campus.configure({"name": "people", "endpoint": {"path": f"{lists.url}/people"}}, "terms")
    campus.sync()
    assert "people" not in campus.tables()


def test_children_without_a_parent_row_have_their_table(campus: Campus, lists: Lists) -> None:
    campus.configure({"name": "people", "endpoint": {"path": f"{lists.url}/people"}}, child(lists, primary_key="email"))
    report = campus.sync()
    assert report.resources["roles"].status is Status.COMPLETE
    assert columns(campus, "roles").items() >= {"email": "VARCHAR", "age": "BIGINT"}.items()
    assert "people" not in campus.tables()


def test_a_resource_that_failed_has_no_table_and_its_child_neither(campus: Campus, lists: Lists) -> None:
    broken = {"name": "people", "endpoint": {"path": "/v1/nowhere"}, "columns": COLUMNS}
    campus.configure(broken, child(lists), "terms")
    report = campus.sync()
    statuses = [report.resources[name].status for name in ("people", "roles", "terms")]
    assert statuses == [Status.FAILED, Status.SKIPPED, Status.COMPLETE]
    assert {"people", "roles"} & campus.tables() == set()


@pytest.mark.parametrize("way", ["append", "merge", "replace"])
def test_in_a_plain_run_the_table_is_made_but_for_replace(tmp_path: Path, lists: Lists, way: str) -> None:
    destination = dlt.destinations.duckdb(str(tmp_path / "rows.duckdb"))
    pipeline = dlt.pipeline("plain", destination=destination, dataset_name="d", pipelines_dir=str(tmp_path))
    each = resource(lists, write_disposition=way, primary_key="email")
    each["endpoint"] |= {"data_selector": "data", "paginator": "single_page"}
    for _ in range(2):
        pipeline.run(rest_api_source({"client": {"base_url": lists.url}, "resources": [each]}))
    with pipeline.sql_client() as client:
        found = client.execute_sql("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'd'")
    made = {name for (name,) in found or () if not name.startswith("_dlt")}
    assert made == (set() if way == "replace" else {"people"})


def test_without_the_type_of_its_key_no_table_is_made(campus: Campus, lists: Lists) -> None:
    campus.configure(resource(lists, primary_key="id"), "terms")
    assert campus.sync().status is Status.COMPLETE
    assert "people" not in campus.tables()
