"""Rows that come, go and move at the front of a list while somebody pages through it."""

from datetime import timedelta
from functools import partial

import orjson

from homeroom.demo.dials import Dials
from homeroom.demo.tables import Store, Table, Wanted, instant


class Drift:
    """Changes a store as the dial `drift` says; which rows it made is remembered. For one thread.

    The front is that of the list that is asked for: of its parent, its filters, its order. A new row is a copy of
    the first one under an id above all, so that a keyset cursor still comes to it, with a sort key below all. Its
    updated_at is the newest there is, or `late_rows_s` older; where the list is by time, it is that of the first row.
    A moved row keeps its columns, and takes the first row's updated_at where the list is by time.
    """

    def __init__(self, store: Store) -> None:
        """Nothing has drifted yet."""
        self._store = store
        self._made: dict[str, set[int]] = {}

    def turn(self, dials: Dials, number: int, entity: str, wanted: Wanted) -> None:
        """Changes the entity if it is the turn of the `number`-th request; an empty list stays empty."""
        if dials.drift is not None and number % dials.drift_every == 0:
            self._store.change(entity, partial(self._changed, entity, wanted, dials))

    def _changed(self, entity: str, wanted: Wanted, dials: Dials, table: Table) -> Table:
        ids, kind = table.listed(wanted).ids, dials.drift
        if not ids:
            return table
        if kind == "move":
            return _moved(table, ids[0], ids[-1], wanted.by_time)
        changed = table
        if kind in ("insert", "both"):
            changed = self._with_copy(table, entity, ids[0], None if wanted.by_time else dials.late_rows_s)
        if kind == "delete":
            return changed.without(ids[0])
        if kind == "both":  # the row made last time would be first: taking that one away would change little
            made = self._made[entity]
            older = next((row_id for row_id in ids if row_id not in made), None)
            return changed if older is None else changed.without(older)
        return changed

    def _with_copy(self, table: Table, entity: str, first: int, late_s: float | None) -> Table:
        """`late_s`: how much older than the newest row it is; None: as old as the first."""
        row = orjson.loads(table.one(first) or b"")
        row["id"] = table.next_id
        if late_s is not None:
            row["updated_at"] = _earlier(table.newest, late_s)
        self._made.setdefault(entity, set()).add(row["id"])
        return table.with_row(row, orjson.dumps(row), table.first_rank)


def _earlier(moment: object, by_s: float) -> object:
    return (instant(str(moment)) - timedelta(seconds=by_s)).isoformat() if by_s else moment


def _moved(table: Table, first: int, last: int, by_time: bool) -> Table:
    row = orjson.loads(table.one(last) or b"")
    if by_time:
        row["updated_at"] = orjson.loads(table.one(first) or b"").get("updated_at")
    return table.with_row(row, orjson.dumps(row), table.first_rank)
