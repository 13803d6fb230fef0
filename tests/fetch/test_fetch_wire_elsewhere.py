"""The key stays at home: what leads away is refused, or followed with nothing of the config's that could be one."""

from typing import Any

import pytest
from dlt.sources.helpers.rest_client.auth import APIKeyAuth, BearerTokenAuth
from requests import PreparedRequest
from requests import Request as Request_
from requests.auth import AuthBase

from homeroom.dlt_seam.rest_api import json_path
from homeroom.errors import AuthError, RequestError
from homeroom.fetch.chain import Chain
from homeroom.paginate import JsonLink
from homeroom.values import Answer, LimitSettings, Request, SyncSettings

from .scripted import BASE, Script, answer, chain, read, rows
from .test_fetch_wire import failing, once

FILES = "https://files.example.com"
ALLOWED = SyncSettings(allowed_hosts=frozenset([f"{FILES}:443"]))
KEY = "s3cret-key"
ONE_ROW = rows(1)


def to(location: str, status: int = 302) -> Answer:
    return answer({}, status, {"Location": location})


def texts_of(request: PreparedRequest) -> str:
    return f"{request.url} {dict(request.headers)} {request.body!r}"


def asking(path: str = "/users", **changed: Any) -> Chain:
    """A chain with keys wherever a config may have them."""
    headers = {"Authorization": f"Token {KEY}", "X-Api-Key": KEY, "Cookie": f"session={KEY}", "X-School": "north"}
    request = Request("GET", BASE + path, {"wstoken": KEY, "page": 1}, {**headers, "Accept": "application/json"})
    return chain(**{"request": request, "auth": BearerTokenAuth(token=KEY), **changed})  # type: ignore[arg-type]


def test_a_redirect_to_an_allowed_host_is_followed_without_any_credential() -> None:
    transport = Script(to(f"{FILES}/u?sig=a%2Fb"), ONE_ROW)
    once(transport, asking(), sync=ALLOWED)
    assert KEY in texts_of(transport.sent[0])
    assert transport.sent[1].url == f"{FILES}/u?sig=a%2Fb"
    assert dict(transport.sent[1].headers) == {"Accept": "application/json"}


def test_a_redirect_from_https_to_http_never_carries_a_key() -> None:
    open_host = BASE.replace("https:", "http:")
    refused = failing(Script(to(f"{open_host}/u")), asking(), RequestError)
    assert "but the key may only go to https://" in str(refused)
    transport = Script(to(f"{open_host}/u"), ONE_ROW)
    once(transport, asking(), sync=SyncSettings(allowed_hosts=frozenset([f"{open_host.rstrip('/')}:80"])))
    assert KEY not in texts_of(transport.sent[1])


def test_a_next_link_to_an_allowed_host_is_followed_without_any_credential() -> None:
    pages = answer({"data": [{"id": 1}], "next": f"{FILES}/users?page=2"}), ONE_ROW
    transport = Script(*pages)
    read(transport, asking(paging=JsonLink(json_path("next"))), sync=ALLOWED)
    assert transport.sent[1].url == f"{FILES}/users?page=2"
    assert KEY not in texts_of(transport.sent[1])


@pytest.mark.parametrize("location", ["query", "param", "header", "cookie"])
def test_an_api_key_is_not_added_to_an_allowed_host(location: Any) -> None:
    transport = Script(to(f"{FILES}/u"), ONE_ROW)
    auth = APIKeyAuth(name="api_key", api_key=KEY, location=location)  # type: ignore[arg-type]
    once(transport, chain(auth=auth), sync=ALLOWED)
    assert KEY in texts_of(transport.sent[0]) and KEY not in texts_of(transport.sent[1])


@pytest.mark.parametrize("name", ["wstoken", "api_key", "renamed"])
def test_a_key_that_the_server_echoes_in_its_redirect_is_taken_out(name: str) -> None:
    transport = Script(to(f"{FILES}/u?{name}={KEY}&page=1&token=of+theirs"), ONE_ROW)
    once(transport, asking(), sync=ALLOWED)
    assert transport.sent[1].url == f"{FILES}/u?page=1&token=of+theirs"


def test_the_token_of_a_files_own_link_stays() -> None:
    page = answer({"data": [{"id": 1}], "next": f"{FILES}/users?token=of-theirs"})
    transport = Script(page, ONE_ROW)
    read(transport, asking(paging=JsonLink(json_path("next"))), sync=ALLOWED)
    assert transport.sent[1].url == f"{FILES}/users?token=of-theirs"


def test_what_has_left_its_origin_comes_back_without_the_key() -> None:
    transport = Script(to(f"{FILES}/u"), to(f"{BASE}/delete-all"), ONE_ROW)
    once(transport, asking(), sync=ALLOWED)
    assert transport.urls[2] == f"{BASE}/delete-all" and KEY not in texts_of(transport.sent[2])


def test_nothing_that_a_session_adds_goes_to_an_allowed_host() -> None:
    class WithSession(Script):
        def prepare(self, request: Request_) -> PreparedRequest:
            prepared = request.prepare()
            prepared.headers["X-Session-Key"] = KEY
            prepared.prepare_url(prepared.url, {"session_key": KEY})
            return prepared

    transport = WithSession(to(f"{FILES}/u?a=1"), ONE_ROW)
    once(transport, chain(), sync=ALLOWED)
    assert KEY in texts_of(transport.sent[0])
    assert transport.sent[1].url == f"{FILES}/u?a=1" and KEY not in texts_of(transport.sent[1])


@pytest.mark.parametrize("status", [307, 308])
def test_a_body_goes_to_no_other_host(status: int) -> None:
    transport = Script(to(f"{FILES}/u", status))
    request = Request("POST", f"{BASE}/users", json={"query": "all"})
    with pytest.raises(
        RequestError, match=r"with the body of a POST, which goes to https://api\.example\.com:443 alone"
    ):
        once(transport, chain(request=request), sync=ALLOWED)
    assert len(transport.sent) == 1


def test_a_post_that_becomes_a_get_may_be_followed_there() -> None:
    transport = Script(to(f"{FILES}/u", 303), ONE_ROW)
    once(transport, chain(request=Request("POST", f"{BASE}/users", json={"query": "all"})), sync=ALLOWED)
    assert (transport.sent[1].method, transport.sent[1].body) == ("GET", None)


@pytest.mark.parametrize(
    "location", ["http://files.example.com/u", "https://files.example.com:8443/u", "https://other.org/u"]
)
def test_only_the_very_origin_is_allowed(location: str) -> None:
    transport = Script(to(location))
    with pytest.raises(RequestError, match=r"name it in sync\.allowed_hosts"):
        once(transport, asking(), sync=ALLOWED)
    assert len(transport.sent) == 1


def test_a_refusal_says_both_ways_to_allow_it() -> None:
    assert str(failing(Script(to("https://other.org/u?k=1")), asking(), RequestError)).endswith(
        "leads to https://other.org:443, but the key may only go to https://api.example.com:443; if that is the same "
        "service, set client.base_url to it; if it may be followed without the key, name it in sync.allowed_hosts"
    )


def test_a_401_of_an_allowed_host_is_an_auth_error() -> None:
    with pytest.raises(AuthError, match=f"401 after a redirect to {FILES}/u;"):
        once(Script(to(f"{FILES}/u"), answer({}, 401)), asking(), sync=ALLOWED)


@pytest.mark.parametrize(
    "location",
    [
        r"https://evil.org\@api.example.com/u",
        "https://evil.org:1@api.example.com/u",
        "ftp://evil.org/u",
        "evil.org:1/u",
    ],
)
def test_a_redirect_whose_host_is_read_in_two_ways_or_by_another_scheme_is_not_followed(location: str) -> None:
    transport = Script(to(location))
    told = str(failing(transport, asking(), RequestError))
    assert "GET https://api.example.com/users?wstoken=…&page=1: redirected to what is" in told and "evil" not in told
    assert len(transport.sent) == 1


@pytest.mark.parametrize("path", [r"https://evil.org\@api.example.com/u", "https://evil.org/u"])
def test_a_url_that_a_row_or_a_paginator_has_made_is_held_to_the_origin_too(path: str) -> None:
    transport = Script(ONE_ROW)
    failing(transport, chain(request=Request("GET", path), auth=BearerTokenAuth(token=KEY)), RequestError)  # type: ignore[arg-type]
    assert transport.sent == []


def test_a_request_that_was_changed_on_the_way_to_the_wire_is_not_sent() -> None:
    class Elsewhere(Script):
        def prepare(self, request: Request_) -> PreparedRequest:
            prepared = request.prepare()
            prepared.url = "https://evil.org/u"
            return prepared

    transport = Elsewhere(ONE_ROW)
    told = str(failing(transport, asking(), RequestError))
    assert "would be sent to https://evil.org:443, not to https://api.example.com:443" in told
    assert transport.sent == []


def test_a_request_that_its_auth_sends_elsewhere_is_not_sent() -> None:
    class Rewriting(AuthBase):
        def __call__(self, request: PreparedRequest) -> PreparedRequest:
            request.url = r"https://evil.org\@api.example.com/u"
            return request

    transport = Script(ONE_ROW)
    failing(transport, asking(auth=Rewriting()), RequestError)
    assert transport.sent == []


@pytest.mark.parametrize(("most", "sent"), [(0, 1), (3, 4)])
def test_the_config_says_how_many_redirects_are_followed(most: int, sent: int) -> None:
    transport = Script(to("/again"))
    with pytest.raises(RequestError, match=rf"more than {most} redirects \(sync.limits.redirects\)"):
        once(transport, sync=SyncSettings(limits=LimitSettings(redirects=most)))
    assert len(transport.sent) == sent


def test_a_404_says_where_redirects_led_without_the_query() -> None:
    told = str(failing(Script(to(f"/v2/users?token={KEY}"), answer({}, 404))))
    assert (
        "answered 404 after a redirect to https://api.example.com/v2/users; check endpoint.path and client.base_url"
        in told
    )
    assert KEY not in told


def test_a_path_that_a_row_has_filled_is_not_shown_after_a_redirect() -> None:
    request = Request("GET", f"{BASE}/users/ann", shown=f"{BASE}/users/{{id}}")
    told = str(failing(Script(to("/v2/users/ann"), answer({}, 404)), chain(request=request)))
    assert (
        "GET https://api.example.com/users/{id}: the server answered 404 after a redirect;" in told
        and "ann" not in told
    )


@pytest.mark.parametrize(("asked", "led"), [("/api//users", None), ("/api/users", "/hub//api/users")])
def test_a_doubled_slash_is_pointed_out(asked: str, led: str | None) -> None:
    replies = [*([to(led)] if led else []), answer({}, 404)]
    told = str(failing(Script(*replies), chain(request=Request("GET", BASE + asked))))
    assert told.endswith("its path has a doubled slash: does client.base_url end in one?")


@pytest.mark.parametrize(
    ("asked", "led", "ends"), [("/users", "/users/?a=1", "with a slash"), ("/users/", "/users", "without a slash")]
)
def test_a_slash_that_the_server_wants_otherwise_is_pointed_out(asked: str, led: str, ends: str) -> None:
    request = Request("POST", BASE + asked, json={"q": 1})
    told = str(failing(Script(to(led, 301)), chain(request=request), RequestError))
    assert f"the server wants the path {ends} at its end: write endpoint.path so" in told


def test_a_host_that_insists_on_tls_says_which_base_url_to_set() -> None:
    asked = chain(request=Request("GET", "http://campus.org/api/users"))
    told = str(
        failing(
            Script(to("https://campus.org/api/users")), asked, RequestError, origins=frozenset(["http://campus.org:80"])
        )
    )
    assert told.endswith("; write https:// in client.base_url: https://campus.org")
