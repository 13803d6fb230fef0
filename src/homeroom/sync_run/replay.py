"""`homeroom replay`: the tables of a run, rebuilt from its kept pages without a request.

The rows go the one way of every run, from the DltSource to the ledger. What differs: pages are read from the file, the
cursors begin where they stood before the run, and the rows take the place of those that the run has appended.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from homeroom import load
from homeroom.config import load_config, placed
from homeroom.errors import ConfigError, DiskError, HomeroomError, Problem
from homeroom.events import Hook
from homeroom.history import home_folder, list_runs
from homeroom.lock import only_run
from homeroom.privacy.seal import seal_of
from homeroom.report import from_json
from homeroom.resume import veiled_forms
from homeroom.sync_run.job import Run
from homeroom.sync_run.options import SyncOptions, refuse_empty, told_settings
from homeroom.sync_run.owed import DebtFile
from homeroom.sync_run.raw import find_kept
from homeroom.sync_run.replay_folder import Taking, drop_folder, finish_replays, note_taking, open_folder
from homeroom.values import Config, Report, ResourceSettings

if TYPE_CHECKING:
    from dlt import Pipeline

    from homeroom.journal import About, Journal, KeptRun
    from homeroom.source import RestApiSource

_MOST_RUNS = 1_000_000


@dataclass(frozen=True, slots=True)
class ReplayOptions:
    """What a replay may be told.

    `config` is where the run's config lies now, None for where it lay. `destination` and `dataset` are the run's own
    if None. `older`: over the rows of later runs, too. `home` as in `SyncOptions`.
    """

    config: str | None = None
    destination: str | None = None
    dataset: str | None = None
    older: bool = False
    home: Path | None = None

    def __post_init__(self) -> None:
        refuse_empty(self.destination, self.dataset)


def replay(
    run: str,
    options: ReplayOptions,
    hooks: Sequence[Hook] = (),
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Report:
    """Rebuild the tables of a run from its kept pages. `run` is its id, the beginning of that, or `last`.

    A resource of which a page is missing fails, and the others land. Rows that the run has appended, or an earlier
    replay of it, are replaced; the cursors of the pipeline stay where they are.

    Raises:
        ConfigError: the run, its pages or its config are not there, or later runs have written to the same tables.
        LoadError: the destination failed; replay again, or sync: what was begun is brought to its end first.
        StoppedError: the file with the pages cannot be written.
        InterruptError: Ctrl-C or SIGTERM.
    """
    home = home_folder(options.home)
    path = find_kept(home, run)
    about = _about(path)
    config = _config(about, options.config)
    target = _target(about, config, options)
    if not options.older and load.target_id(target) == about.target:
        _refuse_over_later(about, home)
    with load.our_settings(target), only_run(home, load.target_id(target), f"{target.shown}, dataset {target.dataset}"):
        kept = _opened(path, config, home)
        try:
            job = Replay(config, SyncOptions(home=home), tuple(hooks), target, home, now, kept)
            try:
                return job.go()
            except HomeroomError as error:
                if not isinstance(error, ConfigError):
                    with suppress(DiskError):
                        job.record_end(error)
                raise
        finally:
            kept.close()


class Replay(Run):
    """The replay of a run: a run of its own, with its own id and ledger."""

    def __init__(
        self,
        config: Config,
        options: SyncOptions,
        hooks: tuple[Hook, ...],
        target: load.Target,
        home: Path,
        now: Callable[[], datetime],
        kept: KeptRun,
    ) -> None:
        super().__init__(config, options, hooks, target, home, now)
        self._kept = kept
        self._replay_of = kept.about.run_id
        self._debts = DebtFile(None)

    def go(self) -> Report:
        """Read, load, prove; the report."""
        with self._interrupts.heeded(), self._ending(None):
            report = self._go(None)
        drop_folder(self._target, self._home)
        return report

    def _source(self, journal: Journal | None) -> RestApiSource:
        from homeroom.source import make_source
        from homeroom.source.options import ReadingOptions

        about = self._kept.about
        options = ReadingOptions(
            strict=False,
            hooks=self._hooks,
            kept=self._kept,
            begun_at=about.started_at,
            span=about.span,
            full_refresh=about.full_refresh,
            privacy=self._config.privacy,
        )
        source = make_source(self._config.source, self._config.sync, options)
        source.resources.select(*self._kept.about.resources)
        self._reading = source.reading
        return source

    def _opened(self, journal: Journal | None, source: RestApiSource) -> Pipeline:
        from homeroom.dlt_seam.memory import goes_on_from, put_memory

        finish_replays(self._target, self._home)
        pipeline = open_folder(self._target, self._config.name, self._home)
        before = self._kept.about.state
        # Else the destination knows more than this run did, and shall not forget it.
        put_memory(pipeline, source.name, before, lasting=goes_on_from(pipeline, source.name, before))
        return pipeline

    @property
    def _deleting(self) -> Mapping[str, ResourceSettings]:
        """Nothing: what later runs have brought is absent from this one's pages, and is no sign."""
        return {}

    def _land(self, pipeline: Pipeline, load_id: str, report: Report, tables: Collection[str]) -> None:
        taking = Taking(load_id, self._kept.load_ids, sorted(tables))
        self._kept.add_load(load_id)
        note_taking(self._target, self._config.name, self._home, taking)
        super()._land(pipeline, load_id, report, tables)
        # Not before: a load that fails shall not cost the rows that are there.
        load.remove_loads(pipeline, taking.before, taking.tables)


def _about(path: Path) -> About:
    from homeroom.journal import read_about

    try:
        return read_about(path)
    except ValueError as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: ValueError) -> ConfigError:
    hint = "its pages are lost; homeroom sync reads the API as it is today"
    message = f"the file with the kept pages {error}"
    return ConfigError([Problem("RUN", message, str(path), hint=hint, code="file-damaged")])


def _config(about: About, given: str | None) -> Config:
    """The config of the run, as it was then."""
    reference = given or about.config
    if given is None and about.config.endswith((".yaml", ".yml", ".toml", ".json")) and not Path(reference).exists():
        hint = "say where it is now with --config FILE"
        message = "the config of this run is not there any more"
        raise ConfigError([Problem("RUN", message, reference, hint=hint, code="cannot-replay")])
    config = load_config(reference, environ=os.environ)
    if config.config_hash != about.config_hash:
        message = f"the config is not that of run {about.run_id}: it has changed since"
        hint = "pages are read by the config that asked for them: give it as it was with --config FILE"
        raise ConfigError(
            [Problem("--config" if given else "RUN", message, reference, hint=hint, code="cannot-replay")]
        )
    return replace(config, name=about.name, sync=told_settings(config.sync, SyncOptions(insecure_http=True)))


def _target(about: About, config: Config, options: ReplayOptions) -> load.Target:
    """Where the run wrote, unless told otherwise."""
    destination = options.destination or about.reference or config.destination
    at = ("--to" if options.destination else "destination", "--dataset" if options.dataset else "dataset")
    if destination is None:
        raise _elsewhere(about)
    with placed(config.file):
        target = load.choose_target(destination, options.dataset or about.dataset, about.name, at=at)
    if not (options.destination or options.dataset) and load.target_id(target) != about.target:
        raise _elsewhere(about)
    return target


def _elsewhere(about: About) -> ConfigError:
    """The run's destination cannot be known again: a path of another folder, or a URL whose password was not kept."""
    message = f"the run wrote to {about.destination}, dataset {about.dataset}, which is another place from here"
    hint = f"replay it in the folder {about.folder}, or say where to with --to"
    if not about.reference:
        hint = "say where to with --to: of the run's URL no user, password or query was kept"
    return ConfigError([Problem("RUN", message, about.run_id, hint=hint, code="cannot-replay")])


def _refuse_over_later(about: About, home: Path) -> None:
    """Raise `ConfigError` where a run that came later has written to the same place."""
    reports = [from_json(text) for text in list_runs(home, most=_MOST_RUNS, name=about.name)]
    later = [
        report.run_id
        for report in reports
        if report.landed
        and not report.replay_of
        and report.started_at is not None
        and report.started_at > about.started_at
        and (report.destination, report.dataset) == (about.destination, about.dataset)
    ]
    if later:
        message = f"later runs have written to the same tables (the last one is {later[0]}); theirs may be newer rows"
        hint = "replay into another place with --to or --dataset, or over them with --older"
        raise ConfigError([Problem("RUN", message, about.run_id, hint=hint, code="cannot-replay")])


def _opened(path: Path, config: Config, home: Path) -> KeptRun:
    from homeroom.journal import KeptRun

    try:
        return KeptRun(path, veiled_forms(config.secrets - {config.privacy.key or ""}), seal_of(config.privacy, home))
    except ValueError as error:
        raise _unreadable(path, error) from None
