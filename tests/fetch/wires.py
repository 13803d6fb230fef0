"""What the tests of the transports are made of: servers of raw bytes on loopback, and one request to them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any

import pytest
import requests

from homeroom.fetch.transport import TransportError, TransportFactory, aiohttp_transport, requests_transport
from homeroom.values import Answer, LimitSettings, SyncSettings

both = pytest.mark.parametrize("wire", [aiohttp_transport, requests_transport], ids=["aiohttp", "requests"])

Act = Callable[[bytes, asyncio.StreamWriter], Awaitable[None] | None]
EMPTY = b"HTTP/1.1 204 No Content\r\n\r\n"


def settings(concurrency: int = 2, **limits: Any) -> SyncSettings:
    return SyncSettings(concurrency, limits=replace(LimitSettings(), **limits))


def ok(body: bytes, *headers: str) -> bytes:
    """A whole answer, with these header lines more."""
    lines = ["HTTP/1.1 200 OK", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def whole(reader: asyncio.StreamReader) -> bytes:
    """One request, its body included where it says how long it is; empty where none comes."""
    head = await reader.readuntil(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return head + (await reader.readexactly(int(lengths[0].split(b":")[1])) if lengths else b"")


@asynccontextmanager
async def serving(act: Act, *, ssl: Any = None, kept: bool = False, raw: bool = False) -> AsyncIterator[int]:
    """A server on loopback; `act` is given each request. Hangs up after one answer unless `kept`."""
    running: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        running.add(task)
        task.add_done_callback(running.discard)
        with suppress(OSError, EOFError, asyncio.CancelledError):
            while True:
                acted = act(await reader.read(65_536) if raw else await whole(reader), writer)
                if acted is not None:
                    await acted
                await writer.drain()
                if not kept:
                    break
        with suppress(OSError, asyncio.CancelledError):
            writer.close()
            await writer.wait_closed()

    async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=ssl) as server:
        yield server.sockets[0].getsockname()[1]
        for task in list(running):
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def asked(
    wire: TransportFactory, url: str, method: str = "GET", sync: SyncSettings | None = None, **options: Any
) -> Answer:
    """One request through a transport of its own."""
    async with wire(sync or settings()) as transport:
        prepared = transport.prepare(requests.Request(method, url, **options))
        return await transport.send(prepared)


def exchanged(
    wire: TransportFactory, act: Act | bytes, path: str = "/", *, kept: bool = False, raw: bool = False, **options: Any
) -> tuple[Answer | TransportError, bytes]:
    """What comes of a request to a server that acts so, or sends these bytes; and what it was sent."""
    heard: list[bytes] = []

    def noted(request: bytes, writer: asyncio.StreamWriter) -> Awaitable[None] | None:
        heard.append(request)
        if isinstance(act, bytes):
            writer.write(act)
            return None
        return act(request, writer)

    async def ask() -> Answer | TransportError:
        async with serving(noted, kept=kept, raw=raw) as port:
            try:
                return await asked(wire, f"http://127.0.0.1:{port}{path}", **options)
            except TransportError as error:
                return error

    return asyncio.run(ask()), b"".join(heard)


def answered(wire: TransportFactory, act: Act | bytes, path: str = "/", **options: Any) -> Answer:
    answer, _ = exchanged(wire, act, path, **options)
    assert isinstance(answer, Answer), answer
    return answer


def failed(wire: TransportFactory, act: Act | bytes, **options: Any) -> TransportError:
    """How a request with a key in its query fails; the key is not in the text."""
    error, _ = exchanged(wire, act, path="/users?key=s3cret", **options)
    assert isinstance(error, TransportError), error
    assert "s3cret" not in str(error)
    return error
