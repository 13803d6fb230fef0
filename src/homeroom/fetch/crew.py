"""Threads that block in somebody else's I/O."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from queue import SimpleQueue
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_PARTING_S = 0.2


class Crew(Executor):
    """Runs jobs in threads that are started when none is free and kept for the next job.

    Not `ThreadPoolExecutor`: its threads hold up the end of the interpreter until the last answer has come, and
    one that hangs would take a place for good. These are daemons, and whoever submits bounds their number.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._guard = threading.Lock()
        self._free = 0
        self._hands: list[threading.Thread] = []
        self._closed = False

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run `fn` in a thread. RuntimeError after `shutdown`."""
        if self._closed:
            raise RuntimeError("the crew was sent home")
        future: Future[T] = Future()

        def job() -> None:
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(fn(*args, **kwargs))
                except BaseException as error:
                    future.set_exception(error)

        self._find_hand()
        self._jobs.put(job)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let every thread end with its present job. Those without one are gone on return, no other is waited for."""
        with self._guard:
            self._closed = True
            hands, self._hands = self._hands, []
        for _ in hands:
            self._jobs.put(None)
        end = time.monotonic() + _PARTING_S
        for hand in hands:
            hand.join(max(0.0, end - time.monotonic()))

    def _find_hand(self) -> None:
        with self._guard:
            if self._free:
                self._free -= 1
                return
            hand = threading.Thread(target=self._work, name=f"{self._name}-{len(self._hands) + 1}", daemon=True)
            self._hands.append(hand)
        hand.start()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
            with self._guard:
                self._free += 1
