"""The engine reads in a thread of its own, in order, and leaves nothing behind."""

import asyncio
import gc
import random
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest
from requests import PreparedRequest
from requests.auth import AuthBase

from homeroom.decode import decode_rows
from homeroom.demo import Dials, School
from homeroom.dlt_seam.rest_api import json_path
from homeroom.errors import RequestError, TransientError
from homeroom.events import Event, PageRead, RequestSent
from homeroom.fetch import Chain, Engine, Stream
from homeroom.fetch.engine import OPEN_CHAINS
from homeroom.fetch.transport import Transport
from homeroom.paginate import JsonLink, Offset
from homeroom.values import Answer, ChainEnd, Page, Request, SyncSettings

from .scripted import BASE, ORIGINS, Script, answer, chain, hasty, query, settings

OFFSET = Offset(limit=5, total=json_path("total"))
PATIENCE_S = 10.0


@pytest.fixture(autouse=True)
def nothing_left_behind(recwarn: pytest.WarningsRecorder) -> Iterator[None]:
    """After every test: no thread of ours, no task that was never awaited or destroyed while pending."""
    complaints: list[Any] = []
    before = set(threading.enumerate())
    handler = asyncio.BaseEventLoop.call_exception_handler
    asyncio.BaseEventLoop.call_exception_handler = lambda loop, context: complaints.append(context)  # type: ignore[method-assign]
    yield
    gc.collect()
    asyncio.BaseEventLoop.call_exception_handler = handler  # type: ignore[method-assign]
    left = set(threading.enumerate()) - before
    for thread in left:
        thread.join(PATIENCE_S)
    assert not [thread for thread in left if thread.is_alive()]
    assert complaints == [] and not [w for w in recwarn if "never awaited" in str(w.message)]


def server(request: PreparedRequest) -> Answer:
    """Twelve rows under every path, told as such."""
    start = int(query(request).get("offset", 0))
    return answer(
        {
            "data": [{"id": n, "of": request.path_url.split("?")[0]} for n in range(start, min(start + 5, 12))],
            "total": 12,
        }
    )


def engine(transport: Transport | Callable[[PreparedRequest], Any], *hooks: Any, concurrency: int = 16) -> Engine:
    sender: Any = Script(transport) if callable(transport) else transport

    @asynccontextmanager
    async def opened(_: SyncSettings) -> AsyncIterator[Transport]:
        yield sender

    return Engine(settings(concurrency), ORIGINS, hooks, transport=opened, around=hasty())


def chains(*paths: str, **changed: Any) -> list[Chain]:
    return [
        chain(**{"number": number, "paging": OFFSET, "request": Request("GET", f"{BASE}/{path}"), **changed})
        for number, path in enumerate(paths, start=1)
    ]


@contextmanager
def opened(reader: Engine, *asked: Chain) -> Iterator[Stream]:
    stream = reader.open(asked)
    try:
        yield stream
    finally:
        stream.close()


def items(stream: Stream) -> Iterator[Page | ChainEnd]:
    """What a stream gives, to its end; its error is raised."""
    while not stream.exhausted:
        item = stream.take(PATIENCE_S)
        if isinstance(item, BaseException):
            raise item
        assert item is not None, "the stream hangs"
        yield item


def paths(found: list[Page | ChainEnd]) -> list[tuple[int, int]]:
    return [(item.chain, item.number if isinstance(item, Page) else 0) for item in found]


def in_order(number: int) -> list[tuple[int, int]]:
    """Three pages and an end of each chain, one chain after the other."""
    return [(of_chain, page) for of_chain in range(1, number + 1) for page in (1, 2, 3, 0)]


def test_all_pages_of_a_chain_come_and_then_its_end() -> None:
    with opened(engine(server), *chains("users")) as stream:
        assert paths(list(items(stream))) == in_order(1)


@pytest.mark.parametrize("seed", range(5))
def test_pages_come_in_the_order_of_their_chains_whatever_the_latencies(seed: int) -> None:
    dice = random.Random(seed)

    async def late(request: PreparedRequest) -> Answer:
        for _ in range(dice.randrange(20)):
            await asyncio.sleep(0)
        return server(request)

    with opened(engine(late), *chains(*map(str, range(8)))) as stream:
        found = list(items(stream))
    assert paths(found) == in_order(8)
    assert [{row["of"] for row in decode_rows(page)} for page in found if isinstance(page, Page)] == [
        {f"/{number}"} for number in range(8) for _ in range(3)
    ]


def test_more_chains_than_are_open_at_once_are_read_to_the_end() -> None:
    number = OPEN_CHAINS * 2 + 3
    with opened(engine(server, concurrency=2), *chains(*map(str, range(number)))) as stream:
        assert paths(list(items(stream))) == in_order(number)


def test_no_more_requests_are_in_flight_than_allowed() -> None:
    inside, most = 0, 0

    async def counted(request: PreparedRequest) -> Answer:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        for _ in range(5):
            await asyncio.sleep(0)
        inside -= 1
        return server(request)

    with opened(engine(counted, concurrency=3), *chains(*map(str, range(12)))) as stream:
        list(items(stream))
    assert most == 3


def test_streams_of_several_resources_are_read_side_by_side() -> None:
    reader = engine(server)
    with (
        opened(reader, *chains("a", resource="a")) as first,
        opened(reader, *chains("b", resource="b")) as second,
    ):
        gone: list[str] = []
        while not (first.exhausted and second.exhausted):
            for stream in (first, second):
                if not stream.exhausted and (item := stream.take(PATIENCE_S)) is not None:
                    assert not isinstance(item, BaseException)
                    gone.append(stream.resource)
    assert sorted(gone) == ["a"] * 4 + ["b"] * 4


def test_an_error_in_one_chain_comes_after_all_pages_of_the_earlier_ones() -> None:
    def failing_second(request: PreparedRequest) -> Answer:
        return answer({"error": "gone"}, 404) if "/bad" in str(request.url) else server(request)

    found: list[Page | ChainEnd] = []
    with (
        opened(engine(failing_second), *chains("good", "bad", "fine")) as stream,
        pytest.raises(RequestError, match="404"),
    ):
        found.extend(items(stream))
        raise AssertionError("no error came")
    # `extend` keeps what it was given before the error.
    assert paths(found) == in_order(1)


def test_an_error_comes_after_the_earlier_pages_of_its_own_chain() -> None:
    def failing_later(request: PreparedRequest) -> Answer:
        return answer({}, 503) if query(request)["offset"] == "10" else server(request)

    found: list[Page | ChainEnd] = []
    with (
        opened(engine(failing_later), *chains("users")) as stream,
        pytest.raises(TransientError, match="offset=10"),
    ):
        found.extend(items(stream))
    assert paths(found) == [(1, 1), (1, 2)]


@pytest.mark.parametrize("kind", [RequestSent, PageRead])
def test_a_hook_that_raises_ends_the_read_with_its_error(kind: type) -> None:
    def hook(event: Event) -> None:
        if isinstance(event, kind):
            raise LookupError("the hook is broken")

    with (
        opened(engine(server, hook), *chains("users")) as stream,
        pytest.raises(LookupError, match="hook is broken"),
    ):
        list(items(stream))


def test_a_hook_that_exits_ends_every_read_and_the_engine_starts_again() -> None:
    exiting = True

    def hook(event: Event) -> None:
        if exiting:
            raise SystemExit("stop")

    reader = engine(server, hook)
    with opened(reader, *chains("users")) as stream, pytest.raises(SystemExit):
        list(items(stream))
    exiting = False
    with opened(reader, *chains("users")) as stream:
        assert paths(list(items(stream))) == in_order(1)


class AbortError(BaseException):
    """Like pytest's own: no Exception, and not one that Python knows."""


@pytest.mark.parametrize("paging", [OFFSET, JsonLink(json_path("next"))])
@pytest.mark.parametrize("kind", [RequestSent, PageRead])
@pytest.mark.parametrize(
    ("raised", "told"),
    [
        (AbortError, AbortError),
        (KeyboardInterrupt, KeyboardInterrupt),
        (asyncio.CancelledError, RuntimeError),
        (GeneratorExit, RuntimeError),
    ],
)
def test_whatever_code_of_the_user_raises_reaches_the_reader(
    raised: type[BaseException], told: type[BaseException], kind: Any, paging: Any
) -> None:
    def hook(event: Event) -> None:
        if isinstance(event, kind):
            raise raised

    with opened(engine(server, hook), *chains("users", "groups", paging=paging)) as stream, pytest.raises(told):
        list(items(stream))


def test_an_error_that_nobody_expected_ends_the_read_too() -> None:
    def broken(request: PreparedRequest) -> Answer:
        raise ZeroDivisionError("oops")

    with opened(engine(broken), *chains("users")) as stream, pytest.raises(ZeroDivisionError):
        list(items(stream))


def test_a_transport_that_cannot_be_opened_is_an_error_at_once_and_the_next_one_works() -> None:
    broken = True

    @asynccontextmanager
    async def transport(_: SyncSettings) -> AsyncIterator[Transport]:
        if broken:
            raise FileNotFoundError("ca.pem")
        yield Script(server)

    reader = Engine(settings(), ORIGINS, transport=transport, around=hasty())
    with pytest.raises(FileNotFoundError, match=r"ca\.pem"):
        reader.open(chains("users"))
    broken = False
    with opened(reader, *chains("users")) as stream:
        assert paths(list(items(stream))) == in_order(1)


@pytest.mark.parametrize("pages", [0, 1, 2])
def test_a_stream_may_be_closed_early(pages: int) -> None:
    with opened(engine(server), *chains(*map(str, range(50)))) as stream:
        for _, item in zip(range(pages), items(stream), strict=False):
            assert isinstance(item, Page)


def test_a_stream_may_be_closed_while_requests_are_under_way() -> None:
    begun = threading.Event()

    async def never(request: PreparedRequest) -> Answer:
        begun.set()
        await asyncio.get_running_loop().create_future()
        raise AssertionError("unreachable")

    with opened(engine(never), *chains("a", "b")):
        assert begun.wait(PATIENCE_S)


def test_the_transport_is_closed_after_the_last_request_was_given_up() -> None:
    order: list[str] = []
    begun = threading.Event()

    class Slow(Script):
        async def send(self, request: PreparedRequest) -> Answer:
            begun.set()
            try:
                await asyncio.get_running_loop().create_future()
            finally:
                await asyncio.sleep(0)
                order.append("request")
            raise AssertionError("unreachable")

    @asynccontextmanager
    async def transport(_: SyncSettings) -> AsyncIterator[Transport]:
        yield Slow()
        order.append("transport")

    with opened(Engine(settings(), ORIGINS, transport=transport, around=hasty()), *chains("users")):
        assert begun.wait(PATIENCE_S)
    assert order == ["request", "transport"]


def test_closing_one_stream_leaves_the_others() -> None:
    reader = engine(server)
    with opened(reader, *chains("b", resource="b")) as staying:
        reader.open(chains("a", resource="a")).close()
        assert paths(list(items(staying))) == in_order(1)


def test_closing_one_stream_gives_up_its_requests_while_another_is_open() -> None:
    begun, given_up = threading.Event(), threading.Event()

    async def never(request: PreparedRequest) -> Answer:
        if "/a" not in str(request.url):
            return server(request)
        begun.set()
        try:
            return await asyncio.get_running_loop().create_future()
        finally:
            given_up.set()

    reader = engine(never)
    with opened(reader, *chains("b", resource="b")):
        with opened(reader, *chains("a", resource="a")):
            assert begun.wait(PATIENCE_S)
        assert given_up.wait(PATIENCE_S)


def test_the_engine_starts_again_after_its_last_stream() -> None:
    reader = engine(server)
    for _ in range(3):
        with opened(reader, *chains("users")) as stream:
            assert paths(list(items(stream))) == in_order(1)
        assert not [thread for thread in threading.enumerate() if thread.name == "homeroom-fetch"]


def test_a_custom_auth_leaves_no_thread_behind() -> None:
    class Custom(AuthBase):
        def __call__(self, request: PreparedRequest) -> PreparedRequest:
            request.headers["X-Custom"] = "yes"
            return request

    script = Script(server)
    with opened(engine(script), *chains("users", auth=Custom())) as stream:
        list(items(stream))
    assert [request.headers["X-Custom"] for request in script.sent] == ["yes"] * 3


@pytest.mark.parametrize(
    "dials",
    [
        Dials(),
        Dials(jitter_s=0.003),
        Dials(cut_every=4),
        Dials(reset_every=5),
        Dials(fail_every=((503, 3),)),
        Dials(page_cap=7),
    ],
    ids=["calm", "jitter", "cut", "reset", "503", "clamped"],
)
def test_a_real_server_is_read_whole_whatever_it_does(dials: Dials) -> None:
    with School(scale=0.02, dials=dials) as school:
        origin = school.url
        around = hasty()
        reader = Engine(SyncSettings(), frozenset([origin]), around=around)
        asked = [
            chain(
                number=number,
                request=Request("GET", f"{origin}{path}", headers={"X-Api-Key": school.api_key}),
                paging=paging,
                selector=json_path(selector),
            )
            for number, (path, paging, selector) in enumerate(
                [
                    ("/v1/people", Offset(50, total=json_path("total")), "data"),
                    ("/link/people?per_page=20", JsonLink(json_path("next")), "results"),
                ]
            )
        ]
        with opened(reader, *asked) as stream:
            found = [page for page in items(stream) if isinstance(page, Page)]
        truth = [row["id"] for row in school.rows("people")]
    for number in (0, 1):
        assert [row["id"] for page in found if page.chain == number for row in decode_rows(page)] == truth
