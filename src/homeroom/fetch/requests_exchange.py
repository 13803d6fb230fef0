"""One request over a requests session, in a thread: sent, read under the limits, its failure named."""

from __future__ import annotations

import http.client
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import requests
import urllib3
from requests import PreparedRequest, Response
from requests import exceptions as refused
from requests.utils import default_headers
from urllib3 import exceptions as beneath
from yarl import URL

from homeroom.fetch import failures
from homeroom.fetch.bounds import BodyGauge, check_unpacked, header_too_long, longest_line
from homeroom.fetch.protocol import TransportError, host_of
from homeroom.values import Answer, LimitSettings

Sign = Callable[[PreparedRequest], PreparedRequest]

_PART = 65_536
_TUNNEL = re.compile(r"Tunnel connection failed: (\d{3})")
_HARDEST_KB = 64
"""The longest header line that http.client reads, whatever the settings say."""


@dataclass(frozen=True, slots=True)
class Waits:
    """Seconds to wait for the connection and for the next bytes; `whose` is empty where they are `sync.limits`."""

    connect: float | None
    silence: float | None
    whose: str = ""

    @classmethod
    def of(cls, session: requests.Session, limits: LimitSettings) -> Waits:
        """The session's own where it has some, as dlt's has."""
        own = getattr(session, "timeout", None)
        if isinstance(own, (int, float)):
            own = (own, own)
        if isinstance(own, tuple) and len(own) == 2:
            return cls(own[0], own[1], "the time-out of client.session")
        return cls(limits.connect_s, limits.silence_s)

    def over(self, host: str, limit: str) -> TransportError:
        """The error for one of the two that is over."""
        seconds = self.connect if limit == "connect_s" else self.silence
        return failures.timed_out(host, limit, seconds or 0.0, self.whose)


class Exchange:
    """`run` in a thread of its own choosing, `abandon` from any other."""

    def __init__(
        self,
        session: requests.Session,
        request: PreparedRequest,
        auth: Sign | None,
        signing: threading.Lock,
        limits: LimitSettings,
        waits: Waits,
    ) -> None:
        self._session = session
        self._request = request
        self._auth = auth
        self._signing = signing
        self._limits = limits
        self._waits = waits
        self.host = host_of(URL(str(request.url), encoded=True))
        self._response: Response | None = None
        self._is_over = False

    def run(self) -> Answer:
        """The answer, whatever its status. Raises `TransportError`, and what hooks and auth of the user's raise."""
        try:
            response = self._sent(self._signed())
            self._read(response)
            return _answer_of(response, self._request)
        except (requests.RequestException, beneath.HTTPError, http.client.HTTPException, OSError) as error:
            raise _translated(error, self.host, self._waits, self._limits) from None
        finally:
            self._is_over = True

    def abandon(self) -> None:
        """Nobody waits any more: wake the thread where it reads. Nothing to do once `run` has returned.

        Before the headers have come there is no handle to the socket; the thread then ends with its time-out.
        """
        if self._is_over:
            return
        self._is_over = True
        if self._response is not None:
            with suppress(Exception):  # it may have ended by itself, or be no urllib3 response at all
                self._response.raw.shutdown()

    def _signed(self) -> PreparedRequest:
        request = self._request
        if self._auth is not None:
            with self._signing:  # one token request, not one for each thread
                request = self._auth(request)
        if any(mark in str(value) for value in request.headers.values() for mark in "\r\n"):
            raise failures.unsendable(self.host)
        return request

    def _sent(self, request: PreparedRequest) -> Response:
        """Through `Session.send`, with hooks of ours around the user's.

        The last one reads the body: `Session.send` itself reads that of a redirect, and would do so without limit.
        """
        hooks = [self._arrived, *request.hooks.get("response", ()), self._read]
        request.hooks = {**request.hooks, "response": hooks}
        settings = self._session.merge_environment_settings(str(request.url), {}, True, None, None)
        times = (self._waits.connect, self._waits.silence)
        try:
            return self._session.send(request, allow_redirects=False, timeout=times, **settings)
        except (requests.RequestException, ValueError) as error:
            return self._answer_in_spite_of(error)
        finally:
            # A copy of the request may keep the list for long, and with it the body.
            hooks[:] = hooks[1:-1]

    def _answer_in_spite_of(self, error: Exception) -> Response:
        """The answer that an error is about: a status that somebody raises for, a redirect that leads nowhere."""
        if isinstance(error, requests.HTTPError) and error.response is not None:
            return error.response
        arrived = self._response
        if arrived is not None and arrived.is_redirect and _is_read(arrived):
            return arrived
        if isinstance(error, UnicodeError) or str(error).startswith("Invalid header"):
            # http.client's words, which go on with the header's value
            raise failures.unsendable(self.host) from None
        raise error

    def _arrived(self, response: Response, *_: Any, **__: Any) -> None:
        self._response = response
        if longest_line(_headers_of(response)) > self._limits.header_kb * 1024:
            response.close()
            raise header_too_long(self.host, self._limits, _HARDEST_KB)

    def _read(self, response: Response, *_: Any, **__: Any) -> None:
        """Read the body into the response, unless a hook has."""
        if _is_read(response):
            return
        self._response = response
        try:
            response._content = b"".join(self._parts(response))
        except BaseException:
            response.close()
            raise
        if response._content:
            check_unpacked(self.host, response.headers.get("Content-Encoding"), _known_packings())

    def _parts(self, response: Response) -> Iterator[bytes]:
        if response.raw is None:
            return
        gauge = BodyGauge(self.host, self._limits)
        for part in response.iter_content(_PART):
            if self._is_over:
                raise failures.cut_off(self.host)  # nobody listens
            # Of a chunked body urllib3 counts nothing; then the size alone is watched.
            gauge.count(len(part), _told(response.raw))
            yield part
        if getattr(response.raw, "length_remaining", None):
            raise failures.cut_off(self.host)  # urllib3 1.26 says nothing


def _is_read(response: Response) -> bool:
    return bool(getattr(response, "_content_consumed", False))


def _known_packings() -> str:
    return f"{default_headers()['Accept-Encoding']}, x-gzip"


def _told(raw: Any) -> int | None:
    """Bytes over the wire so far, None where the body's object does not count them."""
    return raw.tell() if isinstance(raw, urllib3.HTTPResponse) else None


def _headers_of(response: Response) -> tuple[tuple[str, str], ...]:
    """Repeated ones one by one, as they came; a hook that has changed them is heard."""
    raw = getattr(response.raw, "headers", None)
    if isinstance(raw, urllib3.HTTPHeaderDict) and response.headers == requests.structures.CaseInsensitiveDict(raw):
        return tuple(raw.iteritems())
    return tuple((str(name), str(value)) for name, value in response.headers.items())


def _answer_of(response: Response, request: PreparedRequest) -> Answer:
    sent = response.request if isinstance(response.request, PreparedRequest) else request
    url = str(response.url or request.url)
    return Answer(response.status_code, url, _headers_of(response), response.content or b"", sent)


def _causes(error: BaseException) -> list[BaseException]:
    """All that an error of requests wraps, in whatever way, the error itself first."""
    found: list[BaseException] = []
    waiting: list[Any] = [error]
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, BaseException) and not any(one is other for other in found):
            found.append(one)
            waiting += [*one.args, getattr(one, "reason", None), one.__cause__, one.__context__]
    return found


Kinds = type[BaseException] | tuple[type[BaseException], ...]
_BODY: Kinds = (
    refused.ChunkedEncodingError,
    refused.ContentDecodingError,
    beneath.IncompleteRead,
    beneath.DecodeError,
    beneath.InvalidChunkLength,
)
_URL: Kinds = (refused.InvalidURL, refused.InvalidSchema, refused.MissingSchema, beneath.LocationValueError)


def _translated(error: Exception, host: str, waits: Waits, limits: LimitSettings) -> TransportError:
    """One table from what requests and urllib3 raise to ours; the first kind among the causes decides."""
    table: tuple[tuple[Kinds, Callable[[BaseException], TransportError]], ...] = (
        (http.client.LineTooLong, lambda _: header_too_long(host, limits, _HARDEST_KB)),
        (refused.RetryError, lambda _: _tired(host)),
        (beneath.ProxyError, lambda cause: _proxy_failed(host, cause)),
        (
            (beneath.NameResolutionError, socket.gaierror),
            lambda _: failures.unresolved(host.rpartition(":")[0] or host),
        ),
        (ssl.SSLError, lambda cause: failures.insecure(host, cause)),
        (refused.SSLError, lambda cause: failures.insecure(host, cause)),
        ((beneath.ReadTimeoutError, refused.ReadTimeout), lambda cause: waits.over(host, _waited_for(cause))),
        ((beneath.ConnectTimeoutError, refused.ConnectTimeout), lambda cause: _unconnected(host, cause, waits)),
        (_BODY, lambda _: failures.cut_off(host)),
        (_URL, lambda _: failures.no_url(host)),
        ((refused.InvalidHeader, beneath.InvalidHeader, UnicodeError), lambda _: failures.unsendable(host)),
        (http.client.RemoteDisconnected, lambda cause: failures.disconnected(host, cause)),
        (http.client.HTTPException, lambda cause: failures.no_http(host, cause)),
        (TimeoutError, lambda _: waits.over(host, "silence_s")),
    )
    causes = _causes(error)
    for kinds, tell in table:
        for cause in causes:
            if isinstance(cause, kinds):
                return tell(cause)
    return failures.disconnected(host, next((cause for cause in causes if getattr(cause, "errno", None)), causes[-1]))


def _tired(host: str) -> TransportError:
    return TransportError("retries", f"{host}: the retries of client.session are used up")


def _proxy_failed(host: str, error: BaseException) -> TransportError:
    causes = _causes(error)
    for cause in causes:
        if status := _TUNNEL.search(str(cause)):  # http.client's word for an answer to CONNECT
            return failures.proxy_failed(host, f"it answered {status.group(1)}", transient=False)
    numbered = next((cause for cause in causes if getattr(cause, "errno", None)), error)
    return failures.proxy_failed(host, failures.cause_of(numbered))


def _waited_for(error: BaseException) -> str:
    """urllib3 tells of a TLS handshake that hangs as of a read."""
    return "connect_s" if any("handshake" in str(cause) for cause in _causes(error)) else "silence_s"


def _unconnected(host: str, error: BaseException, waits: Waits) -> TransportError:
    """In urllib3 1.26 and 2 a refused connection is a kind of time-out."""
    numbered = next((cause for cause in _causes(error) if getattr(cause, "errno", None)), None)
    return waits.over(host, "connect_s") if numbered is None else failures.disconnected(host, numbered)
