"""What is remembered between runs: cursors, and runs that were not finished."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from homeroom import load, resume
from homeroom.config import load_config, placed
from homeroom.errors import ConfigError, Problem
from homeroom.history import home_folder
from homeroom.lock import only_run
from homeroom.sync_run.options import SyncOptions, chosen

if TYPE_CHECKING:
    from homeroom.dlt_seam.cursors import Cursor
    from homeroom.values import Config


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A run whose pages wait for the next sync. `of` is how many there are in all, None if not known."""

    run_id: str
    pages: int
    of: int | None
    last_page_at: datetime | None


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is remembered of one config at one target.

    `where` names the destination, None where only the files of this machine tell; `dataset` is empty where they do not.
    """

    name: str
    dataset: str
    where: str | None
    cursors: tuple[Cursor, ...]
    unfinished: Unfinished | None


def list_remembered(home: Path | None = None) -> list[Remembered]:
    """What the files of this machine tell, of every config and target; no destination is asked."""
    from homeroom.dlt_seam.cursors import remembered_in

    root = home_folder(home)
    folders = {
        f"{folder.name}-{folder.parent.name}": folder for folder in root.glob("pipelines/*/*") if folder.is_dir()
    }
    journals = {path.stem: path for path in root.glob("journals/*.sqlite") if not path.stem.endswith(".aside")}
    found = []
    for key in sorted({*folders, *journals}):
        dataset, cursors = remembered_in(folders[key]) if key in folders else ("", [])
        unfinished = _unfinished(journals[key]) if key in journals else None
        if cursors or unfinished:
            found.append(Remembered(key.rpartition("-")[0], dataset, None, tuple(cursors), unfinished))
    return found


def show_remembered(reference: str, options: SyncOptions) -> Remembered:
    """What is remembered of a config: the cursors as the destination has them, and a run that was not finished.

    `options` may name another destination or dataset, and `home`. Raises `ConfigError`, and `LoadError` where the
    destination cannot be reached. Nothing is changed.
    """
    from homeroom.dlt_seam.cursors import cursors_of

    config, target = _opened(reference, options)
    with load.our_settings(target), TemporaryDirectory(prefix="homeroom-") as folder:
        # Not in the working folder of the runs: that would lose a package that waits there.
        pipeline = load.open_pipeline(target, config.name, Path(folder))
        load.restore(pipeline)
        cursors = tuple(cursors_of(pipeline))
    unfinished = _unfinished(_journal(config, target, options))
    return Remembered(config.name, target.dataset, target.shown, cursors, unfinished)


def reset_remembered(reference: str, options: SyncOptions) -> Remembered:
    """Forget where the resources of a config stand, so that the next sync reads them from their beginning; what went.

    `options` may `select` and `exclude` resources. An unfinished run is set aside with any of them: its pages were
    asked for from where the cursors stood. Raises as `show_remembered`, and `LoadError` where a sync is running; then
    nothing is changed.
    """
    from homeroom.dlt_seam.cursors import cursors_of, forget_cursors

    config, target = _opened(reference, options)
    home = home_folder(options.home)
    where = f"{target.shown}, dataset {target.dataset}"
    with load.our_settings(target), only_run(home, load.target_id(target), where):
        pipeline = load.open_pipeline(target, config.name, home)
        load.clear_leftovers(pipeline)
        known = cursors_of(pipeline)
        names = list(dict.fromkeys(cursor.resource for cursor in known))
        _refuse_without_cursor(config, names, options)
        wanted = chosen(names, names, options) if names else []
        forget_cursors(pipeline, wanted)
        journal = _journal(config, target, options)
        unfinished = _unfinished(journal)
        if unfinished is not None:
            resume.set_aside(journal, "homeroom state reset", unfinished.pages, ())
    gone = tuple(cursor for cursor in known if cursor.resource in wanted)
    return Remembered(config.name, target.dataset, target.shown, gone, unfinished)


def _refuse_without_cursor(config: Config, known: Sequence[str], options: SyncOptions) -> None:
    """Raise `ConfigError` for a pattern that fits resources of the config, but none that remembers anything."""
    from homeroom.plan import resource_name

    names = [resource_name(resource) for resource in config.source["resources"]]
    problems = [
        Problem(
            "--select",
            "nothing is remembered of this resource",
            repr(pattern),
            ", ".join(known) or "none",
            "homeroom state list shows what is",
            code="nothing-synced",
        )
        for pattern in options.select
        if fnmatch.filter(names, pattern) and not fnmatch.filter(known, pattern)
    ]
    if problems:
        raise ConfigError(problems)


def _opened(reference: str, options: SyncOptions) -> tuple[Config, load.Target]:
    config = load_config(reference, environ=os.environ)
    with placed(config.file):
        destination, dataset = options.destination or config.destination, options.dataset or config.dataset
        at = ("--to" if options.destination else "destination", "--dataset" if options.dataset else "dataset")
        return config, load.choose_target(destination, dataset, config.name, at=at)


def unfinished_here(config: Config, target: load.Target, home: Path) -> Unfinished | None:
    """The run of a config that was not finished on this machine; None where there is none."""
    return _unfinished(_journal(config, target, SyncOptions(home=home)))


def _journal(config: Config, target: load.Target, options: SyncOptions) -> Path:
    return resume.journal_path(home_folder(options.home), f"{config.name}-{load.target_id(target)}")


def _unfinished(journal: Path) -> Unfinished | None:
    from homeroom.journal.peek import peek

    if not journal.exists() or (found := peek(journal)) is None:
        return None
    head, tally = found
    totals = list(tally.totals.values())
    of = None if any(total is None for total in totals) else sum(total or 0 for total in totals)
    return Unfinished(head.run_id, tally.with_rows, of, tally.newest)
