"""Servers that do what a test says, and what ours and dlt make of them."""

import json
import threading
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from dlt.sources.rest_api import rest_api_source as dlt_source
from source_help import Campus

from homeroom.errors import HomeroomError
from homeroom.source import rest_api_source
from homeroom.values import Proof, ResourceReport, Status

Config = dict[str, Any]
COUNT = 1000
EVERY = list(range(COUNT))
KEY = "s3cret-key-0815"
OFFSET = {"type": "offset", "limit": 100}
UNTOLD = {**OFFSET, "total_path": None}
"""Offsets without a total, as dlt must be told of it."""
QUICK = {"retry": {"attempts": 2, "first_wait_s": 0.001, "max_wait_s": 0.001}}


@dataclass(frozen=True, slots=True)
class Asked:
    """One request; names of headers in small letters."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]

    def number(self, name: str, default: int = 0) -> int:
        """A number of the query."""
        return int(self.query.get(name, default))

    def slice(self, count: int = COUNT, cap: int | None = None) -> range:
        """The numbers from offset on, as many as limit says but never more than `cap`."""
        size = min(self.number("limit", 100), cap or count)
        return range(count)[self.number("offset") :][:size]

    @property
    def holds_key(self) -> bool:
        """Whether the key came along, in whatever place; for HTTP Basic with the user `campus`."""
        basic = b64encode(f"campus:{KEY}".encode()).decode()
        return any(form in repr((self.path, self.query, self.headers)) for form in (KEY, basic))


@dataclass(frozen=True, slots=True)
class Said:
    """An answer that is more than a body with status 200; `body` is sent as it is where it is bytes."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def rows(numbers: Sequence[int]) -> list[Config]:
    """A row for each number."""
    return [{"id": number, "name": f"row {number}"} for number in numbers]


class Odd:
    """Serves inside `with` what `behave` makes of a request. `behave` may be set anew, and may count `asked`."""

    def __init__(self, behave: Callable[[Asked], Any]) -> None:
        self.behave = behave
        self.asked: list[Asked] = []
        odd = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                odd.answer(self)

            def log_message(self, *_: Any) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.origin = f"127.0.0.1:{self._server.server_address[1]}"
        self.url = f"http://{self.origin}"

    def __enter__(self) -> Self:
        threading.Thread(target=lambda: self._server.serve_forever(poll_interval=0.02), daemon=True).start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, http: BaseHTTPRequestHandler) -> None:
        """Read, note, reply."""
        parts = urlsplit(http.path)
        headers = {name.lower(): value for name, value in http.headers.items()}
        asked = Asked(parts.path, dict(parse_qsl(parts.query)), headers)
        self.asked.append(asked)
        said = self.behave(asked)
        said = said if isinstance(said, Said) else Said(said)
        body = said.body if isinstance(said.body, bytes) else json.dumps(said.body).encode()
        with suppress(ConnectionError):
            http.send_response(said.status)
            for name, value in {"Content-Type": "application/json", **said.headers}.items():
                http.send_header(name, value)
            http.send_header("Content-Length", str(len(body)))
            http.end_headers()
            http.wfile.write(body)


def asking(url: str, *, paginator: Any = None, selector: str | None = "data", **more: Any) -> Config:
    """A config of one resource `rows`, merged on id. `more` goes to the client, the resource or the endpoint."""
    endpoint = {"path": "rows", **more.pop("endpoint", {})}
    endpoint |= {"data_selector": selector} if selector else {}
    endpoint |= {"paginator": paginator} if paginator else {}
    resource = {"name": "rows", "primary_key": "id", "write_disposition": "merge", "endpoint": endpoint}
    return {
        "client": {"base_url": url, **more.pop("client", {})},
        "resources": [*more.pop("before", []), {**resource, **more}],
    }


@dataclass(frozen=True, slots=True)
class Read:
    """What became of a run of ours: the ids that the table holds, the line of the report, the error that ended it."""

    ids: list[Any]
    line: ResourceReport
    error: HomeroomError | None

    @property
    def said(self) -> tuple[Status, Proof | None]:
        """Status and proof."""
        return self.line.status, self.line.proof

    @property
    def told(self) -> str:
        """Everything that a person is told of it."""
        return f"{self.line.note} {self.error or ''}"


def ours(campus: Campus, config: Config, **sync: Any) -> Read:
    """A run into DuckDB; errors that are raised on purpose are a result."""
    source, error = rest_api_source(config, sync={**QUICK, **sync}), None  # type: ignore[arg-type]
    try:
        campus.run(source)
    except Exception as raised:
        error = _on_purpose(raised)
    held = campus.column("rows") if "rows" in campus.tables else []
    return Read(held, source.report.resources["rows"], error)


def listed(config: Config, **sync: Any) -> tuple[list[Any] | type[HomeroomError], str]:
    """The ids that come without a pipeline, or the class of the error, and its words."""
    try:
        found = [row["id"] for row in rest_api_source(config, sync={**QUICK, **sync})]  # type: ignore[arg-type]
    except Exception as raised:
        return type(_on_purpose(raised)), str(raised)
    return found, ""


def _on_purpose(raised: BaseException) -> HomeroomError:
    found: BaseException | None = raised
    while not isinstance(found, HomeroomError):
        if found is None:
            raise raised
        found = found.__cause__
    return found


def theirs(config: Config) -> list[Any] | str:
    """What dlt makes of the same: the ids that came, in order, or the last cause of its error."""
    try:
        return [row["id"] for row in dlt_source(config)]
    except Exception as error:
        while error.__cause__ is not None:
            error = error.__cause__  # type: ignore[assignment]
        return f"{type(error).__name__}: {error}"


COMPLETE = (Status.COMPLETE, Proof.COUNT)
MET = (Status.COMPLETE, Proof.CONTINUITY)
UNPROVED = (Status.UNPROVED, Proof.END)
INCOMPLETE = (Status.INCOMPLETE, None)
FAILED = (Status.FAILED, None)
