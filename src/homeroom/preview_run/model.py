"""What a preview shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from homeroom.dlt_seam.stored import StoredColumn

PreviewColumn = StoredColumn
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class PreviewTable:
    """A table with its first rows, values in the order of `columns`; dlt's own columns are among them.

    `parent` is the table that it is nested in, None for the resource's own; `of_rows` has then for each row the number
    of the parent's row that it belongs to, counted from 1.
    """

    name: str
    parent: str | None
    columns: tuple[PreviewColumn, ...]
    rows: tuple[Row, ...]
    of_rows: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """The tables that a resource feeds: its own first, then each before those nested in it.

    `rows_read` came, of which some may have stayed out of the table; `rows_there` is how many the API says there are,
    None where it says nothing. `requests` are those that were sent, retries included.
    """

    resource: str
    tables: tuple[PreviewTable, ...]
    requests: int
    rows_read: int
    rows_there: int | None
    notes: tuple[str, ...] = ()
