"""Rows of one key that come twice, where the ids of rows are hashes of their keys: the last one is loaded, whole.

There dlt's merge (`upsert`) does not look for them: it would put in the row twice, or the nested rows of both under one
id. What a batch of pages brings is one thing here; which batch a row of a load file belongs to is known by its place.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from homeroom.layout import IdColumns
from homeroom.spool import LoadFile, filtered


class Twice:
    """What came of one root table and those nested in it: batches in load files, and rows of Python between them."""

    def __init__(self, root: str, names: IdColumns) -> None:
        self._root = root
        self._names = names
        self._batch = 0
        self._sizes: dict[str, list[tuple[int, int]]] = {}
        self._objects: list[pa.Array] = []

    def wrote(self, tables: Sequence[tuple[str, pa.Table]]) -> None:
        """A batch was put into the load files, with no row of the root table twice in it."""
        self._batch += 1
        for name, rows in tables:
            self._sizes.setdefault(name, []).append((self._batch, rows.num_rows))

    def went_as_objects(self, ids: Sequence[str]) -> None:
        """Rows with these ids go to dlt as they are."""
        self._objects.append(pa.array(ids, pa.string()))

    def has_gone_as_object(self, ids: pa.Array) -> bool:
        """Whether one of these rows has come before, and went to dlt as it was: then it must go that way again."""
        return bool(self._objects) and bool(pc.any(self._is_object(ids), min_count=0).as_py())

    def last(self, files: Sequence[LoadFile]) -> list[LoadFile]:
        """The load files without rows that came again later: in another batch, or as objects."""
        root = [file for file in files if file.table == self._root]
        ids = _column(root, self._names.row)
        batches = pa.table({"id": ids, "batch": self._batches(self._root)}).group_by("id").aggregate([("batch", "max")])
        known, kept = batches["id"].combine_chunks(), list[LoadFile]()
        for table in dict.fromkeys(file.table for file in files):
            own = [file for file in files if file.table == table]
            of = ids if table == self._root else _column(own, self._names.root)
            newest = batches["batch_max"].combine_chunks().take(pc.index_in(of, value_set=known))
            is_last = pc.and_(pc.equal(newest, self._batches(table)), pc.invert(self._is_object(of)))
            begin = 0
            for file in own:
                kept.append(filtered(file, is_last.slice(begin, file.rows)))
                begin += file.rows
        return kept

    def _batches(self, table: str) -> pa.Array:
        """The batch of each row of a table's files."""
        return pa.concat_arrays(pa.repeat(pa.scalar(batch, pa.int64()), rows) for batch, rows in self._sizes[table])

    def _is_object(self, ids: pa.Array) -> pa.Array:
        return pc.is_in(ids, value_set=pa.concat_arrays([pa.array([], pa.string()), *self._objects]))


def last_places(ids: pa.Array) -> pa.Array | None:
    """The places of rows whose id does not come again behind them, in order; None where that is all."""
    places = pa.table({"id": ids, "place": pa.arange(0, len(ids))})
    last = places.group_by("id").aggregate([("place", "max")])["place_max"]
    return None if len(last) == len(ids) else last.combine_chunks().sort()


def _column(files: Sequence[LoadFile], name: str) -> pa.Array:
    columns = [pq.read_table(file.path, columns=[name])[name] for file in files]
    return pa.chunked_array([chunk for column in columns for chunk in column.chunks], pa.string()).combine_chunks()
