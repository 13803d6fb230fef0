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
from homeroom.errors import ConfigError, DiskError, HomeroomError, InterruptError, Problem
from homeroom.events import Hook
from homeroom.values import Config, Report


def run_job(voice: Voice, config: str, *, as_json: bool, summary_file: Path | None = None, **options: Any) -> int:
    """Sync the config at that path; the exit code. `options` are those of `SyncOptions`.

    Raises `typer.Exit` when no report came about.
    """

    with errors_told(voice, _on_error(voice, as_json=as_json)):
        from homeroom.config import load_config

        _check_summary_file(summary_file)
        return run_config(
            voice, load_config(config, environ=os.environ), as_json=as_json, summary_file=summary_file, **options
        )


def _leave_behind(voice: Voice, code: int) -> None:
    """End the process where jobs of the destination are still at work: Python would wait for their threads.

    It is as good as a kill, after which the next run clears up.
    """
    if any(not thread.daemon and thread is not threading.main_thread() for thread in threading.enumerate()):
        for stream in (voice.out.file, voice.err.file):
            stream.flush()
        os._exit(code)


def run_config(
    voice: Voice, config: Config, *, as_json: bool = False, summary_file: Path | None = None, **options: Any
) -> int:
    """Sync a config that is read; the exit code."""
    from homeroom.sync_run import SyncOptions, sync_config

    job = partial(sync_config, config, SyncOptions(**options))
    return _told(voice, job, as_json=as_json, summary_file=summary_file)


def run_replay(voice: Voice, run: str, *, as_json: bool, **options: Any) -> int:
    """Replay a run; the exit code. `options` are those of `ReplayOptions`. Raises `typer.Exit` as `run_job` does."""
    with errors_told(voice, _on_error(voice, as_json=as_json)):
        from homeroom.sync_run import ReplayOptions, replay

        return _told(voice, partial(replay, run, ReplayOptions(**options)), as_json=as_json, summary_file=None)


def _told(voice: Voice, job: Callable[[Sequence[Hook]], Report], *, as_json: bool, summary_file: Path | None) -> int:
    """Do a job that takes hooks, and tell of it; the exit code."""
    from homeroom.report import exit_code, line_json
    from homeroom.report.text import render

    if as_json:
        report = job([progress.json_lines(lambda line: _write(voice, line))])
        _write_summary(summary_file, report)
        for line in report.resources.values():
            _write(voice, orjson.dumps({"event": "resource", **line_json(line)}).decode())
        _end(voice, {"event": "end", "exit_code": exit_code(report), **_summary(report)})
    else:
        with progress.shown(voice.err, quiet=voice.quiet, verbose=voice.verbose) as hook:
            report = job([hook])
        codes = (line.code for line in report.resources.values())
        tell_more(voice, codes, report.by_hand.values(), how="homeroom show last -v")
        render(report, voice.out)  # last, for it ends in the verdict
        _write_summary(summary_file, report)
    return exit_code(report)


def _write_summary(file: Path | None, report: Report) -> None:
    from homeroom.report import to_json

    if file is None:
        return
    try:
        file.write_bytes(orjson.dumps(to_json(report), option=orjson.OPT_INDENT_2) + b"\n")
    except OSError as reason:
        told = f"the run has ended, but its report cannot be written to {file} ({reason.strerror})"
        error = DiskError(f"{told}; homeroom show last tells it")
        error.landed = report.landed
        raise error from None


def _on_error(voice: Voice, *, as_json: bool) -> Callable[[HomeroomError, int], None]:
    def tell(error: HomeroomError, code: int) -> None:
        if as_json:
            _end(voice, {"event": "end", "exit_code": code, **error_json(error), "pages_kept": error.kept})
        if isinstance(error, InterruptError) and error.at_once:
            _leave_behind(voice, code)

    return tell


def _check_summary_file(file: Path | None) -> None:
    """Raise `ConfigError` where the file could not be written at the end of a long run."""
    if file is None:
        return
    written = file if file.exists() else file.parent
    if file.is_dir() or not file.parent.is_dir():
        what = "this is a folder" if file.is_dir() else "there is no such folder"
        hint = "name a file in it" if file.is_dir() else "make it first"
        shown = repr(str(file if file.is_dir() else file.parent))
        raise ConfigError([Problem("--summary-file", what, shown, hint=hint, code="wrong-flag")])
    if not os.access(written, os.W_OK):
        what = "this cannot be written" if file.exists() else "nothing can be written in this folder"
        hint = "name a file in another folder"
        raise ConfigError([Problem("--summary-file", what, repr(str(written)), hint=hint, code="wrong-flag")])


def _summary(report: Report) -> dict[str, Any]:
    from homeroom.report import to_json

    return {key: value for key, value in to_json(report).items() if key not in ("resources", "error")}


def _end(voice: Voice, line: dict[str, Any]) -> None:
    _write(voice, orjson.dumps(line).decode())


def _write(voice: Voice, line: str) -> None:
    voice.out.file.write(line + "\n")
    voice.out.file.flush()
