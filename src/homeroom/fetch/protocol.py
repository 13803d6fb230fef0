"""What the rest of fetch knows of the wire: one prepared request in, one answer out, or a `TransportError`."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

import certifi
import requests
from requests import PreparedRequest
from requests.auth import AuthBase
from yarl import URL

from homeroom._version import __version__
from homeroom.errors import ConfigError, Problem
from homeroom.values import Answer, SyncSettings

if TYPE_CHECKING:
    from homeroom.codes import Code

USER_AGENT = f"homeroom/{__version__}"
_CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")


CODES: Mapping[str, Code] = MappingProxyType(
    {
        **dict.fromkeys(("DNS", "connection", "timeout", "proxy", "retries"), "host-unreachable"),
        **dict.fromkeys(("URL", "request"), "request-unsendable"),
        **dict.fromkeys(("protocol", "encoding"), "unreadable-answer"),
        "TLS": "tls-failed",
        "cut off": "answer-cut-off",
        "limit": "answer-too-large",
    }
)
"""The code of each reason of a `TransportError`."""


class TransportError(Exception):
    """No answer. `reason` in a word or two; `detail` names host and cause, never a query; `transient`: try again."""

    def __init__(self, reason: str, detail: str, *, transient: bool = True) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.transient = transient
        self.code: Code = CODES.get(reason, "host-unreachable")


class Transport(Protocol):
    """Sends a request as it is: no redirect followed, nothing repeated. Used from one event loop."""

    def prepare(self, request: requests.Request) -> PreparedRequest:
        """The request in the form in which it is signed and sent. Raises what requests raises."""
        ...

    async def send(self, request: PreparedRequest) -> Answer:
        """The answer, whatever its status. Raises `TransportError`."""
        ...


TransportFactory = Callable[[SyncSettings], AbstractAsyncContextManager[Transport]]
"""Opens a transport for the event loop it is called in; what it opened is closed at the end."""


Witness = Callable[[str, Answer, float], None]
"""Is told of each answer: the resource, and the seconds from the request to its last byte. In the fetch thread."""


class _SignedElsewhere(AuthBase):
    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        return request


SIGNED_ELSEWHERE: AuthBase = _SignedElsewhere()
"""An auth for `Transport.prepare` that adds nothing, and keeps netrc and a session's own auth from adding theirs."""


def host_of(url: URL) -> str:
    """Host and port as they may be shown: without the user and password that a URL may hold."""
    return url.host_port_subcomponent or ""


def certificates() -> Path:
    """The certificates that requests would trust: its variables first, then OpenSSL's, then certifi's list."""
    return Path(next((path for name in _CA_VARIABLES if (path := os.environ.get(name))), certifi.where()))


@lru_cache(maxsize=8)
def tls_context(trusted: Path) -> ssl.SSLContext:
    """Reading certifi's list takes 30 ms, which the start of the engine should pay once.

    Raises `ConfigError` where the certificates cannot be read.
    """
    try:
        if trusted.is_dir():
            return ssl.create_default_context(capath=trusted)
        return ssl.create_default_context(cafile=trusted)
    except OSError as error:  # ssl.SSLError is one
        hint = "point it to a file of certificates in PEM form, or unset it"
        message = f"the certificates cannot be read: {error.strerror or type(error).__name__}"
        raise ConfigError(
            [Problem(" / ".join(_CA_VARIABLES), message, repr(str(trusted)), hint=hint, code="wrong-environment")]
        ) from None
