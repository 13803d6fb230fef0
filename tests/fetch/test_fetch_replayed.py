"""The trail of a run leads to the same pages and the same end, and nobody is asked."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import orjson
import pytest
from requests import PreparedRequest

from homeroom.dlt_seam.rest_api import json_path
from homeroom.errors import IncompleteError, TransientError
from homeroom.events import PageRead
from homeroom.fetch.chain import Chain, Means
from homeroom.fetch.follow import follow
from homeroom.fetch.journaled import JournaledReader
from homeroom.fetch.replayed import replay
from homeroom.journal import About, Head, Journal, KeptRun
from homeroom.paginate import Cursor, Offset, PageNumber
from homeroom.values import Answer, ChainEnd, Page

from .scripted import START, Boundless, Script, answer, chain, lost, query, run, settings, virtual, wire

ABOUT = About("run-1", "campus", START, "c.yaml", "abc", "/", "t", "d", "d", "s", (), "{}")
TOTALLESS = Offset(limit=5, total=None)
PAGINGS = {
    "total": Offset(limit=5, total=json_path("total")),
    "overlap": TOTALLESS,
    "cursor": Cursor(json_path("next")),
    "page": PageNumber(base=1, start=1, total=None),
    "guessed": None,
}


class Drifting:
    """Serves rows by offset, page or cursor; before each `every`-th request one comes first, or the first one goes."""

    def __init__(self, rows: int, *, every: int = 1000, seed: int = 0) -> None:
        self.ids = list(range(rows))
        self._random = Random(seed)
        self._every = every
        self.transport = Script(self._answer)

    def _answer(self, request: PreparedRequest) -> Answer:
        if len(self.transport.sent) % self._every == 0:
            self.ids = self.ids[1:] if self._random.random() < 0.5 else [1000 + len(self.transport.sent), *self.ids]
        asked = query(request)
        start = int(asked.get("offset", asked.get("cursor", 5 * (int(asked.get("page", 1)) - 1))))
        size = int(asked.get("limit", 5))
        rows = [{"id": each} for each in self.ids[start : start + size]]
        more = start + 5 if start + 5 < len(self.ids) else None
        link = {"Link": f'<https://api.example.com/users?page={more // 5 + 1}>; rel="next"'} if more else {}
        return answer({"data": rows, "next": more, "total": len(self.ids)}, headers=link)


Items = list[Page | ChainEnd]
Read = Callable[..., Items]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads chains one after the other, into a journal with a trail."""

    def act(transport: Script, *chains: Chain) -> Items:
        sync = settings(concurrency=3, attempts=1)
        journal = Journal(tmp_path / "j.sqlite")
        journal.begin(Head("run-1", START, {}))
        journal.begin_trail(ABOUT.to_text())
        found: Items = []

        async def follow_all() -> None:
            reader = JournaledReader(wire(transport, sync=sync), journal, virtual().now)
            means = Means(reader, Boundless(), (), virtual().now, sync, sync.concurrency)
            for each in chains:
                async with aclosing(follow(each, means)) as items:
                    async for item in items:
                        await reader.note(each, item)
                        found.append(item)

        try:
            run(follow_all())
        finally:
            journal.close()
        return found

    return act


def read_again(tmp_path: Path, *chains: Chain) -> tuple[Items, list[Any]]:
    """What the trail brings of chains, and what the hooks were told."""
    kept, found, told = KeptRun(tmp_path / "j.sqlite"), [], []

    async def go_along() -> None:
        for each in chains:
            async with aclosing(replay(each, kept, Boundless(), (told.append,))) as items:
                async for item in items:
                    found.append(item)

    try:
        run(go_along())
    finally:
        kept.close()
    return found, told


def told_apart(items: Items) -> list[Any]:
    """What the reader of a chain makes use of; blanks between rows are none of it."""
    return [item if isinstance(item, ChainEnd) else _told_apart(item) for item in items]


def _told_apart(page: Page) -> tuple[Any, ...]:
    rows = orjson.loads(page.facts.data or b"[]")
    return page.number, page.place, page.body, replace(page.facts, data=None), rows, page.selector.text


@pytest.mark.parametrize("paging", PAGINGS)
@pytest.mark.parametrize("every", [3, 1000])
def test_a_chain_brings_the_same_pages_and_comes_to_the_same_end(
    read: Read, tmp_path: Path, paging: str, every: int
) -> None:
    for seed in range(5):
        (tmp_path / "j.sqlite").unlink(missing_ok=True)
        guessed = {"selector": None} if paging == "guessed" else {}
        followed = chain(paging=PAGINGS[paging], key=("id",), **guessed)
        first = read(Drifting(40, every=every, seed=seed).transport, followed)
        assert isinstance(first[-1], ChainEnd) and len(first) > 3
        again, told = read_again(tmp_path, followed)
        assert told_apart(again) == told_apart(first)
        assert all(page.resumed for page in again if isinstance(page, Page))
        assert [event.rows for event in told] == [page.facts.rows for page in first if isinstance(page, Page)]
        assert {type(event) for event in told} == {PageRead}


def test_rows_that_a_page_before_had_brought_are_left_out_again(read: Read, tmp_path: Path) -> None:
    followed = chain(paging=TOTALLESS, key=("id",))
    transport = Drifting(40).transport
    read(transport, followed)
    assert {int(query(each)["offset"]) for each in transport.sent} >= {4, 8, 12}  # they overlap
    again, _ = read_again(tmp_path, followed)
    assert [row["id"] for page in again[:-1] for row in orjson.loads(page.facts.data)] == list(range(40))


def test_chains_that_begin_alike_have_a_trail_each_in_their_order(read: Read, tmp_path: Path) -> None:
    twins = [chain(number=number, paging=PAGINGS["cursor"], taken_as_ended=True) for number in (1, 2)]
    first = read(Script(answer({"data": [{"id": 1}]}), answer({"data": [{"id": 2}]})), *twins)
    again, _ = read_again(tmp_path, *twins)
    assert told_apart(again) == told_apart(first)


def test_a_chain_that_the_run_did_not_begin_lacks_everything(read: Read, tmp_path: Path) -> None:
    read(Drifting(4).transport, chain(paging=PAGINGS["cursor"]))
    told = "resource other, GET https://api.example.com/users: the kept pages of run run-1 lack it: noth"
    with pytest.raises(IncompleteError, match=told):
        read_again(tmp_path, chain(paging=PAGINGS["cursor"], resource="other"))


def test_a_chain_that_came_to_no_end_has_none_now(read: Read, tmp_path: Path) -> None:
    followed = chain(paging=PAGINGS["cursor"])
    with pytest.raises(TransientError):
        read(Script(answer({"data": [{"id": 1}], "next": "2"}), lost()), followed)
    with pytest.raises(IncompleteError, match="lack it: the run did not read it to its end, and loaded nothing of it"):
        read_again(tmp_path, followed)
