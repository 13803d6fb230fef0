"""What an answer says of the way on: links, cursors, totals, flags, and the parameters it repeats. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from homeroom.draft.live.api import Seen
from homeroom.draft.live.envelope import path_of
from homeroom.facts.link_header import target_of

_DEPTH = 3
_URL = re.compile(r"(https?://|/|\?)\S*")
_NEXT = re.compile(r"next|more_?url|forward", re.IGNORECASE)
_CURSOR = re.compile(r"next|cursor|continuation|after|token|bookmark|scroll", re.IGNORECASE)
_BACK = re.compile(r"prev|before|first|last|self|csrf|session|access|refresh", re.IGNORECASE)
_TOTAL = re.compile(r"total|count|found|num_?results|size_?of|records", re.IGNORECASE)
_PAGE_OF = re.compile(r"page", re.IGNORECASE)
_MORE = re.compile(
    r"(has|is|any|have)?_?-?(more|next)(_?-?(page|items|results))?|more_?available|end_?of", re.IGNORECASE
)
_TOTAL_HEADER = re.compile(r"total", re.IGNORECASE)
_CURSOR_HEADER = re.compile(r"(next|cursor|continuation)[\w-]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sign:
    """A fact beside the rows: where it stands (a JSONPath, or a header's name) and what it says."""

    path: str
    value: Any
    in_header: bool = False

    @property
    def key(self) -> str:
        """The last part of where it stands."""
        return self.path.rpartition(".")[2].strip("'")


def beside(seen: Seen) -> list[Sign]:
    """The facts beside the rows."""
    return list(_scalars(seen.body, (), _DEPTH)) if isinstance(seen.body, Mapping) else []


def link_header(seen: Seen) -> str | None:
    """The URL that the Link header names as the next one (RFC 8288)."""
    told = seen.header("Link")
    return None if told is None else target_of(told, "next")


def next_links(seen: Seen) -> list[Sign]:
    """Texts beside the rows that are URLs and named as the next one."""
    return [
        sign
        for sign in beside(seen)
        if isinstance(sign.value, str) and _URL.match(sign.value) and _NEXT.search(sign.path) and _forward(sign)
    ]


def cursors(seen: Seen) -> list[Sign]:
    """What could be sent back for the next page: a text or a number that is no URL."""
    told = [
        sign
        for sign in beside(seen)
        if isinstance(sign.value, str | int)
        and not isinstance(sign.value, bool)
        and sign.value != ""
        and _CURSOR.search(sign.path)
        and _forward(sign)
        and not _URL.match(str(sign.value))
        and not _MORE.fullmatch(sign.key.lower() if isinstance(sign.value, int) else "-")
        and not (_TOTAL.search(sign.key) and isinstance(sign.value, int))
    ]
    heads = [
        Sign(name, value, in_header=True)
        for name, value in seen.answer.headers
        if _CURSOR_HEADER.fullmatch(name.lower().removeprefix("x-")) and not _URL.match(value)
    ]
    return sorted(told, key=lambda sign: (not _NEXT.search(sign.path), len(sign.path))) + heads


def totals(seen: Seen) -> list[Sign]:
    """Whole numbers beside the rows, or in headers, that are named as a total."""
    told = [Sign(each.path, whole) for each in beside(seen) if (whole := _whole(each.value)) is not None]
    named = [sign for sign in told if _TOTAL.search(sign.path)]
    heads = [
        Sign(name, int(value), in_header=True)
        for name, value in seen.answer.headers
        if _TOTAL_HEADER.search(name) and value.strip().isdecimal()
    ]
    return named + heads


def flags(seen: Seen) -> list[Sign]:
    """True or false beside the rows that says whether there is more."""
    return [sign for sign in beside(seen) if isinstance(sign.value, bool) and _MORE.fullmatch(sign.key)]


def numbers_named(seen: Seen, names: Sequence[str]) -> list[str]:
    """Which of these names stand beside the rows with a number: a server often repeats what it was asked."""
    plain = {_plain(name): name for name in names}
    return [
        plain[_plain(sign.key)] for sign in beside(seen) if _whole(sign.value) is not None and _plain(sign.key) in plain
    ]


def query_of(url: str) -> dict[str, str]:
    """The parameters of a link."""
    return dict(parse_qsl(urlsplit(url).query))


def counts_pages(sign: Sign) -> bool:
    """Whether a total's name says that it is one of pages."""
    return bool(_PAGE_OF.search(sign.key)) and not re.search(r"per_?-?page", sign.key, re.IGNORECASE)


def _scalars(value: Any, keys: tuple[str, ...], depth: int) -> Iterator[Sign]:
    if isinstance(value, Mapping):
        if depth:
            for key, item in value.items():
                yield from _scalars(item, (*keys, str(key)), depth - 1)
    elif not isinstance(value, list) and value is not None:
        yield Sign(path_of(keys), value)


def _forward(sign: Sign) -> bool:
    return not _BACK.search(sign.key)


def _whole(value: Any) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 18 else None


def _plain(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())
