"""Where the rows stand in an answer. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from homeroom.draft.values import Confidence, Guess

Row = Mapping[str, Any]

_DEPTH = 3
_USUAL = (
    "data", "items", "results", "records", "value", "values", "rows", "list", "objects", "entries", "elements",
    "content", "resources", "hits", "nodes",
)  # fmt: skip
_PLAIN_KEY = re.compile(r"[A-Za-z_]\w*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Found:
    """A list of objects in an answer, or the answer itself as one (`is_single`). `path` is a JSONPath, `$` for all."""

    path: str
    key: str
    rows: tuple[Row, ...]
    depth: int
    is_single: bool = False


def lists_in(body: Any) -> list[Found]:
    """The lists in an answer that hold objects, or nothing; those that lie in rows are none."""
    return list(_lists(body, (), _DEPTH))


def find_rows(body: Any, name: str) -> Guess[Found] | None:
    """The list that holds the rows of the resource `name`; None where an answer has none."""
    found = [each for each in lists_in(body) if each.rows or each.depth < 2 or each.key in _USUAL]
    if not found:
        return _single(body)
    if found[0].path == "$":
        return Guess(found[0], Confidence.CERTAIN, "the answer is the list")
    ranked = sorted(found, key=lambda each: _rank(each, name))
    best, others = ranked[0], tuple(ranked[1:])
    filled = [each for each in found if each.rows]
    if len(filled) == 1 and best.rows:
        return Guess(best, Confidence.CERTAIN, f"{best.path} holds the one list of objects in the answer")
    if not best.rows:
        said = f"{best.path} is an empty list, so nothing shows that rows stand there"
        return Guess(best, Confidence.GUESS, said, others)
    told = ", ".join(each.path for each in others)
    if _is_named(best, name) or best.key in _USUAL:
        return Guess(best, Confidence.LIKELY, f"{best.path} is how rows are usually named; {told} holds objects, too")
    said = f"{best.path} is the longest list of objects of several ({told})"
    return Guess(best, Confidence.GUESS, said, others)


def find_at(body: Any, path: str) -> Found | None:
    """The list at a path that `find_rows` gave for another answer of the same list."""
    return next((found for found in lists_in(body) if found.path == path), None)


def _single(body: Any) -> Guess[Found] | None:
    """An answer that is one object: a resource of one row."""
    if not isinstance(body, Mapping) or not body:
        return None
    said = "the answer holds no list of objects; it is taken for one row"
    return Guess(Found("$", "", (body,), 0, is_single=True), Confidence.GUESS, said)


def _lists(value: Any, keys: tuple[str, ...], depth: int) -> Iterator[Found]:
    if isinstance(value, list):
        if all(isinstance(row, Mapping) for row in value):
            yield Found(path_of(keys), keys[-1] if keys else "", tuple(value), len(keys))
    elif isinstance(value, Mapping) and depth:
        for key, item in value.items():
            yield from _lists(item, (*keys, str(key)), depth - 1)


def path_of(keys: Sequence[str]) -> str:
    """Keys as a JSONPath; a key that is no plain name in quotes."""
    return ".".join(key if _PLAIN_KEY.fullmatch(key) else f"'{key}'" for key in keys) or "$"


def _rank(found: Found, name: str) -> tuple[Any, ...]:
    usual = _USUAL.index(found.key) if found.key in _USUAL else len(_USUAL)
    return (not found.rows, not _is_named(found, name), usual, found.depth, -len(found.rows))


def _is_named(found: Found, name: str) -> bool:
    return bool(found.key) and _letters(name).endswith(_letters(found.key))


def _letters(text: str) -> str:
    return re.sub(r"[^a-z]", "", text.lower())
