"""What an answer says of the quota that is left. Pure.

Read are `RateLimit-Remaining` and `RateLimit-Reset`, the same with `X-` and as `X-Rate-Limit-`, the `RateLimit` field
of draft-ietf-httpapi-ratelimit-headers (`"policy";r=50;t=30`, before: `remaining=50, reset=30`), and Canvas's credit.
What cannot be read is as good as absent.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

_EPOCH_S = 1e9
_EPOCH_MS = 1e11
_NUMBER = re.compile(r"\s*(\d{1,15}(?:\.\d{1,9})?)\s*(?:[,;]|$)", re.ASCII)
_LEFT = re.compile(r"(?:^|[;,\s])(?:r|remaining)\s*=\s*(\d{1,15})(?![\d.])", re.ASCII | re.IGNORECASE)
_UNTIL = re.compile(r"(?:^|[;,\s])(?:t|reset)\s*=\s*(\d{1,15})(?![\d.])", re.ASCII | re.IGNORECASE)
_POLICIES = re.compile(r",(?=\s*[\"\w*./:-]+\s*;)")


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left: `remaining` requests for the next `reset_s` seconds (None: it does not say).

    `credit`: not requests but Canvas's points, 50 of them held by each request under way.
    """

    remaining: float
    reset_s: float | None = None
    credit: bool = False


def allowance_of(headers: Sequence[tuple[str, str]], now: datetime) -> Allowance | None:
    """What the headers of an answer say; None where they say nothing. `now` is for resets told as a date in seconds."""
    told = {name: value for key, value in headers if (name := _name(key)) is not None}
    if "" in told:
        return _tightest(told[""])
    value = told.get("remaining", "")
    remaining = _number(value)
    if remaining is None:
        return None
    reset = _number(told.get("reset", ""))
    if reset is not None:
        return Allowance(remaining, _seconds_until(reset, now))
    return Allowance(remaining, None, credit="cost" in told or "." in value)


def _name(key: str) -> str | None:
    """What a header tells: `remaining`, `reset`, `cost`, the empty text for all in one; None: another matter."""
    key = key.lower()
    if "limit" not in key:
        return "cost" if key == "x-request-cost" else None
    name = key.removeprefix("x-").replace("rate-limit", "ratelimit", 1)
    if not name.startswith("ratelimit"):
        return None
    rest = name.removeprefix("ratelimit")
    return rest.removeprefix("-") if rest in ("", "-remaining", "-reset") else None


def _tightest(value: str) -> Allowance | None:
    """The policy with the fewest requests left."""
    found = []
    for policy in _POLICIES.split(value):
        left, until = _LEFT.search(policy), _UNTIL.search(policy)
        if left:
            found.append(Allowance(float(left[1]), float(until[1]) if until else None))
    return min(found, key=lambda each: each.remaining, default=None)


def _number(value: str) -> float | None:
    match = _NUMBER.match(value)
    return float(match[1]) if match else None


def _seconds_until(reset: float, now: datetime) -> float:
    """Seconds, seconds since 1970, or milliseconds since 1970: told apart by size."""
    if reset < _EPOCH_S:
        return reset
    moment = reset / 1000.0 if reset >= _EPOCH_MS else reset
    return max(0.0, moment - now.timestamp())
