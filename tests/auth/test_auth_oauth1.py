"""`oauth1`: each request is signed for itself, as RFC 5849 says, and anew each time it is sent."""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
from base64 import b64encode
from typing import Any
from urllib.parse import quote, unquote

import pytest
import requests
from oauthlib.oauth1 import Client
from oauthlib.oauth1.rfc5849 import signature
from token_server import ROWS, Asked, Platform

from homeroom.auth_types import OAuth1
from homeroom.auth_types.oauth1 import base_string
from homeroom.errors import AuthError
from homeroom.source import rest_api_source

KEY, SECRET = "campus-key", "s3cret&of/the=client"
HASHES = {"HMAC-SHA1": hashlib.sha1, "HMAC-SHA256": hashlib.sha256}


def section(**more: Any) -> dict[str, Any]:
    return {"type": "oauth1", "client_key": KEY, "client_secret": SECRET, **more}


def auth_of(**more: Any) -> OAuth1:
    return OAuth1.from_init_value({"client_key": KEY, "client_secret": SECRET, **more})


def parts_of(header: str) -> dict[str, str]:
    """The parameters of an Authorization header, decoded."""
    kind, _, rest = header.partition(" ")
    assert kind == "OAuth"
    return {name: unquote(value) for name, value in re.findall(r'(\w+)="([^"]*)"', rest)}


def escaped(text: str) -> str:
    return quote(text, safe="~")


def expected(method: str, url: str, pairs: list[tuple[str, str]], told: dict[str, str]) -> str:
    """The signature, made by the words of the RFC with nothing but the standard library."""
    if told["oauth_signature_method"] == "PLAINTEXT":
        return f"{escaped(SECRET)}&"
    signed = {name: value for name, value in told.items() if name not in ("realm", "oauth_signature")}
    encoded = sorted((escaped(name), escaped(value)) for name, value in [*pairs, *signed.items()])
    normal = "&".join(f"{name}={value}" for name, value in encoded)
    text = "&".join(map(escaped, (method, url, normal)))
    made = hmac.new(f"{escaped(SECRET)}&".encode(), text.encode(), HASHES[told["oauth_signature_method"]])
    return b64encode(made.digest()).decode()


def is_signed(platform: Platform, asked: Asked) -> bool:
    told = parts_of(asked.headers.get("Authorization", "OAuth "))
    if told.get("oauth_consumer_key") != KEY:
        return False
    return told["oauth_signature"] == expected(asked.method, platform.url + asked.path, asked.query, told)


@pytest.fixture
def checking(platform: Platform) -> Platform:
    """One that takes what is signed well, each nonce once."""
    nonces: set[str] = set()

    def lets_in(asked: Asked) -> bool:
        nonce = parts_of(asked.headers["Authorization"])["oauth_nonce"]
        known = nonce in nonces
        nonces.add(nonce)
        return not known and is_signed(platform, asked)

    platform.lets_in = lets_in
    return platform


@pytest.mark.parametrize("method", ["HMAC-SHA1", "HMAC-SHA256", "PLAINTEXT"])
def test_a_server_that_checks_signatures_and_nonces_gives_its_rows(checking: Platform, read: Any, method: str) -> None:
    assert read(checking.config(section(signature_method=method))) == ROWS
    assert checking.asked_for_tokens == []


def test_the_realm_is_said_and_not_signed(checking: Platform, read: Any) -> None:
    assert read(checking.config(section(realm="Schoology API"))) == ROWS
    told = {asked.headers["Authorization"].partition(", ")[0] for asked in checking.seen}
    assert told == {'OAuth realm="Schoology API"'}


@pytest.mark.parametrize(
    "params",
    [
        {"filter": "dateLastModified>'2026-01-01T00:00:00Z'", "fields": "a,b c"},
        {"name": "Zoë + Søn/100%", "empty": "", "tilde": "~-._"},
        {"ids[0]": "7", "ids[1]": "8", "b": "2", "B": "1"},
    ],
)
def test_any_query_is_signed_as_it_goes_out(checking: Platform, read: Any, params: dict[str, str]) -> None:
    config = checking.config(section())
    config["resources"][0]["endpoint"]["params"] = params
    assert read(config) == ROWS
    assert set(params.items()) <= set(checking.asked_for_rows[0].query)


@pytest.mark.parametrize("url", ["/rows?a=[1]&b={x}", "/rows?flag&x=1&x=0", "/rows/a%20b/%C3%A9?q=%2B+%20", "/rows?"])
def test_a_url_that_the_library_would_refuse_is_signed(platform: Platform, url: str) -> None:
    requests.get(platform.url + url, auth=auth_of(), timeout=10)
    assert is_signed(platform, platform.seen[0])


def test_the_fields_of_a_form_are_signed_with_the_query(platform: Platform) -> None:
    requests.post(f"{platform.url}/rows?a=1", data={"b": "2 3", "a": "0"}, auth=auth_of(), timeout=10)
    (asked,) = platform.seen
    told = parts_of(asked.headers["Authorization"])
    pairs = [*asked.query, *asked.form.items()]
    assert told["oauth_signature"] == expected("POST", f"{platform.url}/rows", pairs, told)
    assert asked.form == {"b": "2 3", "a": "0"}


def test_a_json_body_is_no_part_of_what_is_signed(platform: Platform) -> None:
    requests.post(f"{platform.url}/rows", json={"b": 2}, auth=auth_of(), timeout=10)
    assert is_signed(platform, platform.seen[0]) and platform.seen[0].json == {"b": 2}


@pytest.mark.parametrize("transport", ["aiohttp", "requests"])
def test_a_request_that_is_sent_again_is_signed_anew(
    checking: Platform, transport: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOMEROOM_TRANSPORT", transport)
    answer, failures = checking.answer, iter([True, True])

    def failing_twice(asked: Asked) -> Any:
        said = answer(asked)
        if next(failures, False):
            said.status, said.body = 503, b""
        return said

    checking.answer = failing_twice  # type: ignore[method-assign]
    assert list(rest_api_source(checking.config(section()), sync={"retry": {"first_wait_s": 0.01}})) == ROWS
    nonces = [parts_of(asked.headers["Authorization"])["oauth_nonce"] for asked in checking.seen]
    assert len(set(nonces)) == len(nonces) > 3


def test_a_wrong_secret_is_an_auth_error_without_it(checking: Platform) -> None:
    with pytest.raises(Exception) as caught:
        list(rest_api_source(checking.config(section(client_secret="wr0ng-s3cret", signature_method="PLAINTEXT"))))
    error = caught.value.__cause__
    assert isinstance(error, AuthError) and "answered 401" in str(error)
    assert "wr0ng-s3cret" not in str(error) and "who is ***" in str(error)


def test_what_is_signed_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    auth_of()(requests.Request("GET", "https://api.example.com/rows?key=of-the-query").prepare())
    assert "of-the-query" not in caplog.text and SECRET not in caplog.text


# RFC 5849's own examples

EXAMPLE = (
    'OAuth realm="Example", oauth_consumer_key="9djdj82h48djs9d2", oauth_token="kkk9d7dh3k39sjv7", '
    'oauth_signature_method="HMAC-SHA1", oauth_timestamp="137131201", oauth_nonce="7d8f3e4a", '
    'oauth_signature="bYT5CMsGcbgUdFHObYMEfcx6bsw%3D"'
)


def test_the_base_string_of_section_3_4_1_1() -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": EXAMPLE}
    url = "http://EXAMPLE.COM:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b"
    assert base_string("POST", url, "c2&a3=2+q", headers) == (
        "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D"
        "%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1"
        "%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7"
    )


def test_the_base_string_uris_of_section_3_4_1_2() -> None:
    """Host in small letters, no default port, no query."""
    one = base_string("GET", "http://EXAMPLE.COM:80/r%20v/X?id=123", None, {})
    other = base_string("GET", "https://www.example.net:8080/?q=1", None, {})
    assert one == "GET&http%3A%2F%2Fexample.com%2Fr%2520v%2FX&id%3D123"
    assert other == "GET&https%3A%2F%2Fwww.example.net%3A8080%2F&q%3D1"


def test_the_signature_of_section_1_2() -> None:
    told = (
        'OAuth realm="Photos", oauth_consumer_key="dpf43f3p2l4k3l03", oauth_token="nnch734d00sl2jdk", '
        'oauth_signature_method="HMAC-SHA1", oauth_timestamp="137131202", oauth_nonce="chapoH"'
    )
    url = "http://photos.example.net/photos?file=vacation.jpg&size=original"
    text = base_string("GET", url, None, {"Authorization": told})
    client = Client("dpf43f3p2l4k3l03", client_secret="kd94hf93k423kf44", resource_owner_secret="pfkkdhi9sl3r4s00")
    made = signature.sign_hmac_sha1_with_client(text, client)
    assert made == unquote("MdpQcU8iPSUjWoN%2FUDMsK2sui9I%3D")
