"""Rows that an earlier read did not bring, known by loads that are older than that read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dlt.common.destination.exceptions import DestinationUndefinedEntity
from dlt.common.schema import Schema
from dlt.common.schema.typing import C_DLT_LOAD_ID
from dlt.destinations.sql_client import SqlClientBase
from dlt.pipeline.pipeline import Pipeline

from homeroom.dlt_seam.conditions import Rows, live, valued
from homeroom.dlt_seam.deletes import Cleaner
from homeroom.dlt_seam.families import Family, families
from homeroom.dlt_seam.held import client_by


@dataclass(frozen=True, slots=True)
class Waiting:
    """Rows that wait to be deleted: so many, and of which parents, whom `columns` name; None: of all."""

    rows: int
    columns: Sequence[str] = ()
    families: Sequence[Family] | None = None


def loads_of(pipeline: Pipeline, schema: Schema, table: str) -> list[str]:
    """The loads that have written the rows of a table last; `schema` has the table as it is at the destination."""
    with client_by(pipeline, schema) as client:
        column = client.escape_column_name(_load_column(schema))
        try:
            found = client.execute_sql(f"SELECT DISTINCT {column} FROM {client.make_qualified_table_name(table)}")
        except DestinationUndefinedEntity:
            return []
    return [str(row[0]) for row in found or () if row[0] is not None]


class LateCleaner(Cleaner):
    """Deletes the rows of one table that these loads have written last, so long after the read that missed them."""

    def __init__(self, pipeline: Pipeline, table: str, loads: Sequence[str], at: datetime, *, soft: bool) -> None:
        super().__init__(pipeline, table, "", at, soft=soft)
        self._loads = loads

    def waiting(self, columns: Sequence[str], parents: Sequence[Sequence[str]] | None) -> Waiting:
        """The rows there are of these loads: of all parents, or of those alone."""
        schema = self._pipeline.default_schema
        if parents is None:
            with self._pipeline.sql_client() as client:
                return Waiting(self._count(client, self._older(client) & live(schema, self._table, client)))
        wanted = {tuple(parent) for parent in parents}
        held = families(self._pipeline, schema, self._table, columns, of=self._loads)
        found = [family for family in held if family.parent in wanted]
        return Waiting(sum(family.rows for family in found), columns, found)

    def take(self, waiting: Waiting) -> int:
        """Delete them; how many."""
        return self.absent() if waiting.families is None else self.absent_of(waiting.columns, waiting.families)

    def _older(self, client: SqlClientBase[Any]) -> Rows:
        return valued(client, [_load_column(self._pipeline.default_schema)], [(each,) for each in self._loads])


def _load_column(schema: Schema) -> str:
    return str(schema.naming.normalize_identifier(C_DLT_LOAD_ID))
