"""A platform on loopback that gives tokens and takes them: what it was asked, and what it says, is the test's."""

from __future__ import annotations

import json
import threading
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

ROWS = [{"id": number} for number in range(25)]
PAGE = 10


@dataclass(frozen=True)
class Asked:
    """A request as it arrived."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: Mapping[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        """The fields of a form that was sent."""
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    @property
    def json(self) -> Any:
        """The JSON that was sent."""
        return json.loads(self.body)

    @property
    def basic(self) -> tuple[str, str] | None:
        """Name and password of a Basic header."""
        kind, _, text = self.headers.get("Authorization", "").partition(" ")
        name, _, password = b64decode(text).decode().partition(":") if kind == "Basic" else ("", "", "")
        return (name, password) if kind == "Basic" else None


@dataclass
class Say:
    """An answer: status, body (JSON unless it is bytes), headers in order."""

    status: int = 200
    body: Any = None
    headers: list[tuple[str, str]] = field(default_factory=list)


class Platform:
    """Serves inside `with`. `/token` says what `grants` makes of a request and its number, from 1 on; anything else are
    rows in pages of ten, for requests that `lets_in` takes."""

    def __init__(self) -> None:
        self.grants: Callable[[Asked, int], Say] = lambda _, number: granted(f"token-number-{number}")
        self.lets_in: Callable[[Asked], bool] = lambda asked: "Authorization" in asked.headers
        self.seen: list[Asked] = []
        self._guard = threading.Lock()
        platform = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                said = platform.answer(asked_of(self))
                body = said.body if isinstance(said.body, bytes) else json.dumps(said.body).encode()
                self.send_response(said.status)
                for name, value in [*said.headers, ("Content-Length", str(len(body)))]:
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self) -> None:
                self.do_GET()

            def log_message(self, *_: Any) -> None:
                """Not on stderr."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def host(self) -> str:
        return self.url.removeprefix("http://")

    @property
    def asked_for_tokens(self) -> list[Asked]:
        """All requests for a token, oldest first."""
        return [asked for asked in self.seen if asked.path == "/token"]

    @property
    def asked_for_rows(self) -> list[Asked]:
        """All others."""
        return [asked for asked in self.seen if asked.path != "/token"]

    def answer(self, asked: Asked) -> Say:
        with self._guard:
            self.seen.append(asked)
            number = len(self.asked_for_tokens)
            if asked.path == "/token":
                return self.grants(asked, number)
            if not self.lets_in(asked):
                return Say(
                    401, {"message": f"who is {asked.headers.get('Authorization') or asked.headers.get('Cookie')}?"}
                )
            start = int(dict(asked.query).get("offset", 0))
            return Say(body={"data": ROWS[start : start + PAGE], "total": len(ROWS)})

    def config(self, auth: Any, **client: Any) -> dict[str, Any]:
        """A config that reads the rows, signed by `auth`, page after page."""
        paginator = {"type": "offset", "limit": PAGE, "total_path": "total"}
        endpoint = {"path": "rows", "data_selector": "data", "paginator": paginator}
        return {
            "client": {"base_url": self.url, "auth": auth, **client},
            "resources": [{"name": "rows", "primary_key": "id", "endpoint": endpoint}],
        }

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def asked_of(handler: BaseHTTPRequestHandler) -> Asked:
    parts = urlsplit(handler.path)
    body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
    query = parse_qsl(parts.query, keep_blank_values=True)
    return Asked(str(handler.command), parts.path, query, dict(handler.headers.items()), body)


def granted(token: str, lives_s: Any = 3600, **more: Any) -> Say:
    """The answer of a token endpoint that is content."""
    return Say(body={"access_token": token, "token_type": "Bearer", "expires_in": lives_s, **more})


def refused(error: str, words: str = "", status: int = 400) -> Say:
    """The answer of one that is not."""
    return Say(status, {"error": error, "error_description": words})
