"""The line of every table, key and list item of a TOML text, which `tomllib` does not tell."""

from __future__ import annotations

import re
from bisect import bisect_right

from homeroom.config.collect import Path

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY = re.compile(r"""[ \t]*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([A-Za-z0-9_-]+))[ \t]*""")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}' r"|'''.*?'{3,5}" r'|"(?:[^"\\\n]|\\.)*"' r"|'[^'\n]*'",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}#\n]*")


def toml_lines(text: str) -> dict[Path, int]:
    """The lines (from 1) by path. `text` must be valid TOML: what is not gives wrong lines, no error."""
    scanner = _Scanner(text)
    scanner.document()
    return scanner.lines


class _Scanner:
    """Reads from `at` on; every method leaves `at` behind what it read."""

    def __init__(self, text: str) -> None:
        self.lines: dict[Path, int] = {(): 1}
        self.text = text
        self.at = 0
        self._ends = [match.start() for match in re.finditer("\n", text)]
        self._tables: dict[Path, int] = {}
        """How many tables each array of tables has so far."""

    def document(self) -> None:
        table: Path = ()
        self._blank()
        while self.at < len(self.text):
            before = self.at
            if self.text.startswith("[", self.at):
                table = self._header()
            else:
                self._entry(table)
            self._blank()
            if self.at == before:  # not TOML after all: never loop
                return

    def _header(self) -> Path:
        start, many = self.at, self.text.startswith("[[", self.at)
        self.at += 2 if many else 1
        keys = self._keys()
        self.at += 2 if many else 1
        path: Path = ()
        for key in keys[:-1]:
            path = self._inside((*path, key), start)
        path = (*path, keys[-1])
        self._note(path, start)
        if many:
            self._tables[path] = self._tables.get(path, 0) + 1
        return self._inside(path, start)

    def _inside(self, path: Path, start: int) -> Path:
        """The table at `path`; of an array of tables the last one."""
        self._note(path, start)
        if path in self._tables:
            path = (*path, self._tables[path] - 1)
            self._note(path, start)
        return path

    def _entry(self, table: Path) -> None:
        self._blank()
        start, path = self.at, table
        for key in self._keys():
            path = (*path, key)
            self._note(path, start)
        self.at += 1  # the equals sign
        self._value(path)

    def _keys(self) -> list[str]:
        keys: list[str] = []
        while match := _KEY.match(self.text, self.at):
            keys.append(next(part for part in match.groups() if part is not None))
            self.at = match.end()
            if not self.text.startswith(".", self.at):
                break
            self.at += 1
        return keys or [""]

    def _value(self, path: Path) -> None:
        self._blank()
        self._note(path, self.at)
        if match := _STRING.match(self.text, self.at):
            self.at = match.end()
        elif self.text.startswith("[", self.at):
            self._group("]", path, numbered=True)
        elif self.text.startswith("{", self.at):
            self._group("}", path, numbered=False)
        elif match := _SCALAR.match(self.text, self.at):
            self.at = match.end()

    def _group(self, end: str, path: Path, *, numbered: bool) -> None:
        """An array or an inline table."""
        self.at += 1
        self._blank()
        count = 0
        while self.at < len(self.text) and not self.text.startswith(end, self.at):
            if numbered:
                self._value((*path, count))
            else:
                self._entry(path)
            count += 1
            self._blank()
            if self.text.startswith(",", self.at):
                self.at += 1
                self._blank()
        self.at += 1

    def _blank(self) -> None:
        match = _BLANK.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def _note(self, path: Path, at: int) -> None:
        self.lines.setdefault(path, bisect_right(self._ends, at - 1) + 1 if at else 1)
