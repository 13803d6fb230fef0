"""What goes on to the tables: the rows and keys that came, or those that the config's own steps have left of them."""

from __future__ import annotations

from typing import Any

from homeroom.keys import Came, KeySet
from homeroom.ledger import ResourceLedger
from homeroom.shape import RowRules, keys_of


class Arrivals:
    """For each resource what a read brings to its table; asked for where the table loses what a read does not bring."""

    def __init__(self) -> None:
        self._rules: dict[str, RowRules] = {}
        self._rows: dict[str, int] = {}
        self._keys: dict[str, KeySet] = {}

    def watch(self, name: str) -> None:
        """Rows of this resource are counted by `row`, behind its steps, and not as they arrive."""
        self.forget(name)
        self._rows[name] = 0
        self._keys[name] = KeySet()

    def forget(self, name: str) -> None:
        """A new read of this resource begins."""
        self._rules.pop(name, None)
        if name in self._rows:
            self._rows[name], self._keys[name] = 0, KeySet()

    def begin(self, name: str, rules: RowRules) -> None:
        """Its first page is about to come; `rules` say which columns are its key."""
        self._rules[name] = rules

    def row(self, name: str, row: Any) -> Any:
        """Count a row that has been through all steps; the row."""
        self._rows[name] += 1
        if (rules := self._rules.get(name)) is not None:
            self._keys[name].add(keys_of([row], rules) or ())
        return row

    def came(self, entry: ResourceLedger) -> Came:
        """What the resource of this page of the ledger brings."""
        arrived = self.arrived(entry)
        if rejected := entry.rows_received - entry.rows_going_on:
            return Came(arrived.rows - rejected, arrived.key)  # which keys went is not kept
        return arrived

    def arrived(self, entry: ResourceLedger) -> Came:
        """The same with the rows that its contract keeps out; without keys where one of these has none."""
        name, rules = entry.resource, self._rules.get(entry.resource)
        key = rules.key if rules else ()
        if entry.rejects is not None and entry.rejects.has_keyless:
            return Came(self._rows.get(name, entry.rows_received), key)
        if name in self._rows:
            return Came(self._rows[name], key, self._keys[name] if key else None)
        return Came(entry.rows_received, key, entry.keys)
