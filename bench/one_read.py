"""One reading of one source in a process of its own: seconds, CPU seconds and rows, as JSON.

    python bench/one_read.py homeroom|dlt|dlt_parallel|bare|bare_decode CASE URL

Only the iteration is timed. A read of one row goes before it, so that what a library imports late does not count.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

IN_FLIGHT = 16
"""As `sync.concurrency` is unless told otherwise."""

Config = dict[str, Any]


def config_of(case: str, url: str, *, parallel: bool = False) -> Config:
    """The rest_api config of a case; `parallel` sets dlt's `parallelized` on every resource."""
    resources = {
        "total": [_resource("items", "/items", _offset(20, "total"))],
        "no_total": [_resource("items", "/items", _offset(20))],
        "wide": [_resource("items", "/items", _offset(100, "total"))],
        "clamp": [_resource("items", "/items", _offset(1000))],
        "chain": [_resource("items", "/chain?page=0", {"type": "json_link", "next_url_path": "next"})],
        "fan_out": [
            _resource("people", "/people", _offset(100, "total")),
            _resource("marks", "/people/{resources.people.id}/marks", "single_page"),
        ],
        "warm": [_resource("warm", "/warm", "single_page")],
    }[case]
    if parallel:
        resources = [{**resource, "parallelized": True} for resource in resources]
    return {"client": {"base_url": url}, "resources": resources}


def _offset(limit: int, total: str | None = None) -> Config:
    return {"type": "offset", "limit": limit, "total_path": total}


def _resource(name: str, path: str, paginator: Config | str) -> Config:
    return {"name": name, "endpoint": {"path": path, "data_selector": "data", "paginator": paginator}}


def through_source(which: str, case: str, url: str) -> Callable[[], int]:
    """Reads through a `rest_api_source`, dlt's or ours; gives the number of rows."""
    if which == "homeroom":
        from homeroom import rest_api_source
    else:
        from dlt.sources.rest_api import rest_api_source  # type: ignore[assignment]
    config = config_of(case, url, parallel=which == "dlt_parallel")
    source = rest_api_source(config)  # type: ignore[arg-type]
    return lambda: sum(1 for _ in source)


def bare_aiohttp(case: str, url: str, pages: int, *, decode: bool) -> Callable[[], int]:
    """Reads the same URLs in the shortest loop that keeps as many in flight, and throws them away."""
    import aiohttp
    import msgspec

    async def work(session: aiohttp.ClientSession, urls: Iterator[str]) -> None:
        for each in urls:
            async with session.get(each) as response:
                body = await response.read()
            if decode:
                msgspec.json.decode(body)

    async def read() -> None:
        in_flight = 1 if case == "chain" else IN_FLIGHT
        urls = iter(_urls(case, url, pages))
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=in_flight)) as session:
            await asyncio.gather(*(work(session, urls) for _ in range(in_flight)))

    def run() -> int:
        asyncio.run(read())
        return 0

    return run


def _urls(case: str, url: str, pages: int) -> list[str]:
    if case == "chain":
        return [f"{url}/chain?page={number}" for number in range(pages)]
    if case == "fan_out":
        parents = range(100 * pages // 101)
        lists = [f"{url}/people?limit=100&offset={start}" for start in parents[::100]]
        return [*lists, *(f"{url}/people/{number}/marks" for number in parents)]
    limit = 100 if case == "wide" else 20
    return [f"{url}/items?limit={limit}&offset={number * limit}" for number in range(pages)]


def reader(which: str, case: str, url: str, pages: int) -> Callable[[], int]:
    """What reads a case."""
    if which.startswith("bare"):
        return bare_aiohttp(case, url, pages, decode=which == "bare_decode")
    return through_source(which, case, url)


def main(which: str, case: str, url: str, pages: int) -> None:
    """Read once to warm up, once for the clock."""
    reader(which, "warm", url, 0)()
    read = reader(which, case, url, pages)
    began, cpu_began = time.perf_counter(), time.process_time()
    rows = read()
    seconds, cpu_s = time.perf_counter() - began, time.process_time() - cpu_began
    print(json.dumps({"seconds": seconds, "cpu_s": cpu_s, "rows": rows}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
