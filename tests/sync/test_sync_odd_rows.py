"""Rows that are no objects: what a wrong data_selector finds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

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
