"""How a page has terminal sessions, and the files that they use.

A session is a ```console block behind the line `<!-- session: replayed -->`. In it `$ ` begins a command, `> ` goes on
with it (a heredoc), all else is what a terminal shows then. The marker may say `; scale 0.05`, the size of a school
that is served without `--scale`, and `; goes on`: in the folder of the session before, with its school and variables.
A block of any language behind `<!-- file: NAME -->` is such a file to the next session.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Step:
    """A command as it is typed, with what is expected of it; `line` is that of its `$`, counted from 1."""

    line: int
    typed: tuple[str, ...]
    expected: tuple[str, ...]

    @property
    def command(self) -> str:
        """Without prompts."""
        return "\n".join(each[2:] for each in self.typed)


@dataclass(frozen=True, slots=True)
class Session:
    """One block of a page; `first` is the line of its first `$`, `last` that of its closing fence."""

    page: Path
    first: int
    last: int
    scale: float
    goes_on: bool
    files: Mapping[str, str]
    """The blocks of the page since the session before that are files, by name."""
    steps: tuple[Step, ...]


_MARKER = re.compile(r"<!-- session: replayed(?:; scale (?P<scale>[\d.]+))?(?P<on>; goes on)? -->")
_FILE = re.compile(r"<!-- file: (?P<name>[\w.]+) -->")


def sessions_of(page: Path) -> Iterator[Session]:
    """Each marked block of the page; ValueError where a marker is not understood or stands before nothing."""
    lines = page.read_text(encoding="utf-8").splitlines()
    files: dict[str, str] = {}
    for number, line in enumerate(lines):
        if line.startswith("<!-- file"):
            name, text = _file(page, lines, number)
            files[name] = text
        if not line.startswith("<!-- session"):
            continue
        marker = _MARKER.fullmatch(line.strip())
        if marker is None or lines[number + 1 : number + 2] != ["```console"] or "```" not in lines[number + 2 :]:
            raise ValueError(f"{page.name}, line {number + 1}: {line!r} is no marker, or before no ```console block")
        end = lines.index("```", number + 2)
        steps = tuple(_steps(page, lines, number + 2, end))
        yield Session(page, number + 3, end + 1, float(marker["scale"] or 0.05), bool(marker["on"]), files, steps)
        files = {}


def runs_of(page: Path) -> list[list[Session]]:
    """The sessions of a page, those that go on with the one before together."""
    runs: list[list[Session]] = []
    for session in sessions_of(page):
        if session.goes_on and not runs:
            raise ValueError(f"{page.name}, line {session.first - 2}: no session before that this one could go on with")
        runs = [*runs[:-1], [*runs[-1], session]] if session.goes_on else [*runs, [session]]
    return runs


def _file(page: Path, lines: Sequence[str], number: int) -> tuple[str, str]:
    marker = _FILE.fullmatch(lines[number].strip())
    if marker is None or not "".join(lines[number + 1 : number + 2]).startswith("```"):
        raise ValueError(f"{page.name}, line {number + 1}: {lines[number]!r} is no marker, or before no block")
    return marker["name"], "\n".join(lines[number + 2 : lines.index("```", number + 2)]) + "\n"


def _steps(page: Path, lines: Sequence[str], start: int, end: int) -> Iterator[Step]:
    if not lines[start].startswith("$ "):
        raise ValueError(f"{page.name}, line {start + 1}: a session begins with `$ `")
    begins = [number for number in range(start, end) if lines[number].startswith("$ ")]
    for begin, following in zip(begins, [*begins[1:], end], strict=True):
        output = begin + 1
        while output < following and lines[output].startswith("> "):
            output += 1
        yield Step(begin + 1, tuple(lines[begin:output]), tuple(lines[output:following]))
