"""Rows that the API has deleted: after the load, and before the ledger says how many."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from homeroom import load
from homeroom.guard import Loss, objection
from homeroom.sync_run.absence import Rules
from homeroom.values import Report, ResourceReport, ResourceSettings, Status

if TYPE_CHECKING:
    from dlt import Pipeline

    from homeroom.source import RestApiSource


@dataclass(frozen=True, slots=True)
class Deleted:
    """What became of the deleted rows of one resource. `refused`: why absent ones were kept, if they were."""

    rows: int
    refused: str = ""
    note: str = ""


class Deletes:
    """The deletes of one run: asks before the load how many rows there are, and acts behind it.

    Absence counts only behind a complete read of all rows; `rules` are those of the guard. Raises `LoadError` where
    the tables cannot be asked: what was loaded stays, and the next run deletes.
    """

    def __init__(
        self, pipeline: Pipeline, source: RestApiSource, settings: Mapping[str, ResourceSettings], rules: Rules
    ) -> None:
        from homeroom.dlt_seam.destination import speaks_sql

        self._pipeline = pipeline
        self._source = source
        self._rules = rules
        self._settings = {name: each for name, each in settings.items() if each.deletes != "keep"}
        self._can_ask = not self._settings or speaks_sql(pipeline)
        self._before: dict[str, int] = {}

    def prepare(self, report: Report, landing: Collection[str], load_id: str, at: datetime) -> None:
        """Count what there is before the load."""
        from homeroom.dlt_seam.deletes import Cleaner

        self._cleaners = {
            name: Cleaner(
                self._pipeline, report.resources[name].table_name, load_id, at, soft=settings.deletes == "soft"
            )
            for name, settings in self._settings.items()
            if name in landing
        }
        if self._can_ask:
            self._before = {name: load.ask(cleaner.count_live) for name, cleaner in self._cleaners.items()}

    def act(self, report: Report) -> Mapping[str, Deleted]:
        """Delete, or mark, what is gone; by resource."""
        if not self._can_ask:
            words = "this destination cannot be asked in SQL, so nothing was deleted"
            return {name: Deleted(0, note=words) for name in self._cleaners}
        return {name: self._acted(name, report.resources[name]) for name in self._cleaners}

    def _acted(self, name: str, line: ResourceReport) -> Deleted:
        from homeroom.dlt_seam.deletes import Tombstone

        cleaner, settings = self._cleaners[name], self._settings[name]
        rows, notes = 0, []
        for column, value in settings.deleted_when:
            buried = load.ask(partial(cleaner.buried, Tombstone(column, value)))
            rows += buried or 0
            if buried is None:
                notes.append(f"deleted_when: the table {line.table_name} has no column {column}")
        if line.status is not Status.COMPLETE or name in self._source.read_in_part:
            return Deleted(rows, note="; ".join(notes))
        absent = load.ask(cleaner.count_absent)
        why = self._objection(line, settings, absent) if absent else None
        if absent and why is None:
            rows += load.ask(cleaner.absent)
        if why and name in self._source.with_cursor:
            why = f"{why}, and with --full-refresh: only a full read tells what is gone"
        return Deleted(rows, why or "", "; ".join(notes))

    def _objection(self, line: ResourceReport, settings: ResourceSettings, absent: int) -> str | None:
        way, held = f"deletes: {settings.deletes}", self._before[line.resource]
        loss = Loss(line.resource, line.table_name, way, line.status, line.rows_received, held, absent)
        return objection(loss, share=self._rules.share, allowed=self._rules.allowed)


def with_deleted(report: Report, deleted: Mapping[str, Deleted]) -> Report:
    """The report with what was deleted; a resource whose deletes were refused says so."""
    lines = {name: _line(line, deleted.get(name)) for name, line in report.resources.items()}
    return replace(report, resources=MappingProxyType(lines))


def _line(line: ResourceReport, deleted: Deleted | None) -> ResourceReport:
    if deleted is None:
        return line
    note = "; ".join(filter(None, (deleted.refused, deleted.note, line.note)))
    status = Status.DELETES_REFUSED if deleted.refused else line.status
    return replace(line, status=status, rows_deleted=deleted.rows, note=note)
