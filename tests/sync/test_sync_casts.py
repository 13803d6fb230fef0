"""Casts: what a config makes of fields of the rows, as the tables then hold them."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # the helpers beside this file; importlib mode adds no folder

from deleting import listed, over_lists
from list_server import Lists

from homeroom.values import Report, Status

if TYPE_CHECKING:
    from conftest import Campus, OpenCampus

    Synced = tuple[Campus, Report]

NOON = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
CASTS = {"active": "bool", "started": ["null_if_zero", "timestamp"]}
MORE = {"due": {"date": "dueDate", "time": "dueTime"}, "phones": "list", "marks.at": "timestamp"}
NONE = {"dueDate": None, "dueTime": None, "phones": None, "marks": [], "active": None, "started": None}
LATE = {"dueDate": {"year": 2026, "month": 6}, "dueTime": {"hours": 9}}


def row(number: int, **more: Any) -> dict[str, Any]:
    told = {"active": "true", "started": 1_700_000_000, "phones": {"number": "5"}, "marks": [{"at": 1_700_000_000}]}
    due = {"dueDate": {"year": 2026, "month": 6, "day": 30}, "dueTime": {"hours": 9}}
    return {"id": number, **told, **due, **more}


def casts(*names: str, **more: Any) -> dict[str, Any]:
    return {"resources": {name: {"casts": CASTS, **more} for name in names}}


@pytest.fixture(scope="module")
def lists() -> Iterator[Lists]:
    with Lists() as opened:
        yield opened


@pytest.fixture(scope="module")
def synced(open_campus: OpenCampus, lists: Lists) -> Synced:
    """One sync of people whose values fit, of odd ones, of the same under a contract, and of rows that are searched."""
    lists.rows["people"] = [row(1), row(2, active="false", started=0, phones=[{"number": "6"}, {"number": "7"}])]
    lists.rows["people"] += [row(3, **NONE)]
    lists.rows["odd"] = [row(1), row(2, active="perhaps", started=10**15, **LATE)]
    ruled = listed("ruled", "/odd", schema_contract={"data_type": "discard_row"})
    searched = listed("searched", "/people", endpoint={"data_selector": "data[*]"})
    sync = casts("people", "odd", "ruled", "searched")
    for name in ("people", "odd"):
        sync["resources"][name] = {"casts": CASTS | MORE}
    campus = over_lists(open_campus(), lists, listed("people"), listed("odd"), ruled, searched, sync=sync)
    return campus, campus.sync()


def test_each_kind_makes_its_type(synced: Synced) -> None:
    campus, report = synced
    line = report.resources["people"]
    assert (line.status, line.pages_object, line.note) == (Status.COMPLETE, 0, "")
    due = datetime(2026, 6, 30, 9, tzinfo=UTC)
    told = campus.query("SELECT id, active, started, due FROM people ORDER BY id")
    assert told == [(1, True, NOON, due), (2, False, None, due), (3, None, None, None)]
    assert campus.column("SELECT number FROM people__phones ORDER BY 1") == ["5", "6", "7"]
    assert campus.column('SELECT "at" FROM people__marks') == [NOON, NOON]
    sql = "SELECT 1 FROM duckdb_columns() WHERE table_name = 'people' AND column_name LIKE 'due!_%' ESCAPE '!'"
    assert campus.query(sql) == []


def test_a_value_that_does_not_fit_goes_where_dlt_puts_it(synced: Synced) -> None:
    campus, report = synced
    assert (report.resources["odd"].status, report.resources["odd"].rows_in_table) == (Status.COMPLETE, 2)
    sql = "SELECT active, active__v_text, started, started__v_bigint, due, due_date__month FROM odd WHERE id = 2"
    assert campus.query(sql) == [(None, "perhaps", None, 10**15, None, 6)]


def test_under_a_contract_such_a_row_is_rejected_and_told(synced: Synced) -> None:
    campus, report = synced
    assert (report.resources["ruled"].rows_rejected, campus.ids("ruled")) == (1, [1])
    sql = "SELECT page, row_number, column_name FROM _homeroom_rejects"
    assert campus.query(sql) == [(1, 2, "active__v_text")]


def test_rows_that_are_searched_for_are_cast_too(synced: Synced) -> None:
    campus, report = synced
    assert report.resources["searched"].pages_columnar == 0
    assert campus.query("SELECT active, started FROM searched ORDER BY id") == [
        (True, NOON),
        (False, None),
        (None, None),
    ]


def test_a_column_that_has_another_type_keeps_it_and_is_told(campus: Campus, lists: Lists) -> None:
    lists.rows["people"] = [row(1)]
    over_lists(campus, lists, listed("people"), sync={}).sync()
    lists.rows["people"] = [row(1, late="true"), row(2, late="false")]
    sync = {"resources": {"people": {"casts": {**CASTS, "late": "bool"}}}}
    line = over_lists(campus, lists, listed("people"), sync=sync).sync().resources["people"]
    found = campus.query("SELECT active, started, late FROM people WHERE id = 2")
    assert found == [("true", 1_700_000_000, False)]
    assert "active is text, not bool, started is bigint, not timestamp in the table people" in line.note
    assert line.status is Status.COMPLETE


def test_a_deleted_row_is_known_by_what_the_cast_made(campus: Campus, lists: Lists) -> None:
    lists.rows["people"] = [row(1), row(2, active="false")]
    sync = casts("people", deletes="hard", deleted_when="active == false")
    over_lists(campus, lists, listed("people"), sync=sync)
    assert campus.sync().resources["people"].rows_deleted == 1
    assert campus.ids("people") == [1]


def test_a_number_that_its_type_does_not_hold_is_an_error_that_says_where(campus: Campus, lists: Lists) -> None:
    lists.rows["people"] = [row(1), row(2, n=str(2**63))]
    sync = {"resources": {"people": {"casts": {"n": "bigint"}}}}
    line = over_lists(campus, lists, listed("people"), sync=sync).sync().resources["people"]
    assert line.status is Status.FAILED
    assert re.search(r"resource people, page 1 \(.*\), row 2: n is a whole number beyond 64 bits", line.note)
