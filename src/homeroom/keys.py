"""The keys that came in a read, to be counted and to be looked for in a table."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa


class KeySet:
    """Primary keys: Python values, or whole columns of them, which take an eighth of the memory."""

    def __init__(self) -> None:
        self._values: set[Hashable] = set()
        self._columns: list[pa.Array] = []
        self._distinct: int | None = 0

    def add(self, keys: Iterable[Hashable] | pa.Array) -> None:
        """Add the keys of a page."""
        self._distinct = None
        if hasattr(keys, "to_pylist"):
            self._columns.append(keys)
        else:
            self._values.update(keys)

    def absorb(self, other: KeySet) -> None:
        """Add all keys of another set."""
        self._distinct = None
        self._values |= other._values
        self._columns += other._columns

    def parts(self) -> Iterator[Any]:
        """All keys, some of them more than once: the columns as Arrow arrays, then the values."""
        yield from self._columns
        if self._values:
            yield list(self._values)

    def __len__(self) -> int:
        """How many different keys there are; keys are equal where Python finds them so."""
        if self._distinct is None:
            self._distinct = self._count()
        return self._distinct

    def _count(self) -> int:
        if not self._columns:
            return len(self._values)
        if not self._values and len({column.type for column in self._columns}) == 1:
            # Here: who has columns has imported it.
            import pyarrow as pa
            import pyarrow.compute as pc

            return int(pc.count_distinct(pa.chunked_array(self._columns), mode="all").as_py())
        return len(self._values.union(*(column.to_pylist() for column in self._columns)))


@dataclass(frozen=True, slots=True)
class Came:
    """What a read brings to its table: how many rows, and their keys.

    `key` are the names of the key's columns; `keys` is None where rows have no key.
    """

    rows: int
    key: tuple[str, ...] = ()
    keys: KeySet | None = None
