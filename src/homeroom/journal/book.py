"""An open journal."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson

from homeroom.errors import StoppedError
from homeroom.journal import tables
from homeroom.journal.clerk import Clerk, stopped
from homeroom.journal.kept import Head, KeptPage, Tally, Whose
from homeroom.journal.veil import Veil


class Journal:
    """An open journal. All of SQLite happens in one thread of its own; methods may be called from any.

    `veiled` are the secrets, each in all the forms in which it may stand in a text.

    Raises `StoppedError` where the file cannot be written, `ValueError` where it is not a journal that this version
    reads; nothing is changed then.
    """

    def __init__(self, path: Path, veiled: Collection[Collection[str]] = ()) -> None:
        self.path = path
        is_new = not path.exists()
        try:
            if is_new:
                # SQLite makes a file by the umask, and its -wal with the mode of the file.
                os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except OSError as error:
            raise stopped(path, error.strerror or type(error).__name__) from None
        self._clerk = Clerk(path)
        self._is_open = True
        try:
            self._salt = self._clerk.do(tables.open_tables).result()
            self._veil = Veil(self._salt, veiled)
            self._clerk.do(lambda db: tables.forget_other_secrets(db, self._veil.mark)).result()
            self.head = self._clerk.do(tables.read_head).result()
            self.earlier = self._clerk.do(tables.read_index).result()
        except BaseException:
            self.close()
            raise

    # What a run does with its pages; called from an event loop

    def key_of(self, content: Any) -> bytes:
        """The key of what can be written as JSON; nobody without this file can make or compare it."""
        text = self._veil.blot(orjson.dumps(content, default=str, option=orjson.OPT_NON_STR_KEYS))
        return hashlib.blake2b(text, key=self._salt, digest_size=16).digest()

    def put(self, make: Callable[[], KeptPage]) -> Future[None]:
        """Keep a page, which is made in the journal's thread: that is work that the wire shall not wait for.

        It is on disk when the future is done, which fails with `StoppedError`.
        """
        return self._clerk.do(lambda db: tables.insert(db, self._veil, make()))

    def replace(self, number: int, page: KeptPage) -> Future[None]:
        """Keep a page in the place of another one."""

        def act(db: sqlite3.Connection) -> None:
            db.execute("DELETE FROM pages WHERE id = ?", (number,))
            tables.insert(db, self._veil, page)

        return self._clerk.do(act)

    def get(self, whose: Whose, number: int) -> Future[KeptPage]:
        """A page that is here; its answer knows when it was read."""
        return self._clerk.do(lambda db: tables.select(db, self._veil, whose, number))

    def end_chain(self, whose: Whose) -> None:
        """Note that a chain was read to its end. Nobody waits for it: without it a page is asked for once more."""
        self._clerk.do(lambda db: db.execute("INSERT OR IGNORE INTO ended VALUES (?, ?)", whose) and None)

    def forget_chain(self, whose: Whose) -> Future[None]:
        """Drop all pages of a chain."""
        self.earlier.pop(whose, None)
        return self._clerk.do(lambda db: tables.delete(db, "resource = ? AND chain = ?", whose))

    # What a run says of itself; called from the main thread

    @property
    def tally(self) -> Tally:
        """How much is here."""
        return self._clerk.do(tables.read_tally).result()

    def begin(self, head: Head) -> None:
        """Forget everything: a new run begins."""

        def act(db: sqlite3.Connection) -> None:
            tables.delete(db, "1 = 1", ())
            tables.write_head(db, head)

        self._clerk.do(act).result()
        self.earlier, self.head = {}, head

    def seal(self, load_id: str) -> None:
        """Note the package that the pages went into, in a way that outlasts a loss of power."""
        self._note(load_id=load_id)
        # Commits of a WAL are written through at a checkpoint; this is no part of a transaction.
        self._clerk.do(lambda db: db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall() and None).result()

    def hand_on(self, landed: Iterable[str], kept: Collection[str]) -> None:
        """The run came to its report without the resources `kept`: their pages stay, for a run to come."""

        def act(db: sqlite3.Connection) -> None:
            gone = [name for (name,) in db.execute("SELECT DISTINCT resource FROM pages") if name not in kept]
            for name in gone:
                tables.delete(db, "resource = ?", (name,))

        self._clerk.do(act).result()
        self._note(run_id="", load_id="", landed=orjson.dumps(sorted(landed)).decode())

    def forget(self, resource: str) -> None:
        """Drop all pages of a resource."""
        self._clerk.do(lambda db: tables.delete(db, "resource = ?", (resource,))).result()

    def close(self) -> None:
        """Close the file; what was not waited for is written."""
        self._is_open = False
        self._clerk.close()

    def leave(self) -> None:
        """Close the file, and delete it where no page is in it. Once it is closed it does nothing."""
        if not self._is_open:
            return
        with suppress(StoppedError):
            if not self.tally.pages:
                self.remove()
        self.close()

    def remove(self) -> None:
        """Close the file and delete it."""
        self.close()
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self.path}{suffix}").unlink(missing_ok=True)

    def _note(self, **values: str) -> None:
        def act(db: sqlite3.Connection) -> Head | None:
            db.executemany("INSERT OR REPLACE INTO head VALUES (?, ?)", values.items())
            return tables.read_head(db)

        self.head = self._clerk.do(act).result()
