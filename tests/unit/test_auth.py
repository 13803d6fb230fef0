"""A credential is put on a request once, and only where it belongs."""

import asyncio
import os
import threading
from typing import Any

import pytest
from dlt.sources.helpers.rest_client.auth import APIKeyAuth, BearerTokenAuth, HttpBasicAuth
from hypothesis import given
from hypothesis import strategies as st
from requests import PreparedRequest, Request
from requests.auth import AuthBase, HTTPBasicAuth, HTTPDigestAuth

from homeroom.auth import Signer, origin_of


def signed(auth: AuthBase | None, url: str = "https://api.example.com/users", **headers: str) -> PreparedRequest:
    return asyncio.run(Signer(auth).sign(Request("GET", url, headers=headers).prepare()))


def key(location: Any) -> APIKeyAuth:
    return APIKeyAuth(name="api_key", api_key="s3cret", location=location)


def test_without_auth_a_request_stays_as_it_is() -> None:
    assert dict(signed(None).headers) == {}


def test_a_bearer_token_goes_into_the_header() -> None:
    assert signed(BearerTokenAuth(token="t0ken")).headers["Authorization"] == "Bearer t0ken"


def test_basic_credentials_go_into_the_header() -> None:
    assert signed(HttpBasicAuth("ann", "pw")).headers["Authorization"] == "Basic YW5uOnB3"


def test_an_api_key_may_be_a_header() -> None:
    assert signed(key("header")).headers["api_key"] == "s3cret"


@pytest.mark.parametrize("location", ["query", "param"])
def test_an_api_key_may_be_a_parameter(location: str) -> None:
    assert signed(key(location), "https://h/u?a=1").url == "https://h/u?a=1&api_key=s3cret"


def test_a_key_that_the_url_already_holds_is_not_doubled() -> None:
    assert signed(key("query"), "https://h/u?api_key=s3cret&a=&page=2").url == "https://h/u?a=&page=2&api_key=s3cret"


def test_an_old_key_in_the_url_is_replaced() -> None:
    assert signed(key("query"), "https://h/u?api_key=old").url == "https://h/u?api_key=s3cret"


def test_a_url_without_the_key_is_not_quoted_anew() -> None:
    assert signed(key("query"), "https://h/u?sig=a%2Fb+c").url == "https://h/u?sig=a%2Fb+c&api_key=s3cret"


def test_an_api_key_may_be_a_cookie() -> None:
    assert signed(key("cookie")).headers["Cookie"] == "api_key=s3cret"


def test_a_cookie_of_the_config_stays_beside_the_key() -> None:
    assert signed(key("cookie"), Cookie="lang=en").headers["Cookie"] == "lang=en; api_key=s3cret"


class _Custom(AuthBase):
    def __init__(self, result: Any = None) -> None:
        self.threads: list[threading.Thread] = []
        self.result = result

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        self.threads.append(threading.current_thread())
        request.headers["X-Custom"] = "yes"
        return self.result or request


def test_a_custom_auth_may_block_so_it_is_called_in_another_thread() -> None:
    auth = _Custom()
    assert signed(auth).headers["X-Custom"] == "yes"
    assert auth.threads != [threading.current_thread()]


def test_a_custom_auth_is_called_for_one_request_at_a_time() -> None:
    inside: list[int] = []

    class OneByOne(AuthBase):
        def __call__(self, request: PreparedRequest) -> PreparedRequest:
            inside.append(1)
            overlapping = len(inside)
            for _ in range(50):
                os.sched_yield()
            inside.pop()
            request.headers["X-Inside"] = str(overlapping)
            return request

    async def sign_four() -> list[PreparedRequest]:
        signer = Signer(OneByOne())
        return await asyncio.gather(*(signer.sign(Request("GET", "https://h/").prepare()) for _ in range(4)))

    assert {request.headers["X-Inside"] for request in asyncio.run(sign_four())} == {"1"}


def test_a_subclass_of_a_simple_kind_is_called_as_it_is() -> None:
    class Shouting(APIKeyAuth):
        def __call__(self, request: PreparedRequest) -> PreparedRequest:
            request.headers["X-Shout"] = self.api_key.upper()
            return request

    request = signed(Shouting(name="api_key", api_key="s3cret", location="query"))
    assert request.headers["X-Shout"] == "S3CRET" and "api_key" not in str(request.url)


def test_an_auth_that_returns_no_request_is_named() -> None:
    with pytest.raises(TypeError, match="returned str"):
        signed(_Custom(result="nothing"))


def test_what_a_custom_auth_raises_comes_through() -> None:
    class Broken(AuthBase):
        def __call__(self, request: PreparedRequest) -> PreparedRequest:
            raise LookupError("no token")

    with pytest.raises(LookupError, match="no token"):
        signed(Broken())


@pytest.mark.parametrize(
    ("auth", "answers"), [(HTTPDigestAuth("ann", "pw"), True), (HTTPBasicAuth("ann", "pw"), False)]
)
def test_an_auth_that_answers_challenges_is_known_by_its_hook(auth: AuthBase, answers: bool) -> None:
    async def sign() -> bool:
        signer = Signer(auth)
        request = Request("GET", "https://h/", hooks={"response": [print]}).prepare()
        await signer.sign(request)
        return signer.answers_challenges

    assert asyncio.run(sign()) is answers


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://api.example.com/v1?x=1", "https://api.example.com:443"),
        ("HTTP://API.Example.com", "http://api.example.com:80"),
        ("https://api.example.com:8443/", "https://api.example.com:8443"),
        ("https://user:pass@api.example.com/", "https://api.example.com:443"),
        ("https://münchen.example.com/", "https://xn--mnchen-3ya.example.com:443"),
    ],
)
def test_an_origin_is_scheme_host_and_port(url: str, origin: str) -> None:
    assert origin_of(url) == origin


@pytest.mark.parametrize(
    "url",
    ["https://api.example.com.evil.org/", "https://api.example.com@evil.org/", "http://api.example.com/"],
)
def test_what_only_looks_alike_is_another_origin(url: str) -> None:
    assert origin_of(url) != "https://api.example.com:443"


@pytest.mark.parametrize(
    "url",
    [
        "http://host:s3cret/",
        "http://[s3cret",
        "http://host:99999999/s3cret",
        r"http://s3cret:1\@host/",
        "http://s3cret\t@host/",
    ],
)
def test_what_is_no_url_is_refused_without_quoting_it(url: str) -> None:
    with pytest.raises(ValueError, match="not a URL") as caught:
        origin_of(url)
    assert "s3cret" not in str(caught.value)


@given(st.text())
def test_an_origin_is_found_or_refused_for_any_text(text: str) -> None:
    try:
        assert "://" in origin_of(text)
    except ValueError as error:
        assert str(error).startswith("not a URL")
