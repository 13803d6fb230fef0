"""Which operations are lists: where their rows are in the answer, and what a row is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from homeroom.draft.described.document import Document, Operation, parameters_in
from homeroom.draft.described.shapes import Shape
from homeroom.draft.described.words import plain, schema_noun, singular, words
from homeroom.draft.values import Confidence, Guess

IDENTITIES = ("id", "uuid", "guid", "sourcedid")
"""Names, without their spelling, of what tells one thing from another."""

_USUAL = {"items", "data", "results", "result", "value", "values", "entries", "records", "list", "rows", "content"}
_USUAL |= {"elements", "objects", "collection", "resources", "nodes", "member", "members"}
_BESIDE = {"error", "errors", "warning", "warnings", "link", "links", "included", "message", "messages", "facets"}
_BESIDE |= {"filters", "sort", "sorts", "aggregations"}
_PAGING = re.compile(
    r"paging|pagination|paginat|meta|page|links?$|next|prev|previous|first$|last$|total|count|cursor|has_?more|limit"
    r"|offset|size|status|success|code|self|href|kind|etag|token|odata|context|version|timestamp|object|type$|url$",
    re.IGNORECASE,
)
_SAYS_LIST = re.compile(
    r"^\s*(get |retrieves? |returns? |fetch(es)? |gives? |show )?(an? |the )?(paginated |paged |full |complete )?"
    r"(list|lists|listing|collection|array|page)\b|^\s*(get|retrieves?|returns?|lists?|fetch(es)?) (of )?all\b|^list\b",
    re.IGNORECASE,
)
_FILE = re.compile(r"\b(download|export|avatar|thumbnail|image|attachment file|binary|csv|pdf|zip)\b", re.IGNORECASE)
_DEEPEST = 2
"""How many objects deep rows are looked for: `data.items`."""


@dataclass(frozen=True, slots=True)
class Listing:
    """An operation that is a list. `row` is what one of its rows is, `answer` what stands around them."""

    operation: Operation
    selector: Guess[str]
    row: Shape
    answer: Shape

    @property
    def ends_in_parameter(self) -> bool:
        """Whether its path ends in a parameter, as paths of single things do."""
        return bool(parameters_in(self.operation.segments[-1])) if self.operation.segments else False


@dataclass(frozen=True, slots=True)
class _Found:
    path: tuple[str, ...]
    row: Shape


def listing(document: Document, operation: Operation) -> Listing | str | None:
    """The list; why it is none although it looks like one; or None for something else."""
    answer = operation.answer
    if not _may_be_json(answer.media):
        return None
    if answer.shape is None or _is_blank(answer.shape):
        return _by_words(operation)
    for shape in answer.shape.variants or (answer.shape,):
        found = _in_shape(document, operation, shape)
        if found is not None:
            return found
    return None


def says_list(operation: Operation) -> bool:
    """Whether its words say that it is a list."""
    texts = (operation.summary, operation.described, operation.answer.described)
    return any(_SAYS_LIST.match(text) for text in texts)


def _may_be_json(media: Sequence[str]) -> bool:
    return not media or any("json" in kind.lower() or kind.startswith("*/") for kind in media)


def _is_blank(shape: Shape) -> bool:
    """Whether nothing is said of the answer but, at most, that it is an object."""
    return shape.kind in ("", "object") and not shape.properties and not shape.variants and shape.items is None


def _by_words(operation: Operation) -> Listing | None:
    words_of_it = " ".join((operation.path, operation.summary, operation.described))
    is_single = not operation.segments or bool(parameters_in(operation.segments[-1]))
    if is_single or not says_list(operation) or _FILE.search(words_of_it):
        return None
    evidence = "the description has no schema of the answer; by its words it is a list, so the answer itself is taken"
    return Listing(operation, Guess("$", Confidence.GUESS, evidence), Shape(), Shape())


def _in_shape(document: Document, operation: Operation, shape: Shape) -> Listing | str | None:
    if shape.kind == "array":
        return _bare(document, operation, shape)
    if shape.kind == "object":
        return _enveloped(document, operation, shape)
    return None


def _bare(document: Document, operation: Operation, shape: Shape) -> Listing | str:
    row = document.shape(shape.items)
    if not row.is_object:
        return f"its rows are no objects, but of the type {row.kind or 'mixed'}"
    if row.kind or shape.items:
        return Listing(
            operation, Guess("$", Confidence.CERTAIN, "the answer is described as an array of rows"), row, shape
        )
    evidence = "the answer is described as an array, of what is not said"
    return Listing(operation, Guess("$", Confidence.GUESS, evidence), row, shape)


def _enveloped(document: Document, operation: Operation, shape: Shape) -> Listing | str | None:
    found = list(_arrays(document, shape, (), _DEEPEST))
    rows = [each for each in found if each.row.is_object]
    if not rows:
        if not any(_is_sure(operation, shape, each) for each in found):
            return None
        return f"its rows are no objects, but of the type {found[0].row.kind or 'mixed'}"
    rows.sort(key=lambda each: -_score(operation, each))
    best = rows[0]
    rivals = [each for each in rows[1:] if _score(operation, each) == _score(operation, best)]
    is_sure = _is_sure(operation, shape, best)
    if not is_sure and (_is_thing(operation, shape) or not (says_list(operation) or _is_of_lists(document, shape))):
        return None
    others = tuple(".".join(each.path) for each in rows[1:] if _score(operation, each) > -1)
    selector = Guess(".".join(best.path), *_evidence(best, rows, rivals, is_sure=is_sure), others)
    return Listing(operation, selector, best.row, shape)


def _evidence(
    best: _Found, rows: Sequence[_Found], rivals: Sequence[_Found], *, is_sure: bool
) -> tuple[Confidence, str]:
    at = ".".join(best.path)
    if rivals:
        return Confidence.GUESS, f"the answer is described with several arrays of objects; {at} comes first"
    if not is_sure:
        return Confidence.GUESS, f"the answer is described as an object with more than rows in it; they seem to be {at}"
    if len(rows) > 1:
        return Confidence.LIKELY, f"of the arrays in the described answer {at} is named like rows"
    return Confidence.CERTAIN, f"{at} is the array of objects in the described answer"


def _arrays(document: Document, shape: Shape, path: tuple[str, ...], deep: int) -> Iterator[_Found]:
    for name, raw in shape.properties.items():
        inner = document.shape(raw)
        if inner.kind == "array":
            yield _Found((*path, name), document.shape(inner.items))
        elif inner.kind == "object" and deep > 1 and not _has_identity(inner) and plain(name) not in _BESIDE:
            yield from _arrays(document, inner, (*path, name), deep - 1)


def _score(operation: Operation, found: _Found) -> int:
    """How much an array is named like rows."""
    name, last = plain(found.path[-1]), _last_literal(operation)
    if name in _BESIDE:
        return -2
    if last and singular(name) == singular(plain(last)):
        return 4
    if name in _USUAL:
        return 3
    if found.row.name and singular(name) == singular(schema_noun(found.row.name)):
        return 2
    return 1 if len(found.path) == 1 else 0


def _is_sure(operation: Operation, shape: Shape, found: _Found) -> bool:
    """Whether the object is an envelope, and not a thing with a list in it."""
    name = plain(found.path[0])
    beside = [key for key in shape.properties if plain(key) != name]
    has_paging = any(_PAGING.search(key) for key in beside)
    if _has_identity(shape):
        return name in _USUAL and has_paging and not _is_thing(operation, shape)
    if all(_PAGING.search(key) or plain(key) in _BESIDE for key in beside):
        return bool(beside) or not _is_thing(operation, shape) or name in _USUAL
    return _score(operation, found) >= 3 and not _is_thing(operation, shape)


def _is_of_lists(document: Document, shape: Shape) -> bool:
    """Whether an object holds lists and what describes them, and nothing else."""
    beside = [raw for name, raw in shape.properties.items() if not _PAGING.search(name)]
    return all(document.shape(raw).kind == "array" for raw in beside)


def _is_thing(operation: Operation, shape: Shape) -> bool:
    """Whether the path is that of one thing, or the answer has an identity of its own."""
    ends = bool(operation.segments) and bool(parameters_in(operation.segments[-1]))
    return ends or _has_identity(shape)


def _has_identity(shape: Shape) -> bool:
    return any(plain(name) in IDENTITIES for name in shape.properties)


def _last_literal(operation: Operation) -> str:
    literals = [segment for segment in operation.segments if not parameters_in(segment)]
    return "".join(words(literals[-1].removesuffix(".json"))) if literals else ""
