"""The tables of a synced config, and what of them may be declared."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from homeroom import load
from homeroom.config import load_config, placed
from homeroom.errors import ConfigError, Problem
from homeroom.sync_run.options import SyncOptions

if TYPE_CHECKING:
    from dlt import Pipeline

    from homeroom.dlt_seam.stored import StoredTable
    from homeroom.values import Config

Columns = dict[str, dict[str, Any]]
"""Column name to its hints, as `columns:` of a resource has them."""


@dataclass(frozen=True, slots=True)
class Synced:
    """The tables of one config at one target."""

    name: str
    where: str
    dataset: str
    tables: tuple[StoredTable, ...]


def show_tables(reference: str, options: SyncOptions) -> Synced:
    """The tables that syncs of a config have made, as the destination remembers them.

    `options` may name another destination or dataset. Raises `ConfigError` where nothing was synced there, `LoadError`
    where it cannot be reached. Nothing is changed.
    """
    with _opened(reference, options) as (config, target, pipeline):
        from homeroom.dlt_seam.stored import stored_tables

        return Synced(config.name, target.shown, target.dataset, tuple(stored_tables(pipeline)))


def infer_columns(reference: str, options: SyncOptions) -> dict[str, Columns]:
    """By resource, the columns of its root table with their types, and which of them are never null.

    Resources without a table of their own are left out. Raises as `show_tables`, and `ConfigError` where the
    destination takes no SQL.
    """
    with _opened(reference, options) as (config, target, pipeline):
        from homeroom.dlt_seam.destination import speaks_sql
        from homeroom.dlt_seam.extraction import table_name_of
        from homeroom.dlt_seam.stored import observed_columns
        from homeroom.source import make_source
        from homeroom.source.options import ReadingOptions

        if not speaks_sql(pipeline):
            message, hint = (
                "this destination cannot be asked in SQL which columns are null",
                "infer from a sync to duckdb",
            )
            problem = Problem("--infer", message, target.shown, hint=hint, code="wrong-flag")
            raise ConfigError([problem])
        source = make_source(
            config.source, replace(config.sync, insecure_http=True), ReadingOptions(privacy=config.privacy)
        )
        named = {name: table_name_of(source, name) for name in source.parents}
        found = load.ask(lambda: observed_columns(pipeline, {*named.values()}))
        alone = {name for name, table in named.items() if [*named.values()].count(table) == 1}
        return {name: found[table] for name, table in named.items() if name in alone and found.get(table)}


@contextmanager
def _opened(reference: str, options: SyncOptions) -> Iterator[tuple[Config, load.Target, Pipeline]]:
    config = load_config(reference, environ=os.environ)
    with placed(config.file):
        destination, dataset = options.destination or config.destination, options.dataset or config.dataset
        at = ("--to" if options.destination else "destination", "--dataset" if options.dataset else "dataset")
        target = load.choose_target(destination, dataset, config.name, at=at)
    with load.our_settings(target), TemporaryDirectory(prefix="homeroom-") as folder:
        # Not in the working folder of the runs: that would lose a package that waits there.
        pipeline = load.open_pipeline(target, config.name, Path(folder))
        load.restore(pipeline)
        if not pipeline.default_schema_name:
            where = f"{target.shown}, dataset {target.dataset}"
            hint = f"run homeroom sync {reference} first, or say where it went by --to and --dataset"
            message = "nothing of it was ever synced there"
            raise ConfigError([Problem("CONFIG", message, where, hint=hint, code="nothing-synced")])
        yield config, target, pipeline
