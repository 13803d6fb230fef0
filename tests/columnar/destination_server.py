"""An API on loopback whose rows a test may change between two runs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

Pages = Sequence[Sequence[Mapping[str, Any]]]


class Api:
    """Gives the same pages under every path: `{"data": [...], "pages": n}`, the page asked for is in the query."""

    def __init__(self) -> None:
        self.pages: Pages = ()
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Headers and body in two packets would wait for each other's receipt.
            wbufsize = -1

            def do_GET(self) -> None:
                body = api.answer(self.path)
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.send_header("X-Total-Count", str(sum(map(len, api.pages))))  # proves what is replaced
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *words: Any) -> None:
                """Nothing is told of requests."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def answer(self, path: str) -> bytes:
        """The body of the page that is asked for; beyond the last an empty one."""
        number = int(parse_qs(urlsplit(path).query).get("page", ["0"])[0])
        rows = self.pages[number] if number < len(self.pages) else []
        return json.dumps({"data": rows, "pages": len(self.pages)}).encode()

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
