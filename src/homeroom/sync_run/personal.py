"""Columns that look personal, where the config says nothing of privacy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from homeroom.dlt_seam.noted_rules import columns_with_rows
from homeroom.personal import Kind, by_name

if TYPE_CHECKING:
    from dlt import Schema

_ORDER = {kind: place for place, kind in enumerate(Kind)}
"""As they are declared: what is never passed on comes first, ids of people last."""


def personal_columns(schema: Schema, tables: Iterable[str]) -> tuple[str, ...]:
    """The columns of these root tables, and of those nested in them, whose names look personal."""
    found = [
        (_ORDER[kind], f"{table}.{column}")
        for root in sorted(tables)
        for table, column in columns_with_rows(schema, root)
        if (kind := by_name(table, column).kind) is not None
    ]
    return tuple(place for _, place in sorted(found, key=lambda each: each[0]))
