"""What lies between extract and load: packages of a killed run, and files that must not be loaded."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from copy import deepcopy
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from dlt.common.destination.exceptions import DestinationUndefinedEntity
from dlt.common.schema import Schema
from dlt.common.schema.typing import TTableSchema
from dlt.common.schema.utils import get_nested_tables, has_column_with_prop, is_nested_table
from dlt.common.storages.load_package import PackageStorage, ParsedLoadJobFileName
from dlt.common.utils import uniq_id
from dlt.destinations.job_client_impl import SqlJobClientBase
from dlt.destinations.sql_client import SqlClientBase
from dlt.pipeline.pipeline import Pipeline

from homeroom.dlt_seam import open_tables
from homeroom.dlt_seam.asking import asked


def pending_load_ids(pipeline: Pipeline) -> set[str]:
    """Packages of an earlier run that were not loaded to their end."""
    return {*pipeline.list_extracted_load_packages(), *pipeline.list_normalized_load_packages()}


def forget_pending(pipeline: Pipeline) -> None:
    """Set the working folder back to what the destination holds: its last committed state and schemas.

    Whatever was extracted and not loaded is gone; a package that dlt was killed in the middle of moving
    (then it lies in two folders and every later run fails) is gone too.
    """
    # At once: where a kill falls into the deletion, state without its schema would stay, which dlt cannot open.
    Path(pipeline.working_dir).replace(_forgotten(pipeline))
    pipeline.drop()
    remove_forgotten(pipeline)
    pipeline.sync_destination()


def remove_forgotten(pipeline: Pipeline) -> None:
    """Delete the working folder that was set aside for it, also where an earlier process was killed over that."""
    if (folder := _forgotten(pipeline)).exists():
        shutil.rmtree(folder)


def _forgotten(pipeline: Pipeline) -> Path:
    return Path(f"{pipeline.working_dir}.forgotten")


def remove_appended(pipeline: Pipeline, load_ids: Collection[str]) -> None:
    """Delete what unfinished loads appended, children included; merged and replaced tables mend themselves.

    A load that did commit (its id is in `_dlt_loads`, the process was killed after that) stays.
    """
    storage = pipeline._get_load_storage().normalized_packages
    # What was never normalised was never loaded. A table's disposition may be the package's own (`first_load`).
    for load_id in set(load_ids) & {*pipeline.list_normalized_load_packages()}:
        schema = storage.load_schema(load_id)
        client: Any = pipeline.destination_client(schema.name)
        with asked(pipeline, schema) as sql:
            if load_id in _committed(sql, schema):
                continue
            if isinstance(client, SqlJobClientBase):
                for table in _appended_roots(schema):
                    _remove_load(sql, schema, table, load_id)
                continue
        _remove_from_files(pipeline, schema, [str(table["name"]) for table in schema.data_tables()], load_id)


def remove_loads(pipeline: Pipeline, load_ids: Collection[str], tables: Collection[str]) -> None:
    """Delete what committed loads have brought to root tables and their children, where those are appended to."""
    schema = pipeline.default_schema
    client: Any = pipeline.destination_client(schema.name)
    for load_id in load_ids:
        if not isinstance(client, SqlJobClientBase):
            families = [get_nested_tables(schema.tables, root) for root in tables if root in schema.tables]
            names = [str(table["name"]) for family in families for table in family]
            _remove_from_files(pipeline, schema, names, load_id)
            continue
        with pipeline.sql_client(schema.name) as sql:
            for root in _appended_roots(schema):
                if root in tables:
                    _remove_load(sql, schema, root, load_id)


def was_committed(pipeline: Pipeline, load_id: str) -> bool:
    """Whether a load is in `_dlt_loads`; a destination without a schema of the pipeline's has none."""
    return bool(pipeline.default_schema_name) and load_id in committed_loads(pipeline)


def committed_loads(pipeline: Pipeline) -> set[str]:
    """All loads in `_dlt_loads`, whatever the pipeline knows of its schemas by now.

    Raises dlt's `SqlClientNotAvailable` where the destination cannot be asked.
    """
    with asked(pipeline) as sql:
        return _committed(sql, pipeline.default_schema if pipeline.default_schema_name else Schema("homeroom"))


def _committed(client: SqlClientBase[Any], schema: Schema) -> set[str]:
    loads = client.make_qualified_table_name(schema.loads_table_name)
    try:
        return {str(row[0]) for row in client.execute_sql(f"SELECT DISTINCT load_id FROM {loads}") or ()}
    except DestinationUndefinedEntity:
        return set()


def _remove_from_files(pipeline: Pipeline, schema: Schema, tables: Sequence[str], load_id: str) -> None:
    """Whole files where these are the table; of Delta and Iceberg tables that are appended to, rows."""
    client: Any = pipeline._get_destination_clients(schema)[0]
    with client:
        opened = {table: found for table in tables if (found := open_tables.format_of(client, table))}
        for table in (name for name, table_format in opened.items() if table_format == "iceberg"):
            open_tables.drop_torn(client, table)
        _remove_files(client, [table for table in tables if table not in opened], load_id)
        for root in _appended_roots(schema):
            if root in opened:
                open_tables.remove_load(client, partial(asked, pipeline, schema), root, load_id)


def _remove_files(client: Any, tables: Sequence[str], load_id: str) -> None:
    """In a folder a table's rows are files, named by their load (dlt's layout); what is merged is appended."""
    for table in tables:
        with suppress(DestinationUndefinedEntity):
            for file in client.list_table_files(table):
                if load_id in PurePosixPath(file).name:
                    client.fs_client.rm(file)


def _appended_roots(schema: Schema) -> list[str]:
    return [str(t["name"]) for t in schema.data_tables() if not is_nested_table(t) and _appends(t)]


def _appends(table: TTableSchema) -> bool:
    disposition = table.get("write_disposition")
    # A merge without a key is an append in dlt.
    keyed = has_column_with_prop(table, "primary_key") or has_column_with_prop(table, "merge_key")
    return disposition == "append" or (disposition == "merge" and not keyed)


def _remove_load(client: SqlClientBase[Any], schema: Schema, root: str, load_id: str) -> None:
    """The root's rows of that load, then all children without a parent, from the top down.

    Only the root's rows know their load, and dlt loads the tables of a chain side by side: rows of a child may
    have come before any of their parents.
    """
    # Where there is no such table the load was killed before it made it.
    with suppress(DestinationUndefinedEntity):
        client.execute_sql(f"DELETE FROM {client.make_qualified_table_name(root)} WHERE _dlt_load_id = %s", load_id)
    remove_orphans(client, schema, root)


def remove_orphans(client: SqlClientBase[Any], schema: Schema, root: str) -> None:
    """Delete the rows of nested tables whose parent is gone, from the top down."""
    name = client.make_qualified_table_name
    for table in get_nested_tables(schema.tables, root, include_self=False):
        child, parent = str(table["name"]), str(table["parent"])
        with suppress(DestinationUndefinedEntity):
            orphaned = f"_dlt_parent_id NOT IN (SELECT _dlt_id FROM {name(parent)})"
            client.execute_sql(f"DELETE FROM {name(child)} WHERE {orphaned}")


def withhold(pipeline: Pipeline, load_id: str, tables: Collection[str]) -> None:
    """Take the rows of root tables out of an extracted package, nested ones too; called before it is normalised."""
    packages: PackageStorage = pipeline._get_normalize_storage().extracted_packages
    families = set().union(*(_family(pipeline.default_schema, table) for table in tables))
    for path in packages.list_new_jobs(load_id):
        if ParsedLoadJobFileName.parse(path).table_name in families:
            packages.storage.delete(path)


def unlearn(pipeline: Pipeline, load_id: str, before: Schema) -> None:
    """Set the schema of tables that are not in an extracted package back to `before`; called before it is normalised.

    dlt makes the columns of the tables that are in a load, and writes down the hash of the whole schema. A later load
    with this schema would make none of the others any more, and fail for a column that a table does not have.
    """
    packages: PackageStorage = pipeline._get_normalize_storage().extracted_packages
    loaded = {ParsedLoadJobFileName.parse(path).table_name for path in packages.list_new_jobs(load_id)}
    schema = pipeline.default_schema
    roots = [str(table["name"]) for table in schema.data_tables(include_incomplete=True) if not is_nested_table(table)]
    for family in (_family(schema, root) for root in roots):
        if not family & loaded:
            schema.drop_tables([name for name in family if name not in before.tables])
            for name in family & before.tables.keys():
                schema.tables[name] = deepcopy(before.tables[name])
    pipeline.schemas.save_schema(schema)


def _family(schema: Schema, root: str) -> set[str]:
    """A root table and those nested in it."""
    nested = get_nested_tables(schema.tables, root) if root in schema.tables else []
    return {root, *(str(table["name"]) for table in nested)}


def add_empty(pipeline: Pipeline, load_id: str, table: str) -> None:
    """Put a file without rows of a root table into an extracted package, so that it is loaded as one without rows."""
    packages: PackageStorage = pipeline._get_normalize_storage().extracted_packages
    name = packages.build_job_file_name(table, uniq_id(5), loader_file_format="typed-jsonl")
    packages.storage.save(packages.get_job_file_path(load_id, packages.NEW_JOBS_FOLDER, name), "")


def tables_by_resource(schema: Schema) -> Mapping[str, set[str]]:
    """The root tables that each resource feeds."""
    fed: dict[str, set[str]] = {}
    for table in schema.data_tables(include_incomplete=True):
        if not is_nested_table(table) and (resource := table.get("resource")):
            fed.setdefault(str(resource), set()).add(str(table["name"]))
    return fed


def landed_in_part(pipeline: Pipeline) -> bool:
    """Whether a load that failed had committed tables which stay: merged or replaced ones, with their staging done."""
    storage = pipeline._get_load_storage().normalized_packages
    for load_id in pipeline.list_normalized_load_packages():
        tables = storage.load_schema(load_id).data_tables()
        lasting = {table["name"] for table in tables if table.get("write_disposition") != "append"}
        done = storage.get_load_package_jobs(load_id)["completed_jobs"]
        # Rows of a merge lie in staging until its follow-up job, which is SQL, is done.
        if any(job.table_name in lasting and job.file_format == "sql" for job in done):
            return True
    return False
