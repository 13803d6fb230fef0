"""Which rows a path of the sample school means."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import orjson

from homeroom.demo.cursors import cursor_page, header_cursor_page
from homeroom.demo.data import ALIASES, ENTITIES, PARENTS
from homeroom.demo.filters import wanted, wanted_changes
from homeroom.demo.pages import (
    everything,
    header_page,
    link_page,
    number_page,
    number_page_from_zero,
    offset_page,
    relative_link_page,
)
from homeroom.demo.question import Question, RefusedError, Reply
from homeroom.demo.tables import Store, View, Wanted

SEARCH = "search"
"""The one style that is asked by POST."""

STYLES: Mapping[str, Callable[[View, Question], Reply]] = {
    "v1": offset_page,
    "page": number_page,
    "page0": number_page_from_zero,
    "cursor": cursor_page,
    "link": link_page,
    "link-relative": relative_link_page,
    "header": header_page,
    "all": everything,
    "header-cursor": header_cursor_page,
    SEARCH: offset_page,
}
CHANGE_VERSIONS = "/changes/availableChangeVersions"
_FILTERED = ("v1", SEARCH)
_BY_ID = ("cursor", "header-cursor", "all")  # the others are in order of sort key
_NOTHING = View((), ())


@dataclass(frozen=True, slots=True)
class Route:
    """A known path: `answer` makes the reply, `wanted` says of which rows; both may refuse the question.

    `resource` is the entity it is about; None: none of them.
    """

    resource: str | None
    answer: Callable[[Question], Reply]
    wanted: Callable[[Question], Wanted] = lambda asked: Wanted()


def endpoints() -> list[str]:
    """Every path the server knows, {id} standing for an id."""
    names = (*ENTITIES, *ALIASES)
    lists = [f"/{style}/{name}" for style in STYLES for name in names]
    singles = [f"/v1/{name}/{{id}}" for name in names]
    deletes = [f"/v1/{name}/deletes" for name in names]
    children = [f"/v1/{parent}/{{id}}/{name}" for parent, child in PARENTS for name in _names(child)]
    return [*lists, *singles, *deletes, *children, CHANGE_VERSIONS]


def _names(entity: str) -> list[str]:
    return [entity, *(alias for alias, meant in ALIASES.items() if meant == entity)]


def index() -> Reply:
    """What stands at /, for anyone."""
    return Reply(orjson.dumps({"name": "Homeroom sample school", "endpoints": endpoints()}))


def methods(path: str) -> tuple[str, ...]:
    """What the path may be asked with, known or not."""
    return ("POST",) if path.startswith(f"/{SEARCH}/") else ("GET", "HEAD")


def route(store: Store, path: str) -> Route:
    """The route of the path; RefusedError 404 where there is none. Looks at no row yet."""
    match [ALIASES.get(part, part) for part in path.strip("/").split("/")]:
        case ["changes", "availableChangeVersions"]:
            return Route(None, lambda asked: _change_versions(store))
        case ["v1", entity, "deletes"] if entity in ENTITIES:
            return Route(entity, lambda asked: _deletes(store, entity, asked))
        case [style, entity] if style in STYLES and entity in ENTITIES:
            choose = wanted if style in _FILTERED else lambda asked: Wanted()
            return Route(entity, lambda asked: _list(store, style, entity, choose(asked), asked), choose)
        case ["v1", entity, text] if entity in ENTITIES and _is_id(text):
            return Route(entity, lambda asked: _single(store, entity, int(text)))
        case ["v1", parent, text, child] if (parent, child) in PARENTS and _is_id(text):
            column, parent_id = PARENTS[parent, child], int(text)

            def of_parent(asked: Question) -> Wanted:
                return wanted(asked, (column, parent_id))

            return Route(child, lambda asked: _children(store, parent, child, of_parent(asked), asked), of_parent)
    raise RefusedError(404, "not_found", f"path {path[:200]!r} is unknown; GET / lists the paths there are")


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 18


def _list(store: Store, style: str, entity: str, rows: Wanted, asked: Question) -> Reply:
    table = store.table(entity)
    view = table.view if style in _BY_ID else table.listed(rows)
    shown = _NOTHING if asked.dials.empty_for_rights == "on" else view
    return replace(STYLES[style](shown, asked), resource=entity)


def _single(store: Store, entity: str, row_id: int) -> Reply:
    return Reply(_existing(store, entity, row_id), resource=entity)


def _existing(store: Store, entity: str, row_id: int) -> bytes:
    found = store.table(entity).one(row_id)
    if found is None:
        raise RefusedError(404, "not_found", f"{entity} {row_id} is not there")
    return found


def _children(store: Store, parent: str, child: str, rows: Wanted, asked: Question) -> Reply:
    if rows.parent is not None:
        _existing(store, parent, rows.parent[1])
    return _list(store, "v1", child, rows, asked)


def _deletes(store: Store, entity: str, asked: Question) -> Reply:
    """Tombstones, paged as the offset list is."""
    found = store.table(entity).tombstones(wanted_changes(asked))
    return replace(offset_page(found, asked), resource=entity)


def _change_versions(store: Store) -> Reply:
    return Reply(orjson.dumps({"oldestChangeVersion": 0, "newestChangeVersion": store.newest_change}))
