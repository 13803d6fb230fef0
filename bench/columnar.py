"""The two lanes and dlt at its best setting, on one workload: seconds of each stage, peak memory, ratios of one run.

    python bench/columnar.py                       200,000 rows, 20 flat columns, an object, a list; 2,000 pages
    python bench/columnar.py --pages 200 --rounds 3 --kinds dlt,columns

Every measurement is a process of its own; the pages come from another one, from memory, over loopback. Merged on
the key into an empty DuckDB file. `objects` is Homeroom with its columnar lane shut; `floor` reads the same pages
with aiohttp, decodes them with pyarrow and inserts both tables with DuckDB: no dlt, no proof.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

KINDS = ("dlt", "objects", "columns", "floor")
PAGE_ROWS = 100


def row(number: int) -> dict[str, Any]:
    """One row: 20 flat columns, an object, a list of one object."""
    stamp = f"2024-{number % 12 + 1:02}-{number % 28 + 1:02}T{number % 24:02}:30:00Z"
    return {
        "id": number,
        "uuid": f"{number:08x}-0000-4000-8000-{number * 7919 % 2**48:012x}",
        "first_name": f"First{number % 997}",
        "last_name": f"Læst{number % 1009}",
        "email": f"p{number}@school{number % 101}.example",
        "phone": None if number % 3 else f"+1 555 {number % 10000:04}",
        "birth_date": f"{1950 + number % 60}-0{number % 9 + 1}-1{number % 9}",
        "created_at": stamp,
        "updated_at": stamp,
        "is_active": number % 5 != 0,
        "is_staff": number % 11 == 0,
        "credits": number % 180,
        "grade_average": number % 4000 / 1000,
        "balance": number % 9973 / 100,
        "school_id": number % 101,
        "year": 2020 + number % 6,
        "status": ("enrolled", "left", "waiting")[number % 3],
        "language": ("en", "de", "zh", None)[number % 4],
        "notes": "Bring a notebook and something to write with. " * (number % 4),
        "score": number % 1000,
        "address": {"street": f"{number % 300} Elm Street", "city": "Exampletown", "zip": f"{number % 99999:05}"},
        "roles": [{"org_id": number % 101, "role": "student", "since": stamp}],
    }


def serve(pages: int, port: Any) -> None:
    """Serve `pages` of rows from memory; the port goes through the pipe."""
    from aiohttp import web

    total = pages * PAGE_ROWS
    bodies = [
        json.dumps({"data": [row(n) for n in range(at, at + PAGE_ROWS)], "total": total}, ensure_ascii=False).encode()
        for at in range(0, total, PAGE_ROWS)
    ]
    empty = json.dumps({"data": [], "total": total}).encode()

    async def page(request: web.Request) -> web.Response:
        number = int(request.query.get("offset", 0)) // PAGE_ROWS
        body = bodies[number] if number < len(bodies) else empty
        return web.Response(body=body, content_type="application/json")

    async def run() -> None:
        application = web.Application()
        application.router.add_get("/rows", page)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port.send(runner.addresses[0][1])
        await asyncio.Event().wait()

    asyncio.run(run())


def config(url: str) -> dict[str, Any]:
    """The same for dlt and for us."""
    paginator = {"type": "offset", "limit": PAGE_ROWS}
    return {
        "client": {"base_url": url},
        "resources": [
            {
                "name": "rows",
                "primary_key": "id",
                "write_disposition": "merge",
                "endpoint": {"path": "/rows", "data_selector": "data", "paginator": paginator},
            }
        ],
    }


def measure(kind: str, url: str, folder: str, pages: int) -> dict[str, float]:
    """One run in this process: seconds of each stage and of the processor, imports included, and peak memory in MB."""
    steps = _floor(url, folder, pages) if kind == "floor" else _pipeline(kind, url, folder)
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        **steps,
        "total": sum(steps.values()),
        "cpu": used.ru_utime + used.ru_stime,
        "peak_mb": used.ru_maxrss / 1024,
    }


def _pipeline(kind: str, url: str, folder: str) -> dict[str, float]:
    import dlt

    if kind == "dlt":
        from dlt.sources.rest_api import rest_api_source
    else:
        from homeroom import rest_api_source  # type: ignore[assignment]
        from homeroom.source.lanes import Lanes

        if kind == "objects":
            Lanes._begun = lambda *_: None  # type: ignore[method-assign]
    destination = dlt.destinations.duckdb(f"{folder}/{kind}.duckdb")
    pipeline = dlt.pipeline(kind, destination=destination, dataset_name="school", pipelines_dir=folder)
    source = rest_api_source(config(url))  # type: ignore[arg-type]
    marks = [time.perf_counter()]
    for step in (
        lambda: pipeline.extract(source, loader_file_format="parquet"),
        pipeline.normalize,
        pipeline.load,
    ):
        step()
        marks.append(time.perf_counter())
    if kind != "dlt":
        line = source.report.resources["rows"]  # type: ignore[attr-defined]
        print(line.status, line.pages_columnar, line.pages_object, line.note, file=sys.stderr)
    seconds = (later - earlier for earlier, later in itertools.pairwise(marks))
    return dict(zip(("extract", "normalize", "load"), seconds, strict=True))


def _floor(url: str, folder: str, pages: int) -> dict[str, float]:
    import aiohttp
    import duckdb
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.json as pj

    bodies: list[bytes] = [b""] * pages

    async def fetch() -> None:
        places = iter(range(pages))
        async with aiohttp.ClientSession() as session:

            async def work() -> None:
                for place in places:
                    params = {"offset": str(place * PAGE_ROWS), "limit": str(PAGE_ROWS)}
                    async with session.get(f"{url}/rows", params=params) as answer:
                        bodies[place] = await answer.read()

            await asyncio.gather(*(work() for _ in range(16)))

    marks = [time.perf_counter()]
    asyncio.run(fetch())
    marks.append(time.perf_counter())
    how = pj.ReadOptions(use_threads=False, block_size=1 << 26)
    batches = [pj.read_json(pa.BufferReader(b"\n".join(bodies[at : at + 50])), how) for at in range(0, pages, 50)]
    lists = pa.concat_tables(batches).column("data").combine_chunks()
    rows = lists.flatten() if isinstance(lists, pa.ListArray) else pa.concat_arrays([c.flatten() for c in lists.chunks])
    table = pa.Table.from_struct_array(rows).flatten()
    roles = table.column("roles").combine_chunks()
    roles = roles if isinstance(roles, pa.ListArray) else pa.concat_arrays(roles.chunks)
    parents = table.column("id").combine_chunks().take(pc.list_parent_indices(roles))
    children = pa.Table.from_struct_array(roles.flatten()).append_column("parent", parents)
    table = table.drop_columns(["roles"])
    marks.append(time.perf_counter())
    with duckdb.connect(f"{folder}/floor.duckdb") as connection:
        for name, held in (("rows", table), ("roles", children)):
            connection.register(f"arrow_{name}", held)
            connection.execute(f"CREATE TABLE staged_{name} AS SELECT * FROM arrow_{name}")
            connection.execute(f"CREATE TABLE {name} AS SELECT * FROM staged_{name} WHERE false")
        connection.execute("BEGIN")
        connection.execute("DELETE FROM roles WHERE parent IN (SELECT id FROM staged_rows)")
        connection.execute("DELETE FROM rows WHERE id IN (SELECT id FROM staged_rows)")
        connection.execute("INSERT INTO rows SELECT * FROM staged_rows")
        connection.execute("INSERT INTO roles SELECT * FROM staged_roles")
        connection.execute("COMMIT")
    marks.append(time.perf_counter())
    seconds = (later - earlier for earlier, later in itertools.pairwise(marks))
    return dict(zip(("fetch", "decode", "load"), seconds, strict=True))


def main() -> None:
    """Run every round and print a line for each kind, with its ratio to the first."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--one", nargs=4, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        kind, url, folder, pages = arguments.one
        print(json.dumps(measure(kind, url, folder, int(pages))))
        return
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(arguments.pages, there), daemon=True)
    server.start()
    url = f"http://127.0.0.1:{here.recv()}"
    print(f"{arguments.pages * PAGE_ROWS:,} rows in {arguments.pages:,} pages")
    for _ in range(arguments.rounds):
        results = {kind: _in_process(kind, url, arguments.pages) for kind in arguments.kinds.split(",")}
        first = next(iter(results.values()))["total"]
        for kind, found in results.items():
            steps = " ".join(f"{name} {value:.2f}" for name, value in found.items() if name not in ("total", "peak_mb"))
            ratio = first / found["total"]
            print(
                f"{kind:8} {found['total']:6.2f} s  {ratio:5.1f} x  {found['peak_mb']:5.0f} MB  ({steps})", flush=True
            )
    server.terminate()


def _in_process(kind: str, url: str, pages: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, str(Path(__file__).resolve()), "--one", kind, url, folder, str(pages)]
        environment = {**os.environ, "RUNTIME__DLTHUB_TELEMETRY": "false", "HOMEROOM_HOME": folder}
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment, cwd=folder)
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


if __name__ == "__main__":
    main()
