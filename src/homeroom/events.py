"""What happens in a run, as frozen values given to plain callables.

Log lines, progress bars and counters are readers of these; the engine never prints. A hook is called
in the thread where the fact arose (the fetch thread for the first three, the caller's for the rest), must
return quickly and must not raise: an exception in a hook ends the run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PageRead:
    """A page arrived whole. `total` is the rows that the API says there are, None where it says nothing."""

    resource: str
    rows: int
    size: int
    """Bytes of the body after decompression."""
    total: int | None


@dataclass(frozen=True, slots=True)
class RetryScheduled:
    """A request failed and is sent again after `wait_s` seconds; `attempt` counts from 1."""

    resource: str
    attempt: int
    wait_s: float
    reason: str
    """`429`, `503`, `cut off`, `timeout (…)`, `connection (…)`: what the brackets hold names host and cause."""
    throttled: bool
    """The server asked us to slow down (429, or a Retry-After)."""


@dataclass(frozen=True, slots=True)
class RequestSent:
    """A request went out, retries included."""

    resource: str


@dataclass(frozen=True, slots=True)
class ResourceStarted:
    """A resource's first request is about to be made."""

    resource: str


@dataclass(frozen=True, slots=True)
class ResourceFinished:
    """A resource was read to its end or gave up; `status` as in the report."""

    resource: str
    status: str
    rows: int
    note: str


@dataclass(frozen=True, slots=True)
class StageStarted:
    """`homeroom sync` entered a stage: read, normalize, load, report."""

    stage: str


Event = PageRead | RetryScheduled | RequestSent | ResourceStarted | ResourceFinished | StageStarted
Hook = Callable[[Event], None]


def emit(hooks: Sequence[Hook], event: Event) -> None:
    """Hand `event` to every hook, in order."""
    for hook in hooks:
        hook(event)
