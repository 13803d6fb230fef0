"""Keeping keys and rows out of a library's own log lines."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager

_LOGGERS = ("urllib3.connectionpool", "urllib3.util.retry", "urllib3.poolmanager")
_PATH = re.compile(r"(https?://[^/?#]*)?/.*", re.DOTALL)


@contextmanager
def without_paths() -> Iterator[None]:
    """While it lasts, urllib3's lines show hosts without path and query: a parent's row may stand in it, or a key."""
    loggers = [logging.getLogger(name) for name in _LOGGERS]

    def keep(record: logging.LogRecord) -> bool:
        # A function of our own: a filter that two share would be gone with the first of them.
        return _without_path(record)

    for logger in loggers:
        logger.addFilter(keep)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(keep)


def _without_path(record: logging.LogRecord) -> bool:
    if isinstance(record.args, tuple):
        record.args = tuple(_shortened(part) if isinstance(part, str) else part for part in record.args)
    return True


def _shortened(part: str) -> str:
    found = _PATH.fullmatch(part)
    return f"{found[1] or ''}/…" if found else part
