"""The sample school as a real HTTP server on loopback, in a thread of its own."""

import asyncio
import socket
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from threading import Event, Thread
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from homeroom.demo.data import DEFAULT_SEED, Dataset
from homeroom.demo.dials import Dials, parse_dials
from homeroom.demo.drift import Drift
from homeroom.demo.faults import Counts, Fate, Fault, fate, instead
from homeroom.demo.gate import DEFAULT_KEY, KEY_PARAMETER, admit, masked
from homeroom.demo.log import Request, RequestLog
from homeroom.demo.posted import read_posted
from homeroom.demo.question import Question, RefusedError, Reply
from homeroom.demo.routes import Route, index, methods, route
from homeroom.demo.sending import send
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
    renewed: bool = False
    """Whether the key is good again, whatever `expire_key_after` says."""


@dataclass(slots=True)
class _Met:
    """One request on its way to its reply; filled in as far as it gets."""

    query: Mapping[str, str]
    posted: Mapping[str, str] = field(default_factory=dict)
    fate: Fate = field(default_factory=lambda: Fate(wait_s=0.0))


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
        self._drift = Drift(self._store)
        self._visits: Counter[str | None] = Counter()
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

    def renew_key(self) -> None:
        """The key that `expire_key_after` had refused is taken again, until `set_dials`; it stays the same key."""
        self._set = replace(self._set, renewed=True)

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

    def put(self, entity: str, row: Mapping[str, Any], rank: int | None = None) -> None:
        """Adds the row, or replaces the row that has its id; `rank` is its sort key, None: its id, or as it was.

        A row arrives late if its updated_at is older than what a reader has seen.
        """
        self._store.put(entity, row, rank)

    def remove(self, entity: str, row_id: int, at: str | None = None) -> None:
        """Takes the row away, the later ones move up; KeyError if there is none.

        Under the dial `deleted=marked` it is listed still, with status tobedeleted and `at` as its updated_at (None:
        the newest of all rows), until it is put again; it is none of `rows` any more.
        """
        if self._set.dials.deleted == "marked":
            self._store.mark(entity, row_id, at)
        else:
            self._store.remove(entity, row_id)

    @property
    def newest_change(self) -> int:
        """The change version of the last change of any row; 0 where none has changed since the school was opened."""
        return self._store.newest_change

    async def _handle(self, http: web.BaseRequest) -> web.StreamResponse:
        at, met = time.monotonic(), _Met(dict(http.query))
        try:
            reply = await self._answer(http, met)
        except RefusedError as refusal:
            reply = refusal.reply
        status = 0 if met.fate.fault is Fault.RESET else reply.status
        shown, posted = masked(met.query, self.api_key), masked(met.posted, self.api_key)
        self._log.add(Request(http.method, http.path, shown, status, at, reply.resource, posted))
        return await send(http, met.fate, reply)

    async def _answer(self, http: web.BaseRequest, met: _Met) -> Reply:
        allowed = ", ".join(methods(http.path))
        if http.method not in methods(http.path):
            message = f"method {http.method} is not allowed; allowed: {allowed}"
            raise RefusedError(405, "method_not_allowed", message, {"Allow": allowed})
        if http.path == "/":
            return index()
        admit(met.query, http.headers, self.api_key)
        if http.method == "POST":
            met.posted = read_posted(await http.read(), http.content_type)
        dials, number = self._dials_for(http)
        met.fate = fate(dials, number)
        if met.fate.wait_s:
            await asyncio.sleep(met.fate.wait_s)
        return self._reply(http, met, dials, number)

    def _dials_for(self, http: web.BaseRequest) -> tuple[Dials, int]:
        """The dials of this request and its number; at rest where they are for other paths."""
        now = self._set
        try:
            dials = parse_dials(http.headers.get(DIALS_HEADER, ""), now.dials)
        except ValueError as error:
            raise RefusedError(400, "bad_request", str(error)) from None
        if not dials.apply_to(http.path):
            return Dials(), 1
        return replace(dials, expire_key_after=None) if now.renewed else dials, now.counts.next(dials)

    def _reply(self, http: web.BaseRequest, met: _Met, dials: Dials, number: int) -> Reply:
        found = route(self._store, http.path)
        self._visits[found.resource] += 1
        query = {name: value for name, value in (met.posted or met.query).items() if name != KEY_PARAMETER}
        blank = met.fate.fault is Fault.EMPTY_PAGE
        asked = Question(str(http.url.origin()), http.path, query, dials, blank, self._visits[found.resource])
        try:
            reply = self._found(found, asked, met.fate, number)
        except RefusedError as refusal:
            reply = refusal.reply
        return replace(reply, resource=found.resource)

    def _found(self, found: Route, asked: Question, meeting: Fate, number: int) -> Reply:
        if meeting.fault is not Fault.KEY and found.resource is not None:
            self._drift.turn(asked.dials, number, found.resource, found.wanted(asked))
        return instead(meeting, asked.dials, time.time()) or found.answer(asked)


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
