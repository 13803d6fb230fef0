"""A list of deletes over many runs: which rows of a table it names, by when each of both came.

What a killed run, or one that went on with pages of before, has loaded is known to lie between two runs: then a row
may be named or not.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

from .model import Keys
from .school import Tombstone

NEVER = 0
AT_SOME_TIME = 1_000_000
"""Later than any run; runs count from 1."""


@dataclass(frozen=True)
class Between:
    """A run: the first that it may be, and the last."""

    first: int
    last: int


@dataclass(frozen=True)
class _Read:
    """The run of a read of the list, and the one of the last whole read before it."""

    run: int
    since: Between


@dataclass
class Naming:
    """What is known of the list and of the rows that it may name."""

    written: dict[int, Between] = field(default_factory=dict)
    """By which run a row was written last."""
    _came: dict[Tombstone, Between] = field(default_factory=dict)
    """In which run a tombstone came first."""
    _reads: list[_Read] = field(default_factory=list)
    _whole: Between = Between(NEVER, NEVER)

    @property
    def last(self) -> int:
        """The run that has read the list last."""
        return self._reads[-1].run if self._reads else NEVER

    def wrote(self, run: int, surely: Collection[int], maybe: Iterable[int]) -> None:
        """A run has landed that wrote these rows."""
        for key in maybe:
            before = self.written.get(key, Between(run, run))
            self.written[key] = Between(run, run) if key in surely else Between(before.first, run)

    def read(self, run: int, sights: Collection[frozenset[Tombstone]], *, whole: Collection[bool]) -> None:
        """A run has landed that read the list as one of these; `whole`: whether it was read whole, just now."""
        self._reads.append(_Read(run, self._whole))
        if True in whole:
            self._whole = Between(self._whole.first if False in whole else run, run)
        for each in frozenset().union(*sights):
            surely = all(each in sight for sight in sights)
            before = self._came.get(each, Between(run, AT_SOME_TIME))
            self._came[each] = Between(before.first, min(before.last, run) if surely else before.last)

    def surely(self) -> Keys:
        """The rows that must go: they were written before a read that did not name them, and one after it does."""
        return self._named(
            lambda read, row, came: (
                row.last <= read.since.first and read.since.last < came.first <= came.last <= read.run
            )
        )

    def maybe(self) -> Keys:
        """The rows that may go."""
        return self._named(
            lambda read, row, came: (
                row.first <= read.since.last and read.since.first < came.last and came.first <= read.run
            )
        )

    def _named(self, fits: Callable[[_Read, Between, Between], bool]) -> Keys:
        found = {
            key
            for (key, _), came in self._came.items()
            if key in self.written and any(fits(read, self.written[key], came) for read in self._reads)
        }
        return frozenset(found)
