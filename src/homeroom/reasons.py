"""Why something could not be written, where that is not the fault of what was to be written."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from homeroom.codes import Code

LOCK_TIMEOUT = "60s"
"""How long a statement of ours waits in PostgreSQL for who reads or writes the table; else it would for ever."""

_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG})
_DENIED = frozenset({errno.EACCES, errno.EPERM})

_AROUND = frozenset({"OSError", "IOException", "FatalException", "OutOfMemoryException", "DestinationConnectionError"})
"""Names of errors that are never about rows: the system's, DuckDB's and dlt's. Drivers are not imported here."""

_MAYBE_AROUND = frozenset({"OperationalError", "InternalError", "InvalidInputException"})
"""Names of errors that may as well be about rows; their words decide."""

QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
"""In an error of a database: names, paths, and values of rows."""

_FULL = re.compile(
    r"no space|disk.{0,20}full|database.{0,20}full|quota|file too large|failed to allocate", re.IGNORECASE
)
_READ_ONLY = re.compile(r"read-?only", re.IGNORECASE)
_LOCKED = re.compile(r"\block|is locked", re.IGNORECASE)
_AWAY = re.compile(r"connect|server closed|terminat|unable to open|disk i/o|timeout|timed out", re.IGNORECASE)

_HINTS = (
    (_FULL, "make room there"),
    (_READ_ONLY, "make it writable"),
    (_LOCKED, "wait for who has it open, or end that"),
    (_AWAY, ""),
)

CODES: Mapping[str, Code] = MappingProxyType(
    {
        "make room there": "cannot-write",
        "make it writable": "cannot-write",
        "wait for who has it open, or end that": "locked",
        "": "destination-unreachable",
    }
)
"""The code of each hint of `hint_beside_rows`."""


def disk_reason(error: BaseException, *, ours: bool = False) -> str | None:
    """What this machine's disk has against writing, and where if that is known; None where it is something else.

    `ours`: what was to be written is ours, so that a refused permission is a reason too.
    """
    if isinstance(error, OSError) and (error.errno in _DISK or (ours and error.errno in _DENIED)):
        at = f" ({error.filename})" if isinstance(error.filename, str) else ""
        return f"{os.strerror(error.errno).lower()}{at}"
    return None


def hint_beside_rows(error: BaseException) -> str | None:
    """What to try after a failed load, empty where nothing special is known.

    None where the reason may be in the rows: they would be refused again.
    """
    found: set[str] = set()
    cause: BaseException | None = error
    while cause is not None:
        kinds = {kind.__name__ for kind in type(cause).__mro__}
        said = QUOTED.sub("", str(cause))
        hint = next((hint for pattern, hint in _HINTS if pattern.search(said)), None)
        if kinds & _AROUND or (kinds & _MAYBE_AROUND and hint is not None):
            found.add(hint or "")
        cause = cause.__cause__
    return max(found, default=None)
