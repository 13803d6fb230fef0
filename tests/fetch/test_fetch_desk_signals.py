"""Ctrl-C at any moment leaves no lock behind: the fetch thread would wait for it, and the program never end."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator

import pytest

from homeroom.fetch.desk import Desk

SIGNALS = 2_000
"""With a Condition in the place of the desk's own lock three to ten were enough."""


@pytest.fixture
def interrupting() -> Iterator[None]:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    yield
    signal.signal(signal.SIGALRM, before)


@pytest.mark.usefixtures("interrupting")
def test_a_signal_while_the_desk_is_waited_for_leaves_it_open() -> None:
    desk = Desk()
    for number in range(SIGNALS):
        with pytest.raises(KeyboardInterrupt):
            signal.setitimer(signal.ITIMER_REAL, 1e-5 + number % 50 * 1e-6)
            while True:
                desk.wait(1e-6)
                with desk.lock:
                    desk.wake()
    free = []
    other = threading.Thread(target=lambda: free.append(desk.lock.acquire(timeout=5)))
    other.start()
    other.join()
    assert free == [True]
