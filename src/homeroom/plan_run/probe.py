"""Asks for one page of each resource, parents before children, as the next sync would ask for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from homeroom.check_run.came import after_steps, rows_of
from homeroom.check_run.look import Looker, Sampled
from homeroom.check_run.manners import Manners, parentless
from homeroom.check_run.refused import words
from homeroom.dlt_seam.rest_api import asking_from
from homeroom.dlt_seam.standing import Standing
from homeroom.errors import AuthError, DataError, HomeroomError
from homeroom.fetch import Engine
from homeroom.fetch.sample import SampleEnd
from homeroom.paginate import Offset, PageNumber, page_size
from homeroom.plan import ResourcePlan, SourcePlan
from homeroom.plan_run.meter import Meter
from homeroom.plan_run.reach import Began
from homeroom.source.asking import Ask, child_asks, root_asks
from homeroom.source.cursors import OwnCursors
from homeroom.source.versions import Versions
from homeroom.values import Page, Proof, SyncSettings


@dataclass(frozen=True, slots=True)
class Probed:
    """What came of one resource. `reason` says why nothing did; `failed`: it was asked for, `refused`: the key was.

    `lists` are those that a root resource is read in, or a child for what one request asks with: `together` rows of
    its parent. `kept` is which share of the rows the config's own steps leave, `size` the bytes of the page.
    """

    plan: ResourcePlan
    began: Began | None = None
    lists: int = 1
    together: int = 1
    size: int = 0
    kept: float = 1.0
    since: str = ""
    reason: str = ""
    failed: bool = False
    refused: bool = False


class Prober:
    """One config being asked. `known` is where each resource was read to, as far as this machine remembers."""

    def __init__(
        self,
        plan: SourcePlan,
        engine: Engine,
        looker: Looker,
        meter: Meter,
        settings: SyncSettings,
        known: Mapping[str, Standing],
        now: datetime,
    ) -> None:
        self._plans = {each.name: each for each in plan.resources}
        self._versions = Versions(plan.versions, engine)
        self._looker = looker
        self._meter = meter
        self._settings = settings
        self._known = known
        self._now = now
        self._manners = Manners()
        self._rows: dict[str, list[Any]] = {}

    def probe(self, plan: ResourcePlan) -> Probed:
        """What comes of a resource; its parent must have been asked for before."""
        if reason := self._unasked(plan):
            return Probed(plan, reason=reason)
        try:
            asks = self._asks(plan)
            return self._asked(plan, asks)
        except HomeroomError as error:
            return Probed(plan, reason=words(plan.name, error), failed=True, refused=_is_refusal(error))

    def _unasked(self, plan: ResourcePlan) -> str:
        """Why a resource is not asked for; empty where it is."""
        return parentless(plan, self._plans, self._rows) or self._manners.why_not(plan)

    def _asks(self, plan: ResourcePlan) -> list[Ask]:
        """What the next sync would ask for; of a child for the first rows of its parent that go into one request."""
        standing = self._known.get(plan.name, Standing())
        own = None
        if plan.queries:
            own = OwnCursors(plan, standing, self._now, may_be_full=plan.parent is None)
            if plan.by_version:
                own.newest = self._newest(plan.name)
        cursor = None
        if plan.incremental is not None and own is None:
            dlts = plan.incremental.cursor
            known = standing.furthest.get(dlts.cursor_path) if dlts.last_value_func is max else None
            cursor = asking_from(dlts, known)
        if plan.parent is None:
            return root_asks(plan, cursor, own, self._now)
        return child_asks(plan, self._parents(plan), cursor, own)

    def _parents(self, plan: ResourcePlan) -> Sequence[Mapping[str, Any]]:
        assert plan.parent is not None
        return self._rows[plan.parent][: plan.batch.size if plan.batch else 1]

    def _newest(self, name: str) -> int:
        reading = self._versions.awaited(name, None)
        while True:
            try:
                next(reading)
            except StopIteration as ended:
                newest: int = ended.value
                return newest

    def _asked(self, plan: ResourcePlan, asks: Sequence[Ask]) -> Probed:
        ask = asks[0]
        asked_as = ask.start.plan if ask.start is not None else plan
        got = self._looker.first_page(asked_as, ask)
        self._manners.remember(plan, got.error, has_page=bool(got.pages))
        if got.error is not None and not got.pages:
            return Probed(plan, reason=words(plan.name, got.error), failed=True, refused=_is_refusal(got.error))
        if not got.pages:
            told = got.end.note if got.end else ""
            return Probed(plan, reason=f"a response action has ended the read: {told}")
        page = got.pages[0]
        rows = rows_of(plan, page, ask.given)
        left = after_steps(plan, rows)
        self._rows[plan.name] = left
        kept = len(left) / len(rows) if rows else 1.0
        together = len(self._parents(plan)) if plan.parent is not None else 1
        began = self._began(plan, ask, page, got)
        lists = len(asks) if plan.batch is None else 1
        return Probed(plan, began, lists, together, len(page.body), kept, self._since(plan, ask))

    def _began(self, plan: ResourcePlan, ask: Ask, page: Page, got: Sampled) -> Began:
        end = got.end or SampleEnd(page.chain, Proof.END, paging=plan.paging)
        asked = page_size(ask.request)
        return Began(
            paging=end.paging,
            first=page.facts,
            has_more=end.has_more,
            requests=self._meter.pages(plan.name),
            asked=end.paging.limit if isinstance(end.paging, Offset) else asked[1] if asked else None,
            crawls=isinstance(end.paging, Offset | PageNumber) and not plan.actions,
            doubts=plan.parent is None and plan.incremental is None,
            overlap=self._settings.overlap,
            concurrency=self._settings.concurrency,
        )

    def _since(self, plan: ResourcePlan, ask: Ask) -> str:
        """From where an `incremental` is asked, in words; empty without one."""
        if plan.incremental is None:
            return ""
        known = self._known.get(plan.name)
        if plan.by_version:
            version = known.version if known else None
            since = "all of it (no version is remembered)" if version is None else f"from change version {version} on"
            return f"{since}, behind one request for the newest"
        path = plan.incremental.cursor.cursor_path
        value = known.furthest.get(path) if known else None
        if plan.cursor_per_parent and known and known.parents.get(path):
            return "each parent from where its own rows were read to"
        if ask.start is not None and ask.start.cursor.start_value == plan.incremental.cursor.initial_value:
            value = None  # never read, or due to be read in full
        if value is not None:
            return f"from {path} {value} on, where the last sync of this machine ended"
        first = plan.incremental.cursor.initial_value
        begun = "all of it" if first is None else f"from {path} {first} on"
        return f"{begun} (initial_value)"


def _is_refusal(error: HomeroomError) -> bool:
    return isinstance(error, AuthError) or (isinstance(error, DataError) and error.about == "error")
