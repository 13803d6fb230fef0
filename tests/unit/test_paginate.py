"""After this page, which request? For every paging style."""

from typing import Any

import pytest

from homeroom.dlt_seam.rest_api import json_path
from homeroom.errors import DataError
from homeroom.paginate import (
    Cursor,
    HeaderCursor,
    HeaderLink,
    JsonLink,
    Offset,
    PageNumber,
    Paging,
    SinglePage,
    Step,
    after,
    counts_pages,
    first,
)
from homeroom.values import PageFacts, Proof, Request

URL = "https://api.example.com/users"
GET = Request("GET", URL, {"sort": "id"})
LINK = JsonLink(json_path("next"))
CURSOR = Cursor(json_path("next"))
MORE = json_path("more")


def asked(**params: Any) -> Request:
    return Request("GET", URL, {"sort": "id", **params})


def follow(paging: Paging, request: Request, rows: int, *, largest: int = 0, **facts: Any) -> Step:
    return after(paging, request, PageFacts(rows, **facts), largest)


def params(step: Step) -> dict[str, Any]:
    assert step.request is not None
    return dict(step.request.params or {})


def test_a_single_page_is_the_end_by_the_configs_word() -> None:
    assert first(SinglePage(), GET) == GET
    assert follow(SinglePage(), GET, 5) == Step(None, Proof.DECLARED)


def test_an_unknown_paging_is_named() -> None:
    with pytest.raises(TypeError, match="str"):
        follow("offset", GET, 1)  # type: ignore[arg-type]


def test_offset_begins_at_its_start_beside_the_configs_own_parameters() -> None:
    assert first(Offset(100, start=20), GET).params == {"sort": "id", "offset": 20, "limit": 100}


def test_offset_may_use_other_names() -> None:
    request = first(Offset(10, param="startIndex", limit_param="count"), GET)
    assert request.params == {"sort": "id", "startIndex": 0, "count": 10}


def test_offset_may_stand_in_the_body_beside_what_is_there() -> None:
    paging = Offset(10, param=None, body_path="page.from", limit_param=None, limit_body_path="page.size")
    begun = first(paging, Request("POST", URL, json={"page": {"sort": "id"}, "q": 1}))
    assert begun.json == {"page": {"sort": "id", "from": 0, "size": 10}, "q": 1}
    step = follow(paging, begun, 10)
    assert step.request is not None
    assert step.request.json == {"page": {"sort": "id", "from": 10, "size": 10}, "q": 1}
    assert step.request.params is None


def test_the_request_that_was_given_is_not_changed() -> None:
    request = Request("POST", URL, json={"page": {"from": 0}})
    follow(Offset(10, param=None, body_path="page.from"), request, 10)
    assert request.json == {"page": {"from": 0}}


def test_offset_goes_on_by_the_rows_that_came() -> None:
    step = follow(Offset(100), asked(offset=100, limit=100), 50)
    assert params(step) == {"sort": "id", "offset": 150, "limit": 100}


def test_offset_goes_on_where_a_short_page_comes_without_a_total() -> None:
    assert params(follow(Offset(100), asked(offset=0, limit=100), 1))["offset"] == 1


def test_an_empty_page_is_the_end() -> None:
    assert follow(Offset(100), asked(offset=100), 0, total=500) == Step(None)
    assert follow(PageNumber(), asked(page=3), 0, total=9) == Step(None)


def test_an_empty_page_may_be_passed_over_where_a_total_says_that_more_follows() -> None:
    paging = Offset(100, stop_after_empty_page=False)
    assert params(follow(paging, asked(offset=100), 0, total=500))["offset"] == 200


@pytest.mark.parametrize("paging", [Offset(100, stop_after_empty_page=False), PageNumber(stop_after_empty_page=False)])
def test_an_empty_page_is_the_end_in_any_case_where_nothing_else_could_be(paging: Paging) -> None:
    assert follow(paging, asked(offset=100, page=1), 0) == Step(None)


@pytest.mark.parametrize(
    ("paging", "facts"),
    [
        (PageNumber(stop_after_empty_page=False, maximum=9), {}),
        (PageNumber(stop_after_empty_page=False, has_more=MORE), {"has_more": True}),
        (PageNumber(stop_after_empty_page=False), {"total": 9}),
    ],
)
def test_an_empty_page_may_be_passed_over_where_something_else_ends_the_read(paging: Paging, facts: Any) -> None:
    assert params(follow(paging, asked(page=3), 0, **facts))["page"] == 4


def test_offset_ends_at_the_total_after_a_short_page() -> None:
    assert follow(Offset(100), asked(offset=100), 50, total=150, largest=100) == Step(None)


def test_a_full_page_at_the_announced_end_is_worth_a_probe() -> None:
    step = follow(Offset(100), asked(offset=100), 100, total=200, largest=100)
    assert step.probe and params(step)["offset"] == 200


def test_a_page_is_full_that_is_as_large_as_the_server_ever_gave() -> None:
    assert follow(Offset(100), asked(offset=50), 50, total=100, largest=50).probe
    assert not follow(Offset(100), asked(offset=50), 49, total=99, largest=50).probe


def test_no_probe_is_sent_where_empty_pages_mean_nothing() -> None:
    paging = Offset(100, stop_after_empty_page=False)
    assert follow(paging, asked(offset=0), 100, total=100) == Step(None)


def test_more_rows_than_announced_make_the_total_worthless() -> None:
    step = follow(Offset(100), asked(offset=100), 20, total=110, largest=100)
    assert step.probe and params(step)["offset"] == 120


def test_an_offset_that_counts_from_one_is_no_row_more_than_announced() -> None:
    assert follow(Offset(100, start=1), asked(offset=1), 50, total=50) == Step(None)


def test_has_more_false_is_the_end_whatever_the_total() -> None:
    paging = Offset(100, has_more=MORE)
    assert follow(paging, asked(offset=0), 100, has_more=False, total=500) == Step(None)
    assert follow(PageNumber(has_more=MORE), asked(page=0), 100, has_more=False) == Step(None)


@pytest.mark.parametrize("said", [True, None])
def test_has_more_true_or_absent_goes_on(said: bool | None) -> None:
    assert params(follow(Offset(100, has_more=MORE), asked(offset=0), 30, has_more=said))["offset"] == 30


def test_the_maximum_ends_the_read_and_says_so() -> None:
    step = follow(Offset(100, maximum=200), asked(offset=100), 100)
    assert step.request is None and "maximum is 200" in step.note
    assert follow(PageNumber(maximum=3), asked(page=2), 100).request is None


def test_below_the_maximum_the_read_goes_on() -> None:
    assert params(follow(Offset(100, maximum=201), asked(offset=100), 100))["offset"] == 200
    assert params(follow(PageNumber(maximum=4), asked(page=2), 100))["page"] == 3


def test_page_numbers_begin_at_their_start() -> None:
    assert first(PageNumber(base=1, start=3), GET).params == {"sort": "id", "page": 3}


def test_page_numbers_may_stand_in_the_body() -> None:
    paging = PageNumber(param=None, body_path="at.page")
    step = follow(paging, first(paging, Request("POST", URL)), 10)
    assert step.request is not None and step.request.json == {"at": {"page": 1}}


@pytest.mark.parametrize(("base", "last"), [(0, 2), (1, 3)])
def test_three_pages_end_at_the_third(base: int, last: int) -> None:
    paging = PageNumber(base=base, start=base)
    assert params(follow(paging, asked(page=last - 1), 10, total=3, largest=10))["page"] == last
    assert follow(paging, asked(page=last), 4, total=3, largest=10) == Step(None)


def test_a_full_last_page_by_number_is_probed_too() -> None:
    step = follow(PageNumber(base=1, start=1), asked(page=3), 10, total=3, largest=10)
    assert step.probe and params(step)["page"] == 4


def test_the_only_page_by_number_is_not_probed_since_nothing_says_what_full_is() -> None:
    assert follow(PageNumber(), asked(page=0), 10, total=1) == Step(None)


def test_a_page_beyond_the_announced_ones_makes_their_number_worthless() -> None:
    step = follow(PageNumber(), asked(page=3), 4, total=3, largest=10)
    assert step.probe and params(step)["page"] == 4


def test_guessed_paging_counts_from_the_start_where_the_first_request_named_no_page() -> None:
    assert params(follow(PageNumber(start=0), GET, 10))["page"] == 1


def test_a_cursor_is_sent_back() -> None:
    assert params(follow(CURSOR, asked(cursor="a"), 10, reference="b")) == {"sort": "id", "cursor": "b"}


def test_a_cursor_may_go_into_the_body() -> None:
    paging = Cursor(json_path("next"), param=None, body_path="page.after")
    step = follow(paging, Request("POST", URL, json={"q": 1}), 10, reference=7)
    assert step.request is not None and step.request.json == {"q": 1, "page": {"after": 7}}


@pytest.mark.parametrize("reference", [None, ""])
def test_no_cursor_is_the_end_and_proves_it(reference: str | None) -> None:
    assert follow(CURSOR, GET, 10, reference=reference) == Step(None, Proof.KEYSET)
    assert follow(HeaderCursor("X-Next", "after"), GET, 10, reference=reference) == Step(None, Proof.KEYSET)


def test_a_cursor_behind_an_empty_page_is_followed_unless_told_otherwise() -> None:
    assert params(follow(CURSOR, GET, 0, reference="b"))["cursor"] == "b"
    stopping = Cursor(json_path("next"), stop_after_empty_page=True)
    assert follow(stopping, GET, 0, reference="b") == Step(None, Proof.KEYSET)


def test_has_more_true_without_a_cursor_is_a_broken_end() -> None:
    step = follow(Cursor(json_path("next"), has_more=MORE), GET, 10, has_more=True)
    assert step.request is None and step.broken and "says that there are more, but names no cursor" in step.note


def test_an_empty_page_that_the_config_takes_for_the_end_is_one_whatever_it_says() -> None:
    paging = Cursor(json_path("next"), has_more=MORE, stop_after_empty_page=True)
    assert follow(paging, GET, 0, has_more=True) == Step(None, Proof.KEYSET)


def test_has_more_false_ends_a_cursor_that_is_still_given() -> None:
    paging = Cursor(json_path("next"), has_more=MORE)
    assert follow(paging, GET, 10, reference="b", has_more=False) == Step(None, Proof.KEYSET)
    assert follow(paging, GET, 10, reference="b", has_more=None).request is not None


def test_a_cursor_of_a_header_is_sent_back() -> None:
    assert params(follow(HeaderCursor("X-Next", "after"), GET, 10, reference="b"))["after"] == "b"


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("https://api.example.com/users?cursor=b", "https://api.example.com/users?cursor=b"),
        ("/v2/users?cursor=b", "https://api.example.com/v2/users?cursor=b"),
        ("?cursor=b", "https://api.example.com/users?cursor=b"),
        ("https://other.org/x", "https://other.org/x"),
    ],
)
def test_a_next_link_is_joined_and_brings_its_own_query(link: str, url: str) -> None:
    for paging in (LINK, HeaderLink()):
        step = follow(paging, asked(limit=5), 10, reference=link)
        assert step.request == Request("GET", url, None)


def test_a_next_link_that_is_no_url_is_refused_without_quoting_it() -> None:
    with pytest.raises(DataError, match="not a URL") as caught:
        follow(LINK, GET, 10, reference="http://[s3cret")
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("reference", [None, ""])
def test_no_next_link_is_the_end_and_proves_it(reference: str | None) -> None:
    ended = Request("GET", f"{URL}?cursor=Zm9v&limit=10")
    assert follow(LINK, ended, 10, reference=reference) == Step(None, Proof.KEYSET)


def test_links_that_count_pages_prove_nothing() -> None:
    step = follow(LINK, Request("GET", f"{URL}?page=7"), 10)
    assert step.request is None and step.proof is Proof.END and "count pages" in step.note


@pytest.mark.parametrize(
    ("query", "counted"),
    [
        ("page=2", True),
        ("Offset=20", True),
        ("page[number]=2", True),
        ("page=b3Bh", False),
        ("after=2", False),
        ("", False),
    ],
)
def test_a_link_counts_pages_where_a_counting_parameter_is_a_number(query: str, counted: bool) -> None:
    assert counts_pages(Request("GET", f"{URL}?{query}")) is counted
