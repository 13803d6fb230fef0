"""What a resource may know of its surroundings while dlt pulls it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from copy import deepcopy
from functools import lru_cache
from typing import Any, ClassVar

import dlt
from dlt.common.exceptions import DltException
from dlt.common.normalizers.json.relational import DataItemNormalizer
from dlt.common.schema import Schema
from dlt.extract import DltResource, DltSource, Incremental
from dlt.extract.exceptions import InvalidParallelResourceDataType
from dlt.extract.incremental import IncrementalResourceWrapper
from dlt.extract.items_transform import MapItem
from dlt.extract.pipe import ForkPipe
from dlt.extract.state import get_current_pipe

from homeroom.dlt_seam.merging import way_of, way_of_table

DLT_PREFIX = "_dlt_"
"""How the names of dlt's own columns begin, before any naming convention."""


def in_extraction() -> bool:
    """Whether a pipeline is extracting (then rows will be loaded), or somebody merely iterates."""
    try:
        dlt.current.load_package_state()
    except DltException:
        return False
    return True


def current_resource(name: str) -> DltResource | None:
    """The resource of that name in the source that is being iterated; None outside of a source."""
    try:
        source = dlt.current.source()
    except DltException:
        return None
    return source.resources.get(name)


def current_pipe() -> object | None:
    """What dlt pulls just now: one object for each resource, and another one in each iteration."""
    try:
        return get_current_pipe()
    except DltException:
        return None


def add_cursor(resource: DltResource, cursor: Incremental[Any]) -> None:
    """Let a transformer's rows go through an `Incremental` that is bound once in each run.

    Handed to its function, dlt would bind it anew, from the newest row so far, with each page of parents: older
    rows of later parents would be filtered out.
    """
    wrapper = IncrementalResourceWrapper()
    wrapper.set_incremental(cursor.copy())
    wrapper.set_deduplication_key((resource._hints or {}).get("primary_key"), from_hints=True)
    resource.add_step(wrapper)


def current_cursor() -> Incremental[Any] | None:
    """The `Incremental` of what dlt pulls just now, bound to the pipeline's state."""
    pipe: Any = current_pipe()
    wrapper = pipe.get_by_type(IncrementalResourceWrapper) if pipe is not None else None
    return wrapper.incremental if wrapper is not None else None


def has_user_steps(resource: DltResource) -> bool:
    """Whether maps, filters or validators come after the pages: a null may still be filled there."""
    own = [step for step in resource._pipe.steps[1:] if not isinstance(step, IncrementalResourceWrapper | Incremental)]
    return bool(own)


class LastMap(MapItem):
    """A map behind all steps of the user's, those that are added later too, and before the `Incremental`."""

    placement_affinity: ClassVar[float] = 0.95


def ends_with_map(act: Callable[[Any], Any]) -> bool:
    """Whether rows that dlt pulls just now go through a `LastMap`. Where other steps follow their pages, one is added.

    Steps that were added in Python (`add_map`, `add_limit`) are known only now; so it is added in this iteration alone.
    """
    pipe: Any = current_pipe()
    if pipe is None:
        return False
    ours = (IncrementalResourceWrapper, Incremental, ForkPipe)
    own = [step for step in pipe.steps[1:] if not isinstance(step, ours)]
    if own and not any(isinstance(step, LastMap) for step in own):
        pipe.append_step(LastMap(act))
        for fork in (step for step in pipe.steps if isinstance(step, ForkPipe)):
            # It hands rows to the children, and to its own pipe by the place in it where it stands.
            fork._pipes = [(each, at + 1 if each is pipe else at) for each, at in fork._pipes]
    return bool(own)


def copy_state(resource: str) -> dict[str, Any]:
    """What the pipeline remembers of a resource, its cursors included; empty outside of a pipeline."""
    try:
        # To ask for a resource's own state would make one.
        return deepcopy(dict(dlt.current.source_state().get("resources", {}).get(resource, {})))
    except DltException:
        return {}


def put_state(resource: str, state: dict[str, Any]) -> None:
    """Make the pipeline remember this of a resource, as if it had not been read."""
    try:
        remembered: Any = dlt.current.source_state().setdefault("resources", {})
    except DltException:
        return
    remembered[resource] = state


def declared_columns(resource: DltResource) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The primary key's columns, and all that are declared not null, as hints name them.

    Without those that dlt itself fills (`_dlt_id` of `scd2`). Both empty where hints are functions of a row. No key
    where `dedup_sort` says that the API has several rows of one.
    """
    try:
        declared = resource.compute_table_schema()["columns"]
    except DltException:
        return (), ()
    columns = {name: column for name, column in declared.items() if not name.startswith(DLT_PREFIX)}
    several = any(column.get("dedup_sort") for column in columns.values())
    key = () if several else tuple(name for name, column in columns.items() if column.get("primary_key"))
    return key, tuple(name for name, column in columns.items() if column.get("nullable") is False)


def parallelize(resource: DltResource) -> None:
    """Let dlt read a resource in its threads, where it can."""
    with suppress(InvalidParallelResourceDataType):
        resource.parallelize()


def replaces(resource: DltResource) -> bool:
    """Whether the resource's rows take the place of all that its table holds."""
    return way_of(resource.write_disposition).disposition == "replace"


def merges_by_key(resource: DltResource) -> bool:
    """Whether of rows with one key the table holds the one that came last."""
    return way_of(resource.write_disposition).keeps_one


def takes_away(resource: DltResource, schema: Schema) -> str | None:
    """By what a load of the resource takes away what its read did not bring: `replace`, `scd2`, `cdc`; None by nothing.

    scd2 retires and cdc deletes whatever is not in the load, `incremental` or not; with a `merge_key` or a
    `destination_scope` only rows that these choose, which is for the config to say (by `dlt.destinations.sql_jobs`).
    A strategy stays in the `schema` when a later config says no more than `merge`, and is what dlt then goes by.
    """
    try:
        own: Any = resource.compute_table_schema()
        tables = [own | {"name": schema.naming.normalize_tables_path(str(own["name"]))}]
    except DltException:  # its hints depend on the row
        tables = [table for table in schema.data_tables() if table.get("resource") == resource.name]
    held = [schema.tables.get(table["name"], table) for table in tables]
    alike = [
        h if h.get("write_disposition") == t.get("write_disposition") else t for t, h in zip(tables, held, strict=True)
    ]
    return next((way for table in alike if (way := _way(table))), None)


def _way(table: Any) -> str | None:
    way = way_of_table(table)
    if way.disposition == "replace":
        return "replace"
    chosen = "x-merge-destination-scope" in table or any(c.get("merge_key") for c in table["columns"].values())
    loses = way.disposition == "merge" and way.strategy in ("scd2", "cdc") and not chosen
    return way.strategy if loses else None


def current_schema() -> Schema | None:
    """The schema of the source that is being extracted, with what earlier runs have made of it."""
    try:
        return dlt.current.source_schema()
    except DltException:
        return None


def table_name_of(source: DltSource, resource: str) -> str:
    """The name of a resource's root table at the destination; the resource's own where it depends on the row."""
    found = source.resources.get(resource)
    name = resource
    if found is not None and isinstance(found.table_name, str):
        name = found.table_name
    return str(source.schema.naming.normalize_tables_path(name))


def may_feed(source: DltSource, table: str) -> set[str]:
    """The resources that feed a root table, selected or not, and those whose rows choose their table: any may be it."""
    found = source.resources.items()
    return {name for name, each in found if each.has_dynamic_table_name or table_name_of(source, name) == table}


def has_format(resource: DltResource) -> bool:
    """Whether it is said of a resource in which format its load files are. Functions of the row are not called."""
    return (resource._hints or {}).get("file_format") is not None


def own_table(resource: DltResource, schema: Schema) -> str:
    """The name of a resource's root table, where that does not depend on the row."""
    return str(schema.naming.normalize_tables_path(str(resource.table_name)))


def tables_of(source: DltSource, resource: str, schema: Schema) -> set[str]:
    """The root tables that a resource feeds: one, but where its rows choose theirs all that it has fed by `schema`."""
    if not source.resources[resource].has_dynamic_table_name:
        return {table_name_of(source, resource)}
    return {str(table["name"]) for table in schema.data_tables() if table.get("resource") == resource}


def holds_rows(schema: Schema, table_name: str) -> bool:
    """Whether an earlier load put rows into a table."""
    return table_name in {table["name"] for table in schema.data_tables(seen_data_only=True)}


def column_namer(schema: Schema | None) -> Callable[[str], str]:
    """How a key of a row becomes a column's name, by the schema's naming convention; each key once."""
    naming = (schema or Schema("homeroom")).naming

    @lru_cache(maxsize=4096)
    def named(key: str) -> str:
        return naming.normalize_path(key) if key.strip() else DataItemNormalizer.EMPTY_KEY_IDENTIFIER

    return named
