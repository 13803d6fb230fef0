"""Whether a described list can be asked for what has changed since: by which parameter, and which field of its rows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from homeroom.draft.described.document import Document, Parameter
from homeroom.draft.described.listing import Listing
from homeroom.draft.described.words import plain, words
from homeroom.draft.values import Confidence, Guess

Increment = Guess[Mapping[str, Any] | None]

_CHANGED = {"updated": "updat", "update": "updat", "modified": "modif", "modification": "modif", "changed": "chang"}
_CHANGED |= {"change": "chang", "modify": "modif", "edited": "edit"}
_FROM = {"since", "after", "from", "gte", "ge", "gt", "min", "minimum", "start", "begin", "greater", "newer"}
_FROM_WITH = {"since", "from", "gte", "ge", "min", "minimum", "start", "begin", "or", "equal"}
_NOT_FROM = {"before", "until", "to", "lte", "lt", "le", "max", "maximum", "end", "less", "older", "on_only", "by"}
_SAYS_CHANGED = re.compile(r"\b(updated|modified|changed|edited)\b", re.IGNORECASE)
_AT_LEAST = ("greaterOrEqual", "greaterThanOrEqual", "gte", "ge", "greater_or_equal", "after", "greaterThan", "gt")
_LAG_S = 60
"""How far to read back where the filter is for later times only: two rows may bear the same second."""


def increment(document: Document, one: Listing) -> tuple[Increment | None, Mapping[str, Any]]:
    """The value of `endpoint.incremental`, and the parameters to send beside it; None where there is no such filter."""
    columns = _times(document, one)
    for parameter, stem, compare in _filters(one):
        column = _column(columns, stem)
        if column is None:
            continue
        beside = {compare[0]: compare[1]} if compare else {}
        return _guess(one, parameter, column, stem, is_sure=_is_time(parameter)), beside
    return None, {}


def _guess(one: Listing, parameter: Parameter, column: str, stem: str, *, is_sure: bool) -> Increment:
    value: dict[str, Any] = {"cursor_path": column, "start_param": parameter.name}
    if column not in one.row.required:
        value["on_cursor_value_missing"] = "include"
    if not _is_with(parameter):
        value["lag"] = _LAG_S
    fits = _stem(column) == stem
    confidence = Confidence.LIKELY if is_sure and fits else Confidence.GUESS
    evidence = f"the list takes the query parameter {parameter.name}, and rows have {column}"
    return Guess(value, confidence, f"{evidence}; what was deleted does not come by it")


def _filters(one: Listing) -> list[tuple[Parameter, str, tuple[str, str] | None]]:
    """Parameters that ask for what changed from a time on, those that take the time itself in before others."""
    found: list[tuple[Parameter, str, tuple[str, str] | None]] = []
    for parameter in one.operation.query:
        if parameter.shape.kind not in ("string", "") or parameter.shape.values:
            continue
        if stem := _stem_of_filter(parameter):
            found.append((parameter, stem, None))
        elif compared := _compared(one, parameter):
            found.append((parameter, _stem(parameter.name), compared))
    return sorted(found, key=lambda each: (not _is_with(each[0]), not _is_time(each[0])))


def _stem_of_filter(parameter: Parameter) -> str:
    """What the filter is about, as the stem of a verb; empty where it is none for changes."""
    said = {*words(parameter.name)}
    if said & _NOT_FROM or not said & _FROM:
        return ""
    if stem := _stem(parameter.name):
        return stem
    is_bare = said <= _FROM | {"date", "time", "at"}
    found = _SAYS_CHANGED.search(parameter.described) if is_bare and "since" in said else None
    return _CHANGED[found.group(1).lower()] if found else ""


def _compared(one: Listing, parameter: Parameter) -> tuple[str, str] | None:
    """The parameter beside a time that says how it is compared, and the word for `from then on`."""
    if not _stem(parameter.name):
        return None
    for other in one.operation.query:
        if plain(other.name) in {plain(parameter.name) + end for end in ("compare", "operator", "op", "comparison")}:
            word = next((word for word in _AT_LEAST if word in other.shape.values), None)
            return (other.name, word) if word else None
    return None


def _times(document: Document, one: Listing) -> list[str]:
    """Fields of the rows that are times of a change, those described as such before others."""
    found = []
    for name, raw in one.row.properties.items():
        shape = document.shape(raw)
        if _stem(name) and shape.kind in ("string", "") and shape.format in ("date-time", "datetime", ""):
            found.append((shape.format == "", name))
    return [name for _, name in sorted(found)]


def _column(columns: list[str], stem: str) -> str | None:
    fitting = [name for name in columns if _stem(name) == stem]
    return next(iter(fitting or columns), None)


def _stem(name: str) -> str:
    return next((_CHANGED[word] for word in words(name) if word in _CHANGED), "")


def _is_with(parameter: Parameter) -> bool:
    """Whether a row of exactly that time comes too."""
    return bool({*words(parameter.name)} & _FROM_WITH) or not {*words(parameter.name)} & _FROM


def _is_time(parameter: Parameter) -> bool:
    return parameter.shape.format in ("date-time", "datetime")
