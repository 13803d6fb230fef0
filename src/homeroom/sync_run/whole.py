"""The whole job: a config is read, its source extracted, loaded, proved and written down.

The rows go the one way that `pipeline.run` also goes: the same DltSource through dlt's extract, normalise and
load. Between them stand our own acts: leftovers of a killed run are cleared, resources that failed are
withheld from the load, rows are counted, the ledger is written last.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from homeroom import load
from homeroom.config import load_config, placed
from homeroom.errors import ConfigError, DiskError, HomeroomError, Problem
from homeroom.events import Hook, KeyInConfig, emit
from homeroom.history import home_folder
from homeroom.lock import only_run
from homeroom.model import DATASET
from homeroom.sync_run.job import Run
from homeroom.sync_run.options import SyncOptions, told_settings
from homeroom.values import Config, Report


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
    fail_fast: bool = False,
    allow_deletes: bool = False,
    since: str | None = None,
    until: str | None = None,
    full_refresh: bool = False,
    rekey: bool = False,
    insecure_http: bool = False,
) -> Report:
    """Bring the destination in step with the API: the whole job, as `homeroom sync` does it.

    A run that was killed or stopped is finished: its pages are kept in a journal, and not asked for again.
    A resource that fails does not stop the others; what it was is in the report, and nothing of it is
    loaded. A table that loses the rows that a read did not bring (`replace`, `scd2`, `cdc`) stays as it was, unless the
    read was proved and takes away no more than `sync.max_delete_share`.

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
        fail_fast: raise at the first resource that fails or is incomplete; nothing is loaded then, and what was
            read is kept for the next run. With `limit`, to be incomplete is no failure.
        allow_deletes: let a read that was proved take away any number of rows (`sync.max_delete_share`), or all.
        since, until: read resources with an `incremental` for this span alone, as a backfill: dates or times as texts.
            What they remember stays. `until` is now if None.
        full_refresh: read all of resources with an `incremental`, from their `initial_value` on, and go on from there.
        rekey: make the tables anew whose rows were hidden by another privacy key or by other rules, behind a proved
            read of all their rows. Other resources are not read.
        insecure_http: let keys go over http to other machines.

    Raises:
        ConfigError: nothing was requested or written.
        LoadError: the destination failed; tables committed before that keep this run's rows.
        DiskError: local state cannot be written.
        InterruptError: Ctrl-C (where nobody has set a handler of SIGINT); the tables hold what they held, or whole
            tables of this run. Requests under way have ended or were given up after 10 s.
        HomeroomError: with `fail_fast`, what ended the first resource.

    An error that ended a run tells by `kept` how many pages the next run goes on with.
    """
    chosen = tuple(select), tuple(exclude)
    options = SyncOptions(
        destination,
        dataset,
        *chosen,
        limit,
        concurrency,
        rate,
        home,
        resume=resume,
        fail_fast=fail_fast,
        allow_deletes=allow_deletes,
        since=since,
        until=until,
        full_refresh=full_refresh,
        rekey=rekey,
        insecure_http=insecure_http,
    )
    return sync_config(load_config(os.fspath(config), environ=os.environ), options, hooks)


def _refuse_model(config: Config, target: load.Target, at: tuple[str, str]) -> None:
    """Raise `ConfigError` where views of the model cannot be made, before anything is read."""
    if config.model is None:
        return
    if not load.bears_tables(target):
        hint = "leave out model:, or load into a database"
        raise ConfigError(
            [Problem("model", "the destination takes no views", target.kind, hint=hint, code="settings-conflict")]
        )
    if target.dataset.lower() == DATASET:
        hint = "name it otherwise, or leave out model:"
        raise ConfigError(
            [
                Problem(
                    at[1],
                    "is the dataset of the neutral model",
                    repr(target.dataset),
                    hint=hint,
                    code="wrong-destination",
                )
            ]
        )


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
        _refuse_model(config, target, at)
    with load.our_settings(target), only_run(home, load.target_id(target), f"{target.shown}, dataset {target.dataset}"):
        for doubt in config.doubts:
            emit(hooks, KeyInConfig(doubt.place, doubt.hint))
        run = Run(replace(config, sync=settings), options, tuple(hooks), target, home, now)
        try:
            return run.go()
        except HomeroomError as error:
            if not isinstance(error, ConfigError):
                with suppress(DiskError):  # then this error says why, or has a disk of its own to tell of
                    run.record_end(error)
            raise
