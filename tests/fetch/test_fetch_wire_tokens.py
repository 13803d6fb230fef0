"""A token that runs out in mid-run is renewed once, and costs no attempt; auth that answers challenges has its wire."""

import asyncio
import hashlib
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests
from dlt.sources.helpers.rest_client.auth import BearerTokenAuth, OAuth2ClientCredentials
from requests import PreparedRequest, Response
from requests.auth import HTTPDigestAuth

from homeroom.errors import AuthError, HomeroomError, RequestError, TransientError
from homeroom.events import RequestSent, RetryScheduled
from homeroom.fetch.engine import real_surroundings
from homeroom.fetch.transport import aiohttp_transport, requests_transport
from homeroom.fetch.wire import Wire
from homeroom.values import Answer, Request, RetrySettings, SyncSettings

from .scripted import BASE, Reply, Script, answer, chain, lost, rows, run, wire
from .test_fetch_wire import failing, once

ONE_ROW = rows(1)


class Tokens(requests.Session):
    """A token endpoint that gives t1, t2, …, each for an hour, unless told to answer otherwise."""

    def __init__(self, *said: tuple[int, str]) -> None:
        super().__init__()
        self.said = said
        self.calls = 0

    def post(self, url: Any, *args: Any, **kwargs: Any) -> Response:
        self.calls += 1
        response = Response()
        told = (
            self.said[min(self.calls, len(self.said)) - 1]
            if self.said
            else (200, f'{{"access_token": "t{self.calls}"}}')
        )
        response.status_code, response._content = told[0], told[1].encode()
        return response


def oauth(session: Tokens, kind: type[OAuth2ClientCredentials] = OAuth2ClientCredentials) -> Any:
    return kind(
        access_token_url="https://id.example.com/token", client_id="me", client_secret="s3cret", session=session
    )


def knowing(*tokens: str) -> Any:
    """A server that takes these tokens alone."""

    def reply(request: PreparedRequest) -> Reply:
        known = request.headers.get("Authorization") in {f"Bearer {token}" for token in tokens}
        return ONE_ROW if known else answer({"error": "expired"}, 401)

    return reply


def test_a_401_in_mid_run_is_answered_with_a_new_token() -> None:
    session = Tokens()
    told: list[Any] = []
    transport = Script(knowing("t2"))
    once(transport, chain(auth=oauth(session)), told.append)
    assert [request.headers["Authorization"] for request in transport.sent] == ["Bearer t1", "Bearer t2"]
    assert session.calls == 2
    assert told == [RequestSent("users")] * 2


def test_a_new_token_costs_no_attempt() -> None:
    once(Script(knowing("t2")), chain(auth=oauth(Tokens())), sync=SyncSettings(retry=RetrySettings(attempts=1)))


def test_a_second_401_is_an_auth_error() -> None:
    session = Tokens()
    transport = Script(knowing())
    failing(transport, chain(auth=oauth(session)), AuthError)
    assert len(transport.sent) == 2 and session.calls == 2


def test_a_token_is_renewed_once_for_a_request_whatever_else_happens_to_it() -> None:
    session = Tokens()
    transport = Script(knowing(), lost(), knowing())
    failing(transport, chain(auth=oauth(session)), AuthError)
    assert len(transport.sent) == 3 and session.calls == 2


def throttled(request: PreparedRequest) -> Reply:
    return answer({}, 429, {"Retry-After": "300"})


def test_a_token_that_runs_out_again_while_the_request_is_throttled_is_renewed_again() -> None:
    session = Tokens()
    transport = Script(knowing("t2"), throttled, throttled, knowing("t3"))
    once(transport, chain(auth=oauth(session)))
    assert [each.headers["Authorization"][-2:] for each in transport.sent] == ["t1", "t2", "t2", "t2", "t3"]


def test_a_server_that_takes_no_token_and_throttles_is_not_asked_for_ever() -> None:
    session = Tokens()
    turns = [reply for _ in range(20) for reply in (knowing(), lambda request: answer({}, 429, {"Retry-After": "1"}))]
    failing(Script(*turns), chain(auth=oauth(session)), AuthError)
    assert session.calls == 4


def test_many_401s_at_once_are_one_new_token() -> None:
    session = Tokens()
    transport = Script(knowing("t2"))

    async def act() -> None:
        reader, auth = wire(transport), oauth(session)
        asked = [chain(auth=auth, request=Request("GET", f"{BASE}/users/{number}")) for number in range(30)]
        await asyncio.gather(*(reader.read(c, c.request, lambda a: a) for c in asked))

    run(act())
    assert session.calls == 2


def test_a_subclass_with_a_way_of_its_own_is_renewed_too() -> None:
    class Own(OAuth2ClientCredentials):
        def __call__(self, request: PreparedRequest) -> PreparedRequest:
            return super().__call__(request)

    session = Tokens()
    once(Script(knowing("t2")), chain(auth=oauth(session, Own)))
    assert session.calls == 2


@pytest.mark.parametrize("auth", [None, BearerTokenAuth(token="fixed")])  # type: ignore[arg-type]
def test_a_401_for_what_cannot_be_renewed_is_an_error_at_once(auth: Any) -> None:
    transport = Script(knowing("t2"))
    failing(transport, chain(auth=auth), AuthError)
    assert len(transport.sent) == 1


@pytest.mark.parametrize(
    ("said", "kind", "told"),
    [
        ((401, '{"error": "s3cret"}'), AuthError, "answered 401; check client_id and client_secret"),
        ((503, "s3cret"), TransientError, "answered 503; run again later"),
        ((200, "{}"), AuthError, "gave no access_token"),
        ((200, "s3cret"), AuthError, "(JSONDecodeError)"),
    ],
)
@pytest.mark.parametrize("first", [(), ((200, '{"access_token": "t1"}'),)])
def test_a_token_that_is_not_given_is_told_with_the_place_and_without_a_secret(
    said: tuple[int, str], kind: type[HomeroomError], told: str, first: tuple[Any, ...]
) -> None:
    session = Tokens(*first, said)
    error = failing(Script(knowing()), chain(auth=oauth(session)), kind)
    assert str(error).startswith("resource users, GET https://api.example.com/users: ") and error.resource == "users"
    assert told in str(error) and "id.example.com" in str(error) and "s3cret" not in str(error)
    assert session.calls == len(first) + 1


def test_a_token_call_that_fails_is_not_repeated() -> None:
    session = Tokens((503, ""))
    told: list[Any] = []
    with pytest.raises(TransientError):
        once(Script(ONE_ROW), chain(auth=oauth(session)), told.append)
    assert session.calls == 1 and not any(isinstance(event, RetryScheduled) for event in told)


def test_what_waited_long_is_signed_anew() -> None:
    auth = BearerTokenAuth(token="old")  # type: ignore[arg-type]

    async def slow(_: Any) -> Answer:
        await asyncio.sleep(10)
        auth.token = "new"
        return ONE_ROW

    transport = Script(slow)

    async def act() -> None:
        reader = wire(transport, sync=SyncSettings(concurrency=1))
        asked = [chain(auth=auth, request=Request("GET", f"{BASE}/{number}")) for number in range(2)]
        await asyncio.gather(*(reader.read(c, c.request, lambda a: a) for c in asked))

    run(act())
    assert [request.headers["Authorization"] for request in transport.sent] == ["Bearer old", "Bearer new"]


def test_auth_that_answers_challenges_is_refused_where_nothing_can_carry_it() -> None:
    transport = Script(ONE_ROW)
    error = failing(transport, chain(auth=HTTPDigestAuth("ann", "s3cret")), RequestError)
    assert (
        "GET https://api.example.com/users: the auth HTTPDigestAuth answers challenges" in str(error)
        and transport.sent == []
    )


class Digest(BaseHTTPRequestHandler):
    """Takes ann's password in the way of RFC 7616, and counts who came without."""

    protocol_version = "HTTP/1.1"
    turned_away = 0

    def do_GET(self) -> None:
        if self._is_ann():
            self._say(200, b'{"data": [{"id": 1}]}')
        else:
            type(self).turned_away += 1
            self._say(401, b"{}", 'Digest realm="campus", nonce="n0nce", qop="auth"')

    def _is_ann(self) -> bool:
        said = dict(re.findall(r'(\w+)="?([^",]+)"?', self.headers.get("Authorization", "")))
        if not said:
            return False
        ha1, ha2 = (hashlib.md5(text.encode()).hexdigest() for text in ("ann:campus:s3cret", f"GET:{self.path}"))
        whole = f"{ha1}:{said['nonce']}:{said['nc']}:{said['cnonce']}:auth:{ha2}"
        return hashlib.md5(whole.encode()).hexdigest() == said["response"]

    def _say(self, status: int, body: bytes, challenge: str = "") -> None:
        self.send_response(status)
        if challenge:
            self.send_header("WWW-Authenticate", challenge)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def digest() -> Iterator[str]:
    """The URL of a server that wants Digest."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Digest)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("password", ["s3cret", "wrong"])
def test_auth_that_answers_challenges_goes_over_requests(digest: str, password: str) -> None:
    async def act() -> list[Any]:
        settings = SyncSettings(concurrency=4)
        async with aiohttp_transport(settings) as plain, requests_transport(settings) as challenged:
            reader = Wire(plain, settings, frozenset([digest]), (), real_surroundings(), challenged=challenged)
            auth = HTTPDigestAuth("ann", password)
            asked = [chain(auth=auth, request=Request("GET", f"{digest}/users", {"page": n})) for n in range(8)]
            reads = (reader.read(c, c.request, lambda a: a.status) for c in asked)
            return await asyncio.gather(*reads, return_exceptions=True)

    got = asyncio.run(act())
    if password == "wrong":
        assert {type(each) for each in got} == {AuthError}
    else:
        assert [each[1] for each in got] == [200] * 8
