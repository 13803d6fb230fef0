"""The wire: one prepared request in, one answer out. aiohttp, because it costs a tenth of the alternatives.

CPU per request on loopback: aiohttp 0.2 ms, niquests 1.2, requests in threads 2.3, httpx 3.2. Everything
above the `Transport` protocol is tested without a socket.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import aiohttp
import certifi
import requests
from requests import PreparedRequest
from requests.utils import get_environ_proxies, select_proxy
from yarl import URL

from homeroom._version import __version__
from homeroom.errors import ConfigError, Problem
from homeroom.values import Answer, SyncSettings

USER_AGENT = f"homeroom/{__version__}"
_CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
_CONNECT_S = 30.0
_SILENCE_S = 60.0  # dlt's request_timeout
_WHOLE_S = 300.0  # a server that drips a byte now and then never trips the one above
_LONGEST_HEADER = 65_536  # aiohttp's 8,190 is too short for the Link headers of real servers; requests allows this


class TransportError(Exception):
    """No answer. `reason` in a word or two; `detail` names host and cause, never a query; `transient`: try again."""

    def __init__(self, reason: str, detail: str, *, transient: bool = True) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.transient = transient


class Transport(Protocol):
    """Sends a request as it is: no redirect followed, nothing repeated."""

    def prepare(self, request: requests.Request) -> PreparedRequest:
        """The request in the form in which it is signed and sent. Raises what requests raises."""
        ...

    async def send(self, request: PreparedRequest) -> Answer:
        """The answer, whatever its status. Raises `TransportError`."""
        ...


@asynccontextmanager
async def aiohttp_transport(settings: SyncSettings) -> AsyncIterator[Transport]:
    """A transport over real sockets, for the event loop it is opened in; closed with its connections at the end."""
    connector = aiohttp.TCPConnector(limit=settings.concurrency, ssl=_tls_context(_certificates()))
    timeout = aiohttp.ClientTimeout(total=_WHOLE_S, sock_connect=_CONNECT_S, sock_read=_SILENCE_S)
    async with aiohttp.ClientSession(
        connector=connector,
        timeout=timeout,
        cookie_jar=aiohttp.DummyCookieJar(),
        # Its own `trust_env` asks for proxy and netrc in a thread for every request: 0.2 ms each time.
        trust_env=False,
        max_line_size=_LONGEST_HEADER,
        max_field_size=_LONGEST_HEADER,
        headers={"User-Agent": USER_AGENT},
        # Where the config says nothing of the body's kind, requests says nothing either.
        skip_auto_headers=("Content-Type",),
    ) as session:
        yield _AiohttpTransport(session)


class _AiohttpTransport:
    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session
        self._proxies: dict[str, str | None] = {}

    def prepare(self, request: requests.Request) -> PreparedRequest:
        return request.prepare()

    async def send(self, request: PreparedRequest) -> Answer:
        try:
            async with self._session.request(
                str(request.method),
                # requests has quoted the URL; quoted again, a signed one would break.
                URL(str(request.url), encoded=True),
                headers={str(key): str(value) for key, value in request.headers.items()},
                data=request.body,
                allow_redirects=False,
                proxy=self._proxy(str(request.url)),
            ) as response:
                body = await response.read()
                return Answer(response.status, str(request.url), tuple(response.headers.items()), body)
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            raise _translated(error, str(request.url)) from None

    def _proxy(self, url: str) -> str | None:
        """The proxy of HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY, as requests reads them; once for each host."""
        host = URL(url, encoded=True).authority
        if host not in self._proxies:
            self._proxies[host] = select_proxy(url, get_environ_proxies(url))
        return self._proxies[host]


def _translated(error: Exception, url: str) -> TransportError:
    """One table from aiohttp's errors to ours; the most special class first."""
    host = URL(url, encoded=True).authority
    number = getattr(error, "errno", None)
    cause = os.strerror(number) if number else type(error).__name__
    match error:
        case aiohttp.ClientConnectorDNSError():
            return TransportError("DNS", f"the name {URL(url, encoded=True).host} cannot be resolved")
        case aiohttp.ClientSSLError():
            return TransportError("TLS", _tls_words(host, _tls_cause(error)), transient=False)
        case aiohttp.InvalidURL():
            return TransportError("URL", f"{host}: not a valid URL", transient=False)
        case TimeoutError():
            limits = f"{_CONNECT_S:.0f} s, {_SILENCE_S:.0f} s of silence"
            return TransportError("timeout", f"{host} did not answer in time ({limits})")
        case aiohttp.ClientPayloadError():
            return TransportError("cut off", f"{host} ended the body early")
        case aiohttp.ClientConnectionError() | OSError():
            return TransportError("connection", f"{host}: {cause}")
        case ValueError():
            # aiohttp refuses line breaks in headers; a key read from a file often ends in one.
            cause = "a header cannot be sent (a line break in the key?)"
            return TransportError("request", f"{host}: {cause}", transient=False)
        case _:
            # Its text may quote a header's value.
            return TransportError("protocol", f"{host}: {type(error).__name__}", transient=False)


def _tls_words(host: str, cause: str) -> str:
    # OpenSSL's names for an answer that is no TLS at all, before and after 3.2.
    plain = any(word in cause.upper() for word in ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE"))
    return f"{host} does not speak TLS on this port ({cause}): is it http:// ?" if plain else f"{host}: {cause}"


def _tls_cause(error: Exception) -> str:
    inner = getattr(error, "certificate_error", None) or getattr(error, "os_error", None) or error
    return str(getattr(inner, "verify_message", "") or getattr(inner, "reason", "") or type(inner).__name__)


def _certificates() -> Path:
    """The certificates that requests would trust: its variables first, then OpenSSL's, then certifi's list."""
    return Path(next((path for name in _CA_VARIABLES if (path := os.environ.get(name))), certifi.where()))


@lru_cache(maxsize=8)
def _tls_context(certificates: Path) -> ssl.SSLContext:
    """Reading certifi's list takes 30 ms, which the start of the engine should pay once."""
    try:
        if certificates.is_dir():
            return ssl.create_default_context(capath=certificates)
        return ssl.create_default_context(cafile=certificates)
    except OSError as error:  # ssl.SSLError is one
        hint = "point it to a file of certificates in PEM form, or unset it"
        message = f"the certificates cannot be read: {error.strerror or type(error).__name__}"
        raise ConfigError([Problem(" / ".join(_CA_VARIABLES), message, repr(str(certificates)), hint=hint)]) from None
