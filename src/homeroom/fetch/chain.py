"""One chain of pages: what is asked, what is made of an answer, how its end is told."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from itertools import groupby
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from requests import PreparedRequest
from requests.auth import AuthBase

from homeroom import paginate
from homeroom.actions import ResponseAction
from homeroom.dlt_seam import rest_api as seam
from homeroom.errors import DataError
from homeroom.events import Hook
from homeroom.facts import ErrorPattern, Wanted, parse_body, read_facts, refuse_error_object, refuse_values
from homeroom.links import plain_url
from homeroom.paginate import Paging
from homeroom.values import Answer, ChainEnd, JsonPath, LimitSettings, Page, PageFacts, Proof, Request, SyncSettings

PAST_THE_END = frozenset({400, 404, 410, 416, 422})
"""How servers answer a page past their last one, where they do not send an empty page."""


@dataclass(frozen=True, slots=True)
class Chain:
    """A first request and how to go on from it.

    `number` tells the chains of a resource apart (one for each parent row). `paging` and `selector` are
    None where they are guessed from the first answer. `guess` turns dlt's guess into settings.
    `taken_as_ended`: it is one of many (of a parent's row, of a span of time that is over), and one that an earlier run
    has read to its end is not looked at again. `is_repair`: it is read once more because its rows have moved. `key` are
    the fields that tell rows apart, empty where nothing but the whole row does. `may_be_empty`: nobody wonders
    where it has no row, so it is asked for once. `most_pages`: no more than these are asked for, one after the other,
    and each once; None for all there are. `most_rows`: of these no further one once so many rows came.
    """

    resource: str
    number: int
    request: Request
    paging: Paging | None
    selector: JsonPath | None
    auth: AuthBase | None
    guess: Callable[[Any], Paging | None]
    total_header: str | None = None
    actions: tuple[ResponseAction, ...] = ()
    total: JsonPath | None = None
    errors: tuple[ErrorPattern, ...] = ()
    json_depth: int = LimitSettings().json_depth
    taken_as_ended: bool = False
    is_repair: bool = False
    key: tuple[str, ...] = ()
    may_be_empty: bool = False
    most_pages: int | None = None
    most_rows: int | None = None


class Reader(Protocol):
    """Brings the answer to one request, repeating and waiting as needed (`wire.Wire`)."""

    async def read(
        self, chain: Chain, request: Request, understand: Callable[[Answer], PageFacts]
    ) -> tuple[Answer, PageFacts]:
        """The answer and its facts; raises a `HomeroomError` when it gives up."""
        ...


class Space(Protocol):
    """Where there is room for pages (`room.Room`, as one chain sees it)."""

    async def reserve(self, is_next: Callable[[], bool]) -> int:
        """Wait for room for a page; the bytes set aside. `is_next`: whether the reader waits for this very page."""
        ...

    def settle(self, reserved: int, size: int) -> None:
        """What was set aside turned out to be of this size; 0 where nothing came of it."""
        ...


@dataclass(frozen=True, slots=True)
class Means:
    """What a chain is read with.

    `now` gives the moment at which a page arrived. `window` is the most requests that may be under way for pages
    of which nobody knows whether they exist.
    """

    reader: Reader
    space: Space
    hooks: tuple[Hook, ...]
    now: Callable[[], datetime]
    settings: SyncSettings
    window: int


class Reading:
    """One chain while it is read: settles what the config leaves to guessing on its first page.

    `totals` are the API's row counts so far, the first one and each that is another one than before.
    """

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self.totals: list[int | None] = []
        self.guessed = chain.paging is None
        self._wanted: tuple[Chain, Wanted] | None = None

    def understand(self, answer: Answer) -> PageFacts:
        """The facts of an answer."""
        if self.chain.selector is None or self.chain.paging is None:
            self._guess(answer, parse_body(answer, self.chain.json_depth))
        if self._wanted is None or self._wanted[0] is not self.chain:
            self._wanted = self.chain, wanted_of(self.chain)
        return read_facts(answer, self._wanted[1])

    def _guess(self, answer: Answer, body: Any) -> None:
        refuse_values(lambda path: [found.value for found in path.compiled.find(body)], self.chain.errors)
        refuse_error_object(body)
        if self.chain.selector is None:
            self.chain = replace(self.chain, selector=seam.detect_selector(body))
        if self.chain.paging is None:
            guessed = self.chain.guess(seam.detect_paginator(seam.make_response(answer, PreparedRequest())))
            self.chain = replace(
                self.chain, paging=guessed or paginate.SinglePage(), total=self.chain.total or _guess_total(body)
            )

    @property
    def doubts_emptiness(self) -> bool:
        """Whether a list without a row is asked for once more: it may be what a server says that has failed.

        One of many lists is often empty, and so is what is new: their requests would double.
        """
        return not self.chain.may_be_empty

    def note_total(self, total: int | None) -> None:
        """Enter what a page says of the number of rows. Only the first may say nothing."""
        if not self.totals or total not in (None, self.totals[-1]):
            self.totals.append(total)

    def page(self, number: int, request: Request, answer: Answer, facts: PageFacts, read_at: datetime) -> Page:
        """What was read, as it goes on."""
        assert self.chain.selector is not None
        return Page(
            resource=self.chain.resource,
            chain=self.chain.number,
            number=number,
            place=safe_place(request),
            body=answer.body,
            facts=facts,
            selector=self.chain.selector,
            read_at=read_at,
            resumed=answer.read_at is not None,
            kept=answer.kept,
        )

    def ended(
        self,
        proof: Proof,
        note: str = "",
        *,
        broken: bool = False,
        part: bool = False,
        passes: int = 0,
        unproved: bool = False,
    ) -> ChainEnd:
        """The end of the chain. `part`: the config wanted no more, so the API's totals are no measure."""
        if self.guessed:
            proof, note = Proof.END, note or _guess_note(self.chain.paging)
        if (start := _start_of(self.chain.paging)) is not None:
            part, note = True, note or f"read from {start} on, as the config says"
        first = self.totals[0] if self.totals else None
        told = (None, None) if part else (first, *(self.totals[1:] or [first]))
        return ChainEnd(self.chain.number, proof, told, note, broken, passes, unproved)

    def refuse_more(self, most: int, request: Request) -> DataError:
        """The error of a chain that does not end."""
        where = f"resource {self.chain.resource}, {safe_place(request)}"
        return DataError(
            f"{where}: more than {most} pages (sync.limits.pages: {most}); raise it if there are so many, "
            "else look at how the API pages",
            resource=self.chain.resource,
            code="paging-broken",
        )


_TOTALS = ("total", "total_count", "totalCount", "total_items", "totalItems", "total_results", "totalResults", "count")


def _guess_total(body: Any) -> JsonPath | None:
    """Where an answer whose paging is guessed says how many rows there are, so that a list cut short is not all."""
    told = (key for key in _TOTALS if isinstance(body, dict) and type(body.get(key)) is int)
    return next(map(_path_of, told), None)


@cache
def _path_of(key: str) -> JsonPath:
    return seam.json_path(key)


def _guess_note(paging: Paging | None) -> str:
    if isinstance(paging, paginate.SinglePage):
        return "one answer that names no next page; a page cut short looks the same: name a paginator"
    words = {paginate.JsonLink: "links in the body", paginate.HeaderLink: "links in the Link header"}
    return f"paging was guessed ({words.get(type(paging), type(paging).__name__)}): name a paginator"


def _start_of(paging: Paging | None) -> int | None:
    """Where the config begins to read, if that is not the beginning."""
    if isinstance(paging, paginate.Offset):
        return paging.start or None
    return paging.start if isinstance(paging, paginate.PageNumber) and paging.start != paging.base else None


def wanted_of(chain: Chain) -> Wanted:
    """The facts that a chain's paging lives on."""
    paging = chain.paging
    assert chain.selector is not None
    has_more = paging.has_more if isinstance(paging, paginate.Offset | paginate.PageNumber | paginate.Cursor) else None
    return Wanted(
        selector=chain.selector,
        total=paging.total if isinstance(paging, paginate.Offset | paginate.PageNumber) else None,
        total_counts_rows=not isinstance(paging, paginate.PageNumber),
        reference=paging.path if isinstance(paging, paginate.Cursor | paginate.JsonLink) else None,
        has_more=has_more,
        link_rel=paging.rel if isinstance(paging, paginate.HeaderLink) else None,
        cursor_header=paging.header if isinstance(paging, paginate.HeaderCursor) else None,
        total_header=chain.total_header,
        row_total=chain.total,
        errors=chain.errors,
        json_depth=chain.json_depth,
    )


_FUNCTIONS = frozenset({"wsfunction"})
"""Parameters that name what is asked for where the path is always the same (Moodle)."""
_FUNCTION = re.compile(r"[a-z]\w{0,80}")
_NUMBERED = re.compile(r"\[\d+\]$")
_COUNTED = paginate.COUNTING_PARAMS | {name.lower() for name in paginate.PAGE_SIZE_PARAMS}


def safe_place(request: Request) -> str:
    """A request as it may be printed: method, URL, the query's plain numbers and the name of a function.

    Any other value may be a key or somebody's name, and shows as `…`. A path that a parent's row has filled
    shows as it stands in the config.
    """
    shown = [f"{key}={value or '…'}" for key, value in _joined(query_of(request))]
    return f"{request.method} {url_of(request)}" + (f"?{'&'.join(shown)}" if shown else "")


def _joined(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The parameters of a batch as one (`ids[0…49]`): there may be a hundred."""
    found: list[tuple[str, str]] = []
    for name, group in groupby(pairs, key=lambda pair: "" if pair[1] else _NUMBERED.sub("", pair[0])):
        members = list(group)
        numbered = name and len(members) > 1 and all(_NUMBERED.search(key) for key, _ in members)
        last = members[-1][0].removeprefix(f"{name}[")
        found += [(f"{members[0][0].removesuffix(']')}…{last}", "")] if numbered else members
    return found


def url_of(request: Request) -> str:
    """A request's URL as it may be printed, without its query."""
    return plain_url(request.url) if request.shown is None else request.shown


def query_of(request: Request) -> list[tuple[str, str]]:
    """The names in a request's query, each with its value where that may be printed, else with an empty one."""
    pairs = [*parse_qsl(urlsplit(request.url).query), *_flat(request.params or {})]
    return [(key, str(value) if _is_shown(key, str(value)) else "") for key, value in pairs]


def _is_shown(key: str, value: str) -> bool:
    if key.lower() in _FUNCTIONS:
        return _FUNCTION.fullmatch(value) is not None
    return key.lower() in _COUNTED and value.isdecimal()


def _flat(params: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(key, value) for key, value in params.items() if value is not None]
