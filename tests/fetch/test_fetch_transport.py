"""The contract of a transport, over real sockets: what is sent is what was asked, every failure has a name."""

import asyncio
import gzip
import json
import socket
import threading
import zlib
from collections.abc import Callable

import pytest
import requests

from homeroom.fetch.transport import USER_AGENT, TransportError, TransportFactory
from homeroom.values import Answer

from .wires import EMPTY, answered, asked, both, exchanged, failed, ok, serving, settings

pytestmark = both


def test_an_answer_comes_with_its_status_headers_and_body(wire: TransportFactory) -> None:
    answer = answered(wire, b"HTTP/1.1 418 Teapot\r\nX-One: 1\r\nX-One: 2\r\nContent-Length: 2\r\n\r\nhi")
    assert (answer.status, answer.body, answer.header("x-one")) == (418, b"hi", "1")
    assert [value for name, value in answer.headers if name == "X-One"] == ["1", "2"]


def test_a_header_that_is_not_utf_8_is_text_all_the_same(wire: TransportFactory) -> None:
    """Half characters could be neither printed nor kept."""
    page = b"HTTP/1.1 200 OK\r\nX-File: Sch\xfcler.json\r\nContent-Length: 2\r\n\r\nhi"
    assert answered(wire, page).header("X-File") == "Schüler.json"


@pytest.mark.parametrize("status", [201, 304, 401, 429, 500, 503])
def test_a_status_is_an_answer_whatever_it_says(wire: TransportFactory, status: int) -> None:
    assert answered(wire, b"HTTP/1.1 %d Word\r\nContent-Length: 0\r\n\r\n" % status).status == status


def test_an_answer_knows_its_request(wire: TransportFactory) -> None:
    request = answered(wire, EMPTY, "/users?page=2").request
    assert request.method == "GET" and request.path_url == "/users?page=2"


@pytest.mark.parametrize(
    "path", ["/a%2Fb?sig=x%2By%3D&q=%C3%A9", "/a:b,c/(d)?x=1:2,3*(4)&y=%2F&z='@'", "/a;b=1?c=a+b%20c"]
)
def test_the_url_is_sent_byte_for_byte_as_it_was_quoted(wire: TransportFactory, path: str) -> None:
    _, heard = exchanged(wire, EMPTY, path=path)
    assert heard.startswith(b"GET %s HTTP/1.1\r\n" % path.encode())


def test_parameters_are_quoted_as_requests_quotes_them(wire: TransportFactory) -> None:
    params = {"since": "2026-01-01T00:00:00+00:00", "name[]": ["é ü", "a&b"], "flag": True, "none": None}
    path = requests.Request("GET", "http://h/users", params=params).prepare().path_url
    _, heard = exchanged(wire, EMPTY, path="/users", params=params)
    assert heard.startswith(b"GET %s HTTP/1.1\r\n" % path.encode())


def test_we_say_who_we_are(wire: TransportFactory) -> None:
    _, heard = exchanged(wire, EMPTY)
    assert USER_AGENT.encode() in heard


def test_a_user_agent_of_the_config_wins(wire: TransportFactory) -> None:
    _, heard = exchanged(wire, EMPTY, headers={"User-Agent": "district-7"})
    assert b"district-7" in heard and USER_AGENT.encode() not in heard


def test_a_json_body_is_posted(wire: TransportFactory) -> None:
    _, heard = exchanged(wire, EMPTY, method="POST", json={"name": "Zoë", "page": 2})
    head, _, body = heard.partition(b"\r\n\r\n")
    assert json.loads(body) == {"name": "Zoë", "page": 2}
    assert head.startswith(b"POST / ") and b"content-type: application/json" in head.lower()


def test_a_form_is_posted(wire: TransportFactory) -> None:
    _, heard = exchanged(wire, EMPTY, method="POST", data={"a": "1", "b": "é"})
    assert heard.endswith(b"\r\n\r\na=1&b=%C3%A9")


@pytest.mark.parametrize("location", ["/x", "http://elsewhere.invalid/", "http://[broken", "http://h:port/"])
def test_a_redirect_is_answered_and_not_followed(wire: TransportFactory, location: str) -> None:
    reply = f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 5\r\n\r\nMoved".encode()
    answer, heard = exchanged(wire, reply)
    assert isinstance(answer, Answer), answer
    assert (answer.status, answer.header("Location"), answer.body) == (302, location, b"Moved")
    assert heard.count(b"HTTP/1.1\r\n") == 1


@pytest.mark.parametrize(
    ("packing", "pack"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("gzip", lambda body: gzip.compress(body[:5]) + gzip.compress(body[5:])),
    ],
    ids=["gzip", "deflate", "two gzip members"],
)
def test_a_body_is_decompressed(wire: TransportFactory, packing: str, pack: Callable[[bytes], bytes]) -> None:
    assert answered(wire, ok(pack(b'{"data": []}'), f"Content-Encoding: {packing}")).body == b'{"data": []}'


def test_a_chunked_body_is_joined(wire: TransportFactory) -> None:
    reply = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    assert answered(wire, reply).body == b"abcde"


def test_a_body_without_a_length_ends_with_the_connection(wire: TransportFactory) -> None:
    assert answered(wire, b"HTTP/1.1 200 OK\r\n\r\nabcde").body == b"abcde"


@pytest.mark.parametrize(
    "reply",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n",
        ok(b"no gzip at all", "Content-Encoding: gzip"),
    ],
    ids=["length", "in a chunk", "between chunks", "unpackable"],
)
def test_a_body_that_ends_early_is_cut_off_and_worth_another_try(wire: TransportFactory, reply: bytes) -> None:
    error = failed(wire, reply)
    assert error.reason == "cut off" and error.transient
    assert "ended the body early" in str(error)


def test_a_connection_that_is_closed_without_an_answer_is_worth_another_try(wire: TransportFactory) -> None:
    error = failed(wire, b"")
    assert error.reason == "connection" and error.transient


def test_a_connection_that_is_reset_is_worth_another_try(wire: TransportFactory) -> None:
    def reset(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    error = failed(wire, reset)
    assert error.reason == "connection" and error.transient


def test_a_port_that_nobody_listens_on_is_worth_another_try(wire: TransportFactory) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(TransportError, match=f"connection: 127.0.0.1:{port}: Connection refused") as caught:
        asyncio.run(asked(wire, f"http://127.0.0.1:{port}/users?key=s3cret"))
    assert caught.value.transient and "s3cret" not in str(caught.value)


def test_a_name_that_does_not_exist_is_named_and_worth_another_try(wire: TransportFactory) -> None:
    with pytest.raises(TransportError, match=r"DNS: the name school\.invalid cannot be resolved") as caught:
        asyncio.run(asked(wire, "http://school.invalid:8080/users?key=s3cret"))
    assert caught.value.transient and "s3cret" not in str(caught.value)


@pytest.mark.parametrize("reply", [b"s3cret\r\n\r\n", b"HTTP/1.1 s3cret\r\n\r\n", b"\x00\x01s3cret\r\n\r\n"])
def test_a_server_that_speaks_no_http_is_not_asked_again_and_not_quoted(wire: TransportFactory, reply: bytes) -> None:
    error = failed(wire, reply)
    assert error.reason == "protocol" and not error.transient


@pytest.mark.parametrize("value", ["Bearer s3cret\nX: y", "s3cret\r\n"])
def test_a_header_with_a_line_break_is_refused_and_not_quoted(wire: TransportFactory, value: str) -> None:
    def sign(request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = value  # as an auth object does: nothing has looked at it
        return request

    error = failed(wire, EMPTY, auth=sign)
    assert "a header cannot be sent" in str(error) and not error.transient


def test_cookies_are_not_kept(wire: TransportFactory) -> None:
    heard: list[bytes] = []

    def reply(request: bytes, writer: asyncio.StreamWriter) -> None:
        heard.append(request)
        writer.write(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    async def act() -> None:
        async with serving(reply) as port, wire(settings()) as transport:
            for _ in range(2):
                await transport.send(transport.prepare(requests.Request("GET", f"http://127.0.0.1:{port}/")))

    asyncio.run(act())
    assert len(heard) == 2 and b"cookie" not in heard[1].lower()


def test_a_connection_is_used_again(wire: TransportFactory) -> None:
    peers: list[object] = []

    def reply(_: bytes, writer: asyncio.StreamWriter) -> None:
        peers.append(writer.get_extra_info("peername"))
        writer.write(ok(b"[]"))

    async def act() -> None:
        async with serving(reply, kept=True) as port, wire(settings()) as transport:
            for _ in range(5):
                await transport.send(transport.prepare(requests.Request("GET", f"http://127.0.0.1:{port}/")))

    asyncio.run(act())
    assert len(peers) == 5 and len(set(peers)) == 1


def test_as_many_requests_as_allowed_are_in_flight_at_once(wire: TransportFactory) -> None:
    flying, most = 0, 0

    async def reply(_: bytes, writer: asyncio.StreamWriter) -> None:
        nonlocal flying, most
        flying += 1
        most = max(most, flying)
        await asyncio.sleep(0.02)
        flying -= 1
        writer.write(ok(b"[]"))

    async def act() -> list[Answer]:
        async with serving(reply, kept=True) as port, wire(settings(concurrency=8)) as transport:
            request = requests.Request("GET", f"http://127.0.0.1:{port}/")
            return await asyncio.gather(*(transport.send(transport.prepare(request)) for _ in range(40)))

    answers = asyncio.run(act())
    assert most == 8 and {answer.body for answer in answers} == {b"[]"}


@pytest.mark.parametrize("begun", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"], ids=["silent", "begun"])
def test_closing_with_requests_in_flight_waits_for_nobody(wire: TransportFactory, begun: bytes) -> None:
    arrived: list[asyncio.Event] = []

    async def stuck(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(begun)
        await writer.drain()
        arrived.append(asyncio.Event())
        await asyncio.Event().wait()

    async def act() -> float:
        loop = asyncio.get_running_loop()
        async with serving(stuck) as port:
            async with wire(settings()) as transport:
                request = transport.prepare(requests.Request("GET", f"http://127.0.0.1:{port}/"))
                sends = [asyncio.create_task(transport.send(request)) for _ in range(2)]
                while len(arrived) < 2:
                    await asyncio.sleep(0.01)
                before = loop.time()
                for send in sends:
                    send.cancel()
                results = await asyncio.gather(*sends, return_exceptions=True)
                assert all(isinstance(result, asyncio.CancelledError) for result in results)
            return loop.time() - before

    assert asyncio.run(act()) < 1.0


def test_nothing_of_it_is_left_afterwards(wire: TransportFactory) -> None:
    before = set(threading.enumerate())  # a count would fall where one of an earlier test ends meanwhile
    answered(wire, ok(b"[]"))
    for thread in threading.enumerate():
        if thread.name.startswith("homeroom-send"):
            thread.join(5)
    assert set(threading.enumerate()) <= before
