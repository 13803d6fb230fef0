"""Rows of children that did not come, where not all rows were read, but all of some parents."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from homeroom import load
from homeroom.sync_run.absence import Rules, is_shared
from homeroom.values import Report, ResourceReport, Status

if TYPE_CHECKING:
    from dlt import Pipeline

    from homeroom.dlt_seam.families import Family
    from homeroom.source import RestApiSource

_NO_PARENT = (
    "not all parents were read, and its rows do not tell their one parent, so none was deleted as absent: name the "
    "column that does as {place}"
)


@dataclass(frozen=True, slots=True)
class Within:
    """The rows of the parents that a child was read for to a proved end.

    `parents` is how many these are, `held` the rows that the table held of them before the load; `gone` are those of
    them with rows that did not come, `columns` what names them.
    """

    columns: tuple[str, ...]
    parents: int
    held: int
    gone: tuple[Family, ...]

    @property
    def absent(self) -> int:
        """How many rows did not come."""
        return sum(family.rows for family in self.gone)


@dataclass(frozen=True, slots=True)
class Held:
    """What a table held before the load of these `parents`, whom `columns` name: so many rows."""

    columns: tuple[str, ...]
    parents: frozenset[tuple[str, ...]]
    held: int


class FamilyReads:
    """Children of one run: asked before the load what the tables hold of each parent, and after it what did not come.

    Raises `LoadError` where the tables cannot be asked.
    """

    def __init__(self, pipeline: Pipeline, source: RestApiSource, rules: Rules, load_id: str) -> None:
        from homeroom.dlt_seam.destination import takes_tables

        self._pipeline = pipeline
        self._source = source
        self._rules = rules
        self._load_id = load_id
        self._can_ask = takes_tables(pipeline)
        self._before: dict[str, Mapping[tuple[str, ...], int]] = {}

    def prepare(self, report: Report, landing: Collection[str]) -> None:
        """Count what there is before the load."""
        from homeroom.dlt_seam.families import families

        scopes = {name: self._source.scope(name) for name in landing} if self._can_ask else {}
        for name, scope in scopes.items():
            if scope is not None and scope.parents:
                table = report.resources[name].table_name
                ask = partial(families, self._pipeline, self._rules.before, table, scope.columns)
                self._before[name] = {family.parent: family.rows for family in load.ask(ask)}

    def held(self, name: str) -> Held | None:
        """The parents that a child was read for to a proved end, asked after `prepare`; None where it has none."""
        scope = self._source.scope(name) if name in self._before else None
        if scope is None:
            return None
        rows = sum(self._before[name].get(parent, 0) for parent in scope.parents)
        return Held(scope.columns, scope.parents, rows)

    def within(self, report: Report, whole: Mapping[str, int]) -> dict[str, Within]:
        """What did not come of the parents that were read, after the load, by child.

        Not of those that are `whole`, of which all rows were asked for, where that is proved.
        """
        lines = {name: report.resources[name] for name in self._before}
        found = {
            name: self.of(line)
            for name, line in lines.items()
            if name not in whole or line.status is not Status.COMPLETE
        }
        return {name: each for name, each in found.items() if each is not None}

    def untold(self, line: ResourceReport) -> str:
        """Why absent rows stay of a child that was read for some parents, where the config can mend it; else empty."""
        from homeroom.dlt_seam.families import columns_of

        name, table = line.resource, line.table_name
        if self._source.parents[name] is None or name in self._source.with_cursor:
            return ""
        scope = self._source.scope(name)
        if scope is None:
            return _NO_PARENT.format(place=f"sync.resources.{name}.parent_column")
        found = columns_of(self._pipeline.default_schema, table, scope.columns)
        return "" if found else f"parent_column: the table {table} has no column {', '.join(scope.columns)}"

    def of(self, line: ResourceReport) -> Within | None:
        """The same of one child; None where its table does not tell which rows came."""
        from homeroom.dlt_seam import held
        from homeroom.dlt_seam.families import columns_of, families

        table, scope = line.table_name, self._source.scope(line.resource)
        schema = self._pipeline.default_schema
        tells = held.writes_all(schema, table) and not held.discards_rows(self._pipeline, table)
        if scope is None or not tells or is_shared(self._source, table) or not columns_of(schema, table, scope.columns):
            return None
        ask = partial(families, self._pipeline, schema, table, scope.columns, but=self._load_id)
        gone = tuple(family for family in load.ask(ask) if family.parent in scope.parents)
        before = self.held(line.resource)
        return Within(scope.columns, len(scope.parents), before.held if before else 0, gone)
