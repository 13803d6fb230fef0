"""Forks a new process for each order on stdin, syncs there, and kills it where the order says.

A line in is {"config", "destination", "home", "point", "nth", "signal", "environ", "replay"}, where `replay` is a run,
empty to sync; a line out is what became of the process: {"signal": 9} or {"status": ..., "landed": ...} or
{"error": class, "message": ...}. A process is forked before any pipeline exists, with dlt imported: as good as a new
one, and two seconds faster.

With "after_s" it is sent SIGKILL so many seconds after it began, wherever it is then; "pid" names a file into which it
writes its process id first, for others to kill it.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Timer
from typing import Any

import dlt.destinations.impl.duckdb.duck
import pyarrow.parquet
from dlt.common.storages.load_package import PackageStorage
from dlt.common.storages.load_storage import LoadStorage
from dlt.load.load import Load
from dlt.normalize.normalize import Normalize

import homeroom
from homeroom import history, load, resume, sync_run
from homeroom.dlt_seam import tables
from homeroom.journal import clerk
from homeroom.journal import tables as pages
from homeroom.source import entrance

BEFORE, AFTER = "before", "after"
# name: owner, function, on which side of it
POINTS: dict[str, tuple[Any, str, str]] = {
    "page entered": (pages, "insert", AFTER),
    "reading": (entrance, "decode_rows", BEFORE),
    "extracted": (load, "load", BEFORE),
    "normalising": (Normalize, "spool_files", BEFORE),
    "normalised": (LoadStorage, "commit_new_load_package", BEFORE),
    "in both folders": (LoadStorage, "commit_new_load_package", AFTER),
    "about to load": (Load, "load_single_package", BEFORE),
    "tables made": (Load, "initialize_package", AFTER),
    "job started": (PackageStorage, "start_job", AFTER),
    "job committed": (PackageStorage, "complete_job", BEFORE),
    "job moved": (PackageStorage, "complete_job", AFTER),
    "all jobs done": (Load, "complete_package", BEFORE),
    "load committed": (LoadStorage, "complete_load_package", BEFORE),
    "kept": (resume, "let_go", BEFORE),
    "journal not removed": (resume, "let_go", BEFORE),
    "journal closed": (clerk.Clerk, "close", AFTER),
    "folder deleted": (os, "rmdir", AFTER),
    "loaded": (load, "count_rows", BEFORE),
    "ledger begun": (tables, "write_rows", BEFORE),
    "ledger written": (history, "record_run", BEFORE),
}


def arm(point: str, nth: int, number: int) -> None:
    """Send this process the signal when it comes by the point for the nth time."""
    owner, name, side = POINTS[point]
    real: Callable[..., Any] = getattr(owner, name)
    passed = 0

    def armed(*args: Any, **named: Any) -> Any:
        nonlocal passed
        passed += 1
        if side == BEFORE and passed == nth:
            os.kill(os.getpid(), number)
        result = real(*args, **named)
        if side == AFTER and passed == nth:
            os.kill(os.getpid(), number)
        return result

    setattr(owner, name, armed)


def run(order: dict[str, Any]) -> dict[str, Any]:
    """Sync as ordered; what came of it."""
    os.environ.update(order["environ"])
    if "pid" in order:
        Path(order["pid"]).write_text(str(os.getpid()))
    if order["point"]:
        arm(order["point"], order["nth"], signal.Signals[order["signal"]])
    try:
        home = load.Path(order["home"])
        if order["replay"]:
            report = sync_run.replay(order["replay"], sync_run.ReplayOptions(home=home))
        else:
            report = sync_run.sync(order["config"], destination=order["destination"], home=home)
    except homeroom.HomeroomError as error:
        return {"error": type(error).__name__, "message": str(error)}
    return {"status": str(report.status), "landed": report.landed}


def main() -> None:
    """One process for each line of stdin, one line of stdout for each process."""
    for line in sys.stdin:
        order = json.loads(line)
        read_end, write_end = os.pipe()
        child = os.fork()
        if not child:
            os.close(read_end)
            os.write(write_end, json.dumps(run(order)).encode())
            os._exit(0)
        os.close(write_end)
        timer = Timer(order.get("after_s", 0), os.kill, (child, signal.SIGKILL))
        if "after_s" in order:
            timer.start()
        with os.fdopen(read_end) as answers:
            answer = answers.read()
        timer.cancel()
        if "after_s" in order:
            timer.join()  # before the id of the process may be another's
        _, status = os.waitpid(child, 0)
        print(json.dumps({"signal": os.WTERMSIG(status)}) if os.WIFSIGNALED(status) else answer, flush=True)


if __name__ == "__main__":
    assert dlt.destinations.impl.duckdb.duck and pyarrow.parquet  # imported for the processes to come
    main()
