"""How dlt names the columns and tables of rows that it has not seen: by its naming convention alone."""

from __future__ import annotations

from collections.abc import Sequence

from dlt.common.schema import Schema


class RowNames:
    """Names as dlt's default convention makes them, short enough for every destination that shortens none."""

    def __init__(self) -> None:
        self._naming = Schema("homeroom").naming

    def column(self, path: Sequence[str]) -> str:
        """The column of the value at `path`, keys from the row's own on."""
        return self._naming.shorten_fragments(*map(self._naming.normalize_identifier, path))

    def table(self, path: Sequence[str]) -> str:
        """The table of the list at `path`; the first part is the root table's name."""
        return self._naming.shorten_fragments(*map(self._naming.normalize_table_identifier, path))
