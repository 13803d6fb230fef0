"""Ctrl-C and SIGTERM: what is under way is kept, one line, an exit code, and a next run that finishes."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import pytest

from homeroom.errors import InterruptError
from homeroom.events import ResourceFinished, StageStarted

if TYPE_CHECKING:
    from conftest import Campus, Fresh, OpenCampus

    from homeroom.demo import Request


@dataclass(frozen=True)
class Interrupted:
    """A `homeroom sync` that was sent a signal while it read: when that was, and the requests that it has sent."""

    campus: Campus
    signal: str
    code: int
    out: str
    err: str
    at: float
    asked: list[Request]


@pytest.fixture(scope="module", params=["SIGINT", "SIGTERM"])
def interrupted(request: pytest.FixtureRequest, open_campus: OpenCampus) -> Interrupted:
    """After one good run the second one is interrupted; a new row is among what it read."""
    third = Event()
    seen: list[Request] = []
    campus = open_campus(on_request=lambda asked: (seen.append(asked), len(seen) == 3 and third.set()))
    campus.configure({"name": "people", "endpoint": {"path": "/v1/people"}}, "terms", limit=5)
    campus.sync()
    seen.clear()
    third.clear()
    campus.school.put("people", campus.school.rows("people")[0] | {"id": 1})
    campus.dial("latency_s=1,total=absent,only=/v1/people")
    command = [sys.executable, "-m", "homeroom", "sync", str(campus.config), "--to", campus.url]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=os.environ | {"HOMEROOM_HOME": str(campus.home)}, **pipes) as process:
        assert third.wait(20)
        at = time.monotonic()
        process.send_signal(signal.Signals[request.param])
        out, err = process.communicate(timeout=20)
    return Interrupted(campus, request.param, process.returncode, out, err, at, list(seen))


def test_an_interrupted_sync_says_in_one_line_what_is_kept(interrupted: Interrupted) -> None:
    assert (interrupted.code, interrupted.out) == (130 if interrupted.signal == "SIGINT" else 5, "")
    last = interrupted.err.splitlines()[-1]
    told = re.fullmatch(
        r"error: interrupted while reading; (\d+) pages are kept: run the same command again to finish \[interrupted\]",
        last,
    )
    # All that were asked for, but for the empty page behind the terms.
    assert told and int(told[1]) >= len(interrupted.asked) - 1
    assert "Traceback" not in interrupted.err


def test_after_a_signal_no_request_is_sent(interrupted: Interrupted) -> None:
    # Its answers took a second each: those that came in later than that were answers to answers.
    assert len(interrupted.asked) > 3
    assert max(each.at for each in interrupted.asked) < interrupted.at + 0.9


def test_an_interrupted_sync_leaves_the_tables_as_they_were(interrupted: Interrupted) -> None:
    campus = interrupted.campus
    assert campus.ids("people") == [row_id for row_id in campus.true_ids("people") if row_id != 1]
    assert campus.query("SELECT count(*) FROM _homeroom_runs") == [(1,)]


def test_the_run_after_an_interrupted_one_brings_every_row(interrupted: Interrupted) -> None:
    campus = interrupted.campus
    campus.dial("total=absent,only=/v1/people")
    campus.school.clear_log()
    campus.sync()
    assert campus.ids("people") == campus.true_ids("people")
    twice = places(interrupted.asked) & places(campus.school.requests)
    assert len(twice) <= 1  # the last page that was there


def places(asked: list[Request]) -> Counter[str]:
    return Counter(each.query["offset"] for each in asked if each.resource == "people")


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
    assert said["error"] == "InterruptError"
    assert re.fullmatch(rf"interrupted while {act}ing; \d pages? (is|are) kept: .*", said["message"])
    assert campus.pending() == []
    fresh.run(campus)
    assert campus.ids("sections") == campus.true_ids("sections")


def interrupted_again(campus: Campus, *flags: str) -> tuple[int, str, str]:
    """A sync that nobody answers, which is sent SIGINT until it ends: its exit code, stdout and stderr."""
    silent = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{silent.getsockname()[1]}"
    campus.config.write_text(campus.config.read_text().replace(campus.school.url, url))
    command = [sys.executable, "-m", "homeroom", "sync", str(campus.config), "--to", campus.url, *flags]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    env = os.environ | {"HOMEROOM_HOME": str(campus.home)}
    with silent, subprocess.Popen(command, env=env, **pipes) as process:
        silent.settimeout(20)
        held, _ = silent.accept()
        for _ in range(3):  # less than the ten seconds that one signal alone would take
            process.send_signal(signal.SIGINT)
            try:
                return (process.wait(3), *process.communicate())
            except subprocess.TimeoutExpired:
                continue
        process.kill()
        held.close()
    raise AssertionError("it did not end")


def test_a_second_signal_stops_at_once(campus: Campus) -> None:
    campus.configure("people")
    code, out, err = interrupted_again(campus, "--json")
    end = json.loads(out.splitlines()[-1])
    assert (code, end["exit_code"], end["pages_kept"]) == (130, 130, 0)
    assert err.splitlines() == ["error: interrupted while reading [interrupted]"]


def test_a_terminated_sync_that_read_nothing_exits_with_1(open_campus: OpenCampus) -> None:
    arrived = Event()
    campus = open_campus("always=500", on_request=lambda asked: arrived.set())
    campus.configure("people", sync={"retry": {"first_wait_s": 60, "max_wait_s": 60}})
    command = [sys.executable, "-m", "homeroom", "sync", str(campus.config), "--to", campus.url, "-q"]
    with subprocess.Popen(
        command, env=os.environ | {"HOMEROOM_HOME": str(campus.home)}, stderr=subprocess.PIPE, text=True
    ) as process:
        assert arrived.wait(20)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (1, "error: interrupted while reading [interrupted]\n")


LONG_JOB = """
import functools, os, signal, sys, threading, time
from dlt.destinations.impl.duckdb.duck import DuckDbCopyJob
from homeroom.cli import main
from homeroom.interrupts import Interrupts
from homeroom.sync_run import job

def endless(self):
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(60)

DuckDbCopyJob.run = endless
job.Interrupts = functools.partial(Interrupts, within_s=0.3)
main()
"""


def test_a_load_that_takes_too_long_is_left_behind_and_finished_by_the_next_run(campus: Campus) -> None:
    campus.configure("people", limit=20)
    script = Path("long_job.py")
    script.write_text(LONG_JOB)
    command = [sys.executable, str(script), "sync", str(campus.config), "--to", campus.url]
    ended = subprocess.run(
        command, env=os.environ | {"HOMEROOM_HOME": str(campus.home)}, capture_output=True, text=True, timeout=30
    )
    pages = -(-len(campus.true_ids("people")) // 20)
    assert ended.returncode == 5
    assert ended.stderr.splitlines()[-1] == (
        f"error: interrupted while loading; {pages} pages are kept: run the same command again to finish [interrupted]"
    )
    campus.school.clear_log()
    assert campus.sync().status == "complete"
    assert campus.ids("people") == campus.true_ids("people") and len(campus.school.requests) <= 2


def test_ctrl_c_in_python_leaves_the_handlers_as_they_were(campus: Campus) -> None:
    def hook(event: object) -> None:
        if isinstance(event, StageStarted):
            signal.raise_signal(signal.SIGINT)

    campus.configure("people")
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    with pytest.raises(InterruptError) as caught:
        campus.sync(hooks=[hook])
    assert (caught.value.number, caught.value.kept) == (signal.SIGINT, 0)
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_an_interrupt_that_the_users_code_swallows_ends_the_run_all_the_same(campus: Campus) -> None:
    def hook(event: object) -> None:
        if isinstance(event, ResourceFinished):
            with suppress(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)

    campus.configure("people")
    with pytest.raises(InterruptError) as caught:
        campus.sync(hooks=[hook])
    assert caught.value.kept == 1 and campus.tables() == set()
