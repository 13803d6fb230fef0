"""What a host says of its quota, and how long requests take in it. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from homeroom.limits.quota_headers import allowance_of

CREDIT_PER_S = 10.0
"""Canvas gives so many points back each second."""

_NUMBER = re.compile(r"\s*(\d{1,15})(?![\d.])", re.ASCII)
_WINDOW = re.compile(r"[;,\s]w\s*=\s*(\d{1,9})(?![\d.])", re.ASCII | re.IGNORECASE)
_QUOTA = re.compile(r"[;,\s]q\s*=\s*(\d{1,15})(?![\d.])", re.ASCII | re.IGNORECASE)
_SHORT_RESET_S = 1.0


@dataclass(frozen=True, slots=True)
class Quota:
    """`remaining` requests for the next `reset_s` seconds (None: it does not say until when), `limit` in each window.

    `window_s` is how long a window is; None where nobody says. `credit`: these are points, `cost` is a request's.
    """

    remaining: float
    reset_s: float | None = None
    limit: int | None = None
    window_s: float | None = None
    cost: float | None = None
    credit: bool = False

    def seconds(self, requests: int) -> tuple[float, bool]:
        """How long so many requests take at the least, and whether it is sure that they take no longer."""
        if self.credit:
            spent = requests * (self.cost or 0.0)
            return max(0.0, (spent - self.remaining) / CREDIT_PER_S), self.cost is not None
        beyond = requests - int(self.remaining)
        if beyond <= 0:
            return 0.0, True
        if self.reset_s is None or self.reset_s <= _SHORT_RESET_S:
            return 0.0, False  # one that is filled up all the time: nobody says how fast
        each = self.limit or max(1, int(self.remaining))
        windows = -(-beyond // each) - 1
        is_sure = windows == 0 or (self.window_s is not None and self.limit is not None)
        return self.reset_s + windows * (self.window_s or self.reset_s), is_sure


def quota_of(headers: Sequence[tuple[str, str]], now: datetime) -> Quota | None:
    """What the headers of an answer say; None where they say nothing."""
    allowance = allowance_of(headers, now)
    if allowance is None:
        return None
    told = {key.lower().replace("rate-limit", "ratelimit").removeprefix("x-"): value for key, value in headers}
    if allowance.credit:
        return Quota(allowance.remaining, cost=_decimal(told.get("request-cost", "")), credit=True)
    quota = Quota(allowance.remaining, allowance.reset_s)
    policy = told.get("ratelimit-policy", "") or told.get("ratelimit-limit", "")
    limit = _NUMBER.match(told.get("ratelimit-limit", "")) or _QUOTA.search(policy) or _NUMBER.match(policy)
    window = _WINDOW.search(policy)
    return replace(quota, limit=int(limit[1]) if limit else None, window_s=float(window[1]) if window else None)


def _decimal(text: str) -> float | None:
    try:
        return max(0.0, float(text))
    except ValueError:
        return None
