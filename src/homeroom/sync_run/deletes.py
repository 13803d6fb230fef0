"""Rows that the API has deleted: after the load, and before the ledger says how many."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from homeroom import load
from homeroom.guard import Loss, objection
from homeroom.sync_run.absence import Rules, is_shared
from homeroom.sync_run.deleted import Deleted, together
from homeroom.sync_run.naming import NamedDeletes
from homeroom.sync_run.scopes import FamilyReads, Within
from homeroom.values import Report, ResourceReport, ResourceSettings, Status

if TYPE_CHECKING:
    from dlt import Pipeline

    from homeroom.dlt_seam.deletes import Cleaner
    from homeroom.source import RestApiSource

_NO_SQL = "this destination takes no SQL, so nothing was deleted"
_SHARED = "other resources feed the table {table} too, so none was deleted as absent"
_UNTOLD = (
    "the table {table} does not tell which rows came (its merge strategy or contract), so none was deleted as absent"
)
_DISCARDED = "{rows} rows came that the contract of the table {table} kept out, so none was deleted as absent"


class Deletes:
    """The deletes of one run: asks before the load how many rows there are, and acts behind it.

    Absence counts only behind a complete read of all rows, or of all rows of a parent (`families`). `rules` are those
    of the guard; `load_id` and `at` are the load and its time. Raises `LoadError` where the tables cannot be asked:
    what was loaded stays, and the next run deletes.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        source: RestApiSource,
        settings: Mapping[str, ResourceSettings],
        rules: Rules,
        families: FamilyReads,
        load_id: str,
        at: datetime,
    ) -> None:
        from homeroom.dlt_seam.destination import takes_tables

        self._pipeline = pipeline
        self._source = source
        self._rules = rules
        self._load_id = load_id
        self._at = at
        self._settings = {name: each for name, each in settings.items() if each.deletes != "keep"}
        self._can_ask = not self._settings or takes_tables(pipeline)
        self._families = families
        self._naming = NamedDeletes(pipeline, source, load_id)
        self._landing: Collection[str] = ()
        self._cleaners: dict[str, Cleaner] = {}
        self._before: dict[str, int] = {}

    def prepare(self, report: Report, landing: Collection[str]) -> None:
        """Count what there is before the load."""
        from homeroom.dlt_seam import held

        self._landing = landing
        self._cleaners = {name: self._cleaner(name) for name in self._settings if name in landing}
        for name in self._cleaners if self._can_ask else ():
            table = self._table(name)
            self._before[name] = load.ask(partial(held.count_live, self._pipeline, self._rules.before, table))

    def _cleaner(self, name: str) -> Cleaner:
        from homeroom.dlt_seam.deletes import Cleaner

        soft = self._settings[name].deletes == "soft"
        return Cleaner(self._pipeline, self._table(name), self._load_id, self._at, soft=soft)

    def _table(self, name: str) -> str:
        from homeroom.dlt_seam.extraction import table_name_of

        return table_name_of(self._source, name)

    def act(self, report: Report, absent: Mapping[str, int], within: Mapping[str, Within]) -> Mapping[str, Deleted]:
        """Delete, or mark, what is gone; by resource.

        `absent` is what `absence.count_absent` told after the load, `within` what `FamilyReads` told of the others.
        """
        if not self._can_ask:
            return {name: Deleted(0, note=_NO_SQL) for name in self._cleaners}
        lines = [report.resources[name] for name in self._cleaners]
        deleted = {line.resource: self._acted(line, absent.get(line.resource), within) for line in lines}
        for name in sorted(self._settings.keys() - self._cleaners.keys()):
            self._act_on_other(name, report, deleted)
        return deleted

    def _act_on_other(self, name: str, report: Report, deleted: dict[str, Deleted]) -> None:
        """Delete what the lists that were loaded name of a resource that was not; the report may have no line of it."""
        for named in (named for named in self._settings[name].deleted_in if named.resource in self._landing):
            done = self._naming.act(self._table(name), self._cleaner(name), [named])
            if name in report.resources:
                deleted[name] = together(deleted.get(name, Deleted()), done)
            elif done.rows or done.note:
                number = "1 row was" if done.rows == 1 else f"{done.rows:,} rows were"
                told = f"{number} deleted from {self._table(name)} by it" if done.rows else ""
                note = Deleted(note="; ".join(filter(None, (told, done.note))))
                deleted[named.resource] = together(deleted.get(named.resource, Deleted()), note)

    def _acted(self, line: ResourceReport, absent: int | None, within: Mapping[str, Within]) -> Deleted:
        lists = self._settings[line.resource].deleted_in
        named = self._naming.act(line.table_name, self._cleaners[line.resource], lists)
        said = together(self._buried(line), named)
        if line.rows_rejected:  # older versions of them may be among the absent ones
            return together(said, Deleted(note=_DISCARDED.format(rows=line.rows_rejected, table=line.table_name)))
        doubt = self._doubt(line, absent)
        if doubt is None:
            left = absent if not said.rows else self._count_older(line)
            return together(said, self._absent(line, left) if left else Deleted(0))
        if (found := within.get(line.resource)) is not None:
            found = self._families.of(line) if said.rows else found
            return together(said, self._absent_within(line, found) if found and found.gone else Deleted(0))
        if not doubt and self._before[line.resource] and line.resource in self._source.read_in_part:
            doubt = self._families.untold(line)
        return together(said, Deleted(0, note=doubt))

    def _doubt(self, line: ResourceReport, absent: int | None) -> str | None:
        """Why absence is no sign, empty where there is nothing to say; None where it is one."""
        in_part = line.resource in self._source.read_in_part
        if line.status is not Status.COMPLETE or in_part or not self._before[line.resource]:
            return ""
        if absent is None:
            words = _SHARED if is_shared(self._source, line.table_name) else _UNTOLD
            return words.format(table=line.table_name)
        came = (self._count_older(line) or 0) - absent
        return _DISCARDED.format(rows=came, table=line.table_name) if came else None

    def _count_older(self, line: ResourceReport) -> int | None:
        from homeroom.dlt_seam import held

        table = line.table_name
        return load.ask(partial(held.count_older, self._pipeline, [table], self._load_id)).get(table)

    def _buried(self, line: ResourceReport) -> Deleted:
        """Delete the rows that say themselves that they are deleted."""
        from homeroom.dlt_seam.deletes import Tombstone

        rows, notes = 0, []
        for column, value in self._settings[line.resource].deleted_when:
            buried = load.ask(partial(self._cleaners[line.resource].buried, Tombstone(column, value)))
            rows += buried or 0
            if buried is None:
                notes.append(f"deleted_when: the table {line.table_name} has no column {column}")
        return Deleted(rows, note="; ".join(notes))

    def _absent(self, line: ResourceReport, absent: int) -> Deleted:
        """Delete the rows that did not come, unless these are too many."""
        way, held = f"deletes: {self._settings[line.resource].deletes}", self._before[line.resource]
        loss = Loss(line.resource, line.table_name, way, line.status, line.rows_received, held, absent)
        if why := objection(loss, share=self._rules.share, allowed=self._rules.allowed):
            if line.resource in self._source.with_cursor:
                why = f"{why}, and with --full-refresh: only a full read tells what is gone"
            return Deleted(0, refused=why)
        return Deleted(load.ask(self._cleaners[line.resource].absent))

    def _absent_within(self, line: ResourceReport, within: Within) -> Deleted:
        """Delete the rows that did not come of the parents that were read, unless these are too many."""
        way, table = f"deletes: {self._settings[line.resource].deletes}", f"{line.table_name} {_told(within.parents)}"
        held = max(within.held, within.absent)
        loss = Loss(line.resource, table, way, Status.COMPLETE, line.rows_received, held, within.absent)
        if why := objection(loss, share=self._rules.share, allowed=self._rules.allowed):
            return Deleted(0, refused=f"{why} when these parents are read again")
        return Deleted(load.ask(partial(self._cleaners[line.resource].absent_of, within.columns, within.gone)))


def _told(parents: int) -> str:
    return "(of the parent that was read)" if parents == 1 else f"(of the {parents:,} parents that were read)"
