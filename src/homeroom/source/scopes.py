"""Which parents the rows of a child were read for to a proved end: of these, what did not come is gone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from homeroom.values import Status

Parent = tuple[str, ...]
"""The values that the requests for a child take from a parent's row, as texts."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The `parents` that a child was read for to a proved end; `columns` of its rows say which one they belong to."""

    columns: tuple[str, ...]
    parents: frozenset[Parent]


@dataclass(slots=True)
class _Read:
    """Chains by their number: whose rows they ask for (None: no text says), and which came to a proved end.

    A chain for several parents stands there once for each.
    """

    asked: list[tuple[int, Parent | None]] = field(default_factory=list)
    proved: set[int] = field(default_factory=set)


class Scopes:
    """The parents of all children of one source, in the last read of each."""

    def __init__(self) -> None:
        self._reads: dict[str, _Read] = {}

    def forget(self, name: str) -> None:
        """A new read of this child begins."""
        self._reads.pop(name, None)

    def begin(self, name: str, chains: Iterable[tuple[int, Parent | None]]) -> None:
        """Chains of a child are about to be read, each by its number with a parent that it is for."""
        self._reads.setdefault(name, _Read()).asked.extend(chains)

    def ended(self, name: str, chain: int, status: Status) -> None:
        """A chain has come to its end; told again where it is read again, under its first number."""
        if (read := self._reads.get(name)) is not None:
            (read.proved.add if status is Status.COMPLETE else read.proved.discard)(chain)

    def parents(self, name: str) -> frozenset[Parent]:
        """The parents of which every chain came to a proved end."""
        if (read := self._reads.get(name)) is None:
            return frozenset()
        doubtful = {parent for chain, parent in read.asked if chain not in read.proved}
        return frozenset(parent for _, parent in read.asked if parent is not None and parent not in doubtful)
