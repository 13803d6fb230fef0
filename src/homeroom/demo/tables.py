"""Encoded rows of the sample school: each row is turned into JSON once, a page joins what is there."""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from threading import RLock
from typing import Any

import orjson

from homeroom.demo.changes import ALL_CHANGES, Changes, Span
from homeroom.demo.data import Dataset
from homeroom.demo.shapes import Row

_NEVER = datetime.min.replace(tzinfo=UTC)
_MOST_KEPT = 16  # lists made for a filter or an order; a reader pages through one at a time
MARK = {"status": "tobedeleted"}
"""What a row says of itself that is deleted and still listed, as OneRoster's do."""


@dataclass(frozen=True, slots=True)
class View:
    """Rows to page through; the n-th of `encoded` is the JSON of the n-th of `ids`."""

    ids: Sequence[int]
    encoded: Sequence[bytes]

    def __len__(self) -> int:
        """Rows there are, on all pages."""
        return len(self.ids)

    def after(self, row_id: int) -> int:
        """Place of the first row whose id is above `row_id`; for a view in order of id."""
        return bisect_left(self.ids, row_id + 1)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows of one entity, and in which order."""

    parent: tuple[str, int] | None = None
    """Column and id of the parent."""
    equal: tuple[tuple[str, str], ...] = ()
    """Columns and their values as text; a column that the entity has not excludes nothing."""
    since: datetime | None = None
    """Only rows whose updated_at is this instant or later."""
    by_time: bool = False
    """By updated_at, oldest first, instead of by sort key alone."""
    until: datetime | None = None
    """Only rows whose updated_at is before this instant."""
    after: bool = False
    """Of `since` only what is later."""
    changes: Span = ALL_CHANGES
    """Only rows whose last change is in this span."""


class Table:
    """One state of one entity; a change makes another `Table` and leaves this one as it was.

    There are two orders. `view` is in order of id: the keyset cursors, /all and the truth have it. `listed` is in
    order of sort key, and everything that is paged by offset, page number or link has it. The sort key is a number
    the server keeps for each row, no column of it: the row's id, unless `ranks` has another, as it has for rows that
    the dial `drift` inserted or moved. By time, the sort key decides between rows of one instant.
    """

    def __init__(
        self,
        ids: list[int],
        rows: list[Row],
        encoded: list[bytes],
        ranks: Mapping[int, int],
        changes: Changes,
        draw: Callable[[], int],
    ) -> None:
        """Three lists of one length, in order of id, which the table keeps as they are; `ranks` by id.

        `draw` gives the number of the next change.
        """
        self.view = View(ids, encoded)
        self.changes = changes
        self._rows = rows
        self._ranks = ranks
        self._draw = draw
        self._groups: dict[tuple[str, bool], Mapping[Any, Sequence[int]]] = {}
        self._views: dict[Wanted, View] = {}

    @classmethod
    def of(cls, rows: list[Row], draw: Callable[[], int]) -> "Table":
        """The rows as given, which must be in order of id, none of them changed yet."""
        return cls([row["id"] for row in rows], rows, [orjson.dumps(row) for row in rows], {}, Changes(), draw)

    def one(self, row_id: int) -> bytes | None:
        """JSON of the row, or None if there is no such id."""
        place = self._place(row_id)
        return self.view.encoded[place] if self._has(place, row_id) else None

    def listed(self, wanted: Wanted) -> View:
        """The rows that are wanted, in the order that is; the first call for a parent's column goes through all."""
        if wanted == Wanted() and not self._ranks:
            return self.view
        if wanted in self._views:
            return self._views[wanted]
        places = self._filtered(wanted, self._of_parent(wanted))
        ids, encoded = self.view.ids, self.view.encoded
        view = View([ids[n] for n in places], [encoded[n] for n in places])
        if wanted.parent is None:
            if len(self._views) == _MOST_KEPT:
                self._views.clear()
            self._views[wanted] = view
        return view

    def tombstones(self, span: Span) -> View:
        """What is told of the rows that were removed by a change of the span."""
        return View(*self.changes.tombstones(span))

    @property
    def live(self) -> list[bytes]:
        """JSON of the rows that are not marked as deleted, in order of id."""
        view, removes = self.view, self.changes.removes
        return [encoded for row_id, encoded in zip(view.ids, view.encoded, strict=True) if row_id not in removes]

    @property
    def first_rank(self) -> int:
        """A sort key below those of all rows."""
        return min([0, *self.view.ids[:1], *self._ranks.values()]) - 1

    @property
    def next_id(self) -> int:
        """An id above all; ValueError if there are no rows."""
        return max(self.view.ids) + 1

    @property
    def newest(self) -> object:
        """The latest updated_at, as its row has it; ValueError if there are no rows."""
        return self._rows[max(range(len(self._rows)), key=self._instants.__getitem__)].get("updated_at")

    def with_row(self, row: Row, encoded: bytes, rank: int | None = None) -> "Table":
        """With the row in the place of its id, instead of the one that had the id; `rank` None: as it was."""
        place = self._place(row["id"])
        end = place + self._has(place, row["id"])
        ranks = self._ranks if rank is None else {**self._ranks, row["id"]: rank}
        changes = self.changes.with_put(row["id"], self._draw())
        return self._spliced(place, end, [row["id"]], [row], [encoded], ranks, changes)

    def without(self, row_id: int) -> "Table":
        """Without the row; KeyError if there is no such id."""
        place = self._existing(row_id)
        ranks = {key: rank for key, rank in self._ranks.items() if key != row_id}
        changes = self.changes.with_removed(row_id, self._draw())
        return self._spliced(place, place + 1, [], [], [], ranks, changes)

    def marked(self, row_id: int, at: str | None) -> "Table":
        """With the row where it was, saying that it is deleted, and since when; `at` None: the newest updated_at."""
        place = self._existing(row_id)
        if row_id in self.changes.removes:
            raise KeyError(f"id {row_id} is marked as deleted already")
        row = self._rows[place] | MARK | {"updated_at": at or self.newest}
        changes = self.changes.with_removed(row_id, self._draw())
        return self._spliced(place, place + 1, [row_id], [row], [orjson.dumps(row)], self._ranks, changes)

    def _existing(self, row_id: int) -> int:
        place = self._place(row_id)
        if not self._has(place, row_id):
            raise KeyError(f"id {row_id} is not in this table of {len(self.view)} rows")
        return place

    def _place(self, row_id: int) -> int:
        return bisect_left(self.view.ids, row_id)

    def _has(self, place: int, row_id: int) -> bool:
        return place < len(self.view) and self.view.ids[place] == row_id

    def _spliced(
        self,
        start: int,
        end: int,
        ids: list[int],
        rows: list[Row],
        encoded: list[bytes],
        ranks: Mapping[int, int],
        changes: Changes,
    ) -> "Table":
        old = self.view
        return Table(
            [*old.ids[:start], *ids, *old.ids[end:]],
            [*self._rows[:start], *rows, *self._rows[end:]],
            [*old.encoded[:start], *encoded, *old.encoded[end:]],
            ranks,
            changes,
            self._draw,
        )

    @cached_property
    def _instants(self) -> Sequence[datetime]:
        return [_instant(row.get("updated_at")) for row in self._rows]

    def _sort_key(self, place: int) -> tuple[int, int]:
        row_id = self.view.ids[place]
        return self._ranks.get(row_id, row_id), row_id

    def _places(self, by_time: bool) -> Sequence[int]:
        if by_time:
            instants = self._instants
            return sorted(range(len(self.view)), key=lambda place: (instants[place], self._sort_key(place)))
        return sorted(range(len(self.view)), key=self._sort_key) if self._ranks else range(len(self.view))

    def _of_parent(self, wanted: Wanted) -> Sequence[int]:
        if wanted.parent is None:
            return self._places(wanted.by_time)
        column, parent_id = wanted.parent
        grouping = (column, wanted.by_time)
        if grouping not in self._groups:
            self._groups[grouping] = self._group(column, wanted.by_time)
        return self._groups[grouping].get(parent_id, ())

    def _group(self, column: str, by_time: bool) -> Mapping[Any, Sequence[int]]:
        places: dict[Any, list[int]] = {}
        for place in self._places(by_time):
            places.setdefault(self._rows[place].get(column), []).append(place)
        return places

    def _filtered(self, wanted: Wanted, places: Sequence[int]) -> Sequence[int]:
        rows, since = self._rows, wanted.since
        if since is not None or wanted.until is not None:
            instants, until = self._instants, wanted.until
            first = since or _NEVER
            places = [n for n in places if instants[n] > first or (instants[n] == first and not wanted.after)]
            places = [n for n in places if until is None or instants[n] < until]
        if wanted.changes != ALL_CHANGES:
            ids, changes = self.view.ids, self.changes
            places = [n for n in places if wanted.changes.has(changes.version(ids[n]))]
        for column, value in wanted.equal:
            if any(column in row for row in rows):
                places = [place for place in places if str(rows[place].get(column)) == value]
        return places


def _instant(value: object) -> datetime:
    try:
        return instant(str(value))
    except ValueError:
        return _NEVER


def instant(text: str) -> datetime:
    """The moment that the ISO text means, in UTC where it names no zone; ValueError if it is none."""
    read = datetime.fromisoformat(text)
    return read if read.tzinfo is not None else read.replace(tzinfo=UTC)


class Store:
    """The tables of one school, each made when first asked for; safe to use from any thread."""

    def __init__(self, dataset: Dataset) -> None:
        """The data set is never changed, only what was copied from it."""
        self._dataset = dataset
        self._tables: dict[str, Table] = {}
        self._newest_change = 0
        self._lock = RLock()

    def table(self, entity: str) -> Table:
        """The present state of the entity; ValueError if there is no such entity."""
        with self._lock:
            if entity not in self._tables:
                self._tables[entity] = Table.of(self._dataset.rows(entity), self._next_change)
            return self._tables[entity]

    def rows(self, entity: str) -> list[Row]:
        """What a client would have to hold now, decoded anew: the caller may change it."""
        found: list[Row] = orjson.loads(b"[" + b",".join(self.table(entity).live) + b"]")
        return found

    @property
    def newest_change(self) -> int:
        """The number of the last change of any row, which is to be seen in the tables; 0 before the first one."""
        with self._lock:
            return self._newest_change

    def _next_change(self) -> int:
        self._newest_change += 1  # only inside of `change`, which holds the lock
        return self._newest_change

    def change(self, entity: str, change: Callable[[Table], Table]) -> None:
        """Puts another state of the entity in the place of the present one; nobody else changes it meanwhile."""
        with self._lock:
            self._tables[entity] = change(self.table(entity))

    def put(self, entity: str, row: Mapping[str, Any], rank: int | None = None) -> None:
        """Adds the row, or replaces the one with its id; `rank` is its sort key, None: as it was."""
        if type(row.get("id")) is not int:
            raise ValueError(f"row id {row.get('id')!r} is not allowed; allowed: a whole number")
        encoded = orjson.dumps(dict(row))
        self.change(entity, lambda table: table.with_row(orjson.loads(encoded), encoded, rank))

    def remove(self, entity: str, row_id: int) -> None:
        """Takes the row away; KeyError if there is none. Rows that point to it stay."""
        self.change(entity, lambda table: table.without(row_id))

    def mark(self, entity: str, row_id: int, at: str | None) -> None:
        """Removes the row but lists it still, as `Table.marked` says; KeyError if there is none."""
        self.change(entity, lambda table: table.marked(row_id, at))
