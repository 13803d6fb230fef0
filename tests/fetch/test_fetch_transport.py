"""Over real sockets: what is sent is what was asked, and every way to fail has a name."""

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import pytest
import requests

from homeroom.fetch.transport import USER_AGENT, TransportError, aiohttp_transport
from homeroom.values import Answer, SyncSettings


def prepared(url: str, method: str = "GET", **options: object) -> requests.PreparedRequest:
    return requests.Request(method, url, **options).prepare()  # type: ignore[arg-type]


def sent(url: str, **options: object) -> Answer:
    async def act() -> Answer:
        async with aiohttp_transport(SyncSettings(2)) as transport:
            return await transport.send(prepared(url, **options))  # type: ignore[arg-type]

    return asyncio.run(act())


@asynccontextmanager
async def serving(act: Callable[[bytes, asyncio.StreamWriter], None]) -> AsyncIterator[int]:
    """A server on loopback; `act` is given what each connection sent first. Gone whole at the end."""
    done: list[asyncio.Event] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        done.append(asyncio.Event())
        event = done[-1]
        with suppress(OSError, EOFError):
            act(await reader.read(65_536), writer)
            writer.close()
            await writer.wait_closed()
        event.set()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]
        for event in done:
            await event.wait()


def exchanged(
    reply: bytes, path: str = "/", abort: bool = False, **options: object
) -> tuple[Answer | TransportError, bytes]:
    """What comes of a request to a server that sends these bytes and hangs up; and what it was sent."""
    heard: list[bytes] = []

    def act(request: bytes, writer: asyncio.StreamWriter) -> None:
        heard.append(request)
        writer.write(reply)
        if abort:
            writer.transport.abort()

    async def ask() -> Answer | TransportError:
        async with serving(act) as port:
            try:
                async with aiohttp_transport(SyncSettings(2)) as transport:
                    return await transport.send(prepared(f"http://127.0.0.1:{port}{path}", **options))  # type: ignore[arg-type]
            except TransportError as error:
                return error

    return asyncio.run(ask()), b"".join(heard)


def failed(reply: bytes, **options: object) -> TransportError:
    error, _ = exchanged(reply, path="/users?key=s3cret", **options)  # type: ignore[arg-type]
    assert isinstance(error, TransportError)
    assert "s3cret" not in str(error)
    return error


def test_an_answer_comes_with_its_status_headers_and_body() -> None:
    answer, _ = exchanged(b"HTTP/1.1 418 Teapot\r\nX-One: 1\r\nX-One: 2\r\nContent-Length: 2\r\n\r\nhi")
    assert isinstance(answer, Answer)
    assert (answer.status, answer.body, answer.header("x-one")) == (418, b"hi", "1")
    assert [value for name, value in answer.headers if name == "X-One"] == ["1", "2"]


def test_the_url_is_sent_as_it_was_quoted_and_we_say_who_we_are() -> None:
    _, heard = exchanged(b"HTTP/1.1 204 No Content\r\n\r\n", path="/a%2Fb?sig=x%2By%3D&q=%C3%A9")
    assert heard.startswith(b"GET /a%2Fb?sig=x%2By%3D&q=%C3%A9 HTTP/1.1\r\n")
    assert USER_AGENT.encode() in heard


def test_a_user_agent_of_the_config_wins() -> None:
    _, heard = exchanged(b"HTTP/1.1 204 No Content\r\n\r\n", headers={"User-Agent": "district-7"})
    assert b"district-7" in heard and USER_AGENT.encode() not in heard


def test_a_redirect_is_answered_and_not_followed() -> None:
    answer, _ = exchanged(b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n")
    assert isinstance(answer, Answer) and answer.status == 302


def test_a_body_is_decompressed() -> None:
    body = gzip.compress(b'{"data": []}')
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body)
    answer, _ = exchanged(head + body)
    assert isinstance(answer, Answer) and answer.body == b'{"data": []}'


def test_headers_as_long_as_real_link_headers_are_read() -> None:
    link = b"<https://h/?" + b"x" * 20_000 + b'>; rel="next"'
    answer, _ = exchanged(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nLink: " + link + b"\r\n\r\n")
    assert isinstance(answer, Answer) and answer.header("Link") == link.decode()


@pytest.mark.parametrize(
    "reply",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
    ],
    ids=["length", "chunked"],
)
def test_a_body_that_ends_early_is_cut_off_and_worth_another_try(reply: bytes) -> None:
    error = failed(reply)
    assert error.reason == "cut off" and error.transient


def test_a_connection_that_is_closed_without_an_answer_is_worth_another_try() -> None:
    error = failed(b"")
    assert error.reason == "connection" and error.transient


def test_a_connection_that_is_reset_is_worth_another_try() -> None:
    error = failed(b"", abort=True)
    assert error.reason == "connection" and error.transient


def test_a_port_that_nobody_listens_on_is_worth_another_try() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(TransportError, match=f"connection: 127.0.0.1:{port}: ") as caught:
        sent(f"http://127.0.0.1:{port}/users?key=s3cret")
    assert caught.value.transient and "s3cret" not in str(caught.value)


def test_a_server_that_speaks_no_http_is_not_asked_again_and_not_quoted() -> None:
    error = failed(b"s3cret\r\n\r\n")
    assert error.reason == "protocol" and not error.transient


def test_a_server_that_speaks_no_tls_is_named() -> None:
    def no_tls(request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async def act() -> None:
        async with serving(no_tls) as port, aiohttp_transport(SyncSettings(2)) as transport:
            await transport.send(prepared(f"https://127.0.0.1:{port}/"))

    with pytest.raises(TransportError, match=r"TLS: 127\.0\.0\.1:\d+ does not speak TLS") as caught:
        asyncio.run(act())
    assert not caught.value.transient


@pytest.mark.parametrize("value", ["Bearer s3cret\nX: y", "s3cret\r\n"])
def test_a_header_with_a_line_break_is_refused_and_not_quoted(value: str) -> None:
    def sign(request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = value  # as an auth object does: nothing has looked at it
        return request

    error = failed(b"HTTP/1.1 204 No Content\r\n\r\n", auth=sign)
    assert "a header cannot be sent" in str(error) and not error.transient


def test_cookies_are_not_kept() -> None:
    heard: list[bytes] = []

    def reply(request: bytes, writer: asyncio.StreamWriter) -> None:
        heard.append(request)
        writer.write(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    async def act() -> None:
        async with serving(reply) as port, aiohttp_transport(SyncSettings(2)) as transport:
            for _ in range(2):
                await transport.send(prepared(f"http://127.0.0.1:{port}/"))

    asyncio.run(act())
    assert len(heard) == 2 and b"cookie" not in heard[1].lower()
