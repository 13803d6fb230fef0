"""How a list goes on after its first page: what is found out by asking, and what that is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from homeroom.draft.live.api import NOTHING, Api, Endpoint, Given, Seen, placed
from homeroom.draft.live.envelope import Row
from homeroom.draft.live.onward import Way, by_cursor, by_link, leads_on
from homeroom.draft.live.position import Position, find_position, offset_paginator, page_paginator
from homeroom.draft.live.rows import begins, distinct
from homeroom.draft.live.signs import flags
from homeroom.draft.live.size import Largest, Size, find_largest, find_size
from homeroom.draft.live.totals import judge_totals
from homeroom.draft.values import Confidence, Guess

_SINGLE: Mapping[str, Any] = MappingProxyType({"type": "single_page"})
_SIZES = frozenset((10, 12, 15, 20, 24, 25, 30, 40, 50, 60, 75, 80))
"""What sizes of pages begin with: these, and ten or more times these."""


@dataclass(frozen=True, slots=True)
class Style:
    """By which parameters another list of the same API is paged: tried first. None where there is none of a kind."""

    size: str | None = None
    cursor: str | None = None
    position: str | None = None
    paginator: Mapping[str, Any] | None = None
    params: Given = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True)
class Paged:
    """What was found. `rows` are all that came, each once; `params` are to be sent with each request."""

    paginator: Guess[Mapping[str, Any]]
    rows: tuple[Row, ...]
    style: Style
    params: Given = field(default_factory=lambda: NOTHING)
    sync: Mapping[str, Guess[Any]] = field(default_factory=lambda: NOTHING)
    notes: tuple[str, ...] = ()


def find_paging(api: Api, endpoint: Endpoint, first: Seen, path: str, style: Style) -> Paged:
    """How to read the list that `first` is the first answer of; its rows stand at `path`."""
    if first.found is not None and first.found.value.is_single:
        return Paged(Guess(_SINGLE, Confidence.LIKELY, "the answer is one object"), tuple(first.rows), style)
    size = find_size(api, endpoint, first, path, style.size)
    largest = Largest(first, len(first.rows)) if size is None else find_largest(api, endpoint, first, path, size)
    search = _Search(api, endpoint, first, path, style, size, largest)
    return search.onward() or search.counted() or search.single()


class _Search:
    """One list, and what is known of it before its way on is."""

    def __init__(
        self, api: Api, endpoint: Endpoint, first: Seen, path: str, style: Style, size: Size | None, largest: Largest
    ) -> None:
        self._api, self._endpoint, self._first, self._path = api, endpoint, first, path
        self._style, self._size, self._largest = style, size, largest
        self._page = first if size is None else size.small
        self._pages = [first, largest.seen] if size is None else [first, size.small, largest.seen]
        self._totals = judge_totals(self._pages)

    def onward(self) -> Paged | None:
        """By what an answer names itself."""
        endpoint = (
            self._endpoint if self._size is None else self._endpoint.with_params({self._size.param: self._size.rows})
        )
        way = by_link(self._api, endpoint, self._page, self._path)
        way = way or by_cursor(self._api, endpoint, self._page, self._path, self._style.cursor)
        if way is None:
            return None
        if self._largest.may_be_clamped and leads_on(self._largest.seen, way.paginator.value):
            self._largest = self._largest.clamped()
        guess = replace(way.paginator, evidence=self._with_size(way.paginator.evidence))
        params = {} if self._size is None else {self._size.param: self._largest.limit}
        style = Style(self._size.param if self._size else None, way.param, None, guess.value, params)
        return self._paged(guess, style, params, self._sync(self._totals.rows is not None), self._beyond(way))

    def counted(self) -> Paged | None:
        """By an offset or a page number."""
        found = find_position(self._api, self._endpoint, self._first, self._path, self._size, self._style.position)
        if found is None:
            return None
        size, is_sure, end = self._size, found.is_sure, self._end(found)
        is_offset = found.base is None
        total = self._totals.rows if is_offset else self._totals.pages
        told = None if total is None or total.in_header else total.path
        if is_offset:
            by = size or Size("limit", len(self._first.rows), self._first)
            paginator = offset_paginator(found, by, self._largest.limit, told, self._endpoint)
            params: Given = {}
        else:
            paginator = page_paginator(found, told, self._endpoint)
            params = {} if size is None else {size.param: self._largest.limit}
        if told is None and (more := self._flag()):
            paginator["has_more_path"] = more
        evidence = "; ".join(filter(None, (self._with_size(found.evidence), self._said_total(), end)))
        confidence = Confidence.CERTAIN if is_sure else Confidence.LIKELY
        style = Style(size.param if size else None, None, found.param, paginator, params)
        needs_total = self._totals.rows is not None and (not is_offset or self._totals.rows.in_header)
        return self._paged(Guess(paginator, confidence, evidence), style, params, self._sync(needs_total))

    def single(self) -> Paged:
        """By one request; or unknown, where too few rows came to tell."""
        rows, total = len(self._first.rows), self._totals.rows
        guess: Guess[Mapping[str, Any]]
        if rows < 2:
            guess = self._unknown(rows)
        elif total is not None and total.value == rows:
            said = f"one page held all {rows:,} rows, which is what {total.path} says"
            guess = Guess(_SINGLE, Confidence.CERTAIN, said)
        elif _may_be_cut(rows):
            said = f"{rows:,} rows came, and no parameter that was tried brought others; lists are cut at such numbers"
            guess = Guess(_SINGLE, Confidence.GUESS, said)
        else:
            said = f"{rows:,} rows came, and no parameter that was tried changed that"
            guess = Guess(_SINGLE, Confidence.LIKELY, said)
        needs_total = total is not None and guess.value.get("total_path") != total.path
        params = self._style.params if guess.value.get("type") == (self._style.paginator or {}).get("type") else NOTHING
        return self._paged(guess, self._style, params, self._sync(needs_total))

    def _unknown(self, rows: int) -> Guess[Mapping[str, Any]]:
        came = "1 row came" if rows else "no row came"
        if self._style.paginator is None:
            said = f"{came}, which tells nothing of paging; each run decides by what comes"
            return Guess({"type": "auto"}, Confidence.GUESS, said, (_SINGLE,))
        said = f"{came}, which tells nothing of paging; this is how another list of this API goes on"
        total = self._totals.rows or self._totals.pages
        if total is not None and self._style.paginator.get("total_path") == total.path:
            return Guess(self._style.paginator, Confidence.LIKELY, f"{said}, and {total.path} stands here, too")
        return Guess(_without_total(self._style.paginator), Confidence.GUESS, said, (_SINGLE,))

    def _paged(
        self,
        guess: Guess[Mapping[str, Any]],
        style: Style,
        params: Given,
        sync: Mapping[str, Guess[Any]],
        further: tuple[Row, ...] = (),
    ) -> Paged:
        rows = distinct([*self._largest.seen.rows, *self._first.rows, *further])
        return Paged(guess, tuple(rows), style, params, sync, self._totals.doubts)

    def _beyond(self, way: Way) -> tuple[Row, ...]:
        return () if way.beyond is None else way.beyond.rows

    def _with_size(self, evidence: str) -> str:
        return f"{evidence}; {self._largest.evidence}" if self._largest.evidence else evidence

    def _said_total(self) -> str:
        rows, pages = self._totals.rows, self._totals.pages
        if rows is None and pages is None:
            return "no total is told"
        return f"{rows.path} says {rows.value:,} rows" if rows else f"{pages.path} counts pages" if pages else ""

    def _sync(self, needed: bool) -> Mapping[str, Guess[Any]]:
        """Where the total of rows stands, where the paginator does not say it."""
        total = self._totals.rows
        if total is None or not needed:
            return {}
        said = f"{total.value:,}, whatever the size of the page"
        return {"total_header" if total.in_header else "total_path": Guess(total.path, Confidence.LIKELY, said)}

    def _flag(self) -> str | None:
        """A flag that is true where more rows follow, and false where all have come."""
        ends = {sign.path: sign.value for sign in flags(self._largest.seen)}
        return next((sign.path for sign in flags(self._page) if sign.value and ends.get(sign.path) is False), None)

    def _end(self, found: Position) -> str:
        """What comes beyond the last row, in words; empty where that is not known without reading all.

        A size of page that turns out to be the server's bound is noted.
        """
        total, came = self._totals.rows, len(self._largest.seen.rows)
        if self._size is None:
            return ""
        if total is not None:
            if self._largest.may_be_clamped and total.value > came:
                self._largest = self._largest.clamped()
            at = total.value if found.base is None else -(-total.value // self._size.rows) + found.base
            return self._beyond_end(self._ask(found, at, self._size.rows))
        if not self._largest.may_be_clamped:
            return ""
        rows = self._ask(found, came if found.base is None else found.base + 1, self._largest.limit)
        if isinstance(rows, int) or not rows or begins(rows, self._first.rows):
            return self._beyond_end(rows)
        self._largest = self._largest.clamped()
        return ""

    def _ask(self, found: Position, at: int, size: int) -> Sequence[Row] | int:
        """The rows there; where it is refused the status."""
        assert self._size is not None
        endpoint = self._endpoint.with_params({self._size.param: size})
        seen = placed(self._api.ask(endpoint, {found.param: at}), self._path)
        return seen.rows if seen.status == 200 else seen.status

    def _beyond_end(self, rows: Sequence[Row] | int) -> str:
        if isinstance(rows, int):
            return f"beyond the end the answer is {rows}"
        if not rows:
            return "beyond the end comes an empty list"
        if begins(rows, self._first.rows):
            return "beyond the end comes the first page again"
        return "beyond what should be the end rows still come"


def _may_be_cut(rows: int) -> bool:
    """Whether so many rows are the size of somebody's page: a round number, or a power of two."""
    while rows >= 100 and rows % 10 == 0:
        rows //= 10
    return rows in _SIZES or (rows >= 32 and rows.bit_count() == 1)


def _without_total(paginator: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**paginator, "total_path": None} if "total_path" in paginator else paginator
