"""Load files in the making: parquet, one at a time for each table, written as rows come.

Rows are held back until a row group is worth writing, so memory is bounded by the number of tables.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

GROUP_ROWS = 50_000
GROUP_BYTES = 16 << 20
"""A row group is written at the first of the two: many small ones would be slow to load."""


@dataclass(frozen=True, slots=True)
class LoadFile:
    """A finished file of a table's rows."""

    table: str
    path: Path
    rows: int


@dataclass(slots=True)
class _Open:
    path: Path
    schema: pa.Schema
    writer: pq.ParquetWriter
    held: list[pa.Table] = field(default_factory=list)
    rows: int = 0

    def add(self, rows: pa.Table) -> None:
        self.held.append(rows)
        self.rows += rows.num_rows
        waiting = sum(table.num_rows for table in self.held), sum(table.nbytes for table in self.held)
        if waiting[0] >= GROUP_ROWS or waiting[1] >= GROUP_BYTES:
            self.flush()

    def flush(self) -> None:
        if self.held:
            together = pa.concat_tables(self.held).combine_chunks()
            self.held.clear()
            self.writer.write_table(together, row_group_size=max(1, together.num_rows))


class Spool:
    """The open files of one resource's tables, in a folder that others may list too."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[str, _Open] = {}
        self._done: list[LoadFile] = []

    def add(self, table: str, rows: pa.Table) -> None:
        """Append rows. With another schema than before (a column that is new) they begin another file."""
        held = self._open.get(table)
        if held is not None and held.schema != rows.schema:
            self._close(table)
            held = None
        if held is None:
            path = self._folder / f"homeroom-{secrets.token_hex(6)}.parquet"
            held = self._open[table] = _Open(path, rows.schema, pq.ParquetWriter(path, rows.schema))
        held.add(rows)

    def finish(self) -> Sequence[LoadFile]:
        """Close all files; those that were written since the last time. They are the caller's from now on."""
        for table in list(self._open):
            self._close(table)
        done, self._done = self._done, []
        return done

    def drop(self) -> None:
        """Remove what was not handed out."""
        for held in self.finish():
            held.path.unlink(missing_ok=True)

    def _close(self, table: str) -> None:
        held = self._open.pop(table)
        try:
            held.flush()
        finally:
            held.writer.close()
        self._done.append(LoadFile(table, held.path, held.rows))
