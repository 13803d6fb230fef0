"""Every file, every table and every stream of a run, opened as far as it goes, and searched for marks."""

from __future__ import annotations

import gzip
import json
import sqlite3
import zlib
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from canary_marks import Fate, Mark, Mint

_LIMIT = 200_000_000


@dataclass(slots=True)
class Findings:
    """What was looked at and found: marks by the kind of place."""

    mint: Mint
    found: dict[str, set[Mark]] = field(default_factory=lambda: defaultdict(set))
    where: dict[tuple[str, Mark], str] = field(default_factory=dict)
    looked_at: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    """Bytes of each kind of place."""

    def look(self, kind: str, name: str, content: bytes) -> None:
        """Search the content of a place."""
        self.looked_at[kind] += len(content)
        for mark in self.mint.found(content):
            self.found[kind].add(mark)
            self.where.setdefault((kind, mark), name)

    def folder(self, folder: Path, kinds: dict[str, str], scenario: str) -> None:
        """Search every file below a folder; `kinds` tells the kind of a place by the first part of its path."""
        for path in sorted(folder.rglob("*")):
            if not path.is_file():
                continue
            parts = path.relative_to(folder).parts
            kind = next((kinds[part] for part in parts if part in kinds), "other files")
            self.look(kind, f"{scenario}: {path.relative_to(folder)}", str(path.relative_to(folder)).encode())
            for part, content in opened(path):
                at = f"{kind}, {part}" if part else kind
                self.look(at, f"{scenario}: {path.relative_to(folder)}", content)

    def leaks(self, allowed: dict[Fate, tuple[str, ...]]) -> list[str]:
        """Each mark in a place that it has no business in, with the place."""
        return [
            f"{mark.what} ({mark.fate}) in {kind}: {self.where[kind, mark]}"
            for kind, marks in sorted(self.found.items())
            for mark in sorted(marks, key=lambda mark: mark.core)
            if not kind.startswith(allowed.get(mark.fate, ()) or ("\0",))
        ]


def opened(path: Path) -> Iterator[tuple[str, bytes]]:
    """The bytes of a file, and what stands in it once it is unpacked or asked; each with what it is a part of."""
    raw = path.read_bytes()
    yield "", raw
    if raw[:2] == b"\x1f\x8b":
        yield "", gzip.decompress(raw)
    elif raw[:4] == b"PAR1":
        yield "", _text(pq.read_table(path).to_pylist())
    elif raw[:15] == b"SQLite format 3":
        yield "", b"\n".join(_of_sqlite(path))
    elif raw[8:12] == b"DUCK":
        yield from _of_duckdb(path)
    else:
        yield from (("", text) for text in _unpacked(raw))


def _text(rows: object) -> bytes:
    return json.dumps(rows, default=str, ensure_ascii=False).encode()


def _unpacked(raw: bytes) -> Iterator[bytes]:
    """What any of the usual packers may have made it of."""
    if raw[:1] == b"\x78":
        try:
            yield zlib.decompress(raw)
        except zlib.error:
            return
    elif raw[:4] == b"\x28\xb5\x2f\xfd":
        yield pa.CompressedInputStream(pa.BufferReader(raw), "zstd").read(_LIMIT)


def _of_sqlite(path: Path) -> Iterator[bytes]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            for row in connection.execute(f'SELECT * FROM "{table}"'):
                for value in row:
                    raw = value if isinstance(value, bytes) else str(value).encode()
                    yield raw
                    yield from _unpacked(raw)


def _of_duckdb(path: Path) -> Iterator[tuple[str, bytes]]:
    sql = "SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal"
    with duckdb.connect(str(path), read_only=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for schema, table in connection.execute(sql).fetchall():
            own = "_dlt tables" if table.startswith("_dlt") else "_homeroom tables"
            kind = own if table.startswith("_") else "staging tables" if schema.endswith("_staging") else "tables"
            held = connection.execute(f'SELECT * FROM "{schema}"."{table}"')
            names = [each[0] for each in held.description or ()]
            yield kind, _text([names, held.fetchall()])
