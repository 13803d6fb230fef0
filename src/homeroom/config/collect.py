"""Problems as they are found: placed, masked, sorted and told once."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from homeroom.errors import ConfigError, Problem
from homeroom.secrets import MASK, is_secret_key, mask_text

if TYPE_CHECKING:
    from homeroom.codes import Code

Path = tuple[str | int, ...]
"""A place in the config: keys of mappings and positions in lists."""

_LONGEST_VALUE = 80
_PLAIN_KEY = re.compile(r"[A-Za-z_][\w-]*")


class Problems:
    """Collects what is wrong with one config.

    Values are kept as they are and masked in `found`, so that a secret which is read later is masked in a
    problem found before.
    """

    def __init__(self, file: str | None = None, locate: Callable[[Path], int | None] | None = None) -> None:
        """`file` and `locate` (from a path to its line) are None for a Python dict."""
        self.file = file
        self.secrets: set[str] = set()
        self._locate = locate or (lambda _: None)
        self._found: list[tuple[Path, Problem, Any]] = []
        self._settled: set[Path] = set()

    def add(
        self,
        path: Path,
        message: str,
        value: Any = ...,
        allowed: str | None = None,
        hint: str | None = None,
        code: Code = "wrong-value",
    ) -> None:
        """Keep a problem at `path`. `value` is shown shortened and masked, `...` is none to show."""
        if path not in self._settled:
            line = self._locate(path)
            problem = Problem(path_text(path), message, None, allowed, hint, self.file, line, code)
            self._found.append((path, problem, value))

    def settle(self, path: Path) -> None:
        """Take no further problem at `path`: its value is not known, what is said of it would be wrong."""
        self._settled.add(path)

    def any_under(self, path: Path) -> bool:
        """Whether a problem was found at `path` or inside it."""
        return any(found[: len(path)] == path for found, _, _ in self._found)

    def found(self) -> tuple[Problem, ...]:
        """Every problem once, by line; those without a line in the order they were found."""
        problems = (self._masked(*entry) for entry in self._found)
        unique = {(problem.path, problem.message): problem for problem in problems}
        return tuple(sorted(unique.values(), key=lambda problem: problem.line or 0))

    def raise_if_any(self) -> None:
        """Raise a `ConfigError` with all problems; do nothing where there are none."""
        if found := self.found():
            raise ConfigError(found)

    def _masked(self, path: Path, problem: Problem, value: Any) -> Problem:
        def clean(text: str | None) -> str | None:
            return None if text is None else mask_text(text, self.secrets)

        return replace(
            problem,
            message=mask_text(problem.message, self.secrets),
            value=None if value is ... else show(value, path, self.secrets),
            allowed=clean(problem.allowed),
            hint=clean(problem.hint),
        )


def nearest(word: str, known: Iterable[str]) -> str | None:
    """``did you mean `x`?`` for the known word most like this one, None where none is like it."""
    close = get_close_matches(word, list(known), n=1, cutoff=0.55)
    return f"did you mean `{close[0]}`?" if close else None


def path_text(path: Path) -> str:
    """`source.resources[2].endpoint`; a key that is not a plain word stands quoted in brackets."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif _PLAIN_KEY.fullmatch(part):
            text += f".{part}" if text else part
        else:
            text += f"[{part!r}]"
    return text


def show(value: Any, path: Path, secrets: Iterable[str]) -> str:
    """A value for a message: at most 80 characters, `***` at the key of a secret, secrets inside masked.

    Data is written as JSON; of any other object only the type is named, since its repr may hold anything.
    """
    keys = [part for part in path if isinstance(part, str)]
    if keys and is_secret_key(keys[-1]) and not isinstance(value, (dict, bool, type(None))):
        return MASK
    printable = _printable(value, secrets)
    named = isinstance(printable, str) and not isinstance(value, str)
    text = mask_text(printable if named else json.dumps(printable, ensure_ascii=False), secrets)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 3] + "..."


def _printable(value: Any, secrets: Iterable[str]) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _printable_entry(str(key), item, secrets) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_printable(item, secrets) for item in value]
    if isinstance(value, str):
        return mask_text(value, secrets)
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return _named(value)


def _named(value: Any) -> str:
    """What to call an object that is not data."""
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if callable(value) and hasattr(value, "__name__"):
        return f"the function {value.__name__}"
    return f"an instance of {type(value).__name__}"


def _printable_entry(key: str, item: Any, secrets: Iterable[str]) -> Any:
    return MASK if is_secret_key(key) and isinstance(item, (str, int, float)) else _printable(item, secrets)
