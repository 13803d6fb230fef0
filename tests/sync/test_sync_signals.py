"""Ctrl-C and SIGTERM: a clean flush, exit code 130, and a next run that works."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Campus, Fresh, OpenCampus


@dataclass(frozen=True)
class Interrupted:
    """A `homeroom sync` that was sent a signal while it read."""

    campus: Campus
    code: int
    out: str
    err: str


@pytest.fixture(scope="module", params=["SIGINT", "SIGTERM"])
def interrupted(request: pytest.FixtureRequest, open_campus: OpenCampus) -> Interrupted:
    """After one good run the second one is interrupted; a new row is among what it read."""
    third = Event()
    seen: list[object] = []
    campus = open_campus(on_request=lambda asked: (seen.append(asked), len(seen) == 3 and third.set()))
    campus.configure({"name": "people", "endpoint": {"path": "/v1/people"}}, "terms", limit=20)
    campus.sync()
    seen.clear()
    third.clear()
    campus.school.put("people", campus.school.rows("people")[0] | {"id": 1})
    campus.dial("latency_s=0.3,total=absent,only=/v1/people")
    command = [sys.executable, "-m", "homeroom", "sync", str(campus.config), "--to", campus.url]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=os.environ | {"HOMEROOM_HOME": str(campus.home)}, **pipes) as process:
        assert third.wait(20)
        process.send_signal(signal.Signals[request.param])
        out, err = process.communicate(timeout=20)
    return Interrupted(campus, process.returncode, out, err)


def test_an_interrupted_sync_exits_with_130_and_one_line(interrupted: Interrupted) -> None:
    assert (interrupted.code, interrupted.out) == (130, "")
    assert interrupted.err.splitlines()[-1] == "error: interrupted while it was about to read"
    assert "Traceback" not in interrupted.err


def test_an_interrupted_sync_leaves_the_tables_as_they_were(interrupted: Interrupted) -> None:
    campus = interrupted.campus
    assert campus.ids("people") == [row_id for row_id in campus.true_ids("people") if row_id != 1]
    assert campus.query("SELECT count(*) FROM _homeroom_runs") == [(1,)]


def test_the_run_after_an_interrupted_one_brings_every_row(interrupted: Interrupted) -> None:
    campus = interrupted.campus
    campus.dial("")
    campus.sync()
    assert campus.ids("people") == campus.true_ids("people")


@pytest.mark.parametrize(("point", "act"), [("reading", "read"), ("normalising", "load"), ("job committed", "load")])
def test_a_sync_in_python_raises_interrupt_error_and_leaves_no_package(
    campus: Campus, fresh: Fresh, point: str, act: str
) -> None:
    campus.configure("people")
    fresh.run(campus)  # so that the next one merges, which is several jobs: one alone would be finished
    campus.configure(
        "people", {"name": "sections", "write_disposition": "append", "endpoint": {"path": "/v1/sections"}}
    )
    said = fresh.run(campus, point, signal="SIGINT")
    assert said == {"error": "InterruptError", "message": f"interrupted while it was about to {act}"}
    assert campus.pending() == []
    fresh.run(campus)
    assert campus.ids("sections") == campus.true_ids("sections")
