"""Deletes that a run was killed before, made up by the next one that comes so far."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from homeroom import load
from homeroom.events import DeletesMadeUp, Hook, emit
from homeroom.guard import Loss, objection
from homeroom.sync_run.deleted import Deleted, together
from homeroom.sync_run.owed import Debt, Owed
from homeroom.values import Report, ResourceSettings, Status

if TYPE_CHECKING:
    from dlt import Pipeline

    from homeroom.sync_run.absence import Rules

MOST_LOADS = 500
"""Loads that one statement names: destinations bear some thousand values in one."""

_DOUBTFUL = "a contract keeps rows out, whose older versions may be among them; the next read of all rows tells"
_MANY = "they are of more than {most} loads; the next read of all rows tells"
_ON_DEMAND = ", and with --full-refresh: only a full read tells what is gone"
_OTHERWISE = "sync.resources.{name}.deletes is not {way} any more"


def make_up(
    pipeline: Pipeline,
    debts: Sequence[Debt],
    report: Report,
    settled: Collection[str],
    settings: Mapping[str, ResourceSettings],
    rules: Rules,
    hooks: Sequence[Hook],
) -> dict[str, Deleted]:
    """Delete what earlier runs owe, behind the load of this one; by resource. The hooks are told.

    Not of those `settled`, of which this run has proved itself what is absent, nor of a load that was not committed:
    what was read for it is read again. Raises `LoadError` where the tables cannot be asked; then it stays owed.
    """
    made: dict[str, Deleted] = {}
    committed = [debt for debt in debts if load.was_committed(pipeline, debt.load_id)]
    due = [(debt, owed) for debt in committed for owed in debt.owed if owed.resource not in settled]
    for debt, owed in due:
        name, line, setting = owed.resource, report.resources.get(owed.resource), settings.get(owed.resource)
        if setting is None or setting.deletes != owed.way:
            done = Deleted(0, note=_OTHERWISE.format(name=name, way=owed.way))
        else:
            done = _made_up(pipeline, debt, owed, rules, rejected=line is not None and bool(line.rows_rejected))
        if done.rows or done.refused or done.note:
            made[name] = together(made.get(name, Deleted()), _told(done, debt, owed, hooks))
    return made


def _made_up(pipeline: Pipeline, debt: Debt, owed: Owed, rules: Rules, *, rejected: bool) -> Deleted:
    """Delete the rows that still bear a load from before the read that did not bring them, unless these are many."""
    from homeroom.dlt_seam import held
    from homeroom.dlt_seam.owed import LateCleaner, loads_of

    there = load.ask(partial(loads_of, pipeline, pipeline.default_schema, owed.table))
    loads = sorted({*there} & {*owed.known})
    if len(loads) > MOST_LOADS:
        return Deleted(0, note=_MANY.format(most=MOST_LOADS))
    cleaner = LateCleaner(pipeline, owed.table, loads, debt.at, soft=owed.way == "soft")
    gone = load.ask(partial(cleaner.waiting, owed.columns, owed.parents)) if loads else None
    if gone is None or not gone.rows:
        return Deleted(0)
    if rejected or owed.is_doubtful or held.discards_rows(pipeline, owed.table):
        return Deleted(0, note=_DOUBTFUL)
    way, most = f"deletes: {owed.way}", max(owed.held, gone.rows)
    loss = Loss(owed.resource, owed.table, way, Status.COMPLETE, owed.came, most, gone.rows)
    if why := objection(loss, share=rules.share, allowed=rules.allowed):
        return Deleted(0, refused=f"{why}{_ON_DEMAND if owed.on_demand else ''}")
    return Deleted(load.ask(partial(cleaner.take, gone)))


def _told(done: Deleted, debt: Debt, owed: Owed, hooks: Sequence[Hook]) -> Deleted:
    """The same, saying whose rows these are."""
    why = done.refused or done.note
    emit(hooks, DeletesMadeUp(debt.run_id, owed.resource, done.rows or 0, why))
    begun = f"run {debt.run_id} ended before it had deleted what did not come"
    if done.refused:
        return replace(done, refused=f"{begun}: {done.refused}")
    return replace(done, note=f"{begun}: {done.note or 'that was made up for'}")
