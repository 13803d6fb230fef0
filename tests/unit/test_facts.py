"""What a page says of itself, read without building its rows."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from homeroom.decode import decode_rows
from homeroom.dlt_seam.rest_api import json_path
from homeroom.errors import DataError
from homeroom.facts import CutOffError, Wanted, parse_body, read_facts, selected_rows
from homeroom.values import Answer, Page, PageFacts

DATA = json_path("data")


def answer(body: Any, *headers: tuple[str, str], status: int = 200) -> Answer:
    return Answer(status, "", headers, body if isinstance(body, bytes) else json.dumps(body).encode())


def facts(body: Any, *headers: tuple[str, str], selector: str = "data", status: int = 200, **wanted: Any) -> PageFacts:
    paths = {
        key: json_path(value) if key in ("total", "reference", "has_more") else value for key, value in wanted.items()
    }
    return read_facts(answer(body, *headers, status=status), Wanted(json_path(selector), **paths))


def test_rows_are_counted_and_their_text_is_kept() -> None:
    found = facts(b' {"data": [{"id": 1}, {"id":2}], "x": 0} ')
    assert (found.rows, found.data) == (2, b'[{"id": 1}, {"id":2}]')


@pytest.mark.parametrize(
    ("selector", "body"),
    [
        ("$", [1, 2]),
        ("data.items", {"data": {"items": [1, 2]}}),
        ("data[*]", {"data": [1, 2]}),
        ("$..id", [{"id": 1}, {"id": 2}]),
    ],
)
def test_rows_are_found_by_any_path(selector: str, body: Any) -> None:
    assert facts(body, selector=selector).rows == 2


@pytest.mark.parametrize(
    ("body", "rows"),
    [({"data": None}, 0), ({"data": {"id": 1}}, 1), ({}, 0), ([], 0), (None, 0), ({"data": []}, 0)],
)
def test_null_and_nothing_are_empty_pages_and_one_object_is_one_row(body: Any, rows: int) -> None:
    assert facts(body).rows == rows


def test_entries_of_lists_that_are_all_empty_are_an_empty_page() -> None:
    assert facts({"courses": [{"marks": []}, {"marks": []}]}, selector="courses[*].marks[*]").rows == 0
    assert facts({"courses": [{"marks": []}, {"marks": [1, 2]}]}, selector="courses[*].marks[*]").rows == 2


@pytest.mark.parametrize("courses", [[], [{"id": 1}], [{"marks": []}, {"marks": {}}]])
def test_entries_of_lists_that_are_not_there_are_missed(courses: Any) -> None:
    with pytest.raises(DataError, match="finds nothing"):
        facts({"courses": courses, "total": 0}, selector="courses[*].marks[*]")


def test_no_content_is_an_empty_page() -> None:
    assert facts(b"", status=204).rows == 0


def test_an_answer_without_the_selected_key_names_the_keys_that_it_has() -> None:
    with pytest.raises(DataError, match=r"'data' finds nothing: .* keys 'rows', …"):
        facts({"rows": "s3cret", "ann@example.org": "s3cret"})


def test_an_xml_element_without_children_is_an_empty_page() -> None:
    assert facts({"students": {"@expansions": "x", "@extensions": "y"}}, selector="students.student").rows == 0


@pytest.mark.parametrize(
    ("body", "selector"),
    [
        ({"students": {"@expansions": "x", "pupil": [{"id": 1}]}}, "students.student"),
        ({"students": {}}, "students.student"),
        ({"students": "none"}, "students.student"),
        ({"@expansions": "x"}, "students"),
        ({"students": {"@expansions": "x"}}, "$..student"),
    ],
)
def test_what_is_no_such_element_must_hold_what_is_selected(body: Any, selector: str) -> None:
    with pytest.raises(DataError, match="finds nothing"):
        facts(body, selector=selector)


def test_an_error_object_is_told_as_one() -> None:
    with pytest.raises(DataError, match=r"an error object with status 200 \(keys 'errorcode'\)"):
        facts({"errorcode": "s3cret", "message": "s3cret"})


def test_an_answer_that_is_a_list_suggests_the_whole_list() -> None:
    with pytest.raises(DataError, match=r"is a list; .*'\$' takes the whole list"):
        facts([{"id": 1}])


@pytest.mark.parametrize("selector", ["$", "data", "data[*]"])
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<html>s3cret</html>", "HTML"),
        (b"s3cret", "text"),
        (b"", "nothing"),
        (b"1,2,3", "text"),
    ],
)
def test_what_is_no_json_is_named_and_never_quoted(selector: str, body: bytes, kind: str) -> None:
    with pytest.raises(DataError, match=f"not JSON but {kind} \\(text/x, {len(body)} bytes, status 200\\)") as caught:
        facts(body, ("content-type", "text/x"), selector=selector)
    assert "s3cret" not in str(caught.value)


def test_a_byte_order_mark_is_passed_over() -> None:
    assert facts(b'\xef\xbb\xbf{"data": [1]}').rows == 1


@pytest.mark.parametrize("odd", [b"NaN", b"-Infinity", b'"\\ud800"', b"1e400", b"123456789012345678901234567890"])
def test_json_that_only_pythons_reader_takes_is_read_all_the_same(odd: bytes) -> None:
    assert facts(b'{"data": [' + odd + b", 2]}").rows == 2


def test_text_that_is_not_utf8_is_refused() -> None:
    with pytest.raises(DataError, match="not UTF-8"):
        facts(b'{"data\xff": [1]}')


_LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5)
)
_KEYS = st.sampled_from(["data", "items", "é", "x y"])
_JSON = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=12,
)
_DOCUMENTS = st.dictionaries(_KEYS, _JSON, min_size=1, max_size=4) | st.lists(_JSON, max_size=4)
_PATHS = [
    json_path(text)
    for text in ("$", "data", "data.items", "data.items.data", "data[*]", "$..data", "'x y'", "'é'.data")
]
_SELECTORS = st.sampled_from(_PATHS)


def plainly(document: Any, path: Any) -> list[Any]:
    return [match.value for match in path.compiled.find(document)]


@given(_DOCUMENTS, _SELECTORS, st.booleans())
@example({"data": {"items": [1.5, 2**70]}}, json_path("data.items"), False)
def test_the_rows_are_those_of_a_plain_parse(document: Any, selector: Any, ascii_only: bool) -> None:
    body = json.dumps(document, ensure_ascii=ascii_only).encode()
    matches = plainly(document, selector)
    if not matches and document not in ({}, []):
        with pytest.raises(DataError, match="finds nothing"):
            read_facts(answer(body), Wanted(selector))
        return
    found = read_facts(answer(body), Wanted(selector))
    page = Page("users", 1, 1, "GET /", body, found, selector, datetime.now(UTC))
    expected = selected_rows(matches) if matches else []
    assert decode_rows(page) == expected and found.rows == len(expected)


@given(_DOCUMENTS, _SELECTORS)
def test_total_and_more_are_those_of_a_plain_parse(document: Any, path: Any) -> None:
    found = read_facts(answer(document), Wanted(json_path("$"), total=path, has_more=path))
    value = next(iter(plainly(document, path)), None)
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
    assert found.total == (int(value) if is_number else None) or isinstance(value, str)
    if not isinstance(value, str):
        assert found.has_more == (bool(value) if isinstance(value, int) else None)


@given(_DOCUMENTS, st.data(), _SELECTORS)
def test_a_body_that_ends_early_is_cut_off_wherever_it_ends(document: Any, data: st.DataObject, selector: Any) -> None:
    whole = json.dumps(document, ensure_ascii=False).encode()
    size = data.draw(st.integers(1, len(whole) - 1))
    with pytest.raises(CutOffError):
        read_facts(answer(whole[:size]), Wanted(selector))


def test_a_whole_body_with_something_behind_it_is_wrong_and_not_cut_off() -> None:
    with pytest.raises(DataError, match=r"not valid JSON \(at character 13 of 14"):
        facts(b'{"data": [1]}}')


@pytest.mark.parametrize(
    ("value", "total"),
    [
        (5, 5),
        ("5", 5),
        (5.0, 5),
        (0, 0),
        (None, None),
        ("many", None),
        (True, None),
        (-1, None),
        ([], None),
        ("9" * 5000, None),
    ],
)
def test_a_total_may_be_a_number_or_text_and_anything_else_is_none(value: Any, total: int | None) -> None:
    assert facts({"data": [], "n": value}, total="n").total == total


def test_a_total_beyond_any_number_is_none() -> None:
    assert facts(b'{"data": [], "n": 1e400}', total="n").total is None


def test_a_total_of_rows_is_a_row_total_and_one_of_pages_is_not() -> None:
    body = {"data": [1], "n": 7}
    assert facts(body, total="n").row_total == 7
    paged = facts(body, total="n", total_counts_rows=False)
    assert (paged.total, paged.row_total) == (7, None)


@pytest.mark.parametrize("name", ["X-Total-Count", "total-count"])
def test_a_usual_header_gives_the_total_where_the_body_gives_none(name: str) -> None:
    found = facts({"data": [1]}, (name, "7"), total="n")
    assert (found.total, found.row_total) == (7, 7)


def test_a_header_of_rows_never_counts_pages() -> None:
    found = facts({"data": [1]}, ("X-Total-Count", "7"), total="n", total_counts_rows=False)
    assert (found.total, found.row_total) == (None, 7)


def test_the_header_may_be_named_and_then_no_other_counts() -> None:
    headers = (("X-Total-Count", "1"), ("X-Rows", "7"))
    assert facts([], *headers, total_header="X-Rows").row_total == 7
    assert facts([], headers[0], total_header="X-Rows").row_total is None


@pytest.mark.parametrize(
    ("value", "reference"), [("b", "b"), (7, 7), ("", None), (None, None), (False, None), (1.5, "1.5")]
)
def test_a_cursor_is_text_or_a_number(value: Any, reference: Any) -> None:
    assert facts({"data": [], "next": value}, reference="next").reference == reference


@pytest.mark.parametrize("path", ["meta.next", "$..next", "meta[?(@.at > 1.25)].next"])
@pytest.mark.parametrize("number", ["1700000000.19999999999", "1e3", "-0.10", "123456789012345678901234567890"])
@pytest.mark.parametrize("odd", ["null", "NaN"])
def test_a_cursor_that_is_a_number_is_sent_back_as_it_is_written(path: str, number: str, odd: str) -> None:
    meta = f'{{"at": 1.5, "next": {number}}}'
    meta = f"[{meta}]" if "?" in path else meta
    body = f'{{"data": [], "odd": {odd}, "meta": {meta}}}'.encode()
    found = read_facts(Answer(200, "", (), body), Wanted(json_path("data"), reference=json_path(path)))
    assert str(found.reference) == number


@pytest.mark.parametrize("selector", ["data", "data[*]"])
def test_an_absent_cursor_is_none(selector: str) -> None:
    assert facts({"data": [1]}, reference="page.next", selector=selector).reference is None


@pytest.mark.parametrize(("value", "kind"), [({"href": "s3cret"}, "an object"), (["s3cret"], "a list"), (True, "true")])
def test_a_cursor_that_cannot_be_sent_back_is_no_end_but_an_error(value: Any, kind: str) -> None:
    with pytest.raises(DataError, match=f"'next' is {kind}") as caught:
        facts({"data": [1], "next": value}, reference="next")
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "more"),
    [
        (True, True),
        (False, False),
        (1, True),
        (0, False),
        ("true", True),
        ("No", False),
        ("maybe", None),
        (None, None),
        ({}, None),
    ],
)
def test_has_more_is_read_as_apis_write_it(value: Any, more: bool | None) -> None:
    assert facts({"data": [], "more": value}, has_more="more").has_more is more


def test_the_next_link_is_found_in_the_link_header() -> None:
    link = '<https://h/u?page=1>; rel="prev", <https://h/u?page=3>; rel="next"'
    assert facts([], ("link", link), selector="$", link_rel="next").reference == "https://h/u?page=3"


def test_a_link_header_may_be_sent_once_for_each_link() -> None:
    headers = (("Link", '<https://h/u?page=1>; rel="prev"'), ("Link", '<https://h/u?page=3>; rel="next"'))
    assert facts([], *headers, selector="$", link_rel="next").reference == "https://h/u?page=3"


@pytest.mark.parametrize("headers", [(), (("Link", '<https://h/u?page=1>; rel="prev"'),), (("Link", ""),)])
def test_no_link_of_that_relation_is_none(headers: Any) -> None:
    assert facts([], *headers, selector="$", link_rel="next").reference is None


def test_a_cursor_may_be_a_header() -> None:
    assert facts([], ("x-next", "b"), selector="$", cursor_header="X-Next").reference == "b"


def test_the_whole_body_can_be_parsed_with_the_same_care() -> None:
    assert parse_body(answer(b'\xef\xbb\xbf{"a": 1e400}')) == {"a": float("inf")}
    with pytest.raises(CutOffError):
        parse_body(answer(b'{"a": 1'))
