"""Rows that are in the tables and not in a read: what they forbid before a load, how many there are after it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from homeroom import load
from homeroom.codes import Code, tagged
from homeroom.events import Hook, ResourceFinished, emit
from homeroom.guard import Loss, needs_absent, objection
from homeroom.keys import Came, KeySet
from homeroom.report.build import WHOLE
from homeroom.values import Report, ResourceReport, Status, SyncSettings

if TYPE_CHECKING:
    from dlt import Pipeline
    from dlt.common.schema import Schema

    from homeroom.source import RestApiSource


@dataclass(frozen=True, slots=True)
class Rules:
    """Which part of a table may go at once, and whether any may (`--allow-deletes`).

    `before` are the tables as the last load has left them, from before the read.
    """

    share: float
    allowed: bool
    before: Schema


def rules_of(pipeline: Pipeline, settings: SyncSettings, *, allowed: bool) -> Rules:
    """The rules of a run, from before its read."""
    from homeroom.dlt_seam.held import last_loaded

    return Rules(settings.max_delete_share, allowed, last_loaded(pipeline))


def taking_away(pipeline: Pipeline, source: RestApiSource) -> dict[str, str]:
    """The resources whose tables lose what a read did not bring, each with what does that: replace, scd2 or cdc.

    Asked after the read, which has put what the config says into the schema.
    """
    from homeroom.dlt_seam.extraction import takes_away

    schema = pipeline.default_schema  # dlt reads it anew each time
    found = {name: takes_away(resource, schema) for name, resource in source.resources.items()}
    return {name: way for name, way in found.items() if way is not None}


def kept_tables(
    pipeline: Pipeline, source: RestApiSource, report: Report, refused: Collection[str], rules: Rules
) -> dict[str, str]:
    """The resources, beside those `refused` before, whose tables must stay as they were, each with the reason.

    Raises `LoadError` where the tables cannot be asked.
    """
    landing = [name for name in report.resources if name in source.selected_resources and name not in refused]
    ways = taking_away(pipeline, source)
    kept: dict[str, str] = {}
    for name in (name for name in landing if name in ways):
        loss = _loss(pipeline, source, report, name, ways[name], landing, rules)
        parent = source.parents[name]
        if why := objection(loss, share=rules.share, allowed=rules.allowed):
            kept[name] = why
        elif parent in kept and loss.held != 0:
            kept[name] = f"not loaded: the table of its parent {parent} was left as it was"
    return kept


def with_kept(report: Report, kept: Mapping[str, str], hooks: Sequence[Hook], code: Code = "deletes-refused") -> Report:
    """The report with the lines of tables that stay as they were: incomplete, and why. The hooks are told of each."""
    lines = {
        name: replace(
            line,
            status=Status.INCOMPLETE,
            proof=None,
            note="; ".join(filter(None, (tagged(kept[name], code), line.note))),
            code=code,
        )
        if name in kept
        else line
        for name, line in report.resources.items()
    }
    for line in (lines[name] for name in kept):
        emit(hooks, ResourceFinished(line.resource, line.status, line.rows_received, line.note))
    return replace(report, resources=MappingProxyType(lines))


def empty_histories(pipeline: Pipeline, source: RestApiSource, load_id: str, landing: Collection[str]) -> None:
    """See that a read without a row empties its table, as the user allowed: by itself dlt has nothing to merge then."""
    from homeroom.dlt_seam.extraction import table_name_of
    from homeroom.dlt_seam.packages import add_empty

    for name, way in taking_away(pipeline, source).items():
        if name in landing and way != "replace" and not source.came(name).rows:
            add_empty(pipeline, load_id, table_name_of(source, name))


def count_absent(
    pipeline: Pipeline, source: RestApiSource, report: Report, landed: Collection[str], load_id: str
) -> Mapping[str, int]:
    """How many rows of the tables this run did not bring, by resource, after its load.

    Of resources that were loaded behind a read of all their rows, and feed a table alone. What replaces its table has
    no such row, nor has scd2 an active one. Raises `LoadError` where the tables cannot be asked.
    """
    from homeroom.dlt_seam import held
    from homeroom.dlt_seam.destination import takes_tables

    if not landed or not takes_tables(pipeline):
        return {}
    ways, in_part = taking_away(pipeline, source), source.read_in_part
    lines = [
        line
        for name, line in report.resources.items()
        if name in landed and name not in in_part and line.status in WHOLE and not is_shared(source, line.table_name)
    ]
    merged = [line.table_name for line in lines if line.resource not in ways]
    older = load.ask(partial(held.count_older, pipeline, merged, load_id))
    found = {line.resource: 0 if line.resource in ways else older.get(line.table_name) for line in lines}
    for line in lines:
        if found[line.resource] and keeps_out(pipeline, line):
            arrived = source.arrived(line.resource)
            gone = load.ask(partial(held.older_absent, pipeline, line.table_name, load_id, arrived))
            found[line.resource] = None if gone is None else len(gone)
    return {name: rows for name, rows in found.items() if rows is not None}


def keeps_out(pipeline: Pipeline, line: ResourceReport) -> bool:
    """Whether rows that came may not be in the table, so that an older version of them looks like an absent row."""
    from homeroom.dlt_seam import held

    return bool(line.rows_rejected) or held.discards_rows(pipeline, line.table_name)


def is_shared(source: RestApiSource, table: str) -> bool:
    """Whether several resources may feed a table, selected or not: rows that one did not bring may be another's."""
    from homeroom.dlt_seam.extraction import may_feed

    return len(may_feed(source, table)) > 1


def _loss(
    pipeline: Pipeline,
    source: RestApiSource,
    report: Report,
    name: str,
    way: str,
    landing: Collection[str],
    rules: Rules,
) -> Loss:
    """What the load would do to the table of a resource, with what all resources bring that feed it."""
    from homeroom.dlt_seam.extraction import tables_of

    line = report.resources[name]
    came = _together([source.came(n) for n in landing if report.resources[n].table_name == line.table_name])
    tables = tables_of(source, name, pipeline.default_schema)
    held = _held(pipeline, rules.before, tables, active=way == "scd2")
    loss = Loss(name, line.table_name, way, line.status, came.rows, held, keyed=line.rows_distinct is not None)
    if held is None or not needs_absent(loss, share=rules.share, allowed=rules.allowed):
        return replace(loss, absent=None if held is None else 0)
    return replace(loss, absent=_absent(pipeline, rules.before, tables, came, held, active=way == "scd2"))


def _together(brought: list[Came]) -> Came:
    """What several resources bring to one table; without keys where these are not of the same columns."""
    if len(brought) == 1:
        return brought[0]
    rows, keys = sum(each.rows for each in brought), KeySet()
    for each in brought:
        if each.keys is None or each.key != brought[0].key:
            return Came(rows)
        keys.absorb(each.keys)
    return Came(rows, brought[0].key, keys)


def _held(pipeline: Pipeline, before: Schema, tables: Collection[str], *, active: bool) -> int | None:
    from homeroom.dlt_seam import held
    from homeroom.dlt_seam.destination import keeps_tables, speaks_sql
    from homeroom.dlt_seam.extraction import holds_rows

    if speaks_sql(pipeline):
        return load.ask(partial(held.count_held, pipeline, before, tables, active=active))
    if not keeps_tables(pipeline):
        return 0
    return None if any(holds_rows(before, table) for table in tables) else 0


def _absent(pipeline: Pipeline, before: Schema, tables: Collection[str], came: Came, rows: int, *, active: bool) -> int:
    from homeroom.dlt_seam import held

    found = load.ask(partial(held.absent_rows, pipeline, before, tables, came, active=active))
    return max(0, rows - came.rows) if found is None else found
