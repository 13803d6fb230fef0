"""dlt, then Homeroom, then dlt again on one pipeline and one dataset: as if dlt had been there all the time."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cases_incremental import counted, cursor
from dlt.sources.rest_api import rest_api_source as dlt_source
from parity_annex import config_of, state_of
from parity_case import at
from parity_server import Annex
from parity_sides import Side, make_sides
from parity_tables import compare_tables

from homeroom.source import rest_api_source as our_source

MAKERS = {"dlt": dlt_source, "ours": our_source}
ORDERS = [("dlt", "ours", "dlt"), ("ours", "dlt", "ours")]


def resources() -> list[Any]:
    """Incremental, merged with nested rows, upserted, historic, appended, with children."""
    listed = {"data_selector": "data", "paginator": {"type": "offset", "limit": 5}}
    whole = {"data_selector": "data", "paginator": "single_page"}
    child = "since_child/parts/{resources.parents.id}"
    start = {"cursor_path": "at", "start_param": "since", "initial_value": "2024"}

    def family(name: str, strategy: str) -> Any:
        hints = {"primary_key": "id", "write_disposition": {"disposition": "merge", "strategy": strategy}}
        return at(name, "family", **whole, of=hints)

    return [
        family("merged", "delete-insert"),
        family("upserted", "upsert"),
        family("historic", "scd2"),
        at("appended", "family", **whole, of={"write_disposition": "append"}),
        at("replaced", "family", **whole, of={"write_disposition": "replace"}),
        at("since", "offset", **listed, incremental=cursor()),
        at("lagging", "offset", **listed, incremental=counted(lag=2), of={"primary_key": "id"}),
        at("merging", "offset", **listed, incremental=cursor(), of={"primary_key": "id", "write_disposition": "merge"}),
        at("parents", "parents", **whole),
        at("since_child", "", path=child, **whole, incremental=start, of={"include_from_parent": ["name"]}),
    ]


def stored_schema(side: Side) -> dict[str, Any]:
    """What the destination holds of the schema: all tables, columns, hints, settings, and how often it was stored."""
    with side.pipeline.sql_client() as client:
        table = client.make_qualified_table_name("_dlt_version")
        rows = client.execute_sql(f"SELECT schema_name FROM {table} ORDER BY inserted_at") or []
    schema = side.pipeline.default_schema.to_dict()
    kept: dict[str, Any] = {key: schema[key] for key in ("name", "tables", "settings")}  # type: ignore[literal-required]
    return {**kept, "stored": list(rows)}


@pytest.fixture(scope="module", params=ORDERS, ids="-".join)
def steps(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Any, Any]]:
    """What a pipeline of dlt's alone, and one of both in turn, hold after each of three runs."""
    folder: Path = tmp_path_factory.mktemp("changeover")
    alone, changing = make_sides(folder)
    found = []
    with Annex() as annex:
        for number, maker in enumerate(request.param):
            if number:
                annex.grow()
            both = alone, replace(changing, make=MAKERS[maker])
            held = [(side.run(config_of(annex.url, resources())), state_of(side), stored_schema(side)) for side in both]
            found.append((held[0], held[1]))
    return found


def test_the_tables_are_those_of_dlt_alone(steps: list[tuple[Any, Any]]) -> None:
    """After each step: rows, links of nested rows, columns, types, histories."""
    assert [compare_tables(alone[0], changing[0]) for alone, changing in steps] == [[], [], []]
    assert all(steps[-1][0][0].rows[name] for name in ("merged__kinds__tags", "historic", "since_child", "lagging"))


def test_the_state_is_that_of_dlt_alone(steps: list[tuple[Any, Any]]) -> None:
    """After each step: last values, and the hashes of the rows that have them."""
    assert [alone[1] for alone, _ in steps] == [changing[1] for _, changing in steps]
    assert {"since", "lagging", "merging", "since_child"} <= set(steps[-1][1][1])


def test_the_stored_schema_is_that_of_dlt_alone(steps: list[tuple[Any, Any]]) -> None:
    """After each step: to the hint. Its version counts one more for columns that are known before dlt normalises."""
    assert [alone[2] for alone, _ in steps] == [changing[2] for _, changing in steps]
