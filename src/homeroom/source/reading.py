"""The generators behind the resources: pages from fetch, rows through decode and shape, to dlt.

dlt pulls them round robin in one thread. A generator with nothing ready yields None, which dlt reads as
"ask the others first"; so one slow resource never holds up the rest. All resources start in the first
round, and children while their parents are still being read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from homeroom.dlt_seam import extraction as seam
from homeroom.dlt_seam.reads import note_read
from homeroom.errors import ContractError, DataError, DiskError, HomeroomError, IncompleteError
from homeroom.events import ListRead, ListsAsked, ResourceFinished, ResourceStarted, emit
from homeroom.fetch import Chain, Engine
from homeroom.fetch.desk import Item, Stream
from homeroom.ledger import Ledger, ResourceLedger, Verdict
from homeroom.plan import ResourcePlan, SourcePlan
from homeroom.privacy import clear_of
from homeroom.reasons import disk_reason
from homeroom.shape import RowRules
from homeroom.source.arrivals import Arrivals
from homeroom.source.asking import Ask, Followed, child_asks, first_of_each, root_asks
from homeroom.source.chains import chain_of
from homeroom.source.declared import declared_tables
from homeroom.source.enough import Enough
from homeroom.source.entrance import Entrance, Rows, has_steps
from homeroom.source.expected import refuse_too_few
from homeroom.source.hiding import Hiding
from homeroom.source.keeping import emptied, keep_from_increments
from homeroom.source.kept_cursors import KeptCursors
from homeroom.source.options import ReadingOptions
from homeroom.source.pages import BATCH_BYTES, BATCH_PAGES, Source
from homeroom.source.passes import Passes
from homeroom.source.scopes import Scope, Scopes
from homeroom.source.turns import Turns
from homeroom.source.versions import Versions
from homeroom.values import ChainEnd, Page, Proof, Status, SyncSettings

if TYPE_CHECKING:
    from homeroom.journal import Journal
    from homeroom.source.columnar import Lane

POLL_S = 0.05
"""Longest wait for a page before dlt may look at its other sources."""

LINGER_S = 0.005
"""How long a batch of pages stays open for the next one. Without it pages that come as fast as they are read would
go one by one, at four times the work; a slow API's pages do go one by one, 5 ms later."""

MOST_HELD_BACK = 1000
"""Rows of one page that a step of the user's is thought to hold back at most."""


class Reading:
    """All that the resources of one source share. A new iteration of the source begins a new ledger page."""

    def __init__(self, plan: SourcePlan, settings: SyncSettings, options: ReadingOptions) -> None:
        self.plan = plan
        self._settings = settings
        self.options = options
        self.started_at: datetime | None = None
        self.ledger = Ledger({p.name: p.parent for p in plan.resources}, lambda: datetime.now(UTC))
        hooks = (self.ledger.on_event, *options.hooks)
        self._engine = Engine(
            settings, plan.origins, hooks, transport=options.transport, journal=options.journal, kept=options.kept
        )
        self._versions = Versions(plan.versions, self._engine)
        self._turns = Turns({p.name: [c.name for c in plan.resources if c.parent == p.name] for p in plan.resources})
        self._roots: set[str] = set()
        self._reads: dict[str, object] = {}
        hiding = Hiding(plan.rules, options.privacy)
        self.cursors = KeptCursors(plan, self.ledger, options, hiding)
        improved, casts = settings.tables == "improved", {p.name: p.casts for p in plan.resources}
        self.entrance = Entrance(
            improved=improved, limit=options.limit, strict=options.strict, casts=casts, hiding=hiding
        )
        self._lanes = self.entrance.lanes
        self._enough = Enough(options)
        self.arrivals = Arrivals()
        self._scopes = Scopes()

    def wind_down(self) -> None:
        """Ask for no page any more, and let those that are under way come into the journal. It waits for nothing."""
        self._engine.wind_down()

    def root_pages(self, plan: ResourcePlan, cursor: Any = None) -> Iterator[Rows | None]:
        """The pages of a resource without a parent. Ends after its children have ended.

        `cursor` is the resource's `Incremental`, bound to the state of the pipeline; None without one.
        """
        self.started_at = datetime.now(UTC)
        self._roots.add(plan.name)
        with self.options.keep() as journal:
            try:
                self.entrance.hiding.check(each.name for each in self.plan.resources)
                self._start_family(plan)
                yield from self._spans(plan, cursor, journal)
                yield from self._lanes.finish(plan.name, latest=self._must_choose(plan.name))
                yield from self._until_quiet(plan)
            finally:
                self._roots.discard(plan.name)
                self._lanes.forget(plan.name)
            self._settle(plan.name)
            self.cursors.hold_parents(plan.name)
            names = [plan.name, *self._descendants(plan.name)]
            yield from declared_tables(names, self.ledger.verdicts(names), strict=self.options.strict)

    def marks_deleted(self, name: str) -> bool:
        """Whether the resource's table has a column that marks deleted rows."""
        own = self._settings.resources.get(name)
        return own is not None and own.deletes == "soft"

    def _spans(self, plan: ResourcePlan, cursor: Any, journal: Journal | None) -> Iterator[Rows | None]:
        """The pages of a resource without a parent, of all windows of time that it is read in.

        The first window of each query alone: an API that does not know the filter gives all there is, and once is
        enough.
        """
        entry, begun = self.ledger.entries[plan.name], self.options.begun_at or datetime.now(UTC)
        own = self.cursors.own(plan.name)
        try:
            if own is not None and plan.by_version:
                own.newest = yield from self._versions.awaited(plan.name, journal)
            asks = root_asks(plan, cursor, own, begun)
        except HomeroomError as error:
            self._fail(plan, error)
            return
        for part in first_of_each(asks):
            known = [ask for ask in part if ask.asked is None or ask.asked.param not in entry.ignored_filters]
            if len(known) < len(part):
                entry.skip_spans()
            for together in self._enough.parts(known, entry) if known and entry.error is None else ():
                yield from self._pages(plan, together, cursor, journal)

    def _until_quiet(self, plan: ResourcePlan) -> Iterator[None]:
        """None until all children have ended, or longer: a step of the user's may still hold back their parents."""
        calm = 0
        while (busy := self._turns.any_open(self._descendants(plan.name))) or calm < self._patience(plan):
            calm = 0 if busy else calm + 1
            yield None

    def _patience(self, plan: ResourcePlan) -> int:
        """Rounds (of 10 ms at most) before a child without rows is called empty: a step lets one row go in each."""
        parents = [
            self.ledger.entries[str(entry.parent)]
            for entry, _ in emptied(self.ledger.family(plan.name))
            if entry.parent
        ]
        held = [parent.rows_received for parent in parents if has_steps(parent.resource)]
        return min(max(held, default=0), MOST_HELD_BACK)

    def child_pages(self, plan: ResourcePlan, parents: Any, cursor: Any = None) -> Iterator[Rows | None]:
        """The pages of a child for one page of its parent's rows, in the order of the parents."""
        self._begin_orphan(plan)
        turn = self._turns.call(plan.name)
        rows = [clear_of(row) for row in (parents if isinstance(parents, list) else [parents])]
        return self._child_pages(plan, rows, turn, cursor)

    def _child_pages(self, plan: ResourcePlan, parents: Sequence[Any], turn: int, cursor: Any) -> Iterator[Rows | None]:
        with self.options.keep() as journal:
            try:
                while not self._turns.may_begin(plan.name, turn):
                    yield None
                if asks := self._begin_children(plan, parents, cursor):
                    for part in self._enough.parts(asks, self.ledger.entries[plan.name]):
                        yield from self._pages(plan, part, cursor, journal)
            except HomeroomError as error:
                self._fail(plan, error)
            finally:
                self._turns.end(plan.name)
            self._judge_latecomer(plan)
            is_open, repeats = lambda: self._root_of(plan.name) in self._roots, lambda: self._must_choose(plan.name)
            yield from self._lanes.finish_last(plan.name, is_open, repeats)

    def _begin_children(self, plan: ResourcePlan, parents: Sequence[Any], cursor: Any) -> list[Ask]:
        """What is to be asked for some parents, from now on; nothing where nothing more is wanted."""
        entry = self.ledger.entries[plan.name]
        self._turns.begin(plan.name)
        if entry.error is not None or self._enough.is_there(entry) or not parents:
            return []
        asks = child_asks(plan, parents, cursor, self.cursors.own(plan.name))
        entry.begin()
        return asks

    def _root_of(self, name: str) -> str:
        parent = self.ledger.entries[name].parent if name in self.ledger.entries else None
        return name if parent is None else self._root_of(parent)

    def _begin_orphan(self, plan: ResourcePlan) -> None:
        """A child of a `DltResource` of the user's: nobody tells when that begins, but its pipe is a new one then."""
        read = seam.current_pipe()
        if self._root_of(plan.name) not in self.ledger.entries and self._reads.get(plan.name) is not read:
            self._reads[plan.name] = read
            self._forget(plan.name)
            self.ledger.entries[plan.name].reset()
            self.started_at = datetime.now(UTC)

    def _judge_latecomer(self, plan: ResourcePlan) -> None:
        """Judge a child whose root is not ours, or has settled while the user's steps still held rows back."""
        if self._root_of(plan.name) in self._roots:
            return
        verdict = self.ledger.entries[plan.name].verdict(None)
        self.cursors.keep(plan.name, verdict, None)
        if self.options.refuses_incomplete and verdict.status is Status.INCOMPLETE:
            raise _incomplete(plan.name, verdict)

    def _forget(self, name: str) -> None:
        """A new read of this resource begins."""
        self._turns.forget(name)
        self._lanes.forget(name)
        self.entrance.contracts.forget(name)
        self.arrivals.forget(name)
        self._scopes.forget(name)
        self.cursors.begin(name)
        if self.entrance.forgetting is not None:
            self.entrance.forgetting.begin(name)

    def _start_family(self, plan: ResourcePlan) -> None:
        for name in (plan.name, *self._descendants(plan.name)):
            self._forget(name)
        self.ledger.begin(plan.name)
        emit(self.options.hooks, ResourceStarted(plan.name))

    def _chain(self, plan: ResourcePlan, ask: Ask) -> Chain:
        chain = chain_of(plan, ask, self._turns.next_chain(plan.name), self._settings.limits.json_depth)
        return self._enough.cut(chain, self.ledger.entries[plan.name])

    def _pages(
        self, plan: ResourcePlan, asks: Sequence[Ask], cursor: Any, journal: Journal | None
    ) -> Iterator[Rows | None]:
        entry = self.ledger.entries[plan.name]
        emit(self.options.hooks, ListsAsked(plan.name, len(asks), self.options.limit))
        stream = self._engine.open([self._chain(plan, ask) for ask in asks], journal)
        try:
            given = {chain.number: ask.given for chain, ask in zip(stream.chains, asks, strict=True)}
            rules = self.entrance.rules(plan.name)
            if plan.parent_columns:
                read = zip(stream.chains, asks, strict=True)
                known = partial(self.entrance.hiding.values, plan.name, plan.parent_columns)
                parents = ((chain.number, known(parent)) for chain, ask in read for parent in ask.parents)
                self._scopes.begin(plan.name, parents)
            passes = self._passes(plan, stream.chains)
            self.arrivals.begin(plan.name, rules)
            followed = Followed(stream.chains, asks, entry, self.cursors.own(plan.name), passes.first_of)
            yield from self._taken(plan, stream, given, passes, followed, rules, cursor)
            while chains := passes.due():
                given |= {chain.number: given[before] for before, chain in chains.items()}
                entry.retract(chains)
                emit(self.options.hooks, ListsAsked(plan.name, len(chains), self.options.limit, again=True))
                stream = self._engine.open([*chains.values()], journal)
                yield from self._taken(plan, stream, given, passes, followed, rules, cursor)
            if not self.options.is_cut:
                refuse_too_few(plan.name, asks[0].request, entry.rows_received, self._settings)
        except GeneratorExit:
            self._note_closed(entry, stream, cursor)
            self._lanes.give_up(plan.name)
            raise
        except HomeroomError as error:
            self._fail(plan, error)
        except Exception as error:
            if self.options.strict:
                self._lanes.give_up(plan.name)
                raise  # as dlt does: it is the user's own code, a hook or an auth
            if why := disk_reason(error):
                told = f"resource {plan.name}, rows cannot be written: {why}; make room there"
                self._fail(plan, DiskError(told, resource=plan.name))
            what = type(error).__name__
            words = f"resource {plan.name}, an unexpected {what} ended its read: code of the config, or a fault of ours"
            words = f"{words}; look at the config's own steps and classes"
            self._fail(plan, DataError(words, resource=plan.name, code="own-code-failed"))
        finally:
            stream.close()

    def _taken(
        self,
        plan: ResourcePlan,
        stream: Stream,
        given: Mapping[int, Mapping[str, Any]],
        passes: Passes,
        followed: Followed,
        rules: RowRules,
        cursor: Any,
    ) -> Iterator[Rows | None]:
        """The rows of a stream, and its ends into the ledger. Closes the stream where it was read to its end."""
        entry = self.ledger.entries[plan.name]
        lane: Lane | None = None
        while not stream.exhausted:
            items = [] if self._turns.must_wait(plan.name) else _at_hand(stream, several=lane is not None)
            if not items:
                yield None
            followed.see(items)
            self.cursors.see(plan, items)
            pages = [Source(passes.entered(item), given[item.chain]) for item in items if isinstance(item, Page)]
            if lane is None and any(source.page.facts.rows for source in pages):
                lane = self.entrance.lane(plan, rules, cursor)
            for rows in self.entrance.entered(entry, pages, lane, rules):
                self._turns.give(plan.name)
                yield rows
                if self._enough.is_there(entry):
                    entry.stop(f"stopped at {self.options.limit or entry.rows_received} rows as asked")
                    return
            for item in items:
                if isinstance(item, ChainEnd):
                    emit(self.options.hooks, ListRead(plan.name))
                    said = entry.chain_end(*passes.ended(item, entry.count_of(item.chain)))
                    followed.ended(item.chain, said.status)
                    self._scopes.ended(plan.name, passes.first_of(item.chain), said.status)
                elif not isinstance(item, Page):
                    raise item
        stream.close()

    def _must_choose(self, name: str) -> bool:
        """Whether a key came twice in rows that are merged by it."""
        resource = seam.current_resource(name)
        return resource is not None and seam.merges_by_key(resource) and self.ledger.entries[name].has_repeats

    def _passes(self, plan: ResourcePlan, chains: Sequence[Chain]) -> Passes:
        """How often the chains may be read again; a part of a list is never."""
        resource = seam.current_resource(plan.name)
        most = 0 if self.options.is_cut else self._settings.repair_passes
        merges = resource is not None and seam.in_extraction() and seam.merges_by_key(resource)
        once = most > 0 and not (merges and not self._turns.children_of(plan.name))
        return Passes(chains, most, lambda: self._turns.next_chain(plan.name), once=once)

    def _note_closed(self, entry: ResourceLedger, stream: Stream, cursor: Any) -> None:
        """dlt wants no more: the user's limit, or rows in order of the cursor that have left its range."""
        if cursor is not None and cursor.can_close():
            note = "the rest is out of the cursor's range, if rows come in its order (row_order)"
            entry.chain_end(ChainEnd(stream.current_chain.number, Proof.END, note=note))
        else:
            entry.stop("its reader wanted no more pages")

    def _descendants(self, name: str) -> list[str]:
        return [entry.resource for entry in self.ledger.family(name)[1:]]

    def _fail(self, plan: ResourcePlan, error: HomeroomError) -> None:
        error.resource = error.resource or plan.name
        self._lanes.give_up(plan.name)
        self.ledger.entries[plan.name].fail(error)
        if self.options.strict or self.options.fail_fast or isinstance(error, DiskError | ContractError):
            raise error  # on a full disk nothing else would fare better; a frozen contract lets nothing land

    def _settle(self, root: str) -> None:
        """Judge a family when all of it was read. Strict reading raises at the first that is not whole."""
        self._keep_tables(root)
        names = [root, *self._descendants(root)]
        selected = [name for name in names if (r := seam.current_resource(name)) is not None and r.selected]
        for name in names:
            entry = self.ledger.entries[name]
            for said in self.entrance.hiding.remarks(name) if entry.rows_received else ():
                entry.remark(said)
            self.entrance.hiding.settle(name)
            if self.entrance.forgetting is not None and (forgotten := self.entrance.forgetting.remark(name)):
                entry.remark(forgotten)
        verdicts = self.ledger.verdicts(selected)
        for name, verdict in verdicts.items():
            if name not in names:
                continue
            rows = self.ledger.entries[name].rows_received
            emit(self.options.hooks, ResourceFinished(name, verdict.status, rows, verdict.told))
            if name in selected:
                self.cursors.keep(name, verdict, verdicts.get(self.ledger.entries[name].parent or ""))
            else:
                self.cursors.hold(name)  # it was read for its children alone, and its rows go nowhere
            if name in self._settings.naming_deleted & set(selected):
                self._note_read(name, verdict)
            if self.options.refuses_incomplete and verdict.status is Status.INCOMPLETE:
                raise _incomplete(name, verdict)

    def _note_read(self, name: str, verdict: Verdict) -> None:
        """Note which load holds a read whose rows name deleted ones. Pages of an earlier run are older than it."""
        whole = verdict.status in (Status.COMPLETE, Status.UNPROVED) and not self.ledger.entries[name].is_resumed
        if verdict.status is not Status.FAILED:
            asked = next(plan.asked for plan in self.plan.resources if plan.name == name)
            note_read(name, asked, whole=whole)

    def _keep_tables(self, root: str) -> None:
        """A plain run without a row never empties a table: dlt would truncate it. A whole job is guarded for that."""
        family = self.ledger.family(root)
        if not self.options.strict and not self.options.allow_deletes:
            keep_from_increments(family, self.cursors.reads_in_part)
        for entry, table in emptied(family) if self.options.strict else ():
            entry.keep_table(
                f"0 rows came, and replace would empty the table {table}, which holds rows; "
                "it was left as it was: if it shall be empty, empty it yourself"
            )

    def scope(self, name: str) -> Scope | None:
        """The parents that a child was read for to a proved end; None where its rows do not tell theirs."""
        plan = next(plan for plan in self.plan.resources if plan.name == name)
        if not plan.parent_columns:
            return None
        cut_short = self.options.is_cut or self.ledger.entries[name].was_cut_short
        return Scope(plan.parent_columns, frozenset() if cut_short else self._scopes.parents(name))


def _at_hand(stream: Stream, *, several: bool) -> list[Item]:
    """The next item; with `several` all further ones that come without a pause, up to a batch."""
    first = stream.take(POLL_S)
    items = [] if first is None else [first]
    size = 0
    while several and items and isinstance(items[-1], Page | ChainEnd) and not stream.exhausted:
        size += len(items[-1].body) if isinstance(items[-1], Page) else 0
        if size > BATCH_BYTES or len(items) >= BATCH_PAGES or (item := stream.take(LINGER_S)) is None:
            break
        items.append(item)
    return items


def _incomplete(resource: str, verdict: Verdict) -> IncompleteError:
    told = f"resource {resource} is incomplete: {verdict.note}; nothing was loaded"
    return IncompleteError(told, resource=resource, code=verdict.code)
