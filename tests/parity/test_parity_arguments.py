"""The arguments beside the config, and what a client or an `auto` stands for."""

from typing import Any

import pytest
from parity_sides import Side
from parity_tables import compare_tables

from homeroom.demo import School

Sides = tuple[Side, Side]


def config_of(school: School, *resources: Any, **client: Any) -> dict[str, Any]:
    """A config of these resources over plain offset pages."""
    auth = {"type": "bearer", "token": school.api_key}
    paginator = {"type": "offset", "limit": 20}
    return {
        "client": {"base_url": school.url, "auth": auth, "paginator": paginator, **client},
        "resources": list(resources),
    }


def people(**endpoint: Any) -> dict[str, Any]:
    """The one resource that has nested lists and objects."""
    wanted = {"path": "/v1/people", "data_selector": "data", **endpoint}
    return {"name": "people", "primary_key": "id", "endpoint": wanted}


@pytest.mark.parametrize(
    "options",
    [
        {"max_table_nesting": 0},
        {"root_key": True},
        {"schema_contract": {"columns": "discard_value"}},
        {"name": "campus_api", "section": "campus", "parallelized": True},
    ],
    ids=lambda options: next(iter(options)),
)
def test_an_argument_of_the_source_acts_as_in_dlt(options: Any, sides: Sides, school: School) -> None:
    """Nesting, root keys, contracts and names."""
    theirs, ours = (side.run(config_of(school, people()), **options) for side in sides)
    assert theirs.rows["people"] and compare_tables(theirs, ours) == []


@pytest.mark.parametrize("paginator", [None, "auto", {"type": "auto"}])
def test_a_client_paginator_serves_whoever_names_none(paginator: Any, sides: Sides, school: School) -> None:
    """And whoever says `auto`: dlt takes that for none."""
    config = config_of(school, people(paginator=paginator))
    theirs, ours = (side.run(config) for side in sides)
    assert theirs.rows["people"].total() == len(school.rows("people")) and compare_tables(theirs, ours) == []


def test_a_client_paginator_does_not_serve_a_single_entity(sides: Sides, school: School) -> None:
    """A path that ends in a placeholder is one row, without a selector or a paginator."""
    listed = {"name": "courses", "endpoint": {"path": "/v1/courses", "data_selector": "data"}}
    config = config_of(school, listed, {"name": "course", "endpoint": "/v1/courses/{resources.courses.id}"})
    theirs, ours = (side.run(config) for side in sides)
    assert theirs.rows["course"].total() == len(school.rows("courses")) and compare_tables(theirs, ours) == []


def test_a_detected_selector_is_that_of_dlt(sides: Sides, school: School) -> None:
    """The list under `data`, `items` or `results`, or the body."""
    paths = {"v1": "offset_", "cursor": "cursor_", "header": "bare_", "all": "whole_"}
    resources = [{"name": f"{name}list", "endpoint": f"/{style}/terms"} for style, name in paths.items()]
    theirs, ours = (side.run(config_of(school, *resources, paginator="single_page")) for side in sides)
    assert len(theirs.hints) == len(paths) and compare_tables(theirs, ours) == []
