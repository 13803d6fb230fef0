"""Putting a credential on a request.

The contract is requests' `AuthBase`: an object called with a `PreparedRequest`. dlt's own three simple
kinds are called in the event loop; any other may block (a token request), so it is called in a thread,
one call at a time.
"""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from requests import PreparedRequest
from requests.auth import AuthBase

from homeroom.errors import RequestError

_SIMPLE = ("BearerTokenAuth", "APIKeyAuth", "HttpBasicAuth")


class Signer:
    """Signs requests with one `AuthBase`; None signs nothing. Used from one event loop."""

    def __init__(self, auth: AuthBase | None) -> None:
        self._auth: Any = auth
        self._kind = _dlt_kind(auth)
        self._lock = asyncio.Lock()

    async def sign(self, request: PreparedRequest) -> PreparedRequest:
        """The request with its credential; what a custom auth raises comes through."""
        if self._auth is None:
            return request
        if self._kind == "APIKeyAuth":
            return _sign_with_key(self._auth, request)
        if self._kind in _SIMPLE:
            return _checked(self._auth(request))
        async with self._lock:
            signed = _checked(await asyncio.to_thread(self._auth, request))
        if signed.hooks.get("response"):
            # Digest, NTLM, Kerberos answer a challenge over requests' own connection.
            raise RequestError(
                f"the auth {type(self._auth).__name__} answers challenges; such auth cannot be honoured by this version"
            )
        return signed


def origin_of(url: str) -> str:
    """Scheme, host and port in one comparable form (`https://api.example.com:443`): where a key may go.

    Raises ValueError for what is no URL; its text holds nothing of it.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        raise ValueError("not a URL: its host or port cannot be read") from None
    return f"{parts.scheme}://{parts.hostname or ''}:{port}"


def _dlt_kind(auth: AuthBase | None) -> str | None:
    """The class's name where it is exactly one of dlt's: a subclass may do anything."""
    kind = type(auth)
    return kind.__name__ if kind.__module__ == "dlt.sources.helpers.rest_client.auth" else None


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
