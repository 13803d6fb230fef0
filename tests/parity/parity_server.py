"""A small server that does one thing the sample school does not: it tells in its rows how it was asked.

A path is `/CASE/KIND/...`: the case keeps the requests of one resource apart, the kind says how pages are made.
"""

import hashlib
import json
import threading
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

Row = dict[str, Any]
PAGE = 5
FIRST_ROWS, MORE_ROWS = 23, 9
TOKEN = "granted-by-annex"
_TOLD_HEADERS = ("accept", "authorization", "content-type", "cookie")


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, as far as a config has a say in it."""

    method: str
    origin: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: str

    @property
    def case(self) -> str:
        """The first part of the path."""
        return self.path.strip("/").split("/")[0]

    @property
    def values(self) -> dict[str, Any]:
        """What is asked for, from the query and the body; inner objects of the body count as well."""
        found: dict[str, Any] = {}
        with suppress(ValueError):
            posted = json.loads(self.body or "{}")
            found = _flat(posted) if isinstance(posted, dict) else {}
        if "form" in self.headers.get("content-type", ""):
            found = dict(parse_qsl(self.body))
        return found | dict(self.query)

    def told(self) -> str:
        """One line of text, the same for the same request."""
        told = [self.method, self.path, sorted(self.query), dict(self.headers), self.body]
        return json.dumps(told, sort_keys=True)


def _flat(posted: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in posted.items():
        found |= _flat(value) if isinstance(value, dict) else {key: value}
    return found


def unit(number: int) -> Row:
    """A row of the annex; every seventh was not seen, every third has no number for a code, every fifth an extra."""
    at = f"2024-01-{number // 24 + 1:02d}T{number % 24:02d}:00:00Z"
    return {
        "id": number,
        "name": f"unit {number}",
        "seq": number // 2,
        "at": at,
        "seen": None if number % 7 == 0 else at,
        "place": {"city": f"city {number % 3}"},
        "email": f"{number}@annex.example",
        "code": f"{number}" if number % 3 else f"x{number}",
        **({"extra": number} if number % 5 == 0 else {}),
    }


def part(number: int, of: int) -> Row:
    """A row of a row."""
    return {"id": of * 100 + number, "unit_id": of, "at": f"2024-02-{of:02d}T{number:02d}:00:00Z"}


@dataclass(slots=True)
class Reply:
    """What is sent back; `body` is sent as it is where it is bytes."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


class Annex:
    """Serves inside `with`. `grow` adds rows, as time does.

    `/CASE/offset` fails from the row `broken_from` on (None: never), and its total is `announced_more` too high.
    """

    def __init__(self) -> None:
        self.rows = [unit(number) for number in range(1, FIRST_ROWS + 1)]
        self.log: list[Asked] = []
        self.broken_from: int | None = None
        self.announced_more = 0
        annex = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def _handle(self) -> None:
                annex.answer(self)

            do_GET = do_POST = _handle  # noqa: N815

            def log_message(self, *_: Any) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=lambda: self._server.serve_forever(poll_interval=0.02), daemon=True).start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._server.shutdown()
        self._server.server_close()

    def grow(self) -> None:
        """Nine more rows, and another name for the newest of the old."""
        newest = self.rows[-1]
        self.rows[-1] = {**newest, "name": f"{newest['name']} renamed"}
        self.rows += [unit(newest["id"] + step) for step in range(1, MORE_ROWS + 1)]

    def taken_log(self) -> dict[str, Counter[str]]:
        """How each case was asked for pages that held something, since the last call."""
        taken, self.log = self.log, []
        found: dict[str, Counter[str]] = {}
        for asked in taken:
            found.setdefault(asked.case, Counter())[asked.told()] += 1
        return found

    def answer(self, http: BaseHTTPRequestHandler) -> None:
        """Read a request, note it, send its reply."""
        parts = urlsplit(http.path)
        size = int(http.headers.get("Content-Length") or 0)
        told = {k.lower(): v for k, v in http.headers.items() if k.lower() in _TOLD_HEADERS or k.lower()[:2] == "x-"}
        query = tuple(parse_qsl(parts.query, keep_blank_values=True))
        asked = Asked(http.command, self.url, parts.path, query, told, http.rfile.read(size).decode())
        reply = self.reply(asked)
        if not self._is_blank(reply.body):
            self.log.append(asked)
        body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        http.send_response(reply.status)
        for name, value in {"Content-Type": "application/json", **reply.headers}.items():
            http.send_header(name, value)
        http.send_header("Content-Length", str(len(body)))
        http.end_headers()
        http.wfile.write(body)

    @staticmethod
    def _is_blank(body: Any) -> bool:
        """An empty page: where a read asks for one to find its end, each side has its own way."""
        return body == [] or (isinstance(body, dict) and body.get("data") == [])

    def reply(self, asked: Asked) -> Reply:
        """The reply of a kind."""
        _, kind, *rest = asked.path.strip("/").split("/")
        return getattr(self, f"_{kind.replace('-', '_')}")(asked, *rest)

    def _wanted(self, asked: Asked) -> list[Row]:
        values = asked.values
        rows = [row for row in self.rows if row["at"] >= str(values.get("since") or "")]
        rows = [row for row in rows if not values.get("until") or row["at"] < values["until"]]
        rows = [row for row in rows if row["seq"] >= int(values.get("since_seq") or 0)]
        return rows[::-1] if values.get("order") == "desc" else rows

    # by a range

    def _slice(self, asked: Asked) -> tuple[list[Row], int, int]:
        rows, values = self._wanted(asked), asked.values
        start = int(values.get("offset") or values.get("skip") or 0)
        return rows, start, start + int(values.get("limit") or values.get("take") or PAGE)

    def _offset(self, asked: Asked, *_: str) -> Reply:
        rows, start, end = self._slice(asked)
        if self.broken_from is not None and start >= self.broken_from:
            return Reply({"error": "broken"}, 500)
        total = len(rows) + self.announced_more
        meta = {"total": total, "more": end < len(rows), "more_text": "yes" if end < len(rows) else "no"}
        return Reply({"data": rows[start:end], "total": total, "meta": meta})

    def _untold(self, asked: Asked, *_: str) -> Reply:
        rows, start, end = self._slice(asked)
        return Reply({"data": rows[start:end]})

    def _number(self, asked: Asked, first: str = "0") -> Reply:
        rows, values = self._wanted(asked), asked.values
        page = int(values.get("page", values.get("p", first))) - int(first)
        pages = -(-len(rows) // PAGE)
        meta = {"pages": pages, "more": page + 1 < pages}
        found = rows[page * PAGE : (page + 1) * PAGE]
        return Reply({"data": found, "total": pages, "total_pages": pages, "meta": meta})

    # by a reference

    def _after(self, asked: Asked) -> tuple[list[Row], str | None]:
        values = asked.values
        rows = [row for row in self._wanted(asked) if row["id"] > int(values.get("cursor") or values.get("after") or 0)]
        return rows[:PAGE], str(rows[PAGE - 1]["id"]) if len(rows) > PAGE else None

    def _cursor(self, asked: Asked) -> Reply:
        rows, following = self._after(asked)
        more = following is not None
        return Reply({"data": rows, "cursors": {"next": following}, "meta": {"after": following or "", "more": more}})

    def _cursor_for_ever(self, asked: Asked) -> Reply:
        rows, _ = self._after(asked)
        return Reply({"data": rows, "cursors": {"next": str(rows[-1]["id"] if rows else 10**6)}})

    def _cursor_more(self, asked: Asked) -> Reply:
        rows, following = self._after(asked)
        return Reply({"data": rows, "cursors": {"next": str(rows[-1]["id"])}, "more": following is not None})

    def _header_cursor(self, asked: Asked) -> Reply:
        rows, following = self._after(asked)
        return Reply(rows, headers={} if following is None else {"next": following, "X-Next-Cursor": following})

    def _links(self, asked: Asked, *, relative: bool = False) -> tuple[list[Row], str | None]:
        rows, following = self._after(asked)
        if following is None:
            return rows, None
        query = urlencode([(key, value) for key, value in asked.query if key != "after"] + [("after", following)])
        return rows, f"{'' if relative else asked.origin}{asked.path}?{query}"

    def _link(self, asked: Asked) -> Reply:
        rows, following = self._links(asked)
        body = {"data": rows, "paging": {"next_link": following}}
        return Reply(body | ({"next": following} if following else {}))

    def _link_relative(self, asked: Asked) -> Reply:
        rows, following = self._links(asked, relative=True)
        return Reply({"data": rows, "next": following})

    def _header_link(self, asked: Asked) -> Reply:
        rows, following = self._links(asked)
        links = [f'<{following}>; rel="next"', f'<{following}>; rel="forward"', '<x>; rel="self"']
        return Reply(rows, headers={"Link": ", ".join(links if following else links[2:])})

    # what `auto` may meet

    def _auto_pages(self, asked: Asked) -> Reply:
        full = self._number(asked).body
        return Reply({"items": full["data"], "total_pages": full["total_pages"]})

    def _auto_cursor(self, asked: Asked) -> Reply:
        rows, following = self._after(asked)
        return Reply({"results": rows, "meta": {"next_cursor": following}})

    def _auto_href(self, asked: Asked) -> Reply:
        rows, following = self._links(asked)
        return Reply({"entries": rows, "links": {"next": {"href": following}} if following else {}})

    def _auto_odd(self, asked: Asked) -> Reply:
        return Reply({"info": {"count": 2}, "people": self.rows[:2]})

    def _bare(self, asked: Asked) -> Reply:
        return Reply(self._wanted(asked))

    def _keyed(self, asked: Asked) -> Reply:
        return Reply({"found": {"units": [{"unit": row} for row in self.rows[:4]]}, "none": None, "one": self.rows[0]})

    # rows that tell how they were asked for

    def _echo(self, asked: Asked, *_: str) -> Reply:
        told = asked.told().replace(asked.origin, "ORIGIN")
        return Reply({"data": [{"id": hashlib.md5(told.encode()).hexdigest(), "asked": told}]})

    def _parents(self, asked: Asked) -> Reply:
        return Reply({"data": [{**row, "kinds": ["a", f"b{row['id']}"]} for row in self.rows[:4]]})

    def _family(self, asked: Asked) -> Reply:
        age = len(self.rows) - FIRST_ROWS
        kinds = [{"kind": f"k{number}", "tags": ["a", "b"][: number + 1]} for number in range(1 + age // MORE_ROWS)]
        rows = [{**row, "kinds": kinds if row["id"] % 2 else []} for row in self.rows[-12:]]
        return Reply({"data": [row | ({"aged": age} if age else {}) for row in rows]})

    def _many_parents(self, asked: Asked) -> Reply:
        return self._offset(asked)

    def _parts(self, asked: Asked, of: str) -> Reply:
        since = str(asked.values.get("since") or "")
        rows = [part(number, int(of)) for number in range(1, 4 if len(self.rows) == FIRST_ROWS else 6)]
        return Reply({"data": [row for row in rows if row["at"] >= since]})

    def _older(self, asked: Asked, of: str) -> Reply:
        rows = [{"id": int(of), "unit_id": int(of), "at": f"2024-02-{28 - int(of):02d}T00:00:00Z"}]
        return Reply({"data": [row for row in rows if row["at"] >= asked.values.get("since", "")]})

    def _part(self, asked: Asked, number: str, *_: str) -> Reply:
        return Reply({"id": int(number), "belongs": asked.path})

    # answers that response actions are for

    def _refusing(self, asked: Asked, status: str, at: str = "0") -> Reply:
        if self._slice(asked)[1] < int(at):
            return self._untold(asked)
        return Reply({"error": "not enrolled", "row": "Ann"}, int(status))

    def _refusing_told(self, asked: Asked, status: str, at: str) -> Reply:
        return self._offset(asked) if self._slice(asked)[1] < int(at) else self._refusing(asked, status)

    def _some(self, asked: Asked, of: str) -> Reply:
        return Reply({"error": "gone"}, 404) if int(of) % 2 else self._parts(asked, of)

    def _latin(self, asked: Asked) -> Reply:
        return Reply('{"data": [{"id": 1, "name": "Zoë"}]}'.encode("latin-1"))

    # credentials

    def _token(self, asked: Asked) -> Reply:
        return Reply({"access_token": TOKEN, "expires_in": 3600, "token_type": "bearer"})
