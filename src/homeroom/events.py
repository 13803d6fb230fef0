"""What happens in a run, as frozen values given to plain callables.

Log lines, progress bars and counters are readers of these; the engine never prints. A hook is called
in the thread where the fact arose (the fetch thread for the first five, the caller's for the rest), must
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
    """A request failed and is sent again after `wait_s` seconds; `attempt` counts from 1.

    Where `throttled`, the whole host pauses: many requests then wait for the same seconds, and what was really
    spent on them is told by `Waited`. Whoever adds up waits takes `wait_s` of those that are not `throttled`, and
    every `Waited`.
    """

    resource: str
    attempt: int
    wait_s: float
    """Of one that is `throttled`: how long the host is left alone from now on, at the least."""
    reason: str
    """`429`, `503`, `cut off`, `timeout (…)`, `connection (…)`: what the brackets hold names host and cause."""
    throttled: bool
    """The server asked us to slow down: 429, a 403 that speaks of a rate limit, or a Retry-After."""


@dataclass(frozen=True, slots=True)
class Waited:
    """A request was held back for `wait_s` seconds: by `sync.rate`, by the pace of its host, or by a pause.

    Told when the wait is over. Only the request at the head of the line counts, so that the sum over all requests
    is time that the host was really left alone; waits for a free slot are none.
    """

    resource: str
    wait_s: float


@dataclass(frozen=True, slots=True)
class HeldBack:
    """Nothing is sent to a host for `wait_s` seconds from now: quota spent, a pause asked for, or `sync.rate`.

    Told when the wait begins, and again where it turns out to be longer; waits of less than a second are not told.
    `resources` are those that have asked this host for something. The next `RequestSent` of one of them ends it.
    """

    resources: tuple[str, ...]
    wait_s: float


@dataclass(frozen=True, slots=True)
class RequestSent:
    """A request went out, retries included."""

    resource: str


@dataclass(frozen=True, slots=True)
class ResourceStarted:
    """A resource's first request is about to be made."""

    resource: str


@dataclass(frozen=True, slots=True)
class ReadPlanned:
    """`homeroom sync` is about to read: each resource, parents before children, with its parent or None."""

    resources: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class ListsAsked:
    """So many lists more are asked for a resource: one in all, one for each row of its parent, for each span of time.

    `most_rows` are wanted of the resource in all, None for all there are. `again`: the lists were read before, and
    their rows had moved.
    """

    resource: str
    lists: int
    most_rows: int | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class ListRead:
    """One of the lists that were asked for has come to its end."""

    resource: str


@dataclass(frozen=True, slots=True)
class ResourceFinished:
    """A resource was read to its end or gave up; `status` as in the report.

    Told once more, with the reason, where its table is then left as it was.
    """

    resource: str
    status: str
    rows: int
    note: str


@dataclass(frozen=True, slots=True)
class StageStarted:
    """`homeroom sync` entered a stage: read, normalize, load, report."""

    stage: str


@dataclass(frozen=True, slots=True)
class RunResumed:
    """`homeroom sync` finishes an earlier run, `pages` of which are here; `last_page_s` is how old the last one is.

    Pages without rows do not count. `of` is how many there are, None where the API's totals do not tell; `landed`
    are the resources that the earlier run has loaded, which are not read again.
    """

    run_id: str
    pages: int
    of: int | None
    last_page_s: float
    landed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RunSetAside:
    """`homeroom sync` found an unfinished run and does not go on with it; `why` in words."""

    why: str
    pages: int
    path: str
    """Where its pages lie until the next run is set aside; empty where they were removed."""


@dataclass(frozen=True, slots=True)
class PagesKept:
    """`homeroom sync` has loaded a run, and its pages stay for replays (`sync.keep_raw`)."""

    run_id: str
    path: str
    size: int
    """Of the file, in bytes."""


@dataclass(frozen=True, slots=True)
class PagesNotKept:
    """They should have stayed, and `why` they could not."""

    path: str
    why: str


@dataclass(frozen=True, slots=True)
class HistoryNotWritten:
    """`homeroom sync` has ended, and its report could not be put into the history; `why` is a whole sentence."""

    why: str


@dataclass(frozen=True, slots=True)
class KeyInConfig:
    """`homeroom sync` goes by a config in which a key or password stands itself: at `place`; `hint` says what to do."""

    place: str
    hint: str


@dataclass(frozen=True, slots=True)
class LooksPersonal:
    """`homeroom sync` has stored columns whose names look personal, by a config that says nothing of privacy.

    Each as `table.column`, those first that are never passed on; not those of tables that a resource of the run did not
    feed.
    """

    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DeletesMadeUp:
    """`homeroom sync` has deleted `rows` that an earlier run had found absent, which was killed before it did so.

    `why` they were not deleted; empty where they were.
    """

    run_id: str
    resource: str
    rows: int
    why: str


Event = (
    PageRead
    | RetryScheduled
    | Waited
    | HeldBack
    | RequestSent
    | ReadPlanned
    | ResourceStarted
    | ListsAsked
    | ListRead
    | ResourceFinished
    | StageStarted
    | RunResumed
    | RunSetAside
    | KeyInConfig
    | PagesKept
    | PagesNotKept
    | HistoryNotWritten
    | LooksPersonal
    | DeletesMadeUp
)
Hook = Callable[[Event], None]


def emit(hooks: Sequence[Hook], event: Event) -> None:
    """Hand `event` to every hook, in order."""
    for hook in hooks:
        hook(event)
