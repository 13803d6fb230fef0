"""The file of `--summary-file`: what a scheduler reads of a run, whichever way it ended."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from homeroom._version import __version__
from homeroom.cli.console import error_json
from homeroom.errors import ConfigError, DiskError, HomeroomError, Problem
from homeroom.values import Report


@dataclass(frozen=True, slots=True)
class SummaryFile:
    """Where the summary of a run goes; nowhere if None. Once a run has begun, the file is never an earlier run's."""

    path: Path | None = None

    def begin(self) -> None:
        """Empty the file of an earlier run: one that is killed leaves an empty file, and not yesterday's good news.

        It is not removed: who may read it stays as it was, and in a container it may be mounted by itself.

        Raises `ConfigError` where nothing could be written at the end of a long run.
        """
        if self.path is None:
            return
        _check(self.path)
        if self.path.is_file():
            self.path.write_bytes(b"")

    def tell(self, report: Report) -> None:
        """Write the report of a run that came to one. Raises `DiskError` where that cannot be done."""
        from homeroom.report import exit_code, to_json

        if self.path is None:
            return
        try:
            _write(self.path, {"exit_code": exit_code(report), **to_json(report)})
        except OSError as reason:
            told = f"the run has ended, but its report cannot be written to {self.path} ({reason.strerror})"
            error = DiskError(f"{told}; homeroom show last tells it")
            error.landed = report.landed
            raise error from None

    def tell_error(self, error: HomeroomError, code: int) -> None:
        """Write what ended a run before its report, where that can be done: stderr and the exit code tell it anyway."""
        if self.path is not None:
            with suppress(OSError):  # a full disk, or the flag itself is what was wrong
                _write(self.path, _ended_by(error, code))


def _ended_by(error: HomeroomError, code: int) -> dict[str, Any]:
    """What a report has, as far as it is known of a run without one, and the error as `--json` tells it."""
    named = error.resource or ""
    return {
        "exit_code": code,
        "status": "failed",
        "finished_at": datetime.now(UTC).isoformat(),
        "version": __version__,
        "landed": error.landed,
        "pages_kept": error.kept,
        "resources": [],
        "errors": {named: type(error).__name__} if named else {},
        **error_json(error),
        "by_hand": {named: error.by_hand} if error.by_hand else {},
    }


def _write(file: Path, content: dict[str, Any]) -> None:
    file.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2) + b"\n")


def _check(file: Path) -> None:
    if file.is_dir() or not file.parent.is_dir():
        what = "this is a folder" if file.is_dir() else "there is no such folder"
        hint = "name a file in it" if file.is_dir() else "make it first"
        shown = repr(str(file if file.is_dir() else file.parent))
        raise ConfigError([Problem("--summary-file", what, shown, hint=hint, code="wrong-flag")])
    written = file if file.exists() else file.parent
    if not os.access(written, os.W_OK):
        what = "this cannot be written" if file.exists() else "nothing can be written in this folder"
        hint = "name a file in another folder"
        raise ConfigError([Problem("--summary-file", what, repr(str(written)), hint=hint, code="wrong-flag")])
