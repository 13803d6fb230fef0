"""Reads the first pages of a resource through the fetch stage: its retries, limits and credentials, no request more."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from homeroom.errors import DataError, HomeroomError
from homeroom.events import Event, RequestSent
from homeroom.fetch import Chain, Engine, Stream
from homeroom.fetch.overlap import cut, may_overlap
from homeroom.fetch.sample import SampleEnd
from homeroom.paginate import Offset, PageNumber
from homeroom.plan import ResourcePlan
from homeroom.source.asking import Ask
from homeroom.source.chains import chain_of
from homeroom.values import Page, Proof, SyncSettings

POLL_S = 0.1


@dataclass(frozen=True, slots=True)
class Sampled:
    """What came of a chain; `error` is what ended it before its `end`."""

    pages: tuple[Page, ...]
    end: SampleEnd | None = None
    error: HomeroomError | None = None


@dataclass(frozen=True, slots=True)
class Looked:
    """The first page of a resource, and the second where there is one.

    `end` is that of the first page's chain, but `has_more` of it tells of the last page that came. `refusal`: what came
    of the second one instead. `meets`: the second was asked for from the last row of the first on, and begins with it
    (so its first row is no new one); False where that was tried in vain; None where it was not. `error`: there is no
    page at all.
    """

    first: Page | None = None
    end: SampleEnd | None = None
    second: Page | None = None
    refusal: HomeroomError | None = None
    meets: bool | None = None
    error: HomeroomError | None = None


class RequestCount:
    """A hook that counts requests. Called in the fetch thread."""

    def __init__(self) -> None:
        self.requests = 0

    def __call__(self, event: Event) -> None:
        """Count an event that is a request."""
        self.requests += isinstance(event, RequestSent)


class Looker:
    """Asks for pages, one request after the other. `close` it in any case."""

    def __init__(self, engine: Engine, settings: SyncSettings) -> None:
        self._engine = engine
        self._settings = settings
        self._chains = 0
        self._last: Stream | None = None

    def close(self) -> None:
        """Let go of the connections."""
        if self._last is not None:
            self._last.close()

    def first_pages(self, plan: ResourcePlan, ask: Ask) -> Looked:
        """The first page of a resource and the second one, as far as paging leads to it."""
        chain = self._chain(plan, ask)
        if not isinstance(chain.paging, Offset | PageNumber) or chain.actions:
            return _looked(chain, self._read(replace(chain, most_pages=2)))
        looked = _looked(chain, self._read(replace(chain, most_pages=1)))
        if looked.first is None or looked.end is None or not looked.end.has_more:
            return looked
        return self._with_second(chain, looked, looked.first)

    def first_page(self, plan: ResourcePlan, ask: Ask) -> Sampled:
        """The first page of what is asked for."""
        return self._read(replace(self._chain(plan, ask), most_pages=1))

    def _with_second(self, chain: Chain, looked: Looked, first: Page) -> Looked:
        """The second page, by offset from one row earlier where a full read would ask for it so."""
        assert isinstance(chain.paging, Offset | PageNumber)
        rows, meets = first.facts.rows, None
        if isinstance(chain.paging, Offset) and may_overlap(chain.paging, first.facts, self._settings.overlap):
            near = self._page_at(chain, chain.paging, rows - 1)
            meets = bool(near.pages) and _meet(first, near.pages[0], chain.key)
            if meets:
                return _with(looked, near, meets=True)
        step = (rows or chain.paging.limit) if isinstance(chain.paging, Offset) else 1
        got = self._page_at(chain, chain.paging, chain.paging.start + step)
        return _with(looked, got, meets=meets)

    def _page_at(self, chain: Chain, paging: Offset | PageNumber, start: int) -> Sampled:
        self._chains += 1
        return self._read(replace(chain, number=self._chains, paging=replace(paging, start=start), most_pages=1))

    def _chain(self, plan: ResourcePlan, ask: Ask) -> Chain:
        self._chains += 1
        return chain_of(plan, ask, self._chains, self._settings.limits.json_depth)

    def _read(self, chain: Chain) -> Sampled:
        stream, before = self._engine.open([chain]), self._last
        # Not before the next one is open: with the last stream the engine forgets what it knows of the host's pace.
        self._last = stream
        if before is not None:
            before.close()
        pages: list[Page] = []
        while True:
            match stream.take(POLL_S):
                case Page() as page:
                    pages.append(page)
                case SampleEnd() as end:
                    return Sampled(tuple(pages), end)
                case HomeroomError() as error:
                    return Sampled(tuple(pages), error=error)
                case Exception() as error:
                    return Sampled(tuple(pages), error=_unexpected(chain, error))
                case BaseException() as error:
                    raise error
                case _:
                    continue


def _looked(chain: Chain, got: Sampled) -> Looked:
    if not got.pages:
        return Looked(end=got.end, error=got.error)
    totals = (got.pages[0].facts.row_total,) * 2
    end = got.end or SampleEnd(chain.number, Proof.END, totals, paging=chain.paging)
    second = got.pages[1] if len(got.pages) > 1 else None
    return Looked(got.pages[0], end, second, got.error)


def _with(looked: Looked, second: Sampled, *, meets: bool | None) -> Looked:
    assert looked.end is not None
    end = replace(looked.end, has_more=second.end is not None and second.end.has_more)
    return replace(looked, end=end, second=next(iter(second.pages), None), refusal=second.error, meets=meets)


def _meet(first: Page, second: Page, key: tuple[str, ...]) -> bool:
    before, after = cut(first.facts, key, 0), cut(second.facts, key, 1)
    return before is not None and after is not None and before.last == after.lead


def _unexpected(chain: Chain, error: Any) -> DataError:
    what = type(error).__name__
    told = f"resource {chain.resource}, an unexpected {what} ended its read: code of the config, or a fault of ours"
    told = f"{told}; look at the config's own steps and classes"
    return DataError(told, resource=chain.resource, code="own-code-failed")
