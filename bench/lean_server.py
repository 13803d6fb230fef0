"""A server that costs 0.03 ms a page, for measurements: what it adds would be taken for the reader's own time.

    python bench/lean_server.py '{"rows": 8000, "page": 20, "total": true, "latency_s": 0.1}'

Prints its port, and serves until its standard input is closed:

    /items?offset=&limit=   pages of rows, under the latency and the quota
    /chain?page=            the same pages, each with the link to the next
    /people?offset=&limit=  as /items; /people/<id>/marks is one page of one row for each
    /warm                   one row, at once, not counted
    /stats                  what was answered under the quota so far
"""

from __future__ import annotations

import asyncio
import json
import math
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qs

_WIDE = 20
"""Further fields of a wide row, 600 bytes together."""


@dataclass(frozen=True, slots=True)
class Spec:
    """What is served. `clamp`: most rows of a page, whatever was asked for; `wide`: rows of 25 fields, not 5.

    `quota`: "bucket" or "window"; `rate` a second; `capacity` of the bucket, or of each window of `window_s`.
    """

    rows: int = 8000
    page: int = 20
    total: bool = False
    latency_s: float = 0.0
    clamp: int | None = None
    wide: bool = False
    quota: str | None = None
    rate: float = 50.0
    capacity: int = 50
    window_s: float = 60.0


@dataclass(slots=True)
class Bucket:
    """Holds `capacity` tokens, full at first; `rate` come back each second."""

    rate: float
    capacity: int
    _tokens: float = field(default=0.0, init=False)
    _at: float | None = field(default=None, init=False)

    def wait_s(self, now: float) -> int:
        """0: the request is allowed, and was counted; else whole seconds until one will be."""
        idle = math.inf if self._at is None else now - self._at
        self._tokens, self._at = min(self.capacity, self._tokens + self.rate * idle), now
        if self._tokens < 1.0:
            return math.ceil((1.0 - self._tokens) / self.rate)
        self._tokens -= 1.0
        return 0


@dataclass(slots=True)
class Window:
    """So many in each stretch of `seconds`; the first begins with the first request."""

    capacity: int
    seconds: float
    _ends: float = field(default=-math.inf, init=False)
    _count: int = field(default=0, init=False)

    def wait_s(self, now: float) -> int:
        """0: the request is allowed, and was counted; else whole seconds until one will be."""
        if now >= self._ends:
            begin = now if self._ends == -math.inf else self._ends
            self._ends = begin + self.seconds * (math.floor((now - begin) / self.seconds) + 1)
            self._count = 0
        if self._count >= self.capacity:
            return max(1, math.ceil(self._ends - now))
        self._count += 1
        return 0


class Site:
    """Makes the bytes of every answer, once for each target; `url` is its own, for links."""

    def __init__(self, spec: Spec, clock: Callable[[], float]) -> None:
        self._spec = spec
        self._clock = clock
        self._rows = [_row(number, spec.wide) for number in range(spec.rows)]
        self._made: dict[str, bytes] = {}
        self.url = ""
        self._quota = _quota_of(spec)
        self._stats = {"accepted": 0, "refused": 0, "seconds": 0.0}
        self._begun = math.nan

    def answer(self, target: str) -> tuple[bytes, float]:
        """The whole answer, and after how many seconds it leaves."""
        if target == "/stats":
            return _answer(self._stats), 0.0
        if target == "/warm":
            return _answer({"data": [{"id": 0}]}), 0.0
        if self._quota and (refusal := self._refusal(self._quota)):
            return refusal, self._spec.latency_s
        made = self._made.get(target)
        if made is None:
            made = self._made[target] = self._make(target)
        return made, self._spec.latency_s

    def _refusal(self, quota: Bucket | Window) -> bytes | None:
        now = self._clock()
        if math.isnan(self._begun):
            self._begun = now
        self._stats["seconds"] = now - self._begun
        wait_s = quota.wait_s(now)
        self._stats["refused" if wait_s else "accepted"] += 1
        if not wait_s:
            return None
        return _answer({"error": "slow down"}, "429 Too Many Requests", f"Retry-After: {wait_s}\r\n")

    def _make(self, target: str) -> bytes:
        path, _, query = target.partition("?")
        asked = {name: int(values[0]) for name, values in parse_qs(query).items()}
        if path.endswith("/marks"):
            return _page([b'{"id":%s,"mark":7}' % path.split("/")[2].encode()])
        size = asked.get("limit", self._spec.page)
        start = asked.get("offset", asked.get("page", 0) * size)
        rows = self._rows[start : start + min(size, self._spec.clamp or size)]
        following = asked.get("page", 0) + 1
        if path == "/chain" and following * size < self._spec.rows:
            return _page(rows, f',"next":"{self.url}/chain?page={following}"')
        return _page(rows, f',"total":{self._spec.rows}' if self._spec.total else "")


def _quota_of(spec: Spec) -> Bucket | Window | None:
    if spec.quota == "bucket":
        return Bucket(spec.rate, spec.capacity)
    return Window(spec.capacity, spec.window_s) if spec.quota == "window" else None


def _row(number: int, wide: bool) -> bytes:
    row = {"id": number, "name": f"Person {number}", "email": f"p{number}@school.example", "role": "student"}
    more = {f"field_{k}": number * k if k % 2 else f"text {number} {k}" for k in range(_WIDE if wide else 0)}
    return json.dumps({**row, "score": number % 100 + 0.5, **more}).encode()


def _page(rows: list[bytes], more: str = "") -> bytes:
    return _framed(b'{"data":[%s]%s}' % (b",".join(rows), more.encode()))


def _answer(body: object, status: str = "200 OK", header: str = "") -> bytes:
    return _framed(json.dumps(body).encode(), status, header)


def _framed(body: bytes, status: str = "200 OK", header: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{header}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


class Connection(asyncio.Protocol):
    """Reads GET requests, one after another, and answers each when its time has come."""

    def __init__(self, site: Site, loop: asyncio.AbstractEventLoop) -> None:
        self._site = site
        self._loop = loop
        self._unread = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every request that is whole."""
        *requests, self._unread = (self._unread + data).split(b"\r\n\r\n")
        for request in requests:
            answer, delay_s = self._site.answer(request.split(b" ", 2)[1].decode())
            if delay_s:
                self._loop.call_later(delay_s, self._write, answer)
            else:
                self._write(answer)

    def _write(self, answer: bytes) -> None:
        if self._transport and not self._transport.is_closing():
            self._transport.write(answer)


async def serve(spec: Spec) -> None:
    """Serve on a free port of 127.0.0.1 until standard input ends."""
    loop = asyncio.get_running_loop()
    site = Site(spec, loop.time)
    server = await loop.create_server(lambda: Connection(site, loop), "127.0.0.1", 0, backlog=256)
    port = server.sockets[0].getsockname()[1]
    site.url = f"http://127.0.0.1:{port}"
    print(port, flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(Spec(**json.loads(sys.argv[1]))))
