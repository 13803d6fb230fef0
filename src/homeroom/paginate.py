"""Paging styles, and the one question they answer: after this page, which request?

Nothing here remembers its place: the next request is a function of the settings, the request that was
made and the facts of its page. Names and defaults of the settings are those of dlt's paginators.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import singledispatch
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from homeroom.errors import DataError
from homeroom.links import joined
from homeroom.values import JsonPath, PageFacts, Proof, Request

LINKS_COUNT = "next links count pages: rows can move between them"

COUNTING_PARAMS = frozenset(
    [
        "page",
        "_page",
        "$page",
        "page_number",
        "page[number]",
        "page_num",
        "page_no",
        "page_index",
        "pageindex",
        "pagenum",
        "pageno",
        "pagenumber",
        "p",
        "offset",
        "_offset",
        "$offset",
        "page[offset]",
        "start",
        "_start",
        "start_index",
        "startindex",
        "start_at",
        "startat",
        "skip",
        "$skip",
        "from",
    ]
)
"""Query parameters that count pages or rows: what only moves one of these is no cursor."""


@dataclass(frozen=True, slots=True)
class SinglePage:
    """One request, by the config's own word."""


@dataclass(frozen=True, slots=True)
class Offset:
    """`offset` and `limit`; each goes to a query parameter or to a place in the JSON body, never both.

    `total` is the JSONPath of the number of rows; what it does not find is no error, the read goes on to
    an empty page. `maximum` ends the read before that offset.
    """

    limit: int
    start: int = 0
    param: str | None = "offset"
    body_path: str | None = None
    limit_param: str | None = "limit"
    limit_body_path: str | None = None
    total: JsonPath | None = None
    maximum: int | None = None
    stop_after_empty_page: bool = True
    has_more: JsonPath | None = None


@dataclass(frozen=True, slots=True)
class PageNumber:
    """`page`, counted from `base`; `total` is the JSONPath of the number of pages, `start` the first to read."""

    base: int = 0
    start: int = 0
    param: str | None = "page"
    body_path: str | None = None
    total: JsonPath | None = None
    maximum: int | None = None
    stop_after_empty_page: bool = True
    has_more: JsonPath | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """A cursor in the answer, sent back as a query parameter or in the body."""

    path: JsonPath
    param: str | None = "cursor"
    body_path: str | None = None
    stop_after_empty_page: bool = False
    has_more: JsonPath | None = None


@dataclass(frozen=True, slots=True)
class HeaderCursor:
    """A cursor in a response header, sent back as a query parameter."""

    header: str
    param: str


@dataclass(frozen=True, slots=True)
class JsonLink:
    """The URL of the next page, somewhere in the answer."""

    path: JsonPath


@dataclass(frozen=True, slots=True)
class HeaderLink:
    """The URL of the next page, in the Link header (RFC 8288) under the relation `rel`."""

    rel: str = "next"


@dataclass(frozen=True, slots=True)
class Own:
    """A paginator class of the user's. It remembers its place, so each chain is read with a copy of its own."""

    paginator: Any


Paging = SinglePage | Offset | PageNumber | Cursor | HeaderCursor | JsonLink | HeaderLink | Own


@dataclass(frozen=True, slots=True)
class Step:
    """What comes after a page.

    `request` is None at the end, which `proof` then describes. `probe` marks a request past the end that
    the API announced, made because the last page was full: a 4xx answer to it is an end, not a failure.
    `part` marks an end that the config set: what the API says of all rows is then no measure. `broken`: the page
    that names no next one says that there are more.
    """

    request: Request | None
    proof: Proof = Proof.END
    note: str = ""
    probe: bool = False
    part: bool = False
    broken: bool = False


def first(paging: Paging, request: Request) -> Request:
    """The request of the first page."""
    if isinstance(paging, Offset):
        return _at_offset(paging, request, paging.start, paging.limit)
    if isinstance(paging, PageNumber):
        return _put(request, paging.param, paging.body_path, paging.start)
    return request


def at(paging: Offset | PageNumber, request: Request, position: int, length: int) -> Request:
    """The request of a stretch: `length` rows from an offset on, never more than the config's limit; or one page."""
    if isinstance(paging, Offset):
        return _at_offset(paging, request, position, min(length, paging.limit))
    return _put(request, paging.param, paging.body_path, position)


@singledispatch
def after(paging: Paging, request: Request, facts: PageFacts, largest: int) -> Step:
    """What to do after a page.

    `request` is the one that brought the page, `largest` the rows of the largest page before it in the
    same chain (0 for the first page). Raises `DataError` for a next link that is no URL.
    """
    raise TypeError(f"no rule for paging {type(paging).__name__}")


@after.register
def _(paging: SinglePage, request: Request, facts: PageFacts, largest: int) -> Step:
    return Step(None, Proof.DECLARED)


@after.register
def _(paging: Offset, request: Request, facts: PageFacts, largest: int) -> Step:
    if _is_past_the_end(paging, facts):
        return Step(None)
    # The step is what the server gave, never the limit that was asked for: OneRoster (1.2, section 3.2.1)
    # lets a server give fewer, and real ones do so without a sign.
    position = position_of(paging, request) + (facts.rows or paging.limit)
    following = _at_offset(paging, request, position, paging.limit)
    full = facts.rows >= (largest or paging.limit)
    beyond = facts.total is not None and position - paging.start > facts.total
    return _range_step(paging, following, facts, position, facts.total, full or beyond)


@after.register
def _(paging: PageNumber, request: Request, facts: PageFacts, largest: int) -> Step:
    if _is_past_the_end(paging, facts):
        return Step(None)
    position = position_of(paging, request) + 1
    following = _put(request, paging.param, paging.body_path, position)
    end = None if facts.total is None else facts.total + paging.base
    beyond = end is not None and position > end
    return _range_step(paging, following, facts, position, end, 0 < largest <= facts.rows or beyond)


def _is_past_the_end(paging: Offset | PageNumber, facts: PageFacts) -> bool:
    """An empty page is the end, also where the config would go on but nothing could ever end the read."""
    endless = facts.total is None and facts.has_more is None and paging.maximum is None
    return facts.rows == 0 and (paging.stop_after_empty_page or endless)


def _range_step(
    paging: Offset | PageNumber, following: Request, facts: PageFacts, position: int, end: int | None, doubtful: bool
) -> Step:
    if paging.maximum is not None and position >= paging.maximum:
        return Step(None, note=f"stopped at {position}, the config's maximum is {paging.maximum}", part=True)
    if paging.has_more is not None and facts.has_more is False:
        return Step(None)
    if end is not None and position >= end:
        # A total may be too low (dlt then loses the rest in silence). A full page at the announced end is
        # worth one request more; a short one is the end that every server means, unless more came than announced.
        probing = doubtful and facts.rows > 0 and paging.stop_after_empty_page
        return Step(following if probing else None, probe=probing)
    return Step(following)


@after.register
def _(paging: Cursor, request: Request, facts: PageFacts, largest: int) -> Step:
    ended = not facts.reference or (paging.has_more is not None and facts.has_more is False)
    is_empty_end = paging.stop_after_empty_page and facts.rows == 0
    if not facts.reference and facts.has_more and not is_empty_end:
        return Step(None, Proof.END, "the last page says that there are more, but names no cursor", broken=True)
    if ended or is_empty_end:
        return Step(None, Proof.KEYSET)
    return Step(_put(request, paging.param, paging.body_path, facts.reference))


@after.register
def _(paging: HeaderCursor, request: Request, facts: PageFacts, largest: int) -> Step:
    if not facts.reference:
        return Step(None, Proof.KEYSET)
    return Step(_put(request, paging.param, None, facts.reference))


@after.register(JsonLink)
@after.register(HeaderLink)
def _(paging: JsonLink | HeaderLink, request: Request, facts: PageFacts, largest: int) -> Step:
    if not facts.reference:
        counted = counts_pages(request)
        note = LINKS_COUNT if counted else ""
        return Step(None, Proof.END if counted else Proof.KEYSET, note)
    # An absolute link replaces the URL, a relative one is joined; it carries its own query.
    try:
        url = joined(request.url, str(facts.reference))
    except ValueError as error:
        raise DataError(f"the next link is {error}; the server must mend that", code="paging-broken") from None
    return Step(replace(request, url=url, params=None))


def counts_pages(request: Request) -> bool:
    """Whether a followed link names its page by a number, so that rows can slip between two pages."""
    return any(is_counting(key, value) for key, value in parse_qsl(urlsplit(request.url).query))


def is_counting(name: str, value: str) -> bool:
    """Whether a parameter names a page by a number."""
    return name.lower() in COUNTING_PARAMS and value.isdecimal()


def _at_offset(paging: Offset, request: Request, offset: int, limit: int) -> Request:
    if paging.param and paging.limit_param and not (paging.body_path or paging.limit_body_path):
        return replace(request, params={**(request.params or {}), paging.param: offset, paging.limit_param: limit})
    request = _put(request, paging.param, paging.body_path, offset)
    return _put(request, paging.limit_param, paging.limit_body_path, limit)


PAGE_SIZE_PARAMS = (
    "per_page",
    "perPage",
    "per-page",
    "page_size",
    "pageSize",
    "pagesize",
    "page[size]",
    "limit",
    "size",
    "count",
)
"""Query parameters by which an API with page numbers is told how many rows a page shall have."""


def page_size(request: Request) -> tuple[str, int] | None:
    """The parameter of the page size, and its value; None where the request names none."""
    params = request.params or {}
    named = ((name, params[name]) for name in PAGE_SIZE_PARAMS if name in params)
    return next(((name, int(value)) for name, value in named if str(value).isdecimal()), None)


def with_page_size(request: Request, name: str, size: int) -> Request:
    """The request for pages of another size."""
    return replace(request, params={**(request.params or {}), name: size})


def _put(request: Request, param: str | None, body_path: str | None, value: Any) -> Request:
    if body_path:
        return replace(request, json=_with_value(request.json or {}, body_path.split("."), value))
    return replace(request, params={**(request.params or {}), str(param): value})


def position_of(paging: Offset | PageNumber, request: Request) -> int:
    """The offset or page number that stands in a request; the start where paging was guessed from its answer."""
    value = _at(request, paging.param, paging.body_path)
    return paging.start if value is None else int(value)


def cursor_of(paging: Cursor | HeaderCursor, request: Request) -> Any:
    """The cursor that stands in a request; None where it asks for the first page."""
    return _at(request, paging.param, paging.body_path if isinstance(paging, Cursor) else None)


def _at(request: Request, param: str | None, body_path: str | None) -> Any:
    """What `_put` has put there; None where nothing is."""
    node: Any = request.json if body_path else request.params
    for key in body_path.split(".") if body_path else [str(param)]:
        node = node.get(key) if isinstance(node, Mapping) else None
    return node


def _with_value(body: Mapping[str, Any], keys: list[str], value: Any) -> dict[str, Any]:
    head, *rest = keys
    inner = _with_value(body.get(head) or {}, rest, value) if rest else value
    return {**body, head: inner}
