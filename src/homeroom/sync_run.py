"""The whole job: a config is read, its source extracted, loaded, proved and written down.

The rows go the one way that `pipeline.run` also goes: the same DltSource through dlt's extract, normalise and
load. Between them stand our own acts: leftovers of a killed run are cleared, resources that failed are
withheld from the load, rows are counted, the ledger is written last.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import orjson

from homeroom import history, load, resume
from homeroom._version import __version__
from homeroom.config import load_config, placed
from homeroom.config.quantities import read_rate
from homeroom.errors import ConfigError, HomeroomError, InterruptError, LoadError, Problem, StoppedError
from homeroom.events import Hook, StageStarted, emit
from homeroom.lock import only_run
from homeroom.report import to_json, worst_status
from homeroom.report.build import WHOLE
from homeroom.secrets import mask_text
from homeroom.values import Config, Report, ResourceReport, Status, SyncSettings

if TYPE_CHECKING:
    from dlt import Pipeline

    from homeroom.journal import Head, Journal
    from homeroom.source import RestApiSource


@dataclass(frozen=True, slots=True)
class SyncOptions:
    """What a run may be told beside its config.

    `select` and `exclude` are patterns of resource names (`enroll*`); `limit` is the most rows of each
    resource, None for all; `concurrency` and `rate` (`10/s`, `600/min`) override the config's. `home` is
    where local state lives, None for `HOMEROOM_HOME` or `~/.homeroom`. `resume`: an unfinished run is finished.
    """

    destination: str | None = None
    dataset: str | None = None
    select: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    limit: int | None = None
    concurrency: int | None = None
    rate: str | None = None
    home: Path | None = None
    resume: bool = True


def home_folder(given: Path | None = None) -> Path:
    """Where local state lives: history, locks, dlt's working folders."""
    return given or Path(os.environ.get("HOMEROOM_HOME") or Path.home() / ".homeroom")


def sync(
    config: str | os.PathLike[str],
    *,
    destination: str | None = None,
    dataset: str | None = None,
    select: Sequence[str] = (),
    exclude: Sequence[str] = (),
    limit: int | None = None,
    concurrency: int | None = None,
    rate: str | None = None,
    hooks: Sequence[Hook] = (),
    home: Path | None = None,
    resume: bool = True,
) -> Report:
    """Bring the destination in step with the API: the whole job, as `homeroom sync` does it.

    A run that was killed or stopped is finished: its pages are kept in a journal, and not asked for again.
    A resource that fails does not stop the others; what it was is in the report, and nothing of it is
    loaded. `replace` never empties a table, nor takes the place of rows by an incomplete read.

    Args:
        config: path of a YAML, TOML or JSON file, or `module:attribute`.
        destination: a URL such as `duckdb:///campus.duckdb`, or a dlt destination's name; the config's if None.
        dataset: the config's if None.
        select, exclude: patterns of resource names; parents of a selected child are read but not loaded.
        limit: most rows of each resource, which then ends `incomplete`; None for all.
        concurrency: most requests in flight to one host; the config's if None.
        rate: most requests to one host in a time, as in a config: `10/s`, `600/min`; the config's if None.
        hooks: callables that are given the events of `homeroom.events`.
        home: where local state lives; `HOMEROOM_HOME`, else `~/.homeroom`, if None.
        resume: finish an unfinished run, if there is one; else begin anew.

    Raises:
        ConfigError: nothing was requested or written.
        LoadError: the destination failed; tables committed before that keep this run's rows.
        StoppedError: the journal cannot be written.
        InterruptError: Ctrl-C or SIGTERM; the tables hold what they held, or whole tables of this run.
    """
    options = SyncOptions(destination, dataset, tuple(select), tuple(exclude), limit, concurrency, rate, home, resume)
    return sync_config(load_config(os.fspath(config), environ=os.environ), options, hooks)


def sync_config(
    config: Config,
    options: SyncOptions,
    hooks: Sequence[Hook] = (),
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Report:
    """`sync` for a config that is already read."""
    home = home_folder(options.home)
    settings = told_settings(config.sync, options)
    at = ("--to" if options.destination else "destination", "--dataset" if options.dataset else "dataset")
    with placed(config.file):
        destination, dataset = options.destination or config.destination, options.dataset or config.dataset
        target = load.choose_target(destination, dataset, config.name, at=at)
    with load.our_settings(target), only_run(home, load.target_id(target), f"{target.shown}, dataset {target.dataset}"):
        run = _Run(replace(config, sync=settings), options, tuple(hooks), target, home, now)
        try:
            return run.go()
        except (LoadError, InterruptError, StoppedError) as error:
            run.record_end(error)
            raise


def told_settings(settings: SyncSettings, options: SyncOptions) -> SyncSettings:
    """The config's settings with what this run was told instead. Raises `ConfigError` for a rate that is none."""
    settings = replace(settings, tables=settings.tables or "improved")
    if options.concurrency is not None:
        settings = replace(settings, concurrency=options.concurrency)
    if options.rate is None:
        return settings
    try:
        rate = read_rate(options.rate)
    except ValueError:
        rate = 0.0
    if rate <= 0:
        allowed = "requests in a time, such as 10/s, 600/min or 5000/h"
        raise ConfigError([Problem("--rate", "not a rate", repr(options.rate), allowed)])
    return replace(settings, rate=rate)


class _Run:
    """One run, from an opened pipeline to its written report."""

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
        own = refused_resources(report, _replacing(source))
        refused = load.sharing(pipeline, own, named)
        if (refused - own) & source.with_cursor:
            # A cursor that moved cannot be taken back alone: the state of all is one row.
            refused = set(report.resources)
        if landing := set(source.selected_resources) & set(report.resources) - refused:
            load.withhold(pipeline, load_id, refused, named)
            self._stage("load")
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

        options = ReadingOptions(strict=False, limit=self._options.limit, hooks=self._hooks, journal=journal)
        source = make_source(self._config.source, self._config.sync, options)
        names = chosen([n for n, r in source.resources.items() if r.selected], source.resources, self._options)
        source.resources.select(*names)
        return source

    def _finished(self, report: Report, refused: Collection[str], tables: Mapping[str, int], *, landed: bool) -> Report:
        kept = {name: _kept(line) if name in refused else line for name, line in report.resources.items()}
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


def _kept(line: ResourceReport) -> ResourceReport:
    """A line whose rows were withheld although it was read to its end."""
    if line.status in WHOLE:
        note = "not loaded: a table is shared with a resource that failed"
        return replace(line, status=Status.INCOMPLETE, proof=None, note=note)
    return line


def _replacing(source: RestApiSource) -> set[str]:
    from homeroom.dlt_seam.extraction import replaces

    return {name for name, resource in source.resources.items() if replaces(resource)}


def refused_resources(report: Report, replacing: Collection[str]) -> set[str]:
    """Resources of which nothing may be loaded: not read to the end, or not wholly where rows would be replaced."""
    return {
        name
        for name, line in report.resources.items()
        if line.status in (Status.FAILED, Status.SKIPPED) or (name in replacing and line.status is Status.INCOMPLETE)
    }


def chosen(default: Sequence[str], all_names: Collection[str], options: SyncOptions) -> list[str]:
    """The resources to load, in the config's order. Raises `ConfigError` for a pattern that fits none."""
    problems = [
        Problem(flag, "no resource has such a name", repr(pattern), ", ".join(all_names), _nearest(pattern, all_names))
        for flag, patterns in (("--select", options.select), ("--exclude", options.exclude))
        for pattern in patterns
        if not any(fnmatchcase(name, pattern) for name in all_names)
    ]
    if problems:
        raise ConfigError(problems)
    wanted = [n for n in all_names if _fits(n, options.select)] if options.select else list(default)
    left = [name for name in wanted if not _fits(name, options.exclude)]
    if not left:
        raise ConfigError([Problem("--exclude", "no resource is left to read", ", ".join(options.exclude))])
    return left


def _nearest(word: str, known: Collection[str]) -> str | None:
    close = get_close_matches(word, known, n=1)
    return f"did you mean {close[0]}?" if close else None


def _fits(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


@dataclass(frozen=True, slots=True)
class Checked:
    """A config that is right, as far as can be told without asking the API.

    `destination` and `dataset` are None where no destination is named.
    """

    name: str
    resources: tuple[str, ...]
    destination: str | None
    dataset: str | None


def check_config(reference: str) -> Checked:
    """Check a config offline: the file, the plan of its resources, its destination, its credentials.

    Raises `ConfigError` with every problem, each with the line it stands on.
    """
    from homeroom.plan import build_plan

    config = load_config(reference, environ=os.environ)
    with placed(reference):
        plan = build_plan(config.source, config.sync)
        target = load.choose_target(config.destination, config.dataset, config.name) if config.destination else None
    shown, dataset = (target.shown, target.dataset) if target else (None, None)
    return Checked(config.name, plan.order, shown, dataset)
