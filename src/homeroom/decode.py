"""From a page's bytes to its rows.

This is the object lane: rows as Python dicts, for dlt's own normaliser. msgspec reads them, as fast as orjson
and without its one silent loss (a whole number beyond 64 bits becomes a rounded float there).
"""

from __future__ import annotations

from typing import Any

import msgspec

from homeroom.facts import parse_body, selected_rows
from homeroom.values import Answer, Page


def decode_rows(page: Page) -> list[Any]:
    """The rows of a page in its order; a row is a dict wherever the API gives objects."""
    if page.facts.data is not None:
        rows: list[Any] = msgspec.json.decode(page.facts.data)
        return rows
    body = parse_body(Answer(200, "", (), page.body))
    return selected_rows([match.value for match in page.selector.compiled.find(body)])
