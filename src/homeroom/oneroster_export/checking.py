"""Whether the files in a folder are a OneRoster 1.2 bundle: what the binding demands of files, headers and fields.

The files are read back as a receiver would read them, and every violation is told with its line. Rules that need
several rows are in `meaning`.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from homeroom.oneroster_export.standard import (
    ALL_FILES,
    EXTENSION,
    FILES,
    ID,
    MANIFEST,
    MANIFEST_HEADER,
    MODES,
    SOURCE_CODE,
    SOURCE_NAME,
    VERSIONS,
    Field,
    header_of,
)

_YEAR = re.compile(r"\d{4}")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_INTEGER = re.compile(r"-?\d+")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z")
_USER_ID = re.compile(r"\{[^{}:]+:[^{}:]+\}")


@dataclass(frozen=True, slots=True)
class Violation:
    """One rule that is broken. `line` counts from 1, the header's; None where it is about the whole file."""

    file: str
    line: int | None
    field: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}.csv" + (f":{self.line}" if self.line else "")
        return f"{where}: {self.field}: {self.message}" if self.field else f"{where}: {self.message}"


@dataclass(frozen=True, slots=True)
class Line:
    """A data row of a file: where it stands, and its cells by header."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Read:
    """A folder as it was read: what the manifest says of each file, and the rows of those that could be read."""

    modes: Mapping[str, str]
    lines: Mapping[str, Sequence[Line]]


def read_bundle(folder: Path, found: list[Violation]) -> Read:
    """Read what is there; what is wrong with the files themselves goes to `found`."""
    modes = _manifest(folder, found)
    lines: dict[str, Sequence[Line]] = {}
    here = {path.name for path in folder.iterdir()}
    for name in sorted(here - {f"{file}.csv" for file in (*ALL_FILES, MANIFEST)}):
        found.append(Violation(name.removesuffix(".csv"), None, "", "is no file of the standard"))
    for file in ALL_FILES:
        is_here, mode = f"{file}.csv" in here, modes.get(file, "absent")
        if is_here and mode == "absent":
            found.append(Violation(file, None, "", "is there, and the manifest does not say so"))
        elif mode != "absent" and not is_here:
            found.append(Violation(file, None, "", f"is missing; the manifest says {mode}"))
        elif is_here and file in FILES:
            lines[file] = [*_table(folder, file, header_of(file), found)]
    return Read(modes, lines)


def fields_wrong(read: Read) -> Iterator[Violation]:
    """What is wrong with each field by itself, and with its sourcedIds and references."""
    ids = {file: {line.cells["sourcedId"] for line in lines} for file, lines in read.lines.items()}
    for file, lines in read.lines.items():
        seen: set[str] = set()
        for line in lines:
            own = line.cells["sourcedId"]
            if own in seen:
                yield Violation(file, line.number, "sourcedId", "came before in this file")
            seen.add(own)
            yield from _life_wrong(file, line, read.modes[file])
            for field in FILES[file]:
                if said := _wrong(field, line.cells[field.name]) or _unresolved(field, line.cells[field.name], ids):
                    yield Violation(file, line.number, field.name, said)
            if _count(line.cells.get("subjects", "")) != _count(line.cells.get("subjectCodes", "")):
                yield Violation(file, line.number, "subjectCodes", "must be as many as the subjects")


def _manifest(folder: Path, found: list[Violation]) -> dict[str, str]:
    """What the manifest says of each file."""
    if not (folder / f"{MANIFEST}.csv").exists():
        found.append(Violation(MANIFEST, None, "", "is missing"))
        return {}
    said: dict[str, str] = {}
    known = {*VERSIONS, SOURCE_NAME, SOURCE_CODE, *(f"file.{file}" for file in ALL_FILES)}
    for line in _table(folder, MANIFEST, MANIFEST_HEADER, found):
        name, value = line.cells["propertyName"], line.cells["value"]
        allowed = MODES if name.startswith("file.") else (VERSIONS[name],) if name in VERSIONS else (value,)
        if name not in known:
            found.append(Violation(MANIFEST, line.number, "propertyName", "is none of the standard"))
        elif name in said:
            found.append(Violation(MANIFEST, line.number, "propertyName", f"{name} came before"))
        elif value not in allowed:
            found.append(Violation(MANIFEST, line.number, "value", f"{name} must be {' or '.join(allowed)}"))
        said.setdefault(name, value)
    for name in sorted(known - said.keys() - {SOURCE_NAME, SOURCE_CODE}):
        found.append(Violation(MANIFEST, None, "propertyName", f"{name} is missing"))
    return {name.removeprefix("file."): value for name, value in said.items() if name.startswith("file.")}


def _table(folder: Path, file: str, header: Sequence[str], found: list[Violation]) -> Iterator[Line]:
    """The rows of a file that have as many cells as its header."""
    try:
        text = (folder / f"{file}.csv").read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        found.append(Violation(file, None, "", "is not UTF-8"))
        return
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        first = next(reader, [])
        if not _is_header(first, header):
            found.append(Violation(file, 1, "", f"the header must be {','.join(header)}"))
            return
        number = 0
        for number, cells in enumerate(reader, 1):  # noqa: B007
            if len(cells) != len(first):
                message = f"has {len(cells)} cells, and the header {len(first)}"
                found.append(Violation(file, reader.line_num, "", message))
            else:
                yield from _row(file, reader.line_num, dict(zip(first, cells, strict=True)), found)
        if not number:
            found.append(Violation(file, None, "", "has no row; the manifest must call it absent then"))
    except csv.Error as error:
        found.append(Violation(file, reader.line_num, "", f"is no CSV ({error})"))


def _row(file: str, number: int, cells: dict[str, str], found: list[Violation]) -> Iterator[Line]:
    for name, cell in cells.items():
        if "\n" in cell or "\r" in cell:
            found.append(Violation(file, number, name, "has a line break"))
    yield Line(number, cells)


def _is_header(first: Sequence[str], header: Sequence[str]) -> bool:
    """Whether the names stand in their order; columns of one's own may follow (`metadata.…`), each once."""
    more = first[len(header) :]
    return (
        (*first[: len(header)],) == (*header,)
        and len({*more}) == len(more)
        and all(name.startswith("metadata.") for name in more)
    )


def _life_wrong(file: str, line: Line, mode: str) -> Iterator[Violation]:
    """In a bulk file status and dateLastModified are empty, in a delta file they are required."""
    for name in ("status", "dateLastModified"):
        if mode == "bulk" and line.cells[name]:
            yield Violation(file, line.number, name, "must be empty in a bulk file")
    if mode == "delta" and line.cells["status"] not in ("active", "tobedeleted"):
        yield Violation(file, line.number, "status", "must be active or tobedeleted in a delta file")
    if mode == "delta" and not _TIME.fullmatch(line.cells["dateLastModified"]):
        yield Violation(file, line.number, "dateLastModified", "must be a time such as 2026-01-31T06:00:00.000Z")


def _wrong(field: Field, cell: str) -> str:
    """What is wrong with a cell by itself; nothing where it is right."""
    if not cell:
        return "is required" if field.required else ""
    match field.kind:
        case "id":
            return "" if ID.fullmatch(cell) else "is no GUID: 1 to 255 of 0-9 A-Z a-z . - _ / @"
        case "ids":
            is_right = all(ID.fullmatch(each) for each in cell.split(","))
            return "" if is_right else "is no list of GUIDs: 1 to 255 of 0-9 A-Z a-z . - _ / @ each"
        case "texts":
            return "" if all(cell.split(",")) else "has an empty item"
        case "user_ids":
            return "" if all(_USER_ID.fullmatch(each) for each in cell.split(",")) else "is no list of {type:id}"
        case "word":
            is_right = cell in field.words or (field.is_open and bool(EXTENSION.fullmatch(cell)))
            return "" if is_right else f"must be {', '.join(field.words)}{' or ext:…' if field.is_open else ''}"
        case "boolean":
            return "" if cell in ("true", "false") else "must be true or false"
        case "date":
            return "" if _is_day(cell) else "is no date such as 2026-01-31"
        case "year":
            return "" if _YEAR.fullmatch(cell) else "is no year such as 2026"
        case "number":
            return "" if _NUMBER.fullmatch(cell) else "is no number"
        case "integer":
            return "" if _INTEGER.fullmatch(cell) else "is no whole number"
        case _:
            return ""


def _unresolved(field: Field, cell: str, ids: Mapping[str, set[str]]) -> str:
    """References must lead to a row of the bundle (appendix A, «The File Dependency Matrix», of bulk files)."""
    if not field.refers_to or not cell:
        return ""
    known = ids.get(field.refers_to, set())
    wanted = cell.split(",") if field.kind == "ids" else [cell]
    return "" if all(each in known for each in wanted) else f"is of no row in {field.refers_to}.csv"


def _is_day(cell: str) -> bool:
    if not _DAY.fullmatch(cell):
        return False
    try:
        date.fromisoformat(cell)
    except ValueError:
        return False
    return True


def _count(cell: str) -> int:
    return len(cell.split(",")) if cell else 0
