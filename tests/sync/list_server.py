"""A server of plain lists, of whatever rows a test puts there."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

Row = dict[str, Any]


class Lists:
    """Serves inside `with` the rows at `/NAME`, by offset and limit or by page; with their `total`, or without."""

    def __init__(self) -> None:
        self.rows: dict[str, Sequence[Row]] = {}
        self.total = True
        self.totals: dict[str, int] = {}
        """Totals that are not the numbers of rows, by list."""
        self.refused: set[str] = set()
        """Lists that are answered with a 400."""
        lists = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                body = json.dumps(lists.answer(parts.path[1:], dict(parse_qsl(parts.query)))).encode()
                self.send_response(400 if parts.path[1:] in lists.refused else 200)
                self.send_header("Content-Type", "application/json")
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

    def answer(self, name: str, asked: dict[str, str]) -> dict[str, Any]:
        """The page that was asked for."""
        rows, limit = self.listed(name, asked), int(asked.get("limit", 100))
        start = (int(asked["page"]) - 1) * limit if "page" in asked else int(asked.get("offset", 0))
        page = {"data": list(rows[start : start + limit])}
        return {**page, "total": self.totals.get(name, len(rows))} if self.total else page

    def listed(self, name: str, asked: dict[str, str]) -> Sequence[Row]:
        """The rows of which a page is asked for."""
        return self.rows.get(name, ())

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
