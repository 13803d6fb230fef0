"""Answers with status 200 that are no data: what they look like, and what the config says of them."""

import gzip
import json
from typing import Any

import pytest

from homeroom.dlt_seam.rest_api import json_path
from homeroom.errors import DataError
from homeroom.facts import ErrorPattern, Wanted, parse_body, read_facts, read_pattern, refuse_error_object
from homeroom.values import Answer, PageFacts

JSON = ("Content-Type", "application/json")
SETTING = "sync.resources.users.error_when"


def answer(body: Any, *headers: tuple[str, str], status: int = 200) -> Answer:
    return Answer(status, "", headers or (JSON,), body if isinstance(body, bytes) else json.dumps(body).encode())


def facts(body: Any, *patterns: str, selector: str = "data") -> PageFacts:
    return read_facts(answer(body), Wanted(json_path(selector), errors=tuple(map(pattern, patterns))))


def pattern(text: str) -> ErrorPattern:
    return read_pattern(text, SETTING, json_path)


def is_error(body: Any, text: str) -> bool:
    try:
        facts(body, text)
    except DataError as error:
        assert str(error).startswith(f"the answer is an error by {SETTING} ({text!r}): ")
        return True
    return False


# What the answer itself is


@pytest.mark.parametrize("selector", ["$", "data", "data[*]"])
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<!doctype html><html>s3cret</html>", "not JSON but HTML"),
        (b"<html>caf\xe9</html>", "not JSON but HTML"),
        (b'<?xml version="1.0"?>\n<!DOCTYPE html><html>s3cret</html>', "not JSON but HTML"),
        (
            b'<?xml version="1.0"?><RESPONSE>s3cret</RESPONSE>',
            r"not JSON but XML \(.*\); ask for JSON .*moodlewsrestformat",
        ),
        (gzip.compress(b'{"data": []}', mtime=0), r"not JSON but compressed \(gzip\) without a Content-Enc"),
        (b'{"s3cret": 1}\n{"id": 2}\n', r"not JSON but many JSON texts, one a line \(NDJSON\)"),
        (b"", "not JSON but nothing"),
        (b'"s3cret"', "no object and no list but a text"),
        (b"true", "no object and no list but true or false"),
        (b"42", "no object and no list but a number"),
        (b"NaN", "no object and no list but a number"),
    ],
)
def test_a_body_that_is_no_object_and_no_list_is_named_whatever_its_content_type(
    selector: str, body: bytes, kind: str
) -> None:
    for read in (lambda: facts(body, selector=selector), lambda: parse_body(answer(body))):
        with pytest.raises(DataError, match=kind) as caught:
            read()
        assert "application/json" in str(caught.value) and "s3cret" not in str(caught.value)


@pytest.mark.parametrize("selector", ["$", "data", "data[*]"])
def test_null_is_an_empty_page_as_go_servers_write_it(selector: str) -> None:
    assert facts(b"null", selector=selector).rows == 0


@pytest.mark.parametrize("selector", ["$", "data", "data[*]"])
def test_an_empty_answer_is_an_empty_page_only_where_its_status_says_so(selector: str) -> None:
    wanted = Wanted(json_path(selector), json_path("total"), errors=(pattern("exception"),))
    assert read_facts(answer(b"", status=204), wanted).rows == 0
    with pytest.raises(DataError, match="nothing"):
        read_facts(answer(b""), wanted)


@pytest.mark.parametrize("body", [b"", b"null", {}, [], {"data": []}, {"data": None}, {"status": "processing"}])
def test_an_accepted_request_without_rows_is_no_empty_list(body: Any) -> None:
    with pytest.raises(DataError, match=r"202 \(Accepted\) without rows.*response_actions"):
        read_facts(answer(body, status=202), Wanted(json_path("data")))


def test_an_accepted_request_with_rows_is_a_page_as_in_dlt() -> None:
    assert read_facts(answer({"data": [{"id": 1}]}, status=202), Wanted(json_path("data"))).rows == 1
    assert read_facts(answer({"status": "done"}, status=202), Wanted(json_path("$"))).rows == 1


def test_a_pattern_says_first_what_an_accepted_request_means() -> None:
    with pytest.raises(DataError, match="status == processing"):
        wanted = Wanted(json_path("data"), errors=(pattern("status == processing"),))
        read_facts(answer({"status": "processing"}, status=202), wanted)


def test_a_number_that_no_parser_takes_is_told_as_that() -> None:
    with pytest.raises(DataError, match="thousands of digits"):
        facts(b'{"data": [1], "n": ' + b"9" * 5000 + b"}", selector="data[*]")


@pytest.mark.parametrize("rows", [[None, None], ["a", 1], [[1], [2]]])
def test_entries_that_are_no_objects_are_rows_as_in_dlt(rows: Any) -> None:
    assert facts({"data": rows}).rows == 2


def test_an_object_of_objects_is_one_row_as_in_dlt() -> None:
    assert facts({"data": {"1": {"id": 1}, "2": {"id": 2}}}).rows == 1


# What its usual keys say


@pytest.mark.parametrize("key", ["exception", "errorcode", "error", "errors"])
@pytest.mark.parametrize("selector", ["data", "data[*]"])
@pytest.mark.parametrize("data", [[], None, False, "", "s3cret"])
def test_an_error_key_beside_no_row_is_an_error(key: str, selector: str, data: Any) -> None:
    with pytest.raises(DataError, match=rf"error object with status 200 \(keys '{key}'\)") as caught:
        facts({key: "s3cret", "data": data}, selector="data" if data == [] else selector)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("odd", ["", ', "x": NaN'])
@pytest.mark.parametrize("data", ['[{"id": 1}]', '{"id": 1}', "[null]", '["a"]'])
def test_an_error_key_beside_rows_leaves_them_rows(data: str, odd: str) -> None:
    assert facts(f'{{"errors": ["part is missing"], "data": {data}{odd}}}'.encode()).rows == 1


@pytest.mark.parametrize("odd", ["", ', "x": NaN'])
def test_an_error_object_is_no_row_where_the_answer_itself_is_selected(odd: str) -> None:
    with pytest.raises(DataError, match="error object"):
        facts(f'{{"exception": "e", "errorcode": "c"{odd}}}'.encode(), selector="$")
    assert facts(f'{{"id": 7, "error": "a job that failed"{odd}}}'.encode(), selector="$").rows == 1


@pytest.mark.parametrize(
    "value", [None, False, 0, "", [], {}, "0", "None", "OK", {"code": 0, "message": "ok"}, [{}], ["", None]]
)
def test_an_error_key_may_say_that_there_is_no_error(value: Any) -> None:
    assert facts({"error": value, "data": []}).rows == 0
    refuse_error_object({"error": value})


@pytest.mark.parametrize("value", [True, 1, "expired", ["expired"], {"code": 0, "message": "expired"}])
def test_an_error_may_be_told_in_any_form(value: Any) -> None:
    with pytest.raises(DataError, match="error object"):
        facts({"error": value, "data": []})
    with pytest.raises(DataError, match=r"error object .*name them by data_selector"):
        refuse_error_object({"error": value})


@pytest.mark.parametrize("body", [{"id": 1, "error": "failed"}, [{"error": "failed"}], None, "error"])
def test_a_row_with_an_error_is_no_error_object(body: Any) -> None:
    refuse_error_object(body)


# What the config's patterns say


@pytest.mark.parametrize(
    ("text", "errors", "fine"),
    [
        ("failed", [True, 1, "x", [0], {"a": 0}], [None, False, 0, 0.0, "", [], {}]),
        ("failed == true", [True], [1, "true", False, None]),
        ("failed==1", [1, 1.0], [True, "1", 0]),
        ("failed == expired", ["expired"], ["EXPIRED", " expired", None]),
        ("failed == 'true'", ["true"], [True]),
        ('failed == "true"', ["true"], [True]),
        ("failed == null", [None], [False, 0]),
        ("failed == a == b", ["a == b"], ["a"]),
        ("failed != false", [True, None, 0, "false"], [False]),
        ("failed != 0", [1, "0", False], [0]),
    ],
)
@pytest.mark.parametrize("odd", ["", ', "x": NaN'])
def test_a_pattern_tells_an_error_by_a_value(text: str, errors: list[Any], fine: list[Any], odd: str) -> None:
    def told(value: Any) -> bool:
        return is_error(f'{{"data": [{{"id": 1}}], "failed": {json.dumps(value)}{odd}}}'.encode(), text)

    assert [value for value in errors if not told(value)] == []
    assert [value for value in fine if told(value)] == []


@pytest.mark.parametrize("text", ["failed", "failed == null", "failed != ok", "meta.failed != ok", "$..failed != ok"])
@pytest.mark.parametrize("body", [{"data": []}, {}, None])
def test_what_is_not_there_fits_no_pattern(text: str, body: Any) -> None:
    assert not is_error(body, text)


def test_a_list_has_no_key_to_fit() -> None:
    wanted = Wanted(json_path("$"), errors=(pattern("exception"),))
    assert read_facts(answer([{"exception": 1}]), wanted).rows == 1


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("meta.state == bad", {"meta": {"state": "bad"}}),
        ("messages[*].fatal", {"messages": [{"fatal": False}, {"fatal": True}]}),
        ("messages[0].level == 'fatal'", {"messages": [{"level": "fatal"}, {"level": "info"}]}),
        ("messages[?(@.level == 'fatal')]", {"messages": [{"level": "info"}, {"level": "fatal"}]}),
        ("messages[?(@.level == 'fatal')].code != 7", {"messages": [{"level": "fatal", "code": 8}]}),
        ("'a == b' == 1", {"a == b": 1}),
    ],
)
def test_a_pattern_may_be_any_path(text: str, body: Any) -> None:
    assert is_error({"data": [{"id": 1}], **body}, text)


def test_a_comparison_is_with_the_first_value() -> None:
    assert not is_error({"data": [{"id": 1}, {"id": 2}]}, "data[*].id == 2")


def test_a_pattern_is_asked_before_the_rows_are_looked_for() -> None:
    assert is_error({"success": False, "reason": "s3cret"}, "success == false")


def test_any_of_several_patterns_makes_an_error_and_is_the_one_named() -> None:
    with pytest.raises(DataError, match="'b'"):
        facts({"data": [], "b": 1}, "a", "b", "c")


@pytest.mark.parametrize("text", ["success = false", "success === false", "a >", "[[", "== 1", "a b", "a == "])
def test_what_is_no_pattern_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a JSONPath|has no value after"):
        pattern(text)
