"""Which fault meets the n-th request: decided by the dials and the number alone."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from enum import Enum
from http import HTTPStatus
from math import ceil

import orjson

from homeroom.demo.dials import Dials
from homeroom.demo.question import RefusedError, Reply

_GOLDEN = 0.6180339887498949  # its multiples, modulo 1, fill 0 to 1 evenly and never repeat


class Fault(Enum):
    """What is done to a request instead of answering it in full."""

    NONE = "none"
    RESET = "reset"
    KEY = "key"
    FAIL = "fail"
    HTML = "html"
    ERROR_200 = "error_200"
    EMPTY_200 = "empty_200"
    EMPTY_PAGE = "empty_page"
    CUT = "cut"
    LENGTH = "length"
    SHORT_LENGTH = "short_length"


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one request; `status` is for `Fault.FAIL`."""

    wait_s: float
    fault: Fault = Fault.NONE
    status: int = 200


def fate(dials: Dials, number: int) -> Fate:
    """For the `number`-th request, from 1: the first that hits of reset, key, always, throttle, fail, `_BODIES`."""
    wait_s = dials.latency_s + dials.jitter_s * (number * _GOLDEN % 1)
    if _hits(dials.reset_every, number):
        return Fate(wait_s, Fault.RESET)
    if dials.expire_key_after is not None and number >= dials.expire_key_after:
        return Fate(wait_s, Fault.KEY)
    status = _failing(dials, number)
    if status is not None:
        return Fate(wait_s, Fault.FAIL, status)
    return Fate(wait_s, next((fault for fault, every in _BODIES.items() if _hits(every(dials), number)), Fault.NONE))


def _failing(dials: Dials, number: int) -> int | None:
    if dials.always is not None:
        return dials.always
    if _hits(dials.throttle_every, number):
        return 429
    return next((status for status, every in dials.fail_every if _hits(every, number)), None)


# Faults of an answer with status 200, in the order in which they are looked at.
_BODIES: Mapping[Fault, Callable[[Dials], int | None]] = {
    Fault.HTML: lambda dials: dials.html_every,
    Fault.ERROR_200: lambda dials: dials.error_200_every,
    Fault.EMPTY_200: lambda dials: dials.empty_200_every,
    Fault.EMPTY_PAGE: lambda dials: dials.empty_page_every,
    Fault.CUT: lambda dials: dials.cut_every,
    Fault.LENGTH: lambda dials: dials.length_every,
    Fault.SHORT_LENGTH: lambda dials: dials.short_length_every,
}


def _hits(every: int | None, number: int) -> bool:
    return every is not None and number % every == 0


_LOGIN_PAGE = b"""<!DOCTYPE html>
<html lang="en"><head><title>Sample school: log in</title></head>
<body><form action="/login" method="post"><input name="username"><input name="password" type="password"></form></body>
</html>
"""
_MOODLE_ERROR = orjson.dumps(
    {
        "exception": "dml_read_exception",
        "errorcode": "dmlreadexception",
        "message": "Error reading from database (the sample school was told to answer so)",
    }
)


def instead(meeting: Fate, dials: Dials, now: float) -> Reply | None:
    """What is answered without looking at a row; None where rows are. `now` (seconds since 1970) is for Retry-After."""
    match meeting.fault:
        case Fault.RESET | Fault.EMPTY_200:  # the one is never sent
            return Reply(b"")
        case Fault.KEY:
            return unauthorized("the key has expired").reply
        case Fault.FAIL:
            return failure(meeting.status, dials, now)
        case Fault.HTML:
            return Reply(_LOGIN_PAGE, content_type="text/html")
        case Fault.ERROR_200:
            return Reply(_MOODLE_ERROR)
        case _:
            return None


def unauthorized(message: str) -> RefusedError:
    """A 401 that asks for a key."""
    return RefusedError(401, "unauthorized", message, {"WWW-Authenticate": "Bearer"})


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
