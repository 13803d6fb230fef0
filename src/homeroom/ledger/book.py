"""The pages of all resources of a source."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from types import MappingProxyType

from homeroom.events import Event, PageRead, RequestSent, RetryScheduled, Waited
from homeroom.ledger.resource import ResourceLedger
from homeroom.ledger.verdicts import Verdict


class Ledger:
    """The pages of all resources of a source, parents before children."""

    def __init__(self, parents: Mapping[str, str | None], now: Callable[[], datetime]) -> None:
        self.entries: Mapping[str, ResourceLedger] = MappingProxyType(
            {name: ResourceLedger(name, parent, now) for name, parent in parents.items()}
        )

    def begin(self, resource: str) -> ResourceLedger:
        """Begin to read a resource without a parent: its page and those of its children are blank again."""
        for entry in self.family(resource):
            entry.reset()
        entry = self.entries[resource]
        entry.begin()
        return entry

    def _descends(self, name: str, ancestor: str) -> bool:
        parent = self.entries[name].parent
        return parent == ancestor or (
            parent in self.entries and parent is not None and self._descends(parent, ancestor)
        )

    def on_event(self, event: Event) -> None:
        """The hook that counts what requests cost."""
        if isinstance(event, RequestSent | RetryScheduled | PageRead | Waited) and event.resource in self.entries:
            self.entries[event.resource].on_event(event)

    def verdicts(self, selected: Collection[str]) -> dict[str, Verdict]:
        """What may be said of each of the `selected` resources, and of the parents that were read for them."""
        said: dict[str, Verdict] = {}
        for name, entry in self.entries.items():
            parent = said.get(entry.parent) if entry.parent else None
            if entry.begun or name in selected:
                said[name] = entry.verdict(parent)
        return said

    def family(self, resource: str) -> list[ResourceLedger]:
        """The resource and all that descend from it, parents first."""
        return [entry for name, entry in self.entries.items() if name == resource or self._descends(name, resource)]
