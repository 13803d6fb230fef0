"""What a plan says."""

from __future__ import annotations

from dataclasses import dataclass

from homeroom.plan_run.count import Count, exact
from homeroom.plan_run.quota import Quota
from homeroom.plan_run.timing import Spell


@dataclass(frozen=True, slots=True)
class ResourcePlanned:
    """What a sync would read of a resource, going by one page of it.

    `page_rows` came; `page_asked` were asked for where the server gives fewer, None where it does not. `size` are bytes
    of JSON, None where they are not known. `reason` says why there is no estimate, and is empty where there is one;
    `failed`: it was asked for in vain, `refused`: because the key was.
    """

    resource: str
    rows: Count | None = None
    requests: Count | None = None
    time: Spell | None = None
    page_rows: int | None = None
    page_asked: int | None = None
    size: int | None = None
    notes: tuple[str, ...] = ()
    reason: str = ""
    failed: bool = False
    refused: bool = False


@dataclass(frozen=True, slots=True)
class HostPlanned:
    """What would be asked of one host, and what it says of its quota; None where it says nothing."""

    host: str
    requests: Count
    time: Spell
    answer_s: float
    quota: Quota | None = None


@dataclass(frozen=True, slots=True)
class PlanReport:
    """What a sync would ask for. `requests_made` are those of the plan itself, retries included.

    `concurrency` and `rate` (requests a second to one host, None: as many as it bears) are what it reckons with.
    """

    name: str
    resources: tuple[ResourcePlanned, ...]
    hosts: tuple[HostPlanned, ...]
    requests_made: int
    concurrency: int
    rate: float | None
    notes: tuple[str, ...] = ()

    @property
    def unknown(self) -> tuple[str, ...]:
        """The resources without an estimate."""
        return tuple(each.resource for each in self.resources if each.reason)

    @property
    def rows(self) -> Count:
        """All rows of what could be looked at."""
        return sum((each.rows for each in self.resources if each.rows is not None), exact(0))

    @property
    def requests(self) -> Count:
        """All requests of what could be looked at."""
        return sum((each.requests for each in self.resources if each.requests is not None), exact(0))

    @property
    def time(self) -> Spell:
        """How long it takes: hosts are asked side by side."""
        times = [host.time for host in self.hosts]
        return Spell(max((t.seconds for t in times), default=0.0), any(t.is_least for t in times))

    @property
    def size(self) -> int | None:
        """All bytes; None where those of a resource are not known."""
        known = [each.size for each in self.resources if not each.reason]
        return None if None in known else sum(filter(None, known))

    @property
    def exit_code(self) -> int:
        """The command line's: 0 nothing was asked for in vain, 3 something was, 4 all that was, refused; else 1."""
        failed = [each for each in self.resources if each.failed]
        if not failed:
            return 0
        if len(self.unknown) < len(self.resources):
            return 3
        return 4 if all(each.refused for each in failed) else 1
