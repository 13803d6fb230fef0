"""Encoded rows of the sample school: each row is turned into JSON once, a page joins what is there."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import RLock
from typing import Any

import orjson

from homeroom.demo.data import Dataset
from homeroom.demo.shapes import Row


@dataclass(frozen=True, slots=True)
class View:
    """Rows to page through, in order of id; the n-th of `encoded` is the JSON of the n-th of `ids`."""

    ids: Sequence[int]
    encoded: Sequence[bytes]

    def __len__(self) -> int:
        """Rows there are, on all pages."""
        return len(self.ids)

    def after(self, row_id: int) -> int:
        """Place of the first row whose id is above `row_id`."""
        return bisect_left(self.ids, row_id + 1)


class Table:
    """One state of one entity; a change makes another `Table` and leaves this one as it was."""

    def __init__(self, ids: list[int], rows: list[Row], encoded: list[bytes]) -> None:
        """Three lists of one length, in order of id, which the table keeps as they are."""
        self.view = View(ids, encoded)
        self._rows = rows
        self._by_parent: dict[str, Mapping[int, View]] = {}

    @classmethod
    def of(cls, rows: list[Row]) -> "Table":
        """The rows as given, which must be in order of id."""
        return cls([row["id"] for row in rows], rows, [orjson.dumps(row) for row in rows])

    def one(self, row_id: int) -> bytes | None:
        """JSON of the row, or None if there is no such id."""
        place = self._place(row_id)
        return self.view.encoded[place] if self._has(place, row_id) else None

    def children(self, column: str, parent_id: int) -> View:
        """Rows whose `column` is `parent_id`; the first call for a column goes through all rows."""
        if column not in self._by_parent:
            self._by_parent[column] = self._group(column)
        return self._by_parent[column].get(parent_id, View((), ()))

    def with_row(self, row: Row, encoded: bytes) -> "Table":
        """With the row in the place of its id, instead of the one that had the id."""
        place = self._place(row["id"])
        end = place + self._has(place, row["id"])
        return self._spliced(place, end, [row["id"]], [row], [encoded])

    def without(self, row_id: int) -> "Table":
        """Without the row; KeyError if there is no such id."""
        place = self._place(row_id)
        if not self._has(place, row_id):
            raise KeyError(f"id {row_id} is not in this table of {len(self.view)} rows")
        return self._spliced(place, place + 1, [], [], [])

    def _place(self, row_id: int) -> int:
        return bisect_left(self.view.ids, row_id)

    def _has(self, place: int, row_id: int) -> bool:
        return place < len(self.view) and self.view.ids[place] == row_id

    def _spliced(self, start: int, end: int, ids: list[int], rows: list[Row], encoded: list[bytes]) -> "Table":
        old = self.view
        return Table(
            [*old.ids[:start], *ids, *old.ids[end:]],
            [*self._rows[:start], *rows, *self._rows[end:]],
            [*old.encoded[:start], *encoded, *old.encoded[end:]],
        )

    def _group(self, column: str) -> Mapping[int, View]:
        places: dict[Any, list[int]] = {}
        for place, row in enumerate(self._rows):
            places.setdefault(row.get(column), []).append(place)
        ids, encoded = self.view.ids, self.view.encoded
        return {parent: View([ids[n] for n in found], [encoded[n] for n in found]) for parent, found in places.items()}


class Store:
    """The tables of one school, each made when first asked for; safe to use from any thread."""

    def __init__(self, dataset: Dataset) -> None:
        """The data set is never changed, only what was copied from it."""
        self._dataset = dataset
        self._tables: dict[str, Table] = {}
        self._lock = RLock()

    def table(self, entity: str) -> Table:
        """The present state of the entity; ValueError if there is no such entity."""
        with self._lock:
            if entity not in self._tables:
                self._tables[entity] = Table.of(self._dataset.rows(entity))
            return self._tables[entity]

    def rows(self, entity: str) -> list[Row]:
        """What a client would have to hold now, decoded anew: the caller may change it."""
        found: list[Row] = orjson.loads(b"[" + b",".join(self.table(entity).view.encoded) + b"]")
        return found

    def put(self, entity: str, row: Mapping[str, Any]) -> None:
        """Adds the row, or replaces the one with its id."""
        if type(row.get("id")) is not int:
            raise ValueError(f"row id {row.get('id')!r} is not allowed; allowed: a whole number")
        encoded = orjson.dumps(dict(row))
        with self._lock:
            self._tables[entity] = self.table(entity).with_row(orjson.loads(encoded), encoded)

    def remove(self, entity: str, row_id: int) -> None:
        """Takes the row away; KeyError if there is none. Rows that point to it stay."""
        with self._lock:
            self._tables[entity] = self.table(entity).without(row_id)
