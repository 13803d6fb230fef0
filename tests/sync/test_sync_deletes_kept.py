"""Rows that look like deleted ones and are not: they stay, and the report says why."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # the helpers beside this file; importlib mode adds no folder

from deleting import deleting, listed, over_lists, rows
from list_server import Lists

import homeroom
from homeroom.errors import ConfigError
from homeroom.values import Status

if TYPE_CHECKING:
    from conftest import Campus


@pytest.fixture
def lists() -> Iterator[Lists]:
    with Lists() as opened:
        yield opened


@pytest.mark.parametrize("select", [(), ("people",)], ids=["both read", "one selected"])
def test_rows_of_another_resource_in_the_same_table_are_kept(
    campus: Campus, lists: Lists, select: tuple[str, ...]
) -> None:
    lists.rows = {"people": rows(0, 3), "guests": rows(50, 53)}
    over_lists(campus, lists, listed("people"), listed("guests", table_name="people"), sync=deleting("hard"))
    campus.sync()
    lists.rows["people"] = rows(1, 3)
    line = campus.sync(select=select).resources["people"]
    assert (line.status, line.rows_absent, line.rows_deleted) == (Status.COMPLETE, None, 0)
    assert "other resources feed the table people too" in line.note
    assert campus.ids("people") == [0, 1, 2, 50, 51, 52]


def test_what_says_itself_that_it_is_deleted_goes_from_a_shared_table_too(campus: Campus, lists: Lists) -> None:
    lists.rows = {"people": [*rows(0, 2), {"id": 2, "status": "gone"}], "guests": rows(50, 53)}
    sync = deleting("hard", deleted_when="status == gone")
    over_lists(campus, lists, listed("people"), listed("guests", table_name="people"), sync=sync)
    assert campus.sync().resources["people"].rows_deleted == 1
    assert campus.ids("people") == [0, 1, 50, 51, 52]


def test_a_strategy_that_an_earlier_config_has_left_in_the_table_deletes_nothing(campus: Campus, lists: Lists) -> None:
    lists.rows["people"] = rows(0, 3)
    first = {"disposition": "merge", "strategy": "insert-only"}
    over_lists(campus, lists, listed("people", write_disposition=first), sync=deleting("keep"))
    campus.sync()
    over_lists(campus, lists, listed("people"), sync=deleting("hard"))
    line = campus.sync().resources["people"]
    assert (line.rows_absent, line.rows_deleted, campus.ids("people")) == (None, 0, [0, 1, 2])
    assert "the table people does not tell which rows came" in line.note


def test_rows_that_came_and_that_a_contract_kept_out_are_not_absent(campus: Campus, lists: Lists) -> None:
    contract = {"tables": "evolve", "columns": "evolve", "data_type": "discard_row"}
    lists.rows["people"] = rows(0, 5, age=7)
    over_lists(campus, lists, listed("people", schema_contract=contract), sync=deleting("hard"))
    campus.sync()
    lists.rows["people"] = [*rows(1, 4, age=7), {"id": 4, "age": "unknown"}]
    line = campus.sync().resources["people"]
    assert (line.rows_absent, line.rows_deleted, campus.ids("people")) == (1, 1, [1, 2, 3, 4])
    lists.rows["people"] = rows(1, 5, age=7)
    assert campus.sync().resources["people"].rows_deleted == 0
    assert campus.ids("people") == [1, 2, 3, 4]


def test_marks_that_begin_later_are_guarded_by_the_rows_that_were_there(campus: Campus, lists: Lists) -> None:
    lists.rows["people"] = rows(0, 100)
    over_lists(campus, lists, listed("people"), sync=deleting("keep"))
    campus.sync()
    lists.rows["people"] = rows(50, 100)
    over_lists(campus, lists, listed("people"), sync=deleting("soft"))
    line = campus.sync().resources["people"]
    assert (line.status, line.rows_deleted) == (Status.DELETES_REFUSED, 0)
    assert "50 of the 100 rows" in line.note


def test_a_first_read_without_a_row_has_nothing_to_delete(campus: Campus, lists: Lists) -> None:
    over_lists(campus, lists, listed("people"), sync=deleting("soft", deleted_when="status == gone"))
    line = campus.sync().resources["people"]
    assert (line.status, line.rows_deleted, line.note) == (Status.COMPLETE, 0, "")


OWN = """
import dlt

def parents():
    @dlt.resource(name="courses", write_disposition="append")
    def courses(since=dlt.sources.incremental("id", initial_value=0)):
        yield [{{"id": number}} for number in {numbers}]
    return courses

def config():
    return {{
        "name": "campus",
        "source": {{
            "client": {{"base_url": "{url}"}},
            "resource_defaults": {{"primary_key": "id", "write_disposition": "merge"}},
            "resources": [
                parents(),
                {{"name": "people", "endpoint": {{
                    "path": "/people-{{resources.courses.id}}", "data_selector": "data",
                    "paginator": {{"type": "offset", "limit": 100}}}}}},
            ],
        }},
        "sync": {{"resources": {{"{deletes}": {{"deletes": "hard"}}}}}},
    }}
"""


def own(campus: Campus, lists: Lists, name: str, monkeypatch: pytest.MonkeyPatch, **more: Any) -> dict[str, Any]:
    """How to sync a config in Python whose parents are a `DltResource`."""
    (campus.folder / f"{name}.py").write_text(OWN.format(url=lists.url, **more))
    monkeypatch.syspath_prepend(str(campus.folder))
    return {"config": f"{name}:config", "destination": campus.url, "home": campus.home}


def test_children_of_parents_that_a_resource_of_the_users_left_out_are_kept(
    campus: Campus, lists: Lists, monkeypatch: pytest.MonkeyPatch
) -> None:
    lists.rows = {"people-1": rows(0, 3), "people-2": rows(5, 8)}
    homeroom.sync(**own(campus, lists, "both_courses", monkeypatch, numbers=[1, 2], deletes="people"))
    report = homeroom.sync(**own(campus, lists, "one_course", monkeypatch, numbers=[1, 3], deletes="people"))
    assert (report.resources["people"].rows_absent, report.resources["people"].rows_deleted) == (None, 0)
    assert campus.ids("people") == [0, 1, 2, 5, 6, 7]


CHOOSING = """
import dlt

GUESTS = {guests}

@dlt.resource(name="guests", table_name=lambda row: row["table"], primary_key="id", write_disposition="merge")
def guests():
    yield GUESTS

def config():
    return {{
        "name": "campus",
        "source": {{
            "client": {{"base_url": "{url}"}},
            "resources": [
                guests,
                {{"name": "people", "primary_key": "id", "write_disposition": "merge", "endpoint": {{
                    "path": "/people", "data_selector": "data", "paginator": {{"type": "offset", "limit": 100}}}}}},
            ],
        }},
        "sync": {{"resources": {{"people": {{"deletes": "hard"}}}}}},
    }}
"""


def test_rows_of_a_resource_of_the_users_that_choose_their_table_are_kept(
    campus: Campus, lists: Lists, monkeypatch: pytest.MonkeyPatch
) -> None:
    lists.rows["people"] = rows(0, 3)
    monkeypatch.syspath_prepend(str(campus.folder))
    for name, guests in (("coming", [{"id": 50, "table": "people"}]), ("going", [{"id": 51, "table": "others"}])):
        (campus.folder / f"{name}.py").write_text(CHOOSING.format(url=lists.url, guests=guests))
        report = homeroom.sync(f"{name}:config", destination=campus.url, home=campus.home)
    assert campus.ids("people") == [0, 1, 2, 50]
    assert "other resources feed the table people too, or may by their rows" in report.resources["people"].note


def test_a_resource_of_the_users_cannot_delete(campus: Campus, lists: Lists, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match=r"sync\.resources\.courses\.deletes: a DltResource of your own reads"):
        homeroom.sync(**own(campus, lists, "own_deletes", monkeypatch, numbers=[1], deletes="courses"))
