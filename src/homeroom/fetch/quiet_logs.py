"""Keeping keys out of a library's own log lines."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

_LOGGER = "urllib3.connectionpool"


@contextmanager
def without_queries() -> Iterator[None]:
    """While it lasts, urllib3's DEBUG lines show paths without their query: a key may stand in it."""
    logger = logging.getLogger(_LOGGER)

    def keep(record: logging.LogRecord) -> bool:
        # A function of our own: a filter that two share would be gone with the first of them.
        return _without_query(record)

    logger.addFilter(keep)
    try:
        yield
    finally:
        logger.removeFilter(keep)


def _without_query(record: logging.LogRecord) -> bool:
    if isinstance(record.args, tuple):
        record.args = tuple(part.split("?")[0] if isinstance(part, str) else part for part in record.args)
    return True
