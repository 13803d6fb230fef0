"""The whole export: rows are read, a bundle is made of them, written, read back and put in its place."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from homeroom import load
from homeroom.config import load_config, placed
from homeroom.errors import ConfigError, DataError, Problem
from homeroom.oneroster_export.bundle import Bundle, bundle_of
from homeroom.oneroster_export.folder import folder_beside, refuse_taken, write_bundle
from homeroom.oneroster_export.notes import Note
from homeroom.oneroster_export.problems import problems_of

if TYPE_CHECKING:
    from dlt import Pipeline

_CONFIGS = (".yaml", ".yml", ".toml", ".json")


@dataclass(frozen=True, slots=True)
class Exported:
    """What is in the folder now: rows by file, and what the source did not give. `where` names the database."""

    folder: Path
    source: str
    where: str
    files: Mapping[str, int]
    notes: Sequence[Note]


def export_oneroster(
    folder: Path, origin: str, *, today: date, source: str | None = None, demographics: bool = False
) -> Exported:
    """Write what `edu` holds of one source as a OneRoster 1.2 bundle into a folder.

    `origin` is a config that was synced, or a destination as of `homeroom sync --to`. Raises `ConfigError` where there
    is nothing to export or the folder is taken, `LoadError` where the database cannot be asked, `DiskError` where the
    folder cannot be written, `DataError` where what was written breaks a rule of the standard; then nothing is there.
    """
    refuse_taken(folder)
    bundle, where = _read(origin, source, today=today, demographics=demographics)
    with folder_beside(folder) as made:
        write_bundle(bundle, made)
        if wrong := problems_of(made):
            raise DataError("\n".join(str(each) for each in wrong))
    return Exported(
        folder, bundle.source, where, {file: len(rows) for file, rows in bundle.files.items()}, bundle.notes
    )


def _read(origin: str, source: str | None, *, today: date, demographics: bool) -> tuple[Bundle, str]:
    from homeroom.dlt_seam.edu import opened
    from homeroom.oneroster_export.reading import read_tables, sources_in
    from homeroom.views import edu_dataset

    with _opened(origin) as (target, pipeline, name):
        edu = edu_dataset(pipeline, target.kind)

        def ask() -> Bundle:
            with opened(pipeline) as db:
                chosen = _chosen(sources_in(db, edu), source, name)
                tables = read_tables(db, edu, chosen, demographics=demographics)
            if not any(row["state"] != "deleted" for rows in tables.values() for row in rows):
                raise ConfigError(
                    [Problem("--source", f"{edu} has no row of this source", repr(chosen), code="nothing-synced")]
                )
            return bundle_of(tables, chosen, today)

        return load.ask(ask), target.shown


def _chosen(known: Sequence[str], wanted: str | None, name: str | None) -> str:
    """The source to export: the one that is asked for, else the config's, else the only one there is."""
    allowed = ", ".join(known)
    if wanted is not None and wanted not in known:
        message = "there is no such source in edu"
        raise ConfigError([Problem("--source", message, repr(wanted), allowed or "none", code="unknown-name")])
    if wanted is None and name not in known and len(known) != 1:
        message = "there are several sources in edu" if known else "there is no source in edu"
        hint = "name one of them"
        raise ConfigError([Problem("--source", message, allowed=allowed or None, hint=hint, code="wrong-flag")])
    return wanted or (name if name in known else None) or known[0]


@contextmanager
def _opened(origin: str) -> Iterator[tuple[load.Target, Pipeline, str | None]]:
    """The database of a config or a destination, and the config's name; nothing in it is changed."""
    target, name = _target(origin)
    with load.our_settings(target), TemporaryDirectory(prefix="homeroom-") as folder:
        pipeline = load.open_pipeline(target, name or "export", Path(folder))
        _refuse_missing(target, pipeline)
        yield target, pipeline, name


def _target(origin: str) -> tuple[load.Target, str | None]:
    if _is_config(origin):
        config = load_config(origin, environ=os.environ)
        with placed(config.file):
            return load.choose_target(config.destination, config.dataset, config.name), config.name
    return load.choose_target(origin, None, "edu", at=("--from", "--from")), None


def _is_config(origin: str) -> bool:
    """Whether it is a config: a file, or `module:attribute`; a destination is a URL, or a name without an ending."""
    return "://" not in origin and (origin.endswith(_CONFIGS) or ":" in origin or Path(origin).is_file())


def _refuse_missing(target: load.Target, pipeline: Pipeline) -> None:
    """Raise `ConfigError` for a DuckDB file that is not there, and for what holds no tables."""
    from homeroom.dlt_seam.destination import takes_tables

    if load.lacks_file(pipeline, target):
        hint = "run homeroom sync first, or correct the path"
        raise ConfigError(
            [Problem("--from", "there is no such database", repr(target.shown), hint=hint, code="nothing-synced")]
        )
    if not takes_tables(pipeline):
        message, hint = "this destination holds no dataset edu", "it is made by a sync with model: PLATFORM"
        raise ConfigError([Problem("--from", message, repr(target.shown), None, hint, code="nothing-synced")])
