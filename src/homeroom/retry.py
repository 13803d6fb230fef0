"""When a failed request is sent again, and how long to wait first. Pure: clock and random come from outside."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from homeroom.values import Answer, RetrySettings

if TYPE_CHECKING:
    from homeroom.codes import Code

_TOLD_OFF = re.compile(rb"rate[ _-]?limit|too many requests|throttl|quota[ _-]?exceeded", re.IGNORECASE)
_BEGINNING = 1000
"""Bytes of a refusal that are searched: a page of HTML says somewhere what it likes."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an attempt did not bring a page.

    `retry_after_s` is what the server asked for, None if nothing. `throttled`: it asks for fewer requests,
    rather than being broken or away. `words` are the server's own, in brackets, safe to print. `cause` is the code of
    a failure that has no status.
    """

    reason: str
    status: int | None = None
    retry_after_s: float | None = None
    throttled: bool = False
    words: str = ""
    cause: Code = "answer-cut-off"

    @property
    def code(self) -> Code:
        """The code of the error that it becomes when it has happened too often."""
        if self.throttled:
            return "rate-limited"
        return self.cause if self.status is None else "server-failing"

    @property
    def told(self) -> str:
        """What happened, in words."""
        if self.status is not None:
            meant = ", which means too many requests" if self.throttled and self.status != 429 else ""
            return f"the server answered {self.status}{self.words}{meant}"
        return "the JSON ended early" if self.reason == "cut off" else self.reason

    @property
    def advice(self) -> str:
        """What to try when it has happened too often."""
        if self.throttled:
            return "set a lower sync.rate, or run again later"
        unreachable = self.status is None and self.reason.startswith(("connection", "DNS"))
        return "check client.base_url, or run again later" if unreachable else "run again later"

    @property
    def holds_host(self) -> bool:
        """Whether the whole host is left alone meanwhile: the server throttles, or says when to come back."""
        return self.throttled or self.retry_after_s is not None

    @property
    def is_hosts_fault(self) -> bool:
        """Whether it counts towards `retry.stop_after`: no answer, half of one, or a 5xx that names no time."""
        return not self.holds_host and (self.status is None or self.status >= 500)


def failure_of(answer: Answer, settings: RetrySettings, now: datetime) -> Failure | None:
    """The failure that an answer's status means; None where it is not one to repeat.

    A 403 whose body speaks of a rate limit is a 429 by another name (Canvas: `403 Forbidden (Rate Limit
    Exceeded)`, doc/api/throttling.md; Google: `userRateLimitExceeded`).
    """
    said = says_throttled(answer.body) if answer.status == 403 else None
    throttled = answer.status == 429 or said is not None
    if (429 if throttled else answer.status) not in settings.statuses:
        return None
    asked = parse_retry_after(answer.header("Retry-After"), now)
    return Failure(str(answer.status), answer.status, asked, throttled, f" ({said!r})" if said else "")


def says_throttled(body: bytes) -> str | None:
    """The words by which the beginning of a refusal speaks of a rate limit; None where it does not."""
    found = _TOLD_OFF.search(body[:_BEGINNING])
    return found[0].decode("ascii").lower() if found else None


def parse_retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds to wait by a Retry-After header (RFC 9110 section 10.2.3: seconds, or a date).

    None where there is no header or it cannot be read; 0 where the date has passed.
    """
    if value is None:
        return None
    text = value.strip()
    try:
        # Whole seconds by the standard; fractions are seen in the wild.
        seconds = float(text)
    except ValueError:
        pass
    else:
        return None if math.isnan(seconds) else max(0.0, seconds)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def backoff_s(attempt: int, settings: RetrySettings, random: Callable[[], float]) -> float:
    """Seconds before the attempt after number `attempt` (from 1): up to a ceiling that doubles each time.

    Full jitter (`random` gives 0 to 1): of all ways to spread the clients of one server, the one that makes
    the fewest calls in all (AWS Architecture Blog, "Exponential Backoff And Jitter").
    """
    return random() * min(settings.max_wait_s, settings.first_wait_s * 2.0 ** (attempt - 1))


def wait_s(attempt: int, failure: Failure, settings: RetrySettings, random: Callable[[], float]) -> float:
    """Seconds before the next attempt: what the server asked for, if it asked for more than our own backoff.

    A Retry-After of 0 is a server that has not thought about it: our backoff is what is left.
    """
    return max(failure.retry_after_s or 0.0, backoff_s(attempt, settings, random))
