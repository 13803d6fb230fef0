"""Room for pages between the wire and their reader: a budget in bytes, and a way past it for who is waited for.

A request sets aside what its page will probably take, and goes out when there is room for that. The one page
that the reader waits for goes out in any case: with a budget shared by all resources, and pages of the others
filling it, nothing would move again otherwise. So memory is bounded by the budget and a page for each stream.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from homeroom.fetch.desk import Stream

FIRST_GUESS = 65_536
"""Bytes set aside for a page of a resource of which none has arrived."""


class Room:
    """The budget of one event loop."""

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self._used = 0
        self._waiting: set[asyncio.Future[None]] = set()
        self._sizes: dict[str, int] = {}

    @property
    def used(self) -> int:
        """Bytes set aside or lying on the desk."""
        return self._used

    def of(self, stream: Stream, place: int) -> ChainRoom:
        """The room as the chain at `place` of a stream sees it."""
        return ChainRoom(self, stream, place)

    async def reserve(self, resource: str, may_pass: Callable[[], bool]) -> int:
        """Wait for room for a page of a resource, unless `may_pass`; the bytes set aside."""
        while True:
            size = self._sizes.get(resource, FIRST_GUESS)
            if self._used + size <= self._budget or may_pass():
                self._used += size
                return size
            await self._change()

    def settle(self, resource: str, reserved: int, size: int) -> None:
        """A page turned out to be of this size; 0 where none came, or where it went no further."""
        if size:
            self._sizes[resource] = size
        self.release(reserved - size)

    def release(self, size: int) -> None:
        """So many bytes are free again. With 0: look again who may pass."""
        self._used -= size
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)

    async def _change(self) -> None:
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.add(waiter)
        try:
            await waiter
        finally:
            self._waiting.discard(waiter)


class ChainRoom:
    """The room for the pages of one chain."""

    def __init__(self, room: Room, stream: Stream, place: int) -> None:
        self._room = room
        self._stream = stream
        self._place = place

    async def reserve(self, is_next: Callable[[], bool]) -> int:
        """Wait for room for a page; the bytes set aside. `is_next`: whether it is the next one of the chain."""
        return await self._room.reserve(
            self._stream.resource, lambda: self._stream.is_waited_for(self._place) and is_next()
        )

    def settle(self, reserved: int, size: int) -> None:
        """What was set aside turned out to be of this size; 0 where nothing came of it."""
        self._room.settle(self._stream.resource, reserved, size)
