"""Servers with a quota, and a client of 16 requests in flight before them, in time that costs nothing."""

import heapq
import math
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Protocol

from homeroom.limits.pace import Pace

SERVICE_S = 0.0002
"""The least that an answer takes, on a server without latency."""


class Server(Protocol):
    """Decides about a request at a time. Returns None to accept, else the Retry-After (0: none told)."""

    def refuses(self, at: float) -> float | None: ...

    def done(self, at: float) -> None: ...


class Bucket:
    """A token bucket. `rate` may change with time; `eaten` a second go to another client."""

    def __init__(
        self,
        rate: float | Callable[[float], float],
        stock: float,
        *,
        retry_after: Callable[[float], float] = lambda wait: max(1.0, math.ceil(wait)),
        eaten: float = 0.0,
    ) -> None:
        self._rate = rate if callable(rate) else lambda _: rate
        self._stock = stock
        self._tokens = float(stock)
        self._at = 0.0
        self._told = retry_after
        self._eaten = eaten
        self._others = 0.0

    def refuses(self, at: float) -> float | None:
        while self._eaten and self._others < at:
            self._refill(self._others)
            self._tokens -= self._tokens >= 1.0
            self._others += 1.0 / self._eaten
        self._refill(at)
        if self._tokens >= 1.0:
            self._tokens -= 1.0
            return None
        return self._told((1.0 - self._tokens) / self._rate(at))

    def _refill(self, at: float) -> None:
        rate = self._rate(at)
        self._tokens = min(self._stock, self._tokens + rate * max(0.0, at - self._at))
        self._at = max(at, self._at)

    def empty(self) -> None:
        """Somebody was here before."""
        self._tokens = 0.0

    def done(self, at: float) -> None:
        """A bucket does not care."""


class Window:
    """A quota for each fixed window. `begins` seconds of the first are over when the client starts."""

    def __init__(self, quota: int, seconds: float, begins: float = 0.0) -> None:
        self._quota, self._seconds, self._begins = quota, seconds, begins
        self._number, self._used = 0, 0

    def refuses(self, at: float) -> float | None:
        number = int((at + self._begins) // self._seconds)
        if number != self._number:
            self._number, self._used = number, 0
        if self._used < self._quota:
            self._used += 1
            return None
        return max(1.0, math.ceil((number + 1) * self._seconds - at - self._begins))

    def done(self, at: float) -> None:
        """A window does not care."""


class Crowd:
    """At most so many requests at once."""

    def __init__(self, most: int, retry_after: float = 1.0) -> None:
        self._most, self._inside, self._told = most, 0, retry_after

    def refuses(self, at: float) -> float | None:
        if self._inside >= self._most:
            return self._told
        self._inside += 1
        return None

    def done(self, at: float) -> None:
        self._inside -= 1


@dataclass
class Outcome:
    """What came of a run: seconds until the last answer, when requests were sent, how many were refused, when."""

    seconds: float = 0.0
    sent: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    accepted: list[float] = field(default_factory=list)

    @property
    def refused_share(self) -> float:
        return len(self.refused) / (len(self.refused) + len(self.accepted))

    def between(self, start: float, end: float) -> float:
        """Accepted a second in that stretch."""
        return sum(start <= at < end for at in self.accepted) / (end - start)


@dataclass
class Drive:
    """A client that reads `requests` pages, at most `slots` at once, as fast as the pace lets it."""

    server: Server
    pace: Pace
    requests: int
    latency: float = 0.0
    slots: int = 16
    jitter: float = 0.0
    seed: int = 0
    out: Outcome = field(default_factory=Outcome)

    def run(self) -> Outcome:
        self._random = Random(self.seed)
        self._queue = deque([0] * self.requests)
        self._flying = 0
        self._events: list[tuple[float, int, Iterator[float]]] = []
        self._order = count()
        self._woken: float | None = None
        self._fill(0.0)
        while self._events:
            at, _, act = heapq.heappop(self._events)
            later = next(act, None)
            if later is not None:
                heapq.heappush(self._events, (later, next(self._order), act))
            self._fill(at)
        return self.out

    def _fill(self, at: float) -> None:
        if self._woken is not None and self._woken > at:
            return
        self._woken = None
        while self._flying < self.slots and self._queue:
            opens = self.pace.opens_at(at)
            if opens > at:
                self._woken = opens
                heapq.heappush(self._events, (opens, next(self._order), iter(())))
                return
            self._send(at)

    def _send(self, at: float) -> None:
        self._flying += 1
        self.pace.sent(at)
        self.out.sent.append(at)
        act = self._request(at, self._queue.popleft())
        heapq.heappush(self._events, (next(act), next(self._order), act))

    def _request(self, sent_at: float, attempt: int) -> Iterator[float]:
        way = max(self.latency, SERVICE_S) / 2.0
        arrives = sent_at + way + self._random.random() * self.jitter
        yield arrives
        wait = self.server.refuses(arrives)
        answered = arrives + way + self._random.random() * self.jitter
        yield answered
        self._flying -= 1
        if wait is None:
            self.server.done(answered)
            self.pace.accepted(sent_at)
            self.out.accepted.append(arrives)
            self.out.seconds = answered
            return
        backoff = 0.5 * 2.0**attempt * (0.5 + 0.5 * self._random.random())
        self.pace.refused(sent_at, answered, max(wait, backoff) if wait else backoff)
        self.out.refused.append(answered)
        self._queue.append(attempt if wait else attempt + 1)
