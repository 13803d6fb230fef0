"""Leaving forgotten persons out of rows that come: what a later read brings of them again.

Who is forgotten is told by a keyed hash of the id alone. Rows are looked at as they came, before any rule hides them.
"""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from homeroom.privacy.book import SEPARATOR
from homeroom.privacy.hiding import Hider, text_of
from homeroom.privacy.person import Person
from homeroom.privacy_values import Act

_PURPOSE = b"homeroom: forgotten persons"
_REMEMBERED = 1 << 16
_GONE, _CLEAR = object(), object()
"""What becomes of an object: it is about somebody who is forgotten; of a value: it is taken out."""


class Forgetter:
    """Makes the hash by which a person stays forgotten. `mark` tells one key from another, not the key itself."""

    def __init__(self, key: bytes) -> None:
        # Not the hash that stands in the tables: nobody shall join the two.
        self._hider = Hider(hmac.digest(key, _PURPOSE, "sha256").hex())
        self.mark = self._hider.mark

    def hash(self, value: Any) -> str:
        """The hash of an id, the same for `7` and `"7"`."""
        return self._hider.hashes([text_of(value)])[0]


@dataclass(slots=True)
class _Place:
    """One place of a resource's rows, with what becomes of a row that has a forgotten id there."""

    table: str
    column: str
    act: Act
    fields: dict[str, _Place] = field(default_factory=dict)
    element: _Place | None = None


class Forgetting:
    """Those who are forgotten, in one read. `hashes` are by the mark of their key; for one thread."""

    def __init__(self, person: Person, forgetters: Sequence[Forgetter], hashes: Mapping[str, Collection[str]]) -> None:
        self.person = person
        known = [(each, frozenset(hashes[each.mark])) for each in forgetters if each.mark in hashes]
        self._counts: Counter[str] = Counter()

        @lru_cache(_REMEMBERED)
        def is_forgotten(text: str) -> bool:
            return any(each.hash(text) in found for each, found in known)

        self.is_forgotten: Callable[[str], bool] = is_forgotten

    def begin(self, resource: str) -> None:
        """A new read of a resource begins."""
        self._counts.pop(resource, None)

    def note(self, resource: str, rows: int) -> None:
        """So many rows named somebody who is forgotten."""
        self._counts[resource] += rows

    def remark(self, resource: str) -> str | None:
        """What is to be said of a resource whose rows have come."""
        return f"rows_forgotten: {self._counts[resource]:,}" if self._counts[resource] else None


class Sieve:
    """What of the rows of one resource may be stored. `required` are columns of its table that may not be null."""

    def __init__(
        self,
        person: Person,
        is_forgotten: Callable[[str], bool],
        table: str,
        required: Collection[str],
        namer: Callable[[str], str],
    ) -> None:
        self._person = person
        self._is_forgotten = is_forgotten
        self._required = required
        self._namer = namer
        self._root = _Place(table, "", "keep")

    def sift(self, rows: Sequence[Any]) -> tuple[list[Any], int] | None:
        """The rows without those who are forgotten, and how many of them named one; None where none did.

        Rows that change are new ones; those given stay as they are.
        """
        sifted = [self._row(row) for row in rows]
        touched = sum(new is not old for new, old in zip(sifted, rows, strict=True))
        return ([row for row in sifted if row is not _GONE], touched) if touched else None

    def _row(self, row: Any) -> Any:
        return self._object(row, self._root) if isinstance(row, dict) else row

    def _object(self, row: dict[str, Any], node: _Place) -> Any:
        """The object as it may be stored: itself where nobody is in it, `_GONE` where it is about one."""
        changed: dict[str, Any] = {}
        for key, value in row.items():
            place = self._field(node, str(key))
            new = self._value(value, place)
            if new is _GONE:
                return _GONE
            if new is _CLEAR and node.column:
                return None  # all that an object says is of the person whom it names
            if new is not value:
                changed[key] = None if new is _CLEAR else new
        return {**row, **changed} if changed else row

    def _value(self, value: Any, place: _Place) -> Any:
        if isinstance(value, dict):
            return self._object(value, place)
        if isinstance(value, list):
            return self._list(value, place)
        if value is None or place.act == "keep" or not self._is_forgotten(text_of(value)):
            return value
        return _GONE if place.act == "delete" or place.column in self._required else _CLEAR

    def _list(self, values: list[Any], place: _Place) -> list[Any]:
        element = self._element(place)
        new = [self._value(each, element) for each in values]
        if all(one is other for one, other in zip(new, values, strict=True)):
            return values
        return [each for each in new if each is not _GONE and each is not _CLEAR]

    def _field(self, node: _Place, key: str) -> _Place:
        held = node.fields.get(key)
        if held is None:
            own = self._namer(key)
            column = f"{node.column}{SEPARATOR}{own}" if node.column else own
            held = node.fields[key] = self._place(node.table, column)
        return held

    def _element(self, node: _Place) -> _Place:
        if node.element is None:
            table = f"{node.table}{SEPARATOR}{node.column or 'list'}"
            act = self._person.act_of(table, "value")
            node.element = _Place(table, "", act)
        return node.element

    def _place(self, table: str, column: str) -> _Place:
        return _Place(table, column, self._person.act_of(table, column))
