"""What paging needs to know of a page, read from its bytes without building its rows.

Plain paths (`data`, `meta.total`) walk the text with msgspec's `Raw`: 0.09 ms for a 60 kB page, where a
full parse takes 0.4 to 0.8. Any other JSONPath costs the full parse.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from requests.utils import parse_header_links

from homeroom.errors import DataError
from homeroom.values import Answer, JsonPath, PageFacts

TOTAL_HEADERS = ("X-Total-Count", "Total-Count")
"""Headers that hold a number of rows: OneRoster 1.1/1.2 (X-Total-Count), Ed-Fi ODS/API (Total-Count)."""

ERROR_KEYS = ("exception", "errorcode", "error", "errors")
"""Keys by which an answer with status 200 may say that it is an error (Moodle: the first two)."""

_PLAIN_KEY = re.compile(r"[A-Za-z_$@][\w.$:-]{0,40}")
_BOM = b"\xef\xbb\xbf"
_MISSING = object()


class CutOffError(Exception):
    """The body ends in the middle of its JSON: worth another try, unlike a body that is wrong."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which facts a page must give. None: not needed.

    `total_counts_rows` tells a total of rows (offset paging) from one of pages.
    """

    selector: JsonPath
    total: JsonPath | None = None
    total_counts_rows: bool = True
    reference: JsonPath | None = None
    has_more: JsonPath | None = None
    link_rel: str | None = None
    cursor_header: str | None = None
    total_header: str | None = None


def read_facts(answer: Answer, wanted: Wanted) -> PageFacts:
    """The facts of one page.

    Raises `CutOffError` where the JSON ends early, `DataError` where it is no JSON or where the selector
    finds nothing in an answer that is not empty.
    """
    try:
        return _facts_of(_Document(answer), wanted)
    except _StrangeError:
        return _facts_of(_Document(answer, lenient=True), wanted)


def _facts_of(document: _Document, wanted: Wanted) -> PageFacts:
    answer = document.answer
    rows, data = _rows(document, wanted.selector)
    total = _number(document.find(wanted.total)) if wanted.total else None
    row_total = _header_total(answer, wanted)
    if row_total is None and wanted.total_counts_rows:
        row_total = total
    if total is None and wanted.total_counts_rows:
        total = row_total
    return PageFacts(
        rows=rows,
        data=data,
        total=total,
        row_total=row_total,
        reference=_reference(answer, document, wanted),
        has_more=_boolean(document.find(wanted.has_more)) if wanted.has_more else None,
    )


def parse_body(answer: Answer) -> Any:
    """The whole body as Python objects; the same errors as `read_facts`."""
    try:
        return _Document(answer).whole()
    except _StrangeError:
        return _Document(answer, lenient=True).whole()


class _StrangeError(Exception):
    """The fast reader refuses the text: it is cut off, no JSON, or JSON that only Python's reader takes."""


class _Document:
    """A JSON text that is parsed only as far as it is asked."""

    def __init__(self, answer: Answer, *, lenient: bool = False) -> None:
        self.text = answer.body.removeprefix(_BOM).strip()
        self.answer = answer
        self._lenient = lenient
        self._levels: dict[tuple[str, ...], dict[str, msgspec.Raw]] = {}
        self._whole: Any = _MISSING

    def keys_of(self, path: JsonPath) -> tuple[str, ...] | None:
        """The path as plain keys; None where it must be searched for in the parsed whole."""
        return None if self._lenient else path.keys

    def find(self, path: JsonPath) -> Any:
        """The first value at `path`, `_MISSING` where there is none."""
        keys = self.keys_of(path)
        if keys is None:
            matches = self.search(path)
            return matches[0] if matches else _MISSING
        raw = self.raw(keys)
        return _MISSING if raw is None else _decoded(raw, Any)

    def search(self, path: JsonPath) -> list[Any]:
        return [match.value for match in path.compiled.find(self.whole())]

    def raw(self, keys: tuple[str, ...]) -> bytes | None:
        """The JSON text at `keys`; None where it is absent."""
        if not keys:
            return self.text
        found = self._level(keys[:-1]).get(keys[-1])
        return None if found is None else bytes(found)

    def whole(self) -> Any:
        """The body as Python objects. The lenient reader takes NaN and lone surrogates too, as requests does."""
        if self._whole is _MISSING:
            self._whole = self._parsed_leniently() if self._lenient else _decoded(self.text, Any)
        return self._whole

    def _level(self, keys: tuple[str, ...]) -> dict[str, msgspec.Raw]:
        if keys not in self._levels:
            text = self.raw(keys) or b""
            self._levels[keys] = _decoded(text, dict[str, msgspec.Raw]) if text[:1] == b"{" else _nothing(text)
        return self._levels[keys]

    def _parsed_leniently(self) -> Any:
        try:
            return json.loads(self.text)
        except UnicodeDecodeError as error:
            if self._opens_json() and error.reason == "unexpected end of data":
                raise CutOffError from None
            raise self._no_json("text that is not UTF-8") from None
        except json.JSONDecodeError as error:
            # A cut leaves its mark at the very end, or as a string without one; what follows a whole text is no cut.
            at_end = error.pos >= len(error.doc) - 8 or "Unterminated" in error.msg
            if self._opens_json() and at_end and error.msg != "Extra data":
                raise CutOffError from None
            if self._opens_json():
                raise self._broken_json(error.pos) from None
            raise self._no_json("HTML" if self.text[:1] == b"<" else "text" if self.text else "nothing") from None

    def _opens_json(self) -> bool:
        return self.text[:1] in (b"{", b"[")

    def _broken_json(self, place: int) -> DataError:
        said = self.answer.header("Content-Type") or "no Content-Type"
        size = f"{place} of {len(self.text)}, {said}, status {self.answer.status}"
        return DataError(f"the answer is not valid JSON (at character {size}); the server must mend that")

    def _no_json(self, kind: str) -> DataError:
        # The parser's own words quote the body, which may be somebody's record.
        said = self.answer.header("Content-Type") or "no Content-Type"
        size = f"{len(self.text)} bytes, status {self.answer.status}"
        return DataError(f"the answer is not JSON but {kind} ({said}, {size}); check the path and the Accept header")


def _decoded(text: bytes, kind: Any) -> Any:
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise _StrangeError from None


def _nothing(text: bytes) -> dict[str, msgspec.Raw]:
    """No object, so no keys; but it must be JSON all the same."""
    _decoded(text, msgspec.Raw)
    return {}


def _rows(document: _Document, selector: JsonPath) -> tuple[int, bytes | None]:
    if document.answer.status == 204 and not document.text:
        return 0, b"[]"
    keys = document.keys_of(selector)
    if keys is None:
        matches = document.search(selector)
        return (len(selected_rows(matches)), None) if matches else (_no_rows(document, selector), None)
    raw = document.raw(keys)
    if raw is None:
        return _no_rows(document, selector), b"[]"
    # dlt: null is an empty page, any other single value is a page of one row.
    data = b"[]" if raw == b"null" else raw if raw[:1] == b"[" else b"[" + bytes(_decoded(raw, msgspec.Raw)) + b"]"
    return len(_decoded(data, list[msgspec.Raw])), data


def read_rows(body: bytes, facts: PageFacts, selector: JsonPath) -> list[Any]:
    """The rows of a page whose facts were read, in its order. Raises `DataError` for text that is not UTF-8."""
    if facts.data is None:
        found = parse_body(Answer(200, "", (), body))
        return selected_rows([match.value for match in selector.compiled.find(found)])
    try:
        rows: list[Any] = msgspec.json.decode(facts.data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        # What counting rows passes over: a number beyond any float (infinite, as in dlt), bytes that are no text.
        rows = parse_body(Answer(200, "", (), facts.data))
    return rows


def selected_rows(matches: list[Any]) -> list[Any]:
    """Rows from the matches of a selector, by dlt's rule: a single match that is a list is the list of rows."""
    found = matches[0] if len(matches) == 1 else matches
    if found is None:
        return []
    return found if isinstance(found, list) else [found]


def _no_rows(document: _Document, selector: JsonPath) -> int:
    """An empty answer (`{}`) is an empty page; anything else without rows is a mistake that must be heard."""
    whole = document.whole()
    if whole in ({}, [], None):
        return 0
    if told := [key for key in ERROR_KEYS if isinstance(whole, dict) and whole.get(key)]:
        raise DataError(error_object(told))
    shape = f"an object with the keys {_shown_keys(whole)}" if isinstance(whole, dict) else "a list"
    raise DataError(
        f"data_selector {selector.text!r} finds nothing: the answer is {shape}; name the key that holds the rows"
        + ("" if isinstance(whole, dict) else " ('$' takes the whole list)")
    )


def _shown_keys(answer: dict[str, Any]) -> str:
    """An answer's keys; one that is no plain word may be somebody's address, and shows as `…`."""
    return ", ".join(repr(key) if _PLAIN_KEY.fullmatch(key) else "…" for key in list(answer)[:12])


def error_object(keys: Sequence[str]) -> str:
    """What to say of an answer with status 200 that has these of `ERROR_KEYS`."""
    named = ", ".join(map(repr, keys))
    return f"the answer is an error object with status 200 (keys {named}): check the key, its rights and the parameters"


def _header_total(answer: Answer, wanted: Wanted) -> int | None:
    names = (wanted.total_header,) if wanted.total_header else TOTAL_HEADERS
    return next((n for name in names if (n := _number(answer.header(name))) is not None), None)


def _reference(answer: Answer, document: _Document, wanted: Wanted) -> str | int | None:
    if wanted.link_rel is not None:
        # RFC 9110 (section 5.3): a header sent several times is one list.
        links = parse_header_links(", ".join(value for key, value in answer.headers if key.lower() == "link"))
        return next((link["url"] for link in links if link.get("rel") == wanted.link_rel), None)
    if wanted.cursor_header is not None:
        return answer.header(wanted.cursor_header)
    found = document.find(wanted.reference) if wanted.reference else None
    # `""` and `false` are ends too (dlt stops at a null alone and fails on the others).
    if found is _MISSING or not found:
        return None
    if isinstance(found, bool | dict | list):
        kind = {bool: "true", dict: "an object", list: "a list"}[type(found)]
        path = wanted.reference.text if wanted.reference else ""
        raise DataError(f"{path!r} is {kind}, no link and no cursor; name the value itself")
    return str(found) if isinstance(found, float) else found


def _number(value: Any) -> int | None:
    if isinstance(value, bool) or value is None or value is _MISSING:
        return None
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        return None
    below = number < 0 or (isinstance(value, float) and value < 0)
    return None if below else number


def _boolean(value: Any) -> bool | None:
    """A flag as APIs write it; None where it is absent or no flag."""
    if isinstance(value, str):
        return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}.get(value.lower())
    if isinstance(value, bool | int):
        return bool(value)
    return None
