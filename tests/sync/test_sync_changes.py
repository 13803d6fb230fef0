"""What a run has added to tables that were there is in the report."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

sys.path.insert(0, str(Path(__file__).parent))  # the helpers beside this file; importlib mode adds no folder

from list_server import Lists

from homeroom.report import from_json, to_json
from homeroom.report.text import render
from homeroom.values import SchemaChange

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Campus

    from homeroom.values import Report

FIRST = [{"id": 1, "code": 1, "roles": [{"role": "x"}]}, {"id": 2, "code": 2}]
LATER = [
    {"id": 1, "code": "one", "nick": "Bo", "roles": [{"role": "x", "since": 2020}]},
    {"id": 2, "code": 2, "tags": ["a"]},
]


@pytest.fixture
def lists() -> Iterator[Lists]:
    """A server of the test's own."""
    with Lists() as opened:
        yield opened


def synced(campus: Campus, lists: Lists, rows: list[dict[str, Any]]) -> Report:
    """A run over these rows, and over rooms that never change."""
    lists.rows = {"people": rows, "rooms": [{"id": 1}]}
    campus.configure(*({"name": n, "endpoint": {"path": f"{lists.url}/{n}"}} for n in ("people", "rooms")))
    return campus.sync()


def shown(report: Report) -> str:
    """The report as a terminal has it."""
    console = Console(file=io.StringIO(), width=200)
    render(report, console)
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def test_new_columns_variants_and_nested_tables_are_told(campus: Campus, lists: Lists) -> None:
    synced(campus, lists, FIRST)
    report = synced(campus, lists, LATER)
    assert set(report.changes) == {"people"}
    assert set(report.changes["people"]) == {
        SchemaChange("people", "nick", "text"),
        SchemaChange("people", "code__v_text", "text"),
        SchemaChange("people__roles", "since", "bigint"),
        SchemaChange("people__tags"),
    }
    (line,) = (line for line in shown(report).splitlines() if line.startswith("people: +"))
    assert line.startswith("people: +3 columns: ") and line.endswith("; +1 table: people__tags")
    assert {"nick text", "code__v_text text", "people__roles.since bigint"} <= {
        part.strip() for part in line.partition("columns: ")[2].partition(";")[0].split(",")
    }
    assert from_json(campus_json(report)).changes == report.changes


def campus_json(report: Report) -> str:
    """The report as the history keeps it."""
    import orjson

    return orjson.dumps(to_json(report)).decode()


def test_neither_a_first_load_nor_one_without_news_changes_anything(campus: Campus, lists: Lists) -> None:
    assert synced(campus, lists, FIRST).changes == {}
    assert synced(campus, lists, FIRST).changes == {}


def test_a_line_names_five_columns_at_most(campus: Campus, lists: Lists) -> None:
    synced(campus, lists, FIRST)
    report = synced(campus, lists, [row | {f"field_{n}": n for n in range(9)} for row in FIRST])
    assert len(report.changes["people"]) == 9
    assert "people: +9 columns: field_0 bigint, field_1 bigint" in shown(report) and " and 4 more\n" in shown(report)
