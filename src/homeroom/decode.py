"""From a page's bytes to its rows.

This is the object lane: rows as Python dicts, for dlt's own normaliser. msgspec reads them, as fast as orjson
and without its one silent loss (a whole number beyond 64 bits becomes a rounded float there).
"""

from __future__ import annotations

from typing import Any

from homeroom.errors import DataError
from homeroom.facts import read_rows
from homeroom.values import Page


def decode_rows(page: Page) -> list[Any]:
    """The rows of a page in its order; a row is a dict wherever the API gives objects.

    Raises `DataError` for text that is not UTF-8.
    """
    try:
        return read_rows(page.body, page.facts, page.selector)
    except DataError as error:
        where = f"resource {page.resource}, page {page.number} ({page.place})"
        raise DataError(f"{where}: {error}", resource=page.resource, code=error.code) from None
