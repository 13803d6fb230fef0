"""One run, from an opened pipeline to its written report."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import orjson

from homeroom import history, load, resume
from homeroom._version import __version__
from homeroom.codes import tagged
from homeroom.config import placed
from homeroom.edu_values import ModelReport
from homeroom.errors import DiskError, HomeroomError, IncompleteError
from homeroom.events import HistoryNotWritten, Hook, LooksPersonal, ReadPlanned, StageStarted, emit
from homeroom.interrupts import Interrupts
from homeroom.privacy.seal import seal_of
from homeroom.report import to_json, worst_status
from homeroom.secrets import mask_text
from homeroom.sync_run import absence
from homeroom.sync_run.changes import schema_changes
from homeroom.sync_run.deleted import Deleted, with_deleted, with_more
from homeroom.sync_run.deletes import Deletes
from homeroom.sync_run.ending import ending_told
from homeroom.sync_run.fitting import refuse_misfits
from homeroom.sync_run.forgotten import heed_forgotten
from homeroom.sync_run.landing import COMES_AGAIN, kept_line, refused_resources
from homeroom.sync_run.made_up import make_up
from homeroom.sync_run.masking import masked_hooks, masked_line
from homeroom.sync_run.options import SyncOptions, chosen, refuse_doubled, span_of, with_cursors
from homeroom.sync_run.owed import Debt, DebtFile
from homeroom.sync_run.personal import personal_columns
from homeroom.sync_run.raw import about_run, keep_pages
from homeroom.sync_run.rekey import choose_rekeyed, settle_rekeyed
from homeroom.sync_run.replay_folder import finish_replays
from homeroom.sync_run.scopes import FamilyReads
from homeroom.values import Config, Report, ResourceReport, ResourceSettings, Status

if TYPE_CHECKING:
    from dlt import Pipeline, Schema

    from homeroom.journal import Head, Journal
    from homeroom.source import RestApiSource
    from homeroom.source.reading import Reading


class Run:
    """One run. It holds the lock of its target, and our settings for dlt are on."""

    def __init__(
        self,
        config: Config,
        options: SyncOptions,
        hooks: tuple[Hook, ...],
        target: load.Target,
        home: Path,
        now: Callable[[], datetime],
    ) -> None:
        self._config = config
        self._options = options
        self._hooks = masked_hooks(hooks, config.secrets)
        self._target = target
        self._home = home
        self._now = now
        self._interrupts = Interrupts(self._wind_down)
        self._reading: Reading | None = None
        self._landed = False
        self._started = now()
        self._id = f"{self._started:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
        self._replay_of = ""
        self._file: str | None = None
        self._schema: str | None = None
        self._debts = DebtFile(home / "deletes" / f"{config.name}-{load.target_id(target)}.json")

    def go(self) -> Report:
        """Read, load, prove; the report. An error that it raises says what landed, and what is kept."""
        with self._interrupts.heeded():
            cut = self._options.limit is not None or self._options.glance is not None
            if self._config.sync.journal is False or cut:
                with self._ending(None):
                    return self._go(None)
            journal = self._open_journal()
            try:
                with self._ending(journal):
                    return self._go(journal)
            finally:
                journal.leave()

    def _ending(self, journal: Journal | None) -> AbstractContextManager[None]:
        landed, resumes = lambda: self._landed, self._options.resume
        return ending_told(journal, landed, self._hooks, resumes=resumes, secrets=self._config.secrets)

    def _wind_down(self) -> None:
        if self._reading is not None:
            self._reading.wind_down()

    def _go(self, journal: Journal | None) -> Report:
        with placed(self._config.file):
            source = self._source(journal)
        self._stage("read")
        pipeline = self._opened(journal, source)
        if self._reading is not None:
            heed_forgotten(pipeline, self._reading, self._config, self._home)
        emit(self._hooks, ReadPlanned(_with_parents(source)))
        self._file = load.unnamed_file(pipeline, self._target)
        anew = choose_rekeyed(pipeline, source) if self._options.rekey else frozenset()
        rules = absence.rules_of(pipeline, self._config.sync, allowed=self._options.allow_deletes or bool(anew))
        load_id = load.extract(pipeline, source, self._target, anew)
        self._schema = load.own_schema(pipeline, self._target)
        if self._interrupts.received is not None:
            raise KeyboardInterrupt(self._interrupts.received)  # code of the config has swallowed it
        if journal is not None:
            journal.seal(load_id)
        report, landing, refused = self._landing(pipeline, source, rules)
        report, landing, refused = settle_rekeyed(pipeline, report, landing, refused, anew, self._hooks)
        families = FamilyReads(pipeline, source, rules, load_id)
        deletes = Deletes(pipeline, source, self._deleting, rules, families, load_id, self._now())
        if landing:
            families.prepare(report, landing)
            deletes.prepare(report, landing)
            self._debts.add(Debt(self._id, load_id, deletes.at, deletes.owed(report)))
            self._load(pipeline, source, report, load_id, landing, refused, rules.before)
        else:
            load.drop_package(pipeline)
        if journal is not None:
            if journal.has_trail and landing:
                keep_pages(journal, self._home, self._hooks)
            resume.let_go(journal, report.errors, landing, refused, source.parents)
        self._stage("report")
        absent = absence.count_absent(pipeline, source, report, landing, load_id)
        within = families.within(report, absent)
        settled = {name for name in absent if report.resources[name].status is Status.COMPLETE}
        if landing:
            report = with_deleted(report, deletes.act(report, absent, within))
        report = with_more(report, self._made_up(pipeline, report, settled, rules))
        self._debts.clear()
        if landing:
            report = replace(report, changes=schema_changes(pipeline, source, landing, rules.before))
        absent = {**{name: found.absent for name, found in within.items()}, **absent}
        tables = load.count_rows(pipeline, {line.table_name for line in report.resources.values()})
        final = self._finished(report, refused, tables, absent, landing)
        load.write_ledger(pipeline, final, source.rejects(landing))
        final = replace(final, model=self._viewed(pipeline))
        self._warn_of_personal(pipeline, {report.resources[name].table_name for name in landing})
        try:
            self._record(final)
        except DiskError as error:  # rows and ledger are written: that stands
            emit(self._hooks, HistoryNotWritten(str(error)))
        return final

    def _warn_of_personal(self, pipeline: Pipeline, tables: Collection[str]) -> None:
        """Name what looks personal, where nobody has said what may be stored."""
        if not tables or self._config.privacy.settings.is_given or self._options.glance is not None:
            return
        if columns := personal_columns(pipeline.default_schema, tables):
            emit(self._hooks, LooksPersonal(columns))

    def _viewed(self, pipeline: Pipeline) -> ModelReport | None:
        """The views of the neutral model, over what the tables hold now."""
        if self._config.model is None:
            return None
        self._stage("model")
        from homeroom.views import views_of

        return views_of(
            pipeline, self._target.kind, self._config.model, self._config.name, run_id=self._id, at=self._now()
        )

    def _made_up(
        self, pipeline: Pipeline, report: Report, settled: Collection[str], rules: absence.Rules
    ) -> Mapping[str, Deleted]:
        earlier = self._debts.earlier
        return make_up(pipeline, earlier, report, settled, self._deleting, rules, self._hooks) if earlier else {}

    @property
    def _deleting(self) -> Mapping[str, ResourceSettings]:
        """By which settings rows are deleted that the API has deleted."""
        return self._config.sync.resources

    def _landing(
        self, pipeline: Pipeline, source: RestApiSource, rules: absence.Rules
    ) -> tuple[Report, set[str], set[str]]:
        """What was read, which resources of it are to be loaded, and which may not."""
        report = source.report
        named = {name: line.table_name for name, line in report.resources.items()}
        # Of a glance all may land: its tables are new, and hold nothing that could be lost or come twice.
        looks = self._options.glance is not None
        own = refused_resources(report, () if looks else absence.taking_away(pipeline, source))
        again = dict.fromkeys(() if looks else source.would_double - own, COMES_AGAIN)
        report, own = absence.with_kept(report, again, self._hooks, "rows-missing"), own | again.keys()
        refused = load.sharing(pipeline, own, named)
        kept = absence.kept_tables(pipeline, source, report, refused, rules)
        report = absence.with_kept(report, kept, self._hooks)
        if kept and self._options.fail_fast:
            name, why = next(iter(kept.items()))
            load.drop_package(pipeline)
            told = f"resource {name} is incomplete: {why}; nothing was loaded"
            raise IncompleteError(told, resource=name, code="deletes-refused")
        refused = load.sharing(pipeline, refused | kept.keys(), named)
        if (refused - own) & (source.with_cursor | self._config.sync.naming_deleted):
            # A cursor that moved cannot be taken back alone, nor what is noted of a read: the state of all is one row.
            refused = set(report.resources)
        return report, set(source.selected_resources) & set(report.resources) - refused, refused

    def _load(
        self,
        pipeline: Pipeline,
        source: RestApiSource,
        report: Report,
        load_id: str,
        landing: Collection[str],
        refused: Collection[str],
        before: Schema,
    ) -> None:
        named = {name: line.table_name for name, line in report.resources.items()}
        load.withhold(pipeline, load_id, refused, named, before)
        if self._options.allow_deletes:
            absence.empty_histories(pipeline, source, load_id, landing)
        self._stage("load")
        load.keep_last(pipeline, load_id, report)
        self._land(pipeline, load_id, report, {named[name] for name in landing})
        self._landed = True

    def _opened(self, journal: Journal | None, source: RestApiSource) -> Pipeline:
        """The pipeline as the destination knows it, ready to read what this run has to read."""
        finish_replays(self._target, self._home)
        pipeline = load.open_pipeline(self._target, self._config.name, self._home)
        load.clear_leftovers(pipeline)
        if journal is not None:
            self._go_on(journal, pipeline, source)
            if self._config.sync.keep_raw:
                reference = self._options.destination or self._config.destination
                about = about_run(
                    self._id, self._started, self._config, self._target, reference, pipeline, source, self._options
                )
                journal.begin_trail(about.to_text())
        return pipeline

    def _land(self, pipeline: Pipeline, load_id: str, report: Report, tables: Collection[str]) -> None:
        """Load what was read; `tables` are the root tables that take part."""
        with self._interrupts.bounded(load.signal_received):
            load.load(pipeline, load.without_repeats(report))

    def _open_journal(self) -> Journal:
        return resume.open_journal(
            self._home,
            f"{self._config.name}-{load.target_id(self._target)}",
            self._head(),
            # No request has the privacy key, so no answer quotes it; to look for it takes a page 0.02 ms.
            self._config.secrets - {self._config.privacy.key or ""},
            within_s=self._config.sync.resume_within_s,
            anew=not self._options.resume,
            now=self._now,
            hooks=self._hooks,
            seal=seal_of(self._config.privacy, self._home),
        )

    def _head(self) -> Head:
        from homeroom.journal import Head

        chosen = f"{','.join(self._options.select)} but {','.join(self._options.exclude)}"
        if self._options.since is not None:
            chosen = f"{chosen} from {self._options.since} to {self._options.until}"
        if self._options.full_refresh:
            chosen = f"{chosen} in full"
        if self._options.rekey:
            chosen = f"{chosen} anew"
        fits = {"version": __version__, "config": self._config.config_hash, "resources": chosen}
        return Head(self._id, self._started, fits)

    def _go_on(self, journal: Journal, pipeline: Pipeline, source: RestApiSource) -> None:
        """Finish the run that the journal is of, if that is an earlier one."""
        head, selected = journal.head, list(source.selected_resources)
        if head is None or head.run_id == self._id:
            return
        left = [name for name in selected if name not in head.landed]
        if not left or (head.load_id and load.was_committed(pipeline, head.load_id)):
            # It was killed after its load: there is nothing to finish.
            if self._config.sync.keep_raw and left:
                keep_pages(journal, self._home, self._hooks)
            journal.begin(self._head())
            return
        source.resources.select(*left)
        if head.run_id:
            self._id, self._started = head.run_id, head.started_at
        resume.tell_resumed(journal, left, self._now(), self._hooks)

    def record_end(self, error: HomeroomError) -> None:
        """Keep in the history that the run ended without a report, and why."""
        self._record(
            Report(
                run_id=self._id,
                name=self._config.name,
                status=Status.FAILED,
                resources=MappingProxyType({}),
                started_at=self._started,
                finished_at=self._now(),
                config_hash=self._config.config_hash,
                version=__version__,
                destination=self._target.shown,
                dataset=self._target.dataset,
                landed=error.landed,
                error=mask_text(tagged(str(error), error.code), self._config.secrets),
                replay_of=self._replay_of,
            )
        )

    def _record(self, report: Report) -> None:
        text = orjson.dumps(to_json(report)).decode()
        history.record_run(self._home, report.run_id, report.name, self._started.isoformat(), text)

    def _stage(self, name: str) -> None:
        emit(self._hooks, StageStarted(name))

    def _source(self, journal: Journal | None) -> RestApiSource:
        from homeroom.source import make_source
        from homeroom.source.options import ReadingOptions

        told = self._options
        head = None if journal is None else journal.head
        begun = self._started if head is None else head.started_at
        span = span_of(told, begun)
        options = ReadingOptions(
            strict=False,
            fail_fast=told.fail_fast,
            limit=told.limit,
            hooks=self._hooks,
            journal=journal,
            allow_deletes=told.allow_deletes,
            span=span,
            begun_at=begun,
            full_refresh=told.full_refresh or told.rekey,
            glance=told.glance,
            privacy=self._config.privacy,
        )
        source = make_source(self._config.source, self._config.sync, options)
        self._reading = source.reading
        names = chosen([n for n, r in source.resources.items() if r.selected], source.resources, self._options)
        # A span of a list of deletes may be older than what was read of it; what is new comes without one.
        spanned = source.with_times - self._config.sync.naming_deleted
        if told.full_refresh:
            refuse_doubled(names, source.doubled)
        refuse_misfits(source.resources, names, self._config.source, self._config.sync, self._target)
        source.resources.select(*(names if span is None else with_cursors(names, spanned)))
        return source

    def _deleted(self, line: ResourceReport) -> str:
        """What was deleted, in words; empty where nothing was."""
        if not line.rows_deleted or line.resource not in self._deleting:
            return ""
        rows = "1 row" if line.rows_deleted == 1 else f"{line.rows_deleted:,} rows"
        return f"{rows} {'marked as deleted' if self._deleting[line.resource].deletes == 'soft' else 'taken out'}"

    def _finished(
        self,
        report: Report,
        refused: Collection[str],
        tables: Mapping[str, int],
        absent: Mapping[str, int],
        landing: Collection[str],
    ) -> Report:
        kept = {name: kept_line(line) if name in refused else line for name, line in report.resources.items()}
        lines = {
            name: replace(
                line,
                rows_absent=absent.get(name),
                rows_in_table=tables.get(line.table_name),
                note=mask_text("; ".join(filter(None, (self._deleted(line), line.note))), self._config.secrets),
            )
            for name, line in kept.items()
        }
        return replace(
            report,
            by_hand={name: masked_line(line, self._config.secrets) for name, line in report.by_hand.items()},
            run_id=self._id,
            name=self._config.name,
            status=worst_status(lines.values()),
            resources=MappingProxyType(lines),
            started_at=self._started,
            finished_at=self._now(),
            config_hash=self._config.config_hash,
            destination=self._target.shown,
            dataset=self._target.dataset,
            landed=bool(landing),
            rows_loaded=sum(report.resources[name].rows_received for name in landing),
            file=self._file,
            schema=self._schema,
            replay_of=self._replay_of,
        )


def _with_parents(source: RestApiSource) -> tuple[tuple[str, str | None], ...]:
    """What is going to be read: the selected resources, and those that they are asked for by, with their parents."""
    parents, read = source.parents, set[str]()
    for name in source.selected_resources:
        above: str | None = name
        while above is not None and above not in read:
            read.add(above)
            above = parents.get(above)
    return tuple((name, parent) for name, parent in parents.items() if name in read)
