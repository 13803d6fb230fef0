"""Answers with a good status that are errors all the same: by their own usual keys, or by the config's patterns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from homeroom.errors import DataError
from homeroom.facts.document import MISSING, Document
from homeroom.values import JsonPath

ERROR_KEYS = ("exception", "errorcode", "error", "errors")
"""Keys by which an answer with status 200 may say that it is an error (Moodle: the first two)."""

_ADVICE = "check the key, its rights and the parameters"
_NO_ERROR = frozenset({"", "0", "false", "no", "none", "null", "nil", "ok", "success"})
"""Words by which an error key says that there is none."""


class ToldError(DataError):
    """An answer with a good status is an error, as the config says.

    `within` is the object in it that fits the pattern, None for the answer itself. Where nothing but the usual keys
    tells of an error, it is a plain `DataError`: it may be a row after all.
    """

    def __init__(self, message: str, within: Mapping[str, Any] | None = None) -> None:
        super().__init__(message, about="error", code="error-answer")
        self.within = within


@dataclass(frozen=True, slots=True)
class ErrorPattern:
    """One entry of `error_when`. `setting` is the place in the config, `text` the entry as it stands there.

    `equal` is None where any value at `path` that is not null, false, 0 or empty makes the answer an error;
    otherwise the first value there must be `value` (True) or another one (False).
    """

    setting: str
    text: str
    path: JsonPath
    equal: bool | None = None
    value: Any = None

    def fits(self, found: Sequence[Any]) -> bool:
        """Whether an answer with these values at `path` is an error. Without any it is none."""
        if self.equal is None:
            return any(found)
        return bool(found) and _same(found[0], self.value) is self.equal


def _same(found: Any, wanted: Any) -> bool:
    """Equal as JSON has it: there `true` is not 1."""
    return isinstance(found, bool) is isinstance(wanted, bool) and bool(found == wanted)


def read_pattern(text: str, setting: str, compile_path: Callable[[str], JsonPath]) -> ErrorPattern:
    """`PATH`, `PATH == VALUE` or `PATH != VALUE`; VALUE is read as JSON, else taken as text.

    Raises ValueError for a path that `compile_path` refuses, or a comparison with nothing.
    """
    path, operator, value = _parted(text)
    if operator and (not value or value.startswith("=")):
        raise ValueError(f"has no value after `{operator}`")
    try:
        compiled = compile_path(path)
    except Exception:  # jsonpath_ng raises plain Exception subclasses of its lexer and parser
        raise ValueError("is not a JSONPath, alone or followed by `== VALUE` or `!= VALUE`") from None
    return ErrorPattern(setting, text, compiled, operator == "==" if operator else None, _value(value))


def _parted(text: str) -> tuple[str, str, str]:
    """Path, operator and value; the operators in a filter (`[?(@.a == 1)]`) or in quotes belong to the path."""
    closers: list[str] = []
    for place, character in enumerate(text):
        if closers and character == closers[-1]:
            closers.pop()
        elif not closers and text[place : place + 2] in ("==", "!="):
            return text[:place].strip(), text[place : place + 2], text[place + 2 :].strip()
        elif character in _PAIRS and not (closers and closers[-1] in "'\""):
            closers.append(_PAIRS[character])
    return text.strip(), "", ""


_PAIRS = {"[": "]", "(": ")", "'": "'", '"': '"'}


def _value(text: str) -> Any:
    if len(text) > 1 and text[0] == text[-1] == "'":
        return text[1:-1]
    try:
        return msgspec.json.decode(text.encode())
    except msgspec.DecodeError:
        return text


def refuse_by_patterns(document: Document, patterns: Sequence[ErrorPattern]) -> None:
    """Raise `ToldError` where the answer fits one of the config's patterns."""
    refuse_values(document.values, patterns)


def refuse_values(values: Callable[[JsonPath], Sequence[Any]], patterns: Sequence[ErrorPattern]) -> None:
    """The same of an answer that has these values at a path."""
    for pattern in patterns:
        if pattern.fits(found := values(pattern.path)):
            within = next((each for each in found if isinstance(each, dict)), None)
            raise ToldError(f"the answer is an error by {pattern.setting} ({pattern.text!r}): {_ADVICE}", within)


def told_errors(document: Document) -> list[str]:
    """Those of `ERROR_KEYS` by which the answer says that it is an error."""
    return [key for key in ERROR_KEYS if _says_error(document.at(key))]


def _says_error(value: Any) -> bool:
    """Whether the value of an error key means one: `{"code": 0, "message": "ok"}` does not."""
    if isinstance(value, dict | list):
        return any(map(_says_error, value.values() if isinstance(value, dict) else value))
    if isinstance(value, str):
        return value.strip().lower() not in _NO_ERROR
    return value is not MISSING and bool(value)


def refuse_error_object(body: Any) -> None:
    """Raise `DataError` for an error object where the place of the rows is still to be guessed.

    It, or a list inside of it, would be guessed to be the rows. An object with an `id` is a row itself.
    """
    if isinstance(body, Mapping) and "id" not in body and (told := [k for k in ERROR_KEYS if _says_error(body.get(k))]):
        words = f"{error_object(told)}; if it does hold rows, name them by data_selector"
        raise DataError(words, about="error", code="error-answer")


def error_object(keys: Sequence[str]) -> str:
    """What to say of an answer with status 200 that has these of `ERROR_KEYS`."""
    named = ", ".join(map(repr, keys))
    return f"the answer is an error object with status 200 (keys {named}): {_ADVICE}"
