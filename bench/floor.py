"""The floor: what reading the same pages into the same tables costs without dlt and without any proof.

All pages are fetched with aiohttp, then decoded with pyarrow (types inferred, nothing checked), then merged on the
key by DuckDB through staging tables. Nested rows are linked by the key of their root and the place of their parent.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

    Links = dict[str, pa.Array | pa.ChunkedArray]

IN_FLIGHT = 16
"""As `sync.concurrency` is unless told otherwise."""

_BATCH_BYTES = 3_500_000


def read_whole(url: str, pages: int, page_rows: int, file: Path, dataset: str, memory_limit: str | None) -> list[float]:
    """Fetch, decode, load; the moments (seconds) at which it began and each of the three had ended."""
    marks = [time.perf_counter()]
    bodies = asyncio.run(_fetched(url, pages, page_rows))
    marks.append(time.perf_counter())
    tables = _decoded(bodies, url.rpartition("/")[2])
    marks.append(time.perf_counter())
    _merge(tables, file, dataset, memory_limit)
    marks.append(time.perf_counter())
    return marks


async def _fetched(url: str, pages: int, page_rows: int) -> list[bytes]:
    import aiohttp

    bodies = [b""] * pages
    places = iter(range(pages))

    async def work(session: aiohttp.ClientSession) -> None:
        for place in places:
            async with session.get(f"{url}?offset={place * page_rows}&limit={page_rows}") as answer:
                bodies[place] = await answer.read()

    async with aiohttp.ClientSession() as session:
        await asyncio.gather(*(work(session) for _ in range(IN_FLIGHT)))
    return bodies


def _decoded(bodies: list[bytes], name: str) -> dict[str, pa.Table]:
    import pyarrow as pa
    import pyarrow.json as pj

    how = pj.ReadOptions(use_threads=False, block_size=1 << 26)
    each = max(1, _BATCH_BYTES // len(bodies[0]))
    batches = [
        pj.read_json(pa.BufferReader(b"\n".join(batch)), how)
        for batch in (bodies[at : at + each] for at in range(0, len(bodies), each))
    ]
    rows = _whole(pa.concat_tables(batches).column("data")).flatten()
    table = pa.Table.from_struct_array(rows)
    return dict(_tables(table, name, table.column("id"), {}))


def _tables(table: pa.Table, name: str, keys: pa.ChunkedArray, links: Links) -> list[tuple[str, pa.Table]]:
    """The table with its objects flattened, and those of its lists; `keys` is the root's key of each row."""
    import pyarrow as pa
    import pyarrow.compute as pc

    lists = [field.name for field in table.schema if pa.types.is_list(field.type)]
    below: list[tuple[str, pa.Table]] = []
    for field in lists:
        values = _whole(table.column(field))
        places = pc.list_parent_indices(values)
        inner, own = pa.Table.from_struct_array(pc.list_flatten(values)), keys.take(places)
        # The root's key says enough of a root's own list.
        below += _tables(inner, f"{name}__{field}", own, {"_root": own, **({"_parent": places} if links else {})})
    flat = table.drop_columns(lists).flatten()
    for column, held in links.items():
        flat = flat.append_column(column, held)
    return [(name, flat), *below]


def _whole(column: pa.ChunkedArray) -> pa.Array:
    import pyarrow as pa

    whole = column.combine_chunks()
    return pa.concat_arrays(whole.chunks) if isinstance(whole, pa.ChunkedArray) else whole


def _merge(tables: dict[str, pa.Table], file: Path, dataset: str, memory_limit: str | None) -> None:
    import duckdb

    root = next(iter(tables))
    with duckdb.connect(str(file), config={"memory_limit": memory_limit} if memory_limit else {}) as connection:
        for schema in (dataset, f"{dataset}_staging"):
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        for name, held in tables.items():
            connection.register("arrow", held)
            connection.execute(f"CREATE OR REPLACE TABLE {dataset}_staging.{name} AS SELECT * FROM arrow")
            connection.execute(
                f"CREATE TABLE IF NOT EXISTS {dataset}.{name} AS SELECT * FROM {dataset}_staging.{name} LIMIT 0"
            )
        connection.execute("BEGIN")
        for name in tables:
            key = "id" if name == root else "_root"
            given = f"SELECT id FROM {dataset}_staging.{root}"
            connection.execute(f"DELETE FROM {dataset}.{name} WHERE {key} IN ({given})")
        for name in tables:
            connection.execute(f"INSERT INTO {dataset}.{name} SELECT * FROM {dataset}_staging.{name}")
        connection.execute("COMMIT")
