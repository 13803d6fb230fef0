"""When a failed request is sent again, and how long to wait first. Pure: clock and random come from outside."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from homeroom.values import Answer, RetrySettings

LONGEST_OBEYED_S = 900.0
"""A Retry-After beyond this is not waited for: the run fails with the time in its message instead of
hanging for an hour without a word."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an attempt did not bring a page. `retry_after_s` is what the server asked for, None if nothing."""

    reason: str
    status: int | None = None
    retry_after_s: float | None = None

    @property
    def told(self) -> str:
        """What happened, in words."""
        if self.status is not None:
            return f"the server answered {self.status}"
        return "the JSON ended early" if self.reason == "cut off" else self.reason

    @property
    def advice(self) -> str:
        """What to try when it has happened too often."""
        unreachable = self.status is None and self.reason.startswith(("connection", "DNS"))
        return "check client.base_url, or run again later" if unreachable else "run again later"

    @property
    def throttled(self) -> bool:
        """The server asks for less, rather than being broken."""
        return self.status == 429 or self.retry_after_s is not None


def failure_of(answer: Answer, settings: RetrySettings, now: datetime) -> Failure | None:
    """The failure that an answer's status means; None where it is not one to repeat."""
    if answer.status not in settings.statuses:
        return None
    return Failure(str(answer.status), answer.status, parse_retry_after(answer.header("Retry-After"), now))


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
    """Seconds before the attempt after number `attempt` (from 1): doubled each time, then spread.

    Spread over the upper half (`random` gives 0 to 1), so that many clients of one server do not
    come back in step, and none comes back at once.
    """
    ceiling = min(settings.max_wait_s, settings.first_wait_s * 2.0 ** (attempt - 1))
    return ceiling * (0.5 + 0.5 * random())


def wait_s(attempt: int, failure: Failure, settings: RetrySettings, random: Callable[[], float]) -> float:
    """Seconds before the next attempt: what the server asked for, if it asked for more than our own backoff.

    A Retry-After of 0 is a server that has not thought about it: our backoff stays the floor.
    """
    return max(failure.retry_after_s or 0.0, backoff_s(attempt, settings, random))
