"""The request that failed: told whole, and as a line of curl, and in neither of them a secret."""

from base64 import b64encode
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from dlt.sources.helpers.rest_client.auth import APIKeyAuth, BearerTokenAuth, HttpBasicAuth
from requests.auth import AuthBase, HTTPBasicAuth, HTTPDigestAuth

from homeroom.auth_types.login import Login
from homeroom.auth_types.oauth1 import OAuth1
from homeroom.fetch.by_hand import by_hand
from homeroom.fetch.transport import TransportError
from homeroom.values import Answer, Request

from .scripted import BASE, Script, answer, chain
from .test_fetch_wire import failing

KEY = "c4n@ry/k3y+x=z"
FORMS = (
    KEY,
    quote(KEY),
    quote(KEY, safe=""),
    quote_plus(quote_plus(KEY)),
    b64encode(f"reader:{KEY}".encode()).decode(),
    "c4n@ry",
    "c4n%40ry",
)
AUTHS: tuple[AuthBase | None, ...] = (
    None,
    BearerTokenAuth(token=KEY),
    HttpBasicAuth(username="reader", password=KEY),
    HTTPBasicAuth("reader", KEY),
    APIKeyAuth(name="X-Api-Key", api_key=KEY),
    APIKeyAuth(name="api_key", api_key=KEY, location="query"),
    APIKeyAuth(name="session", api_key=KEY, location="cookie"),
)


def asked(**changed: Any) -> Request:
    """A request with a key wherever a config may have one by a name of its own."""
    url = f"https://reader:{quote(KEY, safe='')}@api.example.com/v1/users?apikey={quote(KEY, safe='')}&since=2031-01-01"
    headers = {"Authorization": f"Token {KEY}", "X-Auth-Token": KEY, "Accept": "application/json", "X-School": "north"}
    return Request("GET", url, **{"params": {"token": KEY, "limit": 20}, "headers": headers, **changed})


def echo(request: Any) -> Answer:
    """A server that quotes all that it was sent, and what Basic has made of it."""
    quoted = f"{request.url} {dict(request.headers)} {FORMS[4]}"
    return answer({"message": quoted, "error": f"bad key {KEY}"}, 400)


def away(_: Any) -> Answer:
    return answer({}, 302, {"Location": f"https://evil.example.com/{quote(KEY)}?k={quote_plus(KEY)}"})


def within(_: Any) -> Answer:
    return answer({}, 302, {"Location": f"/hub/{quote(KEY, safe='')}//?key={quote_plus(KEY)}"})


def failed(_: Any) -> Answer:
    raise TransportError("connection", "api.example.com: Connection refused")


@pytest.mark.parametrize("auth", AUTHS, ids=lambda auth: type(auth).__name__)
@pytest.mark.parametrize(
    "reply",
    [
        echo,
        away,
        failed,
        lambda _: answer({"message": KEY}, 401),
        lambda _: answer({"message": KEY}, 503),
        lambda _: answer(f"<html>{KEY}".encode()),
        lambda _: answer({"error": f"no such key {KEY}"}),
    ],
    ids=["echoed", "led-away", "unreachable", "401", "503", "html", "error-object"],
)
def test_neither_the_message_nor_the_line_holds_a_key(auth: AuthBase | None, reply: Any) -> None:
    error = failing(Script(reply), chain(request=asked(), auth=auth, errors=()))
    told = f"{error!r} {error} {error.by_hand}"
    assert "GET https://api.example.com/v1/users?apikey=…&since=…&token=…&limit=20: " in str(error)
    assert error.by_hand.startswith("curl -i ")
    assert [form for form in FORMS if form in told] == []


def test_a_redirect_that_quotes_the_key_is_told_without_it() -> None:
    error = failing(Script(within, lambda _: answer({}, 404)), chain(request=asked(), auth=AUTHS[1]))
    assert "404 after a redirect to https://api.example.com/hub/***//" in str(error)
    assert [form for form in FORMS if form in f"{error} {error.by_hand}"] == []


def line(auth: AuthBase | None = None, **changed: Any) -> str:
    request = Request(**{"method": "GET", "url": BASE + "/users", "params": {"limit": 20}, **changed})
    return by_hand(chain(request=request, auth=auth), request)


@pytest.mark.parametrize(
    ("auth", "options", "query"),
    [
        (None, "", ""),
        (BearerTokenAuth(token=KEY), '-H "Authorization: Bearer $API_KEY" ', ""),
        (HttpBasicAuth(username="reader", password=KEY), '-u "$API_USER:$API_KEY" ', ""),
        (APIKeyAuth(name="X-Api-Key", api_key=KEY), '-H "X-Api-Key: $API_KEY" ', ""),
        (APIKeyAuth(name="api_key", api_key=KEY, location="query"), "", "&api_key=$API_KEY"),
        (APIKeyAuth(name="session", api_key=KEY, location="cookie"), '-H "Cookie: session=$API_KEY" ', ""),
        (Login(url=BASE, json={"password": KEY}), '-H "Cookie: $API_KEY" ', ""),
    ],
    ids=lambda each: type(each).__name__,
)
def test_the_key_stands_as_a_variable_where_the_auth_puts_it(auth: AuthBase, options: str, query: str) -> None:
    assert line(auth) == f'curl -i {options}"https://api.example.com/users?limit=20{query}"'


@pytest.mark.parametrize("auth", [OAuth1(client_key="campus", client_secret=KEY), HTTPDigestAuth("reader", KEY)])
def test_of_what_curl_cannot_sign_the_kind_is_told(auth: AuthBase) -> None:
    assert line(auth).endswith(f"  # without what {type(auth).__name__} signs it with")


def test_a_key_in_a_link_and_in_the_auth_is_one_parameter() -> None:
    auth = APIKeyAuth(name="api_key", api_key=KEY, location="query")
    told = line(auth, url=f"{BASE}/users?api_key={quote_plus(KEY)}&page=2", params=None)
    assert told == 'curl -i "https://api.example.com/users?page=2&api_key=$API_KEY"'


def test_of_headers_the_harmless_ones_show_and_of_a_key_its_scheme() -> None:
    headers = {"Accept": "text/csv", "Authorization": f"Bearer {KEY}", "X-School": "north", "X-Api-Key": KEY}
    told = line(headers=headers)
    assert '-H "Accept: text/csv" -H "Authorization: Bearer $API_KEY" -H "X-School: …" -H "X-Api-Key: $API_KEY"' in told


def test_a_body_is_a_file_of_the_readers() -> None:
    told = line(method="POST", json={"query": '{ users(name: "Jane Doe") }', "password": KEY})
    assert told == 'curl -i -X POST -d @body "https://api.example.com/users?limit=20"'


def test_what_a_parents_row_has_filled_shows_as_the_config_has_it() -> None:
    told = line(url=f"{BASE}/users/jane.doe/notes", shown=f"{BASE}/users/{{resources.users.login}}/notes")
    assert told == 'curl -i "https://api.example.com/users/{resources.users.login}/notes?limit=20"'


def test_a_shell_runs_nothing_of_a_url() -> None:
    told = line(url=f'{BASE}/a`touch x`/$(touch y)/"', params={"q$(touch z)": "1"})
    assert told == 'curl -i "https://api.example.com/a\\`touch x\\`/\\$(touch y)/\\"?q\\$(touch z)=…"'


def test_an_error_that_is_about_a_token_has_no_line_of_another_request() -> None:
    nobody_there = Login(url="http://127.0.0.1:1/", json={"password": KEY})
    error = failing(Script(answer({})), chain(auth=nobody_there))
    assert error.by_hand == "" and error.code == "host-unreachable"
