"""Where words go, and what an error becomes: one line for each problem on stderr, and an exit code."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TextIO

import orjson
import typer
from rich.console import Console

from homeroom.cli.log import JsonLog
from homeroom.codes import tagged
from homeroom.errors import AuthError, ConfigError, HomeroomError, InterruptError, Problem
from homeroom.interrupts import interrupt, signal_of

if TYPE_CHECKING:
    from homeroom.codes import Code

EXIT_NOTHING, EXIT_USAGE, EXIT_PART, EXIT_REFUSED, EXIT_STOPPED, EXIT_INTERRUPTED = 1, 2, 3, 4, 5, 130


@dataclass(frozen=True, slots=True)
class Voice:
    """How a command speaks. `out` is data, `err` is messages; `quiet` silences all but errors."""

    out: Console
    err: Console
    quiet: bool = False
    verbose: bool = False

    def say(self, text: str) -> None:
        """A message for the person at the terminal; not data."""
        if not self.quiet:
            self.err.print(text, highlight=False, soft_wrap=True, markup=False)


def make_voice(*, quiet: bool = False, verbose: bool = False) -> Voice:
    """The consoles of this process, made when they are needed (tests replace the streams)."""
    return Voice(_console(sys.stdout), _console(sys.stderr, stderr=True), quiet, verbose)


def _console(stream: TextIO, *, stderr: bool = False) -> Console:
    """A console on which nothing is drawn and redrawn where nobody looks, or what is written is kept (`CI`).

    Colour is another matter: rich asks `NO_COLOR`, `FORCE_COLOR`, `TERM` and the stream.
    """
    screen = None if stream.isatty() and not os.environ.get("CI") else False
    # What is printed quotes configs and servers: `mymod:boom` is a name, and no picture.
    return Console(stderr=stderr, emoji=False, markup=False, force_interactive=screen)


def write_json(voice: Voice, data: object) -> None:
    """One line of JSON, as data; it is there at once, also where stdout is a pipe."""
    voice.out.file.write(orjson.dumps(data).decode() + "\n")
    voice.out.file.flush()


def code_of(error: HomeroomError) -> int:
    """The exit code of an error that ended a command: the first that fits."""
    match error:
        case ConfigError():
            return EXIT_USAGE
        case InterruptError(number=signal.SIGINT):
            return EXIT_INTERRUPTED
        case HomeroomError(kept=kept) if kept:
            return EXIT_STOPPED
        case AuthError():
            return EXIT_REFUSED
        case HomeroomError(landed=True):
            return EXIT_PART
        case _:
            return EXIT_NOTHING


def error_json(error: HomeroomError) -> dict[str, Any]:
    """An error as plain JSON values; `problems` are those of a config, in the order of the file."""
    problems = error.problems if isinstance(error, ConfigError) else ()
    return {
        "error": type(error).__name__,
        "code": error.code,
        "message": str(error),
        "resource": error.resource,
        "problems": [problem_json(problem) for problem in problems],
        "by_hand": error.by_hand or None,
    }


def problem_json(problem: Problem) -> dict[str, Any]:
    """One thing that is wrong with a config, as plain JSON values."""
    return {
        key: getattr(problem, key) for key in ("file", "line", "path", "message", "value", "allowed", "hint", "code")
    }


def tell_more(
    voice: Voice, codes: Iterable[str | None], by_hand: Collection[str] = (), how: str = "the same with -v"
) -> None:
    """With `-v` what is known of codes that were told, and the requests that failed; on a terminal else how to ask."""
    told = list(dict.fromkeys(code for code in codes if code is not None))
    if not told or voice.quiet:
        return
    if voice.verbose:
        from homeroom.codes import explained, registry

        known = [code for code in registry() if code in told]
        for line in (line for code in known for line in explained(code)):
            voice.say(line)
        for line in by_hand:
            voice.say(f"by hand: {line}")
    elif voice.err.is_interactive:
        voice.say(f"more on {', '.join(f'[{code}]' for code in told)}: {how}, or docs/errors.md#{told[0]}")


@contextmanager
def errors_told(voice: Voice, on_error: Callable[[HomeroomError, int], None] | None = None) -> Iterator[None]:
    """Turn an error raised on purpose into lines on stderr and an exit code; a traceback with `-v` alone.

    `on_error` is told first, with the code: `--json` writes its last line there.
    """
    try:
        yield
    except KeyboardInterrupt as error:
        raise _told(voice, InterruptError("interrupted", number=signal_of(error)), on_error) from None
    except HomeroomError as error:
        raise _told(voice, error, on_error) from None


def _told(voice: Voice, error: HomeroomError, on_error: Callable[[HomeroomError, int], None] | None) -> typer.Exit:
    code = code_of(error)
    log = voice.err.file
    if voice.verbose and isinstance(log, JsonLog):
        log.say("debug", "traceback", message=_trace(error))
    elif voice.verbose:
        voice.err.print(_trace(error), highlight=False, markup=False)
    lines = _lines(error)
    for text, code_of_line in lines:
        if isinstance(log, JsonLog):
            named = {"error": type(error).__name__, "code": code_of_line}
            log.say("error", "error", message=text, **named, exit_code=code)
        else:
            voice.err.print(f"error: {tagged(text, code_of_line)}", highlight=False, soft_wrap=True, markup=False)
    tell_more(voice, (code_of_line for _, code_of_line in lines), [error.by_hand] if error.by_hand else [])
    if on_error is not None:
        on_error(error, code)
    return typer.Exit(code)


def _lines(error: HomeroomError) -> list[tuple[str, Code]]:
    """What to say of an error, each line with its code."""
    if isinstance(error, ConfigError):
        return [(line, each.code) for each in error.problems for line in str(each).splitlines()]
    return [(line, error.code) for line in str(error).splitlines() or [type(error).__name__]]


def _trace(error: BaseException | None) -> str:
    """Where an error and its causes were raised. Of foreign errors the class alone: their words may quote a row."""
    parts: list[str] = []
    while error is not None:
        frames = "".join(traceback.format_tb(error.__traceback__))
        parts.insert(0, f"Traceback (most recent call last):\n{frames}{type(error).__name__}")
        error = error.__cause__
    return "\n\nwhich led to:\n\n".join(parts)


@contextmanager
def terminable() -> Iterator[None]:
    """SIGTERM ends the run as Ctrl-C does, but for its exit code."""
    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
