"""From a page's bytes to its rows."""

from datetime import UTC, datetime
from typing import Any

import pytest

from homeroom.decode import decode_rows
from homeroom.dlt_seam.rest_api import json_path
from homeroom.errors import DataError
from homeroom.facts import Wanted, read_facts
from homeroom.values import Answer, Page


def rows_of(body: bytes, selector: str = "data") -> list[Any]:
    path = json_path(selector)
    facts = read_facts(Answer(200, "", (), body), Wanted(path))
    rows = decode_rows(Page("users", 1, 3, "GET /users?page=3", body, facts, path, datetime.now(UTC)))
    assert len(rows) == facts.rows
    return rows


def test_rows_come_in_the_order_of_the_page() -> None:
    assert rows_of(b'{"data": [{"id": 2}, {"id": 1}]}') == [{"id": 2}, {"id": 1}]


def test_rows_are_found_by_a_path_that_must_be_searched_for() -> None:
    assert rows_of(b'{"a": {"data": [1]}, "b": {"data": [2, 3]}}', "*.data[*]") == [1, 2, 3]


@pytest.mark.parametrize("body", [b'{"data": null}', b"{}", b"[]"])
def test_an_empty_page_has_no_rows(body: bytes) -> None:
    assert rows_of(body) == []


def test_one_object_is_one_row() -> None:
    assert rows_of(b'{"data": {"id": 1}}') == [{"id": 1}]


def test_a_whole_number_of_any_size_stays_exact() -> None:
    assert rows_of(b'{"data": [123456789012345678901234567890]}') == [123456789012345678901234567890]


@pytest.mark.parametrize("selector", ["data", "data[*]"])
def test_a_number_beyond_any_float_is_infinite_as_in_dlt(selector: str) -> None:
    assert rows_of(b'{"data": [{"x": 1e400}]}', selector) == [{"x": float("inf")}]


def test_half_of_a_surrogate_pair_is_kept() -> None:
    assert rows_of(b'{"data": ["\\ud800"]}') == ["\ud800"]


def test_bytes_that_are_no_text_are_refused_with_the_place_and_without_the_row() -> None:
    with pytest.raises(DataError, match=r"resource users, page 3 \(GET /users\?page=3\): .* not UTF-8") as caught:
        rows_of(b'{"data": [{"name": "s3cret \xff"}]}')
    assert caught.value.resource == "users" and "s3cret" not in str(caught.value)
