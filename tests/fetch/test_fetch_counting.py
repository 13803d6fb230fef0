"""A page number or an offset that comes as a cursor proves no more than one that is counted here."""

from typing import Any

import pytest
from requests import PreparedRequest

from homeroom.dlt_seam.rest_api import json_path
from homeroom.fetch.counting import NOTE
from homeroom.paginate import Cursor, HeaderCursor, JsonLink
from homeroom.values import Answer, ChainEnd, Proof, Request

from .scripted import BASE, Script, answer, chain, query, read, rows


def ended(paging: Any, *steps: Any, size: int = 2, **asked: Any) -> ChainEnd:
    """The end of a read whose cursors are these, in pages of `size` rows."""
    replies = [
        answer({"data": [{"id": size * number + n} for n in range(size)], "next": step})
        for number, step in enumerate((*steps, None))
    ]
    return read(Script(*replies), chain(paging=paging, **asked))[1]


@pytest.mark.parametrize("last", [{}, {"X-Next-Page": ""}])
def test_gitlabs_page_number_in_a_header_proves_nothing(last: dict[str, str]) -> None:
    """Row 3 moves up as row 2 is deleted between the pages, and is lost."""
    left = [1, 2, 3, 4]

    def reply(request: PreparedRequest) -> Answer:
        page = int(query(request).get("page", 1))
        if page == 2:
            left.remove(2)
        headers = {"X-Next-Page": str(page + 1)} if 2 * page < len(left) else last
        return answer({"data": [{"id": n} for n in left[2 * page - 2 : 2 * page]]}, headers=headers)

    pages, end = read(Script(reply), chain(paging=HeaderCursor("X-Next-Page", "page")))
    assert len(pages) == 2 and end.proof is Proof.END and "the cursor counts pages or rows" in end.note


@pytest.mark.parametrize(
    ("param", "steps"),
    [
        ("page", (2, 3, 4)),
        ("page", ("1", "2")),
        ("_start", (2, 4, 6)),
        ("$skip", ("2",)),
        ("startAt", (50, 100, 150)),
        ("Offset", (3, 5)),
    ],
)
def test_a_cursor_that_counts_is_no_keyset(param: str, steps: Any) -> None:
    assert ended(Cursor(json_path("next"), param), *steps) == ChainEnd(1, Proof.END, note=NOTE)


def test_a_cursor_that_counts_by_the_page_size_asked_for_is_no_keyset() -> None:
    request = Request("GET", f"{BASE}/users", {"limit": 100, "start": 0})
    assert ended(Cursor(json_path("next"), "start"), 100, 200, request=request).note == NOTE


def test_a_cursor_in_the_body_counts_too() -> None:
    request = Request("POST", f"{BASE}/users", json={"paging": {"offset": 0}})
    paging = Cursor(json_path("next"), None, "paging.offset")
    assert ended(paging, 2, 4, request=request).note == NOTE


@pytest.mark.parametrize(
    ("param", "steps"),
    [
        ("cursor", (2, 3, 4)),
        ("since_id", (2, 4, 6)),
        ("from", (117, 212, 380)),
        ("start", (1_700_000_000, 1_700_003_600)),
        ("from", ("c2", "c3")),
        ("page", ("eyJpZCI6Mn0",)),
        ("page", (2, "eyJpZCI6Mn0")),
    ],
)
def test_a_cursor_that_does_not_count_is_a_keyset(param: str, steps: Any) -> None:
    assert ended(Cursor(json_path("next"), param), *steps) == ChainEnd(1, Proof.KEYSET)


def test_a_read_without_a_second_page_is_a_keyset() -> None:
    assert ended(Cursor(json_path("next"), "page")).proof is Proof.KEYSET


@pytest.mark.parametrize(
    "param", ["$skip", "startAt", "pageIndex", "page_num", "start_index", "_page", "_start", "$offset"]
)
def test_a_link_that_counts_by_any_of_these_names_is_no_keyset(param: str) -> None:
    first = answer({"data": [{"id": 1}], "next": f"/users?{param}=100"})
    assert read(Script(first, rows(2)), chain(paging=JsonLink(json_path("next"))))[1].proof is Proof.END
