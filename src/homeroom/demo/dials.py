"""The faults of the sample school: what may be set, and the one place where text becomes a setting."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from fnmatch import fnmatchcase
from re import fullmatch
from typing import Any

_TOTALS = ("body", "absent", "header", "wrong-low", "wrong-high", "text")
_RETRY_AFTER_FORMS = ("seconds", "date", "none")
_DRIFTS = ("insert", "delete", "both", "move")
_ORIGIN = r"https?://[^/?#\s@]+"


@dataclass(frozen=True, slots=True)
class Dials:
    """How badly the server behaves. Every n-th means: of the requests `only` matches, counted by the server.

    An n of a fault is 2 or more and a retry is counted too, so no request fails for ever except by `always`.
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
    length_every: int | None = None
    """The whole body under a Content-Length of more, then the connection is closed."""
    short_length_every: int | None = None
    """The first half of the body under a Content-Length of that half, so that only the JSON is broken."""
    html_every: int | None = None
    """A login page with status 200."""
    error_200_every: int | None = None
    """{"exception", "errorcode", "message"} with status 200, as Moodle answers."""
    empty_200_every: int | None = None
    """Nothing at all, with status 200."""
    empty_page_every: int | None = None
    """A list page without its rows; total, links and cursors are as they would have been."""
    drift: str | None = None
    """What changes at the front of the list that is asked for; see `homeroom.demo.drift`.

    "both" inserts a row and deletes the first one that was not inserted; "move" takes the last row to the front.
    """
    drift_every: int = 2
    """Before which requests it does; 1 is all of them."""
    cursor_expires_after: int | None = None
    """A cursor lives for this many requests of its entity, whatever became of them; then it is a 410."""
    cursor_repeats_at: int | None = None
    """From the n-th page of a walk on, the next cursor is the one that was sent."""
    link_to_itself_at: int | None = None
    """The next link of page n is the URL of page n."""
    link_origin: str | None = None
    """Where absolute next links point."""
    empty_for_rights: str = "off"
    """Every list is empty, with warnings in its envelope; a bare list is just empty."""
    ignore_filters: str = "off"
    """updated_since, updated_until, role, school_id and change versions do nothing, without a word."""
    since: str = "inclusive"
    """Whether updated_since has the moment itself: inclusive or exclusive; updated_until never has."""
    deleted: str = "gone"
    """What becomes of a row that `School.remove` removes: gone, or marked with status: tobedeleted in the list."""
    late_rows_s: float = 0.0
    """How long before the newest row a row that `drift` inserts says that it was changed, as if written down late."""
    expire_key_after: int | None = None
    """From the n-th request on the key is refused, until `School.renew_key` or `School.set_dials`."""

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
    does: str = ""

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

    def to(self, does: str) -> "_Rule":
        return replace(self, does=does)

    @property
    def help(self) -> str:
        return f"{self.does}: {self.allowed}"


def _at_least(least: int, *, optional: bool = True) -> _Rule:
    return _Rule(f"a whole number, {least} or more", int, lambda value: type(value) is int and value >= least, optional)


def _is_seconds(value: Any) -> bool:
    return isinstance(value, (int, float)) and math.isfinite(value) and value >= 0


def _is_status(value: Any) -> bool:
    return type(value) is int and (value == 200 or 400 <= value <= 599)


def _is_origin(value: Any) -> bool:
    return isinstance(value, str) and fullmatch(_ORIGIN, value) is not None


def _one_of(*words: str, optional: bool = False) -> _Rule:
    return _Rule(" | ".join(words), str, lambda value: value in words, optional)


_SECONDS = _Rule("seconds, 0 or more", float, _is_seconds)
_EVERY = _at_least(2)
_SWITCH = _one_of("on", "off")
_STATUS = _Rule("a status 400 to 599, or 200", int, _is_status, optional=True)
_PATTERN = _Rule("an fnmatch pattern such as /v1/people*", str, lambda value: bool(value), optional=True)
_ORIGIN_RULE = _Rule("an origin such as http://127.0.0.1:1", str, _is_origin, optional=True)

# Every dial but fail_every, whose text form carries the status in its name.
_RULES: Mapping[str, _Rule] = {
    "latency_s": _SECONDS.to("wait before each answer"),
    "jitter_s": _SECONDS.to("at most this much more"),
    "page_cap": _at_least(1).to("most rows in a page, whatever is asked for"),
    "total": _one_of(*_TOTALS).to("where offset pages say how many rows there are"),
    "throttle_every": _EVERY.to("429 for every n-th request"),
    "retry_after_s": _SECONDS.to("Retry-After of each 429"),
    "retry_after_form": _one_of(*_RETRY_AFTER_FORMS).to("how Retry-After is written"),
    "cut_every": _EVERY.to("half of the body, then a closed connection"),
    "reset_every": _EVERY.to("a closed connection instead of an answer"),
    "only": _PATTERN.to("the paths that all dials are for"),
    "always": _STATUS.to("the answer to every request"),
    "length_every": _EVERY.to("a Content-Length above the whole body, then a closed connection"),
    "short_length_every": _EVERY.to("half of the body, with the Content-Length of that half"),
    "html_every": _EVERY.to("an HTML login page with status 200"),
    "error_200_every": _EVERY.to("an error object in Moodle's form with status 200"),
    "empty_200_every": _EVERY.to("an empty body with status 200"),
    "empty_page_every": _EVERY.to("a list page without its rows, all else as it was"),
    "drift": _one_of(*_DRIFTS, optional=True).to("what changes at the front of the list being read"),
    "drift_every": _at_least(1, optional=False).to("before every n-th request the list drifts"),
    "cursor_expires_after": _at_least(0).to("410 for a cursor older than n requests of its entity"),
    "cursor_repeats_at": _at_least(2).to("from page n of a walk on, the next cursor is the one sent"),
    "link_to_itself_at": _at_least(1).to("the next link of page n is the URL of page n"),
    "link_origin": _ORIGIN_RULE.to("where absolute next links point"),
    "empty_for_rights": _SWITCH.to("every list is empty, with warnings"),
    "ignore_filters": _SWITCH.to("updated_since, updated_until, role, school_id and change versions do nothing"),
    "since": _one_of("inclusive", "exclusive").to("whether updated_since has the moment itself"),
    "deleted": _one_of("gone", "marked").to("whether a removed row stays in the list, with status tobedeleted"),
    "late_rows_s": _SECONDS.to("how much older than the newest row one that drift inserts says it is"),
    "expire_key_after": _at_least(1).to("from the n-th request on the key is refused"),
}

DIAL_HELP: Mapping[str, str] = {
    field.name: _RULES[field.name].help
    if field.name in _RULES
    else "a status for every n-th request: STATUS=N, N being 2 or more"
    for field in fields(Dials)
}
"""Each dial's name, in order, what it does and what it may be; for the help of a command line."""


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
