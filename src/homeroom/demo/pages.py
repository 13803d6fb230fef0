"""The eight paging styles of the sample school: rows and a question in, a reply out, nothing kept."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

import orjson

from homeroom.demo.dials import Dials
from homeroom.demo.tables import View

DEFAULT_LIMIT = 100
MOST_LIMIT = 1000
_WRONG_HIGH_BY = 500


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer before it is sent; the body is JSON, resource the entity it is about."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    resource: str | None = None


class RefusedError(Exception):
    """The question cannot be answered; carries the JSON reply that says why."""

    def __init__(self, status: int, error: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        """`error` is a word for programs, `message` a sentence for people."""
        super().__init__(message)
        self.reply = Reply(orjson.dumps({"error": error, "message": message}), status, headers or {})


@dataclass(frozen=True, slots=True)
class Question:
    """What a page is asked with; `query` must not hold the key, since next links repeat it."""

    origin: str
    path: str
    query: Mapping[str, str]
    dials: Dials = field(default_factory=Dials)

    def number(self, name: str, default: int, least: int) -> int:
        """A whole number of the query; RefusedError 400 for anything else."""
        text = self.query.get(name)
        if text is None:
            return default
        # 18 digits: int() of a longer text is slow, and no offset needs it
        if not (text.isascii() and text.isdecimal() and len(text) <= 18) or int(text) < least:
            raise RefusedError(400, "bad_request", f"{name}={text[:40]!r} is not allowed; allowed: {least} or more")
        return int(text)

    def size(self, name: str) -> int:
        """Rows in one page: what is asked for, clamped in silence as the dials and MOST_LIMIT say."""
        return min(self.number(name, DEFAULT_LIMIT, 1), MOST_LIMIT, self.dials.page_cap or MOST_LIMIT)

    def relative(self, **changed: int) -> str:
        """This path with other page numbers."""
        return f"{self.path}?{urlencode({**self.query, **changed})}"

    def absolute(self, **changed: int) -> str:
        """This URL with other page numbers."""
        return self.origin + self.relative(**changed)


def _array(encoded: Sequence[bytes]) -> bytes:
    return b"[" + b",".join(encoded) + b"]"


def _envelope(key: str, encoded: Sequence[bytes], **facts: object) -> bytes:
    tail = orjson.dumps(facts)[1:] if facts else b"}"
    comma = b"," if facts else b""
    return b'{"' + key.encode() + b'":' + _array(encoded) + comma + tail


def offset_page(view: View, asked: Question) -> Reply:
    """{"data", "total"}; the total is where, and as right as, the dial `total` says."""
    start = asked.number("offset", 0, 0)
    rows = view.encoded[start : start + asked.size("limit")]
    match asked.dials.total:
        case "absent":
            return Reply(_envelope("data", rows))
        case "header":
            return Reply(_envelope("data", rows), headers={"X-Total-Count": str(len(view))})
        case kind:
            return Reply(_envelope("data", rows, total=_told(kind, len(view))))


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


def cursor_page(view: View, asked: Question) -> Reply:
    """{"results", "cursors": {"next"}}; the cursor holds the last id sent, so rows may come and go."""
    cursor = asked.query.get("cursor")
    start = view.after(_last_id(cursor)) if cursor else 0
    end = start + asked.size("limit")
    following = _cursor(view.ids[end - 1]) if end < len(view) else None
    return Reply(_envelope("results", view.encoded[start:end], cursors={"next": following}))


def _cursor(last_id: int) -> str:
    return urlsafe_b64encode(f"after:{last_id}".encode()).decode()


def _last_id(cursor: str) -> int:
    try:
        word, _, last_id = urlsafe_b64decode(cursor).decode().partition(":")
        if word == "after":
            return int(last_id)
    except ValueError:
        pass
    message = f"cursor={cursor[:40]!r} is not allowed; allowed: a cursor this server gave"
    raise RefusedError(400, "bad_request", message)


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
    return Reply(_envelope("items", found.rows, page=found.page, total_pages=pages, total=pages))


def number_page_from_zero(view: View, asked: Question) -> Reply:
    """As `number_page`, the first page being 0."""
    return number_page(view, asked, first=0)


def _linked(view: View, asked: Question, link: Callable[..., str]) -> Reply:
    found = _numbered(view, asked)

    def to(page: int | None) -> str | None:
        return None if page is None else link(page=page, per_page=found.size)

    return Reply(
        _envelope("results", found.rows, count=len(view), next=to(found.following), previous=to(found.previous))
    )


def link_page(view: View, asked: Question) -> Reply:
    """{"results", "count", "next", "previous"}, the links absolute."""
    return _linked(view, asked, asked.absolute)


def relative_link_page(view: View, asked: Question) -> Reply:
    """As `link_page`, the links without a host."""
    return _linked(view, asked, asked.relative)


def header_page(view: View, asked: Question) -> Reply:
    """A bare list; where to go on is in the Link header (RFC 8288)."""
    found = _numbered(view, asked)
    links = {
        "next": found.following,
        "prev": found.previous,
        "first": found.first,
        "last": max(found.first, found.last),
    }
    told = ", ".join(
        f'<{asked.absolute(page=page, per_page=found.size)}>; rel="{rel}"'
        for rel, page in links.items()
        if page is not None
    )
    return Reply(_array(found.rows), headers={"Link": told})


def everything(view: View, asked: Question) -> Reply:
    """{"data"} with every row; there are no pages, so `page_cap` does not touch it."""
    del asked
    return Reply(_envelope("data", view.encoded))


STYLES: Mapping[str, Callable[[View, Question], Reply]] = {
    "v1": offset_page,
    "page": number_page,
    "page0": number_page_from_zero,
    "cursor": cursor_page,
    "link": link_page,
    "link-relative": relative_link_page,
    "header": header_page,
    "all": everything,
}
