"""How much may be asked of one host at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager


class HostGate:
    """The one gate that all requests to a host pass through: so many at a time, none during a pause.

    Used from one event loop. `clock` counts seconds and never goes back.
    """

    def __init__(
        self, concurrency: int, *, clock: Callable[[], float], sleep: Callable[[float], Awaitable[None]]
    ) -> None:
        self._slots = asyncio.Semaphore(concurrency)
        self._clock = clock
        self._sleep = sleep
        self._closed_until = 0.0

    def pause(self, seconds: float) -> None:
        """Let nobody in for `seconds` from now; a longer pause that is under way stays."""
        self._closed_until = max(self._closed_until, self._clock() + seconds)

    @asynccontextmanager
    async def entered(self) -> AsyncIterator[None]:
        """Wait for the end of a pause and for a free slot, first come, first served; hold it while inside."""
        async with self._slots:
            while (remaining := self._closed_until - self._clock()) > 0:
                await self._sleep(remaining)
            yield
