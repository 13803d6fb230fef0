"""What a table must hold after a run: plain dicts, and no line of what is tested.

A list of the API is a dict of rows by id. A table is another one, with the ids of the rows that are marked as deleted.
`Table.after` says what one run makes of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Row = Mapping[str, Any]
Listing = Mapping[int, Row]
Keys = frozenset[int]
NONE: Keys = frozenset()

FEW = 20
SHARE = 0.2
DELETED = "tobedeleted"


@dataclass(frozen=True)
class Rules:
    """What a config says of the deletes of a list."""

    deletes: str = "keep"
    """keep, soft or hard."""
    buries: bool = False
    """Whether a row that says that it is deleted is taken at its word."""

    def is_dead(self, row: Row) -> bool:
        return self.buries and self.deletes != "keep" and row["status"] == DELETED


@dataclass(frozen=True)
class Came:
    """The rows that a run brought. `is_all`: of all that there are, so that absence counts.

    `parents`: the sections whose rows were asked for, where absence counts for these alone.
    """

    rows: Listing
    is_all: bool
    parents: Keys | None = None
    rejected: Keys = NONE
    """Rows that a contract has kept out: an older version of them may be in the table, and is not absent."""

    def is_about(self, row: Row) -> bool:
        """Whether the row would have come, if it were there."""
        return self.is_all if self.parents is None else row["section_id"] in self.parents

    @property
    def counts(self) -> bool:
        """Whether the absence of any row counts."""
        return self.is_all or (self.parents is not None and not self.rejected)


@dataclass(frozen=True)
class Table:
    """Rows by id, those that are marked as deleted too."""

    rows: Listing = field(default_factory=dict)
    marked: Keys = NONE

    @property
    def live(self) -> Keys:
        return frozenset(self.rows) - self.marked

    def loaded(self, came: Came) -> Table:
        """With what came, before anything is deleted: a row that came has no mark."""
        return Table({**self.rows, **came.rows}, self.marked - frozenset(came.rows))

    def absent(self, came: Came) -> Keys:
        """The live rows that did not come, of those that were asked for."""
        return self.about(came) - frozenset(came.rows) - came.rejected

    def about(self, came: Came) -> Keys:
        """The live rows that were asked for."""
        return frozenset(key for key in self.live if came.is_about(self.rows[key]))

    def dead(self, rules: Rules) -> Keys:
        """The live rows that say that they are deleted: also those that a run has loaded that was killed behind it."""
        return frozenset(key for key in self.live if rules.is_dead(self.rows[key]))

    def settled(self, came: Came, rules: Rules, named: Keys = NONE) -> Table:
        """With what came, without the rows that say that they are deleted, nor those that a list of deletes names."""
        found = self.loaded(came)
        gone = found.dead(rules) | (named & found.live if rules.deletes != "keep" else NONE)
        return found.deleted(gone, rules)

    def is_guarded(self, came: Came, rules: Rules, named: Keys = NONE, *, allowed: bool) -> bool:
        """Whether more rows are absent than may go at once."""
        gone, held = len(self.settled(came, rules, named).absent(came)), len(self.about(came))
        if not gone or allowed:
            return False
        return not came.rows or (gone > FEW and gone > SHARE * held)

    def deleted(self, keys: Keys, rules: Rules) -> Table:
        """Without these rows, or with a mark on them."""
        if rules.deletes == "soft":
            return Table(self.rows, self.marked | keys)
        return Table({key: row for key, row in self.rows.items() if key not in keys}, self.marked - keys)

    def after(self, came: Came, rules: Rules, named: Keys = NONE, *, absence_counts: bool) -> Table:
        """What a run leaves that has landed."""
        found = self.settled(came, rules, named)
        if absence_counts and came.counts and rules.deletes != "keep":
            found = found.deleted(found.absent(came), rules)
        return found

    def state(self, key: int) -> tuple[Row, bool] | None:
        """The row and whether it is marked; None where there is no such row."""
        return (self.rows[key], key in self.marked) if key in self.rows else None


def newer(listing: Listing, since: datetime | None, *, inclusive: bool) -> Listing:
    """The rows that an API gives that is asked for what was changed since; None: ever."""
    if since is None:
        return listing
    return {key: row for key, row in listing.items() if moment(row) > since or (inclusive and moment(row) == since)}


def between(listing: Listing, since: datetime, until: datetime) -> Listing:
    """The rows of a backfill; none is changed at the very ends."""
    return {key: row for key, row in listing.items() if since < moment(row) < until}


def newest(listing: Listing, before: datetime | None) -> datetime | None:
    """Where the cursor stands after these rows."""
    return max((*map(moment, listing.values()), *filter(None, (before,))), default=None)


def moment(row: Row) -> datetime:
    """When the row says that it was changed."""
    return datetime.fromisoformat(row["updated_at"])
