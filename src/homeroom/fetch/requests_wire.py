"""The other wire: requests in threads, ten times the CPU, and every bit of a user's own session counts.

Its adapters, proxies, cookies, hooks and auth do what they do elsewhere, and libraries that stand in for
requests in tests (responses, requests-mock) are met on the way. Auth that answers a challenge (Digest, NTLM,
Kerberos) needs it: it sends again over `Response.connection`.
"""

from __future__ import annotations

import asyncio
import copy
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http.cookiejar import DefaultCookiePolicy
from weakref import WeakKeyDictionary

import requests
from requests import PreparedRequest
from requests.adapters import HTTPAdapter
from requests.utils import default_headers

from homeroom.fetch import failures
from homeroom.fetch.bounds import readable_packings
from homeroom.fetch.crew import Crew
from homeroom.fetch.protocol import SIGNED_ELSEWHERE, USER_AGENT, Transport, certificates, tls_context
from homeroom.fetch.quiet_logs import without_paths
from homeroom.fetch.requests_exchange import Exchange, Sign, Waits
from homeroom.values import Answer, SyncSettings

_POOLS = 32
"""Hosts whose connections are kept."""


@asynccontextmanager
async def requests_transport(
    settings: SyncSettings, session: requests.Session | None = None
) -> AsyncIterator[Transport]:
    """A transport over a user's session, which stays open, or over one of our own for None.

    Costs nothing before the first request. At the end nobody waits for a thread that still reads: it is woken
    where its answer has begun, and ends with the first time-out where it has not.
    """
    transport = _RequestsTransport(settings, session)
    with without_paths():
        try:
            yield transport
        finally:
            transport.close()


class _RequestsTransport:
    def __init__(self, settings: SyncSettings, session: requests.Session | None) -> None:
        self._settings = settings
        self._given = session
        self._own: requests.Session | None = None
        self._crew = Crew("homeroom-send")
        self._room = asyncio.Semaphore(settings.concurrency)
        self._signing = threading.Lock()
        self._auths: WeakKeyDictionary[PreparedRequest, Sign] = WeakKeyDictionary()

    def prepare(self, request: requests.Request) -> PreparedRequest:
        """As the session prepares it, netrc included; an auth object is called later, by the thread that sends.

        It may block, and Digest keeps what it knows by thread.
        """
        auth = request.auth if request.auth is not None else self._session.auth
        if callable(auth):
            request = copy.copy(request)
            request.auth = SIGNED_ELSEWHERE
        prepared = self._session.prepare_request(request)
        if callable(auth):
            self._auths[prepared] = auth
        known = default_headers()["Accept-Encoding"]
        prepared.headers["Accept-Encoding"] = readable_packings(prepared.headers.get("Accept-Encoding", ""), known)
        return prepared

    async def send(self, request: PreparedRequest) -> Answer:
        """The answer, whatever its status; a session's own retries and their waits share `sync.limits.answer_s`."""
        limits = self._settings.limits
        waits = Waits.of(self._session, limits)
        exchange = Exchange(self._session, request, self._auths.get(request), self._signing, limits, waits)
        async with self._room:
            clock = asyncio.timeout(limits.answer_s)
            try:
                async with clock:
                    return await asyncio.get_running_loop().run_in_executor(self._crew, exchange.run)
            except TimeoutError:
                if not clock.expired():
                    raise  # a hook's own
                raise failures.timed_out(exchange.host, "answer_s", limits.answer_s) from None
            finally:
                exchange.abandon()

    def close(self) -> None:
        self._crew.shutdown()
        if self._own is not None:
            self._own.close()

    @property
    def _session(self) -> requests.Session:
        if self._given is not None:
            return self._given
        if self._own is None:
            self._own = _own_session(self._settings.concurrency)
        return self._own


def _own_session(concurrency: int) -> requests.Session:
    """A session that does what the other wire does: no cookies kept, nothing repeated, the same certificates."""
    trusted = certificates()
    tls_context(trusted)  # says what is wrong with them, if anything
    session = requests.Session()
    session.headers["User-Agent"] = USER_AGENT
    session.verify = str(trusted)
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(pool_connections=_POOLS, pool_maxsize=concurrency, max_retries=0))
    return session
