"""A run that is interrupted: nothing more is sent, and what is under way comes into the journal, within a bound."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from requests import PreparedRequest

from homeroom.dlt_seam.rest_api import json_path
from homeroom.fetch import Engine
from homeroom.fetch.transport import Transport
from homeroom.fetch.wire import Surroundings
from homeroom.interrupts import WITHIN_S
from homeroom.journal import Journal
from homeroom.paginate import Offset
from homeroom.values import Answer, Request, SyncSettings

from .scripted import BASE, ORIGINS, Script, answer, chain, hasty, query, settings

OFFSET = Offset(limit=5, total=json_path("total"))
PATIENCE_S = 10.0


class Held:
    """Sixty rows; behind the first page, answers are held until `go` is set. `all_out`: they all are asked for."""

    def __init__(self, requests: int = 11) -> None:
        self.go = threading.Event()
        self.all_out = threading.Event()
        self.transport = Script(self._answer)
        self._requests = requests

    async def _answer(self, request: PreparedRequest) -> Answer:
        start = int(query(request).get("offset", 0))
        if start:
            if len(self.transport.sent) > self._requests:
                self.all_out.set()
            while not self.go.is_set():
                await asyncio.sleep(0.001)
        return answer({"data": [{"id": n} for n in range(start, min(start + 5, 60))], "total": 60})


def endless() -> Surroundings:
    """Surroundings in which short waits are over at once, and the bound never is."""
    quick = hasty()

    async def sleep(seconds: float) -> None:
        await (asyncio.Event().wait() if seconds >= WITHIN_S else quick.sleep(seconds))

    return replace(quick, sleep=sleep)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    kept = Journal(tmp_path / "journal.sqlite")
    yield kept
    kept.close()


@contextmanager
def reading(held: Held, journal: Journal | None, around: Surroundings, concurrency: int = 16) -> Iterator[Engine]:
    """An engine whose one stream waits for the answers; leaving closes the stream."""

    @asynccontextmanager
    async def opened(_: SyncSettings) -> AsyncIterator[Transport]:
        yield held.transport

    engine = Engine(settings(concurrency), ORIGINS, transport=opened, around=around, journal=journal)
    stream = engine.open([chain(paging=OFFSET, request=Request("GET", f"{BASE}/users"))])
    try:
        assert held.all_out.wait(PATIENCE_S)
        yield engine
    finally:
        stream.close()


def test_answers_under_way_are_kept(journal: Journal) -> None:
    held = Held()
    with reading(held, journal, endless()) as engine:
        engine.wind_down()
        held.go.set()
    assert journal.tally.pages == 12


def test_nothing_more_is_sent(journal: Journal) -> None:
    held = Held(requests=4)
    with reading(held, journal, endless(), concurrency=4) as engine:
        engine.wind_down()
        held.go.set()
    assert journal.tally.pages == len(held.transport.sent) == 5


def test_after_the_bound_nobody_waits(journal: Journal) -> None:
    held = Held()
    with reading(held, journal, hasty()) as engine:
        engine.wind_down()
    assert journal.tally.pages == 1


def test_without_a_journal_nobody_waits() -> None:
    held = Held()
    with reading(held, None, endless()) as engine:
        engine.wind_down()
    assert len(held.transport.sent) == 12


def test_a_stream_that_is_closed_without_an_interrupt_waits_for_nothing(journal: Journal) -> None:
    held = Held()
    with reading(held, journal, endless()):
        pass
    assert journal.tally.pages == 1
