"""How deep an answer may be nested."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from homeroom.dlt_seam.rest_api import json_path
from homeroom.errors import DataError
from homeroom.facts import CutOffError, Wanted, parse_body, read_facts, read_rows
from homeroom.facts.depth import deeper_than
from homeroom.values import Answer, PageFacts


def answer(body: bytes) -> Answer:
    return Answer(200, "", (), body)


def nested(depth: int, inside: str = "1") -> bytes:
    return ("[" * depth + inside + "]" * depth).encode()


def depth_of(value: Any) -> int:
    if not isinstance(value, dict | list):
        return 0
    return 1 + max(map(depth_of, value.values() if isinstance(value, dict) else value), default=0)


_TEXTS = st.text(alphabet='{}[]"\\a', max_size=6)
_JSON = st.recursive(
    st.integers(0, 9) | _TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=3),
    max_leaves=25,
)


@given(_JSON, st.integers(1, 6), st.sampled_from([None, 1]))
@example({"}": {"}": 1, "a": "{"}, "b": "{"}, 1, None)
@example({'\\"}': {"\\": [['"']]}}, 3, None)
def test_the_depth_is_that_of_the_parsed_text_whatever_stands_in_its_strings(
    value: Any, limit: int, indent: int | None
) -> None:
    text = json.dumps(value, indent=indent).encode()
    assert deeper_than(text, limit) is (depth_of(value) > limit)


@pytest.mark.parametrize("selector", ["$", "data", "data[*]", "$..id"])
@pytest.mark.parametrize("odd", ["", "NaN", '"\\ud800"'])
def test_an_answer_may_be_as_deep_as_the_limit_and_no_deeper(selector: str, odd: str) -> None:
    def facts(depth: int) -> PageFacts:
        body = b'{"data": ' + nested(depth - 1, odd) + b', "id": 1}'
        return read_facts(answer(body), Wanted(json_path(selector), json_depth=20))

    assert facts(20).rows == 1
    with pytest.raises(DataError, match=r"too deep to be read \(sync\.limits\.json_depth: 20\)"):
        facts(21)


def test_many_rows_are_not_depth() -> None:
    body = json.dumps({"data": [{"tags": ["a", "]]]"], "of": {}} for _ in range(500)]}).encode()
    assert read_facts(answer(body), Wanted(json_path("data"), json_depth=4)).rows == 500


@pytest.mark.parametrize("opener", [b"[", b'{"a":', b'[{"a":'])
@pytest.mark.parametrize("selector", ["$", "data", "$..id"])
def test_a_bomb_of_brackets_is_refused_whole_or_cut_off(opener: bytes, selector: str) -> None:
    closer = {b"[": b"]", b'{"a":': b"}", b'[{"a":': b"}]"}[opener]
    for body in (opener * 100_000 + b"1" + closer * 100_000, opener * 100_000):
        with pytest.raises(DataError, match="too deep"):
            read_facts(answer(body), Wanted(json_path(selector)))
        with pytest.raises(DataError, match="too deep"):
            parse_body(answer(body))


@pytest.mark.parametrize("selector", ["$", "data[*]"])
def test_what_only_the_parser_finds_too_deep_is_the_same_error(selector: str) -> None:
    body = nested(5_000)
    with pytest.raises(DataError, match=r"too deep .*json_depth: 10000"):
        read_facts(answer(body), Wanted(json_path(selector), json_depth=10_000))
    for data in (body, None):
        with pytest.raises(DataError, match="too deep"):
            read_rows(body, PageFacts(1, data), json_path(selector))


def test_rows_are_built_to_the_depth_that_the_limit_allowed() -> None:
    body = nested(450)
    facts = read_facts(answer(body), Wanted(json_path("$"), json_depth=500))
    assert read_rows(body, facts, json_path("$")) == json.loads(body)


def test_a_page_that_is_cut_off_is_not_called_too_deep() -> None:
    body = json.dumps({"data": [{"name": "}", "of": {"a": [1]}} for _ in range(200)]}).encode()
    for size in range(len(body) - 40, len(body)):
        with pytest.raises(CutOffError):
            read_facts(answer(body[:size]), Wanted(json_path("data"), json_depth=5))


def test_what_is_no_json_is_not_called_too_deep() -> None:
    with pytest.raises(DataError, match="HTML"):
        read_facts(answer(b"<script>" + b"{" * 500), Wanted(json_path("data")))
