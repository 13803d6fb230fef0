"""Which fault meets the n-th request: decided by the dials and the number alone."""

from collections import Counter
from dataclasses import dataclass
from email.utils import formatdate
from enum import Enum
from http import HTTPStatus
from math import ceil

import orjson

from homeroom.demo.dials import Dials
from homeroom.demo.pages import Reply

_GOLDEN = 0.6180339887498949  # its multiples, modulo 1, fill 0 to 1 evenly and never repeat


class Fault(Enum):
    """What is done to a request instead of answering it in full."""

    NONE = "none"
    FAIL = "fail"
    CUT = "cut"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one request; `status` is for `Fault.FAIL`."""

    wait_s: float
    fault: Fault = Fault.NONE
    status: int = 200


def fate(dials: Dials, number: int) -> Fate:
    """For the `number`-th request, from 1: the first that hits of reset, always, throttle, fail, cut."""
    wait_s = dials.latency_s + dials.jitter_s * (number * _GOLDEN % 1)
    if _hits(dials.reset_every, number):
        return Fate(wait_s, Fault.RESET)
    if dials.always is not None:
        return Fate(wait_s, Fault.FAIL, dials.always)
    if _hits(dials.throttle_every, number):
        return Fate(wait_s, Fault.FAIL, 429)
    for status, every in dials.fail_every:
        if _hits(every, number):
            return Fate(wait_s, Fault.FAIL, status)
    return Fate(wait_s, Fault.CUT if _hits(dials.cut_every, number) else Fault.NONE)


def _hits(every: int | None, number: int) -> bool:
    return every is not None and number % every == 0


def failure(status: int, dials: Dials, now: float) -> Reply:
    """The JSON error of this status; `now` (seconds since 1970) is what a Retry-After date counts from."""
    try:
        phrase = HTTPStatus(status).phrase if status != 200 else "Something Went Wrong"
    except ValueError:
        phrase = "Unknown Error"
    error = phrase.lower().replace(" ", "_")
    body = orjson.dumps({"error": error, "message": f"{phrase} (the sample school was told to answer so)"})
    headers = _retry_after(dials, now) if status == 429 else {}
    return Reply(body, status, headers)


def _retry_after(dials: Dials, now: float) -> dict[str, str]:
    match dials.retry_after_form:
        case "seconds":
            return {"Retry-After": f"{dials.retry_after_s:g}"}
        case "date":  # a date has whole seconds: rounded up, so that who waits for it has waited enough
            return {"Retry-After": formatdate(ceil(now + dials.retry_after_s), usegmt=True)}
        case _:
            return {}


class Counts:
    """Numbers requests from 1, for each `only` pattern on its own; for one thread."""

    def __init__(self) -> None:
        """Nothing is counted yet."""
        self._seen: Counter[str | None] = Counter()

    def next(self, dials: Dials) -> int:
        """Number of this request among those that the same pattern let in."""
        self._seen[dials.only] += 1
        return self._seen[dials.only]
