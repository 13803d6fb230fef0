"""The JSON text of one answer, parsed only as far as it is asked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import msgspec

from homeroom.errors import DataError
from homeroom.facts.depth import hold_depth
from homeroom.values import Answer, JsonPath

MISSING = object()
"""What stands for a value that is not there: null is one."""

_BOM = b"\xef\xbb\xbf"
_GZIP = b"\x1f\x8b"


class CutOffError(Exception):
    """The body ends in the middle of its JSON: worth another try, unlike a body that is wrong."""


class StrangeError(Exception):
    """The fast reader refuses the text: it is cut off, no JSON, or JSON that only Python's reader takes."""


class _Written(float):
    """A number that keeps how it is written."""

    def __new__(cls, text: str) -> _Written:
        number = super().__new__(cls, text)
        number.text = text
        return number

    text: str


class Document:
    """A JSON text. The fast reader raises `StrangeError`; the lenient one is then to judge.

    `depth` is how deep lists and objects may be nested, None where that was held before. Raises `DataError`
    for what is nested deeper, and whenever the text turns out not to be what it should.
    """

    def __init__(self, answer: Answer, depth: int | None, *, lenient: bool = False) -> None:
        text = answer.body.removeprefix(_BOM).strip()
        self.text = b"null" if answer.status == 204 and not text else text
        self.answer = answer
        self._lenient = lenient
        self._levels: dict[tuple[str, ...], dict[str, msgspec.Raw]] = {}
        self._whole: Any = MISSING
        if depth is not None and self._opens_json():
            hold_depth(self.text, depth)

    def refuse_scalar(self) -> None:
        """Raise `DataError` for a body that is a lone text, number or flag: no API means rows by that.

        `null` passes: it is how Go servers write an empty list, and what status 204 (No Content) means.
        """
        if not self._opens_json() and (value := self.whole()) is not None:
            kind = "a text" if isinstance(value, str) else "true or false" if isinstance(value, bool) else "a number"
            words = f"the answer is no object and no list but {kind} ({self._size()}); {_WHERE_TO_LOOK}"
            raise DataError(words, code="unreadable-answer")

    def keys_of(self, path: JsonPath) -> tuple[str, ...] | None:
        """The path as plain keys; None where it must be searched for in the parsed whole."""
        return None if self._lenient else path.keys

    def find(self, path: JsonPath) -> Any:
        """The first value at `path`, `MISSING` where there is none."""
        return next(iter(self.values(path)), MISSING)

    def values(self, path: JsonPath) -> list[Any]:
        """Every value at `path`."""
        keys = self.keys_of(path)
        return self.search(path) if keys is None else self._read(keys)

    def number_at(self, path: JsonPath) -> str:
        """The number at `path` as it is written there: a float would round it."""
        if (keys := self.keys_of(path)) is not None:
            return (self.raw(keys) or b"").decode()
        found = path.compiled.find(json.loads(self.text, parse_float=_Written))
        return next(getattr(match.value, "text", str(match.value)) for match in found)

    def at(self, key: str) -> Any:
        """The value of a key of the answer itself; `MISSING` where it has none, or is no object."""
        if not self._lenient:
            return next(iter(self._read((key,))), MISSING)
        whole = self.whole()
        return whole.get(key, MISSING) if isinstance(whole, dict) else MISSING

    def search(self, path: JsonPath) -> list[Any]:
        """Every match of `path` in the parsed whole."""
        return [match.value for match in path.compiled.find(self.whole())]

    def raw(self, keys: tuple[str, ...]) -> bytes | None:
        """The JSON text at `keys`; None where it is absent."""
        if not keys:
            return self.text
        found = self._level(keys[:-1]).get(keys[-1])
        return None if found is None else bytes(found)

    def whole(self) -> Any:
        """The body as Python objects. The lenient reader takes NaN and lone surrogates too, as requests does."""
        if self._whole is MISSING:
            self._whole = self._parsed_leniently() if self._lenient else decoded(self.text, Any)
        return self._whole

    def _read(self, keys: tuple[str, ...]) -> list[Any]:
        raw = self.raw(keys)
        return [] if raw is None else [decoded(raw, Any)]

    def _level(self, keys: tuple[str, ...]) -> dict[str, msgspec.Raw]:
        if keys not in self._levels:
            text = self.raw(keys) or b""
            self._levels[keys] = decoded(text, dict[str, msgspec.Raw]) if text[:1] == b"{" else _nothing(text)
        return self._levels[keys]

    def _parsed_leniently(self) -> Any:
        try:
            return json.loads(self.text)
        except UnicodeDecodeError as error:
            if self._opens_json() and error.reason == "unexpected end of data":
                raise CutOffError from None
            raise self._no_json("text that is not UTF-8") from None
        except json.JSONDecodeError as error:
            raise self._judged(error) from None
        except ValueError:
            # Python's own guard: the time to read such a number grows with the square of its digits.
            words = "the answer holds a whole number of thousands of digits, which cannot be read"
            raise DataError(f"{words}; the server must mend that", code="unreadable-answer") from None

    def _judged(self, error: json.JSONDecodeError) -> Exception:
        if not self._opens_json():
            return self._no_json("text")
        if error.msg == "Extra data":
            lines = error.doc[error.pos] in "{[" and error.doc[: error.pos].rstrip(" \t").endswith("\n")
            return self._no_json("many JSON texts, one a line (NDJSON)") if lines else self._broken_json(error.pos)
        # A cut leaves its mark at the very end, or as a string without one.
        at_end = error.pos >= len(error.doc) - 8 or "Unterminated" in error.msg
        return CutOffError() if at_end else self._broken_json(error.pos)

    def _opens_json(self) -> bool:
        return self.text[:1] in (b"{", b"[")

    def _size(self) -> str:
        said = self.answer.header("Content-Type") or "no Content-Type"
        return f"{said}, {len(self.text)} bytes, status {self.answer.status}"

    def _broken_json(self, place: int) -> DataError:
        said = self.answer.header("Content-Type") or "no Content-Type"
        size = f"{place} of {len(self.text)}, {said}, status {self.answer.status}"
        words = f"the answer is not valid JSON (at character {size}); the server must mend that"
        return DataError(words, code="unreadable-answer")

    def _no_json(self, kind: str) -> DataError:
        # The parser's own words quote the body, which may be somebody's record.
        kind, advice = next((told for opening, *told in _OTHER_KINDS if opening(self.text)), (kind, _WHERE_TO_LOOK))
        return DataError(f"the answer is not JSON but {kind} ({self._size()}); {advice}", code="unreadable-answer")


_WHERE_TO_LOOK = "check the path and the Accept header"

_OTHER_KINDS: Sequence[tuple[Any, str, str]] = (
    (lambda text: not text, "nothing", _WHERE_TO_LOOK),
    (
        lambda text: text.startswith(_GZIP),
        "compressed (gzip) without a Content-Encoding header",
        "check whether the path names a file, and send Accept-Encoding: identity",
    ),
    (
        lambda text: text.startswith(b"<?xml") and b"<html" not in text[:1000].lower(),
        "XML",
        "ask for JSON by the Accept header or the API's own parameter (Moodle: moodlewsrestformat=json)",
    ),
    (lambda text: text.startswith(b"<"), "HTML", _WHERE_TO_LOOK),
)


def decoded(text: bytes, kind: Any) -> Any:
    """The value of a JSON text; `StrangeError` where the fast reader refuses it."""
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise StrangeError from None


def _nothing(text: bytes) -> dict[str, msgspec.Raw]:
    """No object, so no keys; but it must be JSON all the same."""
    decoded(text, msgspec.Raw)
    return {}
