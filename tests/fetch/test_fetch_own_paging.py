"""Paginators of the user's own: driven as dlt drives them, each chain with one of its own."""

import traceback
from typing import Any

import pytest
import requests
from dlt.sources.helpers.rest_client import paginators

from homeroom.errors import DataError
from homeroom.paginate import Own
from homeroom.values import Proof, Request

from .scripted import BASE, Script, answer, chain, query, read, rows


class Noting(paginators.BasePaginator):
    """Notes its calls; has two more pages after the first."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []
        self.page = 0

    def init_request(self, request: requests.Request) -> None:
        self._note("init_request", request)

    def update_state(self, response: requests.Response, data: list[Any] | None = None) -> None:
        self._note(f"update_state of {len(data or [])}", None)
        self.page += 1

    def update_request(self, request: requests.Request) -> None:
        self._note("update_request", request)

    @property
    def has_next_page(self) -> bool:
        self.calls.append("has_next_page")
        return self.page < 3

    def _note(self, what: str, request: requests.Request | None) -> None:
        self.calls.append(what)
        if request is not None:
            request.params = {**(request.params or {}), "page": self.page, "told": "|".join(self.calls)}

    def __deepcopy__(self, memo: Any) -> "Noting":
        return Noting()


def told(transport: Script) -> list[str]:
    """What the paginator says of itself in each request."""
    return [query(request)["told"] for request in transport.sent]


def test_its_methods_are_called_in_the_order_of_dlt() -> None:
    transport = Script(rows(1, 2), rows(3), rows(4))
    pages, _ = read(transport, chain(paging=Own(Noting())))
    turns = ["init_request", "update_state of 2|update_request", "has_next_page|update_state of 1|update_request"]
    assert told(transport) == ["|".join(turns[:number]) for number in (1, 2, 3)] and len(pages) == 3


def test_two_chains_never_share_one() -> None:
    paging = Own(Noting())
    found = []
    for number in (1, 2):
        transport = Script(rows(1), rows(2), rows(3))
        read(transport, chain(paging=paging, number=number))
        found.append(told(transport))
    assert found[0] == found[1] and paging.paginator.calls == []


def test_it_may_change_url_method_headers_and_body() -> None:
    class Moving(paginators.BasePaginator):
        def update_state(self, response: requests.Response, data: list[Any] | None = None) -> None:
            self._has_next_page = not response.json().get("last")

        def update_request(self, request: requests.Request) -> None:
            request.url, request.method, request.params = f"{BASE}/other", "POST", None
            request.headers["X-Turn"], request.json = "2", {"turn": 2}

    transport = Script(rows(1), rows(2, last=True))
    read(transport, chain(paging=Own(Moving()), request=Request("GET", f"{BASE}/users", {"a": 1})))
    second = transport.sent[1]
    assert (second.method, second.url, second.headers["X-Turn"]) == ("POST", f"{BASE}/other", "2")
    assert second.body == b'{"turn": 2}'


def test_it_is_given_a_genuine_response_with_its_request() -> None:
    seen: list[Any] = []

    class Looking(paginators.SinglePagePaginator):
        def update_state(self, response: requests.Response, data: list[Any] | None = None) -> None:
            super().update_state(response, data)
            seen.append((response, response.request.url, response.links, data))

    page = answer({"data": [{"id": 1}]}, headers={"Link": f'<{BASE}/2>; rel="next"'})
    read(Script(page), chain(paging=Own(Looking())))
    (response, url, links, data) = seen[0]
    assert isinstance(response, requests.Response) and response.json() == {"data": [{"id": 1}]}
    assert (url, links["next"]["url"], data) == (f"{BASE}/users", f"{BASE}/2", [{"id": 1}])


def test_its_end_is_never_called_proved() -> None:
    _, end = read(Script(rows(1)), chain(paging=Own(type("Mine", (paginators.SinglePagePaginator,), {})())))
    assert end.proof is Proof.END and "Mine" in end.note


PRIVATE = "Ann Example"


class Failing(paginators.SinglePagePaginator):
    """Quotes the page."""

    def update_state(self, response: requests.Response, data: list[Any] | None = None) -> None:
        raise ValueError(f"no total in {response.text}")


def test_what_it_raises_names_it_and_where_but_not_the_page() -> None:
    with pytest.raises(DataError) as caught:
        read(Script(answer({"data": [{"name": PRIVATE}]})), chain(paging=Own(Failing())))
    text = "".join(traceback.format_exception(caught.value))
    assert "the paginator Failing raised ValueError in update_state (test_fetch_own_paging.py:" in str(caught.value)
    assert PRIVATE not in text and "resource users, GET https://api.example.com/users" in str(caught.value)


def test_one_that_cannot_be_copied_is_refused_by_name() -> None:
    class Held(paginators.SinglePagePaginator):
        def __deepcopy__(self, memo: Any) -> Any:
            raise TypeError("a lock")

    with pytest.raises(DataError, match="the paginator Held cannot be copied"):
        read(Script(rows(1)), chain(paging=Own(Held())))


def test_a_page_that_comes_once_more_is_its_own_affair() -> None:
    transport = Script(rows(1), rows(1), rows(1))
    pages, end = read(transport, chain(paging=Own(Noting())))
    assert len(pages) == 3 and not end.broken
