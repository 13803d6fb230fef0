"""Load files in the making: parquet, one at a time for each table, written as rows come.

Rows are held back until a row group is worth writing, so memory is bounded by the number of tables. A thread writes
while the next pages are read: Arrow lets go of the interpreter meanwhile.
"""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import Context
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

GROUP_ROWS = 50_000
GROUP_BYTES = 16 << 20
"""A row group is written at the first of the two: many small ones would be slow to load."""

MOST_UNWRITTEN = 2
"""Row groups that may wait for the writing thread."""


@dataclass(frozen=True, slots=True)
class LoadFile:
    """A finished file of a table's rows."""

    table: str
    path: Path
    rows: int


@dataclass(slots=True)
class _Open:
    """A file that is being written. Its writer is touched by one thread at a time."""

    path: Path
    schema: pa.Schema
    writer: pq.ParquetWriter
    held: list[pa.Table] = field(default_factory=list)
    held_rows: int = 0
    held_bytes: int = 0
    rows: int = 0

    def add(self, rows: pa.Table) -> None:
        self.held.append(rows)
        self.held_rows += rows.num_rows
        self.held_bytes += rows.nbytes
        self.rows += rows.num_rows

    @property
    def is_full(self) -> bool:
        return self.held_rows >= GROUP_ROWS or self.held_bytes >= GROUP_BYTES

    def taken(self) -> list[pa.Table]:
        """The rows of a row group; they are held no more."""
        held, self.held, self.held_rows, self.held_bytes = self.held, [], 0, 0
        return held

    def write(self, held: list[pa.Table]) -> None:
        if held:
            together = pa.concat_tables(held).combine_chunks()
            self.writer.write_table(together, row_group_size=together.num_rows)


class Spool:
    """The open files of one resource's tables, in a folder that others may use too.

    Whatever goes wrong in the thread is raised by the next call.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[str, _Open] = {}
        self._done: list[LoadFile] = []
        self._thread: ThreadPoolExecutor | None = None
        self._unwritten: deque[Future[None]] = deque()

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
        if held.is_full:
            self._write_soon(held)

    def finish(self) -> Sequence[LoadFile]:
        """Close all files; those that were written since the last time. They are the caller's from now on."""
        for table in list(self._open):
            self._close(table)
        if self._thread is not None:
            self._thread.shutdown()
            self._thread = None
        done, self._done = self._done, []
        return done

    def drop(self) -> None:
        """Remove what was not handed out."""
        for held in self._open.values():
            held.taken()
        for file in self.finish():
            file.path.unlink(missing_ok=True)

    def _write_soon(self, held: _Open) -> None:
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="homeroom-write")
        while len(self._unwritten) >= MOST_UNWRITTEN:
            self._unwritten.popleft().result()
        # In a context of its own: dlt's holds our generator, which would never be let go.
        self._unwritten.append(self._thread.submit(Context().run, held.write, held.taken()))

    def _close(self, table: str) -> None:
        held = self._open.pop(table)
        try:
            while self._unwritten:
                self._unwritten.popleft().result()
            held.write(held.taken())
        finally:
            held.writer.close()
        self._done.append(LoadFile(table, held.path, held.rows))
