"""The two keyset styles of the sample school: a cursor holds the last id sent, so rows may come and go."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass

from homeroom.demo.dials import Dials
from homeroom.demo.question import Question, RefusedError, Reply
from homeroom.demo.tables import View

NEXT_CURSOR_HEADER = "X-Next-Cursor"


@dataclass(frozen=True, slots=True)
class _Cursor:
    last_id: int
    visit: int = 0
    """Request of the entity that it was given at; 0: before anybody counted, which is long ago."""
    page: int = 1
    """Page of its walk that it was given with."""

    def text(self, dials: Dials) -> str:
        """Longer only where a dial has to know its age or page."""
        plain = f"after:{self.last_id}"
        if dials.cursor_expires_after is not None or dials.cursor_repeats_at is not None:
            visit = 0 if dials.cursor_expires_after is None else self.visit
            plain += f":{visit}:{self.page}"
        return urlsafe_b64encode(plain.encode()).decode()


@dataclass(frozen=True, slots=True)
class _Found:
    rows: Sequence[bytes]
    following: str | None


def cursor_page(view: View, asked: Question) -> Reply:
    """{"results", "cursors": {"next"}}; next is null at the end."""
    found = _keyset(view, asked)
    return Reply(asked.envelope("results", found.rows, cursors={"next": found.following}))


def header_cursor_page(view: View, asked: Question) -> Reply:
    """A bare list; the next cursor is in X-Next-Cursor, which is absent at the end."""
    found = _keyset(view, asked)
    headers = {} if found.following is None else {NEXT_CURSOR_HEADER: found.following}
    return Reply(asked.array(found.rows), headers=headers)


def _keyset(view: View, asked: Question) -> _Found:
    text = asked.query.get("cursor")
    came = _read(text) if text else None
    if came is not None:
        _check_age(came, asked)
    start = view.after(came.last_id) if came is not None else 0
    end = start + asked.size("limit")
    page = came.page + 1 if came is not None else 1
    following = _Cursor(view.ids[end - 1], asked.visit, page).text(asked.dials) if end < len(view) else None
    repeats_at = asked.dials.cursor_repeats_at
    if text and repeats_at is not None and page >= repeats_at:
        following = text
    return _Found(view.encoded[start:end], following)


def _check_age(cursor: _Cursor, asked: Question) -> None:
    most = asked.dials.cursor_expires_after
    if most is not None and asked.visit - cursor.visit > most:
        raise RefusedError(410, "cursor expired")


def _read(cursor: str) -> _Cursor:
    try:
        match urlsafe_b64decode(cursor).decode().split(":"):
            case ["after", last_id]:
                return _Cursor(int(last_id))
            case ["after", last_id, visit, page]:
                return _Cursor(int(last_id), int(visit), int(page))
    except ValueError:
        pass
    message = f"cursor={cursor[:40]!r} is not allowed; allowed: a cursor this server gave"
    raise RefusedError(400, "bad_request", message)
