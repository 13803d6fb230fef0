"""What an export had to make up, to change or to leave out, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["made up", "changed", "left out"]
_ORDER: Sequence[Kind] = ("made up", "changed", "left out")


@dataclass(frozen=True, slots=True)
class Note:
    """`rows` is how many rows of the file it is about; `what` holds no content of them."""

    kind: Kind
    file: str
    what: str
    rows: int


class Notes:
    """Collects notes while a bundle is made."""

    def __init__(self) -> None:
        self._found: Counter[tuple[Kind, str, str]] = Counter()

    def made_up(self, file: str, what: str) -> None:
        """A value, or a row, that the source does not give and the standard requires."""
        self._found["made up", file, what] += 1

    def changed(self, file: str, what: str) -> None:
        """A value that the standard does not take as it is."""
        self._found["changed", file, what] += 1

    def left_out(self, file: str, what: str) -> None:
        """A row, or a value, that is not in the bundle."""
        self._found["left out", file, what] += 1

    def all(self) -> tuple[Note, ...]:
        """By kind and file, each with its number of rows."""
        found = sorted(self._found.items(), key=lambda each: (_ORDER.index(each[0][0]), each[0][1:]))
        return tuple(Note(kind, file, what, rows) for (kind, file, what), rows in found)
