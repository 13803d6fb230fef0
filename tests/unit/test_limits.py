"""The gate in front of one host."""

import asyncio
from collections.abc import Awaitable, Callable

from homeroom.limits import HostGate


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.at = 0.0
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds


def with_gate(concurrency: int, act: Callable[[HostGate, Time], Awaitable[None]]) -> Time:
    time = Time()

    async def main() -> None:
        await act(HostGate(concurrency, clock=lambda: time.at, sleep=time.sleep), time)

    asyncio.run(main())
    return time


def test_no_more_are_inside_than_the_gate_has_slots() -> None:
    inside, most = 0, 0

    async def visit(gate: HostGate) -> None:
        nonlocal inside, most
        async with gate.entered():
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    async def act(gate: HostGate, time: Time) -> None:
        await asyncio.gather(*(visit(gate) for _ in range(20)))

    with_gate(3, act)
    assert most == 3


def test_who_comes_first_goes_first() -> None:
    order: list[int] = []

    async def visit(gate: HostGate, number: int) -> None:
        async with gate.entered():
            order.append(number)
            await asyncio.sleep(0)

    async def act(gate: HostGate, time: Time) -> None:
        await asyncio.gather(*(visit(gate, number) for number in range(6)))

    with_gate(2, act)
    assert order == list(range(6))


def test_an_open_gate_is_not_waited_for() -> None:
    async def act(gate: HostGate, time: Time) -> None:
        async with gate.entered():
            assert time.slept == []

    assert with_gate(1, act).slept == []


def test_nobody_enters_during_a_pause() -> None:
    async def act(gate: HostGate, time: Time) -> None:
        gate.pause(30.0)
        async with gate.entered():
            assert time.at == 30.0

    with_gate(1, act)


def test_a_shorter_pause_does_not_end_a_longer_one() -> None:
    async def act(gate: HostGate, time: Time) -> None:
        gate.pause(30.0)
        gate.pause(5.0)
        async with gate.entered():
            assert time.at == 30.0

    with_gate(1, act)


def test_a_pause_that_is_made_longer_while_waiting_is_waited_for_to_its_end() -> None:
    time = Time()

    async def sleep(seconds: float) -> None:
        await time.sleep(seconds)
        if len(time.slept) == 1:
            gate.pause(7.0)

    gate = HostGate(1, clock=lambda: time.at, sleep=sleep)

    async def act() -> None:
        gate.pause(3.0)
        async with gate.entered():
            assert time.at == 10.0

    asyncio.run(act())


def test_a_slot_is_given_back_after_an_error() -> None:
    async def act(gate: HostGate, time: Time) -> None:
        for _ in range(2):
            try:
                async with gate.entered():
                    raise KeyError("lost")
            except KeyError:
                pass
        async with asyncio.timeout(1), gate.entered():
            pass

    with_gate(1, act)
