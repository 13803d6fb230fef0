"""Asking files in a folder or bucket in SQL: dlt's client, without what DuckDB would download for it."""

from __future__ import annotations

from collections.abc import Sequence

from dlt.common.destination.typing import PreparedTableSchema
from dlt.common.schema import Schema
from dlt.common.storages.configuration import FileSystemCredentials
from dlt.destinations.impl.filesystem.filesystem import FilesystemClient
from dlt.destinations.impl.filesystem.sql_client import FilesystemSqlClient

from homeroom.dlt_seam.open_tables import TableFormat, data_files


class FileViews(FilesystemSqlClient):
    """dlt's client of files, with views of its own over Delta and Iceberg tables.

    A bucket is read through fsspec, as dlt writes it: DuckDB's own ways are extensions. It makes its views at the first
    question and keeps them: take a new one after a load.
    """

    def create_secret(
        self,
        scope: str,
        credentials: FileSystemCredentials,
        secret_name: str | None = None,
        persist_secrets: bool = False,
    ) -> bool:
        """Nothing for a folder; a bucket's client is given to DuckDB."""
        protocol = self.remote_client.config.protocol
        if protocol != "file":
            self._register_filesystem(self.remote_client.fs_client, protocol)
        return True

    def create_view_select(
        self, table_schema: PreparedTableSchema, schema: Schema | None = None
    ) -> tuple[str, str] | None:
        """Where a table lies, and the select over its files."""
        known = schema or self.schema
        table_format = table_schema.get("table_format")
        name = str(table_schema["name"])
        if table_format not in ("delta", "iceberg") or name in known.dlt_table_names():
            return super().create_view_select(table_schema, known)
        location = self.remote_client.get_open_table_location(table_format, name, schema_name=str(known.name))
        return location, self._select(name, list(table_schema.get("columns", {})), table_format)

    def _select(self, table: str, columns: Sequence[str], table_format: TableFormat) -> str:
        files = data_files(self.remote_client, table_format, table)
        names = [self.escape_column_name(column) for column in columns]
        # Of a column that came after the last rows no file knows, and an empty table has none.
        empty = f"SELECT {', '.join(f'NULL AS {name}' for name in names)} WHERE FALSE"
        if not files:
            return empty
        listed = ", ".join("'" + file.removeprefix("file://").replace("'", "''") + "'" for file in files)
        # Delta keeps the columns that a table is partitioned by in the names of its folders alone.
        options = f"union_by_name = true, hive_partitioning = {'true' if table_format == 'delta' else 'false'}"
        known = f"(SELECT * FROM read_parquet([{listed}], {options}) UNION ALL BY NAME {empty})"
        return f"SELECT {', '.join(names)} FROM {known}"


def views_of(client: FilesystemClient) -> FileViews:
    """A client that answers SQL over the files of a dataset, by the schema that `client` has."""
    return FileViews(client, client.dataset_name)
