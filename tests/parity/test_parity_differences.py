"""Where the two differ on purpose: each side does what docs say of it, so that a new dlt is noticed."""

from typing import Any

import pytest
from dlt.sources.rest_api import rest_api_source as dlt_source
from parity_annex import config_of
from parity_case import at
from parity_differences import DIFFERENCES, Difference, Outcome
from parity_server import Annex
from parity_sides import Side

from homeroom.errors import ConfigError
from homeroom.source import rest_api_source as our_source


def outcome(make: Any, annex: Annex, resources: tuple[Any, ...]) -> Outcome:
    """The rows of a read, or the last cause of its error."""
    try:
        return len(list(make(config_of(annex.url, list(resources)))))
    except Exception as error:
        while error.__cause__ is not None:
            error = error.__cause__  # type: ignore[assignment]
        return type(error).__name__


@pytest.mark.parametrize("each", DIFFERENCES, ids=lambda each: each.name)
def test_each_side_does_what_is_said_of_it(each: Difference, annex: Annex) -> None:
    """dlt first: if it no longer does, the case belongs to parity."""
    found = outcome(dlt_source, annex, each.resources), outcome(our_source, annex, each.resources)
    assert found == (each.theirs, each.ours)


def test_children_of_later_parents_are_asked_from_the_start_of_the_run(annex: Annex) -> None:
    """dlt asks them from the newest row of the parents before: here later parents hold older rows."""
    parents = at("units", "many_parents", data_selector="data", paginator={"type": "offset", "limit": 5})
    child = at(
        "of_units", "", path="of_units/older/{resources.units.id}", data_selector="data", paginator="single_page"
    )
    child["endpoint"]["incremental"] = {"cursor_path": "at", "initial_value": "2024", "start_param": "since"}
    rows = list(our_source(config_of(annex.url, [{**parents, "selected": False}, child])))
    assert {row["unit_id"] for row in rows} == {row["id"] for row in annex.rows}
    theirs = list(dlt_source(config_of(annex.url, [{**parents, "selected": False}, child])))
    assert len(theirs) < len(rows)


def test_one_token_serves_all_resources(annex: Annex) -> None:
    """dlt asks for one for each resource."""
    auth = {
        "type": "oauth2_client_credentials",
        "access_token_url": f"{annex.url}/token/token",
        "client_id": "campus",
        "client_secret": "s3cret",
    }
    config = config_of(
        annex.url, [at(f"r{n}", "echo", data_selector="data", paginator="single_page") for n in range(3)]
    )
    config["client"]["auth"] = auth
    asked = []
    for make in (dlt_source, our_source):
        assert len(list(make(config))) == 3
        asked.append(annex.taken_log()["token"].total())
    assert asked == [3, 1]


def test_parallelized_on_a_top_level_resource_changes_nothing(annex: Annex, sides: tuple[Side, Side]) -> None:
    """It does nothing in dlt; here everything is read side by side anyway, in one thread of ours."""
    listed = at("units", "offset", data_selector="data", paginator={"type": "offset", "limit": 5})
    found = [sides[1].run(config_of(annex.url, [{**listed, "parallelized": flag}])).rows for flag in (True, False)]
    assert found[0]["units"].total() == 23 and found[1]["units"].total() == 46


def test_auto_with_keys_is_refused_with_the_keys_that_would_do_nothing(annex: Annex) -> None:
    """Of the client, too."""
    config = config_of(annex.url, [at("guessing", "link", data_selector="data")])
    config["client"]["paginator"] = {"type": "auto", "limit": 5}
    with pytest.raises(ConfigError, match="`limit` would do nothing"):
        our_source(config)


@pytest.mark.parametrize("value", ["raise", None], ids=str)
def test_a_row_without_a_cursor_is_an_error_unless_told_otherwise(value: Any, annex: Annex) -> None:
    """On both sides, and by dlt's own error."""
    missing = {"cursor_path": "nowhere", "initial_value": "2024"} | (
        {} if value is None else {"on_cursor_value_missing": value}
    )
    resource = at(
        "units", "offset", data_selector="data", paginator={"type": "offset", "limit": 5}, incremental=missing
    )
    found = {outcome(make, annex, (resource,)) for make in (dlt_source, our_source)}
    assert found == {"IncrementalCursorPathMissing"}


def test_a_frozen_contract_is_broken_on_both_sides(annex: Annex, sides: tuple[Side, Side]) -> None:
    """By dlt's normaliser, which is ours too, once the table is there."""
    listed = at("units", "offset", data_selector="data", paginator={"type": "offset", "limit": 5})
    frozen = {**listed, "columns": {"id": {"data_type": "bigint"}}, "schema_contract": {"columns": "freeze"}}
    found = []
    for side in sides:
        side.run(config_of(annex.url, [frozen]))
    annex.rows[-1]["new_column"] = 1
    for side in sides:
        with pytest.raises(Exception, match=r"freeze|frozen") as caught:
            side.run(config_of(annex.url, [frozen]))
        found.append(type(caught.value).__name__)
    assert found == ["PipelineStepFailed"] * 2
