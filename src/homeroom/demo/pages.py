"""The paging styles of the sample school by offset, page number and link: rows and a question in, a reply out."""

from collections.abc import Sequence
from dataclasses import dataclass

from homeroom.demo.question import Question, Reply
from homeroom.demo.tables import View

_WRONG_HIGH_BY = 500


def offset_page(view: View, asked: Question) -> Reply:
    """{"data", "total"}; the total is where, and as right as, the dial `total` says."""
    start = asked.number("offset", 0, 0)
    rows = view.encoded[start : start + asked.size("limit")]
    match asked.dials.total:
        case "absent":
            return Reply(asked.envelope("data", rows))
        case "header":
            return Reply(asked.envelope("data", rows), headers={"X-Total-Count": str(len(view))})
        case kind:
            return Reply(asked.envelope("data", rows, total=_told(kind, len(view))))


def _told(kind: str, total: int) -> int | str:
    match kind:
        case "wrong-low":
            return total // 3
        case "wrong-high":
            return total + _WRONG_HIGH_BY
        case "text":
            return str(total)
        case _:
            return total


@dataclass(frozen=True, slots=True)
class _Numbered:
    rows: Sequence[bytes]
    page: int
    first: int
    last: int
    size: int

    @property
    def following(self) -> int | None:
        return self.page + 1 if self.page < self.last else None

    @property
    def previous(self) -> int | None:
        return self.page - 1 if self.first < self.page <= self.last + 1 else None


def _numbered(view: View, asked: Question, first: int = 1) -> _Numbered:
    size = asked.size("per_page")
    page = asked.number("page", first, first)
    start = (page - first) * size
    pages = -(-len(view) // size)
    return _Numbered(view.encoded[start : start + size], page, first, first + pages - 1, size)


def number_page(view: View, asked: Question, first: int = 1) -> Reply:
    """{"items", "page", "total_pages", "total"}; total counts pages, as dlt's page_number reads it."""
    found = _numbered(view, asked, first)
    pages = found.last - first + 1
    return Reply(asked.envelope("items", found.rows, page=found.page, total_pages=pages, total=pages))


def number_page_from_zero(view: View, asked: Question) -> Reply:
    """As `number_page`, the first page being 0."""
    return number_page(view, asked, first=0)


def _next_link(found: _Numbered, asked: Question, origin: str) -> str | None:
    if found.page == asked.dials.link_to_itself_at:
        return origin + asked.relative()
    if found.following is None:
        return None
    return origin + asked.relative(page=found.following, per_page=found.size)


def _next_origin(asked: Question) -> str:
    return asked.dials.link_origin or asked.origin


def _linked(view: View, asked: Question, origin: str, next_origin: str) -> Reply:
    found = _numbered(view, asked)
    back = found.previous
    previous = None if back is None else origin + asked.relative(page=back, per_page=found.size)
    following = _next_link(found, asked, next_origin)
    return Reply(asked.envelope("results", found.rows, count=len(view), next=following, previous=previous))


def link_page(view: View, asked: Question) -> Reply:
    """{"results", "count", "next", "previous"}, the links absolute."""
    return _linked(view, asked, asked.origin, _next_origin(asked))


def relative_link_page(view: View, asked: Question) -> Reply:
    """As `link_page`, the links without a host."""
    return _linked(view, asked, "", "")


def header_page(view: View, asked: Question) -> Reply:
    """A bare list; where to go on is in the Link header (RFC 8288)."""
    found = _numbered(view, asked)
    pages = {"prev": found.previous, "first": found.first, "last": max(found.first, found.last)}
    links = {"next": _next_link(found, asked, _next_origin(asked))} | {
        rel: asked.absolute(page=page, per_page=found.size) for rel, page in pages.items() if page is not None
    }
    told = ", ".join(f'<{link}>; rel="{rel}"' for rel, link in links.items() if link is not None)
    return Reply(asked.array(found.rows), headers={"Link": told})


def everything(view: View, asked: Question) -> Reply:
    """{"data"} with every row; there are no pages, so `page_cap` does not touch it."""
    return Reply(asked.envelope("data", view.encoded))
