"""Numbers of which not everything is known: what is sure of them, and what is likely. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Count:
    """At least `low`, at most `high` (None: nobody knows). `likely` is an estimate; None: there is no ground for one.

    It is exact where both bounds are the same.
    """

    low: int
    high: int | None
    likely: int | None = None

    @property
    def is_exact(self) -> bool:
        """Whether it is known."""
        return self.low == self.high

    @property
    def best(self) -> int | None:
        """The number to go on with: the exact or the likely one; None where there is neither."""
        return self.low if self.is_exact else self.likely

    def __add__(self, other: Count) -> Count:
        highs, bests = (self.high, other.high), (self.best, other.best)
        high = None if None in highs else sum(filter(None, highs))
        best = None if None in bests else sum(filter(None, bests))
        low = self.low + other.low
        return Count(low, high, None if low == high else best)

    def __str__(self) -> str:
        """`5,200`, `~ 5,200`, `3 or 4`, `≤ 5,200`, `≥ 100`, `unknown`."""
        if self.is_exact:
            return f"{self.low:,}"
        if self.high == self.low + 1:
            return f"{self.low:,} or {self.high:,}"
        if self.likely is not None:
            return f"~ {self.likely:,}"
        if self.high is not None:
            return f"≤ {self.high:,}"
        return f"≥ {self.low:,}" if self.low else "unknown"


def exact(number: int) -> Count:
    """A number that is known."""
    return Count(number, number)


def at_least(number: int) -> Count:
    """A number of which no more is known."""
    return Count(number, None)
