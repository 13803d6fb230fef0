"""A chain whose pages can be asked for in any order: many under way at once, laid down in their order."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from dataclasses import replace
from heapq import heappop, heappush

from homeroom import paginate
from homeroom.errors import DataError, RequestError, TransientError
from homeroom.events import PageRead, emit
from homeroom.fetch.arrived import Arrived, rows_of
from homeroom.fetch.chain import PAST_THE_END, Chain, Means, Reading
from homeroom.fetch.overlap import Overlap, is_part, may_overlap
from homeroom.fetch.second_sight import SecondSight
from homeroom.fetch.walk import repetition
from homeroom.paginate import Offset, PageNumber
from homeroom.ranges import Bounds, Kind, RangePlan, Stretch
from homeroom.values import Answer, ChainEnd, Page, PageFacts, Proof, Request

_NO_SUCH_PAGE = frozenset({404, 410, 416})
"""Refusals that say that there is no such page. A 400 may as well be a limit on the offset, with rows behind it."""


def can_crawl(chain: Chain) -> bool:
    """Whether the order of requests is free. Response actions are the user's code and may count on the order."""
    return isinstance(chain.paging, Offset | PageNumber) and not chain.actions


async def crawl(chain: Chain, means: Means) -> AsyncGenerator[Page | ChainEnd, None]:
    """The pages of a chain in order, then its end. At most `concurrency` requests are under way."""
    crawled = _Crawl(chain, means)
    try:
        while True:
            crawled.send()
            if await crawled.mended():
                continue
            if (item := crawled.next_item()) is not None:
                yield item
                if isinstance(item, ChainEnd):
                    return
                crawled.collect()
            elif crawled.is_over:
                break
            else:
                await crawled.arrival()
        yield crawled.end()
    finally:
        await crawled.drop()


class _Crawl(Reading):
    """Where one chain stands. Belongs to a single `crawl`."""

    def __init__(self, chain: Chain, means: Means) -> None:
        super().__init__(chain)
        assert isinstance(chain.paging, Offset | PageNumber)
        self._paging: Offset | PageNumber = chain.paging
        self._means = means
        self._base = chain.request
        self._size = None if isinstance(chain.paging, Offset) else paginate.page_size(chain.request)
        self._size_in_doubt = False
        self._plan = RangePlan(self._bounds(means.window))
        self._overlap = Overlap(chain.key, means.settings.repair_passes)
        self._is_refused_overlap = False
        self._tasks: dict[asyncio.Task[Arrived | BaseException], Stretch] = {}
        self._done: deque[asyncio.Task[Arrived | BaseException]] = deque()
        self._news = asyncio.Event()
        self._ready: list[Arrived] = []
        self._short: dict[int, Arrived] = {}
        self._errors: dict[int, RequestError | TransientError | DataError] = {}
        self._first: Arrived | None = None
        self._highest: Arrived | None = None
        self._pages = 0
        self._asked = 0
        self._rows = 0
        self._page_totals: set[int | None] = set()
        self._last_held = b""

    def _bounds(self, window: int) -> Bounds:
        paging = self._paging
        rows = isinstance(paging, Offset)
        return Bounds(
            start=paging.start,
            step=paging.limit if isinstance(paging, Offset) else 1,
            divisible=rows,
            window=window,
            maximum=paging.maximum,
            stops_when_empty=paging.stop_after_empty_page,
            full_page=self._size[1] if self._size else None,
        )

    # Requests go out

    @property
    def is_over(self) -> bool:
        """Nothing is under way, and nothing is left to be asked or handed on."""
        return not self._tasks and not self._ready

    def send(self) -> None:
        """Send what the plan wants, as far as there are hands for it and room for its pages."""
        window = 1 if self._size_in_doubt else self._means.settings.concurrency
        while len(self._tasks) < window:
            if len(self._tasks) + len(self._ready) >= 2 * window and not self._plan.is_urgent:
                return
            if (stretch := self._plan.take()) is None:
                return
            self._asked += 1
            if self._asked > 4 * self._means.settings.limits.pages + 100:  # empty pages without end
                raise self.refuse_more(self._means.settings.limits.pages, self._request(stretch))
            task = asyncio.create_task(self._read(stretch))
            self._tasks[task] = stretch
            task.add_done_callback(self._tell)

    def _tell(self, task: asyncio.Task[Arrived | BaseException]) -> None:
        self._done.append(task)
        self._news.set()

    def _request(self, stretch: Stretch) -> Request:
        lead = self._plan.lead_of(stretch)
        return paginate.at(self._paging, self._base, stretch.start - lead, stretch.length + lead)

    async def _read(self, stretch: Stretch) -> Arrived | BaseException:
        """What came of a stretch. Errors are values here: one that ends the process would end the loop instead."""
        try:
            return await self._read_page(stretch)
        except (Exception, SystemExit, KeyboardInterrupt) as error:
            return error

    async def _read_page(self, stretch: Stretch) -> Arrived:
        reserved, size = await self._means.space.reserve(lambda: self._plan.lowest == stretch.start), 0
        try:
            request, lead = self._request(stretch), self._plan.lead_of(stretch)
            if self._size_in_doubt:
                answer, facts = await self._read_second(request)
            else:
                answer, facts = await self._ask(request, lead)
            if facts.rows == 0 and self._first is None and self.doubts_emptiness:
                answer, facts = await self._ask(request, lead)
            size = len(answer.body)
            return Arrived(stretch.start, request, answer, facts, answer.read_at or self._means.now())
        finally:
            self._means.space.settle(reserved, size)

    async def _ask(self, request: Request, lead: int = 0) -> tuple[Answer, PageFacts]:
        answer, facts = await self._means.reader.read(self.chain, request, self.understand)
        new = max(0, facts.rows - lead)
        emit(self._means.hooks, PageRead(self.chain.resource, new, len(answer.body), facts.row_total))
        return answer, facts

    async def _read_second(self, request: Request) -> tuple[Answer, PageFacts]:
        """The second page, where the first one was shorter than the page size that was asked for.

        A server that clamps the size may count its pages by the clamped size, or by the one asked for and leave
        out what lies between. Asked by the size that it gave, either brings the right second page.
        """
        assert self._size is not None and self._first is not None
        name, _ = self._size
        given = self._first.facts.rows
        base = paginate.with_page_size(self._base, name, given)
        try:
            answer, facts = await self._ask(paginate.with_page_size(request, name, given))
        except RequestError as error:
            if error.status not in PAST_THE_END:
                raise
            return await self._ask(request)  # it takes no such size
        if facts.rows == 0:
            return answer, facts
        self._plan.clamped = True
        as_asked, asked_facts = await self._ask(request)
        if rows_of(self, as_asked, asked_facts) == rows_of(self, answer, facts):
            return as_asked, asked_facts
        self._base = base
        return answer, facts

    # Answers come in

    async def arrival(self) -> None:
        """Wait until something has arrived, and take it in."""
        await self._news.wait()
        self.collect()

    def collect(self) -> None:
        """Take in what has arrived. Raises what cannot be the end of the list."""
        self._news.clear()
        while self._done:
            task = self._done.popleft()
            stretch = self._tasks.pop(task)
            match task.result():
                case Arrived() as arrived:
                    self._arrived(stretch, arrived)
                case RequestError() | TransientError() | DataError() as error:
                    self._refused(stretch, error)
                case error:
                    raise error
        for start, error in self._errors.items():
            if start < self._plan.top:
                raise error
        self._learn_what_total_counts()

    def _learn_what_total_counts(self) -> None:
        """Many APIs tell a total of rows beside page numbers, which dlt's paginator takes for pages by default."""
        if isinstance(self._paging, PageNumber) and self._page_totals == {self._rows} and self._plan.is_past_rows:
            self._plan.forget_total()
            self.totals = [self._rows]

    def _refused(self, stretch: Stretch, error: RequestError | TransientError | DataError) -> None:
        if self._is_about_overlap(stretch, error):
            if stretch.kind is not Kind.FILL:
                self._is_refused_overlap = True
                return
            self._overlap.stop()
            self._plan.read_aligned()  # it knows what becomes of a rest that is refused
        beyond = stretch.kind in (Kind.PROBE, Kind.FAR) or self._plan.has_ended_before(stretch.start)
        match error:
            case RequestError():
                bearable = error.status in PAST_THE_END
            case DataError():
                bearable = beyond or stretch.kind is Kind.NEXT
            case _:
                bearable = beyond
        if not bearable or not self._plan.refused(stretch):
            raise error
        if stretch.kind is Kind.NEXT:
            self._errors[stretch.start] = error

    def _arrived(self, stretch: Stretch, arrived: Arrived) -> None:
        if self._first is None and may_overlap(self._paging, arrived.facts, self._means.settings.overlap):
            self._overlap.is_on = True
            self._plan.overlap_by_one()
        arrived = self._without_lead(stretch, arrived)
        facts = arrived.facts
        known, mixed = self._compare(stretch, arrived) if facts.rows else (False, False)
        self._plan.arrived(stretch, self._placed(facts), known=known, mixed=mixed)
        if self._first is None:
            self._first = arrived
            self._size_in_doubt = self._size is not None and 0 < facts.rows < self._size[1]
        else:
            self._size_in_doubt = False
        if known or (facts.rows == 0 and arrived is not self._first):
            if facts.rows == 0:
                self._overlap.note_tail(stretch.start, arrived.cut)
            self._means.space.settle(len(arrived.answer.body), 0)
            return
        if self._highest is None or arrived.start > self._highest.start:
            self._highest = arrived
        self.note_total(facts.row_total)
        self._rows += facts.rows
        if facts.rows:
            self._page_totals.add(facts.total)
        if self._plan.is_filling(stretch.start):
            self._short[stretch.start] = arrived
        heappush(self._ready, arrived)

    def _placed(self, facts: PageFacts) -> PageFacts:
        """The facts with their total as a position: pages may be counted from 1."""
        base = self._paging.base if isinstance(self._paging, PageNumber) else 0
        return replace(facts, total=facts.total + base) if base and facts.total is not None else facts

    def _compare(self, stretch: Stretch, arrived: Arrived) -> tuple[bool, bool]:
        """Whether an answer holds nothing but what came before, and whether it holds some of it."""
        if stretch.kind is Kind.FILL and stretch.of is not None:
            short = self._short.pop(stretch.of, None)
            before = frozenset() if short is None else rows_of(self, short.answer, short.facts)
            rows = rows_of(self, arrived.answer, arrived.facts)
            return rows <= before, bool(rows & before)
        if stretch.kind in (Kind.PROBE, Kind.FAR):
            if arrived.cut is not None:
                ends = [page.cut for page in (self._first, self._highest) if page is not None]
                return any(cut is not None and is_part(arrived.cut, cut) for cut in ends), False
            # Beyond their end some servers give the last page again, or the first.
            return any(page is not None and page.held == arrived.held for page in (self._first, self._highest)), False
        return False, False

    # Pages go on

    def next_item(self) -> Page | ChainEnd | None:
        """The next page in order, if it is there; the end where it repeats the one before."""
        if not self._is_next_due:
            return None
        most = self._means.settings.limits.pages
        if self._pages >= most:
            raise self.refuse_more(most, self._ready[0].request)
        arrived = heappop(self._ready)
        if self._repeats(arrived):
            self._means.space.settle(len(arrived.answer.body), 0)
            note, broken = repetition(self._pages + 1)
            return self._ended(Proof.END, note, broken=broken)
        self._pages += 1
        facts = arrived.facts if arrived.cut is None else self._overlap.lay(arrived.start, arrived.cut)
        return self.page(self._pages, arrived.request, arrived.answer, facts, arrived.read_at)

    @property
    def _is_next_due(self) -> bool:
        return bool(self._ready) and not (self._tasks and self._ready[0].start >= self._plan.settled)

    def _repeats(self, arrived: Arrived) -> bool:
        if arrived.cut is not None and self._overlap.repeats(arrived.cut):
            return True
        held, facts = arrived.held, arrived.facts
        # Rows without a key may be alike on all pages of a list that the API's word ends.
        bounded = not self.chain.key and (self._plan.is_bounded or facts.has_more is not None)
        same = not bounded and facts.rows > 0 and held == self._last_held
        self._last_held = held
        return same

    def end(self) -> ChainEnd:
        """The end of the chain; raises the refusal that stands at its end where that may hide rows."""
        plan = self._plan
        notes = list(self._notes())
        if (refused := plan.refused_end) is not None:
            error = self._errors[refused]
            if not isinstance(error, RequestError) or plan.misses_announced:
                raise error
            if error.status not in _NO_SUCH_PAGE and not plan.passed_announced:
                raise error
            notes.append(f"the server answered {error.status} beyond the last page, taken for the end")
        if plan.at_maximum:
            notes.append(f"stopped at {plan.top}, the config's maximum is {self._paging.maximum}")
        proof = Proof.CONTINUITY if self._overlap.is_sure else Proof.END
        return self._ended(proof, "; ".join(notes), part=plan.at_maximum)

    def _ended(self, proof: Proof, note: str, *, broken: bool = False, part: bool = False) -> ChainEnd:
        lacking = self._means.settings.overlap == "always" and isinstance(self._paging, Offset)
        return self.ended(
            proof,
            note,
            broken=broken or self._overlap.torn is not None,
            part=part,
            passes=self._overlap.passes,
            unproved=lacking and proof is not Proof.CONTINUITY,
        )

    def _notes(self) -> list[str]:
        plan, found = self._plan, self._overlap.notes()
        if plan.clamped:
            asked = self._paging.limit if isinstance(self._paging, Offset) else (self._size or ("", 0))[1]
            counted = self._first.facts.rows if self._first else 0
            given = plan.step + plan.overlap if isinstance(self._paging, Offset) else counted
            found.append(f"the server gives at most {given} rows a page where {asked} were asked for")
        if plan.filtered:
            found.append("pages come short of rows that the server leaves out after it has cut them")
        if plan.holes:
            found.append(f"{plan.holes} pages came back empty, twice, while later ones held rows")
        if plan.aligned:
            found.append("the server refuses to give the rest of a short page")
        return found

    # Where pages overlap

    def _without_lead(self, stretch: Stretch, arrived: Arrived) -> Arrived:
        cut = self._overlap.cut(arrived.facts, self._plan.lead_of(stretch)) if self._overlap.is_on else None
        return arrived if cut is None else replace(arrived, facts=cut.fresh, cut=cut)

    def _is_about_overlap(self, stretch: Stretch, error: RequestError | TransientError | DataError) -> bool:
        refused = isinstance(error, RequestError) and error.status in PAST_THE_END
        return refused and self._overlap.is_untried and stretch.start == self._overlap.laid[0].end

    async def mended(self) -> bool:
        """Whether pages did not meet, and reading goes on from a place where they do."""
        overlap = self._overlap
        if self._is_refused_overlap:
            await self.drop()
            self._read_aligned()
            return True
        if not self._is_torn() or not overlap.may_mend():
            return False
        await self.drop()
        sight = SecondSight(self, self._means, overlap)
        if overlap.is_untried and await sight.finds_first_page_unchanged():
            self._read_aligned()  # nothing has moved, so the server gives other rows than it was asked for
        else:
            self._last_held = b""
            self._plan.rewind(overlap.rewind(await sight.count_that_holds()))
        return True

    def _is_torn(self) -> bool:
        """Whether the next page, or the end, does not meet the page before."""
        overlap = self._overlap
        if not overlap.is_sure:
            return False
        if self._plan.filtered:
            overlap.doubt = "where rows are left out, pages need not meet"
        elif self._is_next_due and (page := self._ready[0].cut) is not None:
            return overlap.is_torn_at(self._ready[0].start, page)
        return overlap.is_sure and self.is_over and not self._plan.is_told_end and not overlap.ends_well()

    def _read_aligned(self) -> None:
        self._is_refused_overlap = False
        self._overlap.stop()
        self._plan.read_aligned()
        self._plan.rewind(self._overlap.laid[0].end)

    async def drop(self) -> None:
        """Stop what is under way, and give back the room of what will not be handed on."""
        for task in self._tasks:
            task.cancel()
        results = await asyncio.gather(*self._tasks, return_exceptions=True)
        left = [*self._ready, *(result for result in results if isinstance(result, Arrived))]
        for arrived in left:
            self._means.space.settle(len(arrived.answer.body), 0)
        self._tasks.clear()
        self._done.clear()
        self._ready.clear()
        self._short.clear()
        self._errors.clear()
        self._highest = None
