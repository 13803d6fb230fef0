"""The sample school as a real HTTP server on loopback, in a thread of its own."""

import asyncio
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from threading import Event, Thread
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from homeroom.demo.data import DEFAULT_SEED, Dataset
from homeroom.demo.dials import Dials, parse_dials
from homeroom.demo.faults import Counts, Fate, Fault, failure, fate
from homeroom.demo.gate import DEFAULT_KEY, KEY_PARAMETER, admit, masked
from homeroom.demo.log import Request, RequestLog
from homeroom.demo.pages import Question, RefusedError, Reply
from homeroom.demo.routes import index, route
from homeroom.demo.shapes import Row
from homeroom.demo.tables import Store

DIALS_HEADER = "X-School-Dials"
_HOST = "127.0.0.1"
_MOST_PORT = 65_535
_GRACE_S = 0.2  # for answers under way when the server stops; tests stop it often


@dataclass(frozen=True, slots=True)
class _Set:
    """Dials and the counts that began with them, swapped as one."""

    dials: Dials
    counts: Counts


class School:
    """A server whose every row is known; serves from `start` to `stop`, or inside `with`.

    All methods may be called from any thread while it serves. Data and dials belong to this instance.
    """

    def __init__(
        self,
        *,
        scale: float = 1.0,
        dials: Dials | None = None,
        port: int = 0,
        api_key: str = DEFAULT_KEY,
        seed: int = DEFAULT_SEED,
        on_request: Callable[[Request], None] | None = None,
    ) -> None:
        """`port` 0 takes a free one; `on_request` is called in the server's thread, before each answer."""
        if not 0 <= port <= _MOST_PORT:
            raise ValueError(f"port {port!r} is not allowed; allowed: 0 to {_MOST_PORT}")
        self.api_key = api_key
        self._store = Store(Dataset(scale, seed))
        self._set = _Set(dials or Dials(), Counts())
        self._log = RequestLog(on_request)
        self._port = port
        self._serving: _Serving | None = None

    def __enter__(self) -> Self:
        """As `start`."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """As `stop`."""
        self.stop()

    def start(self) -> None:
        """Serves from now on; after a `stop`, on the same port as before. OSError if the port is taken."""
        if self._serving is not None:
            raise RuntimeError(f"the sample school is already open at {self.url}; stop it first")
        listener = socket.create_server((_HOST, self._port), backlog=512)
        self._port = listener.getsockname()[1]
        self._serving = _Serving(listener, self._handle)

    def stop(self) -> None:
        """Closes every connection and waits for the thread; a second call does nothing."""
        serving, self._serving = self._serving, None
        if serving is not None:
            serving.close()

    @property
    def url(self) -> str:
        """Such as http://127.0.0.1:43211; known once started, and the same ever after."""
        if not self._port:
            raise RuntimeError("port 0 is no address yet; start the sample school first")
        return f"http://{_HOST}:{self._port}"

    @property
    def dials(self) -> Dials:
        """What is set now, without what a request's own header adds."""
        return self._set.dials

    def set_dials(self, dials: Dials) -> None:
        """For requests from now on; they are counted from 1 again."""
        self._set = _Set(dials, Counts())

    @property
    def requests(self) -> list[Request]:
        """The requests answered so far, oldest first; an entry is there before its answer is sent."""
        return self._log.snapshot()

    def clear_log(self) -> None:
        """Forgets the requests so far; the counts of the dials go on."""
        self._log.clear()

    def rows(self, entity: str) -> list[Row]:
        """The truth: what a client must hold after reading all of it now, in order of id."""
        return self._store.rows(entity)

    def put(self, entity: str, row: Mapping[str, Any]) -> None:
        """Adds the row in the place of its id, or replaces the row that has it."""
        self._store.put(entity, row)

    def remove(self, entity: str, row_id: int) -> None:
        """Takes the row away, the later ones move up; KeyError if there is none."""
        self._store.remove(entity, row_id)

    async def _handle(self, http: web.BaseRequest) -> web.StreamResponse:
        at, query = time.monotonic(), dict(http.query)
        meeting, reply = await self._answer(http, query)
        status = 0 if meeting.fault is Fault.RESET else reply.status
        shown = masked(query, self.api_key)
        self._log.add(Request(http.method, http.path, shown, status, at, reply.resource))
        return await _send(http, meeting, reply)

    async def _answer(self, http: web.BaseRequest, query: dict[str, str]) -> tuple[Fate, Reply]:
        calm = Fate(wait_s=0.0)
        try:
            if http.method not in ("GET", "HEAD"):
                message = f"method {http.method} is not allowed; allowed: GET, HEAD"
                raise RefusedError(405, "method_not_allowed", message, {"Allow": "GET, HEAD"})
            if http.path == "/":
                return calm, index()
            admit(query, http.headers, self.api_key)
            dials, number = self._dials_for(http)
        except RefusedError as refusal:
            return calm, refusal.reply
        meeting = fate(dials, number)
        if meeting.wait_s:
            await asyncio.sleep(meeting.wait_s)
        return meeting, self._reply(http, query, dials, meeting)

    def _dials_for(self, http: web.BaseRequest) -> tuple[Dials, int]:
        """The dials of this request and its number; at rest where they are for other paths."""
        now = self._set
        try:
            dials = parse_dials(http.headers.get(DIALS_HEADER, ""), now.dials)
        except ValueError as error:
            raise RefusedError(400, "bad_request", str(error)) from None
        return (dials, now.counts.next(dials)) if dials.apply_to(http.path) else (Dials(), 1)

    def _reply(self, http: web.BaseRequest, query: dict[str, str], dials: Dials, meeting: Fate) -> Reply:
        resource: str | None = None
        try:
            found = route(self._store, http.path)
            resource = found.resource
            if meeting.fault is Fault.RESET:
                reply = Reply(b"")  # never sent
            elif meeting.fault is Fault.FAIL:
                reply = failure(meeting.status, dials, time.time())
            else:
                kept = {name: value for name, value in query.items() if name != KEY_PARAMETER}
                reply = found.answer(Question(str(http.url.origin()), http.path, kept, dials))
        except RefusedError as refusal:
            reply = refusal.reply
        return Reply(reply.body, reply.status, reply.headers, resource)


async def _send(http: web.BaseRequest, meeting: Fate, reply: Reply) -> web.StreamResponse:
    if meeting.fault is Fault.RESET:
        return _hang_up(http)
    if meeting.fault is Fault.CUT:
        return await _send_half(http, reply)
    return web.Response(body=reply.body, status=reply.status, headers=reply.headers, content_type="application/json")


def _hang_up(http: web.BaseRequest) -> web.StreamResponse:
    if http.transport is not None:
        http.transport.abort()
    return web.Response()


async def _send_half(http: web.BaseRequest, reply: Reply) -> web.StreamResponse:
    response = web.StreamResponse(status=reply.status, headers=reply.headers)
    response.content_type = "application/json"
    response.content_length = len(reply.body)
    await response.prepare(http)
    await response.write(reply.body[: len(reply.body) // 2])
    if http.transport is not None:
        http.transport.close()
    return response


class _Serving:
    """A listening socket being served in a thread, from its making to `close`."""

    def __init__(self, listener: socket.socket, handler: Callable[[web.BaseRequest], Any]) -> None:
        self._listener = listener
        self._handler = handler
        self._ready = Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end: asyncio.Event | None = None
        self._thread = Thread(target=lambda: asyncio.run(self._run()), name="sample-school", daemon=True)
        self._thread.start()
        self._ready.wait()

    def close(self) -> None:
        """Returns when the thread has ended and the sockets are closed."""
        if self._loop is not None and self._end is not None:
            with suppress(RuntimeError):  # the loop has ended by itself
                self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join()

    async def _run(self) -> None:
        try:
            self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
            runner = web.ServerRunner(web.Server(self._handler, access_log=None), shutdown_timeout=_GRACE_S)
            await runner.setup()
            await web.SockSite(runner, self._listener, backlog=512).start()
            self._ready.set()
            await self._end.wait()
            await runner.cleanup()
        finally:
            self._ready.set()  # a failed start must not leave the caller waiting
            self._listener.close()
