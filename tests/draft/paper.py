"""APIs on paper: how a list answers, without a socket; a draft of it, and what a read by that draft brings."""

import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson
from requests import PreparedRequest

sys.path.insert(0, str(Path(__file__).parents[1] / "fetch"))

from scripted import BASE, Script, answer, chain, hasty, query, read

from homeroom.dlt_seam.rest_api import json_path, make_paginator
from homeroom.draft.live.api import Endpoint
from homeroom.draft.live.auth import Admitted, Key, MakeAuth, find_auth
from homeroom.draft.live.whole import draft_api
from homeroom.draft.values import Confidence, Draft, DraftedResource, Guess
from homeroom.fetch.prober import Prober
from homeroom.plan import paging_of
from homeroom.values import Answer, Request, RetrySettings, SyncSettings

Handler = Callable[[PreparedRequest], Answer]
Row = dict[str, Any]


def people(count: int, **more: Any) -> list[Row]:
    """Rows with an id that does not begin at 1."""
    return [{"id": 1000 + 3 * number, "name": f"n{number}", **more} for number in range(count)]


@dataclass(frozen=True, slots=True)
class Listed:
    """A list that is paged one way, by parameters of any name. `cap` clamps in silence, `most` refuses more."""

    rows: Sequence[Row]
    way: str = "offset"
    param: str = "offset"
    size: str | None = "limit"
    default: int = 20
    base: int = 1
    cap: int | None = None
    most: int | None = None
    envelope: str | None = "data"
    total: str | None = None
    total_header: str | None = None
    pages_total: str | None = None
    more: str | None = None
    cursor: str = "next_cursor"
    link: str = "next"
    strict: bool = False
    wraps: bool = False
    since: str | None = None
    column: str = "updated_at"

    def __call__(self, request: PreparedRequest) -> Answer:
        """What it answers."""
        asked = query(request)
        known = {self.size, self.param if self.way in ("offset", "page", "cursor") else "page", self.since}
        if self.strict and not asked.keys() <= known:
            return answer({"error": "unknown parameter"}, 400)
        rows = [row for row in self.rows if self.since not in asked or row[self.column] >= asked[str(self.since)]]
        size = int(asked.get(self.size, self.default)) if self.size else self.default
        if self.most is not None and size > self.most:
            return answer({"error": f"{self.size} is at most {self.most}"}, 422)
        size = min(size, self.cap or size)
        start = self._start(asked, size)
        if self.wraps and start >= len(rows):
            start = 0
        page, end = rows[start : start + size], start + size
        return self._told(request, rows, page, end, size)

    def _start(self, asked: Mapping[str, str], size: int) -> int:
        if self.way == "offset":
            return int(asked.get(self.param, 0))
        if self.way == "page":
            return (int(asked.get(self.param, self.base)) - self.base) * size
        return int(asked.get(self.param if self.way == "cursor" else "page", "c0")[1:])

    def _told(self, request: PreparedRequest, rows: Sequence[Row], page: Sequence[Row], end: int, size: int) -> Answer:
        facts: dict[str, Any] = {}
        heads: dict[str, str] = {}
        following = f"c{end}" if end < len(rows) else None
        link = (
            None
            if following is None
            else f"{BASE}/users?page={following}" + (f"&{self.size}={size}" if self.size else "")
        )
        for path, value in (
            (self.total, len(rows)),
            (self.pages_total, -(-len(rows) // size)),
            (self.more, following is not None),
            (self.cursor if self.way == "cursor" else None, following),
            (self.link if self.way == "link" else None, link),
        ):
            _put(facts, path, value)
        if self.total_header:
            heads[self.total_header] = str(len(rows))
        if self.way == "header" and link:
            heads["Link"] = f'<{link}>; rel="next"'
        body: Any = page if self.envelope is None else {self.envelope: page, **facts}
        return replace(answer(body, headers=heads), url=str(request.url))


def _put(facts: dict[str, Any], path: str | None, value: Any) -> None:
    if path is None:
        return
    *outer, last = path.split(".")
    for key in outer:
        facts = facts.setdefault(key, {})
    facts[last] = value


def with_rows(listed: Listed, shown: Sequence[Row]) -> Handler:
    """The list, its rows shown otherwise than they are filtered by."""
    known = {row["id"]: row for row in shown}

    def handler(request: PreparedRequest) -> Answer:
        plain = listed(request)
        body = orjson.loads(plain.body)
        return replace(plain, body=orjson.dumps({**body, "data": [known[row["id"]] for row in body["data"]]}))

    return handler


def with_facts(listed: Listed, facts: Callable[[list[Row]], Row]) -> Handler:
    """The list, with further facts beside the rows of each page."""

    def handler(request: PreparedRequest) -> Answer:
        plain = listed(request)
        body = orjson.loads(plain.body)
        return replace(plain, body=orjson.dumps({**body, **facts(body["data"])}))

    return handler


def drafted(handler: Handler, *paths: str, key: str | None = None) -> Draft:
    """A draft of the lists at these paths; `key` is found out how to send, None: none is wanted."""

    def admit(api: Any, endpoints: Sequence[Endpoint]) -> Admitted:
        if key is None:
            return Admitted(Guess(None, Confidence.CERTAIN, "none"))
        return find_auth(api, endpoints, Key("API_KEY"), _maker(key))

    @asynccontextmanager
    async def opened(settings: SyncSettings) -> AsyncIterator[Script]:
        yield Script(handler)

    settings = SyncSettings(concurrency=1, retry=RetrySettings(attempts=2))
    endpoints = [Endpoint(path.rpartition("/")[2], path) for path in paths or ("users",)]
    with closing(Prober(BASE, settings, transport=opened, around=hasty())) as prober:
        return draft_api(BASE, endpoints, admit, prober)


def _maker(key: str) -> MakeAuth:
    from homeroom.draft.auth_flag import maker

    return maker(BASE, {}, lambda name: key)


def one(handler: Handler) -> DraftedResource:
    """The resource of a draft of one list."""
    return drafted(handler).resources[0]


def read_by(resource: DraftedResource, handler: Handler) -> list[Row]:
    """The rows that a read by the draft brings, each time they come."""
    paging = paging_of(make_paginator(dict(resource.paginator.value)))
    request = Request("GET", f"{BASE}/{resource.path.value}", params=dict(resource.params))
    selector, total = json_path(resource.selector.value), resource.sync.get("total_path")
    asked = chain(paging=paging, selector=selector, request=request, total=json_path(total.value) if total else None)
    pages, _ = read(Script(handler), asked)
    return [row for page in pages for row in orjson.loads(page.facts.data or b"[]")]
