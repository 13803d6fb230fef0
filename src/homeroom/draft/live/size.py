"""How large the pages of a list are, and by which parameter one asks for another size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from homeroom.draft.live.api import Api, Endpoint, Seen, placed
from homeroom.draft.live.signs import link_header, next_links, numbers_named, query_of

LARGE = 1000
"""Rows that are asked for to see where a server clamps."""

NAMES = (
    "limit", "per_page", "page_size", "pageSize", "perPage", "pagesize", "page[size]", "size", "count", "$top", "top",
    "max_results", "maxResults", "rows", "first", "page_limit", "results_per_page", "itemsPerPage",
)  # fmt: skip
_ALONE = 2
"""How many of the names are tried one by one before all the others at once."""


@dataclass(frozen=True, slots=True)
class Size:
    """The parameter that is honoured, and the page of `rows` rows that shows it."""

    param: str
    rows: int
    small: Seen


def find_size(api: Api, endpoint: Endpoint, first: Seen, path: str, hint: str | None) -> Size | None:
    """By which parameter the size of a page is asked for; None where none is honoured, or too few rows tell."""
    if len(first.rows) < 2:
        return None
    tried = _Tries(api, endpoint, path, 2 if len(first.rows) > 2 else 1)
    likely = _likely(first, hint)
    for name in likely:
        if (small := tried.honours([name])) is not None:
            return Size(name, tried.rows, small)
    return tried.search([name for name in NAMES if name not in likely])


def _likely(first: Seen, hint: str | None) -> list[str]:
    """The names to try one by one: what another list took, what links and bodies repeat, and the usual ones."""
    links = [link for link in (link_header(first), *(str(sign.value) for sign in next_links(first))) if link]
    told = [name for link in links for name in query_of(link) if name in NAMES]
    given = [hint] if hint else []
    return list(dict.fromkeys([*given, *told, *numbers_named(first, NAMES), *NAMES[:_ALONE]]))


class _Tries:
    """Asks for pages of so many rows."""

    def __init__(self, api: Api, endpoint: Endpoint, path: str, rows: int) -> None:
        self.rows = rows
        self._api, self._endpoint, self._path = api, endpoint, path

    def honours(self, names: Sequence[str]) -> Seen | None:
        """The page, where one of these parameters is honoured."""
        seen = placed(self._api.ask(self._endpoint, dict.fromkeys(names, self.rows)), self._path)
        return seen if seen.status == 200 and len(seen.rows) == self.rows else None

    def search(self, names: Sequence[str]) -> Size | None:
        """Which of many is honoured: all at once, then half by half."""
        small = self.honours(names) if names else None
        while small is not None and len(names) > 1:
            half = names[: len(names) // 2]
            found = self.honours(half)
            names, small = (half, found) if found else (names[len(half) :], small)
        if small is None:
            return None
        alone = self.honours(names)
        return None if alone is None else Size(names[0], self.rows, alone)


@dataclass(frozen=True, slots=True)
class Largest:
    """The largest page that was got. `limit` is what to ask for; `evidence` says why, empty where no size is known."""

    seen: Seen
    limit: int
    evidence: str = ""

    @property
    def may_be_clamped(self) -> bool:
        """Whether fewer rows came than were asked for: there were no more, or the server gives no more at once."""
        return bool(self.evidence) and len(self.seen.rows) < self.limit

    def clamped(self) -> Largest:
        """The same, once more rows have shown that it is the server's bound."""
        rows = len(self.seen.rows)
        return replace(self, limit=rows, evidence=f"{self.evidence} though there are more, so {rows:,} are asked for")


def find_largest(api: Api, endpoint: Endpoint, first: Seen, path: str, size: Size) -> Largest:
    """What comes where 1,000 rows are asked for."""
    seen = placed(api.ask(endpoint, {size.param: LARGE}), path)
    came, usual = len(seen.rows), len(first.rows)
    if seen.status != 200 or came < usual:
        told = f"{size.param} {LARGE:,} is refused ({seen.status}), and unasked {usual} rows come"
        return Largest(first, usual, told)
    if came >= LARGE:
        return Largest(seen, LARGE, f"{size.param} {LARGE:,} is honoured")
    return Largest(seen, LARGE, f"{size.param} {LARGE:,} brings {came:,} rows")
