"""Ctrl-C and SIGTERM while a run lasts: what is under way may end, within a bound; a second signal stops at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, NoReturn

WITHIN_S = 10.0
"""How long what is under way may take to end."""

_POLL_S = 0.1
_HEEDED = (signal.SIGINT, signal.SIGTERM)


def interrupt(number: int, _frame: FrameType | None) -> NoReturn:
    """A handler that ends a run by a `KeyboardInterrupt` which knows its signal."""
    raise KeyboardInterrupt(number)


def signal_of(error: BaseException) -> int:
    """The signal that an interrupt came from; SIGINT where it does not know."""
    told = getattr(error, "signal_code", error.args[0] if error.args else None)
    return told if isinstance(told, int) and told > 0 else int(signal.SIGINT)


class Interrupts:
    """What signals do to a run.

    `wind_down` is called by the first one, in the main thread between two steps of whatever runs there: it must not
    wait for anything. Then, and by every further one, `KeyboardInterrupt` is raised there.
    """

    def __init__(self, wind_down: Callable[[], None], within_s: float = WITHIN_S) -> None:
        self.received: int | None = None
        self._wind_down = wind_down
        self._within_s = within_s

    @contextmanager
    def heeded(self) -> Iterator[None]:
        """While it lasts, signals come here: those that would raise `KeyboardInterrupt` anyway, in the main thread."""
        before: dict[int, Any] = {}
        if threading.current_thread() is threading.main_thread():
            ours = (signal.default_int_handler, interrupt)
            before = {number: known for number in _HEEDED if (known := signal.getsignal(number)) in ours}
        try:
            for number in before:
                signal.signal(number, self._receive)
            yield
        finally:
            for number, known in before.items():
                signal.signal(number, known)

    def _receive(self, number: int, _frame: FrameType | None) -> NoReturn:
        if self.received is None:
            self.received = number
            self._wind_down()
        raise KeyboardInterrupt(number)

    @contextmanager
    def bounded(self, pending: Callable[[], int]) -> Iterator[None]:
        """Around what has handlers of its own, which let it end after a first signal, however long that takes.

        `pending` is the signal that it was sent, 0 before. From the bound on, or from a second signal on, it is
        sent again and again, until nothing waits any more.
        """
        over, main = threading.Event(), threading.main_thread()

        def watch() -> None:
            waited_s = 0.0
            while not over.wait(_POLL_S):
                number = pending()
                waited_s += _POLL_S if number else 0.0
                if number and (waited_s > self._within_s or self.received is not None) and main.ident is not None:
                    signal.pthread_kill(main.ident, number)

        watcher = threading.Thread(target=watch, name="homeroom-signals", daemon=True)
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join()
