"""One chain of pages: what is asked, and how it is followed to its end."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

import orjson
from requests import PreparedRequest
from requests.auth import AuthBase

from homeroom import paginate
from homeroom.actions import IgnoredAnswer, ResponseAction
from homeroom.dlt_seam import rest_api as seam
from homeroom.errors import DataError, HomeroomError, RequestError, TransientError
from homeroom.events import Hook, PageRead, emit
from homeroom.facts import ERROR_KEYS, Wanted, error_object, parse_body, read_facts
from homeroom.fetch.own_paging import OwnPaging
from homeroom.paginate import Paging
from homeroom.values import Answer, ChainEnd, JsonPath, Page, PageFacts, Proof, Request

_PAST_THE_END = frozenset({400, 404, 410, 416, 422})
"""How servers answer a page past their last one, where they do not send an empty page."""


@dataclass(frozen=True, slots=True)
class Chain:
    """A first request and how to go on from it.

    `number` tells the chains of a resource apart (one for each parent row). `paging` and `selector` are
    None where they are guessed from the first answer. `guess` turns dlt's guess into settings.
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


class Reader(Protocol):
    """Brings the answer to one request, repeating and waiting as needed (`wire.Wire`)."""

    async def read(
        self, chain: Chain, request: Request, understand: Callable[[Answer], PageFacts]
    ) -> tuple[Answer, PageFacts]:
        """The answer and its facts; raises a `HomeroomError` when it gives up."""
        ...


async def follow(
    chain: Chain, reader: Reader, hooks: tuple[Hook, ...], now: Callable[[], datetime]
) -> AsyncGenerator[Page | ChainEnd, None]:
    """The pages of a chain in order, then its end. The next request waits until the page before was taken."""
    walk = _Walk(chain)
    step = paginate.Step(walk.first_request())
    while (request := step.request) is not None:
        if (loop := walk.visit(request)) is not None:
            yield walk.end(Proof.END, loop, broken=True)
            return
        try:
            answer, facts = await reader.read(walk.chain, request, walk.understand)
        except (RequestError, TransientError, DataError) as error:
            if step.probe and not _is_about_more_than_the_end(error):
                break
            raise
        except IgnoredAnswer as ignored:
            step = walk.ignore(str(ignored))
            break
        if walk.repeats(answer, facts, probe=step.probe):
            yield walk.end_of_repetition(probe=step.probe)
            return
        emit(hooks, PageRead(chain.resource, facts.rows, len(answer.body), facts.row_total))
        try:
            step = walk.take(request, answer, facts)
        except DataError as error:
            where = f"resource {chain.resource}, {safe_place(request)}"
            raise DataError(f"{where}: {error}", resource=chain.resource) from None
        yield walk.page(request, answer, facts, now())
    yield walk.end(step.proof, step.note, part=step.part)


def _is_about_more_than_the_end(error: HomeroomError) -> bool:
    """Whether a failure of a request beyond the announced end says something of the rows before it: it rarely does."""
    return isinstance(error, RequestError) and error.status not in _PAST_THE_END


class _Walk:
    """Where one chain stands. Belongs to a single `follow`."""

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self._guessed = chain.paging is None
        self._own = OwnPaging(chain.paging.paginator) if isinstance(chain.paging, paginate.Own) else None
        self._seen: set[bytes] = set()
        self._pages = 0
        self._largest = 0
        self._totals: tuple[int | None, int | None] = (None, None)
        self._last = b""

    def first_request(self) -> Request:
        if self._own is not None:
            return self._own.first(self.chain.request)
        return paginate.first(self.chain.paging, self.chain.request) if self.chain.paging else self.chain.request

    def visit(self, request: Request) -> str | None:
        """Remember a request; what is wrong with it where it was made before."""
        if self._own is not None:
            return None  # it may have its reasons, and keep its place where we do not look
        key = orjson.dumps([request.url, request.params, request.json], default=str)
        if key in self._seen:
            return f"page {self._pages} leads back to a page already read"
        self._seen.add(key)
        return None

    def repeats(self, answer: Answer, facts: PageFacts, *, probe: bool) -> bool:
        """Whether a page is the one before once more, where nothing else would end the read."""
        held = answer.body if facts.data is None else facts.data
        ranged = isinstance(self.chain.paging, paginate.Offset | paginate.PageNumber)
        bounded = not probe and (facts.total is not None or facts.has_more is not None)
        same = ranged and not bounded and facts.rows > 0 and held == self._last
        self._last = held
        return same

    def end_of_repetition(self, *, probe: bool) -> ChainEnd:
        """Beyond their end some servers give the last page again; on page 2 it is a sign that paging is ignored."""
        if probe:
            return self.end(Proof.END)
        page = self._pages + 1
        if page > 2:
            return self.end(Proof.END, f"page {page} is page {page - 1} once more, taken for the end")
        return self.end(Proof.END, "page 2 is page 1 once more: does the API know the paging parameters?", broken=True)

    def understand(self, answer: Answer) -> PageFacts:
        """The facts of an answer; settles what the config leaves to guessing on the first page."""
        if self.chain.selector is None or self.chain.paging is None:
            self._guess(answer, parse_body(answer))
        return read_facts(answer, wanted_of(self.chain))

    def _guess(self, answer: Answer, body: Any) -> None:
        _refuse_error_object(body)
        if self.chain.selector is None:
            self.chain = replace(self.chain, selector=seam.detect_selector(body))
        if self.chain.paging is None:
            guessed = self.chain.guess(seam.detect_paginator(seam.make_response(answer, PreparedRequest())))
            self.chain = replace(self.chain, paging=guessed or paginate.SinglePage())

    def take(self, request: Request, answer: Answer, facts: PageFacts) -> paginate.Step:
        """Count a page, and say what comes next."""
        step = self._after(request, answer, facts)
        self._pages += 1
        self._largest = max(self._largest, facts.rows)
        # An empty page often says a total of 0: it is no second opinion.
        if facts.row_total is not None and (facts.rows or self._pages == 1):
            self._totals = (facts.row_total if self._totals[0] is None else self._totals[0], facts.row_total)
        return step

    def _after(self, request: Request, answer: Answer, facts: PageFacts) -> paginate.Step:
        assert self.chain.paging is not None and self.chain.selector is not None
        if self._own is None:
            return paginate.after(self.chain.paging, request, facts, self._largest)
        following = self._own.after(request, answer, facts, self.chain.selector)
        return paginate.Step(following, note=f"paging by {self._own.name}, whose end cannot be judged")

    def ignore(self, why: str) -> paginate.Step:
        """The end by an answer that the config ignores. On the first page that is all the config wants to know."""
        if self._pages == 0:
            return paginate.Step(None, Proof.DECLARED, why)
        return paginate.Step(None, Proof.END, f"after page {self._pages} {why}")

    def page(self, request: Request, answer: Answer, facts: PageFacts, read_at: datetime) -> Page:
        assert self.chain.selector is not None
        place = safe_place(request)
        return Page(
            self.chain.resource, self.chain.number, self._pages, place, answer.body, facts, self.chain.selector, read_at
        )

    def end(self, proof: Proof, note: str = "", *, broken: bool = False, part: bool = False) -> ChainEnd:
        if self._guessed:
            proof, note = Proof.END, note or _guess_note(self.chain.paging)
        if (start := _start_of(self.chain.paging)) is not None:
            part, note = True, note or f"read from {start} on, as the config says"
        return ChainEnd(self.chain.number, proof, (None, None) if part else self._totals, note, broken)


def _refuse_error_object(body: Any) -> None:
    """An error object sent with status 200 (Moodle, and not only it) would land as a row where rows are guessed."""
    told = [key for key in ERROR_KEYS if isinstance(body, dict) and body.get(key)]
    if told and "id" not in body:
        raise DataError(error_object(told))


def _guess_note(paging: Paging | None) -> str:
    if isinstance(paging, paginate.SinglePage):
        return "one answer that names no total and no next page; a page cut short looks the same: name a paginator"
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
    )


def safe_place(request: Request) -> str:
    """A request as it may be printed: method, path, and those query values that are plain numbers.

    Any other value may be a key or somebody's name, and shows as `…`. A path that a parent's row has filled
    shows as it stands in the config.
    """
    parts = urlsplit(request.url)
    path = parts.path if request.shown is None else request.shown
    pairs = [*parse_qsl(parts.query), *_flat(request.params or {})]
    counted = paginate.COUNTING_PARAMS | {"limit", "per_page", "page_size", "pagesize", "size"}
    shown = [f"{key}={value if key.lower() in counted and str(value).isdecimal() else '…'}" for key, value in pairs]
    return f"{request.method} {path or '/'}" + (f"?{'&'.join(shown)}" if shown else "")


def _flat(params: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(key, value) for key, value in params.items() if value is not None]
