"""What a run has added to tables that were there before it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from homeroom.values import SchemaChange

if TYPE_CHECKING:
    from dlt import Pipeline
    from dlt.common.schema import Schema

    from homeroom.source import RestApiSource


def schema_changes(
    pipeline: Pipeline, source: RestApiSource, landed: Collection[str], before: Schema
) -> Mapping[str, tuple[SchemaChange, ...]]:
    """New tables and columns by resource, of those that landed; `before` are the tables from before the read."""
    from homeroom.dlt_seam.changes import changes_of
    from homeroom.dlt_seam.extraction import tables_of

    after = pipeline.default_schema
    fed = {name: tables_of(source, name, after) for name in source.resources if name in landed}
    found = {name: changes_of(before, after, tables) for name, tables in fed.items()}
    return MappingProxyType({name: changes for name, changes in found.items() if changes})
