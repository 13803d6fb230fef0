"""The facts of one page, and the rows that they were read from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from homeroom.errors import DataError
from homeroom.facts.depth import followed
from homeroom.facts.document import MISSING, Document, StrangeError, decoded
from homeroom.facts.error_objects import ErrorPattern, error_object, refuse_by_patterns, told_errors
from homeroom.facts.link_header import target_of
from homeroom.values import Answer, JsonPath, LimitSettings, PageFacts

TOTAL_HEADERS = ("X-Total-Count", "Total-Count")
"""Headers that hold a number of rows: OneRoster 1.1/1.2 (X-Total-Count), Ed-Fi ODS/API (Total-Count)."""

DEPTH = LimitSettings().json_depth

_PLAIN_KEY = re.compile(r"[A-Za-z_$@][\w.$:-]{0,40}")
_MOST = 2**63 - 1
"""The largest total: what no column of whole numbers can hold is no number of rows."""

_ACCEPTED = 202
_NOT_READY = (
    "the server answered 202 (Accepted) without rows: it has not made them yet; run again later, or let "
    "endpoint.response_actions say what it means ({status_code: 202, action: ignore} ends the list there, unproved)"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which facts a page must give. None: not needed.

    `total` is the paging's own, and `total_counts_rows` tells one of rows (offset paging) from one of pages.
    `total_header` and `row_total` are where the config says that the number of rows stands, whatever the
    paging; `errors` are its patterns of an error, `json_depth` how deep lists and objects may be nested.
    """

    selector: JsonPath
    total: JsonPath | None = None
    total_counts_rows: bool = True
    reference: JsonPath | None = None
    has_more: JsonPath | None = None
    link_rel: str | None = None
    cursor_header: str | None = None
    total_header: str | None = None
    row_total: JsonPath | None = None
    errors: tuple[ErrorPattern, ...] = ()
    json_depth: int = DEPTH


def read_facts(answer: Answer, wanted: Wanted) -> PageFacts:
    """The facts of one page.

    Raises `CutOffError` where the JSON ends early; `DataError` where it is no JSON, is nested too deep or is
    an error, and where the selector finds nothing in an answer that is not empty.
    """
    with followed(wanted.json_depth):
        try:
            return _facts_of(Document(answer, wanted.json_depth), wanted)
        except StrangeError:
            return _facts_of(Document(answer, None, lenient=True), wanted)


def _facts_of(document: Document, wanted: Wanted) -> PageFacts:
    answer = document.answer
    if answer.status == _ACCEPTED and not document.text:
        raise DataError(_NOT_READY, code="not-ready")
    document.refuse_scalar()
    refuse_by_patterns(document, wanted.errors)
    rows, data = _rows(document, wanted.selector)
    if _may_be_error(document, wanted.selector, rows) and (told := told_errors(document)):
        raise DataError(error_object(told), about="error", code="error-answer")
    if answer.status == _ACCEPTED and not rows:
        raise DataError(_NOT_READY, code="not-ready")
    total = _number(document.find(wanted.total)) if wanted.total else None
    row_total = _named_total(document, wanted)
    if row_total is None and wanted.total_counts_rows:
        row_total = total
    if total is None and wanted.total_counts_rows:
        total = row_total
    reference = _reference(answer, document, wanted)
    return PageFacts(
        rows=rows,
        data=data,
        total=total,
        row_total=row_total,
        reference=reference,
        has_more=_boolean(document.find(wanted.has_more)) if wanted.has_more else None,
        lacks_reference=reference is None and wanted.reference is not None and _lacks(document, wanted.reference),
    )


def parse_body(answer: Answer, json_depth: int | None = DEPTH) -> Any:
    """The whole body as Python objects; the same errors as `read_facts`.

    `json_depth` is None where it was held before.
    """
    with followed(json_depth):
        try:
            return _whole(Document(answer, json_depth))
        except StrangeError:
            return _whole(Document(answer, None, lenient=True))


def _whole(document: Document) -> Any:
    document.refuse_scalar()
    return document.whole()


def _rows(document: Document, selector: JsonPath) -> tuple[int, bytes | None]:
    keys = document.keys_of(selector)
    if keys is None:
        matches = document.search(selector)
        if not matches and _leads_to_empty_lists(document, selector):
            return 0, None
        return (len(selected_rows(matches)), None) if matches else (_no_rows(document, selector), None)
    raw = document.raw(keys)
    if raw is None:
        return _no_rows(document, selector), b"[]"
    # dlt: null is an empty page, any other single value is a page of one row.
    data = b"[]" if raw == b"null" else raw if raw[:1] == b"[" else b"[" + bytes(decoded(raw, msgspec.Raw)) + b"]"
    return len(decoded(data, list[msgspec.Raw])), data


def _leads_to_empty_lists(document: Document, selector: JsonPath) -> bool:
    """Whether a path to the entries of lists (`courses[*].assignments[*]`) leads to lists, and all are empty."""
    path = selector.compiled
    if str(getattr(path, "right", "")) not in ("*", "[*]"):  # as jsonpath-ng writes it from 1.16 on, and before
        return False
    lists = [match.value for match in path.left.find(document.whole())]
    return bool(lists) and all(each == [] for each in lists)


def _may_be_error(document: Document, selector: JsonPath, rows: int) -> bool:
    """Whether an error key beside the rows is to be believed: there are none, or one that is in no list.

    Beside rows it may tell of a part that is missing there, and the answer is data.
    """
    if rows != 1:
        return rows == 0
    if selector.keys == ():
        return document.text[:1] == b"{" and document.at("id") is MISSING
    keys = document.keys_of(selector)
    if keys is None:
        return not isinstance(document.find(selector), dict | list)
    return (document.raw(keys) or b"")[:1] not in (b"{", b"[")


def read_rows(body: bytes, facts: PageFacts, selector: JsonPath) -> list[Any]:
    """The rows of a page whose facts were read, in its order. Raises `DataError` for text that is not UTF-8."""
    if facts.data is None:
        found = parse_body(Answer(200, "", (), body), None)
        with followed(None):
            return selected_rows([match.value for match in selector.compiled.find(found)])
    try:
        rows: list[Any] = msgspec.json.decode(facts.data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # What counting rows passes over: a number beyond any float (infinite, as in dlt), bytes that are no text.
        rows = parse_body(Answer(200, "", (), facts.data), None)
    return rows


def selected_rows(matches: list[Any]) -> list[Any]:
    """Rows from the matches of a selector, by dlt's rule: a single match that is a list is the list of rows."""
    found = matches[0] if len(matches) == 1 else matches
    if found is None:
        return []
    return found if isinstance(found, list) else [found]


def _no_rows(document: Document, selector: JsonPath) -> int:
    """An empty answer (`{}`) and an element without children are empty pages; all else is a mistake to be heard."""
    whole = document.whole()
    if whole in ({}, [], None):
        return 0
    if told := told_errors(document):
        raise DataError(error_object(told), about="error", code="error-answer")
    if document.answer.status == _ACCEPTED:
        raise DataError(_NOT_READY, code="not-ready")
    if _is_childless(whole, selector.keys or ()):
        return 0
    shape = f"an object with the keys {shown_keys(whole)}" if isinstance(whole, dict) else "a list"
    raise DataError(
        f"data_selector {selector.text!r} finds nothing: the answer is {shape}; name the key that holds the rows"
        + ("" if isinstance(whole, dict) else " ('$' takes the whole list)"),
        about="rows",
        code="no-rows-there",
    )


def _is_childless(whole: Any, keys: tuple[str, ...]) -> bool:
    """Whether what should hold the rows is an XML element without children: an object of attributes alone.

    So PowerSchool writes an empty list, `{"students": {"@expansions": "…"}}` for `students.student`. A wrong name
    in the selector shows still, in the first answer that has rows: they are a key without an `@`.
    """
    for key in keys[:-1]:
        whole = whole.get(key) if isinstance(whole, dict) else None
    return len(keys) > 1 and isinstance(whole, dict) and bool(whole) and all(key[:1] == "@" for key in whole)


def shown_keys(answer: Mapping[str, Any]) -> str:
    """The first dozen keys of an answer or a row; one that is no plain word may be somebody's address: `…`."""
    return ", ".join(repr(key) if _PLAIN_KEY.fullmatch(key) else "…" for key in list(answer)[:12])


def _named_total(document: Document, wanted: Wanted) -> int | None:
    """The number of rows from where the config says it stands; from the usual headers where it says nothing.

    A header is asked before the body: it is what the config was told to trust where both are named.
    """
    if wanted.total_header is None and wanted.row_total is None:
        return _header_total(document.answer, TOTAL_HEADERS)
    names = (wanted.total_header,) if wanted.total_header else ()
    total = _header_total(document.answer, names)
    if total is None and wanted.row_total is not None:
        total = _number(document.find(wanted.row_total))
    return total


def _header_total(answer: Answer, names: tuple[str, ...]) -> int | None:
    return next((n for name in names if (n := _number(answer.header(name))) is not None), None)


def _reference(answer: Answer, document: Document, wanted: Wanted) -> str | int | None:
    if wanted.link_rel is not None:
        # RFC 9110 (section 5.3): a header sent several times is one list.
        header = ", ".join(value for key, value in answer.headers if key.lower() == "link")
        return target_of(header, wanted.link_rel)
    if wanted.cursor_header is not None:
        return answer.header(wanted.cursor_header)
    found = document.find(wanted.reference) if wanted.reference else None
    # `""` and `false` are ends too (dlt stops at a null alone and fails on the others).
    if found is MISSING or not found:
        return None
    if isinstance(found, bool | dict | list):
        kind = {bool: "true", dict: "an object", list: "a list"}[type(found)]
        path = wanted.reference.text if wanted.reference else ""
        raise DataError(f"{path!r} is {kind}, no link and no cursor; name the value itself", code="paging-broken")
    if isinstance(found, float) and wanted.reference is not None:
        return document.number_at(wanted.reference)
    reference: str | int = found
    return reference


def _lacks(document: Document, path: JsonPath) -> bool:
    return document.find(path) is MISSING


def _number(value: Any) -> int | None:
    if isinstance(value, bool) or value is None or value is MISSING:
        return None
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        return None
    below = number < 0 or (isinstance(value, float) and value < 0)
    return None if below or number > _MOST else number


def _boolean(value: Any) -> bool | None:
    """A flag as APIs write it; None where it is absent or no flag."""
    if isinstance(value, str):
        return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}.get(value.lower())
    if isinstance(value, bool | int):
        return bool(value)
    return None
