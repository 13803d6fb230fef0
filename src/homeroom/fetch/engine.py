"""The event loop in its own thread, and the life of the streams that it fills."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, aclosing, suppress
from contextvars import Context
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from homeroom.events import Hook
from homeroom.fetch.chain import Chain, Means, Reader
from homeroom.fetch.desk import Desk, Stream
from homeroom.fetch.follow import follow
from homeroom.fetch.protocol import Witness
from homeroom.fetch.room import Room
from homeroom.fetch.transport import TransportFactory, aiohttp_transport, requests_transport
from homeroom.fetch.under_way import UnderWay
from homeroom.fetch.watch import Watch
from homeroom.fetch.wire import Surroundings, Wire
from homeroom.interrupts import WITHIN_S
from homeroom.values import ChainEnd, Page, SyncSettings

if TYPE_CHECKING:
    from homeroom.fetch.journaled import JournaledReader
    from homeroom.journal import Journal, KeptRun

OPEN_CHAINS = 32
"""Chains of one stream that are read side by side; the first unfinished one is always among them."""


def real_surroundings() -> Surroundings:
    """The clock, the calendar and the dice of this machine."""
    return Surroundings(time.monotonic, lambda: datetime.now(UTC), asyncio.sleep, random.random)


def _journaled(wire: Wire, journal: Journal, around: Surroundings, under_way: UnderWay) -> JournaledReader:
    """The wire behind a journal."""
    # Here: SQLite is for those who keep one.
    from homeroom.fetch.journaled import JournaledReader

    return JournaledReader(wire, journal, around.now, under_way)


class Engine:
    """Reads chains of pages in a thread of its own.

    The thread starts with the first stream that is opened and ends with the last that is closed, so that
    nothing is left behind when dlt drops a generator. Methods may be called from any thread.

    `within_s` is how long answers under way are waited for when the run is interrupted, so that they are in the
    journal; without a journal they are dropped at once. With `kept` pages are those of that run, and no connection is
    opened. `witness` is told of each answer.
    """

    def __init__(
        self,
        settings: SyncSettings,
        origins: frozenset[str],
        hooks: Sequence[Hook] = (),
        *,
        transport: TransportFactory = aiohttp_transport,
        around: Surroundings | None = None,
        journal: Journal | None = None,
        within_s: float = WITHIN_S,
        kept: KeptRun | None = None,
        witness: Witness | None = None,
    ) -> None:
        self.desk = Desk()
        around = around or real_surroundings()
        watch = Watch(settings, around.clock)
        self._outfit = _Outfit(
            settings, origins, tuple(hooks), transport, around, watch, journal, within_s, kept, witness
        )
        self._guard = threading.Lock()
        self._leaving: deque[Stream] = deque()
        self._open = 0
        self._runner: _Runner | None = None

    def wind_down(self) -> None:
        """Send no request any more; the last stream that is closed then waits for the answers under way.

        It waits for nothing itself: a signal's handler may call it.
        """
        self._outfit.watch.interrupt()

    def open(self, chains: Sequence[Chain], journal: Journal | None = None) -> Stream:
        """Start reading `chains` (at least one, all of one resource); close the stream in any case.

        `journal` takes the place of the engine's own; the first stream that is open chooses for those beside it.
        """
        with self._guard:
            if self._runner is None:
                self._runner = _Runner(replace(self._outfit, journal=journal or self._outfit.journal))
            self._open += 1
            runner = self._runner
            stream = Stream(self.desk, chains, on_close=self._closed)
            self.desk.join(stream)
        try:
            runner.fill(stream)
            self._sweep()
        except BaseException:
            stream.close()
            raise
        return stream

    def _closed(self, stream: Stream) -> None:
        self._leaving.append(stream)
        self._sweep()

    def _sweep(self) -> None:
        """Let go of streams that were closed.

        The garbage collector closes an abandoned generator in whatever thread it runs, even one that holds the
        guard. So nobody waits for the guard here: who holds it sweeps after giving it back.
        """
        while self._leaving and self._guard.acquire(blocking=False):
            try:
                stream = self._leaving.popleft()
                self._open -= 1
                runner, is_last = self._runner, self._open == 0
                if is_last:
                    self._runner = None
            finally:
                self._guard.release()
            if runner is not None:
                runner.drop(stream)
                if is_last:
                    runner.stop()


@dataclass(frozen=True, slots=True)
class _Outfit:
    """What every runner of an engine works with."""

    settings: SyncSettings
    origins: frozenset[str]
    hooks: tuple[Hook, ...]
    transport: TransportFactory
    around: Surroundings
    watch: Watch
    journal: Journal | None
    within_s: float
    kept: KeptRun | None
    witness: Witness | None

    @property
    def waits_for_answers(self) -> bool:
        """Whether what is under way when nobody reads any more shall still be kept."""
        return self.watch.is_interrupted and self.journal is not None


class _Runner:
    """One thread with one loop, from start to stop."""

    def __init__(self, outfit: _Outfit) -> None:
        self._outfit = outfit
        self._journaled: JournaledReader | None = None
        self._tasks: dict[Stream, asyncio.Task[None]] = {}
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        # Nothing here may copy the caller's context: dlt's holds our generator, which would never be let go.
        self._loop = Context().run(asyncio.new_event_loop)
        self._stopped = asyncio.Event()
        self._room = Room(outfit.settings.read_ahead_mb * 1_000_000)
        self._thread = threading.Thread(target=self._main, name="homeroom-fetch", daemon=True)
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            raise self._failure

    def fill(self, stream: Stream) -> None:
        """Begin to read a stream's chains."""
        self._loop.call_soon_threadsafe(self._begin, stream, context=Context())

    def drop(self, stream: Stream) -> None:
        """Stop reading a stream; its sockets are closed soon after."""
        with suppress(RuntimeError):  # the loop has ended by itself
            self._loop.call_soon_threadsafe(self._cancel, stream, context=Context())

    def stop(self) -> None:
        """End the loop and wait for its thread."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._stopped.set, context=Context())
        if threading.current_thread() is not self._thread:
            try:
                self._thread.join()
            except BaseException:  # a second signal: nobody waits any more
                with suppress(RuntimeError):
                    self._loop.call_soon_threadsafe(self._under_way.give_up, context=Context())
                raise

    def _main(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        except BaseException as error:
            self._failure = error
            for stream in list(self._tasks):
                stream.fail(error)
        finally:
            self._ready.set()
            self._loop.close()

    async def _serve(self) -> None:
        outfit, self._under_way = self._outfit, UnderWay()
        async with AsyncExitStack() as stack:
            if outfit.kept is None:
                await self._connect(stack)
            self._ready.set()
            await self._stopped.wait()
            if outfit.waits_for_answers:
                await self._under_way.end(outfit.within_s, outfit.around.sleep)
            tasks = list(self._tasks.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _connect(self, stack: AsyncExitStack) -> None:
        """Open the wire, as long as the stack lasts."""
        outfit = self._outfit
        transport = await stack.enter_async_context(outfit.transport(outfit.settings))
        challenged = transport
        if outfit.transport is aiohttp_transport:
            # Auth that answers challenges needs requests' own connection. It costs nothing before it is used.
            challenged = await stack.enter_async_context(requests_transport(outfit.settings))
        shared = (outfit.watch, challenged, self._under_way, outfit.witness)
        wire = Wire(transport, outfit.settings, outfit.origins, outfit.hooks, outfit.around, *shared)
        self._journaled = None
        if outfit.journal is not None:
            self._journaled = _journaled(wire, outfit.journal, outfit.around, self._under_way)
        self._reader: Reader = self._journaled or wire

    def _begin(self, stream: Stream) -> None:
        stream.attach(self._loop, self._room.release)
        self._room.release(0)  # a stream that was closed may have been the first in its line
        self._tasks[stream] = self._loop.create_task(self._read_all(stream))

    def _cancel(self, stream: Stream) -> None:
        # It stays in the list until it has ended: the sockets are not to be closed under it.
        if (task := self._tasks.get(stream)) and not self._outfit.waits_for_answers:
            task.add_done_callback(lambda _: self._forget(stream))
            task.cancel()

    def _forget(self, stream: Stream) -> None:
        self._tasks.pop(stream, None)
        self._room.release(stream.leftover())

    async def _read_all(self, stream: Stream) -> None:
        window = asyncio.Semaphore(OPEN_CHAINS)
        async with asyncio.TaskGroup() as group:
            for place, chain in enumerate(stream.chains):
                await window.acquire()
                group.create_task(self._read_one(stream, place, chain, window))

    async def _read_one(self, stream: Stream, place: int, chain: Chain, window: asyncio.Semaphore) -> None:
        """Lay the pages of one chain on the desk; what goes wrong is laid there too, for the reader to raise."""
        try:
            async with aclosing(self._items(stream, place, chain)) as items:
                async for item in items:
                    if self._journaled is not None:
                        item = await self._journaled.note(chain, item)
                    await stream.lay(place, item)
        except (asyncio.CancelledError, GeneratorExit) as error:
            if _is_cancelled():
                raise
            await stream.lay(place, _raised_by_others(error))
        except BaseException as error:  # of a hook, an auth, a paginator: the reader would wait for ever
            await stream.lay(place, error)
        finally:
            window.release()

    def _items(self, stream: Stream, place: int, chain: Chain) -> AsyncGenerator[Page | ChainEnd, None]:
        if (kept := self._outfit.kept) is not None:
            from homeroom.fetch.replayed import replay

            return replay(chain, kept, self._room.of(stream, place), self._outfit.hooks)
        return follow(chain, self._means(stream, place))

    def _means(self, stream: Stream, place: int) -> Means:
        # Chains that are read side by side keep the wire busy as they are; each would only guess too far.
        o, side_by_side = self._outfit, min(len(stream.chains), OPEN_CHAINS)
        guesses = max(1, o.settings.concurrency // side_by_side)
        return Means(self._reader, self._room.of(stream, place), o.hooks, o.around.now, o.settings, guesses)


def _is_cancelled() -> bool:
    """Whether this task was told to end."""
    task = asyncio.current_task()
    return task is None or task.cancelling() > 0


def _raised_by_others(error: BaseException) -> RuntimeError:
    """What stands for an error by which Python ends tasks and generators, where nobody has ended ours."""
    told = RuntimeError(f"{type(error).__name__} in the fetch thread, which nobody has cancelled")
    told.__cause__ = error
    return told
