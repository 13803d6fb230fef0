"""The wire behind a journal: what an earlier run has read is not asked for again, and what arrives is kept first."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime
from functools import lru_cache, partial
from typing import Any

import orjson

from homeroom import paginate
from homeroom.errors import DataError, RequestError
from homeroom.fetch.chain import Chain, Reader, Reading
from homeroom.fetch.left_out import passed
from homeroom.fetch.refusals import held_by
from homeroom.fetch.under_way import UnderWay
from homeroom.fetch.waking import Waking
from homeroom.journal import FOR_REPLAYS, Earlier, Journal, KeptPage, Whose
from homeroom.secrets import written_forms
from homeroom.values import Answer, ChainEnd, Page, PageFacts, Request

_LEAST_SECRET = 8
_MOST_KNOWN = 64
_PARTS = ("url", "params", "headers", "json", "data")


class JournaledReader:
    """A reader whose every page is on disk before it counts. Made in one event loop, and used from it.

    A chain of an earlier run is gone on with only where its last page is still the same, rows and total; else rows
    have moved, and all of it is asked for anew. A child's chain that had come to its end is taken as it is.
    Chains with code of the user's in between (response actions, a paginator class) are kept for replays alone: it may
    count on seeing each answer. So are further passes over a chain whose rows have moved. `under_way` counts the pages
    that are not on disk yet, None where nobody asks.

    `read` raises what the wire raises, and `StoppedError` where the journal cannot be written.
    """

    def __init__(
        self, wire: Reader, journal: Journal, now: Callable[[], datetime], under_way: UnderWay | None = None
    ) -> None:
        self._wire = wire
        self._journal = journal
        self._now = now
        self._under_way = under_way or UnderWay()
        self._checks: defaultdict[Whose, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._waking = Waking()
        self._known: dict[int, tuple[Chain, Whose]] = {}
        self._unkept: set[Whose] = set()
        self._unkept_for: defaultdict[Whose, Counter[str]] = defaultdict(Counter)

    async def read(
        self, chain: Chain, request: Request, understand: Callable[[Answer], PageFacts]
    ) -> tuple[Answer, PageFacts]:
        """The answer to a request and its facts, from the journal or the wire."""
        may_resume = _may_resume(chain)
        if may_resume and self._journal.earlier and (earlier := await self._earlier(chain, request)) is not None:
            return earlier, understand(earlier)
        answer, facts = await self._wire.read(chain, request, understand)
        if not (may_resume or self._journal.has_trail):
            return answer, facts
        make = partial(self._page, chain, request, answer, facts, self._now())
        with self._under_way.one():
            number = await self._put(chain, self._journal.put(make))
        return replace(answer, kept=number), facts

    async def _put(self, chain: Chain, kept: Future[int | None]) -> int | None:
        """The number of a page that was kept. One that cannot be written down goes on all the same, without one."""
        try:
            number = await self._waking.result(kept)
        except (OverflowError, TypeError, UnicodeError) as error:
            number = None
            self._unkept_for[self._whose(chain)][type(error).__name__] += 1
        if number is None:
            self._unkept.add(self._whose(chain))
        return number

    async def note(self, chain: Chain, item: Page | ChainEnd) -> Page | ChainEnd:
        """Note what a chain brings, before it goes on: its end, and in a journal with a trail its pages too.

        The item as it is to go on: an end tells of pages that could not be kept.
        """
        if isinstance(item, ChainEnd):
            item = self._with_unkept(chain, item)
            if not item.broken:
                self.ended(chain)
        if self._journal.has_trail:
            await self._waking.result(self._entered(chain, item))
        return item

    def _with_unkept(self, chain: Chain, end: ChainEnd) -> ChainEnd:
        told = [
            f"{count} {'page' if count == 1 else 'pages'} could not be kept in the journal ({error})"
            for error, count in self._unkept_for.pop(self._whose(chain), {}).items()
        ]
        return replace(end, note="; ".join(filter(None, (end.note, *told))))

    def _entered(self, chain: Chain, item: Page | ChainEnd) -> Future[None]:
        whose = self._whose(chain)
        if isinstance(item, ChainEnd):
            return self._journal.enter_end(whose, item)
        return self._journal.enter_page(whose, chain.number, partial(passed, chain, item))

    def ended(self, chain: Chain) -> None:
        """Note that a chain was read to its end. One that lacks a page here is looked at again all the same."""
        if _may_resume(chain) and self._whose(chain) not in self._unkept:
            self._journal.end_chain(self._whose(chain))

    async def _earlier(self, chain: Chain, request: Request) -> Answer | None:
        """The answer that an earlier run has left; None where there is none."""
        whose = self._whose(chain)
        if (earlier := self._journal.earlier.get(whose)) is None:
            return None
        if not earlier.checked:
            async with self._checks[whose]:
                await self._check(chain, whose, earlier)
        found = earlier.take(self._key_of(request))
        return (await self._kept(whose, found)).answer if isinstance(found, int) else found

    async def _check(self, chain: Chain, whose: Whose, earlier: Earlier) -> None:
        """Before the first page of a chain is handed on: see that its last one is as it was, else forget them all."""
        if earlier.checked:
            return
        if not (earlier.ended and chain.taken_as_ended):
            earlier.drop_empty_pages()
            if not await self._stands(chain, whose, earlier):
                earlier.answers.clear()
                await self._waking.result(self._journal.forget_chain(whose))
        earlier.checked = True

    async def _stands(self, chain: Chain, whose: Whose, earlier: Earlier) -> bool:
        if earlier.last is None or earlier.first is None:
            return False
        before = await self._kept(whose, earlier.last)
        if before.again is None:
            return False
        reading = Reading(chain)
        if reading.guessed:
            # By the page that it was guessed from then: the last one has no link to guess from.
            reading.understand((await self._kept(whose, earlier.first)).answer)
        request = _asked_again(chain.request, before.again)
        try:
            then = reading.understand(before.answer)
            answer, facts = await self._wire.read(reading.chain, request, reading.understand)
        except (RequestError, DataError):
            return False  # such as a cursor that has run out
        if facts.row_total != then.row_total or _rows_of(answer, facts) != _rows_of(before.answer, then):
            return False
        now = self._page(chain, request, answer, facts, self._now())
        number = await self._put(chain, self._journal.replace(earlier.last, now))
        earlier.put_first(before.request, earlier.last, replace(answer, kept=number))
        return True

    async def _kept(self, whose: Whose, number: int) -> KeptPage:
        return await self._waking.result(self._journal.get(whose, number))

    def _whose(self, chain: Chain) -> Whose:
        """The chain's own mark, of the last ones without making it again."""
        known = self._known.get(id(chain))
        if known is None or known[0] is not chain:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            known = self._known[id(chain)] = chain, (chain.resource, self._key_of(chain.request))
        return known[1]

    def _key_of(self, request: Request) -> bytes:
        return self._journal.key_of(parts_of(request))

    def _page(self, chain: Chain, request: Request, answer: Answer, facts: PageFacts, read_at: datetime) -> KeptPage:
        paging = chain.paging
        place = None
        if isinstance(paging, paginate.Offset | paginate.PageNumber):
            place = paginate.position_of(paging, request)
        return KeptPage(
            whose=self._whose(chain),
            request=self._key_of(request) if _may_resume(chain) else FOR_REPLAYS,
            place=place,
            rows=facts.rows,
            row_total=facts.row_total,
            again=_difference(chain.request, request),
            answer=replace(answer, request=None, read_at=read_at),
            held=frozenset().union(*map(_forms, held_by(chain, request, answer.request))),
        )


def _rows_of(answer: Answer, facts: PageFacts) -> bytes:
    """The text of the rows; where they lie all over the answer, all of it."""
    return answer.body if facts.data is None else facts.data


@lru_cache(maxsize=64)
def _forms(secret: str) -> frozenset[bytes]:
    """A secret as it may stand in an answer; none of a word such as `Bearer`."""
    long_enough = len(secret) >= _LEAST_SECRET
    return (
        frozenset(form.encode("utf-8", "surrogatepass") for form in written_forms(secret))
        if long_enough
        else frozenset()
    )


def _may_resume(chain: Chain) -> bool:
    """Whether a later run may go on with a chain's pages. A repair begins anew: its first part would be of another hour
    than its rest, and the list that it repairs has ended, so that nobody would look.
    """
    return not chain.is_repair and not chain.actions and not isinstance(chain.paging, paginate.Own)


def parts_of(request: Request) -> list[Any]:
    """What tells a request from others, as values that can be written as JSON."""
    return [request.method, *(_plain(getattr(request, part)) for part in _PARTS)]


def _plain(part: Any) -> Any:
    return dict(part) if part is not None and hasattr(part, "items") else part


def _difference(first: Request, request: Request) -> bytes | None:
    """What a request has other than the first one of its chain; None where JSON would make something else of it.

    The rest is the config's, keys and all, and stays out of the journal.
    """
    parts = {part: (_plain(getattr(first, part)), _plain(getattr(request, part))) for part in _PARTS}
    exact = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_SUBCLASS | orjson.OPT_PASSTHROUGH_DATACLASS
    try:
        return orjson.dumps({part: now for part, (before, now) in parts.items() if now != before}, option=exact)
    except TypeError:
        return None


def _asked_again(first: Request, difference: bytes) -> Request:
    return replace(first, **orjson.loads(difference))
