"""What is judged of pages and rows, without a server."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from homeroom.check_run import Aspect, CheckReport, Finding, Outcome
from homeroom.check_run.filters import Answered, judge_filter, middle_of
from homeroom.check_run.findings import finding
from homeroom.check_run.grants import grants_of, platform_of
from homeroom.check_run.paging import PagesSeen, judge_paging
from homeroom.check_run.refused import judge_error
from homeroom.check_run.rows import judge_keys, judge_types
from homeroom.dlt_seam.declared_types import misfit
from homeroom.dlt_seam.rest_api import json_path
from homeroom.errors import AuthError, DataError, RequestError, TransientError
from homeroom.fetch.sample import SampleEnd
from homeroom.paginate import Cursor, Offset, PageNumber
from homeroom.shape import RowRules
from homeroom.values import PageFacts, Proof

OK, WARNING, FAILED, UNTESTED = Outcome.OK, Outcome.WARNING, Outcome.FAILED, Outcome.UNTESTED


def seen(**changed: Any) -> PagesSeen:
    """Page numbers, two full pages of 10, no total, and more behind them."""
    usual: dict[str, Any] = {
        "paging": PageNumber(base=1, start=1),
        "guessed": False,
        "end": SampleEnd(1, Proof.END, has_more=True),
        "first": PageFacts(10),
        "has_key": True,
        "second": PageFacts(10),
    }
    return PagesSeen(**{**usual, **changed})


def end(proof: Proof = Proof.END, total: int | None = None, **changed: Any) -> SampleEnd:
    return SampleEnd(1, proof, (total, total), **changed)


def judged(**changed: Any) -> tuple[Outcome, str]:
    found = judge_paging("people", seen(**changed))
    return found.verdict, found.text


@pytest.mark.parametrize(
    ("changed", "verdict", "words"),
    [
        ({}, WARNING, "by page numbers without a total rows can move unseen"),
        (
            {"end": end(total=95, has_more=True), "first": PageFacts(10, row_total=95)},
            OK,
            "count: the API says 95 rows",
        ),
        ({"end": end(total=95, has_more=True), "has_key": False}, WARNING, "unproved"),
        ({"end": end(total=95), "second": PageFacts(3)}, FAILED, "would miss rows: the API says 95 rows, 13 came"),
        ({"end": end(Proof.KEYSET, has_more=True), "paging": None}, OK, "proved by keyset"),
        ({"paging": Offset(10), "meets": True}, OK, "proved by continuity"),
        ({"paging": Offset(10), "meets": False}, WARNING, "pages cannot overlap"),
        ({"guessed": True}, WARNING, "unproved"),
        (
            {"refusal": "404", "is_past_end": True, "second": None},
            WARNING,
            "page 2 is refused, which is taken for the end",
        ),
        ({"refusal": "500", "second": None}, FAILED, "page 2: 500"),
        ({"repeated": 10}, FAILED, "does the API know page?"),
        ({"repeated": 3}, WARNING, "3 of 10 rows of page 2 were on page 1"),
        ({"second": PageFacts(0), "first": PageFacts(10, row_total=50)}, FAILED, "page 2 is empty"),
        ({"size": ("per_page", 10)}, WARNING, "per_page 10 is honoured"),
        ({"size": ("per_page", 5)}, WARNING, "the API may not know per_page"),
        ({"size": ("per_page", 50)}, WARNING, "10 rows came where per_page asked for 50: the API clamps"),
        ({"names_total": True}, WARNING, "where the config says that the total stands there is none"),
    ],
)
def test_paging_is_judged_by_two_pages(changed: dict[str, Any], verdict: Outcome, words: str) -> None:
    found = judged(**changed)
    assert found[0] is verdict
    assert words in found[1]


@pytest.mark.parametrize(("path", "told"), [("total", False), ("meta.total", True)])
def test_a_total_that_is_not_there_is_told_where_the_config_names_it(path: str, told: bool) -> None:
    found = judged(paging=PageNumber(base=1, start=1, total=json_path(path)))[1]
    assert ("where the config says that the total stands there is none" in found) is told


def test_a_short_page_that_is_all_says_nothing_of_the_page_size() -> None:
    assert "asked for" not in judged(size=("per_page", 50), second=PageFacts(0), end=end(total=10))[1]


def test_one_row_that_two_pages_of_a_cursor_share_is_nothing_to_be_told() -> None:
    cursor = Cursor(json_path("next"))
    assert judged(paging=cursor, end=end(Proof.KEYSET, has_more=True), repeated=1)[0] is OK


def test_a_flag_that_is_not_there_is_told() -> None:
    cursor = Cursor(json_path("next"), has_more=json_path("more"))
    found = judged(paging=cursor, end=end(Proof.KEYSET, has_more=True))
    assert found == (
        WARNING,
        "has_more_path 'more' finds no flag; proved by keyset: the way from page to page has an end "
        "of its own; page 2 brings other rows",
    )


def test_the_worst_is_told_first_and_is_the_verdict() -> None:
    found = finding("people", Aspect.KEYS, (OK, "one"), (FAILED, "two"), (WARNING, "three"))
    assert (found.verdict, found.text) == (FAILED, "two; three; one")


RULES = RowRules(("id",), ("id",), str)


def test_keys_are_looked_at_page_by_page() -> None:
    pages = [[{"id": 1}, {"id": 2}], [{"id": 2}]]
    assert judge_keys("people", pages, RULES, merges=True).verdict is OK  # rows may move between two pages
    assert judge_keys("people", [pages[0] + pages[1]], RULES, merges=True).verdict is FAILED


def test_a_merge_without_a_key_is_a_warning_and_no_key_at_all_is_not_tested() -> None:
    none = replace(RULES, key=(), required=())
    assert judge_keys("people", [[{"id": 1}]], none, merges=True).verdict is WARNING
    assert judge_keys("people", [[{"id": 1}]], none, merges=False).verdict is UNTESTED


def test_one_null_in_a_key_of_two_columns_is_told_by_its_column() -> None:
    rules = replace(RULES, key=("course", "id"))
    found = judge_keys("people", [[{"course": 1, "id": 1}, {"course": 1, "id": None}]], rules, merges=True)
    assert (found.verdict, found.text) == (FAILED, "id is null or missing in 1 of 2 rows, first in page 1, row 2")


def test_a_field_whose_name_may_be_a_value_is_not_told() -> None:
    found = judge_keys("people", [[{"jane doe <jane@example.com>": 1}]], RULES, merges=True)
    assert "jane" not in found.text


@pytest.mark.parametrize(
    ("kind", "value", "found"),
    [
        ("bigint", 1, None),
        ("bigint", "12", None),
        ("bigint", "twelve", "text"),
        ("bool", "yes", None),
        ("timestamp", "2024-08-01T06:00:00Z", None),
        ("timestamp", "soon", "text"),
        ("text", {"a": 1}, "an object"),
        ("text", [1], "a list"),
        ("json", {"a": 1}, None),
        ("double", 1, None),
        ("bigint", 1.5, "double"),
    ],
)
def test_a_value_fits_where_dlt_would_store_it(kind: str, value: Any, found: str | None) -> None:
    assert misfit(kind, value) == found


def test_columns_inside_of_objects_are_found_by_their_names() -> None:
    found = judge_types("people", [[{"profile": {"age": "x"}}]], {"profile__age": "bigint"}, RULES, misfit)
    assert "profile__age is declared bigint, but text came in 1 of 1 row" in found.text


@pytest.mark.parametrize(
    ("values", "middle", "why"),
    [
        ([3, 1, 2, None], 2, ""),
        ([1, 1], None, "all rows of the page have the same value of it"),
        ([None], None, "no row of the page has a value of it"),
        ([1, "a"], None, "values of the cursor are of several types"),
        ([], None, "no row came"),
    ],
)
def test_the_middle_is_a_value_with_older_ones(values: list[Any], middle: Any, why: str) -> None:
    found = middle_of(values)
    assert (found.value, found.why) == (middle, why)


@pytest.mark.parametrize(
    ("changed", "verdict", "words"),
    [
        ({}, OK, "honoured: asked by since"),
        ({"values": [1, 2, 3, 4], "same": True}, FAILED, "ignored"),
        ({"values": [1, 1, 3], "far": 2}, FAILED, "ignored"),
        ({"values": [1, 3, 4], "far": 1}, WARNING, "1 of 3 rows are older by more than a day"),
        ({"values": [2, 3, 4]}, OK, "honoured, if roughly"),
        ({"values": []}, FAILED, "no row came, though 2 rows are as new"),
        ({"values": [4]}, WARNING, "the very row that since names does not come"),
        ({"values": [4], "has_more": True}, OK, "honoured"),
        ({"values": ["a"]}, UNTESTED, "several types"),
    ],
)
def test_a_filter_is_judged_by_what_comes_from_the_middle_on(
    changed: dict[str, Any], verdict: Outcome, words: str
) -> None:
    usual: dict[str, Any] = {"values": [3, 4], "same": False, "far": 0, "has_more": False}
    found = judge_filter(Answered(**{"param": "since", "middle": 3, "before": [1, 2, 3, 4], **usual, **changed}))
    assert found[0] is verdict
    assert words in found[1]


@pytest.mark.parametrize(
    ("error", "aspect"),
    [
        (AuthError("resource people, GET /people: 401", status=401), Aspect.AUTH),
        (AuthError("no token came"), Aspect.AUTH),
        (AuthError("403", status=403), Aspect.RIGHTS),
        (RequestError("404", status=404), Aspect.PATH),
        (TransientError("503"), Aspect.PATH),
        (DataError("the answer is not JSON but HTML (…)"), Aspect.PATH),
        (DataError("finds nothing", about="rows"), Aspect.ENVELOPE),
        (DataError("is an error", about="error"), Aspect.RIGHTS),
    ],
)
def test_an_error_is_told_of_one_aspect(error: Any, aspect: Aspect) -> None:
    found = judge_error("people", error, grants_of(None))
    assert [each.aspect for each in found] == list(Aspect)
    assert [each.aspect for each in found if each.verdict is FAILED] == [aspect]
    assert not any(each.text.startswith("resource ") for each in found)


def test_the_platform_is_the_one_that_init_has_written_at_the_head(tmp_path: Path) -> None:
    file = tmp_path / "school.yaml"
    file.write_text("# Canvas LMS. Written by homeroom 1.0: homeroom init canvas\nname: x\n", encoding="utf-8")
    platform = platform_of(str(file))
    assert platform is not None and platform.platform == "canvas"
    assert "New Access Token" in grants_of(platform).key
    file.write_text("name: x # not homeroom init canvas\n", encoding="utf-8")
    assert platform_of(str(file)) is None
    file.write_text("# homeroom init of_another_release\n", encoding="utf-8")
    assert platform_of(str(file)) is None
    assert platform_of("some.module:config") is None


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [
        ({"a": (Aspect.KEYS, OK)}, 0),
        ({"a": (Aspect.KEYS, WARNING)}, 0),
        ({"a": (Aspect.KEYS, FAILED), "b": (Aspect.KEYS, OK)}, 3),
        ({"a": (Aspect.KEYS, FAILED), "b": (Aspect.KEYS, UNTESTED)}, 1),
        ({"a": (Aspect.AUTH, FAILED)}, 4),
        ({"a": (Aspect.AUTH, FAILED), "b": (Aspect.PATH, FAILED)}, 1),
        ({"a": (Aspect.RIGHTS, FAILED), "b": (Aspect.KEYS, OK)}, 3),
    ],
)
def test_the_exit_code_is_the_first_that_fits(verdicts: dict[str, tuple[Aspect, Outcome]], code: int) -> None:
    found = tuple(Finding(name, aspect, verdict, "") for name, (aspect, verdict) in verdicts.items())
    assert CheckReport("campus", found, 1).exit_code == code
