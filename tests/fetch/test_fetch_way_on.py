"""A read by links or cursors that ends where it should not have: it says so."""

from typing import Any

import pytest

from homeroom.dlt_seam.rest_api import json_path
from homeroom.errors import RequestError
from homeroom.paginate import Cursor, JsonLink
from homeroom.values import Answer, ChainEnd, Proof, Request

from .scripted import BASE, Script, answer, chain, read

CURSOR = Cursor(json_path("meta.next"))
LINK = JsonLink(json_path("links.next"))


def page(count: int, **beside: Any) -> Answer:
    return answer({"data": [{"id": number} for number in range(count)], **beside})


def ended(paging: Any, *pages: Answer, **asked: Any) -> ChainEnd:
    return read(Script(*pages), chain(paging=paging, **asked))[1]


def test_more_rows_but_no_cursor_is_no_end() -> None:
    paging = Cursor(json_path("next"), has_more=json_path("more"))
    end = ended(paging, page(3, more=True, next="b"), page(2, more=True, next=None))
    assert end.broken and "says that there are more, but names no cursor" in end.note


def test_no_more_rows_and_no_cursor_is_the_end() -> None:
    paging = Cursor(json_path("next"), has_more=json_path("more"))
    assert ended(paging, page(100, more=False)) == ChainEnd(1, Proof.KEYSET)


@pytest.mark.parametrize(("paging", "path"), [(CURSOR, "meta.next"), (LINK, "links.next")])
@pytest.mark.parametrize("rows", [10, 25, 100])
def test_a_path_that_finds_nothing_in_a_page_that_looks_cut_proves_nothing(paging: Any, path: str, rows: int) -> None:
    end = ended(paging, page(rows, paging={"next": "/users?after=100"}))
    assert end.proof is Proof.END and not end.broken
    assert end.note.startswith(f"{path!r} finds nothing in the only page") and "check the path" in end.note


def test_a_page_as_long_as_was_asked_for_looks_cut() -> None:
    request = Request("GET", f"{BASE}/users", {"limit": 7})
    assert ended(CURSOR, page(7), request=request).proof is Proof.END
    assert ended(CURSOR, page(6), request=request).proof is Proof.KEYSET


@pytest.mark.parametrize(
    "pages",
    [
        [page(100, meta={"next": None})],
        [page(100, meta={"next": ""})],
        [page(17)],
        [page(5)],
        [page(0)],
        [page(100, meta={"next": "b"}), answer({"data": [{"id": 100 + n} for n in range(100)]})],
    ],
)
def test_a_path_that_finds_something_or_a_page_that_does_not_look_cut_is_a_keyset(pages: list[Answer]) -> None:
    assert ended(CURSOR, *pages) == ChainEnd(1, Proof.KEYSET)


@pytest.mark.parametrize("path", ["nextPageToken", "$.nextPageToken", "['@odata.nextLink']"])
def test_a_key_that_the_apis_rules_leave_out_of_the_last_page_is_not_missed(path: str) -> None:
    assert ended(Cursor(json_path(path)), page(100)) == ChainEnd(1, Proof.KEYSET)
    assert ended(JsonLink(json_path(path)), page(100)) == ChainEnd(1, Proof.KEYSET)


@pytest.mark.parametrize(
    ("cursor", "sent"),
    [
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("1700000000.19999999999", "1700000000.19999999999"),
    ],
)
def test_a_cursor_that_is_an_odd_number_is_sent_back_as_it_is(cursor: str, sent: str) -> None:
    transport = Script(page_with(cursor), page(1))
    assert read(transport, chain(paging=Cursor(json_path("next"))))[1].proof is Proof.KEYSET
    assert transport.urls[1] == f"{BASE}/users?cursor={sent}"


def test_a_cursor_with_half_a_character_cannot_be_sent_in_a_query() -> None:
    told = r"resource users, GET https://api\.example\.com/users\?cursor=…: request: requests refuses it"
    with pytest.raises(RequestError, match=told):
        read(Script(page_with('"a\\ud800b"')), chain(paging=Cursor(json_path("next"))))


def test_a_cursor_with_half_a_character_is_sent_in_a_body() -> None:
    transport = Script(page_with('"a\\ud800b"'), page(1))
    asked = Request("POST", f"{BASE}/users", json={"first": 10})
    read(transport, chain(paging=Cursor(json_path("next"), None, "after"), request=asked))
    assert transport.sent[1].body == b'{"first": 10, "after": "a\\ud800b"}'


def page_with(cursor: str) -> Answer:
    return answer(f'{{"data": [{{"id": 1}}], "next": {cursor}}}'.encode())


def test_a_total_says_more_than_a_path_that_is_missing() -> None:
    end = ended(CURSOR, page(100, total=100), total=json_path("total"))
    assert end == ChainEnd(1, Proof.KEYSET, (100, 100))
