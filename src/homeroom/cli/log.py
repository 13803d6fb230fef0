"""stderr as JSON lines (`--log-format json`): one object for each thing that is said, whoever says it."""

from __future__ import annotations

import io
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TextIO

import orjson


class JsonLog(io.TextIOBase):
    """Stands in the place of stderr. What is written becomes the `message` of a line; `say` has fields of its own.

    Each line has `time` (ISO 8601, UTC), `level` (debug, info, warning, error) and `event`. Not a terminal, whatever
    lies behind it.
    """

    encoding = "utf-8"
    errors = "backslashreplace"

    def __init__(self, stream: TextIO, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        super().__init__()
        self._stream = stream
        self._now = now
        self._begun = ""
        self._guard = threading.RLock()

    def say(self, level: str, event: str, **fields: Any) -> None:
        """Write a line."""
        time = self._now().isoformat(timespec="milliseconds")
        line = orjson.dumps({"time": time, "level": level, "event": event, **fields}, default=str).decode()
        with self._guard:
            self._stream.write(line + "\n")
            self._stream.flush()

    def write(self, text: str) -> int:
        """Take in what others write: a line when theirs is at its end."""
        with self._guard:
            self._begun += text
            if self._begun.endswith("\n"):
                said, self._begun = self._begun.strip("\n"), ""
                self._take(said)
        return len(text)

    def _take(self, said: str) -> None:
        begun, _, rest = said.partition(": ")
        if begun in ("error", "Error"):  # of a command line that cannot be understood
            self.say("error", "error", message=rest)
        elif said.strip():
            self.say("info", "message", message=said)

    def flush(self) -> None:
        """Nothing is held back but the beginning of a line."""
        self._stream.flush()

    def writable(self) -> bool:
        """It is for writing alone."""
        return True

    def close(self) -> None:
        """stderr stays open; the rest of a line that had no end is told."""
        if self._begun:
            self.write("\n")


@contextmanager
def stderr_as(log_format: str) -> Iterator[None]:
    """stderr in that format, `text` or `json`, for as long as it lasts."""
    if log_format != "json" or isinstance(sys.stderr, JsonLog):
        yield
        return
    before, log = sys.stderr, JsonLog(sys.stderr)
    sys.stderr = log
    try:
        yield
    finally:
        log.close()
        sys.stderr = before
