"""What following a chain from end to end brings, in virtual time, and servers to follow one on."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from requests import PreparedRequest

from homeroom.decode import decode_rows
from homeroom.dlt_seam.rest_api import json_path
from homeroom.fetch.chain import Chain, Means
from homeroom.fetch.follow import follow
from homeroom.paginate import Offset, PageNumber
from homeroom.values import Answer, ChainEnd, Page, Request, SyncSettings

from .scripted import BASE, Boundless, Script, answer, chain, query, rows, run, settings, virtual, wire

LATENCY_S = 0.1
HANDS = 16
PACE = 0.02
"""What the first requests lose because they do not all go out in the same instant (`pace`)."""
Answering = Callable[[PreparedRequest], Answer]


@dataclass
class Slow:
    """A handler that answers late; counts how many requests are inside at once."""

    reply: Answering
    seconds: Callable[[PreparedRequest], float] = lambda request: LATENCY_S
    inside: int = 0
    most: int = 0
    given_up: int = 0

    async def __call__(self, request: PreparedRequest) -> Answer:
        self.inside += 1
        self.most = max(self.most, self.inside)
        try:
            await asyncio.sleep(self.seconds(request))
            return self.reply(request)
        except asyncio.CancelledError:
            self.given_up += 1
            raise
        finally:
            self.inside -= 1


@dataclass
class Trip:
    """What came of following a chain, and what was left behind."""

    transport: Script
    pages: list[Page] = field(default_factory=list)
    end: ChainEnd | None = None
    error: Exception | None = None
    seconds: float = 0.0
    held: int = 0
    tasks_left: int = 0

    @property
    def ids(self) -> list[int]:
        return [row["id"] for page in self.pages for row in decode_rows(page)]

    @property
    def note(self) -> str:
        assert self.end is not None
        return self.end.note

    def asked(self, name: str) -> list[int]:
        """This parameter of all requests."""
        return [int(query(request)[name]) for request in self.transport.sent]


def travel(
    reply: Any, followed: Chain, *, sync: SyncSettings | None = None, stop_after: int | None = None, linger_s: float = 0
) -> Trip:
    """Follow a chain to its end, its error, or so many items; then wait a while for what may still happen."""
    trip, space, sync = Trip(Script(reply)), Boundless(), sync or settings(HANDS)
    means = Means(wire(trip.transport, sync=sync), space, (), virtual().now, sync, sync.concurrency)

    async def act() -> None:
        began = asyncio.get_running_loop().time()
        try:
            async with aclosing(follow(followed, means)) as items:
                async for item in items:
                    if isinstance(item, ChainEnd):
                        trip.end = item
                    else:
                        trip.pages.append(item)
                    if stop_after is not None and len(trip.pages) >= stop_after:
                        break
        except Exception as error:
            trip.error = error
        trip.seconds = asyncio.get_running_loop().time() - began
        trip.tasks_left = len(asyncio.all_tasks()) - 1
        await asyncio.sleep(linger_s)
        trip.held = space.held - sum(len(page.body) for page in trip.pages)

    run(act())
    return trip


def listed(count: int, *, cap: int | None = None, total: bool = False, past: int = 200) -> Answering:
    """Rows by offset and limit, at most `cap` in a page; beyond the end an empty page, or a refusal."""

    def reply(request: PreparedRequest) -> Answer:
        start, size = int(query(request)["offset"]), int(query(request)["limit"])
        if start >= count and past != 200:
            return answer({"error": "there is nothing"}, past)
        page = range(start, min(start + min(size, cap or size), count))
        return rows(*page, **({"total": count} if total else {}))

    return reply


def numbered(count: int, *, size: int = 10, told: bool = False, past: int = 200) -> Answering:
    """Pages of `size` by number, from 0."""

    def reply(request: PreparedRequest) -> Answer:
        page = int(query(request)["page"])
        if page * size >= count and past != 200:
            return answer({"error": "there is no such page"}, past)
        facts = {"pages": -(-count // size)} if told else {}
        return rows(*range(page * size, min((page + 1) * size, count)), **facts)

    return reply


def by_offset(limit: int = 10, **more: Any) -> Chain:
    return chain(paging=Offset(limit=limit, total=json_path("total"), **more))


def by_number(*, per_page: int | None = None, **more: Any) -> Chain:
    params = {} if per_page is None else {"per_page": per_page}
    paging = PageNumber(total=json_path("pages"), **more)
    return chain(paging=paging, request=Request("GET", f"{BASE}/users", params))
