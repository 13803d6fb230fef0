"""What all auth types with a token have in common: it is asked for when it is needed, once for all who wait."""

import math
import threading
import time
from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

from dlt.sources.helpers.rest_client.auth import AuthConfigBase
from requests import PreparedRequest

from homeroom.auth_types.endpoint import Call, Said, json_object, words_of
from homeroom.dlt_seam.auth_types import Refusal
from homeroom.errors import ConfigError, Problem

DEFAULT_LIFE_S = 3600.0
"""How long a token is taken to live that does not say, as in dlt. One that ends before is renewed after a 401."""
DEFAULT_MARGIN_S = 30


@dataclass(frozen=True, slots=True)
class Granted:
    """A token, or whatever a request is signed with; `until` in seconds since 1970, infinite where it is not known."""

    value: str
    until: float = math.inf
    at: float = 0.0

    def is_over(self, now: float, margin_s: float) -> bool:
        """Whether it has ended or ends within the margin, but never before half of its life is over."""
        return now >= self.until - min(margin_s, (self.until - self.at) / 2)


class Hand:
    """What an auth object holds for the time being. Used from several threads."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self.lock = threading.RLock()
        self.now = now
        self.granted: Granted | None = None

    def __deepcopy__(self, _: Any) -> Self:
        """A copy of a config starts without a token: dlt copies configs to check them."""
        return type(self)(self.now)


class TokenAuth(AuthConfigBase):
    """An auth with a token, by requests' contract: called with a request, from any thread; it may block.

    Who must not block asks `is_token_expired`, has `obtain_token` done elsewhere, and then `put_on` (`auth.Signer`).
    """

    @property
    def hand(self) -> Hand:
        """What it holds; made at first use, because dlt's copies of a config have its fields alone."""
        hand: Hand = vars(self).setdefault("_hand", Hand())
        return hand

    @property
    def access_token(self) -> str | None:
        """What requests are signed with; None where it has none yet."""
        granted = self.hand.granted
        return None if granted is None else granted.value

    def is_token_expired(self) -> bool:
        """Whether another one should be asked for before the next request."""
        granted = self.hand.granted
        return granted is None or granted.is_over(self.hand.now(), self.margin_s)

    def obtain_token(self) -> None:
        """Ask for a token, whatever is in hand. Raises a `HomeroomError` without a place in its text."""
        with self.hand.lock:
            self.hand.granted = self.grant()

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """As requests calls an auth, which may block."""
        with self.hand.lock:
            if self.is_token_expired():
                self.obtain_token()
        return self.put_on(request)

    def put_on(self, request: PreparedRequest) -> PreparedRequest:
        """The request signed with what is in hand; nothing is asked for."""
        request.headers["Authorization"] = f"{self.prefix} {self.access_token}".lstrip()
        return request

    @property
    def margin_s(self) -> float:
        """How long before its end a token is renewed."""
        return DEFAULT_MARGIN_S

    @property
    def prefix(self) -> str:
        """The word before the token."""
        return "Bearer"

    @abstractmethod
    def grant(self) -> Granted:
        """Ask for a token. Under the lock."""

    @abstractmethod
    def held_secrets(self) -> frozenset[str]:
        """All that a server may quote and no message may show, what was got at run time included."""

    @classmethod
    def refusals(cls, config: Mapping[str, Any]) -> Iterable[Refusal]:
        """What is wrong with the values of a config."""
        return ()

    def on_resolved(self) -> None:
        """Refuse what a check of the config would refuse: values may have come from elsewhere."""
        values = {key: getattr(self, key) for key in self.get_resolvable_fields()}
        refuse({key: value for key, value in values.items() if value is not None}, self.refusals)


def refuse(values: Mapping[str, Any], refusals: Callable[[Mapping[str, Any]], Iterable[Refusal]]) -> None:
    """Raise `ConfigError` for the first refusal, without the value."""
    for each in refusals(values):
        raise ConfigError([Problem(each.key or "", each.message, allowed=each.allowed, hint=each.hint)])


def granted_by(call: Call, said: Said, now: float) -> tuple[Granted, dict[str, Any]]:
    """The token of an answer of RFC 6749 section 5.1, and the answer. Raises `AuthError` where there is none."""
    answer = json_object(call, said)
    token = answer.get("access_token")
    if not isinstance(token, str) or not token:
        error, words = words_of(call, said.body)
        raise call.refused(f"gave no access_token{words}", error)
    return Granted(fit_for_a_header(call, token), now + _life_s(answer.get("expires_in")), now), answer


def fit_for_a_header(call: Call, token: str) -> str:
    """The token, where it can stand in a header. Raises `AuthError` where it would break it."""
    if not token.isascii() or not token.isprintable() or not token.strip():
        raise call.refused("gave a token that cannot stand in a header")
    return token


def _life_s(told: Any) -> float:
    try:
        life = float(told)
    except (TypeError, ValueError):
        return DEFAULT_LIFE_S
    return life if math.isfinite(life) and life >= 0 else DEFAULT_LIFE_S


def spaced(scopes: str | Iterable[str] | None) -> str | None:
    """Scopes as they are sent: in one text, parted by spaces."""
    return scopes if scopes is None or isinstance(scopes, str) else " ".join(scopes)


def url_refusals(config: Mapping[str, Any], key: str) -> Iterable[Refusal]:
    """One for what is no http URL."""
    url = config.get(key)
    if isinstance(url, str) and not _is_http(url):
        yield Refusal(key, "must be a URL that begins with https:// or http://", url)


def seconds_refusals(config: Mapping[str, Any], key: str, least: int) -> Iterable[Refusal]:
    """One for fewer seconds than that."""
    seconds = config.get(key)
    if isinstance(seconds, int) and seconds < least:
        yield Refusal(key, f"must be a number of seconds, {least} or more", seconds)


def _is_http(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)
