"""From a page's bytes to its rows.

This is the object lane: rows as Python dicts, for dlt's own normaliser. msgspec reads them, as fast as orjson
and without its one silent loss (a whole number beyond 64 bits becomes a rounded float there).
"""

from __future__ import annotations

from typing import Any

import msgspec

from homeroom.errors import DataError
from homeroom.facts import parse_body, selected_rows
from homeroom.values import Answer, Page


def decode_rows(page: Page) -> list[Any]:
    """The rows of a page in its order; a row is a dict wherever the API gives objects.

    Raises `DataError` for text that is not UTF-8.
    """
    if page.facts.data is not None:
        return _decoded(page, page.facts.data)
    body = parse_body(Answer(200, "", (), page.body))
    return selected_rows([match.value for match in page.selector.compiled.find(body)])


def _decoded(page: Page, data: bytes) -> list[Any]:
    try:
        rows: list[Any] = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        # What counting rows passes over: a number beyond any float (infinite, as in dlt), bytes that are no text.
        try:
            rows = parse_body(Answer(200, "", (), data))
        except DataError as error:
            where = f"resource {page.resource}, page {page.number} ({page.place})"
            raise DataError(f"{where}: {error}", resource=page.resource) from None
    return rows
