"""How rows go into a table: the facts about merge strategies that others decide by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dlt.common.schema.typing import TTableSchema

_KEEPING_ONE = (None, "delete-insert", "upsert")
"""Merge strategies by which a table holds one row of a key, the one that came last; None is dlt's default."""


@dataclass(frozen=True, slots=True)
class Way:
    """A write disposition. `strategy` is that of a merge, None for dlt's default."""

    disposition: str | None
    strategy: str | None = None
    skips_unchanged: bool = False

    @property
    def keeps_one(self) -> bool:
        """Whether of rows with one key the table holds the one that came last."""
        return self.disposition == "merge" and self.strategy in _KEEPING_ONE

    @property
    def writes_all(self) -> bool:
        """Whether each row that comes is written anew, so that the load which wrote a row last tells that it came.

        If there is a key: without one a merge appends.
        """
        return self.keeps_one and not self.skips_unchanged

    @property
    def keeps_first(self) -> bool:
        """Whether of rows with one key the table holds the one that came first, and the load that brought it."""
        return self.disposition == "merge" and self.strategy == "insert-only"


def way_of(written: Any) -> Way:
    """The way of a `write_disposition` as a config or a resource has it; of a function of the row nothing is known."""
    if isinstance(written, Mapping):
        skips = bool(written.get("skip_unchanged_rows"))
        return Way(written.get("disposition"), written.get("strategy"), skips)
    return Way(written if isinstance(written, str) else None)


def way_of_table(table: TTableSchema) -> Way:
    """The way of a table in a schema, where a strategy stays although a later config names none."""
    held: Mapping[str, Any] = table
    skips = bool(held.get("x-merge-skip-unchanged-rows"))
    return Way(held.get("write_disposition"), held.get("x-merge-strategy"), skips)
