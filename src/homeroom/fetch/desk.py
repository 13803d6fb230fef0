"""Where the fetch thread lays pages down and the thread that dlt pulls in picks them up.

dlt pulls all resources round robin in one thread. So nobody may wait here for one resource while another
has a page ready: `Stream.take` comes back empty-handed as soon as any stream has something.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from contextvars import Context

from homeroom.fetch.chain import Chain
from homeroom.values import ChainEnd, Page

ROOM = 64
"""Pages that a chain may be ahead of its reader."""

Item = Page | ChainEnd | BaseException


class Desk:
    """All open streams. `take` waits on it, `lay` wakes it."""

    def __init__(self) -> None:
        # Not a Condition: a signal may raise KeyboardInterrupt between any two steps of its Python. In `__enter__`
        # nobody would let go of its lock, and the fetch thread would wait for ever. A lock's own `with` is one step.
        self.lock = threading.RLock()
        self._asleep = threading.Lock()
        self._asleep.acquire()
        self._lines: dict[str, deque[Stream]] = {}

    def join(self, stream: Stream) -> None:
        """Queue a stream behind the earlier ones of its resource: their pages go first."""
        with self.lock:
            self._lines.setdefault(stream.resource, deque()).append(stream)

    def leave(self, stream: Stream) -> None:
        """Take a stream out, finished or not."""
        with self.lock:
            line = self._lines.get(stream.resource)
            if line and stream in line:
                line.remove(stream)
            self.wake()

    def wake(self) -> None:
        """Let who waits look again. Call it holding `lock`."""
        with suppress(RuntimeError):  # is on the way already
            self._asleep.release()

    def wait(self, wait_s: float) -> None:
        """Wait until there is something to take, or so long. For one thread at a time, which holds no lock."""
        end = time.monotonic() + wait_s
        while (left := end - time.monotonic()) > 0 and not self._is_ready():
            self._asleep.acquire(timeout=left)

    def _is_ready(self) -> bool:
        with self.lock:
            return self.anything_ready()

    def is_first(self, stream: Stream) -> bool:
        """Whether it is this stream's turn among those of its resource."""
        line = self._lines.get(stream.resource)
        return bool(line) and line is not None and line[0] is stream

    def open_streams(self, resource: str) -> int:
        """How many streams of a resource are open."""
        return len(self._lines.get(resource, ()))

    def anything_ready(self) -> bool:
        """Whether some stream whose turn it is has an item."""
        return any(line[0].has_item() for line in self._lines.values() if line)


class Stream:
    """The pages of some chains of one resource, chain after chain.

    Filled in the fetch thread by `lay`, emptied by `take` in any one thread at a time.
    """

    def __init__(self, desk: Desk, chains: Sequence[Chain], *, on_close: Callable[[Stream], None]) -> None:
        self.resource = chains[0].resource
        self.chains = chains
        self.closed = threading.Event()
        self._desk = desk
        self._items: list[deque[Item]] = [deque() for _ in chains]
        self._places: list[asyncio.Semaphore] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._on_take: Callable[[int], None] = lambda size: None
        self._current = 0
        self._on_close = on_close

    def attach(self, loop: asyncio.AbstractEventLoop, on_take: Callable[[int], None]) -> None:
        """Bind to the loop that fills it, which is told of each item taken, and its bytes. Called in the loop."""
        self._loop = loop
        self._on_take = on_take
        self._places = [asyncio.Semaphore(ROOM) for _ in self.chains]

    async def lay(self, place: int, item: Item) -> None:
        """Lay an item of the chain at `place`; waits while that chain is too far ahead of the reader."""
        if isinstance(item, Page):
            try:
                await self._places[place].acquire()
            except asyncio.CancelledError:
                self._items[place].append(item)  # nobody will take it, but its room goes back with the others'
                raise
        with self._desk.lock:
            self._items[place].append(item)
            self._desk.wake()

    def fail(self, error: BaseException) -> None:
        """Lay an error ahead of everything else: nobody will fill this stream any more."""
        with self._desk.lock:
            if not self.exhausted:
                self._items[self._current].appendleft(error)
            self._desk.wake()

    def has_item(self) -> bool:
        """Whether `take` would bring something. Call it holding `desk.lock`."""
        return self._current < len(self._items) and bool(self._items[self._current])

    def take(self, wait_s: float) -> Item | None:
        """The next item in order.

        None where there is none yet: after `wait_s`, or at once when another stream has something to
        give. Exceptions are returned, not raised.
        """
        self._desk.wait(wait_s)
        with self._desk.lock:
            if not (self._desk.is_first(self) and self.has_item()):
                return None
            place = self._current
            item = self._items[place].popleft()
            if isinstance(item, ChainEnd):
                self._current += 1
        self._tell_taken(place, len(item.body) if isinstance(item, Page) else None)
        return item

    def is_waited_for(self, place: int) -> bool:
        """Whether the reader has nothing to take before a page of this chain arrives."""
        return place == self._current and not self._items[place] and self._desk.is_first(self)

    def leftover(self) -> int:
        """Bytes of the pages that nobody took."""
        return sum(len(item.body) for items in self._items for item in items if isinstance(item, Page))

    @property
    def current_chain(self) -> Chain:
        """The chain whose items come next; the last one at the end."""
        return self.chains[min(self._current, len(self.chains) - 1)]

    @property
    def exhausted(self) -> bool:
        """Every chain has ended and its end was taken."""
        return self._current >= len(self.chains)

    def close(self) -> None:
        """Stop reading and give back what is held. Idempotent; safe at any point."""
        if not self.closed.is_set():
            self.closed.set()
            self._desk.leave(self)
            self._on_close(self)

    def _tell_taken(self, place: int, size: int | None) -> None:
        """Tell the loop of a page of this size, or of an end (None), which lets the next chain be waited for."""
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop has ended: what is left on the desk needs no more room
                self._loop.call_soon_threadsafe(self._taken, place, size, context=Context())

    def _taken(self, place: int, size: int | None) -> None:
        if size is not None:
            self._places[place].release()
        self._on_take(size or 0)
