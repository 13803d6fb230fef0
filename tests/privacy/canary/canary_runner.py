"""Forks a process for each order on stdin, as tests/sync/fresh.py does, with all that it says in files.

An order is {"do": "cli" | "sync" | "pipeline", "folder", "environ"}, with "arguments" of the program, or the "options"
of `homeroom.sync`, or "config", "privacy" and "sync" of `rest_api_source`; "point" is where it is killed, "full" that
its disk is full. What comes of it lies in the folder: `out`, `err`, `log` (every logger, DEBUG), `exception`, `trace`.
A line out is the exit code, or the negative number of the signal.
"""

from __future__ import annotations

import errno
import json
import logging
import os
import sys
import traceback
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "sync"))

import dlt
import dlt.destinations.impl.duckdb.duck  # imported for the processes to come
import fresh
import pyarrow.parquet

import homeroom
from homeroom.cli import app as _app
from homeroom.cli import main as program
from homeroom.source import entrance

assert _app and pyarrow.parquet


def described(error: BaseException) -> str:
    """All that a program that reports errors would send: the error, its causes, their attributes."""
    parts, seen, waiting = list[str](), set[int](), [error]
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        held = {name: repr(value) for name, value in vars(each).items()}
        parts += [repr(each), str(each), repr(each.args), repr(getattr(each, "__notes__", ())), repr(held)]
        waiting += [cause for cause in (each.__cause__, each.__context__) if cause is not None]
    return "\n".join([*traceback.format_exception(error), *parts])


def full(_page: Any) -> Any:
    """What a full disk says."""
    raise OSError(errno.ENOSPC, "No space left on device", "/rows.parquet")


def act(order: dict[str, Any], folder: Path) -> int:
    """Do as ordered; the exit code."""
    if order["do"] == "cli":
        try:
            program(order["arguments"])
        except SystemExit as end:
            return int(end.code or 0)
    pipeline = None
    try:
        if order["do"] == "sync":
            report = homeroom.sync(**order["options"])
            (folder / "report").write_text(repr(report))
        else:
            pipeline = dlt.pipeline("canary", destination=dlt.destinations.duckdb(order["to"]), dataset_name="d")
            source = homeroom.rest_api_source(order["config"], privacy=order["privacy"], sync=order["sync"])
            pipeline.run(source)
            (folder / "report").write_text(repr(source.report))
    except Exception as error:
        with (folder / "exception").open("a") as file:
            file.write(described(error))
        return 1
    finally:
        if pipeline is not None and pipeline.last_trace is not None:
            trace = pipeline.last_trace
            (folder / "trace").write_text(trace.asstr(verbosity=2) + repr(trace.asdict()))
    return 0


def run(order: dict[str, Any]) -> int:
    """The same, with every stream in a file."""
    folder = Path(order["folder"])
    os.environ.update(order["environ"])
    for folders in ("TMPDIR", "HOMEROOM_HOME", "DLT_DATA_DIR"):
        Path(os.environ[folders]).mkdir(parents=True, exist_ok=True)
    os.chdir(folder)
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(folder / name, os.O_CREAT | os.O_APPEND | os.O_WRONLY), number)
    handler = logging.FileHandler(folder / "log")
    handler.setFormatter(logging.Formatter("%(name)s %(message)s %(args)s"))
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(logging.DEBUG)
    if order.get("point"):
        fresh.arm(order["point"], 1, 9)
    if order.get("full"):
        entrance.decode_rows = full
    code = act(order, folder)
    sys.stdout.flush()
    sys.stderr.flush()
    return code


def main() -> None:
    """One process for each line of stdin."""
    for line in sys.stdin:
        child = os.fork()
        if not child:
            try:
                os._exit(run(json.loads(line)))
            except BaseException:
                traceback.print_exc()
                os._exit(99)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
