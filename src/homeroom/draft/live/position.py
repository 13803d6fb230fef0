"""Ways on that the asker counts: offsets and page numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from homeroom.draft.live.api import Api, Endpoint, Seen, placed
from homeroom.draft.live.envelope import Row
from homeroom.draft.live.rows import begins, others, same
from homeroom.draft.live.signs import numbers_named
from homeroom.draft.live.size import Size

OFFSETS = ("offset", "skip", "start", "$skip", "from", "page[offset]", "_start", "startAt", "start_at")
PAGES = ("page", "page_number", "pageNumber", "page[number]", "pageIndex", "page_no", "p", "currentPage", "pagenumber")


@dataclass(frozen=True, slots=True)
class Position:
    """The parameter that counts. `base` is the number of the first page; None for offsets."""

    param: str
    base: int | None
    evidence: str
    is_sure: bool = True


def find_position(
    api: Api, endpoint: Endpoint, first: Seen, path: str, size: Size | None, hint: str | None
) -> Position | None:
    """By which parameter a list is asked from further on; None where none moves its rows."""
    counter = _Counter(api, endpoint, first, path, size)
    likely = [name for name in dict.fromkeys([hint or "", *numbers_named(first, (*OFFSETS, *PAGES))]) if name]
    for name in dict.fromkeys([*likely, OFFSETS[0], PAGES[0]]):
        if found := counter.tried(name):
            return found
    return counter.searched([name for name in (*OFFSETS, *PAGES) if name not in (*likely, OFFSETS[0], PAGES[0])])


class _Counter:
    def __init__(self, api: Api, endpoint: Endpoint, first: Seen, path: str, size: Size | None) -> None:
        self._api, self._path = api, path
        self._endpoint = endpoint if size is None else endpoint.with_params({size.param: size.rows})
        self._all: Sequence[Row] = first.rows
        self._first: Sequence[Row] = first.rows if size is None else size.small.rows
        self._step = len(self._first)

    def tried(self, name: str) -> Position | None:
        """What a parameter counts; None where it moves nothing."""
        return self._offset(name) if name in OFFSETS else self._page(name)

    def searched(self, names: Sequence[str]) -> Position | None:
        """One of many: whether any of them moves the rows, and if so which."""
        values = {name: self._far(name) for name in names}
        if same(self._rows(values), self._first):
            return None
        return next((found for name in names if (found := self.tried(name))), None)

    def _far(self, name: str) -> int:
        return 2 if name in PAGES else self._step

    def _offset(self, name: str) -> Position | None:
        if len(self._all) > self._step:
            if begins(self._rows({name: 1}), self._all[1:]):
                return Position(name, None, f"{name} 1 begins with the second row")
            return None
        rows = self._rows({name: self._step})
        if not others(self._first, rows):
            return None
        return Position(name, None, f"{name} {self._step} brings other rows", is_sure=False)

    def _page(self, name: str) -> Position | None:
        second, rows = self._all[self._step :], self._rows({name: 2})
        if second and begins(rows, second):
            return Position(name, 1, f"{name} 2 brings the rows that follow the first {self._step}")
        if len(second) > self._step and begins(rows, second[self._step :]):
            return Position(name, 0, f"{name} 2 brings the third {self._step} rows, so the first page is 0")
        if second:
            if begins(self._rows({name: 1}), second):
                return Position(name, 0, f"{name} 1 brings the rows that follow the first {self._step}, so 0 is first")
            return None
        if not others(self._first, rows):
            return None
        base = 1 if same(self._rows({name: 1}), self._first) else 0
        return Position(name, base, f"{name} 2 brings other rows, and {name} {base} those that come unasked")

    def _rows(self, given: Mapping[str, Any]) -> Sequence[Row]:
        seen = placed(self._api.ask(self._endpoint, given), self._path)
        return seen.rows if seen.status == 200 else ()


def offset_paginator(found: Position, size: Size, limit: int, total: str | None, endpoint: Endpoint) -> dict[str, Any]:
    """dlt's settings of a paginator by offset."""
    where = ("offset_body_path", "limit_body_path") if endpoint.in_body else ("offset_param", "limit_param")
    names = {where[0]: found.param, where[1]: size.param}
    usual = {"offset_param": "offset", "limit_param": "limit"}
    told = {key: name for key, name in names.items() if usual.get(key) != name}
    return {"type": "offset", "limit": limit, **told, "total_path": total}


def page_paginator(found: Position, total: str | None, endpoint: Endpoint) -> dict[str, Any]:
    """dlt's settings of a paginator by page number."""
    where = "page_body_path" if endpoint.in_body else "page_param"
    told = {where: found.param} if endpoint.in_body or found.param != "page" else {}
    return {"type": "page_number", "base_page": found.base, **told, "total_path": total}
