"""The whole job: a config is read, its source extracted, loaded, proved and written down.

The rows go the one way that `pipeline.run` also goes: the same DltSource through dlt's extract, normalise and
load. Between them stand our own acts: leftovers of a killed run are cleared, resources that failed are
withheld from the load, rows are counted, the ledger is written last.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import orjson
from filelock import FileLock, Timeout

from homeroom import history, load
from homeroom._version import __version__
from homeroom.config import load_config, placed
from homeroom.config.quantities import read_rate
from homeroom.errors import ConfigError, HomeroomError, InterruptError, LoadError, Problem
from homeroom.events import Hook, StageStarted, emit
from homeroom.report import to_json, worst_status
from homeroom.report.build import WHOLE
from homeroom.secrets import mask_text
from homeroom.values import Config, Report, ResourceReport, Status, SyncSettings

if TYPE_CHECKING:
    from homeroom.source import RestApiSource

_DLT_DEFAULTS = {
    # Nobody is told of a school's runs.
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    # dlt keeps every loaded row a second time in its working folder and a third time in the staging dataset.
    "LOAD__DELETE_COMPLETED_JOBS": "true",
    "LOAD__TRUNCATE_STAGING_DATASET": "true",
    # What dlt would warn of is in the report, or is ours to say; its errors quote rows.
    "RUNTIME__LOG_LEVEL": "CRITICAL",
}
# dlt's choice empties the tables first and fills them then: a failed or killed load would leave them empty.
_STAGED_REPLACE = {"DESTINATION__REPLACE_STRATEGY": "insert-from-staging"}


@dataclass(frozen=True, slots=True)
class SyncOptions:
    """What a run may be told beside its config.

    `select` and `exclude` are patterns of resource names (`enroll*`); `limit` is the most rows of each
    resource, None for all; `concurrency` and `rate` (`10/s`, `600/min`) override the config's. `home` is
    where local state lives, None for `HOMEROOM_HOME` or `~/.homeroom`.
    """

    destination: str | None = None
    dataset: str | None = None
    select: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    limit: int | None = None
    concurrency: int | None = None
    rate: str | None = None
    home: Path | None = None


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
) -> Report:
    """Bring the destination in step with the API: the whole job, as `homeroom sync` does it.

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

    Raises:
        ConfigError: nothing was requested or written.
        LoadError: the destination failed; tables committed before that keep this run's rows.
        InterruptError: Ctrl-C or SIGTERM; the tables hold what they held, or whole tables of this run.
    """
    options = SyncOptions(destination, dataset, tuple(select), tuple(exclude), limit, concurrency, rate, home)
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
    with _dlt_settings(target), _only_run(home, target):
        run = _Run(replace(config, sync=settings), options, tuple(hooks), target, home, now)
        try:
            return run.go()
        except (LoadError, InterruptError) as error:
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
        with placed(self._config.file):
            source = self._source()
        pipeline = load.open_pipeline(self._target, self._config.name, self._home)
        self._stage("read")
        load.clear_leftovers(pipeline)
        load_id = load.extract(pipeline, source, self._target)
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
        self._stage("report")
        tables = load.count_rows(pipeline, {line.table_name for line in report.resources.values()})
        final = self._finished(report, refused, tables, landed=bool(landing))
        load.write_ledger(pipeline, final)
        self._record(final)
        return final

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

    def _source(self) -> RestApiSource:
        from homeroom.source import make_source
        from homeroom.source.reading import ReadingOptions

        options = ReadingOptions(strict=False, limit=self._options.limit, hooks=self._hooks)
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


@contextmanager
def _dlt_settings(target: load.Target) -> Iterator[None]:
    """Our defaults for dlt while a run lasts; what the user has set stays as it is."""
    import dlt

    defaults = _DLT_DEFAULTS | (_STAGED_REPLACE if load.stages_replace(target) else {})
    # What dlt would find by itself (the environment, config.toml) is the user's word.
    ours = {key: value for key, value in defaults.items() if dlt.config.get(key.lower().replace("__", ".")) is None}
    os.environ.update(ours)
    try:
        with load.settings_read_again():
            yield
    finally:
        for key in ours:
            os.environ.pop(key, None)


@contextmanager
def _only_run(home: Path, target: load.Target) -> Iterator[None]:
    """One run at a time for a destination and dataset: two would clear each other's packages as leftovers."""
    folder = history.private_folder(history.private_folder(home) / "locks")
    try:
        with FileLock(folder / f"{load.target_id(target)}.lock", timeout=0, mode=0o600):
            yield
    except Timeout:
        raise LoadError(
            f"another run writes to {target.shown}, dataset {target.dataset}, at this moment; wait for its end, "
            "or write to another dataset with --dataset"
        ) from None


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
