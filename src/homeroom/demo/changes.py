"""Change versions of the rows of the sample school, as Ed-Fi's change queries have them.

As there: one sequence for the whole school, a number for each change of a row; a span of them has both of its ends;
a row that was removed and is there again is no tombstone any more.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson


@dataclass(frozen=True, slots=True)
class Span:
    """From `least` to `most`, both inside; None: without an end."""

    least: int | None = None
    most: int | None = None

    def has(self, version: int) -> bool:
        """Whether the version is inside."""
        return (self.least is None or version >= self.least) and (self.most is None or version <= self.most)


ALL_CHANGES = Span()


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened to the rows of one entity; a change makes other `Changes` and leaves these as they were."""

    puts: Mapping[int, int] = field(default_factory=dict)
    """By id the number of the last change of a row; rows that are not named were there from the beginning."""
    removes: Mapping[int, int] = field(default_factory=dict)
    """By id the number of the change that removed a row; rows that came back are not named."""

    def with_put(self, row_id: int, number: int) -> "Changes":
        """After the row was added or replaced."""
        return Changes({**self.puts, row_id: number}, _without(self.removes, row_id))

    def with_removed(self, row_id: int, number: int) -> "Changes":
        """After the row was removed."""
        return Changes(_without(self.puts, row_id), {**self.removes, row_id: number})

    def version(self, row_id: int) -> int:
        """The number of the last change of a row that is there; 0 where it never changed."""
        return self.removes.get(row_id, self.puts.get(row_id, 0))

    def tombstones(self, span: Span) -> tuple[list[int], list[bytes]]:
        """Ids of the removed rows and what is told of each, in the order in which they were removed."""
        found = sorted((number, row_id) for row_id, number in self.removes.items() if span.has(number))
        return [row_id for _, row_id in found], [_told(row_id, number) for number, row_id in found]


def _without(numbers: Mapping[int, int], row_id: int) -> Mapping[int, int]:
    return {key: number for key, number in numbers.items() if key != row_id}


def _told(row_id: int, number: int) -> bytes:
    return orjson.dumps({"id": row_id, "changeVersion": number, "keyValues": {"id": row_id}})
