"""What earlier runs on this machine did: one SQLite file under `HOMEROOM_HOME`, a row for each run.

A run's whole report is one JSON text, so that an older file is read by a newer version and the other way
round. The destination holds the same in `_homeroom_runs`; this is for runs that could not reach it too.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from homeroom.errors import DiskError
from homeroom.folders import private_folder, unwritable

_TABLE = """
CREATE TABLE IF NOT EXISTS runs (
    run_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    started_at TEXT NOT NULL,
    report TEXT NOT NULL
)
"""


def record_run(home: Path, run_id: str, name: str, started_at: str, report: str) -> None:
    """Keep a run's report, given as JSON; a report of the same run is replaced."""
    with _opened(home) as db:
        db.execute("INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?)", (run_id, name, started_at, report))


def list_runs(home: Path, *, most: int, name: str | None = None) -> list[str]:
    """The reports of the last runs as JSON, newest first; of one config where `name` is given."""
    with _opened(home) as db:
        query = "SELECT report FROM runs WHERE ? IS NULL OR name = ? ORDER BY started_at DESC, run_id DESC LIMIT ?"
        return [row[0] for row in db.execute(query, (name, name, most))]


def list_names(home: Path) -> list[str]:
    """The names of all configs that have run here."""
    with _opened(home) as db:
        return [row[0] for row in db.execute("SELECT DISTINCT name FROM runs ORDER BY name")]


def find_runs(home: Path, prefix: str) -> list[str]:
    """The reports, as JSON, of runs whose id begins with `prefix`; `last` stands for the newest run."""
    if prefix == "last":
        return list_runs(home, most=1)
    with _opened(home) as db:
        query = "SELECT report FROM runs WHERE substr(run_id, 1, ?) = ? ORDER BY started_at DESC"
        return [row[0] for row in db.execute(query, (len(prefix), prefix))]


def peek_runs(home: Path, *, most: int) -> list[tuple[str, str]]:
    """Id and config of the last runs, newest first; nothing where there is no history, or none to be read.

    Makes no folder and no file, and waits for nobody: a shell asks while somebody types.
    """
    try:
        with closing(sqlite3.connect(f"{(home / 'history.sqlite').absolute().as_uri()}?mode=ro", 0.05, uri=True)) as db:
            query = "SELECT run_id, name FROM runs ORDER BY started_at DESC, run_id DESC LIMIT ?"
            return [(str(run), str(name)) for run, name in db.execute(query, (most,))]
    except (sqlite3.Error, ValueError):
        return []


@contextmanager
def _opened(home: Path) -> Iterator[sqlite3.Connection]:
    """The file's one table. Raises `DiskError` where it cannot be written, or is no such file."""
    path = private_folder(home) / "history.sqlite"
    try:
        if not path.exists():
            # SQLite makes a file by the umask, and its -wal with the mode of the file.
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
        with closing(sqlite3.connect(path, timeout=30)) as db, db:
            db.execute(_TABLE)
            yield db
    except (OSError, sqlite3.OperationalError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise unwritable(f"the history {path}", why) from None
    except sqlite3.DatabaseError as error:
        again = "remove it: it holds the reports of earlier runs and nothing else, and the next run begins it anew"
        raise DiskError(f"the history {path} cannot be read ({error}); {again}", code="file-damaged") from None


def home_folder(given: Path | None = None) -> Path:
    """Where local state lives: history, journals, locks, dlt's working folders of `homeroom sync`."""
    return given or Path(os.environ.get("HOMEROOM_HOME") or Path.home() / ".homeroom")
