"""A chain read from the kept pages of a run: nothing is asked of anybody, and nothing is paged."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace

from homeroom.errors import IncompleteError
from homeroom.events import Hook, PageRead, emit
from homeroom.fetch.chain import Chain, Reading, Space, safe_place
from homeroom.fetch.journaled import parts_of
from homeroom.fetch.left_out import without
from homeroom.journal import KeptRun, Passed, Whose
from homeroom.values import ChainEnd, Page


async def replay(
    chain: Chain, kept: KeptRun, space: Space, hooks: tuple[Hook, ...]
) -> AsyncGenerator[Page | ChainEnd, None]:
    """The pages of a chain as they went on in the run, then the end that it came to there.

    Raises `IncompleteError` where a page is not in the file, or the run did not come to that end.
    """
    walk = _Along(chain, kept)
    trail = kept.next_trail(walk.whose)
    if trail is None:
        raise walk.lacking(f"it is {kept.unreadable}" if kept.unreadable else "nothing of it was kept")
    for number, passed in enumerate(trail.pages, start=1):
        if passed.number != number:
            raise walk.lacking(f"page {number} is not in the file")
        reserved, size = await space.reserve(lambda: True), 0
        try:
            page = await walk.page(passed)
            size = len(page.body)
        finally:
            space.settle(reserved, size)
        emit(hooks, PageRead(chain.resource, page.facts.rows, size, page.facts.row_total))
        yield page
    if trail.end is None:
        raise walk.lacking("the run did not read it to its end, and loaded nothing of it")
    if trail.length != len(trail.pages):
        raise walk.lacking(f"of {trail.length} pages {len(trail.pages)} are in the file")
    yield replace(trail.end, chain=chain.number)


class _Along:
    """Where one chain stands. Belongs to a single `replay`."""

    def __init__(self, chain: Chain, kept: KeptRun) -> None:
        self._reading = Reading(chain)
        self._kept = kept
        self.whose: Whose = chain.resource, kept.key_of(parts_of(chain.request))

    async def page(self, passed: Passed) -> Page:
        """The page that was made of an answer."""
        if passed.page is None:
            why = "since it quotes a token that it was asked with, or could not be written down"
            raise self.lacking(f"page {passed.number} was not kept, {why}")
        found = await asyncio.wrap_future(self._kept.get(self.whose, passed.page))
        if isinstance(found, str):
            raise self.lacking(f"page {passed.number} {found}")
        answer = found.answer
        assert answer.read_at is not None
        facts = without(self._reading.understand(answer), passed.left_out)
        page = self._reading.page(passed.number, self._reading.chain.request, answer, facts, answer.read_at)
        return replace(page, place=passed.place)

    def lacking(self, what: str) -> IncompleteError:
        """The error of what is not here."""
        chain, run_id = self._reading.chain, self._kept.about.run_id
        where = f"resource {chain.resource}, {safe_place(chain.request)}"
        told = f"{where}: the kept pages of run {run_id} lack it: {what}; homeroom sync reads the API as it is today"
        return IncompleteError(told, resource=chain.resource, code="cannot-replay")
