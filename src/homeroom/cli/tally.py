"""The events of a run, added up: what has been read of each resource, how fast, and what it waits for. Pure."""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from homeroom.events import (
    Event,
    HeldBack,
    ListRead,
    ListsAsked,
    PageRead,
    ReadPlanned,
    RequestSent,
    ResourceFinished,
    ResourceStarted,
    RetryScheduled,
    StageStarted,
)

WINDOW_S = 10
"""A rate is that of the last seconds, so that it follows what the server does."""
LEAST_S = 3.0
"""Of a read that has gone on for less no time left is told."""


class Stand(StrEnum):
    """How far a resource is."""

    TO_COME = "to come"
    READING = "reading"
    READ = "read"
    """All that was asked for has come, but its family is not judged yet."""
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Line:
    """What there is to say of one resource. Of what is not known, or no longer believed, None."""

    resource: str
    stand: Stand
    rows: int = 0
    of_rows: int | None = None
    pages: int = 0
    of_pages: int | None = None
    lists: int | None = None
    """Lists that were read to their end, where there are several: of a parent each, or of a span of time."""
    of_lists: int | None = None
    of_parent: bool = False
    rate: float | None = None
    """Rows a second, of the last ones; None while nothing is sent."""
    left_s: float | None = None
    retries: int = 0
    quota_s: float | None = None
    """Nothing is sent for it for so long: the host's quota is spent, or it asked for a pause."""
    again_s: float | None = None
    again_after: str = ""
    status: str = ""
    """Of one that is done, as in the report."""


@dataclass(frozen=True, slots=True)
class View:
    """What there is to say of a whole run at one moment."""

    lines: tuple[Line, ...]
    stage: str
    stage_s: float
    elapsed_s: float
    requests: int

    @property
    def rows(self) -> int:
        """Rows that have come, of all resources."""
        return sum(line.rows for line in self.lines)

    @property
    def done(self) -> tuple[Line, ...]:
        """The resources that are judged."""
        return tuple(line for line in self.lines if line.stand is Stand.DONE)

    @property
    def reading(self) -> tuple[Line, ...]:
        """Those that are under way."""
        return tuple(line for line in self.lines if line.stand is Stand.READING)

    @property
    def quota_s(self) -> float | None:
        """How long until anything is sent, where all that is under way waits for a quota; None where it does not."""
        waits = [line.quota_s for line in self.reading]
        return min((wait for wait in waits if wait is not None), default=None) if None not in waits else None


class _Speed:
    """How much came in the last `WINDOW_S` seconds; second by second, so that many events are few entries."""

    def __init__(self) -> None:
        self._begun: float | None = None
        self._seconds: deque[tuple[int, int]] = deque()

    def add(self, amount: int, now: float) -> None:
        self._begun = now if self._begun is None else self._begun
        second = int(now)
        before = self._seconds.pop()[1] if self._seconds and self._seconds[-1][0] == second else 0
        self._seconds.append((second, before + amount))
        while self._seconds[0][0] <= second - WINDOW_S:
            self._seconds.popleft()

    def seen_s(self, now: float) -> float:
        return 0.0 if self._begun is None else now - self._begun

    def per_s(self, now: float) -> float | None:
        """None before there is a second to judge by, and where nothing came."""
        since = int(now) - WINDOW_S + 1
        came = sum(amount for second, amount in self._seconds if second >= since)
        seen_s = min(self.seen_s(now), now - since)
        return came / seen_s if came and seen_s >= 1.0 else None


class _Read:
    """One resource while it is read."""

    def __init__(self, resource: str, parent: str | None = None) -> None:
        self.resource, self.parent = resource, parent
        self.begun = False
        self.finished: ResourceFinished | None = None
        self.rows = self.pages = self.retries = 0
        self.lists_asked = self.lists_read = 0
        self._largest = 0
        self._total: int | None = None
        self._most: int | None = None
        self._is_again = False
        self._rows_speed, self._lists_speed = _Speed(), _Speed()
        self._held_until = self._again_at = -math.inf
        self._again_after = ""

    @property
    def is_read(self) -> bool:
        """Whether all lists that were asked for so far have come to their end."""
        return 0 < self.lists_asked == self.lists_read

    def page(self, event: PageRead, now: float) -> None:
        self.begun = True
        self.rows, self.pages = self.rows + event.rows, self.pages + 1
        self._largest = max(self._largest, event.rows)
        self._total = event.total if event.total is not None else self._total
        self._rows_speed.add(event.rows, now)

    def asked(self, event: ListsAsked) -> None:
        self.begun = True
        self.lists_asked += event.lists
        self._most, self._is_again = event.most_rows, self._is_again or event.again

    def list_read(self, now: float) -> None:
        self.lists_read += 1
        self._lists_speed.add(1, now)

    def retried(self, event: RetryScheduled, now: float) -> None:
        self.begun = True
        self.retries += 1
        if event.throttled:
            self.held(event.wait_s, now)
        else:
            self._again_at, self._again_after = now + event.wait_s, event.reason.partition(" (")[0]

    def held(self, wait_s: float, now: float) -> None:
        self._held_until = max(self._held_until, now + wait_s)

    def sent(self) -> None:
        self.begun, self._held_until = True, -math.inf

    def line(self, now: float, above: _Read | None) -> Line:
        """What there is to say; `above` is its parent, where that is read as well."""
        if self.finished is not None:
            rows = self.finished.rows
            total = rows if self._total == rows else None
            return Line(self.resource, Stand.DONE, rows, total, retries=self.retries, status=str(self.finished.status))
        if not self.begun:
            return Line(self.resource, Stand.TO_COME)
        several = self.lists_asked > 1 or self.parent is not None
        of_rows = None if several else self._of_rows()
        of_lists = self._of_lists(above) if several else None
        is_read = self.is_read and (above is None or above.is_read)
        waits = not is_read
        quota_s = _until(self._held_until, now) if waits else None
        return Line(
            self.resource,
            Stand.READ if is_read else Stand.READING,
            rows=self.rows,
            of_rows=of_rows,
            pages=self.pages,
            of_pages=self._of_pages(of_rows),
            lists=self.lists_read if several and self.lists_asked else None,
            of_lists=of_lists,
            of_parent=self.parent is not None,
            rate=self._rows_speed.per_s(now) if quota_s is None else None,
            left_s=self._left_s(of_rows, of_lists, now) if waits and quota_s is None else None,
            retries=self.retries,
            quota_s=quota_s,
            again_s=_until(self._again_at, now) if waits else None,
            again_after=self._again_after,
        )

    def _of_rows(self) -> int | None:
        """Rows that are expected of a single list. A total that more rows have come than is no total."""
        if self._total is None or self._is_again:
            return None
        wanted = self._total if self._most is None else min(self._total, self._most)
        return wanted if self.rows <= wanted else None

    def _of_pages(self, of_rows: int | None) -> int | None:
        if not of_rows or not self._largest:
            return None
        pages = math.ceil(of_rows / self._largest)
        return pages if self.pages <= pages else None

    def _of_lists(self, above: _Read | None) -> int | None:
        """How many lists there will be: known when the parent was read, or tells its total and gives a list a row."""
        if self.lists_asked == 0:
            return None
        if above is None or above.is_read or above.finished is not None:
            return self.lists_asked
        expected = None if above.parent is not None else above._of_rows()
        return expected if expected is not None and self.lists_asked <= above.rows else None

    def _left_s(self, of_rows: int | None, of_lists: int | None, now: float) -> float | None:
        if self.lists_asked == 0 or self._is_again:
            return None  # nobody has said that it is read to its end
        missing, speed = None, self._rows_speed
        if of_lists is not None:
            missing, speed = of_lists - self.lists_read, self._lists_speed
        elif of_rows is not None:
            missing = of_rows - self.rows
        per_s = speed.per_s(now)
        if missing is None or per_s is None or speed.seen_s(now) < LEAST_S:
            return None
        return missing / per_s


def _until(at: float, now: float) -> float | None:
    return at - now if at > now else None


class Tally:
    """Adds up events. Called from the fetch thread and the main one, and looked at from a third."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._begun = self._stage_at = clock()
        self._stage = ""
        self._requests = 0
        self._reads: dict[str, _Read] = {}
        self._guard = threading.Lock()

    def on_event(self, event: Event) -> None:
        """The hook."""
        with self._guard:
            self._count(event, self._clock())

    def view(self) -> View:
        """What there is to say now."""
        with self._guard:
            now = self._clock()
            lines = tuple(read.line(now, self._reads.get(read.parent or "")) for read in self._reads.values())
            return View(lines, self._stage, now - self._stage_at, now - self._begun, self._requests)

    def _count(self, event: Event, now: float) -> None:
        match event:
            case PageRead():
                self._read(event.resource).page(event, now)
            case RequestSent():
                self._requests += 1
                self._read(event.resource).sent()
            case ListRead():
                self._read(event.resource).list_read(now)
            case ListsAsked():
                self._read(event.resource).asked(event)
            case RetryScheduled():
                self._read(event.resource).retried(event, now)
            case HeldBack():
                for resource in event.resources:
                    self._read(resource).held(event.wait_s, now)
            case ResourceStarted():
                self._read(event.resource).begun = True
            case ResourceFinished():
                self._read(event.resource).finished = event
            case ReadPlanned():
                for resource, parent in event.resources:
                    self._reads.setdefault(resource, _Read(resource)).parent = parent
            case StageStarted():
                self._stage, self._stage_at = event.stage, now
            case _:
                pass

    def _read(self, resource: str) -> _Read:
        if resource not in self._reads:
            self._reads[resource] = _Read(resource)
        return self._reads[resource]
