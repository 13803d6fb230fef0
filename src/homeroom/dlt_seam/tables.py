"""Our own tables at the destination: made and written through dlt's client, so in every dialect it speaks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dlt.common.destination.exceptions import DestinationUndefinedEntity
from dlt.common.schema import Schema
from dlt.common.schema.utils import new_table
from dlt.pipeline.pipeline import Pipeline

from homeroom.dlt_seam.asking import asked

Columns = Mapping[str, tuple[str, bool]]
"""Column name to dlt data type and whether it may be null."""


AT_ONCE = 50
"""Rows of one statement: of some databases one may have 2,100 values at most."""


def write_rows(pipeline: Pipeline, tables: Mapping[str, Columns], rows: Mapping[str, Sequence[Sequence[Any]]]) -> None:
    """Make or widen `tables` in the pipeline's dataset, then insert all `rows` in one transaction.

    Values are in the order of the columns. Either all rows are there afterwards or none.
    """
    schema = Schema("homeroom")
    for name, columns in tables.items():
        hints: Any = [{"name": c, "data_type": kind, "nullable": null} for c, (kind, null) in columns.items()]
        schema.update_table(new_table(name, columns=hints, write_disposition="append"))
    client: Any = pipeline._get_destination_clients(schema)[0]
    with client:
        if not client.is_storage_initialized():
            client.initialize_storage()
        _make_tables(client, list(tables))
        sql = client.sql_client
        with sql.begin_transaction():
            for name, values in rows.items():
                names = ", ".join(sql.escape_column_name(column) for column in tables[name])
                marks = f"({', '.join(['%s'] * len(tables[name]))})"
                for begin in range(0, len(values), AT_ONCE):
                    chunk = values[begin : begin + AT_ONCE]
                    statement = f"INSERT INTO {sql.make_qualified_table_name(name)} ({names}) VALUES "
                    sql.execute_sql(statement + ", ".join([marks] * len(chunk)), *(v for row in chunk for v in row))


def _make_tables(client: Any, names: Sequence[str]) -> None:
    """Without a row of their own in `_dlt_version`: our tables are no schema of the user's."""
    if not hasattr(client, "_to_table_object"):
        client._execute_schema_update_sql(names, store_schema=False)
        return
    for name in names:  # SQLAlchemy's client makes them without a text of SQL
        client._to_table_object(client.schema.tables[name])
        table, fresh, exists = client.sql_client.compare_storage_table(name)
        with client.sql_client.begin_transaction():
            if exists:
                client.sql_client.alter_table_add_columns(fresh)
            else:
                client.sql_client.create_table(table)


def count_rows(pipeline: Pipeline, tables: Sequence[str]) -> dict[str, int]:
    """How many rows each table holds; 0 for one that does not exist."""
    counts = dict.fromkeys(tables, 0)
    with asked(pipeline) as client:
        for table in tables:
            try:
                found = client.execute_sql(f"SELECT COUNT(*) FROM {client.make_qualified_table_name(table)}")
            except DestinationUndefinedEntity:
                continue
            counts[table] = int(found[0][0]) if found else 0
    return counts
