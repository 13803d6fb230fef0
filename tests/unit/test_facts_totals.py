"""Where the number of rows is read, and which place outranks which."""

import json
from typing import Any

import pytest

from homeroom.dlt_seam.rest_api import json_path
from homeroom.facts import Wanted, read_facts
from homeroom.values import Answer, PageFacts

USUAL = ("X-Total-Count", "1")
OWN = ("X-Rows", "2")


def facts(body: Any, *headers: tuple[str, str], **wanted: Any) -> PageFacts:
    paths = {key: json_path(value) if key in ("total", "row_total") else value for key, value in wanted.items()}
    return read_facts(Answer(200, "", headers, json.dumps(body).encode()), Wanted(json_path("data"), **paths))


@pytest.mark.parametrize("path", ["meta.count", "meta['count']", "$..count"])
def test_the_named_path_gives_the_number_of_rows_whatever_the_paging(path: str) -> None:
    body = {"data": [1], "meta": {"count": "7"}}
    assert facts(body, row_total=path).row_total == 7
    assert facts(body, row_total=path, link_rel="next").row_total == 7


def test_beside_page_numbers_it_counts_rows_and_never_pages() -> None:
    found = facts({"data": [1], "pages": 3, "count": 7}, total="pages", row_total="count", total_counts_rows=False)
    assert (found.total, found.row_total) == (3, 7)
    found = facts({"data": [1], "count": 7}, total="pages", row_total="count", total_counts_rows=False)
    assert (found.total, found.row_total) == (None, 7)


def test_offset_paging_ends_by_its_own_total_and_by_the_named_one_where_it_finds_none() -> None:
    assert facts({"data": [1], "n": 5, "count": 7}, total="n", row_total="count").total == 5
    assert facts({"data": [1], "count": 7}, total="n", row_total="count").total == 7


def test_a_named_header_outranks_a_named_path() -> None:
    assert facts({"data": [1], "count": 7}, OWN, total_header="X-Rows", row_total="count").row_total == 2
    assert facts({"data": [1], "count": 7}, total_header="X-Rows", row_total="count").row_total == 7


def test_a_named_path_outranks_the_usual_headers_and_the_pagings_own_total() -> None:
    assert facts({"data": [1], "n": 5, "count": 7}, USUAL, total="n", row_total="count").row_total == 7


def test_where_a_place_is_named_the_usual_headers_do_not_count() -> None:
    assert facts({"data": [1]}, USUAL, row_total="count").row_total is None
    assert facts({"data": [1], "n": 5}, USUAL, row_total="count", total="n").row_total == 5


@pytest.mark.parametrize("value", [None, "many", True, -1, [], {}])
def test_what_is_no_number_is_no_total(value: Any) -> None:
    assert facts({"data": [1], "count": value}, row_total="count").row_total is None


@pytest.mark.parametrize("count", [2**63, 10**23, 1e300, str(10**23)])
def test_a_number_that_no_column_holds_is_no_total(count: Any) -> None:
    assert facts({"data": [1], "n": count}, row_total="n").row_total is None
    assert facts({"data": [1], "n": 2**63 - 1}, row_total="n").row_total == 2**63 - 1
