"""Whose turn it is: parents before children, earlier parents before later ones.

dlt hands a page to one child in each round, and beyond twenty sources it serves the newest first. Types are
taken from the first value that dlt sees, so the order in which pages leave must not hang on that.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

MOST_FAMILIES = 8
"""Parent pages whose children may be open at once; more would only pile up parents in memory."""


@dataclass(slots=True)
class _Count:
    """Where one resource stands in this read."""

    chains: int = 0
    called: int = 0
    """Pages of its parent that dlt has handed to it."""
    begun: int = 0
    """Of these, the ones whose requests have begun."""
    open: int = 0
    given: int = 0
    """Pages of its own that dlt was given."""
    rounds: int = 0
    """Rounds that dlt may still take to hand out the last of them."""
    spared: int = 0
    """Pages of its parent that it will never be handed: a step dropped them, or it is not selected."""


class Turns:
    """The counts of all resources of a source. `children` are the names of each resource's children."""

    def __init__(self, children: Mapping[str, Sequence[str]]) -> None:
        self._children = children
        self._counts = {name: _Count() for name in children}
        # With `parallelized` dlt calls transformers in threads of its own.
        self._lock = threading.Lock()

    def children_of(self, name: str) -> Sequence[str]:
        """The resources whose requests are made from this one's rows."""
        return self._children[name]

    def forget(self, name: str) -> None:
        """A new read of this resource begins."""
        self._counts[name] = _Count()

    def next_chain(self, name: str) -> int:
        """The number of the resource's next chain, from 1."""
        count = self._counts[name]
        count.chains += 1
        return count.chains

    def call(self, name: str) -> int:
        """dlt hands a page of parents to this child: the number of that page, from 1."""
        with self._lock:
            count = self._counts[name]
            count.called += 1
            count.open += 1
            return count.called

    def may_begin(self, name: str, page: int) -> bool:
        """Whether the children of all earlier pages of parents have begun."""
        return self._counts[name].begun + 1 >= page

    def begin(self, name: str) -> None:
        """The next page of parents begins to be read for this child."""
        self._counts[name].begun += 1

    def end(self, name: str) -> None:
        """A page of parents was read to its end for this child, or given up."""
        with self._lock:
            self._counts[name].open -= 1

    def any_open(self, names: Collection[str]) -> bool:
        """Whether one of these is being read for a page of its parents."""
        return any(self._counts[name].open for name in names)

    def give(self, name: str) -> None:
        """dlt is given a page of this resource."""
        count = self._counts[name]
        count.given += 1
        # Each open family of this resource waits, and so counts, by itself.
        count.rounds = (len(self._children[name]) + 2) * max(1, count.open)

    def must_wait(self, name: str) -> bool:
        """Whether the resource's next page has to wait: too many children are open, or the last page is on its way.

        With two pages under way, children of the later one would begin before those of the earlier one.
        """
        count = self._counts[name]
        children = [self._counts[child] for child in self._children[name]]
        if any(child.open >= MOST_FAMILIES for child in children):
            return True
        behind = [child for child in children if child.called + child.spared < count.given]
        if behind and count.rounds > 0:
            count.rounds -= 1
            return True
        for child in behind:
            child.spared = count.given - child.called
        return False
