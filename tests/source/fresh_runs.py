"""Forks a new process for each order on stdin, runs a pipeline there, and kills it where the order says.

A line in is {"school", "key", "folder", "ways", "point", "nth", "about", "times", "environ"}; a line out is what
became of the process: {"signal": 9}, or {"error": what it raised, None for nothing, "statuses": those of the reports}.
A process is forked before any pipeline exists, with dlt imported: as good as a new one, and two seconds faster.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import dlt
import dlt.destinations.impl.duckdb.duck
import pyarrow.parquet
from dlt.common.storages.load_package import PackageStorage
from dlt.common.storages.load_storage import LoadStorage
from dlt.extract.storage import ExtractStorage
from dlt.load.load import Load
from dlt.normalize.normalize import Normalize
from dlt.pipeline.pipeline import Pipeline

from homeroom.dlt_seam import current_run
from homeroom.journal import tables
from homeroom.source import rest_api_source

BEFORE, AFTER = "before", "after"
# name: owner, function, on which side of it
POINTS: dict[str, tuple[Any, str, str]] = {
    "journal begun": (current_run, "note_run", BEFORE),
    "page kept": (tables, "insert", AFTER),
    "read": (Pipeline, "_extract_source", AFTER),
    "about to move": (ExtractStorage, "commit_new_load_package", BEFORE),
    "moved": (ExtractStorage, "commit_new_load_package", AFTER),
    "state saved": (Pipeline, "normalize", BEFORE),
    "normalising": (Normalize, "spool_files", BEFORE),
    "normalised": (LoadStorage, "commit_new_load_package", BEFORE),
    "in both folders": (LoadStorage, "commit_new_load_package", AFTER),
    "about to load": (Load, "load_single_package", BEFORE),
    "tables made": (Load, "initialize_package", AFTER),
    "job started": (PackageStorage, "start_job", AFTER),
    "job committed": (PackageStorage, "save_pending_transition", BEFORE),
    "all jobs done": (Load, "complete_package", BEFORE),
    "load committed": (LoadStorage, "complete_load_package", BEFORE),
    "loaded": (LoadStorage, "complete_load_package", AFTER),
}


def arm(point: str, nth: int, about: str) -> None:
    """Kill this process when it comes by the point for the nth time, with an argument that begins like that."""
    owner, name, side = POINTS[point]
    real = getattr(owner, name)
    passed = 0

    def armed(*args: Any, **named: Any) -> Any:
        nonlocal passed
        passed += any(str(each).startswith(about) for each in args)
        if side == BEFORE and passed == nth:
            os.kill(os.getpid(), signal.SIGKILL)
        result = real(*args, **named)
        if side == AFTER and passed == nth:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, armed)


def config_of(order: dict[str, Any]) -> Any:
    """Offset pages of 10 rows, each entity with its write disposition."""
    resources = [
        {"name": name, "write_disposition": way, "endpoint": {"path": f"/v1/{name}"}}
        for name, way in order["ways"].items()
    ]
    endpoint = {"data_selector": "data", "paginator": {"type": "offset", "limit": 10}}
    return {
        "client": {"base_url": order["school"], "auth": {"type": "bearer", "token": order["key"]}},
        "resource_defaults": {"primary_key": "id", "endpoint": endpoint},
        "resources": resources,
    }


def run(order: dict[str, Any]) -> dict[str, Any]:
    """Some runs, as a user's script has them; what came of them."""
    os.environ.update(order["environ"])
    if order["point"]:
        arm(order["point"], order["nth"], order["about"])
    folder = Path(order["folder"])
    pipeline = dlt.pipeline(
        "campus",
        destination=dlt.destinations.duckdb(str(folder / "campus.duckdb")),
        dataset_name="held",
        pipelines_dir=str(folder / "pipelines"),
    )
    quick = {"retry": {"attempts": 1, "first_wait_s": 0.01, "max_wait_s": 0.01}}
    statuses: list[str] = []
    for _ in range(order["times"]):
        source = rest_api_source(config_of(order), sync={"journal": True, **quick})
        try:
            pipeline.run(source, loader_file_format="parquet")
        except Exception as error:
            return {"error": f"{type(error).__name__}: {error}", "statuses": statuses}
        statuses.append(str(source.report.status))
    return {"error": None, "statuses": statuses}


def main() -> None:
    """One process for each line of stdin, one line of stdout for each process."""
    for line in sys.stdin:
        read_end, write_end = os.pipe()
        child = os.fork()
        if not child:
            os.close(read_end)
            os.write(write_end, json.dumps(run(json.loads(line))).encode())
            os._exit(0)
        os.close(write_end)
        with os.fdopen(read_end) as answers:
            answer = answers.read()
        _, status = os.waitpid(child, 0)
        print(json.dumps({"signal": os.WTERMSIG(status)}) if os.WIFSIGNALED(status) else answer, flush=True)


if __name__ == "__main__":
    assert dlt.destinations.impl.duckdb.duck and pyarrow.parquet  # imported for the processes to come
    main()
