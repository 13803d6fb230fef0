"""What a signal does to a run, without a run."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from dlt.common.exceptions import SignalReceivedException
from dlt.common.runtime import signals

from homeroom.dlt_seam.runtime import signal_received
from homeroom.interrupts import Interrupts, interrupt, signal_of

PATIENCE_S = 10.0


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """The handlers of a `homeroom` command; those of before come back."""
    before = signal.signal(signal.SIGTERM, interrupt), signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGTERM, before[0])
    signal.signal(signal.SIGINT, before[1])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_winds_down_and_every_one_interrupts(number: signal.Signals) -> None:
    calls: list[str] = []
    interrupts = Interrupts(lambda: calls.append("down"))
    with interrupts.heeded():
        for _ in range(2):
            with pytest.raises(KeyboardInterrupt) as caught:
                signal.raise_signal(number)
            assert signal_of(caught.value) == number
    assert (calls, interrupts.received) == (["down"], number)


def test_a_handler_of_somebody_elses_is_left_alone() -> None:
    heard: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, frame: heard.append(number))
    interrupts = Interrupts(lambda: None)
    with interrupts.heeded():
        signal.raise_signal(signal.SIGTERM)
    assert (heard, interrupts.received) == ([signal.SIGTERM], None)


def test_in_another_thread_no_handler_is_set() -> None:
    def act() -> object:
        with Interrupts(lambda: None).heeded():
            return signal.getsignal(signal.SIGINT)

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(act).result() is signal.default_int_handler


@pytest.mark.parametrize(
    ("error", "number"),
    [
        (KeyboardInterrupt(), signal.SIGINT),
        (KeyboardInterrupt(signal.SIGTERM), signal.SIGTERM),
        (SignalReceivedException(signal.SIGTERM), signal.SIGTERM),
    ],
)
def test_an_interrupt_knows_its_signal(error: KeyboardInterrupt, number: int) -> None:
    assert signal_of(error) == number


def wait_as_dlt_does(interrupts: Interrupts, first: signal.Signals) -> None:
    """What dlt does while its jobs are at work: after a first signal it goes on waiting."""
    with interrupts.heeded(), interrupts.bounded(signal_received), signals.intercepted_signals():
        signal.raise_signal(first)
        threading.Event().wait(PATIENCE_S)


def test_what_lets_its_jobs_end_is_interrupted_after_the_bound() -> None:
    with pytest.raises(KeyboardInterrupt) as caught:
        wait_as_dlt_does(Interrupts(lambda: None, within_s=0.2), signal.SIGTERM)
    assert signal_of(caught.value) == signal.SIGTERM


def test_what_ends_within_the_bound_is_left_alone() -> None:
    interrupts = Interrupts(lambda: None, within_s=PATIENCE_S)
    with interrupts.heeded(), interrupts.bounded(signal_received), signals.intercepted_signals():
        signal.raise_signal(signal.SIGINT)
        assert signal_received() == signal.SIGINT
    assert (interrupts.received, signal_received()) == (None, 0)
