"""Schema contracts: the tables are dlt's in every mode, and `freeze` stops both."""

import sys
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from parity_sides import Side
from parity_tables import compare_tables

from homeroom.errors import ContractError

sys.path.insert(0, str(Path(__file__).parents[1] / "sync"))

from list_server import Lists

FIRST = [
    {"id": 1, "code": 1, "name": "a", "roles": [{"role": "x"}]},
    {"id": 2, "code": 2, "name": "b", "roles": []},
    {"id": 3, "code": 3, "name": "c", "roles": [{"role": "y"}]},
]
SECOND = [
    {"id": 1, "code": "one", "name": "a", "roles": [{"role": "x"}]},
    {"id": 2, "code": 2, "name": "b2", "nick": None, "roles": []},
    {"id": 3, "code": 3, "name": "c", "nick": "cc", "roles": [{"role": "y", "since": 1}]},
    {"id": 4, "code": 4, "name": "d", "nick": None, "roles": [{"role": "z"}, {"role": 1, "since": 2}]},
    {"id": 5, "code": "five", "nick": "n", "new": 1, "roles": [{"role": "z"}]},
    {"id": 6, "code": 6, "name": "f", "tags": ["a", "b"]},
    {"id": 7, "code": "7", "name": "g", "home": {"city": "Ghent"}},
    {"id": 8, "code": 8.5, "name": "h"},
]
"""A new type, a new column (null before and after it came), new nested columns and tables, what can be coerced."""

ENTITIES = ("tables", "columns", "data_type")
MODES = ("discard_row", "discard_value")
CONTRACTS: list[Any] = [
    *({entity: mode} for entity in ENTITIES for mode in MODES),
    *MODES,
    {"columns": "discard_value", "data_type": "discard_row"},
    {"tables": "discard_row", "columns": "discard_row", "data_type": "discard_value"},
]


@pytest.fixture
def lists() -> Iterator[Lists]:
    """A server of the test's own."""
    with Lists() as opened:
        yield opened


def config(lists: Lists, disposition: str = "merge", **of: Any) -> dict[str, Any]:
    """One list, in pages of three."""
    paged = {"data_selector": "data", "paginator": {"type": "offset", "limit": 3}}
    defaults = {"primary_key": "id", "write_disposition": disposition}
    people = {"name": "people", "endpoint": {"path": "/people", **paged}, **of}
    return {"client": {"base_url": lists.url}, "resource_defaults": defaults, "resources": [people]}


def differences(sides: tuple[Side, Side], lists: Lists, *runs: tuple[list[Any], dict[str, Any]], **options: Any) -> Any:
    """What is not the same after these runs, each of some rows with hints of the resource."""
    for rows, hints in runs:
        lists.rows = {"people": rows}
        theirs, ours = (side.run(config(lists, **hints), **options) for side in sides)
    return compare_tables(theirs, ours)


@pytest.mark.parametrize("contract", CONTRACTS, ids=str)
def test_a_contract_on_a_table_that_is_there(contract: Any, sides: tuple[Side, Side], lists: Lists) -> None:
    runs = ((FIRST, {}), (SECOND, {"schema_contract": contract}), (FIRST, {"schema_contract": contract}))
    assert differences(sides, lists, *runs) == []


@pytest.mark.parametrize("contract", [*MODES, {"columns": "discard_row"}, {"data_type": "discard_value"}], ids=str)
def test_a_contract_on_a_first_load(contract: Any, sides: tuple[Side, Side], lists: Lists) -> None:
    hints = {"schema_contract": contract, "columns": {"code": {"data_type": "bigint"}, "id": {"data_type": "bigint"}}}
    assert differences(sides, lists, (SECOND, hints), ([*FIRST, {"id": 9, "late": True}], hints)) == []


@pytest.mark.parametrize("disposition", ["append", "replace"])
def test_a_contract_on_tables_that_are_not_merged(disposition: str, sides: tuple[Side, Side], lists: Lists) -> None:
    kept = {"disposition": disposition}
    runs = ((FIRST, kept), (SECOND, kept | {"schema_contract": {"columns": "discard_row"}}))
    assert differences(sides, lists, *runs) == []


@pytest.mark.parametrize("mode", ["discard_row", "discard_value"])
def test_a_contract_of_the_source(mode: str, sides: tuple[Side, Side], lists: Lists) -> None:
    assert differences(sides, lists, (FIRST, {})) == []
    assert differences(sides, lists, (SECOND, {}), schema_contract={"columns": mode, "data_type": mode}) == []


def test_a_contract_of_nested_rows_alone(sides: tuple[Side, Side], lists: Lists) -> None:
    nested = {"nested_hints": {"roles": {"schema_contract": {"columns": "discard_value"}}}}
    assert differences(sides, lists, (FIRST, nested), (SECOND, nested)) == []


def test_a_contract_that_an_earlier_run_has_left(sides: tuple[Side, Side], lists: Lists) -> None:
    contract = {"schema_contract": {"columns": "discard_row"}}
    assert differences(sides, lists, (FIRST, contract), (SECOND, {})) == []


def test_a_contract_behind_steps(sides: tuple[Side, Side], lists: Lists) -> None:
    def step(row: dict[str, Any]) -> dict[str, Any]:
        return row | {"late": row["id"]} if row["id"] > 6 else row

    hints = {
        "schema_contract": {"columns": "discard_row"},
        "processing_steps": [{"filter": lambda row: row["id"] != 1}, {"map": step}],
    }
    assert differences(sides, lists, (FIRST, hints), (SECOND, hints)) == []


def test_the_cursor_of_an_incremental_moves_with_rejected_rows_too(sides: tuple[Side, Side], lists: Lists) -> None:
    paged = {"data_selector": "data", "paginator": {"type": "offset", "limit": 3}}
    endpoint = {"path": "/people", **paged, "incremental": {"cursor_path": "id", "initial_value": 0}}
    hints = {"schema_contract": {"columns": "discard_row"}, "endpoint": endpoint}
    late = [*SECOND, {"id": 9, "code": 9, "nick": "x", "name": "i"}]
    assert differences(sides, lists, (FIRST, hints), (late, hints), ([*late, {"id": 10, "name": "j"}], hints)) == []
    theirs, ours = (side.pipeline.state["sources"]["rest_api"]["resources"]["people"] for side in sides)
    assert theirs["incremental"]["id"]["last_value"] == ours["incremental"]["id"]["last_value"] == 10


def family(lists: Lists, **of: Any) -> dict[str, Any]:
    """People, and a list for each of them."""
    whole = config(lists, **of)
    rooms = {"path": "/rooms{resources.people.id}", "data_selector": "data", "paginator": "single_page"}
    whole["resources"].append({"name": "rooms", "endpoint": rooms, "include_from_parent": ["id"]})
    return whole


def test_children_of_rejected_rows_are_read_as_in_dlt(sides: tuple[Side, Side], lists: Lists) -> None:
    for rows, hints in ((FIRST, {}), (SECOND, {"schema_contract": {"columns": "discard_row"}})):
        lists.rows = {"people": rows} | {f"rooms{row['id']}": [{"id": row["id"] * 10}] for row in rows}
        theirs, ours = (side.run(family(lists, **hints)) for side in sides)
    assert compare_tables(theirs, ours) == []
    assert sum(theirs.rows["rooms"].values()) == len(SECOND)


def test_a_contract_of_children(sides: tuple[Side, Side], lists: Lists) -> None:
    for more in ({}, {"nick": "x"}):
        lists.rows = {"people": FIRST}
        lists.rows |= {f"rooms{n}": [{"id": n}, {"id": n * 10} | (more if n == 2 else {})] for n in (1, 2, 3)}
        both = [family(lists), family(lists)]
        for each in both:
            each["resources"][1]["schema_contract"] = {"columns": "discard_row"}
        theirs, ours = (side.run(each) for side, each in zip(sides, both, strict=True))
    assert compare_tables(theirs, ours) == []


def test_a_contract_holds_for_all_that_feed_its_table(sides: tuple[Side, Side], lists: Lists) -> None:
    for rows, hints in ((FIRST, {}), (SECOND, {"schema_contract": {"columns": "discard_value"}})):
        lists.rows = {"people": FIRST, "staff": [row | {"id": row["id"] + 100} for row in rows]}
        both = [config(lists), config(lists)]
        for each in both:
            staff = each["resources"][0] | {"name": "staff", "table_name": "people"}
            each["resources"].append(staff | {"endpoint": staff["endpoint"] | {"path": "/staff"}})
            each["resources"][0] |= hints
        theirs, ours = (side.run(each) for side, each in zip(sides, both, strict=True))
    # Which of the two the table remembers is decided by who came last.
    assert [each for each in compare_tables(theirs, ours) if "hint resource" not in each] == []


def test_values_that_only_python_has_are_looked_at_as_dlt_stores_them(sides: tuple[Side, Side], lists: Lists) -> None:
    def step(row: dict[str, Any]) -> dict[str, Any]:
        return row | {"code": UUID(int=row["id"]) if row["id"] == 2 else Decimal(row["id"]), "at": date(2026, 1, 1)}

    hints = {"schema_contract": {"data_type": "discard_row"}, "processing_steps": [{"map": step}]}
    rows = [{key: row[key] for key in ("id", "code", "name")} for row in FIRST]
    assert differences(sides, lists, (rows, {}), (rows, hints)) == []
    assert sides[1].pipeline.default_schema.tables["people"]["columns"].keys() >= {"code", "at"}


NAMED = {"name": {"data_type": "text", "nullable": False}}


def test_a_contract_keeps_a_column_nullable_that_is_there(sides: tuple[Side, Side], lists: Lists) -> None:
    hints = {"schema_contract": "discard_row", "columns": NAMED}
    assert differences(sides, lists, (FIRST, {}), ([{"id": 1, "name": None}], hints)) == []


def test_a_null_where_none_may_be_ends_a_plain_run(sides: tuple[Side, Side], lists: Lists) -> None:
    lists.rows = {"people": [{"id": 1, "name": None}]}
    hints = {"schema_contract": {"data_type": "discard_row"}, "columns": NAMED}
    for side in sides:
        with pytest.raises(Exception, match=r"(?i)null"):
            side.run(config(lists, **hints))


@pytest.mark.parametrize("entity", ENTITIES)
def test_freeze_stops_both_and_ours_leaves_nothing_behind(entity: str, sides: tuple[Side, Side], lists: Lists) -> None:
    differences(sides, lists, (FIRST, {}))
    lists.rows = {"people": SECOND}
    for side in sides:
        with pytest.raises(Exception, match="frozen"):
            side.run(config(lists, schema_contract={entity: "freeze"}))
    theirs, ours = (side.pipeline for side in sides)
    assert theirs.list_normalized_load_packages() or theirs.list_extracted_load_packages()
    assert not ours.has_pending_data
    lists.rows = {"people": FIRST}
    sides[1].run(config(lists))


def test_freeze_is_told_as_our_error(sides: tuple[Side, Side], lists: Lists) -> None:
    differences(sides, lists, (FIRST, {}))
    lists.rows = {"people": SECOND}
    with pytest.raises(Exception, match="column nick of table people is new") as raised:
        sides[1].run(config(lists, schema_contract={"columns": "freeze"}))
    cause: BaseException | None = raised.value
    while cause is not None and not isinstance(cause, ContractError):
        cause = cause.__cause__
    assert isinstance(cause, ContractError) and cause.resource == "people"
