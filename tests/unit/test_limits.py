"""The gate in front of one host."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from homeroom.limits import HostGate
from homeroom.values import Answer

from ..fetch.scripted import START, clock, run


def today() -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC)


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
        await act(HostGate(concurrency, clock=lambda: time.at, sleep=time.sleep, now=today), time)

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

    gate = HostGate(1, clock=lambda: time.at, sleep=sleep, now=today)

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


def gate_of(concurrency: int = 16, rate: float | None = None) -> HostGate:
    """A gate in virtual time."""
    return HostGate(
        concurrency, clock=clock, sleep=asyncio.sleep, now=lambda: START + timedelta(seconds=clock()), rate=rate
    )


def answer(status: int = 200, **headers: str) -> Answer:
    return Answer(status, "", tuple((name.replace("_", "-"), value) for name, value in headers.items()), b"")


async def visit(gate: HostGate, reply: Answer, pause_s: float = 0.0) -> float:
    """When a request went in that takes no time."""
    async with gate.entered() as ticket:
        gate.answered(ticket, reply, throttled=reply.status == 429, pause_s=pause_s)
        return ticket.sent_at


def test_the_ticket_says_when_the_request_went_in_and_how_long_it_was_held_back() -> None:
    async def act() -> tuple[float, float]:
        gate = gate_of()
        gate.pause(3.0)
        async with gate.entered() as ticket:
            return ticket.sent_at, ticket.waited_s

    assert run(act()) == (3.0, 3.0)


def test_a_pause_that_16_wait_for_is_counted_once() -> None:
    async def one(gate: HostGate) -> float:
        async with gate.entered() as ticket:
            return ticket.waited_s

    async def act() -> float:
        gate = gate_of()
        gate.pause(3.0)
        return sum(await asyncio.gather(*(one(gate) for _ in range(5))))

    assert run(act()) == pytest.approx(3.0, abs=0.02)


def test_waiting_for_a_slot_is_not_being_held_back() -> None:
    async def one(gate: HostGate) -> float:
        async with gate.entered() as ticket:
            await asyncio.sleep(5.0)
            return ticket.waited_s

    async def act() -> list[float]:
        gate = gate_of(1)
        return await asyncio.gather(*(one(gate) for _ in range(3)))

    assert run(act()) == [0.0, 0.0, 0.0]


def test_a_waiter_that_is_cancelled_leaves_its_place_to_the_next() -> None:
    async def act() -> float:
        gate = gate_of(1)
        gate.pause(10.0)
        tasks = [asyncio.create_task(visit(gate, answer())) for _ in range(3)]
        await asyncio.sleep(1.0)
        tasks[0].cancel()
        tasks[1].cancel()
        return await tasks[2]

    assert run(act()) == 10.0


def test_a_waiter_for_a_slot_that_is_cancelled_leaks_none() -> None:
    async def act() -> float:
        gate = gate_of(1)
        async with gate.entered():
            waiting = asyncio.create_task(visit(gate, answer()))
            await asyncio.sleep(1.0)
            waiting.cancel()
            await asyncio.sleep(1.0)
        async with asyncio.timeout(1.0):
            return await visit(gate, answer())

    assert run(act()) == 2.0


def test_who_waits_for_a_pause_goes_in_order_of_arrival() -> None:
    order: list[int] = []

    async def one(gate: HostGate, number: int) -> None:
        async with gate.entered():
            order.append(number)

    async def act() -> None:
        gate = gate_of()
        gate.pause(3.0)
        await asyncio.gather(*(one(gate, number) for number in range(8)))

    run(act())
    assert order == list(range(8))


def test_a_refusal_pauses_the_whole_host() -> None:
    async def act() -> float:
        gate = gate_of()
        await visit(gate, answer(429), pause_s=7.0)
        return await visit(gate, answer())

    assert run(act()) == 7.0


def test_a_configured_rate_is_kept_however_many_wait() -> None:
    async def act() -> list[float]:
        gate = gate_of(rate=4.0)
        return await asyncio.gather(*(visit(gate, answer()) for _ in range(5)))

    assert run(act()) == pytest.approx([0.0, 0.25, 0.5, 0.75, 1.0], abs=1e-5)


def test_a_rate_is_kept_when_sleep_returns_late() -> None:
    async def late(seconds: float) -> None:
        await asyncio.sleep(seconds + 0.1)

    async def act() -> list[float]:
        gate = HostGate(16, clock=clock, sleep=late, now=today, rate=4.0)
        return await asyncio.gather(*(visit(gate, answer()) for _ in range(4)))

    assert run(act()) == pytest.approx([0.0, 0.35, 0.7, 1.05])


def next_after(*replies: Answer, concurrency: int = 16) -> float:
    """When the next request goes in after these answers, all at once."""

    async def act() -> float:
        gate = gate_of(concurrency)
        for reply in replies:
            await visit(gate, reply, pause_s=0.5 if reply.status == 429 else 0.0)
        return await visit(gate, answer())

    return run(act())


@pytest.mark.parametrize(
    ("reply", "seconds"),
    [
        (answer(RateLimit_Remaining="0", RateLimit_Reset="47"), 47.0),
        (answer(X_RateLimit_Remaining="0", X_RateLimit_Reset=str(int(START.timestamp()) + 30)), 30.0),
        (answer(RateLimit='"default";r=0;t=30'), 30.0),
        (answer(RateLimit_Remaining="0", RateLimit_Reset="86400"), 900.0),
        (answer(RateLimit_Remaining="1", RateLimit_Reset="40"), 40.0),
        (answer(RateLimit_Remaining="20", RateLimit_Reset="40"), 0.0),
        (answer(RateLimit_Remaining="0", RateLimit_Reset="1"), 0.0),
        (answer(RateLimit_Remaining="0"), 0.0),
        (answer(429, RateLimit_Remaining="0", RateLimit_Reset="47"), 47.0),
        (answer(429, RateLimit_Remaining="0", RateLimit_Reset="47", Retry_After="1"), 0.5),
        (answer(X_Rate_Limit_Remaining="30.0", X_Request_Cost="2.5"), 2.0),
        (answer(X_Rate_Limit_Remaining="590.0", X_Request_Cost="2.5"), 0.0),
    ],
)
def test_an_answer_that_says_what_is_left_slows_the_next_request(reply: Answer, seconds: float) -> None:
    assert next_after(reply) == pytest.approx(seconds, abs=0.01)


NOTHING_LEFT = answer(RateLimit_Remaining="0", RateLimit_Reset="60")


def went_in(*replies: Answer) -> list[float]:
    """When each request went in, one after the other."""

    async def act() -> list[float]:
        gate = gate_of()
        return [await visit(gate, reply, pause_s=0.5 if reply.status == 429 else 0.0) for reply in replies]

    return run(act())


def test_a_quota_that_is_always_empty_is_waited_for_once() -> None:
    """Some gateways say 0 on every answer, and give one all the same."""
    assert went_in(*[NOTHING_LEFT] * 5)[1:] == pytest.approx([60.0] * 4, abs=0.1)


def test_a_quota_that_is_empty_and_refuses_is_waited_for_each_time() -> None:
    refused = answer(429, RateLimit_Remaining="0", RateLimit_Reset="60")
    times = went_in(NOTHING_LEFT, NOTHING_LEFT, refused, NOTHING_LEFT, NOTHING_LEFT)
    assert times == pytest.approx([0.0, 60.0, 60.0, 120.0, 180.0], abs=1.0)


def test_requests_that_were_under_way_say_nothing_of_an_empty_quota() -> None:
    async def act() -> list[float]:
        gate = gate_of()
        async with gate.entered() as one, gate.entered() as other:
            gate.answered(one, NOTHING_LEFT, throttled=False, pause_s=0.0)
            await asyncio.sleep(30.0)
            gate.answered(other, NOTHING_LEFT, throttled=False, pause_s=0.0)
        return [await visit(gate, NOTHING_LEFT), await visit(gate, answer())]

    assert run(act()) == pytest.approx([90.0, 90.0], abs=0.1)


def test_no_more_go_to_a_canvas_at_once_than_its_credit_holds() -> None:
    inside, most = 0, 0

    async def one(gate: HostGate) -> None:
        nonlocal inside, most
        async with gate.entered():
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(1.0)
            inside -= 1

    async def act() -> None:
        gate = gate_of()
        await visit(gate, answer(X_Rate_Limit_Remaining="210.5", X_Request_Cost="2.5"))
        await asyncio.gather(*(one(gate) for _ in range(12)))

    run(act())
    assert most == 4


class Canvas:
    """Its throttle: full at 600, drained by 10 a second, 50 held by each request inside."""

    def __init__(self, cost: float) -> None:
        self.refused, self._cost, self._count, self._at = 0, cost, 0.0, 0.0

    async def answer(self) -> Answer:
        await asyncio.sleep(0.02)
        self._add(50.0)
        full = self._count >= 600.0
        self.refused += full
        await asyncio.sleep(0.0 if full else 0.2)
        self._add(-50.0 if full else self._cost - 50.0)
        left = f"{600.0 - self._count:.3f}"
        await asyncio.sleep(0.02)
        return answer(403 if full else 200, X_Rate_Limit_Remaining=left, X_Request_Cost=str(self._cost))

    def _add(self, amount: float) -> None:
        self._count = max(0.0, self._count - 10.0 * (clock() - self._at)) + amount
        self._at = clock()


def canvas_run(cost: float, requests: int) -> tuple[int, float]:
    """Refusals, and the seconds that it took."""
    canvas = Canvas(cost)

    async def one(gate: HostGate) -> None:
        while True:
            async with gate.entered() as ticket:
                reply = await canvas.answer()
                refused = reply.status == 403
                gate.answered(ticket, reply, throttled=refused, pause_s=0.5 * refused)
            if not refused:
                return

    async def act() -> float:
        gate = gate_of()
        await asyncio.gather(*(one(gate) for _ in range(requests)))
        return clock()

    seconds = run(act())
    return canvas.refused, seconds


def test_a_canvas_refuses_the_first_burst_only() -> None:
    refused, seconds = canvas_run(cost=0.3, requests=600)
    assert refused <= 6
    assert seconds < 600 * 0.24 / 6


def test_a_canvas_that_is_asked_for_dear_pages_is_read_as_fast_as_it_drains() -> None:
    refused, seconds = canvas_run(cost=5.0, requests=600)
    assert refused <= 10
    assert seconds < 1.1 * (600 * 5.0 - 600.0) / 10.0


def test_a_wait_is_told_when_it_begins_and_again_where_it_grows() -> None:
    told: list[tuple[float, float]] = []

    async def act(gate: HostGate, time: Time) -> None:
        async def sleep(seconds: float) -> None:
            if time.at == 0.0:
                gate.pause(20.0)  # another answer asks for more
            await time.sleep(seconds)

        gate._sleep = sleep
        gate.pause(5.0)
        async with gate.entered(lambda wait_s: told.append((time.at, wait_s))):
            pass

    with_gate(1, act)
    assert told == [(0.0, 5.0), (5.0, 15.0)]


def test_a_wait_of_less_than_a_second_is_not_told() -> None:
    told: list[float] = []

    async def act(gate: HostGate, time: Time) -> None:
        gate.pause(0.9)
        async with gate.entered(told.append):
            pass

    assert with_gate(1, act).at >= 0.9 and told == []
