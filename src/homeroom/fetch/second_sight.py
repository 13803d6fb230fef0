"""Looks again at what a chain of overlapping pages has brought: what of it still stands where it stood."""

from __future__ import annotations

from homeroom import paginate
from homeroom.errors import RequestError
from homeroom.fetch.chain import PAST_THE_END, Means, Reading
from homeroom.fetch.overlap import Cut, Overlap
from homeroom.paginate import Offset
from homeroom.values import Request


class SecondSight:
    """One look back, at the pages of an overlap that went on."""

    def __init__(self, reading: Reading, means: Means, overlap: Overlap) -> None:
        assert isinstance(reading.chain.paging, Offset)
        self._reading = reading
        self._paging: Offset = reading.chain.paging
        self._means = means
        self._overlap = overlap

    async def finds_first_page_unchanged(self) -> bool:
        """Whether the first page still ends where it ended."""
        first = self._overlap.laid[0]
        page = await self._look(
            paginate.at(self._paging, self._reading.chain.request, first.start, self._paging.limit), 0
        )
        return page is not None and page.last == first.last

    async def count_that_holds(self) -> int:
        """How many of the pages still end where they did: what has moved lies behind them.

        The end of the last page, then halves: a request each for 10 pages in 1,000.
        """
        low, high = 0, len(self._overlap.laid)
        if high and await self._holds(high):
            return high
        while high - low > 1:
            middle = (low + high) // 2
            if await self._holds(middle):
                low = middle
            else:
                high = middle
        return low

    async def _holds(self, count: int) -> bool:
        page = self._overlap.laid[count - 1]
        try:
            found = await self._look(paginate.at(self._paging, self._reading.chain.request, page.end - 1, 1), 1)
        except RequestError as error:
            if error.status not in PAST_THE_END:
                raise
            return False
        return found is not None and found.lead == page.last

    async def _look(self, request: Request, lead: int) -> Cut | None:
        """A page that goes no further."""
        reserved = await self._means.space.reserve(lambda: True)
        try:
            _, facts = await self._means.reader.read(self._reading.chain, request, self._reading.understand)
        finally:
            self._means.space.settle(reserved, 0)
        return self._overlap.cut(facts, lead)
