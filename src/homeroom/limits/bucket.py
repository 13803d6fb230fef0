"""What a server's quota must be, going by the requests that it accepted and refused. Pure: no clock.

Every quota is taken for a token bucket: `stock` tokens when full, a number of them back each second, one spent by
each request. A fixed window behaves like one that fills up while we wait for its end.

How it is found: at a given rate, one pass over the past tells how many tokens were *spent* (missing from a full
bucket) at each request. The stock is no less than the most that was spent when one was accepted, and less than the
least that would have been spent when one was refused. Only near the true rate does the first stay below the second.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

_MOST_EVENTS = 2048
_FASTEST = 2000.0
_STEPS = 24
_HALVINGS = 22
_HAIR = 1e-9
_SLIP = 0.1
"""Tokens by which a stock may miss a whole number: requests do not reach the server at the instant of sending."""

Event = tuple[float, int]
"""When requests were sent, and how many of them were accepted; 0: one was refused."""


@dataclass(frozen=True, slots=True)
class Quota:
    """The bucket that explains the answers best: `least` to `most` tokens a second.

    `spent` tokens were missing from its `stock` at the second `at`. `clash` is by how many tokens two answers
    contradict each other even so: 0 or below where the quota is a bucket and nobody else uses it.
    """

    least: float
    most: float
    stock: float
    spent: float
    at: float
    clash: float


class Trail:
    """The requests to one host and what became of them, thinned out when there are many."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._begin = -math.inf
        self._spent = 0.0
        self._most = math.inf

    def add(self, sent_at: float, accepted: bool) -> None:
        """Note the answer to a request sent at that second. Answers may come in any order."""
        self._events.append((sent_at, int(accepted)))
        if len(self._events) > _MOST_EVENTS:
            self._events = _thinned(_in_order(self._events))

    def accepted_rate(self, since: float, until: float) -> float:
        """Requests a second accepted of those sent between two instants; `since` -inf: from the first on.

        The rate of the bucket is no less than that if it was empty at both.
        """
        sent = [event for event in self._events if since < event[0] <= until]
        begin = since if since > -math.inf else min((at for at, _ in sent), default=until)
        return max(1, sum(accepted for _, accepted in sent) - 1) / max(until - begin, 0.001)

    def forget(self, until: float, spent: float) -> None:
        """Drop what was sent up to a wall: then all tokens were missing, about `spent` of them."""
        self._events = [event for event in self._events if event[0] > until]
        self._begin, self._spent, self._most = until, spent, 2.0 * spent + 1.0

    def quota(self, rate: float) -> Quota:
        """The bucket behind these answers, one of them a refusal. `rate`: a first guess, too low or a bit too high."""
        events, spent = _in_order(self._events), self._spent
        begin = self._begin if self._begin > -math.inf else events[0][0]

        def bounds(log_rate: float) -> _Bounds:
            return _bounds(events, math.exp(log_rate), begin, spent, self._most)

        low, high = math.log(rate / 4.0), math.log(max(4.0 * rate, _FASTEST))
        # A full bucket refuses nobody: where it would be full at a refusal, the rate is too high.
        high = _turn(low, high, lambda at: bounds(at).most <= 1.0 + _HAIR)
        best = _lowest(low, high, lambda at: bounds(at).clash)
        low, high = _span(low, best, high, bounds)
        found = bounds(0.5 * (low + high))
        return Quota(math.exp(low), math.exp(high), found.stock, found.spent, events[-1][0], found.clash)


@dataclass(frozen=True, slots=True)
class _Bounds:
    """What the stock must be at a given rate: no less than `least`, and less than `most`."""

    least: float
    most: float
    spent: float

    @property
    def clash(self) -> float:
        return self.least - self.most

    @property
    def whole(self) -> bool:
        """A whole number lies between them, as real stocks are."""
        return math.floor(self.most + _SLIP) >= self.least - _SLIP

    @property
    def stock(self) -> float:
        return max(1.0, math.floor(min(self.most, self.least + 1.0) - _HAIR))


def _bounds(events: list[Event], rate: float, last: float, spent: float, most: float) -> _Bounds:
    least = 0.0
    for at, accepted in events:
        spent -= rate * (at - last)
        if spent < 0.0:
            spent = 0.0
        last = at
        if accepted:
            spent += accepted
            if spent > least:
                least = spent
        elif spent + 1.0 < most:
            most = spent + 1.0
    return _Bounds(least, most, spent)


def _span(low: float, best: float, high: float, bounds: Callable[[float], _Bounds]) -> tuple[float, float]:
    """How far around `best` no answer contradicts another; only `best` where some do even there."""
    if bounds(best).clash >= -_HAIR:
        return best, best
    low = _turn(low, best, lambda at: bounds(at).clash < -_HAIR)
    high = _turn(best, high, lambda at: bounds(at).clash >= -_HAIR)
    whole = [at for at in _steps(low, high) if bounds(at).whole]
    return (whole[0], whole[-1]) if whole else (low, high)


def _turn(low: float, high: float, after: Callable[[float], bool]) -> float:
    """Where `after` turns true, in halvings."""
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if after(middle) else (middle, high)
    return high


def _lowest(low: float, high: float, value: Callable[[float], float]) -> float:
    """Where `value` is least: the best of some steps, then thirds around it."""
    step = (high - low) / (_STEPS - 1)
    best = min(_steps(low, high), key=value)
    low, high = best - step, best + step
    for _ in range(_HALVINGS):
        third = (high - low) * 0.38
        low, high = (low, high - third) if value(low + third) <= value(high - third) else (low + third, high)
    return 0.5 * (low + high)


def _steps(low: float, high: float) -> list[float]:
    return [low + (high - low) * step / (_STEPS - 1) for step in range(_STEPS)]


def _in_order(events: list[Event]) -> list[Event]:
    """As they were sent; of those sent at the same instant the accepted came first."""
    return sorted(events, key=lambda event: (event[0], -event[1]))


def _thinned(events: list[Event]) -> list[Event]:
    """Pairs of accepted neighbours as one: exact, unless the bucket was full between the two."""
    thin: list[Event] = []
    paired = True
    for at, accepted in events:
        if accepted and not paired:
            thin[-1] = (at, thin[-1][1] + accepted)
            paired = True
        else:
            thin.append((at, accepted))
            paired = not accepted
    return thin
