"""Pages are laid down in one thread and picked up in another, in the order of their chains."""

import asyncio
import time
from datetime import UTC, datetime

import pytest

from homeroom.dlt_seam.rest_api import json_path
from homeroom.fetch.desk import ROOM, Desk, Stream
from homeroom.values import ChainEnd, Page, PageFacts, Proof

from .scripted import chain


def stream(desk: Desk, resource: str = "users", chains: int = 1) -> Stream:
    made = Stream(desk, [chain(resource=resource, number=number) for number in range(chains)], on_close=lambda _: None)
    desk.join(made)
    return made


def page(number: int, of_chain: int = 0) -> Page:
    return Page("users", of_chain, number, "GET /", b"", PageFacts(1), json_path("$"), datetime.now(UTC))


def end(of_chain: int = 0) -> ChainEnd:
    return ChainEnd(of_chain, Proof.END)


def lay(into: Stream, *items: Page | ChainEnd | BaseException, place: int = 0) -> None:
    async def act() -> None:
        into.attach(asyncio.get_running_loop(), lambda size: None)
        for item in items:
            await into.lay(place, item)

    asyncio.run(act())


def taken(from_: Stream) -> list[object]:
    found: list[object] = []
    while (item := from_.take(0)) is not None:
        found.append(item)
    return found


def test_items_are_taken_in_the_order_in_which_they_were_laid() -> None:
    users, items = stream(Desk()), [page(1), page(2), end()]
    lay(users, *items)
    assert taken(users) == items and users.exhausted


def test_a_later_chain_waits_for_the_end_of_the_earlier() -> None:
    users = stream(Desk(), chains=2)
    later, earlier = [page(1, 1), end(1)], [page(1, 0), end(0)]
    lay(users, *later, place=1)
    assert taken(users) == []
    lay(users, *earlier, place=0)
    assert taken(users) == earlier + later and users.exhausted


def test_an_empty_desk_gives_nothing_after_the_wait() -> None:
    assert stream(Desk()).take(0) is None


def test_nobody_waits_while_another_stream_has_something() -> None:
    desk = Desk()
    users, courses = stream(desk), stream(desk, "courses")
    lay(courses, page(1))
    began = time.monotonic()
    assert users.take(5) is None and courses.take(5) is not None
    assert time.monotonic() - began < 5


def test_a_second_stream_of_a_resource_goes_behind_the_first() -> None:
    desk = Desk()
    early, late = stream(desk), stream(desk)
    lay(late, page(1))
    assert late.take(0) is None
    early.close()
    assert len(taken(late)) == 1


def test_errors_are_given_and_not_raised() -> None:
    users, error = stream(Desk()), KeyError("lost")
    lay(users, page(1), error)
    assert taken(users)[1] is error and not users.exhausted


def test_a_failure_of_the_engine_goes_ahead_of_everything() -> None:
    users, error = stream(Desk()), KeyError("lost")
    lay(users, page(1))
    users.fail(error)
    assert users.take(0) is error


def test_a_failure_after_the_last_end_is_nobodys_business() -> None:
    users = stream(Desk())
    lay(users, end())
    assert taken(users) == [end()]
    users.fail(KeyError("lost"))
    assert users.take(0) is None


def test_a_chain_may_be_only_so_far_ahead_of_its_reader() -> None:
    users = stream(Desk())

    async def act() -> None:
        users.attach(asyncio.get_running_loop(), lambda size: None)
        for number in range(ROOM):
            await users.lay(0, page(number))
        ahead = asyncio.create_task(users.lay(0, page(ROOM)))
        await asyncio.sleep(0)
        assert not ahead.done()
        users.take(0)
        await ahead

    asyncio.run(act())


def test_an_end_needs_no_room() -> None:
    users = stream(Desk())
    lay(users, *(page(number) for number in range(ROOM)), end())
    assert len(taken(users)) == ROOM + 1


def test_pages_are_taken_after_the_loop_has_ended_too() -> None:
    users = stream(Desk())
    lay(users, page(1))
    assert len(taken(users)) == 1


@pytest.mark.parametrize("times", [1, 2])
def test_a_stream_is_closed_once_however_often_it_is_asked(times: int) -> None:
    desk, closed = Desk(), []
    users = Stream(desk, [chain()], on_close=closed.append)
    desk.join(users)
    for _ in range(times):
        users.close()
    assert closed == [users] and desk.open_streams("users") == 0
