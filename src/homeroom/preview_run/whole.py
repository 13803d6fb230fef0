"""A resource read as far as some rows of it go, loaded into a folder that is removed, and shown.

The rows go the way of a sync, so that names, types, casts, steps and contracts are those of a sync.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from tempfile import TemporaryDirectory

from homeroom import load
from homeroom.check_run.look import RequestCount
from homeroom.config import load_config, placed
from homeroom.dlt_seam.stored import types_in
from homeroom.errors import ConfigError, Problem
from homeroom.events import Hook
from homeroom.history import home_folder
from homeroom.plan import ResourcePlan
from homeroom.preview_run.model import Preview, PreviewTable
from homeroom.preview_run.tables import first_rows
from homeroom.source import make_source
from homeroom.source.enough import MOST_LISTS
from homeroom.source.options import Glance, ReadingOptions
from homeroom.sync_run import SyncOptions, sync_config
from homeroom.values import Config, ResourceReport

MOST_ROWS = 1000
_DATASET = "preview"


def preview(
    config: str | os.PathLike[str],
    resource: str,
    *,
    rows: int = 10,
    hooks: Sequence[Hook] = (),
    home: Path | None = None,
    insecure_http: bool = False,
) -> Preview:
    """The first rows of a resource as a sync into an empty dataset would load them, nested tables too.

    Whole pages are asked for, one after the other, until `rows` rows came. Nothing that was there is changed: no
    destination, no cursor, no history. (A refresh token that the platform has replaced is kept, or it would be lost.)

    Args:
        config: path of a YAML, TOML or JSON file, or `module:attribute`.
        resource: which one; of a child as many parents are asked for as it takes.
        rows: how many of its own table are shown, 1 to 1,000.
        hooks: callables that are given the events of `homeroom.events`.
        home: where local state lies that is looked at, but not changed; `HOMEROOM_HOME`, else `~/.homeroom`, if None.
        insecure_http: let keys go over http to other machines.

    Raises:
        ConfigError: the config is wrong, or there is no such resource; nothing was requested.
        HomeroomError: what ended the read.
    """
    read = load_config(os.fspath(config), environ=os.environ)
    read = replace(read, sync=replace(read.sync, insecure_http=read.sync.insecure_http or insecure_http))
    return preview_config(read, resource, rows=rows, hooks=hooks, home=home)


def preview_config(
    config: Config, resource: str, *, rows: int = 10, hooks: Sequence[Hook] = (), home: Path | None = None
) -> Preview:
    """`preview` for a config that is already read."""
    plan = _planned(config, resource)
    if not 1 <= rows <= MOST_ROWS:
        raise ConfigError(
            [Problem("-n", "is no number of rows to show", repr(rows), f"1 to {MOST_ROWS:,}", code="wrong-flag")]
        )
    counter, known = RequestCount(), _stored_types(config, home_folder(home))
    with TemporaryDirectory(prefix="homeroom-") as folder:
        line, tables = _loaded(replace(config, model=None), Glance(resource, rows), Path(folder), (counter, *hooks))
    there = line.api_total if plan.parent is None else None
    notes = *_notes(plan, line, tables), *_kept_types(tables, known)
    return Preview(resource, tuple(tables), counter.requests, line.rows_received, there, notes)


def _loaded(
    config: Config, glance: Glance, folder: Path, hooks: Sequence[Hook]
) -> tuple[ResourceReport, list[PreviewTable]]:
    """What came of a glance, by way of a database in that folder."""
    where = f"duckdb:///{folder / 'rows.duckdb'}"
    options = SyncOptions(
        where, _DATASET, select=(glance.resource,), home=folder, resume=False, fail_fast=True, glance=glance
    )
    report = sync_config(config, options, hooks)
    target = load.choose_target(where, _DATASET, config.name)
    with load.our_settings(target):
        pipeline = load.open_pipeline(target, config.name, folder)
        tables = load.ask(lambda: first_rows(pipeline, glance.resource, glance.rows))
    return report.resources[glance.resource], tables


def _planned(config: Config, resource: str) -> ResourcePlan:
    """The plan of that resource. Raises `ConfigError` where there is none."""
    with placed(config.file):
        source = make_source(config.source, config.sync, ReadingOptions(privacy=config.privacy))
    assert source.reading is not None
    plan = source.reading.plan
    if resource not in plan.order:
        close = get_close_matches(resource, plan.order, n=1)
        hint = f"did you mean {close[0]}?" if close else None
        allowed = ", ".join(plan.order)
        raise ConfigError(
            [Problem("RESOURCE", "no resource has such a name", repr(resource), allowed, hint, code="unknown-name")]
        )
    if resource in plan.foreign:
        why = "is a DltResource of yours, which asks by itself for as much as it likes"
        raise ConfigError(
            [Problem("RESOURCE", why, repr(resource), hint="call it in Python, with add_limit(1)", code="wrong-flag")]
        )
    return next(each for each in plan.resources if each.name == resource)


def _notes(plan: ResourcePlan, line: ResourceReport, tables: Sequence[PreviewTable]) -> Iterator[str]:
    """What a sync would do otherwise, and why rows may be missing here."""
    if plan.parent is not None:
        yield f"of the first page of {plan.parent} as many rows were asked with as it took, {MOST_LISTS} at most"
    if plan.incremental is not None:
        yield "asked from the beginning (initial_value) on; a sync goes on from where the last one ended"
    if not line.rows_received:
        yield "no row came"
    elif line.rows_rejected:
        yield f"{line.rows_rejected:,} of {line.rows_received:,} rows broke the schema_contract and stay out"
    elif (line.rows_in_table or 0) < line.rows_received and plan.name in {t.name for t in tables}:
        came = f"{line.rows_received:,} rows came, {line.rows_in_table or 0:,} are in the table"
        yield f"{came}: steps of the config, an incremental or a key that came twice leave out the others"


def _stored_types(config: Config, home: Path) -> Mapping[str, Mapping[str, str]]:
    """The types of the tables that syncs of this machine have made, by table and column."""
    if config.destination is None:
        return {}
    with placed(config.file):
        target = load.choose_target(config.destination, config.dataset, config.name)
    return types_in(home / "pipelines" / load.target_id(target) / config.name)


def _kept_types(tables: Sequence[PreviewTable], known: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """The columns that those tables have with another type: a table keeps it."""
    for table in tables:
        for column in table.columns:
            there = known.get(table.name, {}).get(column.name)
            if there is not None and there != column.kind:
                yield f"{table.name}.{column.name} is {there} in the table that syncs have made, and stays so"
