"""A load makes the columns of its own tables: what was learnt of others that are not in it is learnt again later."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

import homeroom
from homeroom.values import Report, Status

sys.path.insert(0, str(Path(__file__).parent))  # the helpers beside this file; importlib mode adds no folder

from list_server import Lists

TEN = [{"id": number, "name": "x"} for number in range(10)]


@pytest.fixture
def sync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Report]:
    """Syncs people, and sections with these further hints."""
    monkeypatch.chdir(tmp_path)

    def run(server: Lists, **hints: Any) -> Report:
        resources = [{"name": "people"}, {"name": "sections", **hints}]
        endpoint = {"data_selector": "data", "paginator": {"type": "offset", "limit": 5}}
        source = {
            "client": {"base_url": server.url},
            "resource_defaults": {"primary_key": "id", "write_disposition": "merge", "endpoint": endpoint},
            "resources": [{**each, "endpoint": {"path": each["name"]}} for each in resources],
        }
        quick = {"retry": {"attempts": 1}, "repair_passes": 0}
        Path("campus.yaml").write_text(yaml.safe_dump({"source": source, "sync": quick}))
        return homeroom.sync("campus.yaml", destination="duckdb:///rows.duckdb", home=tmp_path / "home")

    return run


def found(sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect("rows.duckdb", read_only=True) as connection:
        return connection.execute(sql).fetchall()


@pytest.mark.parametrize(
    ("new", "sql"),
    [
        ({"extra": "y"}, "SELECT DISTINCT extra FROM campus.sections"),
        ({"parts": [{"part": "y"}]}, "SELECT DISTINCT part FROM campus.sections__parts"),
    ],
)
def test_a_column_that_a_failed_resource_brought_comes_with_the_next_run(
    new: dict[str, Any], sql: str, sync: Callable[..., Report]
) -> None:
    with Lists() as server:
        server.rows = {"people": TEN, "sections": TEN}
        assert sync(server).status is Status.COMPLETE
        server.rows["sections"] = [{**row, **new} for row in TEN]
        server.totals["sections"] = 15
        first = sync(server)
        assert [line.status for line in first.resources.values()] == [Status.COMPLETE, Status.INCOMPLETE]
        server.totals.clear()
        assert sync(server).status is Status.COMPLETE
    assert found(sql) == [("y",)]


def test_a_column_that_was_declared_while_there_was_no_row_comes_with_the_rows(sync: Callable[..., Report]) -> None:
    with Lists() as server:
        server.rows = {"people": TEN, "sections": TEN}
        sync(server)
        server.rows["sections"] = []
        sync(server, columns={"nick": {"data_type": "text"}})
        server.rows["sections"] = [{**row, "nick": "y"} for row in TEN]
        assert sync(server, columns={"nick": {"data_type": "text"}}).status is Status.COMPLETE
    assert found("SELECT DISTINCT nick FROM campus.sections") == [("y",)]
