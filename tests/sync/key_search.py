"""Looks for a key in bytes, in whatever form: plain, quoted, in base64, packed."""

from __future__ import annotations

import base64
import gzip
import io
import logging
import re
import traceback
import zlib
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow.parquet
from leak_server import KEY_CORE, TOKEN_CORE

_PACKED = re.compile(rb"(?:[A-Za-z0-9+/]{4}){10,}={0,2}")


def _in_base64(word: str) -> Iterator[bytes]:
    """The part of a word's base64 that is the same whatever stands before and behind it."""
    for shift in range(3):
        coded = base64.b64encode(b"\0" * shift + word.encode())
        yield coded[-(-shift * 8 // 6) : -(-(shift + len(word)) * 8 // 6) - 2]


PARTS = [part for core in (KEY_CORE, TOKEN_CORE) for part in (core[:10], core[-10:])]
"""Half a key is too much of it."""
FORMS = [form for part in PARTS for form in (part.encode(), part[::-1].encode(), *_in_base64(part))]


def holds_key(content: bytes | str) -> bool:
    """Whether a key is in there, or in what is packed there."""
    raw = content.encode("utf-8", "replace") if isinstance(content, str) else content
    return any(form in part for part in (raw, *_unpacked(raw)) for form in FORMS)


def _unpacked(raw: bytes) -> Iterator[bytes]:
    yield raw.replace(b"\0", b"")  # UTF-16
    for unpack in (gzip.decompress, zlib.decompress):
        try:
            yield unpack(raw)
        except (OSError, EOFError, zlib.error):
            continue
    for match in _PACKED.finditer(raw):
        coded = match[0][: len(match[0]) // 4 * 4]
        try:
            yield zlib.decompress(base64.b64decode(coded))
        except (ValueError, zlib.error):
            continue


def files_with_key(folder: Path) -> list[str]:
    """The files below a folder that hold it; of databases and tables also the values."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    assert files
    return [str(path.relative_to(folder)) for path in files if any(map(holds_key, _contents(path)))]


def _contents(path: Path) -> Iterator[bytes | str]:
    yield path.read_bytes()
    yield path.name
    if path.suffix == ".duckdb":
        yield from _values(path)
    if path.suffix == ".parquet":
        yield str(pyarrow.parquet.read_table(path).to_pylist())


def _values(database: Path) -> Iterator[str]:
    with duckdb.connect(str(database), read_only=True) as connection:
        found = connection.execute("SELECT schema_name, table_name FROM duckdb_tables()").fetchall()
        for schema, table in found:
            yield repr(connection.execute(f'SELECT * FROM "{schema}"."{table}"').fetchall())


def texts_of(error: BaseException | None) -> str:
    """All that is printed of an error and of what led to it."""
    if error is None:
        return ""
    causes: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None:
        causes.append(cause)
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    words = [f"{each} {each!r} {each.args} {getattr(each, '__notes__', '')}" for each in causes]
    return "\n".join([*traceback.format_exception(error), *words])


LOGGERS = ("dlt", "aiohttp", "aiohttp.client", "asyncio", "urllib3", "homeroom")


class Logs(logging.Handler):
    """Every record of every logger, at DEBUG, while inside `with`; but those of the logger `without`."""

    def __init__(self, without: str = "(none)") -> None:
        super().__init__(logging.DEBUG)
        self._loggers = [logging.getLogger(), *map(logging.getLogger, LOGGERS)]
        self._without = without
        self._levels: list[int] = []
        self._kept = io.StringIO()

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith(self._without):
            return
        self._kept.write(f"{record.name} {record.getMessage()} {record.args!r}\n")
        if record.exc_info and record.exc_info[1]:
            self._kept.write(texts_of(record.exc_info[1]))

    @property
    def text(self) -> str:
        return self._kept.getvalue()

    def __enter__(self) -> Logs:
        self._levels = [logger.level for logger in self._loggers]
        for logger in self._loggers:
            logger.setLevel(logging.DEBUG)
            logger.addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        for logger, level in zip(self._loggers, self._levels, strict=True):
            logger.removeHandler(self)
            logger.setLevel(level)
