"""How a described list goes on: a link or a cursor in the answer, a Link header, page numbers or offsets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from homeroom.draft.described.document import Document, Operation, Parameter
from homeroom.draft.described.listing import Listing
from homeroom.draft.described.shapes import Shape
from homeroom.draft.described.words import plain
from homeroom.draft.values import Confidence, Guess

_PAGES = {"page", "pagenumber", "pageno", "pagenum", "pageindex", "currentpage", "p"}
_OFFSETS = {"offset", "skip", "start", "startindex", "startat", "pageoffset", "firstresult", "startrow"}
_SIZES = {"limit", "perpage", "pagesize", "pagelimit", "size", "maxresults", "itemsperpage", "resultsperpage", "top"}
_SIZES |= {"take", "count", "maxitems", "numresults", "pagecount", "recordsperpage"}
_CURSORS = {"cursor", "pagetoken", "nexttoken", "startingafter", "after", "continuationtoken", "bookmark", "pageafter"}
_CURSORS |= {"pagecursor", "marker", "startcursor", "nextcursor", "nextpagetoken", "token", "scrollid"}
_NEXT_CURSORS = {"nextcursor", "nextpagetoken", "nexttoken", "continuationtoken", "endcursor", "cursor", "cursornext"}
_NEXT_CURSORS |= {"bookmark", "marker", "scrollid", "after", "nextmarker", "nextpagecursor"}
_NEXT_LINKS = {"next", "nextpage", "nextlink", "nexturl", "nexthref", "nextpageurl", "nextpagelink", "nexturi"}
_NEXT_LINKS |= {"odatanextlink"}
_ROWS = {"total", "totalcount", "totalitems", "totalresults", "totalelements", "totalrecords", "recordcount"}
_ROWS |= {"totalsize", "odatacount", "itemcount", "resultcount", "totalrows", "totalentries", "totalhits"}
_PAGE_COUNTS = {"totalpages", "pagecount", "pages", "lastpage", "numpages", "numberofpages", "pagetotal"}
_MORE = {"hasmore", "hasnext", "hasnextpage", "more", "morepages", "hasmorepages", "moreresults"}
_TOTAL_HEADERS = {"xtotalcount", "xtotal", "totalcount", "xpaginationtotalcount", "xcount", "paginationcount"}
_IS_LINK = re.compile(r"\b(url|uri|link|href|address)\b", re.IGNORECASE)
_BY_HEADER = re.compile(r"\blink`?\W{1,3}(response |http )?headers?\b|rel=.?.?next|rfc ?(5988|8288)", re.IGNORECASE)
_MOST = re.compile(
    r"\bmax(?:imum)?(?: (?:value|is|of|allowed|limit|page size|per page)){0,3}\W{0,3}(\d{1,5})\b"
    r"|\bup to (\d{1,5})\b|\bbetween 0?1 and (\d{1,5})\b|\b1 ?(?:-|–|to) ?(\d{2,5})\b|\bat most (\d{1,5})\b",
    re.IGNORECASE,
)
_COUNTED = r"\b({0})[- ](based|indexed)|\b(starts?|starting|begins?|beginning) (at|from|with) ({0})\b"
_FROM_ZERO = re.compile(_COUNTED.format("zero|0"), re.IGNORECASE)
_FROM_ONE = re.compile(_COUNTED.format("one|1"), re.IGNORECASE)
_DEEPEST = 3


@dataclass(frozen=True, slots=True)
class Paging:
    """`params` are sent with each request; `sync` are the keys of the `sync` section that follow from it."""

    paginator: Guess[Mapping[str, Any]]
    params: Mapping[str, Any] = field(default_factory=dict)
    sync: Mapping[str, Guess[Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Around:
    """What stands around the rows: the paths to its plain values, with what each is; and the query parameters."""

    fields: Mapping[str, Shape]
    query: Sequence[Parameter]

    def field(self, names: set[str], kinds: tuple[str, ...] = ("string", "integer", "number", "")) -> str | None:
        """The path of the first field of one of the names."""
        found = (path for path, shape in self.fields.items() if _last(path) in names and shape.kind in kinds)
        return next(found, None)

    def parameter(self, names: set[str]) -> Parameter | None:
        """The first query parameter of one of the names."""
        return next((each for each in self.query if plain(each.name) in names), None)


def paging(document: Document, one: Listing) -> Paging:
    """The way on that fits what is described best; a single page, as a guess, where nothing is."""
    around = _Around(dict(_fields(document, one.answer, (), _DEEPEST)), one.operation.query)
    size = around.parameter(_SIZES)
    paginator = (
        _by_link(around)
        or _by_header(one.operation)
        or _by_cursor(around)
        or _by_header_in_words(document, one.operation)
        or _by_number(around)
        or _by_offset(around, size)
        or _one_page(size)
    )
    return Paging(paginator, _size_params(paginator.value, size), _totals(around, one.operation))


def _fields(document: Document, shape: Shape, path: tuple[str, ...], deep: int) -> Iterator[tuple[str, Shape]]:
    """Path and shape of each value around the rows; lists are not looked into."""
    if shape.kind != "object" or deep == 0:
        return
    for name, raw in shape.properties.items():
        inner = document.shape(raw)
        if inner.kind == "object":
            yield from _fields(document, inner, (*path, name), deep - 1)
        elif inner.kind != "array":
            yield ".".join(map(_step, (*path, name))), inner


def _step(name: str) -> str:
    """A key as a step of a JSONPath."""
    return name if re.fullmatch(r"[A-Za-z_]\w*", name) else "'" + name.replace("'", "\\'") + "'"


def _last(path: str) -> str:
    return plain(path.rsplit(".", 1)[-1]) if "'" not in path else plain(path[path.rindex("'", 0, -1) :])


def _by_link(around: _Around) -> Guess[Mapping[str, Any]] | None:
    for path, shape in around.fields.items():
        last, before = _last(path), plain(path.rsplit(".", 1)[0].rsplit(".", 1)[-1])
        is_next = last in _NEXT_LINKS or (last in ("href", "url") and before == "next")
        if not is_next or shape.kind not in ("string", ""):
            continue
        names_link = last not in ("next", "nextpage") or "link" in plain(path)
        if names_link or shape.format in ("uri", "url", "uri-reference") or _IS_LINK.search(shape.described):
            said = "described as a link" if _IS_LINK.search(shape.described) or shape.format else "named like a link"
            sure = Confidence.CERTAIN if said == "described as a link" else Confidence.LIKELY
            return Guess({"type": "json_link", "next_url_path": path}, sure, f"{path} of the answer is {said} to go on")
    return None


def _by_header(operation: Operation) -> Guess[Mapping[str, Any]] | None:
    if any(name.lower() == "link" for name in operation.answer.headers):
        return Guess({"type": "header_link"}, Confidence.CERTAIN, "a Link header is described with the answer")
    return None


def _by_header_in_words(document: Document, operation: Operation) -> Guess[Mapping[str, Any]] | None:
    """A Link header of which only the text speaks: of this list, of its parameters, or of the whole API."""
    own = [operation.described, operation.answer.described, *(each.described for each in operation.query)]
    if any(_BY_HEADER.search(text) for text in own):
        return Guess({"type": "header_link"}, Confidence.LIKELY, "the list's description speaks of a Link header")
    if _BY_HEADER.search(document.described):
        return Guess(
            {"type": "header_link"}, Confidence.LIKELY, "the API's description speaks of a Link header to go on by"
        )
    return None


def _by_cursor(around: _Around) -> Guess[Mapping[str, Any]] | None:
    path, parameter = around.field(_NEXT_CURSORS), around.parameter(_CURSORS)
    if path is None or parameter is None:
        return None
    value: dict[str, Any] = {"type": "cursor", "cursor_path": path, "cursor_param": parameter.name}
    if more := around.field(_MORE, ("boolean",)):
        value["has_more_path"] = more
    evidence = f"the answer has {path}, and the list takes the query parameter {parameter.name}"
    return Guess(value, Confidence.LIKELY, evidence)


def _by_number(around: _Around) -> Guess[Mapping[str, Any]] | None:
    page = around.parameter(_PAGES)
    if page is None:
        return None
    base, sure, why = _base(page)
    value: dict[str, Any] = {"type": "page_number", "base_page": base, "page_param": page.name}
    pages = around.field(_PAGE_COUNTS, ("integer", "number"))
    value["total_path"] = pages
    if more := around.field(_MORE, ("boolean",)):
        value["has_more_path"] = more
    told = f"; {pages} tells the number of pages" if pages else "; no number of pages is described"
    return Guess(value, sure, f"the list takes the query parameter {page.name}, {why}{told}")


def _base(page: Parameter) -> tuple[int, Confidence, str]:
    """The number of the first page, and by what it is known."""
    for name in ("default", "minimum"):
        value = page.shape.raw.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and value in (0, 1):
            return int(value), Confidence.CERTAIN, f"whose {name} is {int(value)}"
    for number, pattern in ((0, _FROM_ZERO), (1, _FROM_ONE)):
        if pattern.search(page.described):
            return number, Confidence.CERTAIN, f"described as counted from {number}"
    if "index" in plain(page.name):
        return 0, Confidence.GUESS, "of which the first is not described; an index begins with 0"
    return 1, Confidence.LIKELY, "of which the first is not described; 1 is usual"


def _by_offset(around: _Around, size: Parameter | None) -> Guess[Mapping[str, Any]] | None:
    offset = around.parameter(_OFFSETS)
    if offset is None:
        return None
    value: dict[str, Any] = {"type": "offset", "offset_param": offset.name}
    rows, why = _size(size) if size is not None else (None, "")
    # dlt wants a limit, and sends it.
    value["limit"] = rows or 100
    if size is not None:
        value["limit_param"] = size.name
    total = around.field(_ROWS, ("integer", "number"))
    value["total_path"] = total
    told = f"; {total} tells the number of rows" if total else "; no total is described"
    if size is None:
        return Guess(value, Confidence.GUESS, f"the list takes {offset.name}, and no page size is described{told}")
    pages = f"{size.name} {why}" if rows else f"of {size.name} no maximum is described, 100 is usual"
    return Guess(value, Confidence.LIKELY, f"the list takes {offset.name} and {size.name}; {pages}{told}")


def _one_page(size: Parameter | None) -> Guess[Mapping[str, Any]]:
    more = f", but for the page size {size.name}" if size is not None else ""
    evidence = f"no way to a next page is described{more}; so one page is all, or the description is silent"
    return Guess({"type": "single_page"}, Confidence.GUESS, evidence)


def _size_params(paginator: Mapping[str, Any], size: Parameter | None) -> Mapping[str, Any]:
    """The page size to send with each request; offsets send it themselves."""
    if size is None or paginator["type"] == "offset":
        return {}
    rows, _ = _size(size)
    return {size.name: rows} if rows else {}


def _size(size: Parameter) -> tuple[int | None, str]:
    """The largest page that may be asked for, else the default; None where neither is described."""
    most = size.shape.raw.get("maximum")
    if _is_count(most):
        return int(most), f"is {int(most)} at most"
    if found := _MOST.search(size.described):
        rows = int(next(group for group in found.groups() if group))
        if rows > 1:
            return rows, f"is {rows} at most, by its text"
    if size.shape.values and all(_is_count(value) for value in size.shape.values):
        rows = int(max(size.shape.values))
        return rows, f"is {rows} at most"
    usual = size.shape.raw.get("default")
    return (int(usual), f"is {int(usual)} by default, no maximum is described") if _is_count(usual) else (None, "")


def _is_count(value: Any) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and 1 < value <= 100_000


def _count_of_all(around: _Around) -> str | None:
    """`count` where it is that of all rows, not of the page's: beside both links, as in Django, or by its text."""
    path = around.field({"count"}, ("integer", "number"))
    if path is None:
        return None
    is_django = {"next", "previous"} <= {*around.fields}
    return path if is_django or "total" in around.fields[path].described.lower() else None


def _totals(around: _Around, operation: Operation) -> dict[str, Guess[Any]]:
    """Where the number of rows is told, for `sync.resources`."""
    for name in operation.answer.headers:
        if plain(name) in _TOTAL_HEADERS:
            return {"total_header": Guess(name, Confidence.LIKELY, f"the header {name} is described with the answer")}
    if path := around.field(_ROWS, ("integer", "number")) or _count_of_all(around):
        evidence = f"{path} of the answer is named like the number of all rows"
        return {"total_path": Guess(path, Confidence.LIKELY, evidence)}
    return {}
