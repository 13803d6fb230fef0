"""How long requests take: by the time of an answer, by how many may be under way, by rate and quota. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from homeroom.plan_run.count import Count
from homeroom.plan_run.quota import Quota


@dataclass(frozen=True, slots=True)
class Spell:
    """A time in seconds. `is_least`: it may well be longer, since nobody knows how many requests there are."""

    seconds: float
    is_least: bool = False

    def __str__(self) -> str:
        """`< 1 s`, `~ 12 s`, `≥ 4 min`, `~ 2 h 10 min`, `~ 3 days`."""
        if self.seconds < 1:
            return "unknown" if self.is_least else "< 1 s"
        return f"{'≥' if self.is_least else '~'} {told_time(self.seconds)}"


def told_time(seconds: float) -> str:
    """A time as a person would say it: `12 s`, `4 min`, `2 h 10 min`, `3 days`."""
    minutes = round(seconds / 60)
    if seconds < 90:
        return f"{seconds:.0f} s"
    if minutes < 90:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min" if minutes < 2880 else f"{minutes / 1440:,.0f} days"


@dataclass(frozen=True, slots=True)
class Pull:
    """Requests of one resource: how long an answer takes, and how many may be under way at once."""

    requests: Count
    answer_s: float
    lanes: int

    @property
    def number(self) -> int:
        """The requests to reckon with."""
        return self.requests.low if self.requests.best is None else self.requests.best

    @property
    def seconds(self) -> float:
        """How long they take where nothing else is asked for. What is asked for next is known from the first answer."""
        if self.number <= 1:
            return self.number * self.answer_s
        return self.answer_s * (1 + -(-(self.number - 1) // self.lanes))


@dataclass(frozen=True, slots=True)
class Budget:
    """What a host bears, as far as it is known: `rate` requests a second (`sync.rate`; None: nothing was said)."""

    concurrency: int
    rate: float | None = None
    quota: Quota | None = None


def time_of(pulls: Sequence[Pull], budget: Budget) -> Spell:
    """How long all of them take side by side, at one host: the longest of what holds them back."""
    requests = sum(pull.number for pull in pulls)
    busy = sum(pull.number * pull.answer_s for pull in pulls) / budget.concurrency
    at_rate = (requests - 1) / budget.rate if budget.rate and requests else 0.0
    at_quota, is_sure = budget.quota.seconds(requests) if budget.quota else (0.0, True)
    longest = max([busy, at_rate, at_quota, *(pull.seconds for pull in pulls)])
    return Spell(longest, not is_sure or any(pull.requests.best is None for pull in pulls))
