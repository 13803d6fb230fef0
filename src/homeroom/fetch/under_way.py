"""Answers that are under way: from the moment a request leaves until its page is on disk."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager


class UnderWay:
    """Counts answers that are under way, and waits for the last of them. Used from one event loop.

    Between two counted stretches of one read nothing else runs in the loop, so that a page is never seen as neither
    on the wire nor on its way to the disk.
    """

    def __init__(self) -> None:
        self._count = 0
        self._ended = asyncio.Event()
        self._given_up = asyncio.Event()

    @contextmanager
    def one(self) -> Iterator[None]:
        """One answer is under way while it lasts."""
        self._count += 1
        try:
            yield
        finally:
            self._count -= 1
            self._ended.set()

    def give_up(self) -> None:
        """Let nobody wait any more."""
        self._given_up.set()

    async def end(self, within_s: float, sleep: Callable[[float], Awaitable[None]]) -> None:
        """Wait until none is under way: at most `within_s` seconds, as `sleep` counts them."""
        last = [asyncio.ensure_future(act) for act in (self.none(), sleep(within_s), self._given_up.wait())]
        try:
            await asyncio.wait(last, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in last:
                task.cancel()

    async def none(self) -> None:
        """Wait until none is under way."""
        while self._count:
            self._ended.clear()
            await self._ended.wait()
