"""A look into a journal that is not ours to open."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from homeroom.journal import tables
from homeroom.journal.kept import Head, Tally


def peek(path: Path) -> tuple[Head, Tally] | None:
    """Whose pages are in a journal, and how many; None where there is none to be read.

    Nothing is changed. To open it as a `Journal` takes the secrets that it was written with: others would drop pages.
    """
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
            head, tally = tables.read_head(db), tables.read_tally(db)
    except sqlite3.Error:
        return None
    return (head, tally) if head is not None and tally.pages else None
