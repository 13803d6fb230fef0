"""Rows that are no objects, which a wrong data_selector finds, and values for which no column has a place."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # the helpers beside this file; importlib mode adds no folder

from deleting import listed, over_lists
from list_server import Lists

from homeroom.config import load_config
from homeroom.errors import DataError
from homeroom.sync_run import SyncOptions, sync_config

if TYPE_CHECKING:
    from conftest import Campus

    from homeroom.values import Report


def picked(selector: str, **more: Any) -> dict[str, Any]:
    """Terms, by a selector of its own."""
    endpoint = {"path": "/v1/terms", "data_selector": selector, "paginator": "single_page"}
    return {"name": "terms", "endpoint": endpoint, **more}


def synced(campus: Campus, *resources: Any) -> Report:
    campus.configure("people", *resources)
    return campus.sync()


@pytest.mark.parametrize(
    ("selector", "kind"), [("total", "a number"), ("data[*].id", "a number"), ("data[*].name", "a text")]
)
def test_rows_that_are_no_objects_fail_their_resource_alone(campus: Campus, selector: str, kind: str) -> None:
    report = synced(campus, picked(selector))
    line = report.resources["terms"]
    assert line.status == "failed" and f": row 1 is {kind}, not an object; check data_selector" in line.note
    assert campus.ids("people") == campus.true_ids("people")
    assert not list(campus.home.glob("journals/*.sqlite"))


def test_without_a_key_they_are_rows_of_one_column_as_in_dlt(campus: Campus) -> None:
    report = synced(campus, picked("data[*].id", primary_key=[], write_disposition="append"))
    assert report.resources["terms"].status == "complete"
    assert sorted(campus.column("SELECT value FROM terms")) == campus.true_ids("terms")


@pytest.fixture
def with_a_large_number(campus: Campus) -> Iterator[Campus]:
    """A config whose one row has a whole number of 71 bits."""
    with Lists() as lists:
        lists.rows["people"] = [{"id": 1, "n": 2**70}]
        yield over_lists(campus, lists, listed("people"), sync={})


def test_a_number_beyond_64_bits_is_an_error_that_says_what_to_do(with_a_large_number: Campus) -> None:
    with pytest.raises(DataError, match=r"a whole number beyond 64 bits.*made a text, or left out, by a `map`"):
        with_a_large_number.sync()


def test_a_map_may_make_a_text_of_it(with_a_large_number: Campus) -> None:
    campus = with_a_large_number
    config = load_config(str(campus.config), environ={})
    config.source["resources"][0]["processing_steps"] = [{"map": lambda row: {**row, "n": str(row["n"])}}]
    sync_config(config, SyncOptions(campus.url, home=campus.home))
    assert campus.column("SELECT n FROM people") == [str(2**70)]
