"""A server whose every path a test answers as it likes."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from homeroom.check_run import CheckReport, Finding

KEY = "k3y-0f-the-ch3ck"

Row = dict[str, Any]


@dataclass(frozen=True)
class Says:
    """One answer; `body` goes as JSON unless it is bytes."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Route = Callable[[dict[str, str]], Says]
"""From the query to the answer."""


class Routes:
    """Serves inside `with` what `routes` say, by path; anything else is a 404. `asked` are the requests in order."""

    def __init__(self) -> None:
        self.routes: dict[str, Route] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        served = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                query = dict(parse_qsl(parts.query))
                served.asked.append((parts.path, query))
                route = served.routes.get(parts.path, lambda _: Says({"message": "no such path"}, 404))
                says = route(query)
                body = says.body if isinstance(says.body, bytes) else json.dumps(says.body).encode()
                self.send_response(says.status)
                for name, value in {"Content-Type": "application/json", **says.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Not on stderr."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def listing(
    rows: Sequence[Row], *, total: bool = True, most: int = 1000, since: str = "", aligned: bool = False
) -> Route:
    """Rows by offset and limit under `data`, at most so many a page; `since` names a parameter for what is new.

    `aligned`: pages begin at multiples of the limit.
    """

    def route(query: dict[str, str]) -> Says:
        fitting = [row for row in rows if since not in query or row["at"] >= query[since]]
        limit = min(int(query.get("limit", most)), most)
        start = int(query.get("offset", 0))
        start = start // limit * limit if aligned else start
        page = {"data": fitting[start : start + limit]}
        return Says({**page, "total": len(fitting)} if total else page)

    return route


def people(count: int, **fields: Any) -> list[Row]:
    """Rows with an id and a day of change."""
    return [
        {"id": n, "at": f"2024-{n % 12 + 1:02}-{n % 28 + 1:02}", "name": f"person {n}", **fields} for n in range(count)
    ]


def said(report: CheckReport, resource: str) -> dict[str, Finding]:
    """The findings of a resource by their aspect."""
    return {str(found.aspect): found for found in report.findings if found.resource == resource}
