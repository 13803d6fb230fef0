"""Values as Python source, laid out as a person would: short things on one line, long ones a line each."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_WIDTH = 100
_STEP = 4
_DEEPEST_IN_LINE = 2
"""How many containers may stand in one another on one line."""


@dataclass(frozen=True, slots=True)
class Code:
    """Source that stands in the place of a value: `os.environ["API_KEY"]`."""

    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function called with one value, or with the entries of a mapping by their names."""

    name: str
    value: Any
    by_name: bool = False


def as_source(value: Any, indent: int = 0, taken: int = 0) -> str:
    """The source of a value whose first line begins after `taken` columns, further lines at `indent` and more.

    Dates need `import datetime`. Keys keep their order; the same value gives the same text.
    """
    flat = _flat(value)
    if isinstance(value, Call) and value.by_name:
        return _called_by_name(value, indent, taken)
    if isinstance(value, Call):
        return f"{value.name}({as_source(value.value, indent, taken + len(value.name) + 2)})"
    if not isinstance(value, (dict, list, tuple)) or not value:
        return flat
    if _depth(value) <= _DEEPEST_IN_LINE and max(taken, indent) + len(flat) < _WIDTH:
        return flat
    inner = indent + _STEP
    opening, closing = "{}" if isinstance(value, dict) else "[]" if isinstance(value, list) else "()"
    lines = [f"{' ' * inner}{line},\n" for line in _entries(value, inner)]
    return f"{opening}\n{''.join(lines)}{' ' * indent}{closing}"


def _called_by_name(call: Call, indent: int, taken: int) -> str:
    flat = _flat(call)
    if _depth(call.value) <= _DEEPEST_IN_LINE and max(taken, indent) + len(flat) < _WIDTH:
        return flat
    inner = indent + _STEP
    named = [(f"{' ' * inner}{key}=", each) for key, each in call.value.items()]
    lines = [f"{before}{as_source(each, inner, len(before))},\n" for before, each in named]
    return f"{call.name}(\n{''.join(lines)}{' ' * indent})"


def _entries(value: Mapping[Any, Any] | Sequence[Any], indent: int) -> list[str]:
    if not isinstance(value, Mapping):
        return [as_source(each, indent, indent + 1) for each in value]
    keys = [(f"{_flat(key)}: ", each) for key, each in value.items()]
    return [key + as_source(each, indent, indent + len(key) + 1) for key, each in keys]


def _flat(value: Any) -> str:
    match value:
        case Code(text):
            return text
        case Call(name, argument, by_name=True):
            return f"{name}({', '.join(f'{key}={_flat(each)}' for key, each in argument.items())})"
        case Call(name, argument):
            return f"{name}({_flat(argument)})"
        case str():
            return text_source(value)
        case dict():
            return f"{{{', '.join(f'{_flat(key)}: {_flat(each)}' for key, each in value.items())}}}"
        case list():
            return f"[{', '.join(map(_flat, value))}]"
        case tuple():
            return f"({', '.join(map(_flat, value))}{',' if len(value) == 1 else ''})"
        case float() if value != value or value in (float("inf"), float("-inf")):
            return f'float("{value}")'
        case _:
            return repr(value)


def text_source(text: str) -> str:
    """A text in double quotes; what no eye can see is escaped."""
    return json.dumps(text, ensure_ascii=False) if text.isprintable() else repr(text)


def _depth(value: Any) -> int:
    if isinstance(value, Call):
        return _depth(value.value)
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    if isinstance(value, (list, tuple)):
        return 1 + max(map(_depth, value), default=0)
    return 0


def has_dates(value: Any) -> bool:
    """Whether the source of a value needs `import datetime`."""
    if isinstance(value, dict):  # a `Call` brings its own imports
        return any(has_dates(each) for pair in value.items() for each in pair)
    if isinstance(value, (list, tuple)):
        return any(map(has_dates, value))
    return isinstance(value, (datetime.date, datetime.time, datetime.timedelta))
