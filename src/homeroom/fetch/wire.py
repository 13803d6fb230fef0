"""From a request to an answer that can be used: signed, repeated where it failed, redirected, refused.

The rules of politeness live here: one gate for each host, a pause of the whole host when one answer asks
for it, and no credential ever sent beyond the configured origins.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

import requests
from requests import PreparedRequest
from requests.auth import AuthBase

from homeroom import retry
from homeroom.actions import IgnoredAnswer, act_on, concerned
from homeroom.auth import Signer
from homeroom.dlt_seam.rest_api import IgnoreResponseException, body_of_response, make_response
from homeroom.dlt_seam.tokens import ask_once
from homeroom.errors import AuthError, DataError, HomeroomError, RequestError, TransientError
from homeroom.events import Hook, RequestSent, RetryScheduled, Waited, emit
from homeroom.facts import CutOffError
from homeroom.fetch.by_hand import hung
from homeroom.fetch.chain import Chain
from homeroom.fetch.protocol import SIGNED_ELSEWHERE, Transport, TransportError, Witness
from homeroom.fetch.redirects import HARMLESS, Bounds, Hop, first_hop, hold, next_hop
from homeroom.fetch.refusals import accepted, placed, server_words, where
from homeroom.fetch.under_way import UnderWay
from homeroom.fetch.visitors import Visitors
from homeroom.fetch.watch import Watch
from homeroom.limits import HostGate, Ticket
from homeroom.values import LONGEST_OBEYED_S, Answer, Request, RetrySettings, SyncSettings

T = TypeVar("T")

Accept = Callable[[Chain, Request, Answer, tuple[str, ...]], Answer]
"""Gives an answer on, or raises what its status means."""

_STALE_S = 5.0
"""A request that has waited so long since it was signed is signed anew: signatures may hold the time."""
_MOST_RENEWALS = 3
"""Tokens got for one request: it may be throttled for longer than one lives."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What time and chance are, for the wire: the real ones, or a test's."""

    clock: Callable[[], float]
    now: Callable[[], datetime]
    sleep: Callable[[float], Awaitable[None]]
    random: Callable[[], float]


@dataclass(slots=True)
class _Asked:
    """How far a request has come. Belongs to a single `read`."""

    chain: Chain
    request: Request
    policy: RetrySettings
    attempt: int = 0
    obeyed_s: float = 0.0
    """What Retry-After headers asked for, in all."""
    origin: str = ""
    """Where it was sent last."""
    held_s: float | None = None
    """The pause that the last answer has brought upon its host; None where it brought none."""
    renewed: bool = False
    """A new token was got for it, and has not been taken yet."""
    renewals: int = 0
    accept: Accept = accepted
    signing: bool = False
    """What goes wrong is a request for a token."""

    @property
    def where(self) -> str:
        return where(self.chain, self.request)

    @property
    def resource(self) -> str:
        return self.chain.resource


class Wire:
    """Reads answers through a transport. Used from one event loop.

    `watch` is shared by all wires of an engine, None for one of its own. `challenged` is the transport for auth
    that answers challenges (digest, NTLM), None where such auth is refused. `under_way` counts what was sent, None
    where nobody asks; `witness` is told of answers, None where nobody listens.
    """

    def __init__(
        self,
        transport: Transport,
        settings: SyncSettings,
        origins: frozenset[str],
        hooks: tuple[Hook, ...],
        around: Surroundings,
        watch: Watch | None = None,
        challenged: Transport | None = None,
        under_way: UnderWay | None = None,
        witness: Witness | None = None,
    ) -> None:
        self._witness = witness
        self._transport = transport
        self._challenged = challenged
        self._settings = settings
        self._bounds = Bounds(origins, settings.allowed_hosts, settings.limits.redirects)
        self._hooks = hooks
        self._around = around
        self._watch = watch or Watch(settings, around.clock)
        self._under_way = under_way or UnderWay()
        self._gates: dict[str, HostGate] = {}
        self._visitors: dict[str, Visitors] = {}
        self._signers: dict[int, Signer] = {}
        self._actions = asyncio.Lock()
        self._naps: dict[str, set[asyncio.Future[None]]] = {}

    async def read(
        self, chain: Chain, request: Request, understand: Callable[[Answer], T], accept: Accept = accepted
    ) -> tuple[Answer, T]:
        """The answer to `request` and what `understand` makes of it. `accept` is asked first.

        Raises `TransientError` when retries are used up, `AuthError` on 401 and 403, `RequestError` on
        any other refusal, `DataError` for an answer that is not what the config says, `StoppedError` where
        the run has ended meanwhile.
        """
        own = self._settings.resources.get(chain.resource)
        asked = _Asked(chain, request, (own and own.retry) or self._settings.retry, accept=accept)
        with hung(asked.chain, asked.request, lambda: not asked.signing):
            while True:
                asked.attempt += 1
                got = await self._attempt(asked, understand)
                if not isinstance(got, retry.Failure):
                    return got
                await self._before_next(asked, got)

    async def _attempt(self, asked: _Asked, understand: Callable[[Answer], T]) -> tuple[Answer, T] | retry.Failure:
        answer: Answer | None = None
        try:
            answer, hop = await self._exchange(asked)
            answer = await self._acted_on(asked, answer)
            if failure := retry.failure_of(answer, asked.policy, self._around.now()):
                return self._with_words(asked, failure, answer)
            page = answer, understand(asked.accept(asked.chain, asked.request, answer, hop.followed))
        except CutOffError:
            return retry.Failure("cut off")
        except TransportError as error:
            return _survivable(asked, error)
        except (HomeroomError, IgnoredAnswer) as error:
            self._watch.answered(asked.origin)
            if isinstance(error, AuthError | DataError):
                needed = self._settings.needs_of(asked.resource)
                raise placed(asked.chain, asked.request, answer, error, needed) from None
            raise
        self._watch.answered(asked.origin)
        return page

    def _with_words(self, asked: _Asked, failure: retry.Failure, answer: Answer) -> retry.Failure:
        """The failure, in the server's own words where it throttles by a status that could mean something else."""
        words = server_words(asked.chain, asked.request, answer) if failure.words else ""
        return replace(failure, words=words) if words else failure

    async def _before_next(self, asked: _Asked, failure: retry.Failure) -> None:
        """Wait until a failed request may be sent again; raises where it may not."""
        self._count(asked, failure)
        await self._may_send(asked, asked.origin)
        seconds = asked.held_s
        if seconds is None:
            seconds = retry.wait_s(asked.attempt, failure, asked.policy, self._around.random)
        if failure.retry_after_s:
            # The server says when: that is no failed attempt, but it has an end too.
            asked.attempt, asked.obeyed_s = asked.attempt - 1, asked.obeyed_s + seconds
        _give_up_if_spent(asked, failure)
        self._watch.check(asked.resource, asked.origin, seconds)
        told = RetryScheduled(asked.resource, max(asked.attempt, 1), seconds, failure.reason, failure.holds_host)
        emit(self._hooks, told)
        if not failure.holds_host:
            await self._nap(asked.origin, seconds)
        elif asked.held_s is None:
            self._gate(asked.origin).pause(seconds)
        # Else its gate lets nobody in before the pause is over.

    def _count(self, asked: _Asked, failure: retry.Failure) -> None:
        if failure.is_hosts_fault:
            if self._watch.failed(asked.origin):
                for nap in self._naps.get(asked.origin, ()):
                    nap.cancel()
        elif failure.status is not None and failure.status < 500:
            self._watch.answered(asked.origin)

    async def _nap(self, origin: str, seconds: float) -> None:
        """Sleep, without a slot, until the time is over or the host has been given up."""
        nap = asyncio.ensure_future(self._around.sleep(seconds))
        naps = self._naps.setdefault(origin, set())
        naps.add(nap)
        try:
            await asyncio.wait([nap])
        finally:
            naps.discard(nap)
            nap.cancel()

    async def _acted_on(self, asked: _Asked, answer: Answer) -> Answer:
        """The answer as the config's response actions leave it.

        They are the user's code and may block, so they run in a thread, one at a time. An answer that would be
        asked for again anyway is left alone unless an action names it.
        """
        actions = asked.chain.actions
        if not actions:
            return answer
        response = make_response(answer, answer.request)
        if retry.failure_of(answer, asked.policy, self._around.now()) and not concerned(actions, response):
            return answer
        async with self._actions:
            try:
                await asyncio.to_thread(act_on, actions, response)
            except IgnoreResponseException:
                raise IgnoredAnswer(f"an answer {answer.status} was ignored by a response action") from None
            except requests.RequestException as error:
                # That of `raise_for_status` quotes the URL, keys included.
                text = f"{asked.where}: a response action raised {type(error).__name__} on {answer.status}"
                told = f"{text}; look at endpoint.response_actions"
                raise RequestError(
                    told, resource=asked.resource, status=answer.status, code="own-code-failed"
                ) from None
        return replace(
            answer,
            status=response.status_code,
            headers=tuple(response.headers.items()),
            body=body_of_response(response),
        )

    async def _exchange(self, asked: _Asked) -> tuple[Answer, Hop]:
        """Send once, and follow redirects by hand: a library that follows them sends keys along to other hosts."""
        hop = first_hop(asked.chain, asked.request, self._bounds)
        while True:
            answer = await self._sent(asked, hop)
            following = next_hop(asked.chain, asked.request, hop, answer, self._bounds)
            if following is None:
                return answer, hop
            hop = following

    async def _sent(self, asked: _Asked, hop: Hop) -> Answer:
        """The answer to one hop; where it is 401 for a token that has run out, the answer with a new one."""
        answer = await self._sent_once(asked, hop)
        if answer.status == 401 and not hop.is_foreign and not asked.renewed and asked.renewals < _MOST_RENEWALS:
            with _placed(asked):
                asked.renewed = await self._signer(asked.chain).renew(answer.request)
            asked.renewals += 1
            answer = await self._sent_once(asked, hop) if asked.renewed else answer
        if answer.status != 401:
            asked.renewed = False  # the new token was taken: it may run out as well, while the request is throttled
        return answer

    async def _sent_once(self, asked: _Asked, hop: Hop) -> Answer:
        asked.origin, asked.held_s = hop.origin, None
        await self._may_send(asked, hop.origin)
        # Signed before it takes a slot: others need no token, and shall not wait for this one's.
        (transport, signed), at = await self._signed(asked, hop), self._around.clock()
        async with self._slot(asked, hop.origin) as ticket:
            await self._may_send(asked, hop.origin)
            if ticket.waited_s > 0:
                emit(self._hooks, Waited(asked.resource, ticket.waited_s))
            if self._around.clock() - at > _STALE_S:
                transport, signed = await self._signed(asked, hop)
            hold(asked.chain, asked.request, hop, signed)
            emit(self._hooks, RequestSent(asked.resource))
            sent_at = self._around.clock()
            with self._under_way.one():
                answer = await transport.send(signed)
            if self._witness is not None:
                self._witness(asked.resource, answer, self._around.clock() - sent_at)
            self._tell_gate(asked, ticket, answer)
        return answer if answer.request is not None else replace(answer, request=signed)

    async def _may_send(self, asked: _Asked, origin: str) -> None:
        """Raise `StoppedError` where nothing may be sent any more.

        After an interrupt not before all answers are in: an error ends its chain, and what that has under way.
        """
        if self._watch.is_interrupted:
            await self._under_way.none()
        self._watch.check(asked.resource, origin)

    def _slot(self, asked: _Asked, origin: str) -> AbstractAsyncContextManager[Ticket]:
        """A slot of the host, for which nobody waits beyond the deadline."""
        if (visitors := self._visitors.get(origin)) is None:
            visitors = self._visitors[origin] = Visitors(self._around.clock, self._hooks)
        visitors.come(asked.resource)
        slot = self._gate(origin).entered(visitors.hold)
        return slot if self._watch.remaining_s() is None else self._in_time(asked, slot)

    @asynccontextmanager
    async def _in_time(self, asked: _Asked, slot: AbstractAsyncContextManager[Ticket]) -> AsyncIterator[Ticket]:
        async with AsyncExitStack() as stack:
            try:
                async with asyncio.timeout(self._watch.remaining_s()):
                    ticket = await stack.enter_async_context(slot)
            except TimeoutError:
                raise self._watch.too_late(asked.resource) from None
            yield ticket

    def _tell_gate(self, asked: _Asked, ticket: Ticket, answer: Answer) -> None:
        """What an answer means for the host's other requests, at once: those that wait would be the next to be told."""
        failure = retry.failure_of(answer, asked.policy, self._around.now())
        gate, pause_s = self._gate(asked.origin), 0.0
        if failure is not None and failure.holds_host:
            seconds = retry.wait_s(asked.attempt, failure, asked.policy, self._around.random)
            asked.held_s = seconds
            # Nobody waits for a pause that is too long; each shall be told so itself.
            too_long = failure.retry_after_s and asked.obeyed_s + seconds > LONGEST_OBEYED_S
            pause_s = 0.0 if too_long else seconds
        throttled = failure is not None and failure.throttled
        gate.answered(ticket, answer, throttled=throttled, pause_s=pause_s if throttled else 0.0)
        if pause_s and not throttled:
            gate.pause(pause_s)

    async def _signed(self, asked: _Asked, hop: Hop) -> tuple[Transport, PreparedRequest]:
        """A hop as it goes out, and over what."""
        auth, signer = asked.chain.auth, self._signer(asked.chain)
        if hop.is_foreign:
            return self._transport, _bare(_prepare(self._transport, hop, SIGNED_ELSEWHERE), hop)
        if not signer.answers_challenges:
            prepared = _prepare(self._transport, hop, auth and SIGNED_ELSEWHERE)
            hold(asked.chain, asked.request, hop, prepared)
            with _placed(asked):
                signed = await signer.sign(prepared)
            if not signer.answers_challenges:
                return self._transport, signed
        if self._challenged is None:
            told = f"the auth {type(auth).__name__} answers challenges, for which there is no transport here"
            hint = "give the key in another way, such as bearer or http_basic"
            raise RequestError(f"{asked.where}: {told}; {hint}", resource=asked.resource, code="wrong-environment")
        return self._challenged, _prepare(self._challenged, hop, auth)

    def _gate(self, origin: str) -> HostGate:
        if origin not in self._gates:
            a, s = self._around, self._settings
            self._gates[origin] = HostGate(s.concurrency, clock=a.clock, sleep=a.sleep, now=a.now, rate=s.rate)
        return self._gates[origin]

    def _signer(self, chain: Chain) -> Signer:
        if id(chain.auth) not in self._signers:
            ask_once(chain.auth)
            self._signers[id(chain.auth)] = Signer(chain.auth)
        return self._signers[id(chain.auth)]


@contextmanager
def _placed(asked: _Asked) -> Iterator[None]:
    """Say of an error in asking for a token which request needed it."""
    asked.signing = True
    try:
        yield
        asked.signing = False
    except (AuthError, TransientError, RequestError) as error:
        raise type(error)(f"{asked.where}: {error}", resource=asked.resource, code=error.code) from None


def _survivable(asked: _Asked, error: TransportError) -> retry.Failure:
    if not error.transient:
        raise RequestError(f"{asked.where}: {error}", resource=asked.resource, code=error.code) from None
    return retry.Failure(f"{error.reason} ({error.detail})", cause=error.code)


def _give_up_if_spent(asked: _Asked, failure: retry.Failure) -> None:
    if asked.obeyed_s > LONGEST_OBEYED_S:
        raise TransientError(
            f"{asked.where}: the server asks to wait {failure.retry_after_s:.0f} s, "
            f"{asked.obeyed_s:.0f} s in all; no longer than {LONGEST_OBEYED_S:.0f} s is waited for: "
            "run again later",
            resource=asked.resource,
            code=failure.code,
        )
    if asked.attempt >= asked.policy.attempts:
        raise TransientError(
            f"{asked.where}: {failure.told}, {asked.attempt} times "
            f"(sync.retry.attempts: {asked.policy.attempts}); {failure.advice}",
            resource=asked.resource,
            code=failure.code,
        )


def _prepare(transport: Transport, hop: Hop, auth: AuthBase | None) -> PreparedRequest:
    """The request of a hop. Without an auth it may get one by the URL, by netrc, by the session of the transport."""
    headers = {str(key): str(value) for key, value in hop.headers.items() if value is not None}
    asking = requests.Request(
        hop.method, hop.url, headers=headers, params=hop.params, json=hop.json, data=hop.data, auth=auth
    )
    try:
        return transport.prepare(asking)
    except (requests.RequestException, UnicodeError) as error:
        # Its text quotes the URL or the header, keys included. A text with half a character cannot be sent.
        told = f"requests refuses it: {type(error).__name__}; check client.base_url, endpoint.path and the headers"
        raise TransportError("request", told, transient=False) from None


def _bare(prepared: PreparedRequest, hop: Hop) -> PreparedRequest:
    """The request without what a session has put on it: its headers, cookies and parameters may be a key."""
    prepared.url = requests.Request(hop.method, hop.url, params=hop.params).prepare().url
    for name in [name for name in prepared.headers if name.lower() not in HARMLESS]:
        del prepared.headers[name]
    return prepared
