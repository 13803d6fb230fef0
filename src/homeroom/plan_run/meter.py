"""What answers tell beside their pages: how long they took, and what the host says of its quota."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

from homeroom.fetch.chain import PAST_THE_END
from homeroom.plan_run.quota import Quota, quota_of
from homeroom.values import Answer


class Meter:
    """A witness of answers. It is told in the fetch thread, and asked when that is at rest."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._seconds: defaultdict[str, list[float]] = defaultdict(list)
        self._pages: Counter[str] = Counter()
        self._quotas: dict[str, Quota] = {}

    def __call__(self, resource: str, answer: Answer, seconds: float) -> None:
        """Note an answer."""
        if answer.status < 300:
            self._seconds[resource].append(seconds)
        if answer.status < 300 or answer.status in PAST_THE_END:
            self._pages[resource] += 1
        told = quota_of(answer.headers, self._now())
        if told is not None:
            self._quotas[urlsplit(answer.url).netloc] = told

    def answer_s(self, resource: str) -> float:
        """How long an answer of a resource takes; the quickest, since the first one opens the connection."""
        return min(self._seconds[resource], default=0.0)

    def pages(self, resource: str) -> int:
        """How many requests were answered with something that a sync would not repeat."""
        return self._pages[resource]

    def quota(self, host: str) -> Quota | None:
        """What a host has said last; None where it said nothing."""
        return self._quotas.get(host)
