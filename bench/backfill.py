"""A backfill of a year in windows of a week, side by side, against the same windows one after the other.

    python bench/backfill.py                the sample school's submissions at 50 ms a request, 1 minute
    python bench/backfill.py --dlt          and by dlt, a run for each window, 3 minutes more
    python bench/backfill.py --scale 0.1    a smaller school, and only roughly right

What is timed is the whole of `homeroom sync --since --until`, load included, each in an empty folder; one by one is the
same with `concurrency: 1`. Pages hold 50 rows. The school serves in a process of its own. The target is 8 times sooner.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import yaml

import homeroom
from homeroom.demo import Dials, School
from homeroom.windows import cut

TARGET = 8.0
SINCE, UNTIL = "2025-08-01T00:00:00Z", "2026-07-31T00:00:00Z"
WEEK = timedelta(days=7)
RESOURCE = "submissions"


@contextmanager
def serving(scale: float, latency_s: float) -> Iterator[tuple[str, str]]:
    """A school in a process of its own: its URL and its key."""
    command = [sys.executable, __file__, "--serve", "--scale", str(scale), "--latency", str(latency_s)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None and process.stdout is not None
        try:
            url, key = process.stdout.readline().split()
            yield url, key
        finally:
            process.stdin.close()


def serve(scale: float, latency_s: float) -> None:
    """Serve until stdin ends."""
    with School(scale=scale, dials=Dials(latency_s=latency_s)) as school:
        print(school.url, school.api_key, flush=True)
        sys.stdin.read()


def source(url: str, key: str, **incremental: Any) -> dict[str, Any]:
    """The submissions by the time of their last change."""
    span = {"cursor_path": "updated_at", "start_param": "updated_since", "end_param": "updated_until"}
    endpoint = {
        "path": f"/v1/{RESOURCE}",
        "data_selector": "data",
        "paginator": {"type": "offset", "limit": 50},
        "incremental": {**span, "initial_value": SINCE, **incremental},
    }
    return {
        "client": {"base_url": url, "auth": {"type": "bearer", "token": key}},
        "resource_defaults": {"primary_key": "id", "write_disposition": "merge"},
        "resources": [{"name": RESOURCE, "endpoint": endpoint}],
    }


def by_homeroom(url: str, key: str, folder: Path, concurrency: int) -> int:
    """A backfill; the rows in the table."""
    sync = {"concurrency": concurrency, "resources": {RESOURCE: {"window": "7d"}}}
    config, database = folder / "school.yaml", folder / "rows.duckdb"
    config.write_text(yaml.safe_dump({"source": source(url, key), "sync": sync}))
    report = homeroom.sync(
        config, destination=f"duckdb:///{database}", dataset="held", home=folder / "home", since=SINCE, until=UNTIL
    )
    line = report.resources[RESOURCE]
    assert line.started_at is not None and line.finished_at is not None
    read_s = (line.finished_at - line.started_at).total_seconds()
    print(f"    {line.requests} requests, {line.status}, read in {read_s:.1f} s", file=sys.stderr)
    return _count(database)


def by_dlt(url: str, key: str, folder: Path) -> int:
    """A run of dlt for each window; the rows in the table."""
    import dlt
    from dlt.sources.rest_api import rest_api_source

    database = folder / "rows.duckdb"
    pipeline = dlt.pipeline(
        "backfill", destination=dlt.destinations.duckdb(str(database)), dataset_name="held", pipelines_dir=str(folder)
    )
    for window in cut(SINCE, UNTIL, datetime.now(UTC), WEEK):
        given: Any = source(url, key, initial_value=window.start, end_value=window.end)
        pipeline.run(rest_api_source(given), loader_file_format="parquet")
    return _count(database)


def _count(database: Path) -> int:
    with duckdb.connect(str(database), read_only=True) as connection:
        ((rows,),) = connection.execute(f"SELECT count(*) FROM held.{RESOURCE}").fetchall()
    return int(rows)


def timed(what: str, act: Callable[[Path], int]) -> tuple[float, int]:
    """Seconds and rows of an act in an empty folder."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        rows = act(Path(folder))
        took = time.perf_counter() - began
    print(f"  {what}: {took:.1f} s, {rows:,} rows", file=sys.stderr, flush=True)
    return took, rows


def main() -> int:
    """Measure, and say whether the target is met: the exit code."""
    told = _arguments()
    if told.serve:
        serve(told.scale, told.latency)
        return 0
    with serving(0.01, 0) as (url, key):
        timed("once before, for imports", lambda folder: by_homeroom(url, key, folder, 16))
    with serving(told.scale, told.latency) as (url, key):
        beside, rows = timed("side by side", lambda folder: by_homeroom(url, key, folder, 16))
        alone, same = timed("one by one", lambda folder: by_homeroom(url, key, folder, 1))
        if told.dlt:
            dlts, _ = timed("dlt, a run for each window", lambda folder: by_dlt(url, key, folder))
            print(f"dlt one by one takes {dlts / beside:.1f} times as long")
    print(f"one by one takes {alone / beside:.1f} times as long as side by side (target: {TARGET:g})")
    return 0 if rows == same and alone / beside >= TARGET else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0, help="size of the school")
    parser.add_argument("--latency", type=float, default=0.05, metavar="S", help="seconds that an answer takes")
    parser.add_argument("--dlt", action="store_true", help="measure dlt too")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
