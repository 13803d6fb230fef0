"""The faults of the sample school: what may be set, and the one place where text becomes a setting."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from fnmatch import fnmatchcase
from re import fullmatch
from typing import Any

_TOTALS = ("body", "absent", "header", "wrong-low", "wrong-high", "text")
_RETRY_AFTER_FORMS = ("seconds", "date", "none")


@dataclass(frozen=True, slots=True)
class Dials:
    """How badly the server behaves. Every n-th means: of the requests `only` matches, counted by the server.

    An n is 2 or more and a retry is counted too, so no request fails for ever except by `always`.
    Statuses are 400 to 599, or 200 for an error body that looks like success.
    """

    latency_s: float = 0.0
    jitter_s: float = 0.0
    """At most this much more, different from request to request, the same from run to run."""
    page_cap: int | None = None
    """Most rows in one page whatever is asked for, without a word; /all has no pages."""
    total: str = "body"
    """Where offset pages say how many rows there are; see `_TOTALS`."""
    throttle_every: int | None = None
    retry_after_s: float = 1.0
    """Sent with every 429; whole when it is whole."""
    retry_after_form: str = "seconds"
    fail_every: tuple[tuple[int, int], ...] = ()
    """Pairs of a status and its n; where several fit, the first one answers."""
    cut_every: int | None = None
    """Half of the body, under a Content-Length of the whole."""
    reset_every: int | None = None
    """The connection is closed without an answer."""
    only: str | None = None
    """fnmatch pattern of the paths that all of this is for; None: every path."""
    always: int | None = None

    def __post_init__(self) -> None:
        """ValueError names the dial, the value and what is allowed."""
        for name, rule in _RULES.items():
            rule.check(name, getattr(self, name))
        for status, every in self.fail_every:
            _STATUS.check("fail_every", status)
            _EVERY.check(f"fail_{status}_every", every)

    def apply_to(self, path: str) -> bool:
        """Whether this path is to suffer."""
        return self.only is None or fnmatchcase(path, self.only)


@dataclass(frozen=True, slots=True)
class _Rule:
    allowed: str
    parse: Callable[[str], Any]
    fits: Callable[[Any], bool]
    optional: bool = False

    def check(self, name: str, value: object) -> None:
        if not (self.optional and value is None) and not self.fits(value):
            raise self.refusal(name, value)

    def read(self, name: str, text: str) -> Any:
        if self.optional and text == "none":
            return None
        try:
            value = self.parse(text)
        except ValueError:
            raise self.refusal(name, text) from None
        self.check(name, value)
        return value

    def refusal(self, name: str, value: object) -> ValueError:
        end = ", or none" if self.optional else ""
        return ValueError(f"dial {name}: {value!r} is not allowed; allowed: {self.allowed}{end}")


def _at_least(least: int) -> Callable[[Any], bool]:
    return lambda value: type(value) is int and value >= least


def _is_seconds(value: Any) -> bool:
    return isinstance(value, (int, float)) and math.isfinite(value) and value >= 0


def _is_status(value: Any) -> bool:
    return type(value) is int and (value == 200 or 400 <= value <= 599)


def _one_of(*words: str) -> _Rule:
    return _Rule(" | ".join(words), str, lambda value: value in words)


_SECONDS = _Rule("seconds, 0 or more", float, _is_seconds)
_EVERY = _Rule("a whole number, 2 or more", int, _at_least(2), optional=True)
_STATUS = _Rule("a status 400 to 599, or 200", int, _is_status, optional=True)

# Every dial but fail_every, whose text form carries the status in its name.
_RULES: Mapping[str, _Rule] = {
    "latency_s": _SECONDS,
    "jitter_s": _SECONDS,
    "page_cap": _Rule("a whole number, 1 or more", int, _at_least(1), optional=True),
    "total": _one_of(*_TOTALS),
    "throttle_every": _EVERY,
    "retry_after_s": _SECONDS,
    "retry_after_form": _one_of(*_RETRY_AFTER_FORMS),
    "cut_every": _EVERY,
    "reset_every": _EVERY,
    "only": _Rule("an fnmatch pattern such as /v1/people*", str, lambda value: bool(value), optional=True),
    "always": _STATUS,
}

DIAL_HELP: Mapping[str, str] = {
    field.name: _RULES[field.name].allowed if field.name in _RULES else "STATUS=N, N being 2 or more"
    for field in fields(Dials)
}
"""Each dial's name, in order, and what it may be; for the help of a command line."""


def set_dial(dials: Dials, name: str, text: str) -> Dials:
    """The dials with one of them read from text; "none" empties an optional one.

    `fail_every` is written as fail_<status>_every. ValueError names dial, value and what is allowed.
    """
    status = fullmatch(r"fail_(\d{1,4})_every", name)
    if status:
        return _set_failure(dials, int(status[1]), _EVERY.read(name, text))
    if name not in _RULES:
        allowed = ", ".join(DIAL_HELP).replace("fail_every", "fail_<status>_every")
        raise ValueError(f"dial {name!r} is unknown; allowed: {allowed}")
    return replace(dials, **{name: _RULES[name].read(name, text)})


def _set_failure(dials: Dials, status: int, every: int | None) -> Dials:
    others = tuple(pair for pair in dials.fail_every if pair[0] != status)
    return replace(dials, fail_every=others if every is None else (*others, (status, every)))


def parse_dials(text: str, base: Dials | None = None) -> Dials:
    """Dials such as `latency_s=0.05,total=absent,fail_503_every=7` on top of `base` (None: all at rest)."""
    dials = base or Dials()
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        name, equals, value = part.partition("=")
        if not equals:
            raise ValueError(f"dials: {part!r} is not allowed; allowed: name=value, between commas")
        dials = set_dial(dials, name.strip(), value.strip())
    return dials
