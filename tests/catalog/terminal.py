"""A person at a terminal: `homeroom` in a process of its own behind a pty."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from dataclasses import dataclass

MOST_S = 60.0


@dataclass(frozen=True, slots=True)
class Talk:
    """How a command ended, and all that stood on the terminal."""

    code: int
    shown: str


def talk(arguments: list[str], answers: list[tuple[str, str]]) -> Talk:
    """Run `homeroom ARGUMENTS…` and give each answer once its question (a part of it) is shown."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "homeroom", *arguments]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    shown, seen = "", 0
    try:
        for question, answer in answers:
            shown, seen = _read_until(ours, shown, seen, question)
            os.write(ours, f"{answer}\n".encode())
        shown, _ = _read_until(ours, shown, seen, None)
        return Talk(process.wait(MOST_S), shown.replace("\r\n", "\n"))
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def _read_until(terminal: int, shown: str, seen: int, question: str | None) -> tuple[str, int]:
    """Everything shown, and the place behind the question; up to the end of the process where that is None."""
    last = time.monotonic() + MOST_S
    while question is None or (at := shown.find(question, seen)) < 0:
        if not select.select([terminal], [], [], max(0.0, last - time.monotonic()))[0]:
            raise AssertionError(f"nobody asked {question!r}: {shown}")
        try:
            part = os.read(terminal, 4096)
        except OSError:
            part = b""
        if not part:
            if question is None:
                return shown, len(shown)
            raise AssertionError(f"it ended before {question!r}: {shown}")
        shown += part.decode(errors="replace")
    return shown, at + len(question)
