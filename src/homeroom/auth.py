"""Putting a credential on a request.

The contract is requests' `AuthBase`: an object called with a `PreparedRequest`. dlt's own kinds, and ours
(`auth_types`), are signed in the event loop; those that need a token get it in a thread, one call for all who wait.
Any other may block, so it is called in a thread, one call at a time.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import requests
from requests import PreparedRequest
from requests.auth import AuthBase

from homeroom.errors import AuthError, HomeroomError, RequestError, TransientError

if TYPE_CHECKING:
    from homeroom.codes import Code

_DLT = "dlt.sources.helpers.rest_client.auth"
_SIMPLE = ("BearerTokenAuth", "APIKeyAuth", "HttpBasicAuth", "OAuth2AuthBase")
_WITH_TOKEN = ("OAuth2ClientCredentials", "OAuthJWTAuth")
_EARLY_S = 30.0
"""A token is renewed so long before its end: clocks differ, and a request takes its time."""
_LONG_LIVED_S = 60.0
_PASSING = (408, 425, 429)
"""Refusals of a token endpoint that say nothing of the key."""


@runtime_checkable
class AtOnce(Protocol):
    """An auth that signs without blocking, with what it has."""

    def put_on(self, request: PreparedRequest) -> PreparedRequest:
        """The request, signed."""
        ...


@runtime_checkable
class WithToken(AtOnce, Protocol):
    """One that signs with a token, which it can be told to ask for. Its margin before the token's end is its own."""

    @property
    def access_token(self) -> str | None:
        """The token in hand; it stands in the requests that were signed with it."""
        ...

    def is_token_expired(self) -> bool:
        """Whether another one is needed for the next request."""
        ...

    def obtain_token(self) -> None:
        """Ask for one; this blocks. Raises a `HomeroomError` without a place in its text."""
        ...


class Signer:
    """Signs requests with one `AuthBase`; None signs nothing. Used from one event loop.

    `now` is the clock that tokens expire by: the machine's, as dlt reads it.
    """

    answers_challenges: bool
    """It has left a hook for the response (digest, NTLM, Kerberos), which needs a connection of `requests`."""

    def __init__(self, auth: AuthBase | None, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._auth: Any = auth
        self._now = now
        self._kind = _dlt_kind(auth)
        self._puts_on = isinstance(auth, AtOnce)
        self._has_token = isinstance(auth, WithToken) or any(_is_dlts(kind, _WITH_TOKEN) for kind in type(auth).__mro__)
        self._signs_as_dlt = self._has_token and _call_is_dlts(type(auth))
        self._lock = asyncio.Lock()
        self._calls = 0
        self._failure: HomeroomError | None = None
        self._early_s = 0.0
        self.answers_challenges = False

    async def sign(self, request: PreparedRequest) -> PreparedRequest:
        """The request with its credential; what a custom auth raises comes through.

        Raises `AuthError` where no token is given, `TransientError` or `RequestError` where it cannot be asked for,
        without a place in their text. Sets `answers_challenges`.
        """
        if self._auth is None:
            return request
        if self._kind == "APIKeyAuth":
            return _sign_with_key(self._auth, request)
        if self._kind in _SIMPLE:
            return _checked(self._auth(request))
        if self._puts_on:
            if self._has_token and self._needs_token():
                await self._obtain()
            return _checked(self._auth.put_on(request))
        if self._signs_as_dlt:
            if self._needs_token():
                await self._obtain()
            # As dlt does it; dlt would look at the clock once more, and might block the loop for a token.
            request.headers["Authorization"] = f"Bearer {self._token()}"
            return request
        hooks = len(request.hooks.get("response") or ())
        async with self._lock:
            signed = _checked(await asyncio.to_thread(_called, self._auth, request, self._has_token))
        self.answers_challenges |= len(signed.hooks.get("response") or ()) > hooks
        return signed

    async def renew(self, refused: PreparedRequest) -> bool:
        """Whether a request that was answered 401 is worth another try, with another token than it was signed with.

        Asks for a new token unless that has happened since. False for an auth without a token to ask for.
        """
        if not self._has_token:
            return False
        if self._is_current(refused):
            await self._obtain(self._token())
        return True

    def _token(self) -> Any:
        # The one kind calls it so, the other so.
        return getattr(self._auth, "access_token", None) or getattr(self._auth, "token", None)

    def _is_current(self, request: PreparedRequest) -> bool:
        token = self._token()
        return not token or any(str(token) in str(value) for value in (*request.headers.values(), request.url))

    def _needs_token(self) -> bool:
        if not self._token() or self._auth.is_token_expired():
            return True
        return self._early_s > 0.0 and self._lifetime_s() < self._early_s

    def _lifetime_s(self) -> float:
        expiry = getattr(self._auth, "token_expiry", None)
        return (expiry - self._now()).total_seconds() if isinstance(expiry, datetime) else 0.0

    async def _obtain(self, refused: Any = None) -> None:
        """Ask for a new token, another than `refused`; who comes meanwhile takes what comes of it, be it an error."""
        before = self._calls
        async with self._lock:
            if self._calls == before:
                await self._call()
            elif self._failure is not None:
                raise type(self._failure)(str(self._failure), code=self._failure.code)
            elif refused is not None and self._token() == refused:
                # It was handed out by the thread before we knew that its call had ended.
                await self._call()

    async def _call(self) -> None:
        self._failure = None
        try:
            await asyncio.to_thread(_obtain_token, self._auth)
            if self._token() in (None, "", "None"):  # dlt makes text of what is not there
                told = f"{_endpoint(self._auth)} gave no access_token; check {_url_key(self._auth)}"
                raise AuthError(told, code="token-refused")
        except HomeroomError as error:
            self._failure = error
            self._calls += 1
            self._forget_token()
            raise
        self._calls += 1
        self._early_s = _EARLY_S if self._lifetime_s() > _LONG_LIVED_S else 0.0

    def _forget_token(self) -> None:
        for name in ("access_token", "token"):
            if getattr(self._auth, name, None) == "None":
                setattr(self._auth, name, None)


_PLAIN_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]+)?(?=[/?#]|$)")
"""All that tells the origin of nearly every URL, so that the pages of a host share one answer."""

_MISREAD = re.compile(r"[\\\s\x00-\x1f\x7f]|^(?:[^@]*@)?[^\[@]*%[^@]*$")
"""What one reader of URLs takes for the end of a host, or for another letter of it (`%2f`)."""


def origin_of(url: str) -> str:
    """Scheme, host and port in one comparable form (`https://api.example.com:443`): where a key may go.

    A host with other letters is told as it is sent (`xn--…`). Raises ValueError for what is no URL, or one whose host
    is another to another reader of URLs; its text holds nothing of it.
    """
    plain = _PLAIN_ORIGIN.match(url)
    return _origin_of(plain[0] if plain else url)


@lru_cache(maxsize=256)
def _origin_of(url: str) -> str:
    try:
        parts = urlsplit(url)
        if _MISREAD.search(parts.netloc) or parts.netloc not in url:
            raise ValueError  # urllib3 ends a host at a backslash; urlsplit leaves out line breaks
        if not parts.netloc.isascii():
            parts = urlsplit(_as_sent(url))
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        raise ValueError("not a URL: its host or port cannot be read") from None
    return f"{parts.scheme}://{parts.hostname or ''}:{port}"


def _as_sent(url: str) -> str:
    prepared = PreparedRequest()
    prepared.prepare_url(url, None)
    return str(prepared.url)


def _dlt_kind(auth: AuthBase | None) -> str | None:
    """The class's name where it is exactly one of dlt's: a subclass may do anything."""
    kind = type(auth)
    return kind.__name__ if kind.__module__ == _DLT else None


def _is_dlts(kind: type, names: tuple[str, ...]) -> bool:
    return kind.__module__ == _DLT and kind.__name__ in names


def _call_is_dlts(kind: type) -> bool:
    """Whether requests are signed as dlt's own classes with a token do it, be the rest of the class what it may."""
    owner = next(each for each in kind.__mro__ if "__call__" in vars(each))
    return _is_dlts(owner, _WITH_TOKEN)


def _called(auth: Any, request: PreparedRequest, has_token: bool) -> Any:
    return _told(auth, lambda: auth(request)) if has_token else auth(request)


def _obtain_token(auth: Any) -> None:
    try:
        _told(auth, auth.obtain_token)
    except HomeroomError:
        raise
    except Exception as error:
        # Words of the answer or of the key may stand in its text.
        cause = type(error).__name__
        needs = (
            "; is PyJWT installed (pip install PyJWT cryptography)?" if cause == "MissingDependencyException" else ""
        )
        advice = needs or f"; check {_asked_with(auth)}"
        raise AuthError(f"no token came of {_endpoint(auth)} ({cause}){advice}", code="token-refused") from None


def _told(auth: Any, act: Callable[[], Any]) -> Any:
    """What `act` returns, which may ask for a token; what goes wrong on the way, in words without the answer's."""
    try:
        return act()
    except requests.HTTPError as error:
        status = error.response.status_code if error.response is not None else 0
        told = f"{_endpoint(auth)} answered {status}"
        if status >= 500 or status in _PASSING:
            code: Code = "rate-limited" if status == 429 else "server-failing"
            raise TransientError(f"{told}; run again later", code=code) from None
        raise AuthError(f"{told}; check {_asked_with(auth)}", code="token-refused") from None
    except requests.exceptions.SSLError:
        told = f"{_endpoint(auth)} shows no certificate to trust; check {_url_key(auth)}"
        raise RequestError(told, code="tls-failed") from None
    except (requests.exceptions.InvalidURL, requests.exceptions.MissingSchema, requests.exceptions.InvalidSchema):
        told = f"the token endpoint is no http URL; check {_url_key(auth)}"
        raise RequestError(told, code="request-unsendable") from None
    except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError) as error:
        told = f"{_endpoint(auth)} cannot be reached ({type(error).__name__})"
        raise TransientError(f"{told}; check {_url_key(auth)}, or run again later", code="host-unreachable") from None


def _url_key(auth: Any) -> str:
    return "access_token_url" if hasattr(auth, "access_token_url") else "auth_endpoint"


def _asked_with(auth: Any) -> str:
    return "client_id and client_secret" if hasattr(auth, "client_secret") else "client_id and private_key"


def _endpoint(auth: Any) -> str:
    try:
        host = urlsplit(str(getattr(auth, _url_key(auth), ""))).netloc.rpartition("@")[2]
    except ValueError:
        host = ""
    return f"the token endpoint {host}" if host else "the token endpoint"


def _sign_with_key(auth: Any, request: PreparedRequest) -> PreparedRequest:
    if auth.location == "cookie":  # dlt raises NotImplementedError here
        pair = f"{auth.name}={auth.api_key}"
        request.headers["Cookie"] = "; ".join(filter(None, [request.headers.get("Cookie"), pair]))
        return request
    if auth.location in ("query", "param"):
        # A next link that echoes the key would otherwise carry it twice.
        request.url = _without_param(str(request.url), auth.name)
    return _checked(auth(request))


def _without_param(url: str, name: str) -> str:
    parts = urlsplit(url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    if not any(key == name for key, _ in query):
        return url
    return urlunsplit(parts._replace(query=urlencode([(key, value) for key, value in query if key != name])))


def _checked(signed: Any) -> PreparedRequest:
    if not isinstance(signed, PreparedRequest):
        raise TypeError(f"an auth object returned {type(signed).__name__}, not the request that it was given")
    return signed
