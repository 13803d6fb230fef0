"""What is learnt of a table's rows before dlt sees them, and how they go to dlt: `tables: dlt` or `improved`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from homeroom.dlt_seam.naming import Names
from homeroom.dlt_seam.shadow import Shadow
from homeroom.layout import Keys, Table, UnfitError, as_doubles, renamed, renames


class Learner:
    """Learns of rows what dlt's normaliser would; they go to dlt as they are."""

    names: Names | None = None

    def __init__(self, table: str, shadow: Shadow) -> None:
        self.table = table
        self._shadow = shadow
        self.seen = Keys()

    def rows(self, rows: list[Any]) -> list[Any]:
        """The rows as they go to dlt."""
        return rows

    def learn(self, rows: Sequence[Any]) -> None:
        """Learn of rows as the API gave them. Raises `UnfitError`."""
        for row in rows:
            self.seen.see(row)
        self._shadow.learn(self.table, rows)

    def layout(self) -> Table:
        """Where everything of the rows goes, by what was learnt. Raises `UnfitError`."""
        return self._shadow.layout(self.table, self.seen, self.names)


class Improver(Learner):
    """Whole and fractional numbers in one new column make it double, and keys that would share a column keep apart.

    For a resource whose rows are all objects too: what it finds goes into the schema before dlt's normaliser runs.
    Rows that cannot be followed (nested too deep, ids of their own) are dlt's business from then on.
    """

    def __init__(self, table: str, shadow: Shadow) -> None:
        super().__init__(table, shadow)
        self.names = self._own_names = shadow.names()
        self._layout: Table | None = None
        self._given_up = False

    def rows(self, rows: list[Any]) -> list[Any]:
        """The rows as they go to dlt: keys that would share a column are called otherwise."""
        if self._given_up:
            return rows
        try:
            news = [row for row in rows if isinstance(row, dict) and self.seen.see(row)]
            if news:
                self._follow(news)
        except UnfitError:
            self._given_up = True
            return rows
        return self._renamed(rows)

    def learn(self, rows: Sequence[Any]) -> None:
        """Learn of rows as the API gave them, and have the schema's new columns as they shall be."""
        self._layout = self.layout()
        self._shadow.improve(self._layout, self.seen, self._own_names)  # or dlt would put fractions beside whole ones
        self._shadow.learn(self.table, self._renamed([as_doubles(row, self.seen) for row in rows]))
        self._shadow.improve(self._layout, self.seen, self._own_names)

    def _follow(self, rows: Sequence[Any]) -> None:
        """Bring names and types up to date with what was seen."""
        self.learn(rows)
        self._shadow.publish(self.table)

    def _renamed(self, rows: list[Any]) -> list[Any]:
        row = self._layout.row if self._layout is not None else None
        return rows if row is None or not renames(row) else [renamed(each, row) for each in rows]
