"""What the fetch tests are made of: a transport with a script, and time that passes only when all sleep."""

import asyncio
import json
import selectors
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

from requests import PreparedRequest
from requests import Request as Request_

from homeroom.dlt_seam.rest_api import json_path
from homeroom.events import Hook
from homeroom.fetch.chain import Chain, Means
from homeroom.fetch.follow import follow
from homeroom.fetch.transport import TransportError
from homeroom.fetch.watch import Watch
from homeroom.fetch.wire import Surroundings, Wire
from homeroom.paginate import SinglePage
from homeroom.plan import paging_of
from homeroom.values import Answer, ChainEnd, Page, Request, RetrySettings, SyncSettings

T = TypeVar("T")
BASE = "https://api.example.com"
ORIGINS = frozenset([BASE + ":443"])
START = datetime(2026, 1, 1, tzinfo=UTC)

Reply = Answer | Exception
Handler = Callable[[PreparedRequest], Reply | Awaitable[Reply]]


class _TimeSelector(selectors.DefaultSelector):
    """Where a loop would wait, the clock jumps instead."""

    def __init__(self) -> None:
        super().__init__()
        self.at = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            return super().select(None)  # another thread will wake us
        self.at += max(timeout, 0.0)
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop in which a minute takes no time."""

    def __init__(self) -> None:
        self._virtual = _TimeSelector()
        super().__init__(self._virtual)

    def time(self) -> float:
        return self._virtual.at


def run(act: Coroutine[Any, Any, T]) -> T:
    """What `act` returns, in virtual time that starts at 0."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(act)


def clock() -> float:
    """Virtual seconds since the test began."""
    return asyncio.get_running_loop().time()


def virtual(dice: float = 1.0) -> Surroundings:
    """Surroundings for `run`; every throw of the dice gives `dice`."""
    return Surroundings(clock, lambda: START + timedelta(seconds=clock()), asyncio.sleep, lambda: dice)


def hasty() -> Surroundings:
    """Surroundings for an engine's own thread: every wait is over at once, and its time has passed."""
    passed = [0.0]

    async def sleep(seconds: float) -> None:
        passed[0] += seconds
        await asyncio.sleep(0)

    return Surroundings(lambda: passed[0], lambda: START, sleep, lambda: 0.0)


def answer(body: Any = None, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """An answer whose body is the JSON of `body`, or `body` itself where it is bytes."""
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status, BASE, tuple((headers or {}).items()), text)


def rows(*ids: int, **facts: Any) -> Answer:
    """A page of rows under `data`, with facts beside them."""
    return answer({"data": [{"id": number} for number in ids], **facts})


def cut(page: Answer) -> Answer:
    """The same answer, its last bytes lost."""
    return Answer(page.status, page.url, page.headers, page.body[:-3])


class Script:
    """A transport that gives replies, or what handlers make of a request, in turn; the last one for ever."""

    def __init__(self, *replies: Reply | Handler) -> None:
        self.sent: list[PreparedRequest] = []
        self.sent_at: list[float] = []
        self._replies = list(replies)

    def prepare(self, request: Request_) -> PreparedRequest:
        return request.prepare()

    async def send(self, request: PreparedRequest) -> Answer:
        number = min(len(self.sent), len(self._replies) - 1)
        self.sent.append(request)
        self.sent_at.append(asyncio.get_running_loop().time())
        reply = self._replies[number]
        if callable(reply):
            reply = reply(request)
        if isinstance(reply, Awaitable):
            reply = await reply
        if isinstance(reply, Exception):
            raise reply
        return reply

    @property
    def urls(self) -> list[str]:
        """What was asked, oldest first."""
        return [str(request.url) for request in self.sent]


def query(request: PreparedRequest) -> dict[str, str]:
    """The query of a request."""
    return dict(parse_qsl(urlsplit(str(request.url)).query, keep_blank_values=True))


def lost() -> TransportError:
    """No answer came."""
    return TransportError("connection", "api.example.com: reset")


def settings(concurrency: int = 16, **retry: Any) -> SyncSettings:
    """Settings whose waits are 1, 2, 4, … seconds unless told otherwise."""
    return SyncSettings(concurrency, RetrySettings(**{"first_wait_s": 1.0, "attempts": 4, **retry}))


def aligned(concurrency: int = 16, **retry: Any) -> SyncSettings:
    """The same, for pages that do not overlap."""
    return replace(settings(concurrency, **retry), overlap="never")


def chain(**changed: Any) -> Chain:
    """A chain of the resource `users`: a single page of rows under `data`, unless told otherwise."""
    usual: dict[str, Any] = {
        "resource": "users",
        "number": 1,
        "request": Request("GET", f"{BASE}/users"),
        "paging": SinglePage(),
        "selector": json_path("data"),
        "auth": None,
        "guess": paging_of,
    }
    return Chain(**{**usual, **changed})


def wire(
    transport: Script,
    *hooks: Hook,
    sync: SyncSettings | None = None,
    dice: float = 1.0,
    origins: frozenset[str] = ORIGINS,
    watch: Watch | None = None,
) -> Wire:
    """A wire over a scripted transport."""
    return Wire(transport, sync or settings(), origins, hooks, virtual(dice), watch)


class Boundless:
    """Room for any number of pages; counts what is held."""

    def __init__(self) -> None:
        self.held = 0

    async def reserve(self, is_next: Callable[[], bool]) -> int:
        return 0

    def settle(self, reserved: int, size: int) -> None:
        self.held += size - reserved


def read(transport: Script, followed: Chain | None = None, *hooks: Hook, **options: Any) -> tuple[list[Page], ChainEnd]:
    """All pages of a chain, and its end."""

    async def act() -> list[Page | ChainEnd]:
        sync = options.get("sync") or settings()
        reader = wire(transport, *hooks, **options)
        means = Means(reader, Boundless(), hooks, virtual().now, sync, sync.concurrency)
        async with aclosing(follow(followed or chain(), means)) as items:
            return [item async for item in items]

    *pages, end = run(act())
    assert isinstance(end, ChainEnd) and all(isinstance(page, Page) for page in pages)
    return pages, end  # type: ignore[return-value]
