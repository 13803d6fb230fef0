"""Files in the form of the binding (section 3, «CSV Format»): RFC 4180, UTF-8, a header, no line break in a field."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence

from homeroom.oneroster_export.bundle import Bundle
from homeroom.oneroster_export.standard import (
    ALL_FILES,
    MANIFEST,
    MANIFEST_HEADER,
    SOURCE_NAME,
    VERSIONS,
    header_of,
)


def files_of(bundle: Bundle) -> Iterator[tuple[str, bytes]]:
    """Name and content of each file; the manifest is the last."""
    for file, rows in bundle.files.items():
        header = header_of(file)
        yield f"{file}.csv", _written(header, (_cells(header, row) for row in rows))
    yield f"{MANIFEST}.csv", _written(MANIFEST_HEADER, _manifest(bundle))


def _manifest(bundle: Bundle) -> Iterator[Sequence[str]]:
    """A property for every file of the standard, whether it is there or not."""
    yield from VERSIONS.items()
    for file in ALL_FILES:
        yield f"file.{file}", "bulk" if file in bundle.files else "absent"
    yield SOURCE_NAME, bundle.source


def _cells(header: Sequence[str], row: Mapping[str, str]) -> Sequence[str]:
    """The cells of a row. Raises ValueError for a value that has no column: it would be lost."""
    if unknown := row.keys() - set(header):
        raise ValueError(f"there is no column {', '.join(sorted(unknown))}")
    return [row.get(name, "") for name in header]


def _written(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8", errors="replace")
