"""One thread, many jobs: what is wrong with one is no matter of the others."""

from __future__ import annotations

import gc
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from homeroom.errors import StoppedError
from homeroom.journal import Journal
from homeroom.journal.clerk import Clerk


@pytest.fixture
def clerk(tmp_path: Path) -> Iterator[Clerk]:
    made = Clerk(tmp_path / "j.sqlite")
    made.do(lambda db: db.execute("CREATE TABLE numbers (number INTEGER)")).result()
    yield made
    made.close()


def together(clerk: Clerk, *acts: Callable[[sqlite3.Connection], Any]) -> list[Future[Any]]:
    """These jobs in one batch: they have come while the clerk was busy."""
    is_busy, may_go_on = threading.Event(), threading.Event()

    def be_busy(db: sqlite3.Connection) -> None:
        is_busy.set()
        assert may_go_on.wait(10)

    clerk.do(be_busy)
    assert is_busy.wait(10)
    futures = [clerk.do(act) for act in acts]
    may_go_on.set()
    return futures


def insert(number: int) -> Callable[[sqlite3.Connection], Any]:
    return lambda db: db.execute("INSERT INTO numbers VALUES (?)", (number,)).lastrowid


def numbers(clerk: Clerk) -> list[int]:
    return clerk.do(lambda db: [number for (number,) in db.execute("SELECT number FROM numbers")]).result()


def failing(error: Exception) -> Callable[[sqlite3.Connection], Any]:
    def act(db: sqlite3.Connection) -> None:
        insert(-1)(db)
        raise error

    return act


@pytest.mark.parametrize("error", [OverflowError("too large"), TypeError("no text"), sqlite3.ProgrammingError("type")])
def test_a_job_that_cannot_be_done_leaves_the_others_of_its_batch_alone(clerk: Clerk, error: Exception) -> None:
    first, wrong, last = together(clerk, insert(1), failing(error), insert(2))
    assert first.result(10) and last.result(10)
    with pytest.raises((type(error), ValueError)):
        wrong.result(10)
    assert numbers(clerk) == [1, 2]


def test_a_number_beyond_64_bits_is_the_matter_of_its_own_job(clerk: Clerk) -> None:
    first, wrong = together(clerk, insert(1), insert(10**23))
    assert first.result(10)
    with pytest.raises(OverflowError):
        wrong.result(10)


def test_a_full_disk_is_the_matter_of_all(clerk: Clerk) -> None:
    done = together(clerk, insert(1), failing(sqlite3.OperationalError("database or disk is full")), insert(2))
    for future in done:
        with pytest.raises(StoppedError):
            future.result(10)
    assert numbers(clerk) == []


def test_what_is_asked_for_in_its_own_thread_is_done_at_once(clerk: Clerk) -> None:
    def act(db: sqlite3.Connection) -> Any:
        return clerk.do(insert(2)).result(5), numbers(clerk)

    assert clerk.do(act).result(10) == (1, [2])
    assert numbers(clerk) == [2]


def test_it_can_be_closed_in_its_own_thread(tmp_path: Path) -> None:
    """The file is free at once, for another one to take its place."""
    path = tmp_path / "k.sqlite"
    clerk = Clerk(path)
    clerk.do(lambda db: db.execute("CREATE TABLE numbers (number INTEGER)") and None).result(10)

    def leave(db: sqlite3.Connection) -> None:
        clerk.close()

    with pytest.raises(ValueError, match="closed"):
        clerk.do(leave).result(10)
    clerk.close()
    with sqlite3.connect(path) as db:
        assert not db.execute("SELECT * FROM numbers").fetchall()


def test_a_journal_that_the_garbage_collector_leaves_in_its_thread_is_left(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "g.sqlite")

    def holding() -> Iterator[None]:
        try:
            yield
        finally:
            journal.leave()

    abandoned = holding()
    next(abandoned)
    cycle: list[Any] = [abandoned]
    cycle.append(cycle)
    del abandoned, cycle
    future = journal._clerk.do(lambda db: gc.collect() and None)
    with pytest.raises(ValueError, match="closed"):
        future.result(10)
    assert not journal.is_open and not (tmp_path / "g.sqlite").exists()
