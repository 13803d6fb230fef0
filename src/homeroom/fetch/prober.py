"""One answer at a time, whatever its status: for those who want to find out what an API is like."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

from requests.auth import AuthBase

from homeroom.auth import origin_of
from homeroom.events import Event, Hook, RequestSent
from homeroom.fetch.chain import Chain
from homeroom.fetch.engine import real_surroundings
from homeroom.fetch.protocol import Transport, TransportFactory
from homeroom.fetch.transport import aiohttp_transport
from homeroom.fetch.wire import Surroundings, Wire
from homeroom.paginate import SinglePage
from homeroom.values import Answer, Request, SyncSettings


class Prober:
    """Asks through the wire of every read: its retries, pauses, bounds, and no key beyond `base_url`'s origin.

    It asks in the thread of its caller, one request after the other. `close` it in any case.
    """

    def __init__(
        self,
        base_url: str,
        settings: SyncSettings,
        hooks: Sequence[Hook] = (),
        *,
        transport: TransportFactory = aiohttp_transport,
        around: Surroundings | None = None,
    ) -> None:
        """Raises `ValueError` for what is no http URL."""
        self.requests = 0
        """How many were sent, retries included."""
        origins = frozenset([origin_of(base_url)])
        self._runner = asyncio.Runner()
        self._transport: AbstractAsyncContextManager[Transport] = transport(settings)
        try:
            opened = self._runner.run(self._open())
        except BaseException:
            self._runner.close()
            raise
        self._wire = Wire(opened, settings, origins, (self._count, *hooks), around or real_surroundings())

    def ask(self, request: Request, auth: AuthBase | None, name: str) -> Answer:
        """The answer, of any status that is not one to try again; `name` is what errors and events call the resource.

        Raises `TransientError` when retries are used up, `RequestError` for a redirect off the origin.
        """
        chain = Chain(name, 0, request, SinglePage(), None, auth, lambda _: None)
        answer, _ = self._runner.run(self._wire.read(chain, request, lambda answer: answer, _any))
        return answer

    def close(self) -> None:
        """Let go of the connections."""
        try:
            self._runner.run(self._transport.__aexit__(None, None, None))
        finally:
            self._runner.close()

    async def _open(self) -> Transport:
        return await self._transport.__aenter__()

    def _count(self, event: Event) -> None:
        self.requests += isinstance(event, RequestSent)


def _any(chain: Chain, request: Request, answer: Answer, followed: tuple[str, ...]) -> Answer:
    return answer
