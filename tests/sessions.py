"""Terminal sessions in the docs, replayed: what is typed is run, and what it shows is compared with what stands there.

session_pages.py says how a page has them. In a line of a session `…` stands for any text, a line of it for any
lines; where a line has one, spaces may be more or fewer, since columns move with it. `HOMEROOM_WRITE_DOCS=1` writes
what is shown now.

Each command is a bash of its own in one folder, behind a terminal of 100 columns that nobody types at, with
`homeroom`, `python` and `duckdb` (one query of one file) of this interpreter. Three are done here: `export NAME=value`,
`kill %1`, and `homeroom demo --serve … &`, for which a `School` is opened on a free port, and that port shown as the
one that was asked for.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import shlex
import signal
import struct
import subprocess
import sys
import termios
import time
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import homeroom
from homeroom.demo import Dials, School
from homeroom.demo.command import DEFAULT_PORT, greeting
from homeroom.demo.dials import parse_dials

from .session_pages import Session, Step

ANY = "…"
COLUMNS, ROWS = 100, 60

VOLATILE = (
    r"\d{8}T\d{6}-[0-9a-f]{6}",  # the id of a run
    r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?",  # a moment
    r"\d+(?:\.\d+)?(?= (?:s|ms|min|minutes?|seconds?|kB|MB)\b)",  # how long, how much
    r"(?<=  )\d+\.\d(?=  )",  # how long, in a column of seconds
    r"/tmp/\S*?(?=[\s:,;]|$)",  # where pytest works
)
"""What no two runs have alike; written as `…`."""


# --- running -------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Shell:
    """What commands leave to the next ones: variables, an exit code, a school. Use in `with`."""

    folder: Path
    scale: float = 0.05
    most_s: float = 60.0
    environ: dict[str, str] = field(default_factory=dict)
    code: int = 0
    school: School | None = None
    ports: dict[str, str] = field(default_factory=dict)
    """The port that a session names, and the one that is served on instead."""
    files: dict[str, str] = field(default_factory=dict)

    def __enter__(self) -> Shell:
        """With an empty folder, and the programs beside it."""
        work, programs = self.folder / "work", self.folder / "bin"
        work.mkdir(parents=True)
        programs.mkdir()
        for name, arguments in _PROGRAMS.items():
            (programs / name).write_text(f"#!/bin/sh\nexec {shlex.quote(sys.executable)} {arguments}\n")
            (programs / name).chmod(0o755)
        self.environ = {
            "PATH": f"{programs}:{os.environ.get('PATH', os.defpath)}",
            "PYTHONPATH": str(Path(homeroom.__file__).parent.parent),
            "HOME": str(self.folder),
            "HOMEROOM_HOME": str(self.folder / "home"),
            "DLT_DATA_DIR": str(self.folder / "dlt"),
            "TERM": "xterm",
            "LANG": "C.UTF-8",
            "NO_COLOR": "1",
        }
        return self

    def __exit__(self, *_: object) -> None:
        """Closes the school."""
        if self.school is not None:
            self.school.stop()

    def write(self, files: Mapping[str, str]) -> None:
        """Lay the files of a page where the commands are typed; again when a school is served, for its port."""
        self.files |= files
        for name, text in self.files.items():
            (self.folder / "work" / name).write_text(self._as_served(text), encoding="utf-8")

    def run(self, command: str) -> list[str]:
        """The lines that a terminal shows at the end; AssertionError where it takes more than `most_s`."""
        match _plain_words(command):
            case ["export", *settings]:
                assert "$" not in command, f"`{command}`: a session exports plain values"
                self.environ |= dict(setting.split("=", 1) for setting in settings)
                return []
            case ["kill", "%1"] if self.school is not None:
                self.school.stop()
                self.school = None
                return []
            case ["homeroom", "demo", *flags, "&"] if "--serve" in flags:
                return self._serve(flags)
        return self._as_named(screen(self._shown(self._as_served(command))))

    def _serve(self, flags: Sequence[str]) -> list[str]:
        parser = ArgumentParser()
        parser.add_argument("--serve", action="store_true")
        parser.add_argument("--port", default=str(DEFAULT_PORT))
        parser.add_argument("--scale", type=float, default=self.scale)
        parser.add_argument("--dial", action="append", default=[])
        asked = parser.parse_args(flags)
        assert self.school is None, "a session has one school at a time"
        self.school = School(scale=asked.scale, dials=parse_dials(",".join(asked.dial), Dials()))
        self.school.start()
        self.ports[asked.port] = self.school.url.rpartition(":")[2]
        self.write({})
        return self._as_named([greeting(self.school)])

    def _as_served(self, text: str) -> str:
        for named, served in self.ports.items():
            text = re.sub(rf"\b{named}\b", served, text)
        return text

    def _as_named(self, lines: Sequence[str]) -> list[str]:
        for named, served in self.ports.items():
            lines = [re.sub(rf"\b{served}\b", named, line) for line in lines]
        return list(lines)

    def _shown(self, command: str) -> str:
        """All that came to the terminal, stdout and stderr alike. `$?` is the code of the command before."""
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        process = subprocess.Popen(
            ["bash", "-c", f"(exit {self.code})\n{command}"],
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=theirs,
            cwd=self.folder / "work",
            env=self.environ,
            start_new_session=True,
        )
        os.close(theirs)
        try:
            shown = _read(ours, time.monotonic() + self.most_s)
            self.code = process.wait(self.most_s)
            return shown
        except TimeoutError:
            raise AssertionError(f"`{command}` took more than {self.most_s:g} s") from None
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            os.close(ours)


def _plain_words(command: str) -> list[str]:
    """Of a command of one line; empty for one that only a shell understands."""
    try:
        return shlex.split(command) if "\n" not in command else []
    except ValueError:
        return []


def _read(terminal: int, last: float) -> str:
    parts: list[bytes] = []
    while True:
        if not select.select([terminal], [], [], max(0.0, last - time.monotonic()))[0]:
            raise TimeoutError
        try:
            part = os.read(terminal, 65536)
        except OSError:  # nobody has the other end any more
            part = b""
        if not part:
            return b"".join(parts).decode(errors="replace")
        parts.append(part)


_DUCKDB = "import duckdb, sys; duckdb.connect(sys.argv[1], read_only=True).sql(sys.argv[2]).show()"
"""The command line tool is not installed by pip; its box is."""

_PROGRAMS = {"homeroom": '-m homeroom "$@"', "python": '"$@"', "duckdb": f'-c {shlex.quote(_DUCKDB)} "$@"'}
"""What a session may call, as the arguments of this interpreter."""

_CONTROL = re.compile(r"\x1b\[(?P<count>\??[\d;]*)(?P<what>[A-Za-z])|\x1b\][^\x07]*\x07|(?P<char>[\r\n\b])")


def screen(text: str) -> list[str]:
    """The lines that stand on a terminal when all of `text` has come, bars that were drawn over gone.

    Knows what rich sends: carriage returns, the cursor up, down and to a column, and erasing; colours are left out.
    """
    lines: list[str] = [""]
    row = column = start = 0
    for found in [*_CONTROL.finditer(text), None]:
        plain = text[start : found.start() if found else len(text)]
        if plain:
            before = lines[row].ljust(column)
            lines[row] = before[:column] + plain + before[column + len(plain) :]
            column += len(plain)
        if found is None:
            break
        start = found.end()
        row, column = _moved(lines, row, column, found)
    return _trimmed(lines)


def _moved(lines: list[str], row: int, column: int, found: re.Match[str]) -> tuple[int, int]:
    count = int(found["count"]) if (found["count"] or "").isdigit() else 0
    match found["char"] or found["what"]:
        case "\n":
            row, column = row + 1, 0
        case "\r":
            column = 0
        case "\b":
            column = max(0, column - 1)
        case "A":
            row = max(0, row - max(1, count))
        case "B":
            row += max(1, count)
        case "G":
            column = max(0, count - 1)
        case "K":
            lines[row] = "" if count == 2 else lines[row][:column]
        case "J":
            del lines[row + 1 :]
            lines[row] = lines[row][:column]
    lines.extend([""] * (row + 1 - len(lines)))
    return row, column


def _trimmed(lines: Sequence[str]) -> list[str]:
    kept = [line.rstrip() for line in lines]
    while kept and not kept[-1]:
        kept.pop()
    return kept


# --- comparing -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a comparison: in both, missing, or not expected; `at` is its place in what is expected."""

    mark: str
    """A space, `-` or `+`."""
    text: str
    at: int


def fits(expected: str, shown: str) -> bool:
    """Whether the line is as expected; `…` is any text."""
    if ANY not in expected:
        return expected.rstrip() == shown
    pattern = ".*".join(map(re.escape, expected.rstrip().split(ANY)))
    loose = re.sub(r"(?:\\ ){2,}", lambda found: " +", pattern)
    return re.fullmatch(re.sub(r"─{2,}", "─+", loose), shown) is not None


def compared(expected: Sequence[str], shown: Sequence[str]) -> list[Line]:
    """What has to be taken out and put in to make the one of the other, as little as can be."""
    cost: dict[tuple[int, int], float] = {(len(expected), len(shown)): 0}  # of expected[i:] against shown[j:]
    step: dict[tuple[int, int], tuple[int, int, str]] = {}
    for i in range(len(expected), -1, -1):
        for j in range(len(shown), -1, -1):
            ways = [
                (cost[i + down, j + right] + price, (i + down, j + right, marks))
                for down, right, price, marks in _ways(expected[i : i + 1], shown[j : j + 1])
            ]
            if ways:
                cost[i, j], step[i, j] = min(ways, key=lambda way: way[0])
    return list(_walked(step, expected, shown))


def _ways(expected: Sequence[str], shown: Sequence[str]) -> Iterator[tuple[int, int, float, str]]:
    """Lines of the one and of the other to go on by, at which price, and the marks for it; each of one line or none."""
    if expected and expected[0].strip() == ANY:
        yield 1, 0, 0, " "
        if shown:
            yield 0, 1, 0, ""
        return
    if expected and shown and fits(expected[0], shown[0]):
        yield 1, 1, 0, " "
    elif expected and shown and expected[0].split()[:1] == shown[0].split()[:1]:
        yield 1, 1, 0.9, "-+"  # the same line with other words, and no line that a `…` before it may stand for
    if expected:
        yield 1, 0, 1, "-"
    if shown:
        yield 0, 1, 1, "+"


def _walked(
    step: dict[tuple[int, int], tuple[int, int, str]], expected: Sequence[str], shown: Sequence[str]
) -> Iterator[Line]:
    i = j = 0
    while (i, j) in step:
        further, beyond, marks = step[i, j]
        for mark in marks:
            yield Line(mark, shown[j] if mark == "+" else expected[i], i)
        i, j = further, beyond


def difference(step: Step, shown: Sequence[str]) -> str:
    """Empty where all is as expected; else the command and each line, with the line of the page it stands in."""
    lines = compared(step.expected, shown)
    if all(line.mark == " " for line in lines):
        return ""
    first = step.line + len(step.typed)
    told = [f"{step.line:5}   {step.typed[0]}"]
    told += [f"{first + line.at if line.mark != '+' else '':5} {line.mark} {line.text}" for line in lines]
    return "\n".join(told)


def replayed(session: Session, shell: Shell) -> list[list[str]]:
    """What is shown after each command of the session, whose files are there before the first."""
    shell.write(session.files)
    return [shell.run(step.command) for step in session.steps]


def rewritten(session: Session, shown: Sequence[Sequence[str]]) -> list[str]:
    """The lines between the fences as they should be: those that still fit as they are, the others as shown."""
    lines: list[str] = []
    for step, came in zip(session.steps, shown, strict=True):
        lines += step.typed
        lines += [_steady(line) for line in compared(step.expected, came) if line.mark != "-"]
    return lines


def _steady(line: Line) -> str:
    return line.text if line.mark == " " else re.sub("|".join(VOLATILE), _dotted, line.text)


def _dotted(found: re.Match[str]) -> str:
    """As wide as it was where it stands in a column; a figure to the right."""
    wide, rest = len(found[0]), found.string[found.end() :]
    if not rest.startswith("  "):
        return ANY
    return ANY.rjust(wide) if found[0].replace(".", "").isdigit() else ANY.ljust(wide)
