"""An open journal."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import Future
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from homeroom.errors import StoppedError
from homeroom.journal import tables, trail
from homeroom.journal.clerk import Clerk, stopped
from homeroom.journal.kept import Head, KeptPage, Tally, Whose
from homeroom.journal.trail import Passed
from homeroom.journal.veil import Veil
from homeroom.values import ChainEnd

if TYPE_CHECKING:
    from homeroom.privacy.seal import Seal


class Journal:
    """An open journal. All of SQLite happens in one thread of its own; methods may be called from any.

    `veiled` are the secrets, each in all the forms in which it may stand in a text. `seal` is what pages are sealed
    with; None: they are readable by whoever has the file.

    Raises `StoppedError` where the file cannot be written, `ValueError` where it is not a journal that this version
    reads; nothing is changed then.
    """

    def __init__(self, path: Path, veiled: Collection[Collection[str]] = (), seal: Seal | None = None) -> None:
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
        self.has_trail = False
        """Whether what its chains bring is entered too."""
        try:
            self._veil = Veil(self._clerk.do(tables.open_tables).result(), veiled, seal)
            self.is_of_our_secrets = self._clerk.do(lambda db: tables.is_kept_with(db, self._veil.mark)).result()
            """Whether its pages were asked for with the secrets that we have; no other ones are to be had from it."""
            self.head = self._clerk.do(tables.read_head).result()
            self.earlier = self._clerk.do(tables.read_index).result() if self.is_of_our_secrets else {}
        except BaseException:
            self.close()
            raise

    # What a run does with its pages; called from an event loop

    def key_of(self, content: Any) -> bytes:
        """The key of what can be written as JSON; nobody without this file can make or compare it."""
        return self._veil.key_of(content)

    def put(self, make: Callable[[], KeptPage]) -> Future[int | None]:
        """Keep a page, which is made in the journal's thread: that is work that the wire shall not wait for.

        It is on disk when the future is done, which fails with `StoppedError`; its number, None where it is not kept.
        """
        return self._clerk.do(lambda db: tables.insert(db, self._veil, make()))

    def replace(self, number: int, page: KeptPage) -> Future[int | None]:
        """Keep a page in the place of another one."""

        def act(db: sqlite3.Connection) -> int | None:
            db.execute("DELETE FROM pages WHERE id = ?", (number,))
            return tables.insert(db, self._veil, page)

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

    def enter_page(self, whose: Whose, nth: int, make: Callable[[], Passed]) -> Future[None]:
        """Enter in the trail what the chain with the number `nth` has brought; made in the journal's thread."""
        return self._clerk.do(lambda db: trail.add_page(db, whose, nth, make()))

    def enter_end(self, whose: Whose, end: ChainEnd) -> Future[None]:
        """Enter in the trail how a chain ended."""
        return self._clerk.do(lambda db: trail.add_end(db, whose, end))

    # What a run says of itself; called from the main thread

    @property
    def tally(self) -> Tally:
        """How much is here."""
        return self._clerk.do(tables.read_tally).result()

    def begin(self, head: Head) -> None:
        """Forget everything: a new run begins."""

        def act(db: sqlite3.Connection) -> None:
            tables.delete(db, "1 = 1", ())
            tables.write_head(db, head, self._veil.mark)

        self._clerk.do(act).result()
        self.earlier, self.head, self.is_of_our_secrets = {}, head, True

    def begin_trail(self, about: str) -> None:
        """Enter from now on what chains bring; `about` is what a replay must know of the run."""
        self._clerk.do(lambda db: trail.begin(db, about)).result()
        self.has_trail = True

    def copy_to(self, path: Path) -> None:
        """Leave a copy of all that is here now. Raises `OSError` where it cannot be written."""
        path.unlink(missing_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))

        def act(db: sqlite3.Connection) -> None:
            try:
                with closing(sqlite3.connect(path)) as copy:
                    db.backup(copy)
            except sqlite3.Error as error:
                raise OSError(str(error)) from None  # of the copy: the journal itself is well

        self._clerk.do(act).result()

    def seal(self, load_id: str) -> None:
        """Note the package that the pages went into, in a way that outlasts a loss of power."""
        self._note(load_id=load_id)
        # Commits of a WAL are written through at a checkpoint; this is no part of a transaction.
        self._clerk.do(lambda db: db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall() and None).result()

    def note_refused(self) -> None:
        """Note that the destination has refused the rows of these pages."""
        self._note(refused="1")

    def forget_resource(self, name: str) -> None:
        """Drop all pages of a resource."""
        self._clerk.do(lambda db: tables.delete(db, "resource = ?", (name,))).result()

    def hand_on(self, landed: Iterable[str], kept: Collection[str]) -> None:
        """The run came to its report without the resources `kept`: their pages stay, for a run to come."""

        def act(db: sqlite3.Connection) -> None:
            gone = [name for (name,) in db.execute("SELECT DISTINCT resource FROM pages") if name not in kept]
            for name in gone:
                tables.delete(db, "resource = ?", (name,))

        self._clerk.do(act).result()
        self._note(run_id="", load_id="", refused="", landed=orjson.dumps(sorted(landed)).decode())

    @property
    def is_open(self) -> bool:
        """Whether it can still be asked."""
        return self._is_open

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
