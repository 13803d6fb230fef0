"""The same config and server through dlt's rest_api and through ours: seconds, and the ratio of one run.

    make bench                          the sample school at full size
    python bench/against_dlt.py --scale 0.2 --latency-s 0.02 --rounds 3

Both write parquet load files, dlt's best setting for DuckDB. Every measurement is a process of its own, so
that neither pays for the other's imports; the school serves from the parent.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time

from homeroom.demo import Dials, School


def measure(which: str, url: str, key: str, folder: str) -> dict[str, float]:
    """One run in this process: seconds of each step."""
    import dlt

    from homeroom.demo.config import school_config

    if which == "dlt":
        from dlt.sources.rest_api import rest_api_source
    else:
        from homeroom import rest_api_source  # type: ignore[assignment]
    destination = dlt.destinations.duckdb(f"{folder}/{which}.duckdb")
    pipeline = dlt.pipeline(which, destination=destination, dataset_name="school", pipelines_dir=folder)
    marks = [time.perf_counter()]
    pipeline.extract(rest_api_source(school_config(url, key)), loader_file_format="parquet")  # type: ignore[arg-type]
    marks.append(time.perf_counter())
    pipeline.normalize()
    marks.append(time.perf_counter())
    pipeline.load()
    marks.append(time.perf_counter())
    steps = [later - earlier for earlier, later in itertools.pairwise(marks)]
    return {"extract": steps[0], "normalize": steps[1], "load": steps[2], "total": sum(steps)}


def main() -> None:
    """Run every round and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--latency-s", type=float, default=0.0)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--one", nargs=4, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(measure(*arguments.one)))
        return
    with School(scale=arguments.scale, dials=Dials(latency_s=arguments.latency_s)) as school:
        rows = sum(len(school.rows(entity)) for entity in ("people", "enrollments", "submissions"))
        print(f"{rows:,} rows in the three largest resources, {arguments.latency_s} s latency")
        for number in range(1, arguments.rounds + 1):
            results = {which: _in_process(which, school) for which in ("dlt", "homeroom")}
            ratio = results["dlt"]["total"] / results["homeroom"]["total"]
            print(
                f"round {number}: dlt {_line(results['dlt'])} | homeroom {_line(results['homeroom'])} | {ratio:.2f} x"
            )


def _in_process(which: str, school: School) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, __file__, "--one", which, school.url, school.api_key, folder]
        environment = {**os.environ, "RUNTIME__DLTHUB_TELEMETRY": "false", "HOMEROOM_HOME": folder}
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment, cwd=folder)
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def _line(result: dict[str, float]) -> str:
    steps = " ".join(f"{name} {result[name]:.1f}" for name in ("extract", "normalize", "load"))
    return f"{result['total']:.1f} s ({steps})"


if __name__ == "__main__":
    main()
