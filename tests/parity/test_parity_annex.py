"""The whole format, case by case, in three runs with rows added between: tables, what dlt remembers, requests."""

import json
from collections import Counter

import pytest
from parity_annex import RUNS, Seen, every_case
from parity_tables import compare_tables

Seens = list[tuple[Seen, Seen]]
CASES = {each.name: each for each in every_case()}


@pytest.mark.parametrize("name", CASES)
def test_every_run_makes_the_tables_of_dlt(name: str, annex_runs: Seens) -> None:
    """Tables, columns, types, hints, rows and links."""
    found = [compare_tables(theirs.tables, ours.tables, CASES[name].tables) for theirs, ours in annex_runs]
    assert found == [[]] * RUNS


@pytest.mark.parametrize("name", CASES)
def test_every_case_has_rows_to_compare(name: str, annex_runs: Seens) -> None:
    """A case without any would be equal whatever we did."""
    theirs, _ = annex_runs[-1]
    assert all(theirs.tables.rows.get(table) for table in CASES[name].tables)


@pytest.mark.parametrize("name", [name for name in CASES if name.startswith("inc_")])
def test_every_run_leaves_the_state_of_dlt(name: str, annex_runs: Seens) -> None:
    """The last values and the hashes of the rows that have them, so that either may go on after the other."""
    assert [theirs.state.get(name) for theirs, _ in annex_runs] == [ours.state.get(name) for _, ours in annex_runs]


@pytest.mark.parametrize("name", [name for name, each in CASES.items() if each.requests])
def test_every_run_asks_what_dlt_asks(name: str, annex_runs: Seens) -> None:
    """Method, URL, headers of the config, body; once each. What has no value dlt sends as `None`, and we do not."""
    theirs = [valued(theirs.asked.get(name)) for theirs, _ in annex_runs]
    assert theirs == [ours.asked.get(name) for _, ours in annex_runs]


def valued(asked: Counter[str] | None) -> Counter[str] | None:
    """What was asked, without query parameters that are `None`."""
    return None if asked is None else Counter({_valued(request): times for request, times in asked.items()})


def _valued(request: str) -> str:
    method, path, query, *rest = json.loads(request)
    return json.dumps([method, path, [pair for pair in query if pair[1] != "None"], *rest], sort_keys=True)


def test_nothing_is_left_out_of_the_comparison(annex_runs: Seens) -> None:
    """Neither a table nor a resource's state."""
    theirs, ours = annex_runs[-1]
    assert compare_tables(theirs.tables, ours.tables) == [] and theirs.state == ours.state


def test_one_token_is_asked_for_where_dlt_asks_for_one_for_each_resource(annex_runs: Seens) -> None:
    """Here each side has one resource that needs it."""
    assert [seen.asked["token"].total() for pair in annex_runs for seen in pair] == [1] * 2 * RUNS
