"""Pages between the wire and their reader: bounded in bytes, and nobody waits for somebody who waits for him."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from requests import PreparedRequest

from homeroom.dlt_seam.rest_api import json_path
from homeroom.fetch import Engine
from homeroom.fetch.chain import Chain, Means
from homeroom.fetch.desk import Desk, Stream
from homeroom.fetch.follow import follow
from homeroom.fetch.room import FIRST_GUESS, Room
from homeroom.fetch.transport import Transport
from homeroom.fetch.wire import Wire
from homeroom.paginate import Cursor, Offset, Paging
from homeroom.values import Answer, ChainEnd, Page, Request, SyncSettings

from .scripted import BASE, ORIGINS, Script, aligned, answer, chain, hasty, query, run, virtual, wire

PATIENCE_S = 600.0
PAGES = 9
PAGE_BYTES = 200_000
OFFSET = Offset(limit=5, total=json_path("total"))
BLIND = Offset(limit=5)
CURSOR = Cursor(json_path("next"))


async def server(request: PreparedRequest) -> Answer:
    """Nine pages of five rows under every path, by offset or cursor, each of `PAGE_BYTES` or a little more."""
    await asyncio.sleep(0.01)
    asked = query(request)
    start = int(asked.get("offset") or asked.get("cursor") or 0)
    page = list(range(start, min(start + 5, PAGES * 5)))
    following = start + 5 if start + 5 < PAGES * 5 else None
    facts = {"total": PAGES * 5, "next": following and str(following)} if "blind" not in request.path_url else {}
    return answer({"pad": "x" * PAGE_BYTES, "data": [{"id": number} for number in page], **facts})


@dataclass
class House:
    """A room, its desk, streams that are filled in one loop, and the most bytes that were held."""

    budget: int
    room: Room = field(init=False)
    desk: Desk = field(default_factory=Desk)
    most: int = 0
    streams: list[Stream] = field(default_factory=list)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    reader: Wire = field(init=False)
    transport: Script = field(init=False)

    def __post_init__(self) -> None:
        self.room = Room(self.budget)
        self.transport = Script(self._watched)
        self.reader = wire(self.transport, sync=aligned(16))

    async def _watched(self, request: PreparedRequest) -> Answer:
        self.look()
        return await server(request)

    def look(self) -> None:
        self.most = max(self.most, self.room.used)

    def open(self, resource: str, paging: Paging = OFFSET, chains: int = 1) -> Stream:
        """As the engine does: each chain is followed, and its pages are laid on the desk."""
        asked = [
            chain(
                resource=resource, number=number, paging=paging, request=Request("GET", f"{BASE}/{resource}/{number}")
            )
            for number in range(1, chains + 1)
        ]
        stream = Stream(self.desk, asked, on_close=lambda _: None)
        self.desk.join(stream)
        stream.attach(asyncio.get_running_loop(), self.room.release)
        self.streams.append(stream)
        self.tasks += [asyncio.create_task(self._fill(stream, place, each)) for place, each in enumerate(asked)]
        return stream

    async def _fill(self, stream: Stream, place: int, followed: Chain) -> None:
        space = self.room.of(stream, place)
        means = Means(self.reader, space, (), virtual().now, aligned(16), max(1, 16 // len(stream.chains)))
        async with aclosing(follow(followed, means)) as items:
            async for item in items:
                await stream.lay(place, item)
                self.look()

    async def close(self) -> None:
        """As the engine does when its reader wants no more."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        for stream in self.streams:
            stream.close()
            self.room.release(stream.leftover())
        await asyncio.sleep(0.01)


Choice = Callable[[Sequence[Stream]], Stream]


def round_robin() -> Choice:
    turn = [0]

    def choose(streams: Sequence[Stream]) -> Stream:
        turn[0] += 1
        return streams[turn[0] % len(streams)]

    return choose


READERS: dict[str, Callable[[], Choice]] = {
    "one after the other": lambda: lambda streams: streams[0],
    "the last first": lambda: lambda streams: streams[-1],
    "round robin": round_robin,
    "at random": lambda: random.Random(1).choice,
}


async def take_all(streams: Sequence[Stream], choose: Choice) -> dict[str, list[tuple[int, int]]]:
    """Chain and number of each page, by resource. A stream is left alone only when it is exhausted."""
    found: dict[str, list[tuple[int, int]]] = {stream.resource: [] for stream in streams}
    waited = 0.0
    while unread := [stream for stream in streams if not stream.exhausted]:
        stream = choose(unread)
        match stream.take(0):
            case None:
                await asyncio.sleep(0.01)
                waited += 0.01
                assert waited < PATIENCE_S, "nobody moves any more"
            case Page() as page:
                found[stream.resource].append((page.chain, page.number))
                waited = 0.0
            case BaseException() as error:
                raise error
            case _:
                stream.exhausted and stream.close()
    return found


def all_of(chains: int) -> list[tuple[int, int]]:
    return [(number, page) for number in range(1, chains + 1) for page in range(1, PAGES + 1)]


@pytest.mark.parametrize("reader", sorted(READERS))
@pytest.mark.parametrize("budget", [1, PAGE_BYTES + 1000, 1_000_000])
@pytest.mark.parametrize("paging", [OFFSET, BLIND, CURSOR], ids=["total", "no total", "cursor"])
def test_three_resources_never_wait_for_each_other(reader: str, budget: int, paging: Paging) -> None:
    async def act() -> None:
        house = House(budget)
        suffix = "-blind" if paging is BLIND else ""
        streams = [house.open(name + suffix, paging) for name in ("a", "b", "c")]
        found = await take_all(streams, READERS[reader]())
        assert list(found.values()) == [all_of(1)] * 3
        # One page a stream may go out beyond the budget: the one that its reader waits for.
        assert house.most <= budget + 3 * (PAGE_BYTES + 1000)
        await house.close()
        assert house.room.used == 0

    run(act())


@pytest.mark.parametrize("reader", sorted(READERS))
@pytest.mark.parametrize("budget", [1, 1_000_000])
def test_many_chains_of_many_pages_are_read_in_order(reader: str, budget: int) -> None:
    async def act() -> None:
        house = House(budget)
        found = await take_all([house.open("a", chains=7), house.open("b", CURSOR, chains=5)], READERS[reader]())
        assert found == {"a": all_of(7), "b": all_of(5)}
        await house.close()
        assert house.room.used == 0

    run(act())


@pytest.mark.parametrize("budget", [1, 1_000_000])
def test_streams_of_one_resource_in_line_are_read_one_after_the_other(budget: int) -> None:
    async def act() -> None:
        house = House(budget)
        line = [house.open("a") for _ in range(4)]
        for stream in line:
            assert await take_all([stream], READERS["round robin"]()) == {"a": all_of(1)}
        await house.close()
        assert house.room.used == 0

    run(act())


@pytest.mark.parametrize("pages", [0, 1, 5, 20])
@pytest.mark.parametrize("budget", [1, 1_000_000])
def test_closing_early_gives_all_room_back(pages: int, budget: int) -> None:
    async def act() -> None:
        house = House(budget)
        streams = [house.open("a"), house.open("b", CURSOR), house.open("c", chains=3)]
        await asyncio.sleep(0.005)
        dice, taken = random.Random(pages), 0
        while taken < pages:
            if isinstance(dice.choice(streams).take(0), Page):
                taken += 1
            await asyncio.sleep(0.005)
        await house.close()
        assert house.room.used == 0
        assert all(task.done() for task in house.tasks)

    run(act())


def test_a_page_that_finds_no_place_gives_its_room_back_when_its_stream_is_closed() -> None:
    async def act() -> None:
        house = House(64_000_000)
        house.open("a")
        await asyncio.sleep(60.0)
        await house.close()
        assert house.room.used == 0

    run(act())


def test_reading_runs_ahead_up_to_the_budget_and_no_further() -> None:
    async def act() -> None:
        house = House(5 * PAGE_BYTES + 5000)
        house.open("a")
        await asyncio.sleep(60.0)
        assert 4 <= house.room.used // PAGE_BYTES <= 5
        await house.close()

    run(act())


def test_a_request_that_fails_gives_its_room_back() -> None:
    async def act() -> None:
        house = House(1_000_000)
        house.transport = Script(answer({}, 403))
        house.reader = wire(house.transport, sync=aligned(16))
        house.open("a")
        await asyncio.gather(*house.tasks, return_exceptions=True)
        assert house.room.used == 0

    run(act())


def test_before_the_first_page_of_a_resource_a_guess_is_set_aside() -> None:
    async def act() -> None:
        room = Room(1_000_000)
        reserved = await room.reserve("users", lambda: False)
        assert reserved == room.used == FIRST_GUESS
        room.settle("users", reserved, 300_000)
        assert room.used == 300_000
        assert await room.reserve("users", lambda: False) == 300_000
        assert await room.reserve("courses", lambda: False) == FIRST_GUESS

    run(act())


def test_who_finds_no_room_waits_until_there_is_some() -> None:
    async def act() -> None:
        room = Room(FIRST_GUESS)
        await room.reserve("users", lambda: False)
        waiting = asyncio.create_task(room.reserve("users", lambda: False))
        await asyncio.sleep(1.0)
        assert not waiting.done()
        room.release(FIRST_GUESS)
        assert await waiting == FIRST_GUESS == room.used

    run(act())


def test_who_is_waited_for_passes_a_full_room() -> None:
    async def act() -> None:
        room, waited_for = Room(1), False
        waiting = asyncio.create_task(room.reserve("users", lambda: waited_for))
        await asyncio.sleep(1.0)
        assert not waiting.done()
        waited_for = True
        room.release(0)
        assert await waiting == FIRST_GUESS

    run(act())


def test_who_gives_up_waiting_holds_nothing() -> None:
    async def act() -> None:
        room = Room(1)
        waiting = asyncio.create_task(room.reserve("users", lambda: False))
        await asyncio.sleep(1.0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert room.used == 0

    run(act())


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0)])
def test_an_engine_whose_budget_is_less_than_a_page_reads_three_resources(order: tuple[int, ...]) -> None:
    """The smallest budget of a config is a million bytes."""

    def large(request: PreparedRequest) -> Answer:
        start = int(query(request)["offset"])
        body = {"pad": "x" * 1_200_000, "data": [{"id": number} for number in range(start, start + 5)], "total": 20}
        return answer(body) if start < 20 else answer({"data": [], "total": 20})

    @asynccontextmanager
    async def opened(_: SyncSettings) -> AsyncIterator[Transport]:
        sender: Any = Script(large)
        yield sender

    engine = Engine(SyncSettings(read_ahead_mb=1), ORIGINS, transport=opened, around=hasty())
    streams = [engine.open([chain(resource=name, paging=OFFSET)]) for name in ("a", "b", "c")]
    try:
        for place in order:
            numbers = []
            while not streams[place].exhausted:
                item = streams[place].take(0.05)
                assert not isinstance(item, BaseException)
                if isinstance(item, Page | ChainEnd):
                    numbers.append(item.number if isinstance(item, Page) else 0)
            assert numbers == [1, 2, 3, 4, 0]
    finally:
        for stream in streams:
            stream.close()
