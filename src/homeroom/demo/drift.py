"""Rows that come, go and move at the front of a list while somebody pages through it."""

from functools import partial

import orjson

from homeroom.demo.dials import Dials
from homeroom.demo.tables import Store, Table, Wanted


class Drift:
    """Changes a store as the dial `drift` says; which rows it made is remembered. For one thread.

    The front is that of the list that is asked for: of its parent, its filters, its order. A new row is a copy of
    the first one under an id above all, so that a keyset cursor still comes to it, with a sort key below all. Its
    updated_at is the newest there is; where the list is by time, it is that of the first row. A moved row keeps its
    columns, and takes the first row's updated_at where the list is by time.
    """

    def __init__(self, store: Store) -> None:
        """Nothing has drifted yet."""
        self._store = store
        self._made: dict[str, set[int]] = {}

    def turn(self, dials: Dials, number: int, entity: str, wanted: Wanted) -> None:
        """Changes the entity if it is the turn of the `number`-th request; an empty list stays empty."""
        if dials.drift is not None and number % dials.drift_every == 0:
            self._store.change(entity, partial(self._changed, entity, wanted, dials.drift))

    def _changed(self, entity: str, wanted: Wanted, kind: str, table: Table) -> Table:
        ids = table.listed(wanted).ids
        if not ids:
            return table
        if kind == "move":
            return _moved(table, ids[0], ids[-1], wanted.by_time)
        changed = table
        if kind in ("insert", "both"):
            changed = self._with_copy(table, entity, ids[0], wanted.by_time)
        if kind == "delete":
            return changed.without(ids[0])
        if kind == "both":  # the row made last time would be first: taking that one away would change little
            made = self._made[entity]
            older = next((row_id for row_id in ids if row_id not in made), None)
            return changed if older is None else changed.without(older)
        return changed

    def _with_copy(self, table: Table, entity: str, first: int, by_time: bool) -> Table:
        row = orjson.loads(table.one(first) or b"")
        row["id"] = table.next_id
        if not by_time:
            row["updated_at"] = table.newest
        self._made.setdefault(entity, set()).add(row["id"])
        return table.with_row(row, orjson.dumps(row), table.first_rank)


def _moved(table: Table, first: int, last: int, by_time: bool) -> Table:
    row = orjson.loads(table.one(last) or b"")
    if by_time:
        row["updated_at"] = orjson.loads(table.one(first) or b"").get("updated_at")
    return table.with_row(row, orjson.dumps(row), table.first_rank)
