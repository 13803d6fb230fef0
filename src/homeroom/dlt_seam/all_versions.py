"""What stands at a destination of a pipeline's tables, whichever machine has made them.

dlt takes a schema from the destination only with a newer state, and each machine stores the tables that it has itself
learnt: neither its own schema nor the newest that is stored there need know all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dlt.common.destination.exceptions import DestinationUndefinedEntity
from dlt.common.json import json
from dlt.common.schema import Schema
from dlt.common.schema.utils import has_table_seen_data
from dlt.destinations.job_client_impl import SqlJobClientBase
from dlt.pipeline.pipeline import Pipeline


def schema_as_it_stands(pipeline: Pipeline) -> Schema:
    """The pipeline's schema, with tables and columns of all versions that are stored, without columns that are gone."""
    schema = pipeline.default_schema.clone()
    client: Any = pipeline._get_destination_clients(schema)[0]
    assert isinstance(client, SqlJobClientBase)
    with client:
        for version in _versions(client, schema):
            _take_in(schema, version)
        names = [str(table["name"]) for table in schema.data_tables(seen_data_only=True)]
        found = {name: {column.lower() for column in columns} for name, columns in client.get_storage_tables(names)}
    for name, standing in found.items():
        columns = schema.tables[name]["columns"]
        for column in [each for each in columns if standing and each.lower() not in standing]:
            del columns[column]
    return schema


def _versions(client: SqlJobClientBase, schema: Schema) -> Iterator[Schema]:
    """The versions of a schema that are stored, newest first."""
    sql, name = client.sql_client, schema.naming.normalize_identifier
    hash_, own, at = (sql.escape_column_name(name(each)) for each in ("version_hash", "schema_name", "inserted_at"))
    table = sql.make_qualified_table_name(schema.version_table_name)
    try:
        rows = sql.execute_sql(f"SELECT {hash_} FROM {table} WHERE {own} = %s ORDER BY {at} DESC", schema.name) or ()
    except DestinationUndefinedEntity:
        return
    for (version_hash,) in rows:
        stored = client.get_stored_schema_by_hash(version_hash)
        if stored is not None:
            yield Schema.from_stored_schema(json.loads(stored.schema))


def _take_in(schema: Schema, version: Schema) -> None:
    """Add what a version knows of tables with rows, and the schema does not."""
    for table in version.data_tables(seen_data_only=True):
        known = schema.tables.get(str(table["name"]))
        if known is None or not has_table_seen_data(known):
            schema.tables[str(table["name"])] = table
        else:
            known["columns"] = {**table["columns"], **known["columns"]}
