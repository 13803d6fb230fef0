"""Over a requests session: whatever the user's session does, it does here, and the answer still comes."""

import asyncio
import functools
import io
import re
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
import responses
import urllib3
from dlt.sources.helpers import requests as dlt_requests
from requests.adapters import BaseAdapter, HTTPAdapter
from requests.auth import AuthBase, HTTPDigestAuth

from homeroom.errors import ConfigError
from homeroom.fetch.transport import (
    SIGNED_ELSEWHERE,
    TransportError,
    TransportFactory,
    aiohttp_transport,
    chosen_transport,
    requests_transport,
)
from homeroom.values import Answer, SyncSettings

from .wires import EMPTY, answered, asked, exchanged, failed, ok, serving, settings


def over(session: requests.Session) -> TransportFactory:
    return functools.partial(requests_transport, session=session)


class Canned(BaseAdapter):
    """An adapter that answers out of memory."""

    def __init__(self, body: bytes = b"[1]", status: int = 200, **headers: str) -> None:
        super().__init__()
        self.answer = (body, status, headers)
        self.seen: list[tuple[requests.PreparedRequest, dict[str, Any]]] = []

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        self.seen.append((request, options))
        body, status, headers = self.answer
        raw = urllib3.HTTPResponse(io.BytesIO(body), headers, status, preload_content=False)
        return HTTPAdapter().build_response(request, raw)

    def close(self) -> None:
        pass


def canned(body: bytes = b"[1]", status: int = 200, **headers: str) -> tuple[requests.Session, Canned]:
    session, adapter = requests.Session(), Canned(body, status, **headers)
    session.mount("mock://", adapter)
    return session, adapter


def from_memory(session: requests.Session, **options: Any) -> Answer:
    return asyncio.run(asked(over(session), "mock://school/users", **options))


def test_an_adapter_of_the_session_answers() -> None:
    session, adapter = canned(b'{"data": []}', 503, Link="<x>")
    answer = from_memory(session)
    assert (answer.status, answer.body, answer.header("link")) == (503, b'{"data": []}', "<x>")
    assert adapter.seen[0][0].url == "mock://school/users"


def test_headers_parameters_cookies_and_hooks_of_the_session_count() -> None:
    session, adapter = canned()
    session.headers["X-District"] = "7"
    session.params = {"tenant": "north"}
    session.cookies.set("lang", "de")
    heard: list[int] = []
    session.hooks["response"].append(lambda response, *_, **__: heard.append(response.status_code))
    from_memory(session, params={"page": 2}, headers={"Accept": "text/json"})
    request = adapter.seen[0][0]
    assert (request.headers["X-District"], request.headers["Accept"], request.headers["Cookie"]) == (
        "7",
        "text/json",
        "lang=de",
    )
    assert heard == [200]


def test_cookies_that_come_stay_in_the_users_session() -> None:
    session = requests.Session()
    answered(over(session), ok(b"", "Set-Cookie: a=b"))
    assert session.cookies.get("a") == "b"


def test_certificate_settings_and_time_outs_reach_the_adapter(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):  # they beat the session's, in requests
        monkeypatch.delenv(name, raising=False)
    session, adapter = canned()
    session.verify, session.cert = False, "me.pem"
    from_memory(session, sync=settings(connect_s=3, silence_s=7))
    options = adapter.seen[0][1]
    assert (options["verify"], options["cert"], options["timeout"], options["stream"]) == (
        False,
        "me.pem",
        (3, 7),
        True,
    )


def test_the_session_is_left_open() -> None:
    session, adapter = canned()
    closed: list[bool] = []
    adapter.close = lambda: closed.append(True)  # type: ignore[method-assign]
    from_memory(session)
    assert not closed


def test_a_hook_that_raises_for_status_does_not_hide_the_answer() -> None:
    session, _ = canned(b'{"message": "gone"}', 404)
    session.hooks["response"].append(lambda response, *_, **__: response.raise_for_status())
    answer = from_memory(session)
    assert (answer.status, answer.body) == (404, b'{"message": "gone"}')


def test_what_a_hook_changes_is_what_comes() -> None:
    session, _ = canned()

    def change(response: requests.Response, *_: Any, **__: Any) -> None:
        response.status_code = 202
        response._content = b"[2]"
        response._content_consumed = True
        response.headers["X-Total-Count"] = "9"

    session.hooks["response"].append(change)
    answer = from_memory(session)
    assert (answer.status, answer.body, answer.header("x-total-count")) == (202, b"[2]", "9")


def test_an_error_of_a_hook_comes_through() -> None:
    session, _ = canned()

    def fail(*_: Any, **__: Any) -> None:
        raise LookupError("mine")

    session.hooks["response"].append(fail)
    with pytest.raises(LookupError, match="mine"):
        from_memory(session)


def test_a_session_that_ignores_hooks_and_streaming_is_read_too() -> None:
    class Simple(requests.Session):
        def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:
            response = requests.Response()
            response.status_code, response.url, response.request = 200, "mock://x", request
            response.raw = io.BytesIO(b"[3]")
            return response

    assert from_memory(Simple()).body == b"[3]"


@pytest.mark.parametrize("error", [ConnectionResetError(104, "reset"), requests.ConnectionError("?key=s3cret")])
def test_an_error_of_an_adapter_is_worth_another_try_and_not_quoted(error: Exception) -> None:
    session, adapter = canned()

    def fail(*_: Any, **__: Any) -> requests.Response:
        raise error

    adapter.send = fail  # type: ignore[method-assign]
    with pytest.raises(TransportError, match="connection: school") as caught:
        from_memory(session)
    assert caught.value.transient and "s3cret" not in str(caught.value)


def test_retries_of_the_users_adapter_stay_and_are_told_when_used_up() -> None:
    session = requests.Session()
    session.mount("http://", HTTPAdapter(max_retries=urllib3.Retry(2, status_forcelist=[503], backoff_factor=0)))
    outcome, heard = exchanged(over(session), b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", kept=True)
    assert heard.count(b"GET /") == 3
    assert str(outcome).startswith("retries: 127.0.0.1:") and "retries of client.session are used up" in str(outcome)


@pytest.mark.parametrize("status", [404, 429, 500])
def test_a_session_of_dlt_answers_whatever_the_status(status: int) -> None:
    session = dlt_requests.Client(request_max_attempts=1).session
    session.mount("mock://", Canned(b"no", status))
    assert session.raise_for_status
    assert from_memory(session).status == status


def test_a_session_of_dlt_keeps_its_own_retries_and_time_out() -> None:
    session = dlt_requests.Client(request_timeout=5, request_max_attempts=3, request_backoff_factor=0).session
    adapter = Canned(b"no", 500)
    session.mount("mock://", adapter)
    assert from_memory(session).status == 500
    assert [options["timeout"] for _, options in adapter.seen] == [(5, 5)] * 3


def test_a_time_out_of_the_session_is_named() -> None:
    async def silent(_: bytes, __: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    session = dlt_requests.Session(timeout=0.2)
    assert "sent nothing for 0.2 s (the time-out of client.session)" in str(failed(over(session), silent))


def test_libraries_that_stand_in_for_requests_are_met() -> None:
    with responses.RequestsMock() as mock:
        mock.add(responses.GET, "https://school.invalid/users", json=[{"id": 1}], headers={"X-Total-Count": "1"})
        answer = asyncio.run(asked(requests_transport, "https://school.invalid/users?page=1"))
        assert mock.calls[0].request.url == "https://school.invalid/users?page=1"
    assert (answer.body, answer.header("x-total-count")) == (b'[{"id": 1}]', "1")


# Auth that is called by the thread that sends


def digest(request: bytes, writer: asyncio.StreamWriter) -> None:
    if b"uthorization: Digest username=" in request:
        writer.write(ok(b"[1]"))
    else:
        challenge = 'WWW-Authenticate: Digest realm="school", nonce="abc", qop="auth"'
        writer.write(ok(b"no", challenge).replace(b"200 OK", b"401 No", 1))


@pytest.mark.parametrize("of_the_session", [False, True])
def test_digest_answers_its_challenge(of_the_session: bool) -> None:
    session = requests.Session()
    auth = HTTPDigestAuth("me", "s3cret")
    if of_the_session:
        session.auth = auth
    answer = answered(over(session), digest, kept=True, **({} if of_the_session else {"auth": auth}))
    assert (answer.status, answer.body) == (200, b"[1]")
    assert answer.request.headers["Authorization"].startswith("Digest ")


def test_the_body_of_a_refused_challenge_is_limited() -> None:
    reply = ok(b"x" * 1_100_000).replace(b"200 OK", b"401 No", 1)
    error = failed(requests_transport, reply, auth=HTTPDigestAuth("me", "pw"), sync=settings(body_mb=1))
    assert "sync.limits.body_mb" in str(error)


class Slow(AuthBase):
    """An auth that asks for a token at its first call, and blocks meanwhile."""

    def __init__(self) -> None:
        self.threads: list[str] = []
        self.token: str | None = None
        self.tokens = 0

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        self.threads.append(threading.current_thread().name)
        if self.token is None:
            time.sleep(0.01)
            self.tokens += 1
            self.token = "t"
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request


def test_an_auth_of_the_session_never_blocks_the_loop_and_asks_once() -> None:
    session, adapter = canned()
    session.auth = auth = Slow()

    async def act() -> None:
        async with over(session)(settings(concurrency=4)) as transport:
            request = requests.Request("GET", "mock://school/users")
            await asyncio.gather(*(transport.send(transport.prepare(request)) for _ in range(8)))

    asyncio.run(act())
    assert auth.tokens == 1 and all(name.startswith("homeroom-send") for name in auth.threads)
    assert {request.headers["Authorization"] for request, _ in adapter.seen} == {"Bearer t"}


def test_neither_netrc_nor_the_session_signs_what_is_signed_elsewhere(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine school login me password pw\n")
    monkeypatch.setenv("NETRC", str(netrc))
    session, adapter = canned()
    from_memory(session, auth=SIGNED_ELSEWHERE)
    from_memory(session)
    assert ["Authorization" in request.headers for request, _ in adapter.seen] == [False, True]


# Threads


def test_opening_costs_no_thread_and_no_session(monkeypatch: pytest.MonkeyPatch) -> None:
    def never() -> requests.Session:
        raise AssertionError("a session was made")

    monkeypatch.setattr(requests, "Session", never)
    before = set(threading.enumerate())

    async def act() -> None:
        async with requests_transport(SyncSettings()):
            assert set(threading.enumerate()) <= before

    asyncio.run(act())


def test_a_thread_that_hangs_does_not_take_the_place_of_another() -> None:
    async def drip(request: bytes, writer: asyncio.StreamWriter) -> None:
        if b"GET /fine" in request:
            writer.write(ok(b"[1]"))
            return
        writer.write(b"HTTP/1.1 200 OK\r\nX: ")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.05)

    async def act() -> bytes:
        async with serving(drip) as port, requests_transport(settings(1, answer_s=0.3)) as transport:
            slow, fine = (
                transport.prepare(requests.Request("GET", f"http://127.0.0.1:{port}/{path}"))
                for path in ("slow", "fine")
            )
            with pytest.raises(TransportError, match="answer_s"):
                await transport.send(slow)
            return (await transport.send(fine)).body

    assert asyncio.run(act()) == b"[1]"


def test_a_thread_that_reads_is_woken_when_nobody_waits_any_more() -> None:
    async def stuck(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
        await writer.drain()
        await asyncio.Event().wait()

    error = failed(requests_transport, stuck, sync=settings(silence_s=60, answer_s=0.2))
    assert "answer_s" in str(error)
    for thread in threading.enumerate():
        if thread.name.startswith("homeroom-send"):
            thread.join(2)
            assert not thread.is_alive()


# Which transport


@pytest.mark.parametrize(
    ("environ", "chosen"),
    [
        ({}, aiohttp_transport),
        ({"HOMEROOM_TRANSPORT": ""}, aiohttp_transport),
        ({"HOMEROOM_TRANSPORT": "aiohttp"}, aiohttp_transport),
        ({"HOMEROOM_TRANSPORT": "requests"}, requests_transport),
    ],
)
def test_the_environment_chooses(environ: dict[str, str], chosen: Callable[..., Any]) -> None:
    assert chosen_transport(environ=environ) is chosen


def test_an_unknown_transport_is_named() -> None:
    words = "HOMEROOM_TRANSPORT: unknown transport; got 'curl'; allowed: aiohttp, requests; unset it for aiohttp"
    with pytest.raises(ConfigError, match=re.escape(words)):
        chosen_transport(environ={"HOMEROOM_TRANSPORT": "curl"})


def test_a_session_of_the_config_beats_the_environment() -> None:
    session, adapter = canned()
    wire = chosen_transport(session, {"HOMEROOM_TRANSPORT": "aiohttp"})
    asyncio.run(asked(wire, "mock://school/users"))
    assert len(adapter.seen) == 1


def test_an_empty_answer_has_an_empty_body() -> None:
    assert answered(requests_transport, EMPTY).body == b""


def test_an_error_of_an_adapter_that_is_about_something_else_comes_through() -> None:
    session, adapter = canned()

    def fail(*_: Any, **__: Any) -> requests.Response:
        raise ValueError("no such fixture")

    adapter.send = fail  # type: ignore[method-assign]
    with pytest.raises(ValueError, match="no such fixture"):
        from_memory(session)


def test_a_header_beyond_latin_1_is_refused_and_not_quoted() -> None:
    def sign(request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = "s3cret→"
        return request

    assert "a header cannot be sent" in str(failed(requests_transport, EMPTY, auth=sign))
