"""Python's types in words for somebody who writes a config file."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any, get_args, get_origin

from dlt.common.typing import is_typeddict
from dlt.extract import DltResource

_WORDS: Mapping[Any, str] = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}


def expected(options: list[Any], literals: list[str]) -> str:
    """What a value must be that fits one of these types; `literals` are the values that are named one by one.

    Types that only Python can make are named where a file has no form for the value.
    """
    words = [f"one of {', '.join(literals)}"] if literals else []
    words += [word for option in options if (word := _plain_word(option))]
    words = list(dict.fromkeys(words))
    if not words:
        words = list(dict.fromkeys(_python_word(option) for option in options))
    return " or ".join(words)


def _plain_word(option: Any) -> str | None:
    """What to call a type in a file, None for what a file cannot hold."""
    if option in _WORDS:
        return _WORDS[option]
    origin, args = get_origin(option), get_args(option)
    if is_typeddict(option) or origin is dict:
        return "a mapping"
    if origin in (list, Sequence):
        inner = {str: "text", DltResource: "resources"}.get(args[0])
        return f"a list of {inner}" if inner else "a list"
    return None


def _python_word(option: Any) -> str:
    if get_origin(option) is not None or not inspect.isclass(option):
        return "a function (only in a Python config)"
    return f"an instance of {option.__name__} (only in a Python config)"
