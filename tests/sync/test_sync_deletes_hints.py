"""dlt's own way to delete, the column hint `hard_delete`, beside ours."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dlt
import pytest
import yaml
from dlt.sources.rest_api import rest_api_source as of_dlt

sys.path.insert(0, str(Path(__file__).parent))  # the helpers beside this file; importlib mode adds no folder

from deleting import deleting, listed, over_lists, rows
from list_server import Lists

if TYPE_CHECKING:
    from conftest import Campus


@pytest.fixture
def lists() -> Iterator[Lists]:
    with Lists() as opened:
        yield opened


@pytest.mark.parametrize("way", ["keep", "soft", "hard"])
def test_the_hint_deletes_as_in_dlt_and_absence_beside_it(campus: Campus, lists: Lists, way: str) -> None:
    hint = {"gone": {"data_type": "bool", "hard_delete": True}}
    over_lists(campus, lists, listed("people", columns=hint), sync=deleting(way))
    source: Any = yaml.safe_load(campus.config.read_text())["source"]
    oracle = dlt.pipeline(
        "oracle", pipelines_dir=str(campus.folder), destination=dlt.destinations.duckdb(str(campus.folder / "o.duckdb"))
    )
    steps = [
        [*rows(0, 4, gone=False), {"id": 4, "gone": True, "tags": ["a"]}],
        [*rows(1, 3, gone=True), *rows(3, 5, gone=False)],  # and 0 is not told any more
    ]
    for step in steps:
        lists.rows["people"] = step
        report = campus.sync()
        oracle.run(of_dlt(source))
    with oracle.sql_client() as client:
        expected = [row[0] for row in client.execute_sql("SELECT id FROM people ORDER BY id") or []]
    assert expected == [0, 3, 4]
    assert campus.ids("people") == (expected if way != "hard" else [3, 4])
    assert report.resources["people"].rows_deleted == (None if way == "keep" else 1)
