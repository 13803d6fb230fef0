"""The one gate that all requests to a host pass through."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from homeroom.limits.pace import Pace
from homeroom.limits.quota_headers import Allowance, allowance_of
from homeroom.values import LONGEST_OBEYED_S, Answer

_SHORT_RESET_S = 1.0
"""A reset so near is told in whole seconds by a bucket that refills all the time: the pace knows better."""
_CREDIT_HELD = 50.0
"""Canvas holds so much credit for each request under way, and gives it back at its end."""
_CREDIT_PER_S = 10.0
_SHORTEST_SLEEP_S = 1e-6
_WORTH_TELLING_S = 1.0
"""A wait for the pace that is shorter is part of going on."""


@dataclass(slots=True)
class Ticket:
    """One passage through the gate: when the request went in, and for how long rate or a pause held it back.

    Only the first in line is held back by these; the seconds of all tickets add up to the time lost.
    """

    sent_at: float
    waited_s: float
    left: bool = False


class EmptyQuota:
    """Whether a quota of 0 is to be believed: some gateways say so on every answer, and give one all the same."""

    def __init__(self) -> None:
        self._until: float | None = None
        self._is_proved = False
        self._is_idle = False

    def refused(self) -> None:
        """The host has refused a request; where that was one of those let through, it is believed from now on."""
        self._is_proved, self._is_idle = self._is_proved or self._is_idle, False

    def is_to_be_heeded(self, sent_at: float, until: float) -> bool:
        """Whether to pause until then for an answer that was given to a request of `sent_at`, and not refused.

        Not where it was sent after such a pause: it got its answer, and the quota is 0 as before.
        """
        if self._until is not None and sent_at >= self._until and not self._is_proved:
            self._is_idle = True
        if not self._is_idle:
            self._until = until
        return not self._is_idle


class HostGate:
    """The one gate that all requests to a host pass: so many at a time, in order of arrival, at the pace it bears.

    Used from one event loop. `clock` counts seconds and never goes back, `now` is the date for headers that tell
    one; `rate` is the most requests a second, None: as many as the host takes without refusing (see `pace`).
    """

    def __init__(
        self,
        concurrency: int,
        *,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
        now: Callable[[], datetime],
        rate: float | None = None,
    ) -> None:
        self._slots = concurrency
        self._most = concurrency
        self._clock = clock
        self._sleep = sleep
        self._now = now
        self._pace = Pace(rate)
        self._empty = EmptyQuota()
        self._inside = 0
        self._line = asyncio.Lock()
        self._room: asyncio.Future[None] | None = None

    def pause(self, seconds: float) -> None:
        """Let nobody in for `seconds` from now; a longer pause that is under way stays."""
        self._pace.close(self._clock() + seconds)

    @asynccontextmanager
    async def entered(self, told: Callable[[float], None] | None = None) -> AsyncIterator[Ticket]:
        """Wait in line for a free slot, the end of a pause and the pace; hold the slot while inside.

        `told` is given the seconds for which nobody is let in, when that wait begins; nothing of one below a second.
        """
        async with self._line:
            ticket = await self._first_in_line(told)
        try:
            yield ticket
        finally:
            ticket.left = True
            self._inside -= 1
            self._make_room()

    def answered(self, ticket: Ticket, answer: Answer, *, throttled: bool, pause_s: float) -> None:
        """Learn from an answer. To be called for every one, before or after its slot is given back.

        `throttled`: it refused the request for its rate. Nobody is let in for `pause_s` seconds from now.
        """
        at = self._clock()
        allowance = allowance_of(answer.headers, self._now())
        self._pace.close(at + pause_s)
        if throttled:
            self._empty.refused()
        if allowance and allowance.credit:
            self._spend(allowance.remaining, self._others(ticket), at)
        elif allowance and not (throttled and answer.header("Retry-After")):
            self._heed(allowance, ticket, at)
        if not throttled:
            self._pace.accepted(ticket.sent_at)
        elif not (allowance and allowance.credit):
            # Credit is not spent by the request but by the second: there is no rate to learn from it.
            self._pace.refused(ticket.sent_at, at, pause_s)

    async def _first_in_line(self, told: Callable[[float], None] | None) -> Ticket:
        waited_s = 0.0
        while True:
            while self._inside >= self._most:
                self._room = asyncio.get_running_loop().create_future()
                await self._room
            now = self._clock()
            opens = self._pace.opens_at(now)
            if opens <= now:
                break
            if told is not None and opens - now >= _WORTH_TELLING_S:
                told(opens - now)
            # The pace may have changed when `sleep` returns, and may return late: it is asked again.
            await self._sleep(max(opens - now, _SHORTEST_SLEEP_S))
            waited_s += self._clock() - now
        self._inside += 1
        self._pace.sent(now)
        return Ticket(now, waited_s)

    def _make_room(self) -> None:
        if self._room and not self._room.done():
            self._room.set_result(None)

    def _others(self, ticket: Ticket) -> int:
        return self._inside if ticket.left else self._inside - 1

    def _heed(self, allowance: Allowance, ticket: Ticket, at: float) -> None:
        """Spread the last requests over the time to the reset: those under way, and as many again."""
        if allowance.reset_s is None or allowance.reset_s <= _SHORT_RESET_S:
            return
        seconds, others = min(allowance.reset_s, LONGEST_OBEYED_S), self._others(ticket)
        if allowance.remaining < 1.0:
            if self._empty.is_to_be_heeded(ticket.sent_at, at + seconds):
                self._pace.close(at + seconds)
        elif allowance.remaining < 2.0 * (others + 1):
            self._pace.ration(allowance.remaining - others, seconds, at)
        else:
            self._pace.unration()

    def _spend(self, credit: float, others: int, at: float) -> None:
        """As many under way as the credit holds: it is told without what others hold who have arrived there."""
        self._most = min(self._slots, max(1, int((credit - 1.0) / _CREDIT_HELD)))
        if credit < _CREDIT_HELD and not others:
            self._pace.close(at + (_CREDIT_HELD - credit) / _CREDIT_PER_S)
        self._make_room()
