"""One run, from an opened pipeline to its written report."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import orjson

from homeroom import history, load, resume
from homeroom._version import __version__
from homeroom.config import placed
from homeroom.errors import HomeroomError
from homeroom.events import Hook, StageStarted, emit
from homeroom.report import to_json, worst_status
from homeroom.secrets import mask_text
from homeroom.sync_run.landing import kept_line, refused_resources, replacing
from homeroom.sync_run.options import SyncOptions, chosen, span_of, with_cursors
from homeroom.values import Config, Report, Status

if TYPE_CHECKING:
    from dlt import Pipeline

    from homeroom.journal import Head, Journal
    from homeroom.source import RestApiSource


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
        self._hooks = hooks
        self._target = target
        self._home = home
        self._now = now
        self._started = now()
        self._id = f"{self._started:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"

    def go(self) -> Report:
        """Read, load, prove; the report."""
        if self._config.sync.journal is False or self._options.limit is not None:
            return self._go(None)
        journal = self._open_journal()
        try:
            return self._go(journal)
        finally:
            journal.leave()

    def _go(self, journal: Journal | None) -> Report:
        with placed(self._config.file):
            source = self._source(journal)
        pipeline = load.open_pipeline(self._target, self._config.name, self._home)
        self._stage("read")
        load.clear_leftovers(pipeline)
        if journal is not None:
            self._go_on(journal, pipeline, source)
        load_id = load.extract(pipeline, source, self._target)
        if journal is not None:
            journal.seal(load_id)
        report = source.report
        named = {name: line.table_name for name, line in report.resources.items()}
        own = refused_resources(report, replacing(source))
        refused = load.sharing(pipeline, own, named)
        if (refused - own) & source.with_cursor:
            # A cursor that moved cannot be taken back alone: the state of all is one row.
            refused = set(report.resources)
        if landing := set(source.selected_resources) & set(report.resources) - refused:
            load.withhold(pipeline, load_id, refused, named)
            self._stage("load")
            load.keep_last(pipeline, load_id, report)
            load.load(pipeline, load.without_repeats(report))
        else:
            load.drop_package(pipeline)
        if journal is not None:
            resume.let_go(journal, report.errors, landing, refused, source.parents)
        self._stage("report")
        tables = load.count_rows(pipeline, {line.table_name for line in report.resources.values()})
        final = self._finished(report, refused, tables, landed=bool(landing))
        load.write_ledger(pipeline, final)
        self._record(final)
        return final

    def _open_journal(self) -> Journal:
        return resume.open_journal(
            self._home,
            f"{self._config.name}-{load.target_id(self._target)}",
            self._head(),
            self._config.secrets,
            within_s=self._config.sync.resume_within_s,
            anew=not self._options.resume,
            now=self._now,
            hooks=self._hooks,
        )

    def _head(self) -> Head:
        from homeroom.journal import Head

        chosen = f"{','.join(self._options.select)} but {','.join(self._options.exclude)}"
        if self._options.since is not None:
            chosen = f"{chosen} from {self._options.since} to {self._options.until}"
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
                landed=getattr(error, "landed", False),
                error=mask_text(str(error), self._config.secrets),
            )
        )

    def _record(self, report: Report) -> None:
        text = orjson.dumps(to_json(report)).decode()
        history.record_run(self._home, report.run_id, report.name, self._started.isoformat(), text)

    def _stage(self, name: str) -> None:
        emit(self._hooks, StageStarted(name))

    def _source(self, journal: Journal | None) -> RestApiSource:
        from homeroom.source import make_source
        from homeroom.source.reading import ReadingOptions

        span = span_of(self._options, self._started)
        options = ReadingOptions(strict=False, limit=self._options.limit, hooks=self._hooks, journal=journal, span=span)
        source = make_source(self._config.source, self._config.sync, options)
        names = chosen([n for n, r in source.resources.items() if r.selected], source.resources, self._options)
        source.resources.select(*(names if span is None else with_cursors(names, source.with_cursor)))
        return source

    def _finished(self, report: Report, refused: Collection[str], tables: Mapping[str, int], *, landed: bool) -> Report:
        kept = {name: kept_line(line) if name in refused else line for name, line in report.resources.items()}
        lines = {
            name: replace(
                line, rows_in_table=tables.get(line.table_name), note=mask_text(line.note, self._config.secrets)
            )
            for name, line in kept.items()
        }
        return replace(
            report,
            run_id=self._id,
            name=self._config.name,
            status=worst_status(lines.values()),
            resources=MappingProxyType(lines),
            started_at=self._started,
            finished_at=self._now(),
            config_hash=self._config.config_hash,
            destination=self._target.shown,
            dataset=self._target.dataset,
            landed=landed,
        )
