"""A chain read page after page: next links, cursors, and whatever cannot be read in another order."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from dataclasses import replace

from homeroom import paginate
from homeroom.actions import IgnoredAnswer
from homeroom.errors import DataError, HomeroomError, RequestError, TransientError
from homeroom.events import PageRead, emit
from homeroom.fetch import second_look
from homeroom.fetch.chain import PAST_THE_END, Chain, Means, Reading, safe_place
from homeroom.fetch.counting import NOTE, CursorCount
from homeroom.fetch.own_paging import OwnPaging
from homeroom.values import Answer, ChainEnd, Page, PageFacts, Proof, Request

MOST_EMPTY = 100
"""Pages without a row that are followed, one after the other: a cursor that never ends would be for ever."""


async def walk(chain: Chain, means: Means) -> AsyncGenerator[Page | ChainEnd, None]:
    """The pages of a chain in order, then its end.

    The next request is known from the facts of a page, so it goes out before that page is decoded; it waits
    until the page was laid down, and for room.
    """
    walked = Walk(chain)
    step = paginate.Step(walked.first_request())
    while (request := step.request) is not None:
        if (loop := walked.visit(request)) is not None:
            yield walked.end(Proof.END, loop, broken=True)
            return
        if walked.pages >= means.settings.limits.pages:
            raise walked.refuse_more(means.settings.limits.pages, request)
        try:
            answer, facts = await _read(walked, request, means)
        except (RequestError, TransientError, DataError) as error:
            if step.probe and not _is_about_more_than_the_end(error):
                break
            raise
        except IgnoredAnswer as ignored:
            step = walked.ignore(str(ignored))
            break
        if walked.repeats(answer, facts, probe=step.probe):
            means.space.settle(len(answer.body), 0)
            yield walked.end_of_repetition(probe=step.probe)
            return
        if walked.leads_nowhere(facts):
            means.space.settle(len(answer.body), 0)
            note = f"{MOST_EMPTY} pages in a row came empty, each leading on to the next"
            yield walked.end(Proof.END, note, broken=True)
            return
        emit(means.hooks, PageRead(chain.resource, facts.rows, len(answer.body), facts.row_total))
        try:
            step = walked.take(request, answer, facts)
        except DataError as error:
            where = f"resource {chain.resource}, {safe_place(request)}"
            raise DataError(f"{where}: {error}", resource=chain.resource, code=error.code) from None
        yield walked.page(walked.pages, request, answer, facts, answer.read_at or means.now())
        if second_look.is_due(walked, request, facts) and await second_look.look(walked, request, answer, facts, means):
            yield walked.end(Proof.END, second_look.NOTE, broken=True)
            return
    yield walked.end(step.proof, step.note, part=step.part, broken=step.broken)


async def _read(walked: Walk, request: Request, means: Means) -> tuple[Answer, PageFacts]:
    answer, facts = await read_once(walked, request, means)
    if walked.doubts(facts):
        means.space.settle(len(answer.body), 0)
        answer, facts = await read_once(walked, request, means)
        walked.note_emptiness(facts)
    return answer, facts


async def read_once(walked: Walk, request: Request, means: Means) -> tuple[Answer, PageFacts]:
    """The answer to one request of a walk, and what it says."""
    reserved, size = await means.space.reserve(lambda: True), 0
    try:
        answer, facts = await means.reader.read(walked.chain, request, walked.understand)
        size = len(answer.body)
        return answer, facts
    finally:
        means.space.settle(reserved, size)


def _is_about_more_than_the_end(error: HomeroomError) -> bool:
    """Whether a failure of a request beyond the announced end says something of the rows before it: it rarely does."""
    return isinstance(error, RequestError) and error.status not in PAST_THE_END


class Walk(Reading):
    """Where one chain stands. Belongs to a single read of it."""

    def __init__(self, chain: Chain) -> None:
        super().__init__(chain)
        self.pages = 0
        self._own = OwnPaging(chain.paging.paginator) if isinstance(chain.paging, paginate.Own) else None
        self._seen: set[str] = set()
        self._largest = 0
        self._last = b""
        self._empty = 0
        self._empty_in_a_row = 0
        self._count = CursorCount()

    def first_request(self) -> Request:
        """The request of the first page."""
        if self._own is not None:
            return self._own.first(self.chain.request)
        return paginate.first(self.chain.paging, self.chain.request) if self.chain.paging else self.chain.request

    def visit(self, request: Request) -> str | None:
        """Remember a request; what is wrong with it where it was made before."""
        if self._own is not None:
            return None  # it may have its reasons, and keep its place where we do not look
        # orjson takes neither a number beyond 64 bits nor half a character, and a cursor may be either.
        key = json.dumps([request.url, request.params, request.json], default=str)
        if key in self._seen:
            return f"page {self.pages} leads back to a page already read"
        self._seen.add(key)
        return None

    def repeats(self, answer: Answer, facts: PageFacts, *, probe: bool) -> bool:
        """Whether a page is the one before once more; by offset or number, where nothing else would end the read."""
        held = answer.body if facts.data is None else facts.data
        told = facts.total is not None or facts.has_more is not None
        bounded = self._is_ranged and not probe and told and not self.chain.key
        same = self._own is None and not bounded and facts.rows > 0 and held == self._last
        self._last = held
        return same

    @property
    def _is_ranged(self) -> bool:
        return isinstance(self.chain.paging, paginate.Offset | paginate.PageNumber)

    def end_of_repetition(self, *, probe: bool) -> ChainEnd:
        """Beyond their end some servers give the last page again; on page 2 it is a sign that paging is ignored.

        A next link or cursor that brings the same page would do so for ever.
        """
        if probe:
            return self.end(Proof.END)
        page = self.pages + 1
        if not self._is_ranged:
            note = f"page {page} is page {page - 1} once more, though the API named it as the next one"
            return self.end(Proof.END, note, broken=True)
        note, broken = repetition(page)
        return self.end(Proof.END, note, broken=broken)

    def doubts(self, facts: PageFacts) -> bool:
        """Whether a page is empty where rows may be: some APIs mean it, and some have only failed.

        A first page, one that another page has named as the next, one that leads on. By offset or number the list
        ends with an empty page.
        """
        if self._own is not None or facts.rows:
            return False
        if self.pages == 0:
            return self.doubts_emptiness or bool(facts.reference)
        return not self._is_ranged

    def note_emptiness(self, facts: PageFacts) -> None:
        """Count a page that was asked for a second time, and was empty again."""
        self._empty += facts.rows == 0 and bool(facts.reference)

    def leads_nowhere(self, facts: PageFacts) -> bool:
        """Whether pages without a row go on and on."""
        self._empty_in_a_row = 0 if facts.rows else self._empty_in_a_row + 1
        return self._own is None and bool(facts.reference) and self._empty_in_a_row > MOST_EMPTY

    def take(self, request: Request, answer: Answer, facts: PageFacts) -> paginate.Step:
        """Count a page, and say what comes next."""
        step = self._after(request, answer, facts)
        self.pages += 1
        self._largest = max(self._largest, facts.rows)
        # An empty page often says a total of 0: it is no second opinion.
        if facts.row_total is not None and (facts.rows or self.pages == 1):
            self.note_total(facts.row_total)
        return step

    def _after(self, request: Request, answer: Answer, facts: PageFacts) -> paginate.Step:
        assert self.chain.paging is not None and self.chain.selector is not None
        if self._own is None:
            step = paginate.after(self.chain.paging, request, facts, self._largest)
            self._count.note(self.chain.paging, request, facts)
            doubt = self._doubt_of_keyset(request, facts) if step.proof is Proof.KEYSET else ""
            return replace(step, proof=Proof.END, note=doubt) if doubt else step
        following = self._own.after(request, answer, facts, self.chain.selector)
        return paginate.Step(following, note=f"paging by {self._own.name}, whose end cannot be judged")

    def _doubt_of_keyset(self, request: Request, facts: PageFacts) -> str:
        """Why a cursor or link that has come to its end proves nothing; empty where it does."""
        if self._count.is_counting:
            return NOTE
        assert self.chain.paging is not None
        return second_look.may_lack_its_way(self.chain.paging, request, facts) if self.pages == 0 else ""

    def ignore(self, why: str) -> paginate.Step:
        """The end by an answer that the config ignores. On the first page that is all the config wants to know."""
        if self.pages == 0:
            return paginate.Step(None, Proof.DECLARED, why)
        return paginate.Step(None, Proof.END, f"after page {self.pages} {why}")

    @property
    def counts(self) -> bool:
        """Whether every cursor so far counts pages or rows."""
        return self._count.is_counting

    def end(self, proof: Proof, note: str = "", *, broken: bool = False, part: bool = False) -> ChainEnd:
        """The end of the chain, with what is to be said of empty pages where nothing else is."""
        if self._empty and not note:
            note = f"{self._empty} pages came back empty, twice, though they led on"
        return self.ended(proof, note, broken=broken, part=part)


def repetition(page: int) -> tuple[str, bool]:
    """What to say of a page that repeats the one before it, and whether that breaks the read."""
    if page > 2:
        return f"page {page} is page {page - 1} once more, taken for the end", False
    return "page 2 is page 1 once more: does the API know the paging parameters?", True
