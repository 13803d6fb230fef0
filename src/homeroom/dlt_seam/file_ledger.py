"""Our own tables where rows are files: one parquet file of each for a run."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow
import pyarrow.parquet
from dlt.pipeline.pipeline import Pipeline

from homeroom.dlt_seam.tables import Columns

_TYPES: Mapping[str, pyarrow.DataType] = {
    "text": pyarrow.string(),
    "bigint": pyarrow.int64(),
    "double": pyarrow.float64(),
    "timestamp": pyarrow.timestamp("us", tz="UTC"),
}


def write_files(
    pipeline: Pipeline, tables: Mapping[str, Columns], rows: Mapping[str, Sequence[Sequence[Any]]], name: str
) -> None:
    """Write `rows` as the files `name`.parquet, one for each table, in its folder of the dataset.

    The first table comes last: a run without a row in it is not finished. A file that is there is written anew.
    """
    client: Any = pipeline._get_destination_clients(pipeline._get_schema_or_create())[0]
    with client:
        for table, columns in reversed([*tables.items()]):
            folder = client.pathlib.join(client.dataset_path, table)
            client.fs_client.makedirs(folder, exist_ok=True)
            _put(client, client.pathlib.join(folder, f"{name}.parquet"), _parquet(columns, rows[table]))


def _parquet(columns: Columns, rows: Sequence[Sequence[Any]]) -> bytes:
    fields = [pyarrow.field(column, _TYPES[kind], nullable=null) for column, (kind, null) in columns.items()]
    lines = [dict(zip(columns, row, strict=True)) for row in rows]
    target = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(lines, pyarrow.schema(fields)), target)
    return target.getvalue()


def _put(client: Any, file: str, content: bytes) -> None:
    """In a bucket an object is there whole or not at all; in a folder it is named so once it is whole."""
    if not client.is_local_filesystem:
        client.fs_client.pipe_file(file, content)
        return
    client.fs_client.pipe_file(f"{file}.part", content)
    client.fs_client.mv(f"{file}.part", file)
