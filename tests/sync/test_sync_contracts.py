"""Schema contracts in a sync: rows that break one lie in `_homeroom_rejects`, or nothing lands under `freeze`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).parent))  # the helpers beside this file; importlib mode adds no folder

from list_server import Lists

import homeroom
from homeroom import rejects
from homeroom.errors import ContractError, DataError
from homeroom.report import exit_code
from homeroom.values import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Campus

    from homeroom.values import ResourceReport

FIRST = [{"id": number, "code": number, "roles": [{"role": "x"}]} for number in range(1, 6)]


@pytest.fixture
def lists() -> Iterator[Lists]:
    """A server of the test's own."""
    with Lists() as opened:
        yield opened


class Sided:
    """A campus over a list `people`, in pages of two."""

    def __init__(self, campus: Campus, lists: Lists) -> None:
        self.campus, self.lists = campus, lists

    def sync(
        self, rows: Any, contract: Any = None, *, run: dict[str, Any] | None = None, **hints: Any
    ) -> ResourceReport:
        """The line of a run over these rows; `contract` is the resource's."""
        return self.report(rows, contract, run=run, **hints).resources["people"]

    def report(
        self, rows: Any, contract: Any = None, *, run: dict[str, Any] | None = None, sync: Any = None, **hints: Any
    ) -> Any:
        """The report of a run over these rows."""
        self.lists.rows = {"people": rows}
        own = {"name": "people", "endpoint": {"path": f"{self.lists.url}/people"}, **hints}
        if contract is not None:
            own["schema_contract"] = contract
        self.campus.configure(own, limit=2, sync=sync)
        return self.campus.sync(**(run or {}))

    def rejected(self) -> list[tuple[Any, ...]]:
        """What lies in `_homeroom_rejects`, without its run and the rows."""
        sql = "SELECT page, row_number, column_name, reason FROM _homeroom_rejects ORDER BY page, row_number, reason"
        return self.campus.query(sql)


@pytest.fixture
def people(campus: Campus, lists: Lists) -> Sided:
    """A list of people that was synced once."""
    sided = Sided(campus, lists)
    sided.sync(FIRST)
    return sided


def changed(number: int, **more: Any) -> list[dict[str, Any]]:
    """The rows with one that is other."""
    return [row | more if row["id"] == number else row for row in FIRST]


def test_a_row_with_a_new_column_is_rejected_with_its_place_and_reason(people: Sided) -> None:
    line = people.sync(changed(4, nick="Bo"), {"columns": "discard_row"})
    assert (line.status, line.rows_received, line.rows_rejected, line.rows_in_table) == (Status.COMPLETE, 5, 1, 5)
    assert people.rejected() == [(2, 2, "nick", "column nick is new")]
    (row,) = people.campus.column("SELECT row FROM _homeroom_rejects")
    assert json.loads(row) == changed(4, nick="Bo")[3]
    assert line.note == "1 row rejected by its contract (column nick is new: 1)"
    assert set(people.campus.column("SELECT run_id FROM _homeroom_rejects")) <= set(
        people.campus.column("SELECT run_id FROM _homeroom_runs")
    )


def test_a_row_of_another_type_is_rejected_and_the_others_land(people: Sided) -> None:
    rows = [*changed(2, code="two"), {"id": 6, "code": "6", "roles": []}]
    line = people.sync(rows, {"data_type": "discard_row"})
    assert (line.rows_rejected, line.rows_in_table) == (1, 6)
    assert people.rejected() == [(1, 2, "code__v_text", "column code is bigint, text came")]


def test_every_row_that_came_is_in_the_table_or_rejected(people: Sided) -> None:
    rows = [{"id": number, "code": number if number % 3 else "odd"} for number in range(10, 40)]
    line = people.sync(rows, {"data_type": "discard_row"}, write_disposition="append", table_name="appended")
    assert line.rows_in_table is not None and line.rows_rejected == len(people.rejected()) == 10
    assert line.rows_received == line.rows_rejected + line.rows_in_table == 30


def test_a_nested_row_is_rejected_alone(people: Sided) -> None:
    rows = changed(3, roles=[{"role": "x"}, {"role": "y", "since": 2020}])
    line = people.sync(rows, {"columns": "discard_row"})
    assert (line.rows_rejected, line.rows_in_table) == (0, 5)
    assert people.rejected() == [(2, 1, "since", "column since of table people__roles is new")]
    assert [json.loads(row) for row in people.campus.column("SELECT row FROM _homeroom_rejects")] == [
        {"role": "y", "since": 2020}
    ]
    assert line.note == "1 row of people__roles rejected by its contract"


def test_values_that_are_dropped_are_counted_by_column(people: Sided) -> None:
    rows = [*changed(4, nick="Bo", code="four"), {"id": 6, "nick": "Cy"}]
    line = people.sync(rows, "discard_value")
    assert line.note == "3 values dropped by its contract (nick: 2, code: 1)"
    assert (line.rows_rejected, line.rows_in_table) == (0, 6)
    assert "_homeroom_rejects" not in people.campus.tables()


@pytest.mark.parametrize(
    ("contract", "more", "told"),
    [
        ({"columns": "freeze"}, {"nick": "Bo"}, "column nick of table people is new, and its columns are frozen; text"),
        ({"data_type": "freeze"}, {"code": "four"}, "column code of table people is bigint, and its types are frozen"),
        ({"tables": "freeze"}, {"tags": ["a"]}, "table people__tags is new, and new tables are frozen; allow it with"),
    ],
)
def test_freeze_ends_the_run_and_nothing_lands(people: Sided, contract: Any, more: Any, told: str) -> None:
    with pytest.raises(ContractError, match=r"^resource people, page 2 .*, row 2: ") as raised:
        people.sync([*changed(4, **more), {"id": 6, "code": 6}], contract)
    assert told in str(raised.value) and "Bo" not in str(raised.value) and "four" not in str(raised.value)
    assert "kept" not in str(raised.value) and not raised.value.landed
    assert people.campus.ids("people") == [1, 2, 3, 4, 5]
    assert people.campus.column("SELECT count(*) FROM _homeroom_runs") == [1]


def test_after_freeze_the_next_run_reads_afresh(people: Sided) -> None:
    contract = {"columns": "freeze"}
    with pytest.raises(ContractError):
        people.sync(changed(4, nick="Bo"), contract)
    line = people.sync([*FIRST, {"id": 6, "code": 6}], contract)
    assert (line.status, line.rows_in_table, line.pages_resumed) == (Status.COMPLETE, 6, 0)


def test_freeze_lets_no_other_resource_land(people: Sided) -> None:
    people.lists.rows = {"people": changed(4, nick="Bo"), "rooms": [{"id": 1}]}
    at = people.lists.url
    frozen = {"name": "people", "endpoint": {"path": f"{at}/people"}, "schema_contract": {"columns": "freeze"}}
    people.campus.configure({"name": "rooms", "endpoint": {"path": f"{at}/rooms"}}, frozen)
    with pytest.raises(ContractError):
        people.campus.sync()
    assert "rooms" not in people.campus.tables()


DECLARED = {"columns": {"email": {"data_type": "text", "nullable": False}}}


def test_a_null_where_none_may_be_is_rejected_under_discard_row(people: Sided) -> None:
    rows = [{"id": 1, "email": "a@b"}, {"id": 2, "email": None}, {"id": 3}]
    line = people.sync(rows, {"data_type": "discard_row"}, table_name="mails", **DECLARED)
    assert (line.status, line.rows_rejected, line.rows_in_table) == (Status.COMPLETE, 2, 1)
    assert people.rejected() == [(1, 2, "email", "column email is null"), (2, 1, "email", "column email is null")]


def test_a_null_where_none_may_be_fails_the_resource_without_a_contract(people: Sided) -> None:
    line = people.sync([{"id": 1, "email": None}], table_name="mails", **DECLARED)
    assert line.status is Status.FAILED and "column email is null" in line.note


def test_a_null_where_none_may_be_ends_the_run_under_freeze(people: Sided) -> None:
    with pytest.raises(ContractError, match="column email is null, but it is declared not null; allow it with"):
        people.sync([{"id": 1, "email": None}], {"data_type": "freeze"}, table_name="mails", **DECLARED)


def test_rows_without_a_key_are_rejected_and_the_read_is_not_proved_by_keys(people: Sided) -> None:
    rows = [{"id": 1}, {"id": None}, {"id": None, "code": 1}, {"id": 2}]
    line = people.sync(rows, "discard_row")
    assert (line.status, line.rows_rejected) == (Status.UNPROVED, 2)
    assert "2 rows have no key" in line.note


def test_rows_that_a_step_has_made_have_a_page_and_no_number(
    people: Sided, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.sync(changed(4, nick="Bo"), {"columns": "discard_row"})
    content = {**yaml.safe_load(people.campus.config.read_text()), "name": "campus"}
    (own,) = content["source"]["resources"]
    made = {"source": {**content["source"], "resources": [own | {"processing_steps": ["STEPS"]}]}}
    text = repr({**content, **made}).replace("'STEPS'", "{'filter': lambda r: r['id'] > 1}, {'map': lambda r: {**r}}")
    (tmp_path / "stepped.py").write_text(f"CONFIG = {text}\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    line = homeroom.sync("stepped:CONFIG", destination=people.campus.url, home=people.campus.home).resources["people"]
    assert (line.status, line.rows_rejected) == (Status.COMPLETE, 1)
    assert people.rejected() == [(2, 2, "nick", "column nick is new"), (2, None, "nick", "column nick is new")]


MODELLED = """
from pydantic import BaseModel

class Person(BaseModel):
    id: int
    code: int

def config():
    return {content}
"""


def modelled(people: Sided, folder: Path, name: str, contract: Any) -> ResourceReport:
    """A run in which people are checked by a model; one of three has a code that is no number."""
    people.lists.rows = {"people": [{"id": 1, "code": 1}, {"id": 2, "code": "two"}, {"id": 3, "code": "3"}]}
    content = yaml.safe_load(people.campus.config.read_text())
    content["source"]["resources"][0] |= {"columns": "PERSON", "schema_contract": contract, "table_name": "modelled"}
    text = repr(content | {"name": "campus"}).replace("'PERSON'", "Person")
    (folder / f"{name}.py").write_text(MODELLED.replace("{content}", text))
    target = {"destination": people.campus.url, "home": people.campus.home}
    return homeroom.sync(f"{name}:config", **target).resources["people"]


def test_a_row_that_does_not_fit_its_model_is_rejected(
    people: Sided, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    line = modelled(people, tmp_path, "discarding", {"columns": "discard_value", "data_type": "discard_row"})
    assert (line.status, line.rows_rejected, line.rows_in_table) == (Status.COMPLETE, 1, 2)
    assert people.rejected() == [(1, 2, None, "it does not fit its model")]


def test_a_row_that_does_not_fit_its_frozen_model_ends_the_run(
    people: Sided, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ContractError, match=r"^resource people: ") as raised:
        modelled(people, tmp_path, "frozen", {"data_type": "freeze"})
    assert "two" not in str(raised.value) and "modelled" not in people.campus.tables()


def test_more_rows_than_are_kept_are_counted(people: Sided, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rejects, "MOST_ROWS", 3)
    rows = [{"id": number, "nick": "x"} for number in range(10, 20)]
    line = people.sync(rows, {"columns": "discard_row"})
    assert (line.rows_rejected, len(people.rejected())) == (10, 3)
    assert line.note == "10 rows rejected by its contract (column nick is new: 10); the first 3 of these are kept"


DELETING = {"resources": {"people": {"deletes": "hard"}}}


def test_a_rejected_row_is_not_taken_for_a_deleted_one_and_an_absent_one_is(people: Sided) -> None:
    report = people.report(changed(4, nick="Bo")[:4], {"columns": "discard_row"}, sync=DELETING)
    line = report.resources["people"]
    assert people.campus.ids("people") == [1, 2, 3, 4] and exit_code(report) == 0
    assert (line.rows_rejected, line.rows_deleted, line.rows_absent) == (1, 1, 1)


@pytest.mark.parametrize("key", [None, "four"])
def test_nothing_is_absent_where_a_rejected_row_has_no_key_that_can_be_read(people: Sided, key: Any) -> None:
    people.lists.total = False
    rows = [*FIRST[:3], {"id": key, "code": 4}]
    line = people.report(rows, {"data_type": "discard_row"}, sync=DELETING).resources["people"]
    assert people.campus.ids("people") == [1, 2, 3, 4, 5]
    assert (line.status, line.rows_rejected, line.rows_deleted, line.rows_absent) == (Status.COMPLETE, 1, 0, None)
    assert "not all of them have a key that the table can hold, so none was deleted as absent" in line.note


def test_a_child_read_for_some_parents_keeps_rows_beside_rejected_ones_and_says_so(people: Sided) -> None:
    lists = people.lists
    lists.rows = {"courses": [{"id": 1, "at": 1}], "seats-1": [{"id": 1, "course": 1}, {"id": 2, "course": 1}]}
    cursor = {"cursor_path": "at", "initial_value": 0, "start_param": "since"}
    courses = {"name": "courses", "endpoint": {"path": f"{lists.url}/courses", "incremental": cursor}}
    seats = {
        "name": "seats",
        "endpoint": {"path": f"{lists.url}/seats-{{resources.courses.id}}"},
        "schema_contract": {"columns": "discard_row"},
    }
    people.campus.configure(
        courses, seats, sync={"resources": {"seats": {"deletes": "hard", "parent_column": "course"}}}
    )
    people.campus.sync()
    lists.rows |= {"courses": [{"id": 1, "at": 2}], "seats-1": [{"id": 1, "course": 1, "nick": "Bo"}]}
    line = people.campus.sync().resources["seats"]
    assert (line.rows_rejected, line.rows_deleted, people.campus.ids("seats")) == (1, 0, [1, 2])
    assert "this read was not proved for all parents, so none was deleted as absent" in line.note


def test_a_table_is_not_replaced_by_a_read_of_which_all_was_rejected(people: Sided) -> None:
    people.sync(FIRST, write_disposition="replace", table_name="replaced")
    rows = [row | {"nick": "x"} for row in FIRST]
    line = people.sync(rows, {"columns": "discard_row"}, write_disposition="replace", table_name="replaced")
    assert (line.status, line.rows_in_table) == (Status.INCOMPLETE, 5)
    assert "_homeroom_rejects" not in people.campus.tables()


def test_rows_of_a_resource_that_did_not_land_are_not_among_the_rejects(people: Sided) -> None:
    rows = [*changed(1, nick="Bo"), {"id": 7, "code": None}]
    line = people.sync(rows, {"columns": "discard_row"}, columns={"code": {"data_type": "bigint", "nullable": False}})
    assert (line.status, line.rows_rejected) == (Status.FAILED, 1)
    assert "_homeroom_rejects" not in people.campus.tables()


def test_the_whole_table_is_rejected_where_no_new_one_may_be(people: Sided) -> None:
    line = people.sync(FIRST, {"tables": "discard_row"}, table_name="unheard_of")
    assert (line.rows_rejected, line.rows_in_table) == (5, 0)
    assert {reason for *_, reason in people.rejected()} == {"table unheard_of is new"}


def test_hints_that_break_a_frozen_contract_are_told(people: Sided) -> None:
    with pytest.raises(DataError, match="its hints: column nick of table people is new, and its columns are frozen"):
        people.sync(FIRST, {"columns": "freeze"}, columns={"nick": {"data_type": "text"}})
