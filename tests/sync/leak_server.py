"""A server that fails in every way, and says back whatever key it was sent where it can; and configs that send one."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import Any, Self
from urllib.parse import unquote_plus, urlsplit

KEY_CORE, TOKEN_CORE = "K3y0fTheSch00lN0rth", "T0kenThatWasGr4nted"
KEY = f"a/b+{KEY_CORE}&c=%d"
"""Its core stands in one piece however the rest is quoted."""
TOKEN = f"t/u+{TOKEN_CORE}=="
SILENCE_S = 0.3
AWAY = "http://elsewhere.invalid/rows"
CASES = (
    "fine", "401", "403", "404", "500", "429", "reset", "cut", "cut-json", "html", "no-json", "error-object",
    "redirect-away", "redirect-round", "link-away", "link-echo", "cursor-echo", "too-large", "silent", "mid-401",
    "mid-500", "no-rows", "dns", "tls", "closed",
)  # fmt: skip
"""Ways in which a resource fails; `fine` does not, but its next link says the key back."""
_LINKS = ("fine", "link-away", "link-echo", "mid-401", "mid-500")


class Leaky:
    """Serves inside `with`: `/CASE/rows`, `/token` grants a token, `/token-STATUS` refuses one."""

    def __init__(self) -> None:
        leaky = self
        self.asked: list[str] = []
        """All that was sent, to see that the key was."""

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                sent = f"{self.path} {unquote_plus(self.path)} {dict(self.headers)}"
                leaky.asked.append(sent)
                with suppress(ConnectionError):
                    leaky.answer(self, urlsplit(self.path).path.split("/")[1], sent)

            def do_POST(self) -> None:
                sent = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                leaky.asked.append(sent)
                leaky.grant(self, sent + unquote_plus(sent))

            def log_message(self, *_: Any) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        with socket.create_server(("127.0.0.1", 0)) as unused:
            self.closed = f"http://127.0.0.1:{unused.getsockname()[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=lambda: self._server.serve_forever(poll_interval=0.02), daemon=True).start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._server.shutdown()
        self._server.server_close()

    def grant(self, http: BaseHTTPRequestHandler, sent: str) -> None:
        """A token, or a refusal in the words of the request."""
        _, _, status = http.path.partition("-")
        if status:
            return _send(http, {"error": "invalid_client", "error_description": sent}, int(status))
        return _send(http, {"access_token": TOKEN, "expires_in": 3600})

    def answer(self, http: BaseHTTPRequestHandler, case: str, sent: str) -> None:
        """What the case is."""
        query, link = urlsplit(http.path).query, f"{http.path}{'&' if '?' in http.path else '?'}again=1"
        beyond = "again=1" in query or "cursor=" in query
        found = {"data": [{"id": number + 3 * beyond} for number in range(3)]}
        told = {"message": sent, "error": sent, "errors": [{"message": sent}]}
        match case:
            case "fine" | "link-echo" | "mid-401" | "mid-500" if not beyond:
                _send(http, {**found, "next": link})
            case "cursor-echo" if not beyond:
                _send(http, {**found, "cursors": {"next": sent}})
            case "link-echo" | "cursor-echo":
                _send(http, told, 404)
            case "401" | "403" | "404" | "500" | "429":
                _send(http, told, int(case), {"WWW-Authenticate": f'Bearer scope="{query}"', "X-Said": query})
            case "mid-401" | "mid-500":
                _send(http, told, int(case[4:]))
            case "reset":
                _reset(http)
            case "cut":
                _send(http, found, more=100)
            case "cut-json":
                _send(http, json.dumps({"at": sent, **found}).encode()[:-9])
            case "html":
                _send(http, f"<html>{sent}</html>".encode(), headers={"Content-Type": "text/html"})
            case "no-json":
                _send(http, f'{{"data": {sent}}}'.encode())
            case "error-object":
                _send(http, {"exception": sent, "errorcode": sent, "message": sent})
            case "redirect-away":
                _send(http, told, 302, {"Location": f"{AWAY}?{query}&echo={query}"})
            case "redirect-round":
                _send(http, told, 302, {"Location": link})
            case "link-away":
                _send(http, {**found, "next": f"{AWAY}?{query}"})
            case "too-large":
                _send(http, {"data": [sent * 20_000]})
            case "silent":
                time.sleep(2 * SILENCE_S)
                _send(http, found)
            case "no-rows":
                _send(http, {"rows": [], "said": sent})
            case _:
                _send(http, found)


def _send(
    http: BaseHTTPRequestHandler,
    body: Any,
    status: int = 200,
    headers: Mapping[str, str] = MappingProxyType({}),
    more: int = 0,
) -> None:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    http.send_response(status)
    for name, value in {"Content-Type": "application/json", **headers}.items():
        http.send_header(name, value)
    http.send_header("Content-Length", str(len(raw) + more))
    http.end_headers()
    http.wfile.write(raw)
    if more:
        http.close_connection = True


def _reset(http: BaseHTTPRequestHandler) -> None:
    http.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    http.close_connection = True
    http.connection.close()


@dataclass(frozen=True, slots=True)
class Holding:
    """Where a config holds the key: `auth` and `headers` of the client, `params` of every endpoint."""

    auth: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)


def _api_key(location: str, name: str = "api_key") -> Holding:
    return Holding({"type": "api_key", "name": name, "api_key": KEY, "location": location})


def _oauth2(path: str) -> Holding:
    return Holding(
        {
            "type": "oauth2_client_credentials",
            "access_token_url": f"URL/{path}",
            "client_id": "campus",
            "client_secret": KEY,
        }
    )


def _ours(kind: str, path: str = "", **keys: Any) -> Holding:
    """One of our auth types; the path is that of its token endpoint."""
    url = {} if kind == "oauth1" else {"url" if kind == "login" else "access_token_url": f"URL/{path or 'token'}"}
    return Holding({"type": kind, **url, **keys})


_CLIENT = {"client_id": "campus", "client_secret": KEY}
_PERSON = {"username": "campus", "password": KEY}

HOLDINGS: Mapping[str, Holding] = {
    "api_key in a header": _api_key("header", "X-Api-Key"),
    "api_key in the query": _api_key("query"),
    "api_key in the query, as Moodle names it": _api_key("query", "wstoken"),
    "api_key in a cookie": _api_key("cookie", "session"),
    "bearer": Holding({"type": "bearer", "token": KEY}),
    "http_basic": Holding({"type": "http_basic", "username": "campus", "password": KEY}),
    "oauth2": _oauth2("token"),
    "our oauth2": _ours("oauth2", client_auth="basic", token_prefix="JWT", **_CLIENT),
    "oauth2_refresh_token": _ours("oauth2_refresh_token", client_id="campus", refresh_token=KEY),
    "oauth1": _ours("oauth1", client_key="campus", client_secret=KEY, signature_method="PLAINTEXT"),
    "login": _ours("login", json=_PERSON, token_path="access_token", header="X-Session", token_prefix=""),
    "params": Holding(params={"wstoken": KEY}),
    "client.headers": Holding(headers={"X-Api-Key": KEY}),
}
REFUSED_TOKENS: Mapping[str, Holding] = {
    "refused": _oauth2("token-401"),
    "broken": _oauth2("token-500"),
    "ours, refused": _ours("oauth2", "token-401", **_CLIENT),
    "login, refused": _ours("login", "token-401", data=_PERSON),
}


def config_of(leaky: Leaky, busy: Leaky, held: Holding, cases: tuple[str, ...] = CASES) -> dict[str, Any]:
    """A rest_api config with a resource for each case. What throttles is another server, `busy`."""
    elsewhere = {
        "429": busy.url,
        "dns": "https://nowhere.invalid",
        "tls": leaky.url.replace("http:", "https:"),
        "closed": leaky.closed,
    }
    client: dict[str, Any] = {"base_url": leaky.url, "headers": dict(held.headers)}
    if held.auth is not None:
        client["auth"] = {
            name: value.replace("URL", leaky.url) if isinstance(value, str) else value
            for name, value in held.auth.items()
        }
    return {
        "client": client,
        "resource_defaults": {"primary_key": "id", "write_disposition": "merge"},
        "resources": [_resource(case, elsewhere.get(case, ""), held) for case in cases],
    }


def _resource(case: str, at: str, held: Holding) -> dict[str, Any]:
    path = f"{at}/{case}/rows" if at else f"{case}/rows"
    paginator = "json_link" if case in _LINKS else "cursor" if case == "cursor-echo" else "single_page"
    endpoint = {"path": path, "params": dict(held.params), "data_selector": "data", "paginator": paginator}
    return {"name": f"r_{case.replace('-', '_')}", "endpoint": endpoint}


SYNC = {
    "retry": {"attempts": 2, "first_wait_s": 0.001, "max_wait_s": 0.001},
    "limits": {"silence_s": SILENCE_S, "body_mb": 1},
}
