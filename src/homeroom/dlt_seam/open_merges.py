"""What dlt's merge into Delta and Iceberg tables leaves undone, done before its load.

There a merge is an upsert: rows that were nested in a row and are no more stay, and pyiceberg merges no row with a new
column, because it reads the table by the columns of its last snapshot.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow.parquet
from dlt.common.destination.exceptions import DestinationUndefinedEntity
from dlt.common.schema import Schema
from dlt.common.schema.typing import C_DLT_ID
from dlt.common.schema.utils import get_columns_names_with_prop, get_nested_tables, is_nested_table
from dlt.common.storages.load_package import ParsedLoadJobFileName
from dlt.destinations.fs_client import FSClientBase
from dlt.pipeline.pipeline import Pipeline

from homeroom.dlt_seam import open_tables
from homeroom.dlt_seam.asking import asked

Files = Mapping[str, Sequence[str]]
"""Table to its load files."""


def settle(pipeline: Pipeline) -> None:
    """Ready the tables for the packages that are about to be loaded. Called between normalise and load.

    Killed after it, the tables lack rows that the API does not have any more, and nothing else.
    """
    if not issubclass(pipeline.destination.client_class if pipeline.destination else type(None), FSClientBase):
        return
    packages = pipeline._get_load_storage().normalized_packages
    for load_id in pipeline.list_normalized_load_packages():
        schema = packages.load_schema(load_id)
        files: dict[str, list[str]] = {}
        for job in packages.list_new_jobs(load_id):
            table = ParsedLoadJobFileName.parse(job).table_name
            files.setdefault(table, []).append(packages.storage.make_full_path(job))
        client: Any = pipeline._get_destination_clients(schema)[0]
        with client:
            for root in _merged_roots(schema, files):
                _settle_family(pipeline, schema, client, root, files)


def _merged_roots(schema: Schema, files: Files) -> list[str]:
    merged = [table for table in schema.data_tables() if table.get("write_disposition") == "merge"]
    names = [str(table["name"]) for table in merged if not is_nested_table(table)]
    return [name for name in names if name in files and _strategy(schema, name) in (None, "upsert", "insert-only")]


def _strategy(schema: Schema, table: str) -> Any:
    held: Mapping[str, Any] = schema.tables[table]
    return held.get("x-merge-strategy")


def _settle_family(pipeline: Pipeline, schema: Schema, client: Any, root: str, files: Files) -> None:
    for table in get_nested_tables(schema.tables, root):
        name = str(table["name"])
        table_format = open_tables.format_of(client, name)
        try:
            if table_format is not None and name != root and _strategy(schema, root) != "insert-only":
                stale = _stale(pipeline, schema, name, files[root], files.get(name, ()))
                open_tables.delete_rows(client, table_format, name, C_DLT_ID, stale)
            if table_format == "iceberg" and name in files:
                _widen(client, name, files[name])
        except DestinationUndefinedEntity:
            continue  # the load will make it


def _stale(pipeline: Pipeline, schema: Schema, table: str, roots: Sequence[str], nested: Sequence[str]) -> list[str]:
    """The ids of nested rows whose root row comes anew, and which do not come with it."""
    row_id = schema.naming.normalize_identifier(C_DLT_ID)
    (root_id,) = get_columns_names_with_prop(schema.tables[table], "root_key")
    with asked(pipeline, schema) as client:
        views: Any = client
        views.create_views_for_tables({table: table})
        gone = f"{root_id} IN (SELECT {row_id} FROM {_read(roots)})"
        if nested:
            gone += f" AND {row_id} NOT IN (SELECT {row_id} FROM {_read(nested)})"
        sql = f"SELECT {row_id} FROM {client.make_qualified_table_name(table)} WHERE {gone}"
        return [str(row[0]) for row in views.native_connection.execute(sql).fetchall()]


def _read(files: Sequence[str]) -> str:
    listed = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
    return f"read_parquet([{listed}], union_by_name = true)"


def _widen(client: Any, name: str, files: Sequence[str]) -> None:
    """Give an Iceberg table the columns of these files, and a snapshot that knows them."""
    from dlt.common.libs.pyiceberg import ensure_iceberg_compatible_arrow_schema

    schema = pyarrow.unify_schemas([pyarrow.parquet.read_schema(file) for file in files], promote_options="permissive")
    table = client.load_open_table("iceberg", name)
    with table.update_schema() as update:
        update.union_by_name(ensure_iceberg_compatible_arrow_schema(schema))
    last = table.current_snapshot()
    if last is not None and last.schema_id != table.metadata.current_schema_id:
        table.append(table.schema().as_arrow().empty_table())
