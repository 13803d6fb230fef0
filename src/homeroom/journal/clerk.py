"""The thread in which all of a journal's SQLite happens."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from homeroom.errors import DiskError, HomeroomError

T = TypeVar("T")

_MOST_AT_ONCE = 16
"""Jobs in one commit: as many as one host has requests in flight."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be done with the connection, and who waits for it."""

    act: Callable[[sqlite3.Connection], Any]
    future: Future[Any]


class Clerk:
    """A thread with a connection. What waits when it looks up is done in one transaction, in order.

    Where SQLite cannot write, the job fails with `DiskError`, and with it the others of its transaction; with
    `ValueError` where the file is none of SQLite's. Any other error is that of one job alone.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db: sqlite3.Connection | None = None
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="homeroom-journal", daemon=True)
        self._thread.start()

    def do(self, act: Callable[[sqlite3.Connection], T]) -> Future[T]:
        """Have something done; its result is there when the transaction is committed.

        Asked for in its own thread it is done at once, in the middle of another job: there the garbage collector may
        have ended a generator that leaves its journal, and who waited would wait for himself.
        """
        future: Future[T] = Future()
        if threading.current_thread() is self._thread:
            self._do_at_once(Job(act, future))
        else:
            self._jobs.put(Job(act, future))
        return future

    def close(self) -> None:
        """Do what waits, and end. A second time it does nothing.

        In its own thread the file is closed at once, and what was not committed is not written: the last reader has
        gone, and nobody waits for it.
        """
        self._jobs.put(None)
        if threading.current_thread() is not self._thread:
            self._thread.join()
        elif self._db is not None:
            self._db.close()

    def _work(self) -> None:
        try:
            while (batch := self._next_batch()) is not None:
                try:
                    self._db = self._db or _connect(self._path)
                except Exception as error:
                    self._fail(batch, error)
                else:
                    self._do(self._db, batch)
        finally:
            if self._db is not None:
                self._db.close()

    def _do_at_once(self, job: Job) -> None:
        assert self._db is not None  # it is in the middle of a job
        try:
            job.future.set_result(job.act(self._db))
        except Exception as error:
            self._fail([job], error)

    def _do(self, db: sqlite3.Connection, batch: Sequence[Job]) -> None:
        try:
            with db:
                results = [job.act(db) for job in batch]
        except Exception as error:
            if len(batch) == 1 or _is_of_the_file(error):
                self._fail(batch, error)
            else:
                # One of them cannot be done: a number that is too large, half a character. The others can.
                for job in batch:
                    self._do(db, [job])
        else:
            for job, result in zip(batch, results, strict=True):
                job.future.set_result(result)

    def _fail(self, batch: Sequence[Job], error: Exception) -> None:
        for job in batch:
            job.future.set_exception(_told(self._path, error))

    def _next_batch(self) -> list[Job] | None:
        """What waits, but for what nobody wants any more; None at the end."""
        jobs = [self._jobs.get()]
        with suppress(Empty):
            while jobs[-1] is not None and len(jobs) < _MOST_AT_ONCE:
                jobs.append(self._jobs.get_nowait())
        if jobs[0] is None:
            return None
        if jobs[-1] is None:
            self._jobs.put(None)
        return [job for job in jobs if job is not None and job.future.set_running_or_notify_cancel()]


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path)
    # NORMAL may lose the last commits with the power, never with the process: those pages are asked for again.
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "wal_autocheckpoint = 8000"):
        db.execute(f"PRAGMA {pragma}")
    return db


def _is_of_the_file(error: Exception) -> bool:
    """Whether any job would meet it: the disk is full, the file is torn."""
    return isinstance(error, sqlite3.OperationalError) or type(error) is sqlite3.DatabaseError


def _told(path: Path, error: Exception) -> Exception:
    if isinstance(error, sqlite3.OperationalError):
        return stopped(path, str(error))
    # Anything else of SQLite's says that the file is torn, or somebody else's.
    return ValueError(f"is no journal: {error}") if isinstance(error, sqlite3.Error) else error


def stopped(path: Path, why: str) -> HomeroomError:
    """The error of a journal that cannot be written."""
    return DiskError(
        f"the run was stopped: the journal {path} cannot be written ({why}); make room there and run again, "
        "or set sync.journal: false"
    )
