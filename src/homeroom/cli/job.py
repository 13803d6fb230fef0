"""`homeroom sync` and `homeroom replay`: the run, its progress, its report, its exit code."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from homeroom.cli import progress
from homeroom.cli.console import Voice, error_json, errors_told, tell_more
from homeroom.cli.summary import SummaryFile
from homeroom.errors import HomeroomError, InterruptError
from homeroom.events import Hook
from homeroom.values import Config, Report

_NOWHERE = SummaryFile()


def run_job(voice: Voice, config: str, *, as_json: bool, summary_file: Path | None = None, **options: Any) -> int:
    """Sync the config at that path; the exit code. `options` are those of `SyncOptions`.

    Raises `typer.Exit` when no report came about.
    """

    summary = SummaryFile(summary_file)
    with errors_told(voice, _on_error(voice, summary, as_json=as_json)):
        from homeroom.config import load_config

        summary.begin()
        return run_config(voice, load_config(config, environ=os.environ), as_json=as_json, summary=summary, **options)


def _leave_behind(voice: Voice, code: int) -> None:
    """End the process where jobs of the destination are still at work: Python would wait for their threads.

    It is as good as a kill, after which the next run clears up.
    """
    if any(not thread.daemon and thread is not threading.main_thread() for thread in threading.enumerate()):
        for stream in (voice.out.file, voice.err.file):
            stream.flush()
        os._exit(code)


def run_config(
    voice: Voice, config: Config, *, as_json: bool = False, summary: SummaryFile = _NOWHERE, **options: Any
) -> int:
    """Sync a config that is read; the exit code."""
    from homeroom.sync_run import SyncOptions, sync_config

    job = partial(sync_config, config, SyncOptions(**options))
    return _told(voice, job, as_json=as_json, summary=summary)


def run_replay(voice: Voice, run: str, *, as_json: bool, **options: Any) -> int:
    """Replay a run; the exit code. `options` are those of `ReplayOptions`. Raises `typer.Exit` as `run_job` does."""
    with errors_told(voice, _on_error(voice, _NOWHERE, as_json=as_json)):
        from homeroom.sync_run import ReplayOptions, replay

        return _told(voice, partial(replay, run, ReplayOptions(**options)), as_json=as_json, summary=_NOWHERE)


def _told(voice: Voice, job: Callable[[Sequence[Hook]], Report], *, as_json: bool, summary: SummaryFile) -> int:
    """Do a job that takes hooks, and tell of it; the exit code."""
    from homeroom.report import exit_code, line_json
    from homeroom.report.text import render

    if as_json:
        report = job([progress.json_lines(lambda line: _write(voice, line))])
        summary.tell(report)
        for line in report.resources.values():
            _write(voice, orjson.dumps({"event": "resource", **line_json(line)}).decode())
        _end(voice, {"event": "end", "exit_code": exit_code(report), **_summary(report)})
    else:
        with progress.shown(voice.err, quiet=voice.quiet, verbose=voice.verbose) as hook:
            report = job([hook])
        codes = (line.code for line in report.resources.values())
        tell_more(voice, codes, report.by_hand.values(), how="homeroom show last -v")
        render(report, voice.out)  # last, for it ends in the verdict
        summary.tell(report)
    return exit_code(report)


def _on_error(voice: Voice, summary: SummaryFile, *, as_json: bool) -> Callable[[HomeroomError, int], None]:
    def tell(error: HomeroomError, code: int) -> None:
        summary.tell_error(error, code)
        if as_json:
            _end(voice, {"event": "end", "exit_code": code, **error_json(error), "pages_kept": error.kept})
        if isinstance(error, InterruptError) and error.at_once:
            _leave_behind(voice, code)

    return tell


def _summary(report: Report) -> dict[str, Any]:
    from homeroom.report import to_json

    return {key: value for key, value in to_json(report).items() if key not in ("resources", "error")}


def _end(voice: Voice, line: dict[str, Any]) -> None:
    _write(voice, orjson.dumps(line).decode())


def _write(voice: Voice, line: str) -> None:
    voice.out.file.write(line + "\n")
    voice.out.file.flush()
