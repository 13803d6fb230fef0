"""A row that comes twice, by a list that drifts while it is read, is upserted once: the last one, and what is in it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # the helpers beside this file; importlib mode adds no folder

from deleting import over_lists
from list_server import Lists

if TYPE_CHECKING:
    from conftest import Campus


class Cursored(Lists):
    """Gives these pages, one after the other."""

    pages: list[list[dict[str, Any]]]

    def answer(self, name: str, asked: dict[str, str]) -> dict[str, Any]:
        number = int(asked.get("cursor", 0))
        more = {"next": str(number + 1)} if number + 1 < len(self.pages) else {}
        return {"data": self.pages[number], **more}


@pytest.fixture
def lists() -> Iterator[Cursored]:
    with Cursored() as opened:
        yield opened


def row(number: int, name: Any, *marks: int) -> dict[str, Any]:
    return {"id": number, "name": name, "marks": [{"n": mark} for mark in marks]}


def test_a_row_that_comes_twice_is_upserted_once_with_its_last_nested_rows(campus: Campus, lists: Cursored) -> None:
    paginator = {"type": "cursor", "cursor_path": "next", "cursor_param": "cursor"}
    upsert = {"disposition": "merge", "strategy": "upsert"}
    resource = {"name": "people", "write_disposition": upsert, "endpoint": {"path": "/people", "paginator": paginator}}
    over_lists(campus, lists, resource, sync={"retry": {"attempts": 1}})
    lists.pages = [
        [row(1, "old", 1, 2, 3), row(2, "old", 4, 5), row(3, "old", 6, 7)],
        [row(1, "newer", 8, 9), row(5, "only", 10), row(1, "new", 11)],
        [row(2, True, 12), row(4, "old", 13, 14)],  # a flag under a name does not fit the columns
        [row(4, "new"), row(6, "only")],
    ]
    for _ in range(2):
        line = campus.sync().resources["people"]
        assert (line.rows_received, line.rows_distinct) == (10, 6)
        assert line.pages_columnar and line.pages_object
        named = [(1, "new"), (2, "True"), (3, "old"), (4, "new"), (5, "only"), (6, "only")]
        assert campus.query("SELECT id, name FROM people ORDER BY ALL") == named
        assert campus.column("SELECT n FROM people__marks ORDER BY n") == [6, 7, 10, 11, 12]
