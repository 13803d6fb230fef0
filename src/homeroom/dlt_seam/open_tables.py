"""Delta and Iceberg tables in a folder or bucket: which files hold their rows, and rows taken out of them.

Through the libraries that dlt writes them with. DuckDB would download an extension for each to read them by.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, Literal

from dlt.common.destination.exceptions import DestinationUndefinedEntity
from dlt.common.schema.typing import C_DLT_LOAD_ID
from dlt.common.schema.utils import get_nested_tables

from homeroom.errors import LoadError

TableFormat = Literal["delta", "iceberg"]
FORMATS: tuple[TableFormat, ...] = ("delta", "iceberg")

AT_ONCE = 1_000
"""Values of one condition: either library makes an expression of all of them."""


def format_of(client: Any, table: str) -> TableFormat | None:
    """The format of an open table; None for one whose rows are files in a folder, as they came."""
    return next((each for each in FORMATS if client.is_open_table(each, table)), None)


def data_files(client: Any, table_format: TableFormat, table: str) -> list[str]:
    """The parquet files that hold a table's rows now.

    Raises dlt's `DestinationUndefinedEntity` where there is no such table, and `LoadError` where somebody else has
    deleted rows of it without writing its files anew: then they hold rows that are gone.
    """
    opened = client.load_open_table(table_format, table)
    if table_format == "delta":
        features: Sequence[str] = opened.protocol().reader_features or ()
        if "deletionVectors" in features:
            raise _marked(table, "deletion vectors", "run REORG TABLE … APPLY (PURGE), and turn them off")
        return list(opened.file_uris())
    tasks = list(opened.scan().plan_files())
    if any(task.delete_files for task in tasks):
        raise _marked(table, "delete files", "compact it, and set write.delete.mode to copy-on-write")
    return [task.file.file_path for task in tasks]


def _marked(table: str, what: str, hint: str) -> LoadError:
    return LoadError(f"could not read table {table}: it has {what}; {hint}", code="load-refused")


def delete_rows(client: Any, table_format: TableFormat, table: str, column: str, values: Sequence[str]) -> None:
    """Delete the rows that have one of these values in a column; each thousand is one commit of the table."""
    opened = client.load_open_table(table_format, table)
    for begin in range(0, len(values), AT_ONCE):
        chunk = values[begin : begin + AT_ONCE]
        if table_format == "delta":
            texts = ", ".join("'" + value.replace("'", "''") + "'" for value in chunk)
            opened.delete(f'"{column}" IN ({texts})')
        else:
            from pyiceberg import expressions

            one_of: Any = expressions.In  # its signature is for values of a type known by then
            opened.delete(one_of(column, set(chunk)))


def drop_torn(client: Any, table: str) -> None:
    """Delete the newest metadata of an Iceberg table where a killed process has not written it to its end.

    Without a lasting catalog dlt takes the newest file, and fails for ever. Delta writes its log at once.
    """
    files, folder = client.fs_client, client.pathlib.join(client.get_table_dir(table), "metadata")
    if not files.isdir(folder):
        return
    for file in sorted((name for name in files.ls(folder, detail=False) if name.endswith(".json")), reverse=True):
        with files.open(file, "rb", compression="gzip" if ".gz." in file else None) as opened:
            try:
                json.loads(opened.read())
                return
            except (ValueError, EOFError):
                pass
        files.rm_file(file)


def remove_load(client: Any, asked: Callable[[], Any], root: str, load_id: str) -> None:
    """Delete a load's rows of a root table, then what is nested in rows that are not there, from the top down.

    `asked` gives a client that answers SQL of the same dataset: parents alone know their load.
    """
    schema = client.schema
    for table in get_nested_tables(schema.tables, root):
        name = str(table["name"])
        table_format = format_of(client, name)
        if table_format is None:
            continue
        try:
            if name == root:
                delete_rows(client, table_format, name, schema.naming.normalize_identifier(C_DLT_LOAD_ID), [load_id])
            else:
                parents = _lost_parents(asked, name, str(table["parent"]))
                delete_rows(client, table_format, name, "_dlt_parent_id", parents)
        except DestinationUndefinedEntity:
            continue  # the load was killed before it made it


def _lost_parents(asked: Callable[[], Any], child: str, parent: str) -> list[str]:
    """The ids of parents that a nested table's rows name, and that are not there."""
    with asked() as client:
        name = client.make_qualified_table_name
        held = f"SELECT DISTINCT _dlt_parent_id FROM {name(child)} WHERE _dlt_parent_id IS NOT NULL"
        try:
            rows = client.execute_sql(f"{held} AND _dlt_parent_id NOT IN (SELECT _dlt_id FROM {name(parent)})")
        except DestinationUndefinedEntity:
            rows = client.execute_sql(held)  # without its parents' table all of them are lost
    return [str(row[0]) for row in rows or ()]
