"""From a request to an answer that can be used: signed, repeated where it failed, redirected, refused.

The rules of politeness live here: one gate for each host, a pause of the whole host when one answer asks
for it, and no credential ever sent beyond the configured origins.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urljoin, urlsplit

import msgspec
import requests
from requests import PreparedRequest

from homeroom import retry
from homeroom.actions import IgnoredAnswer, act_on, concerned
from homeroom.auth import Signer, origin_of
from homeroom.dlt_seam.rest_api import IgnoreResponseException, body_of_response, make_response
from homeroom.errors import AuthError, DataError, RequestError, TransientError
from homeroom.events import Hook, RequestSent, RetryScheduled, emit
from homeroom.facts import CutOffError
from homeroom.fetch.chain import Chain, safe_place
from homeroom.fetch.transport import Transport, TransportError
from homeroom.limits import HostGate
from homeroom.secrets import is_secret_key, mask_text
from homeroom.values import Answer, Request, SyncSettings

T = TypeVar("T")

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 10
_SCOPE = re.compile(r'scope="[^"]*"')
_WORDS = ("error_description", "message", "detail", "error", "errorcode", "title", "code", "imsx_description")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What time and chance are, for the wire: the real ones, or a test's."""

    clock: Callable[[], float]
    now: Callable[[], datetime]
    sleep: Callable[[float], Awaitable[None]]
    random: Callable[[], float]


class Wire:
    """Reads answers through a transport. Used from one event loop."""

    def __init__(
        self,
        transport: Transport,
        settings: SyncSettings,
        origins: frozenset[str],
        hooks: tuple[Hook, ...],
        around: Surroundings,
    ) -> None:
        self._transport = transport
        self._settings = settings
        self._origins = origins
        self._hooks = hooks
        self._around = around
        self._gates: dict[str, HostGate] = {}
        self._signers: dict[int, Signer] = {}
        self._actions = asyncio.Lock()

    async def read(self, chain: Chain, request: Request, understand: Callable[[Answer], T]) -> tuple[Answer, T]:
        """The answer to `request` and what `understand` makes of it.

        Raises `TransientError` when retries are used up, `AuthError` on 401 and 403, `RequestError` on
        any other refusal, `DataError` for an answer that is not what the config says.
        """
        attempt, obeyed_s = 0, 0.0
        while True:
            attempt += 1
            try:
                answer = await self._acted_on(chain, request, await self._exchange(chain, request))
                failure = retry.failure_of(answer, self._settings.retry, self._around.now())
                if failure is None:
                    return answer, understand(_accepted(chain, request, answer))
            except CutOffError:
                failure = retry.Failure("cut off")
            except TransportError as error:
                failure = self._survivable(error, chain, request)
            except DataError as error:
                raise DataError(f"{_where(chain, request)}: {error}", resource=chain.resource) from None
            seconds = retry.wait_s(attempt, failure, self._settings.retry, self._around.random)
            if failure.retry_after_s:
                # The server says when: that is no failed attempt, but it has an end too.
                attempt, obeyed_s = attempt - 1, obeyed_s + seconds
            self._give_up_if_spent(chain, request, failure, attempt, obeyed_s)
            await self._wait(chain, request, failure, max(attempt, 1), seconds)

    def _give_up_if_spent(
        self, chain: Chain, request: Request, failure: retry.Failure, attempt: int, obeyed_s: float
    ) -> None:
        if obeyed_s > retry.LONGEST_OBEYED_S:
            raise TransientError(
                f"{_where(chain, request)}: the server asks to wait {failure.retry_after_s:.0f} s, "
                f"{obeyed_s:.0f} s in all; no longer than {retry.LONGEST_OBEYED_S:.0f} s is waited for: "
                "run again later",
                resource=chain.resource,
            )
        if attempt >= self._settings.retry.attempts:
            raise TransientError(
                f"{_where(chain, request)}: {failure.told}, {attempt} times "
                f"(sync.retry.attempts: {self._settings.retry.attempts}); {failure.advice}",
                resource=chain.resource,
            )

    async def _wait(self, chain: Chain, request: Request, failure: retry.Failure, attempt: int, seconds: float) -> None:
        emit(self._hooks, RetryScheduled(chain.resource, attempt, seconds, failure.reason, failure.throttled))
        if failure.throttled:
            self._gate(request.url).pause(seconds)
        await self._around.sleep(seconds)

    def _survivable(self, error: TransportError, chain: Chain, request: Request) -> retry.Failure:
        if not error.transient:
            raise RequestError(f"{_where(chain, request)}: {error}", resource=chain.resource) from None
        return retry.Failure(f"{error.reason} ({error.detail})")

    async def _acted_on(self, chain: Chain, request: Request, answer: Answer) -> Answer:
        """The answer as the config's response actions leave it.

        They are the user's code and may block, so they run in a thread, one at a time. An answer that would be
        asked for again anyway is left alone unless an action names it.
        """
        if not chain.actions:
            return answer
        response = make_response(answer, answer.request)
        if answer.status in self._settings.retry.statuses and not concerned(chain.actions, response):
            return answer
        async with self._actions:
            try:
                await asyncio.to_thread(act_on, chain.actions, response)
            except IgnoreResponseException:
                raise IgnoredAnswer(f"an answer {answer.status} was ignored by a response action") from None
            except requests.RequestException as error:
                # That of `raise_for_status` quotes the URL, keys included.
                text = f"{_where(chain, request)}: a response action raised {type(error).__name__} on {answer.status}"
                raise RequestError(text, resource=chain.resource, status=answer.status) from None
        return replace(
            answer,
            status=response.status_code,
            headers=tuple(response.headers.items()),
            body=body_of_response(response),
        )

    async def _exchange(self, chain: Chain, request: Request) -> Answer:
        """Send once, and follow redirects by hand: a library that follows them sends keys along to other hosts."""
        method, url, body = request.method, request.url, (request.params, request.json, request.data)
        for _ in range(_MOST_REDIRECTS):
            self._hold_origin(chain, request, url)
            prepared = _prepare(self._transport, method, url, request.headers, *body)
            signed = await self._signer(chain).sign(prepared)
            async with self._gate(url).entered():
                emit(self._hooks, RequestSent(chain.resource))
                answer = replace(await self._transport.send(signed), request=signed)
            location = answer.header("Location")
            if answer.status not in _REDIRECTS or not location:
                return answer
            url, body = _redirected(chain, request, url, location), (None, *body[1:])
            if answer.status == 303 or (answer.status in (301, 302) and method == "POST"):
                method, body = "GET", (None, None, None)
        raise RequestError(f"{_where(chain, request)}: more than {_MOST_REDIRECTS} redirects", resource=chain.resource)

    def _hold_origin(self, chain: Chain, request: Request, url: str) -> None:
        try:
            origin = origin_of(url)
        except ValueError as error:
            raise RequestError(f"{_where(chain, request)}: leads to what is {error}", resource=chain.resource) from None
        if origin not in self._origins:
            raise RequestError(
                f"{_where(chain, request)}: leads to {origin}, but the key may only go to "
                f"{', '.join(sorted(self._origins))}; if that is the same service, set client.base_url to it",
                resource=chain.resource,
            )

    def _gate(self, url: str) -> HostGate:
        around = self._around
        origin = origin_of(url)
        if origin not in self._gates:
            self._gates[origin] = HostGate(self._settings.concurrency, clock=around.clock, sleep=around.sleep)
        return self._gates[origin]

    def _signer(self, chain: Chain) -> Signer:
        if id(chain.auth) not in self._signers:
            self._signers[id(chain.auth)] = Signer(chain.auth)
        return self._signers[id(chain.auth)]


def _prepare(
    transport: Transport, method: str, url: str, headers: Any, params: Any, json: Any, data: Any
) -> PreparedRequest:
    clean = {str(key): str(value) for key, value in headers.items() if value is not None}
    try:
        return transport.prepare(requests.Request(method, url, headers=clean, params=params, json=json, data=data))
    except requests.RequestException as error:
        # Its text quotes the URL or the header, keys included.
        raise TransportError("request", f"requests refuses it: {type(error).__name__}", transient=False) from None


def _redirected(chain: Chain, request: Request, url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        where = _where(chain, request)
        raise RequestError(f"{where}: redirected to what is not a URL", resource=chain.resource) from None


def _where(chain: Chain, request: Request) -> str:
    return f"resource {chain.resource}, {safe_place(request)}"


def _accepted(chain: Chain, request: Request, answer: Answer) -> Answer:
    """The answer where its status is one to read; the error that it means otherwise."""
    if answer.status < 300:
        return answer
    words = mask_text(_server_words(answer), _credentials(chain, request))
    text = f"{_where(chain, request)}: the server answered {answer.status}{words}"
    if answer.status in (401, 403):
        wrong = "the key is missing or wrong: check client.auth"
        narrow = "the key may not read this: check its scopes, and client.auth"
        raise AuthError(f"{text}; {wrong if answer.status == 401 else narrow}", resource=chain.resource)
    hint = "; check endpoint.path and client.base_url" if answer.status == 404 else ""
    raise RequestError(text + hint, resource=chain.resource, status=answer.status)


def _server_words(answer: Answer) -> str:
    """What the server says of its refusal, where it says it in the usual fields; a short text or nothing."""
    try:
        body = msgspec.json.decode(answer.body, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError):
        body = {}
    errors = body.get("errors")  # Canvas, Ed-Fi: a list of texts or of objects with a message
    first = errors[0] if isinstance(errors, list) and errors else None
    told = [body.get(key) for key in _WORDS] + [first.get("message") if isinstance(first, dict) else first]
    scope = _SCOPE.search(answer.header("WWW-Authenticate") or "")  # RFC 6750 section 3
    words = next((text for text in told if isinstance(text, str) and text), scope.group(0) if scope else None)
    return f" ({words[:200]!r})" if words else ""


def _credentials(chain: Chain, request: Request) -> set[str]:
    """What a server may quote when it refuses a key: the secrets of the auth object, the headers and the query."""
    held = vars(chain.auth) if hasattr(chain.auth, "__dict__") else {}
    query = parse_qsl(urlsplit(request.url).query)
    named = [*held.items(), *request.headers.items(), *(request.params or {}).items(), *query]
    values = [str(value) for name, value in named if value and is_secret_key(str(name))]
    return {part for value in values for part in (value, *value.split())}
