"""Rows that other resources name as deleted (`deleted_in`): a list of deletes, or of keys that have changed.

A tombstone says that a row was deleted at some time after the list of tombstones was read before. So it holds for rows
that were written by that time; what was written later may have come again, and stays.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from homeroom import load
from homeroom.sync_run.deleted import Deleted, together
from homeroom.values import NamedIn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dlt import Pipeline

    from homeroom.dlt_seam.deletes import Cleaner
    from homeroom.source import RestApiSource


class NamedDeletes:
    """Deletes what tables of tombstones name, behind the load `load_id`: of this load, and what a kill left undone.

    Raises `LoadError` where the tables cannot be asked.
    """

    def __init__(self, pipeline: Pipeline, source: RestApiSource, load_id: str) -> None:
        self._pipeline = pipeline
        self._source = source
        self._load_id = load_id

    def act(self, table: str, cleaner: Cleaner, lists: Sequence[NamedIn]) -> Deleted:
        """Delete the rows of a table that these lists name."""
        return together(*(self._named(table, cleaner, named) for named in lists))

    def _named(self, table: str, cleaner: Cleaner, named: NamedIn) -> Deleted:
        from homeroom.dlt_seam.extraction import table_name_of
        from homeroom.dlt_seam.reads import noted_reads
        from homeroom.dlt_seam.tombstones import kept_rows, named_rows, naming_of

        tombstones = table_name_of(self._source, named.resource)
        try:
            naming = naming_of(self._pipeline.default_schema, table, tombstones, named.by)
        except ValueError as error:
            return Deleted(0, note=f"deleted_in: {error}")
        if naming is None:
            return Deleted(0)
        reads = noted_reads(self._pipeline, self._source.name, named.resource)
        found = load.ask(partial(named_rows, self._pipeline, naming, reads))
        rows = load.ask(partial(cleaner.rows, found)) if found else 0
        new = [read for read in reads if read.load_id == self._load_id]
        kept = sum(len(load.ask(partial(kept_rows, self._pipeline, naming, read))) for read in new)
        return Deleted(rows, note=_told(kept, named.resource))


def _told(kept: int, resource: str) -> str:
    if not kept:
        return ""
    number = "1 row" if kept == 1 else f"{kept:,} rows"
    return f"deleted_in: {number} that {resource} names may have come again since then, so none of these was deleted"
