"""What all histories of a session came to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

TOLD = ("histories", "runs", "rows compared", "changes", "faults", "failed lists", "kills", "resumes", "deletes")
FURTHER = ("marks", "returns", "bounds", "full reads", "refused deletes", "stopped by a contract", "backfills", "wrong")


class Tally:
    """Counts, entered test by test."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def enter(self, counts: Mapping[str, int]) -> None:
        """What came of the histories of a test."""
        self._counts.update(counts)

    def lines(self) -> Iterator[str]:
        """For a person; nothing where no history was run."""
        if self._counts:
            yield ", ".join(f"{name} {self._counts[name]:,}" for name in (*TOLD, *FURTHER))
