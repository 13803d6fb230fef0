"""Results of another thread, in an event loop."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from threading import Thread
from typing import Any

import pytest

from homeroom.fetch.waking import Waking


def test_a_loop_is_woken_once_for_all_that_is_done_by_then() -> None:
    async def waited() -> tuple[list[int], int]:
        loop, waking, calls = asyncio.get_running_loop(), Waking(), 0
        real = loop.call_soon_threadsafe

        def counted(*args: Any, **named: Any) -> asyncio.Handle:
            nonlocal calls
            calls += 1
            return real(*args, **named)

        loop.call_soon_threadsafe = counted  # type: ignore[method-assign]
        futures: list[Future[int]] = [Future() for _ in range(20)]
        tasks = [asyncio.create_task(waking.result(future)) for future in futures]
        await asyncio.sleep(0)
        for number, future in enumerate(futures):
            future.set_result(number)
        return list(await asyncio.gather(*tasks)), calls

    assert asyncio.run(waited()) == (list(range(20)), 1)


def test_what_another_thread_raises_is_raised() -> None:
    async def waited() -> None:
        future: Future[None] = Future()
        Thread(target=lambda: future.set_exception(ValueError("torn"))).start()
        await Waking().result(future)

    with pytest.raises(ValueError, match="torn"):
        asyncio.run(waited())


def test_who_gives_up_waiting_does_not_keep_others_from_their_results() -> None:
    async def waited() -> int:
        waking = Waking()
        first: Future[int] = Future()
        second: Future[int] = Future()
        given_up = asyncio.create_task(waking.result(first))
        kept = asyncio.create_task(waking.result(second))
        await asyncio.sleep(0)
        given_up.cancel()
        first.set_result(1)
        second.set_result(2)
        return await kept

    assert asyncio.run(waited()) == 2


def test_a_loop_that_has_ended_is_left_alone() -> None:
    future: Future[int] = Future()

    async def begun() -> None:
        task = asyncio.create_task(Waking().result(future))
        await asyncio.sleep(0)
        task.cancel()

    asyncio.run(begun())
    future.set_result(1)
    assert future.done()
