"""A server whose every answer holds marked values, in rows and around them, and says back the key that it was sent."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, quote, urlsplit

from canary_marks import Mint

Row = dict[str, Any]

RULES: Mapping[str, str] = {
    "id": "hash",
    "uuid": "hash",
    "name": "drop",
    "email": "mask",
    "seen": "mask",
    "bio": "drop",
    "note": "mask",
    "home": "drop",
    "profile__nick": "hash",
    "profile__photo": "drop",
    "marks": "hash",
    "tags": "drop",
    "odd": "mask",
}
"""Of a table of people; the others are of its lists."""
LISTS: Mapping[str, str] = {
    "phones.value": "hash",
    "friends.name": "drop",
    "friends.id": "hash",
    "friends.mail": "mask",
}

FAILING = (
    "broken", "refused", "forbidden", "cut", "html", "away", "moved", "busy", "nullkey", "object", "linked", "echo",
    "texts",
)  # fmt: skip
"""Lists that do not come, each for a reason of its own; `echo` comes."""


def rules_of(*tables: str) -> dict[str, str]:
    """The rules for tables of people."""
    own = {f"{table}.{column}": rule for table in tables for column, rule in RULES.items()}
    return own | {f"{table}__{at}": rule for table in tables for at, rule in LISTS.items()}


def person(mint: Mint, table: str) -> Row:
    """One row, with a mark in every way that a value can stand in it."""

    def text(what: str, pattern: str = "{}") -> str:
        return mint.text(f"{table}.{what}", pattern)

    return {
        "id": mint.number(f"{table}.id"),
        "uuid": text("uuid", "{}-u"),
        "name": text("name", "Žofie {} O'Neill"),
        "email": text("email", "{}@campus.example"),
        "seen": mint.moment(f"{table}.seen"),
        "bio": text("bio", "I am {}.\nSee <b>" + text("bio, too") + "</b> & call me"),
        "note": text("note"),
        "home": {"street": text("home.street", "{} Road 7"), "geo": {"door": mint.number(f"{table}.home.geo.door")}},
        "profile": {
            "nick": text("profile.nick"),
            "photo": text("profile.photo", "https://h.example/{}?a=b%20c"),
            "lang": "en",
        },
        "phones": [text("phones", "+42 {}"), text("phones")],
        "friends": [
            {
                "name": text("friends.name"),
                "id": mint.number(f"{table}.friends.id"),
                "mail": text("friends.mail", "{}@x.example"),
            }
        ],
        "marks": {text("a key of marks"): text("a value of marks")},
        "tags": [text("tags", "{} 😀"), text("tags")],
        "odd": text("odd", 'a"b\\c/{}\td'),
        "town": mint.text(f"{table}.town", "{} Town", "kept"),
        "level": 3,
    }


class MarkedSchool:
    """Serves inside `with`: `/NAME` is a list of people, but for what `FAILING` names."""

    def __init__(self, mint: Mint, secrets: tuple[str, ...], rows: int) -> None:
        self.mint = mint
        self.secrets = secrets
        self.rows = {name: [person(mint, name) for _ in range(rows)] for name in ("people", "staff", "pupils")}
        self.rows |= {name: [person(mint, name) for _ in range(3)] for name in (*FAILING, "grades")}
        for row in self.rows["nullkey"]:
            row["id"] = None
        self.around = {name: mint.text(f"around {name}", "{}/{{x}}") for name in (*FAILING, "lost")}
        school = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def handle(self) -> None:
                with suppress(ConnectionError):  # killed in the middle
                    super().handle()

            def do_GET(self) -> None:
                status, headers, body = school.answer(self.path, dict(self.headers))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Not on stderr."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def answer(self, path: str, asked: Mapping[str, str]) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of an answer."""
        parts, query = urlsplit(path), dict(parse_qsl(urlsplit(path).query))
        name = parts.path.split("/")[1]
        said = " ".join(
            [
                *asked.values(),
                path,
                *(
                    form
                    for each in self.secrets
                    for form in (quote(each, safe=""), _base64(each), _base64("a:" + each))
                ),
            ]
        )
        about = self.around.get(name, "")
        headers = {
            "Content-Type": "application/json",
            "X-User": quote(about),
            "X-Said": said,
            "Set-Cookie": f"u={quote(about)}",
        }
        rows = self.rows.get("grades" if parts.path.endswith("/grades") else name, [])
        start, limit = int(query.get("offset", 0)), int(query.get("limit", 100))
        page = {"data": rows[start : start + limit], "total": len(rows), "you": {"said": said}}
        words = {**page, "message": f"{about} with {said}", "error": about, "errors": [{"message": about}]}
        status, body = 200, json.dumps(page).encode()
        match name:
            case "broken" | "busy":
                status, body = (500 if name == "broken" else 503), json.dumps(words).encode()
            case "refused" | "forbidden":
                status, body = (400 if name == "refused" else 403), json.dumps(words).encode()
            case "lost":
                status, body = 404, json.dumps(words).encode()
            case "cut":
                body = body[:-9]
            case "html":
                headers["Content-Type"], body = "text/html", f"<p>{about} {said} {json.dumps(page)}".encode()
            case "away":
                status, headers["Location"] = 302, f"http://elsewhere.invalid/{quote(about)}?k={said.replace(' ', '+')}"
            case "moved" if quote(about) not in parts.path:
                status, headers["Location"] = 302, f"/moved/{quote(about)}/rows?k={quote(said)}"
            case "moved":
                status, body = 410, json.dumps(words).encode()
            case "object":
                body = json.dumps({"exception": about, "errorcode": about, "message": words["message"]}).encode()
            case "linked" if "after" not in query:
                body = json.dumps(
                    {**page, "next": f"/linked/{quote(about)}?after={quote(about)}&said={quote(said)}"}
                ).encode()
            case "linked":
                status, body = 400, json.dumps(words).encode()
            case "texts":
                body = json.dumps({"data": [about, "plain"]}).encode()
        return status, headers, body


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
