"""Which rows a path of the sample school means."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import orjson

from homeroom.demo.data import ENTITIES, PARENTS
from homeroom.demo.pages import STYLES, Question, RefusedError, Reply
from homeroom.demo.tables import Store


@dataclass(frozen=True, slots=True)
class Route:
    """A known path: `answer` makes the reply, and may refuse the question."""

    resource: str
    answer: Callable[[Question], Reply]


def endpoints() -> list[str]:
    """Every path the server knows, {id} standing for an id."""
    lists = [f"/{style}/{entity}" for style in STYLES for entity in ENTITIES]
    singles = [f"/v1/{entity}/{{id}}" for entity in ENTITIES]
    return [*lists, *singles, *(f"/v1/{parent}/{{id}}/{child}" for parent, child in PARENTS)]


def index() -> Reply:
    """What stands at /, for anyone."""
    return Reply(orjson.dumps({"name": "Homeroom sample school", "endpoints": endpoints()}))


def route(store: Store, path: str) -> Route:
    """The route of the path; RefusedError 404 where there is none. Looks at no row yet."""
    match path.strip("/").split("/"):
        case [style, entity] if style in STYLES and entity in ENTITIES:
            return Route(entity, lambda asked: _list(store, style, entity, asked))
        case ["v1", entity, text] if entity in ENTITIES and _is_id(text):
            return Route(entity, lambda asked: _single(store, entity, int(text)))
        case ["v1", parent, text, child] if (parent, child) in PARENTS and _is_id(text):
            return Route(child, lambda asked: _children(store, parent, int(text), child, asked))
    raise RefusedError(404, "not_found", f"path {path[:200]!r} is unknown; GET / lists the paths there are")


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 18


def _list(store: Store, style: str, entity: str, asked: Question) -> Reply:
    return replace(STYLES[style](store.table(entity).view, asked), resource=entity)


def _single(store: Store, entity: str, row_id: int) -> Reply:
    return Reply(_existing(store, entity, row_id), resource=entity)


def _existing(store: Store, entity: str, row_id: int) -> bytes:
    found = store.table(entity).one(row_id)
    if found is None:
        raise RefusedError(404, "not_found", f"{entity} {row_id} is not there")
    return found


def _children(store: Store, parent: str, parent_id: int, child: str, asked: Question) -> Reply:
    _existing(store, parent, parent_id)
    view = store.table(child).children(PARENTS[parent, child], parent_id)
    return replace(STYLES["v1"](view, asked), resource=child)
