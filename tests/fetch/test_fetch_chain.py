"""A chain is followed to its end: every row exactly once, whatever the server's manners."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from requests import PreparedRequest

from homeroom.decode import decode_rows
from homeroom.dlt_seam.rest_api import json_path
from homeroom.errors import DataError, RequestError, TransientError
from homeroom.events import PageRead
from homeroom.fetch.chain import safe_place
from homeroom.paginate import Cursor, HeaderLink, JsonLink, Offset, PageNumber
from homeroom.values import Answer, ChainEnd, Page, Proof, Request

from .scripted import BASE, Handler, Script, aligned, answer, chain, cut, query, read, rows

OFFSET = Offset(limit=10, total=json_path("total"))
LINK = JsonLink(json_path("next"))
CURSOR = Cursor(json_path("next"))
CLAMPED = "the server gives at most 50 rows a page where 100 were asked for"
PAST_THE_END = {"empty": 200, "404": 404, "400": 400}


def ids(pages: list[Page]) -> list[int]:
    return [row["id"] for page in pages for row in decode_rows(page)]


def offset_server(count: int, cap: Callable[[int], int], total: tuple[str, int | None], past: int = 200) -> Handler:
    """A server of `count` rows; `cap` is its most rows in a page by the offset asked for."""
    place, number = total

    def reply(request: PreparedRequest) -> Answer:
        asked = query(request)
        start, size = int(asked["offset"]), min(int(asked["limit"]), cap(int(asked["offset"])))
        if start and start >= count and past != 200:
            return answer({"error": "no such page"}, past)
        found = {"data": [{"id": n} for n in range(start, min(start + size, count))]}
        headers = {"X-Total-Count": str(number)} if place == "header" else {}
        return answer({**found, "total": number} if place == "body" else found, headers=headers)

    return reply


@st.composite
def offset_cases(draw: st.DrawFn) -> dict[str, Any]:
    count, limit, cap = (draw(st.integers(*bounds)) for bounds in ((0, 60), (1, 20), (1, 20)))
    clamped_from = draw(st.sampled_from([0, 0, 15, 10_000]))
    off_by = draw(st.sampled_from([0, 0, 1, 7, -1, -7]))
    place = draw(st.sampled_from(["body", "header", "absent"]))
    if off_by < 0:
        # A short page that ends exactly where a wrong total says is an end that nobody could doubt.
        clamped_from = 10_000
    if place == "absent" and clamped_from == 15:
        # One row alone looks like the end where pages overlap: docs/guarantees.md names it among what cannot be seen.
        cap = max(2, cap)
    total = max(0, count + off_by)
    past = 200 if place == "absent" or off_by > 0 else draw(st.sampled_from([200, 404, 400]))
    return {
        "count": count,
        "limit": limit,
        "cap": cap,
        "clamped_from": clamped_from,
        "place": place,
        "total": total,
        "past": past,
    }


@settings(max_examples=150, deadline=None)
@given(offset_cases())
def test_offset_reading_brings_every_row_once_and_ends(case: dict[str, Any]) -> None:
    def cap(offset: int) -> int:
        return case["cap"] if offset >= case["clamped_from"] else 1000

    server = offset_server(case["count"], cap, (case["place"], case["total"]), case["past"])
    transport = Script(server)
    paging = Offset(limit=case["limit"], total=json_path("total"))
    pages, end = read(transport, chain(paging=paging))
    assert ids(pages) == list(range(case["count"]))
    assert len(transport.sent) <= 2 * max(case["count"], case["total"]) + 6 and not end.broken


@settings(max_examples=100, deadline=None)
@given(
    st.integers(0, 50),
    st.integers(1, 12),
    st.sampled_from([0, 1]),
    st.sampled_from([None, 0, 2, -2, -1]),
    st.sampled_from([200, 404]),
)
def test_reading_by_page_number_brings_every_row_once_and_ends(
    count: int, size: int, base: int, off_by: int | None, past: int
) -> None:
    true_pages = -(-count // size)
    told = None if off_by is None else max(0, true_pages + off_by)
    if told is None or told > true_pages:
        past = 200
    if told == 1 and true_pages > 1:
        told = 2  # the one lie that nobody could notice without asking for a second page of everything

    def reply(request: PreparedRequest) -> Answer:
        page = int(query(request)["page"]) - base
        if page >= true_pages and page > 0 and past != 200:
            return answer({"error": "no such page"}, past)
        return answer({"data": [{"id": n} for n in range(page * size, min(count, (page + 1) * size))], "pages": told})

    paging = PageNumber(base=base, start=base, total=json_path("pages"))
    transport = Script(reply)
    pages, end = read(transport, chain(paging=paging))
    assert ids(pages) == list(range(count))
    assert len(transport.sent) <= 2 * max(true_pages, told or 0) + 6 and not end.broken


def test_a_server_that_gives_fifty_where_a_hundred_were_asked_loses_nothing() -> None:
    transport = Script(offset_server(120, lambda offset: 50, ("body", 120)))
    pages, end = read(transport, chain(paging=Offset(limit=100, total=json_path("total"))))
    assert ids(pages) == list(range(120)) and end == ChainEnd(1, Proof.END, (120, 120), CLAMPED)
    assert [query(request)["offset"] for request in transport.sent] == ["0", "50", "100"]


@pytest.mark.parametrize("total", ["20", 20])
def test_a_total_may_be_text(total: Any) -> None:
    pages, end = read(Script(offset_server(20, lambda offset: 1000, ("body", total))), chain(paging=OFFSET))
    assert ids(pages) == list(range(20)) and end.totals == (20, 20)


@pytest.mark.parametrize("total", [None, "many"])
def test_a_total_that_says_nothing_is_read_to_an_empty_page(total: Any) -> None:
    transport = Script(offset_server(15, lambda offset: 1000, ("body", total)))
    pages, end = read(transport, chain(paging=OFFSET), sync=aligned())
    assert ids(pages) == list(range(15)) and end.totals == (None, None)
    assert {"0", "10", "15"} <= {query(request)["offset"] for request in transport.sent}


def test_the_total_of_an_empty_page_behind_the_last_is_no_second_opinion() -> None:
    pages = [
        rows(*range(10)).body[:-1] + b', "total": 20}',
        rows(*range(10, 20)).body[:-1] + b', "total": 20}',
    ]
    end = read(Script(*map(answer, pages), answer({"data": [], "total": 0})), chain(paging=OFFSET))[1]
    assert end.totals == (20, 20)


@pytest.mark.parametrize("status", [400, 404, 410, 416, 422])
def test_a_refused_probe_at_the_announced_end_is_the_end(status: int) -> None:
    transport = Script(offset_server(20, lambda offset: 1000, ("body", 20), status))
    pages, end = read(transport, chain(paging=OFFSET))
    assert ids(pages) == list(range(20)) and len(transport.sent) == 3 and not end.broken


def test_a_server_that_breaks_beyond_its_announced_end_has_ended() -> None:
    pages, end = read(Script(offset_server(20, lambda offset: 1000, ("body", 20), 500)), chain(paging=OFFSET))
    assert ids(pages) == list(range(20)) and end.totals == (20, 20) and not end.broken


@pytest.mark.parametrize("status", [401, 403, 405])
def test_a_probe_that_is_refused_for_another_reason_is_an_error(status: int) -> None:
    with pytest.raises(Exception, match=str(status)):
        read(Script(offset_server(20, lambda offset: 1000, ("body", 20), status)), chain(paging=OFFSET))


def test_a_refusal_before_the_announced_end_is_an_error() -> None:
    with pytest.raises(RequestError, match="404"):
        read(Script(offset_server(20, lambda offset: 1000, ("body", 30), 404)), chain(paging=OFFSET))


def test_a_refused_first_page_is_an_error() -> None:
    with pytest.raises(RequestError, match="404"):
        read(Script(answer({}, 404)), chain(paging=OFFSET))


def test_the_maximum_offset_is_not_crossed_and_the_end_says_so() -> None:
    transport = Script(offset_server(50, lambda offset: 1000, ("absent", None)))
    pages, end = read(transport, chain(paging=Offset(limit=10, maximum=30)))
    assert ids(pages) == list(range(30)) and "maximum is 30" in end.note


def test_offset_and_limit_may_travel_in_the_body() -> None:
    def reply(request: PreparedRequest) -> Answer:
        at = json.loads(request.body or b"{}")["page"]
        return rows(*range(25)[at["from"] : at["from"] + at["size"]])

    paging = Offset(limit=10, param=None, body_path="page.from", limit_param=None, limit_body_path="page.size")
    transport = Script(reply)
    pages, _ = read(transport, chain(paging=paging, request=Request("POST", f"{BASE}/users", json={"q": 1})))
    assert ids(pages) == list(range(25)) and set(transport.urls) == {f"{BASE}/users"}


@pytest.mark.parametrize("last", [{"next": None}, {"next": ""}, {}])
def test_a_cursor_ends_where_it_is_null_empty_or_absent(last: dict[str, Any]) -> None:
    transport = Script(answer({"data": [{"id": 1}], "next": "b"}), answer({"data": [{"id": 2}], **last}))
    pages, end = read(transport, chain(paging=CURSOR))
    assert ids(pages) == [1, 2] and end == ChainEnd(1, Proof.KEYSET)
    assert query(transport.sent[1]) == {"cursor": "b"}


@pytest.mark.parametrize("link", [f"{BASE}/users?after=b", "/users?after=b", "?after=b"])
@pytest.mark.parametrize("last", ["", None])
def test_a_next_link_may_be_absolute_or_relative_and_ends_where_it_is_empty(link: str, last: str | None) -> None:
    transport = Script(answer({"data": [{"id": 1}], "next": link}), answer({"data": [{"id": 2}], "next": last}))
    pages, end = read(transport, chain(paging=LINK, request=Request("GET", f"{BASE}/users", {"q": "x"})))
    assert ids(pages) == [1, 2] and end == ChainEnd(1, Proof.KEYSET)
    assert transport.urls == [f"{BASE}/users?q=x", f"{BASE}/users?after=b"]


def test_a_next_link_in_the_header_is_followed() -> None:
    first = answer([{"id": 1}], headers={"Link": '</users?after=b>; rel="next"'})
    pages, end = read(Script(first, answer([{"id": 2}])), chain(paging=HeaderLink(), selector=json_path("$")))
    assert ids(pages) == [1, 2] and end.proof is Proof.KEYSET


@pytest.mark.parametrize(
    "link",
    [
        '</users;jsessionid=A?cursor=b>; rel="next"',
        '</users?cursor=b>; title="a=b"; rel="next"',
        '</users?cursor=b>; rel="next last"',
        "</users?cursor=b>; REL=Next",
    ],
)
def test_no_way_to_write_a_link_header_loses_the_next_page(link: str) -> None:
    first = answer([{"id": 1}], headers={"link": link})
    transport = Script(first, answer([{"id": 2}]))
    pages = read(transport, chain(paging=HeaderLink(), selector=json_path("$")))[0]
    assert ids(pages) == [1, 2] and transport.urls[1].partition(BASE)[2] in link


def test_next_links_that_count_pages_prove_nothing() -> None:
    first = answer({"data": [{"id": 1}], "next": "/users?page=2"})
    end = read(Script(first, rows(2)), chain(paging=LINK))[1]
    assert end.proof is Proof.END and "count pages" in end.note


@pytest.mark.parametrize(
    "link", ["https://other.org/users", "http://api.example.com/users", f"{BASE}:8443/users", "//other.org/x"]
)
def test_a_next_link_to_another_origin_is_refused_and_nothing_is_sent_there(link: str) -> None:
    transport = Script(answer({"data": [{"id": 1}], "next": link}))
    with pytest.raises(RequestError, match=r"resource users, GET https?://\S*: leads to .*client\.base_url"):
        read(transport, chain(paging=LINK))
    assert transport.urls == [f"{BASE}/users"]


@pytest.mark.parametrize("link", ["http://[s3cret", "http://api.example.com:s3cret/"])
def test_a_next_link_that_is_no_url_is_an_error_with_its_place(link: str) -> None:
    with pytest.raises(
        (DataError, RequestError), match=r"resource users, GET (https://api\.example\.com)?/\S*: .*not a URL"
    ) as caught:
        read(Script(answer({"data": [{"id": 1}], "next": link})), chain(paging=LINK))
    assert caught.value.resource == "users" and "s3cret" not in str(caught.value)


@pytest.mark.parametrize("link", ["ftp://evil.org/x", "evil.orghttps:", "javascript:evil"])
def test_a_next_link_to_another_scheme_is_an_error_that_does_not_quote_it(link: str) -> None:
    transport = Script(answer({"data": [{"id": 1}], "next": link}))
    place = r"resource users, GET https://api\.example\.com/users"
    says = rf"{place}: the next link is a link to another scheme than http or https; the server"
    with pytest.raises(DataError, match=says) as caught:
        read(transport, chain(paging=LINK))
    assert transport.urls == [f"{BASE}/users"] and "evil" not in str(caught.value)


@pytest.mark.parametrize("link", [r"https://evil.org\@api.example.com/x", "https://evil.org\t@api.example.com/x"])
def test_a_next_link_whose_host_is_read_in_two_ways_is_not_followed(link: str) -> None:
    transport = Script(answer({"data": [{"id": 1}], "next": link}))
    with pytest.raises(
        DataError, match=r"resource users, GET https://api.example.com/users: the next link is not a URL: it holds a"
    ) as caught:
        read(transport, chain(paging=LINK))
    assert transport.urls == [f"{BASE}/users"] and "evil" not in str(caught.value)


@pytest.mark.parametrize(("paging", "following"), [(LINK, "/users"), (CURSOR, "b")])
def test_a_page_that_leads_to_itself_breaks_the_chain(paging: Any, following: str) -> None:
    numbers = iter(range(100))
    transport = Script(lambda request: answer({"data": [{"id": next(numbers)}], "next": following}))
    pages, end = read(transport, chain(paging=paging))
    assert end.broken and "leads back" in end.note and len(pages) == len(transport.sent) <= 2


def test_a_circle_of_next_links_breaks_the_chain() -> None:
    def reply(request: PreparedRequest) -> Answer:
        return answer({"data": [], "next": "/users?at=a" if request.url == f"{BASE}/users?at=b" else "/users?at=b"})

    pages, end = read(Script(reply), chain(paging=LINK))
    assert end.broken and len(pages) == 3


def test_pages_are_numbered_placed_and_carry_the_time_of_their_reading() -> None:
    server = offset_server(15, lambda offset: 1000, ("absent", None))
    pages, _ = read(Script(server), chain(paging=OFFSET), sync=aligned())
    assert [(page.number, page.place) for page in pages] == [
        (number, f"GET https://api.example.com/users?offset={offset}&limit=10") for number, offset in ((1, 0), (2, 10))
    ]


def test_every_page_is_told_to_the_hooks() -> None:
    told: list[Any] = []
    pages, _ = read(Script(offset_server(12, lambda offset: 1000, ("body", 12))), chain(paging=OFFSET), told.append)
    read_events = [event for event in told if isinstance(event, PageRead)]
    assert read_events == [PageRead("users", page.facts.rows, len(page.body), 12) for page in pages]


def test_paging_that_is_not_configured_is_guessed_and_never_called_proved() -> None:
    transport = Script(answer({"items": [{"id": 1}], "next": "/users?after=b"}), answer({"items": [{"id": 2}]}))
    pages, end = read(transport, chain(paging=None, selector=None))
    assert ids(pages) == [1, 2]
    assert end.proof is Proof.END and "guessed (links in the body)" in end.note


def test_a_first_page_that_is_cut_off_is_read_again_where_paging_is_guessed() -> None:
    whole = answer({"items": [{"id": 1}]})
    for given_selector in (None, json_path("items")):
        transport = Script(cut(whole), whole)
        pages, _ = read(transport, chain(paging=None, selector=given_selector))
        assert ids(pages) == [1] and len(transport.sent) == 2


def test_a_first_page_that_is_no_json_is_a_data_error_where_paging_is_guessed() -> None:
    with pytest.raises(DataError, match="HTML"):
        read(Script(answer(b"<html>")), chain(paging=None))


def test_a_chain_that_fails_gave_its_earlier_pages_before() -> None:
    with pytest.raises(TransientError, match="offset=10"):
        read(Script(rows(*range(10)), answer({}, 503)), chain(paging=OFFSET), sync=aligned())


def test_a_place_shows_numbers_that_count_and_hides_every_other_value() -> None:
    params = {"limit": 50, "api_key": "s3cret", "offset": "x", "student": 4711, "none": None}
    request = Request("GET", f"{BASE}/users?page=2&q=Ann", params)
    assert safe_place(request) == "GET https://api.example.com/users?page=2&q=…&limit=50&api_key=…&offset=…&student=…"


def test_a_place_without_path_or_query_is_the_root() -> None:
    assert safe_place(Request("GET", BASE)) == "GET https://api.example.com/"


@pytest.mark.parametrize("paging", [OFFSET, PageNumber()])
def test_a_server_that_ignores_where_to_read_from_is_not_read_for_ever(paging: Any) -> None:
    pages, end = read(Script(rows(1, 2, 3)), chain(paging=paging))
    assert ids(pages) == [1, 2, 3] and end.broken and "page 2 is page 1 once more" in end.note


def test_a_server_that_gives_its_last_page_again_has_ended() -> None:
    pages, end = read(Script(rows(1, 2), rows(3), rows(3)), chain(paging=PageNumber()))
    assert ids(pages) == [1, 2, 3] and not end.broken and "taken for the end" in end.note


def test_a_server_that_ignores_the_offset_and_knows_its_total_ends_too() -> None:
    one_of_three = Script(answer({"data": [{"id": 1}], "total": 3}))
    pages, end = read(one_of_three, chain(paging=OFFSET))
    assert set(ids(pages)) == {1} and len(one_of_three.sent) < 8 and end.totals == (3, 3)


def test_pages_of_other_rows_are_no_repetition() -> None:
    pages, end = read(Script(rows(1, 2), rows(3, 4), rows(1, 2), rows()), chain(paging=OFFSET), sync=aligned())
    assert ids(pages) == [1, 2, 3, 4, 1, 2] and not end.broken


def test_a_path_that_a_parent_filled_is_printed_as_it_stands_in_the_config() -> None:
    request = Request(
        "GET", f"{BASE}/people/Zoe%20Brown/notes", {"page": 2}, shown="/people/{resources.people.name}/notes"
    )
    assert safe_place(request) == "GET /people/{resources.people.name}/notes?page=2"


@pytest.mark.parametrize("key", ["exception", "errorcode", "error", "errors"])
def test_an_error_object_with_status_200_is_no_row_where_rows_are_guessed(key: str) -> None:
    with pytest.raises(DataError, match=f"error object with status 200 .keys '{key}'"):
        read(Script(answer({key: "it failed", "message": "m"})), chain(paging=None, selector=None))
