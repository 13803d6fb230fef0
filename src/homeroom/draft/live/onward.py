"""Ways on that an answer names itself: a link in the header, a link in the body, a cursor."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from homeroom.draft.live.api import Api, Endpoint, Seen, placed
from homeroom.draft.live.rows import others
from homeroom.draft.live.signs import Sign, cursors, link_header, next_links
from homeroom.draft.values import Confidence, Guess
from homeroom.errors import HomeroomError
from homeroom.links import joined

_CURSOR_NAMES = ("cursor", "page_token", "pageToken", "after", "next", "token", "starting_after", "continuation")
_MOST_SIGNS = 2
_MOST_NAMES = 6


@dataclass(frozen=True, slots=True)
class Way:
    """A paginator that was found, and the page that it led to; None where it was not followed."""

    paginator: Guess[Mapping[str, Any]]
    beyond: Seen | None = None
    param: str | None = None


def by_link(api: Api, endpoint: Endpoint, page: Seen, path: str) -> Way | None:
    """The link that leads to other rows; None where the page names none that does."""
    link = link_header(page)
    if link is not None:
        where = "the Link header names a next page (rel=next)"
        return _followed(api, endpoint, page, path, link, {"type": "header_link"}, where)
    for sign in next_links(page)[:_MOST_SIGNS]:
        paginator = {"type": "json_link", "next_url_path": sign.path}
        way = _followed(api, endpoint, page, path, sign.value, paginator, f"{sign.path} is the URL of a next page")
        if way.paginator.confidence is not Confidence.GUESS:
            return way
    return None


def _followed(
    api: Api, endpoint: Endpoint, page: Seen, path: str, link: str, paginator: Mapping[str, Any], where: str
) -> Way:
    try:
        seen = placed(api.follow(endpoint, joined(page.answer.url, link)), path)
    except (HomeroomError, ValueError) as error:
        return Way(Guess(paginator, Confidence.GUESS, f"{where}, which could not be followed: {_short(error)}"))
    if others(page.rows, seen.rows):
        return Way(Guess(paginator, Confidence.CERTAIN, f"{where}, and it leads to other rows"), seen)
    return Way(Guess(paginator, Confidence.GUESS, f"{where}, but no other rows came there ({seen.status})"))


def by_cursor(api: Api, endpoint: Endpoint, page: Seen, path: str, hint: str | None) -> Way | None:
    """The cursor that, sent back, brings other rows; None where nothing does so."""
    for sign in cursors(page)[:_MOST_SIGNS]:
        if isinstance(sign.value, int) and "page" in sign.path.lower():
            continue  # the number of the next page: as page numbers these can be read side by side
        for name in _names(sign, hint)[:_MOST_NAMES]:
            seen = placed(api.ask(endpoint, {name: sign.value}), path)
            if seen.status == 200 and others(page.rows, seen.rows):
                said = f"{_where(sign)} holds a cursor, and with {name} it brings other rows"
                return Way(Guess(_paginator(sign, name, endpoint), Confidence.CERTAIN, said), seen, name)
    return None


def leads_on(page: Seen, paginator: Mapping[str, Any]) -> bool:
    """Whether a page names another one behind it, where the paginator looks for it."""
    match paginator["type"]:
        case "header_link":
            return link_header(page) is not None
        case "json_link":
            return any(sign.path == paginator["next_url_path"] for sign in next_links(page))
        case _:
            path = paginator.get("cursor_path", paginator.get("cursor_key"))
            return any(sign.path == path for sign in cursors(page))


def _paginator(sign: Sign, name: str, endpoint: Endpoint) -> Mapping[str, Any]:
    if sign.in_header:
        return {"type": "header_cursor", "cursor_key": sign.path, "cursor_param": name}
    where = "cursor_body_path" if endpoint.in_body else "cursor_param"
    return {"type": "cursor", "cursor_path": sign.path, where: name}


def _names(sign: Sign, hint: str | None) -> list[str]:
    """How the parameter may be called: as another list's, as what the answer calls it, or as usual."""
    key = sign.key
    parent = sign.path.rpartition(".")[0].rpartition(".")[2].strip("'")
    bare = re.sub(r"^(x-)?next[-_]?", "", key, flags=re.IGNORECASE)
    own = [bare[:1].lower() + bare[1:] if bare else "", parent.rstrip("s") if parent else "", key]
    if sign.in_header:
        own = [bare.lower().replace("-", "_")]
    return [name for name in dict.fromkeys([hint or "", *own, *_CURSOR_NAMES]) if name]


def _where(sign: Sign) -> str:
    return f"the header {sign.path}" if sign.in_header else sign.path


def _short(error: Exception) -> str:
    return type(error).__name__ if isinstance(error, ValueError) else str(error).partition(": ")[2]
