"""The pages of runs that are loaded: where they are kept, and which run is meant."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from homeroom.errors import ConfigError, HomeroomError, Problem
from homeroom.events import Hook, PagesKept, PagesNotKept, emit
from homeroom.folders import private_folder
from homeroom.history import find_runs
from homeroom.load import Target, target_id
from homeroom.report import from_json
from homeroom.sync_run.options import SyncOptions, span_of
from homeroom.values import Config

if TYPE_CHECKING:
    from datetime import datetime

    from dlt import Pipeline

    from homeroom.journal import About, Journal
    from homeroom.source import RestApiSource

_SHOWN = 5


def about_run(
    run_id: str,
    started_at: datetime,
    config: Config,
    target: Target,
    reference: str | None,
    pipeline: Pipeline,
    source: RestApiSource,
    options: SyncOptions,
) -> About:
    """What a replay must know of a run that is about to read; `reference` is what its destination was told by."""
    from homeroom.dlt_seam.memory import memory_of
    from homeroom.journal import About

    file = config.file or ""
    return About(
        run_id=run_id,
        name=config.name,
        started_at=started_at,
        config=str(Path(file).absolute()) if Path(file).exists() else file,
        config_hash=config.config_hash,
        folder=str(Path.cwd()),
        target=target_id(target),
        destination=target.shown,
        reference=target.shown if reference == target.shown else "",  # else a password was left out
        dataset=target.dataset,
        resources=tuple(source.selected_resources),
        state=memory_of(pipeline, source.name),
        span=span_of(options, started_at),
        full_refresh=options.full_refresh,
    )


def keep_pages(journal: Journal, home: Path, hooks: tuple[Hook, ...]) -> None:
    """Keep a copy of a journal whose load is committed; the hooks are told where, or why not."""
    from homeroom.journal import read_about

    folder = home / "raw"
    part = folder / f"{journal.path.stem}.part"
    try:
        private_folder(folder)
        journal.copy_to(part)
        run_id = read_about(part).run_id
        path = _path(home, run_id)
        if path.exists():
            part.unlink()  # the run was killed after it was kept; the file may know of replays since
        else:
            part.replace(path)
    except (OSError, ValueError, HomeroomError) as error:
        # The rows are loaded: that stands, whatever becomes of the copy. The next one is written over what is left.
        emit(hooks, PagesNotKept(str(folder), str(error)))
    else:
        emit(hooks, PagesKept(run_id, str(path), path.stat().st_size))


def find_kept(home: Path, prefix: str) -> Path:
    """The file with the pages of the run whose id begins with `prefix`; `last` is the newest one.

    A replay stands for its run. Raises `ConfigError` where no run or more than one is meant, and where the pages of the
    run were not kept.
    """
    kept = sorted(path.stem for path in (home / "raw").glob("*.sqlite"))
    reports = [from_json(text) for text in find_runs(home, prefix)]
    meant = {report.replay_of or report.run_id for report in reports}
    if prefix != "last":
        meant |= {run_id for run_id in kept if run_id.startswith(prefix)}
    if not meant:
        hint = "homeroom runs lists them"
        raise ConfigError(
            [Problem("RUN", "there is no such run", repr(prefix), _listed(kept), hint, code="unknown-name")]
        )
    if len(meant) > 1:
        message, hint = "several runs begin with this", "give more of its id"
        raise ConfigError([Problem("RUN", message, repr(prefix), _listed(sorted(meant)), hint, code="unknown-name")])
    (run_id,) = meant
    if run_id not in kept:
        hint = "set sync.keep_raw: true, and from the next homeroom sync on pages are kept"
        message = "the pages of this run were not kept"
        raise ConfigError([Problem("RUN", message, run_id, _listed(kept), hint, code="cannot-replay")])
    return _path(home, run_id)


def _path(home: Path, run_id: str) -> Path:
    return home / "raw" / f"{run_id}.sqlite"


def _listed(runs: list[str]) -> str:
    """The newest ones."""
    more = f" and {len(runs) - _SHOWN} more" if len(runs) > _SHOWN else ""
    return ", ".join(reversed(runs[-_SHOWN:])) + more if runs else "a run with pages, of which there is none yet"
