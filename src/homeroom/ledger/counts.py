"""What came in each chain of a resource, and which keys came twice."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any

from homeroom.keys import KeySet
from homeroom.ledger.verdicts import ChainCount

if TYPE_CHECKING:
    import pyarrow as pa


class Counts:
    """Rows and keys, by chain while it is read, and of all chains that have ended."""

    def __init__(self) -> None:
        self.rows = 0
        self.keys: KeySet | None = None
        """The keys of all chains that have ended; None where rows have none."""
        self._chain_keys: dict[int, KeySet] = {}
        self._chain_rows: dict[int, int] = {}
        self._last_keys: dict[int, Hashable] = {}
        self._met: dict[int, int] = {}
        self._chain_keyless: dict[int, int] = {}

    def page(self, chain: int, received: int, keys: Sequence[Hashable] | pa.Array | None, keyless: int) -> None:
        """Count a page's rows; `keys` are their primary keys, None without one, `keyless` rows have none in `keys`."""
        self.rows += received
        self._chain_rows[chain] = self._chain_rows.get(chain, 0) + received
        self._chain_keyless[chain] = self._chain_keyless.get(chain, 0) + keyless
        if keys is not None:
            self._note_ends(chain, keys)
            self._chain_keys.setdefault(chain, KeySet()).add(keys)

    def _note_ends(self, chain: int, keys: Sequence[Hashable] | pa.Array) -> None:
        """Count the pages that begin with the key that the one before ended with."""
        if not len(keys):
            return
        # Values of Arrow are equal where their types are too, so of Python.
        first, last = (_plain(keys[place]) for place in (0, -1))
        if chain in self._last_keys and self._last_keys[chain] == first:
            self._met[chain] = self._met.get(chain, 0) + 1
        self._last_keys[chain] = last

    def of(self, chain: int) -> ChainCount:
        """What came of a chain so far, or of its pass under way."""
        keys, received = self._chain_keys.get(chain), self._chain_rows.get(chain, 0)
        distinct = len(keys) if keys is not None else (0 if received == 0 else None)
        return ChainCount(received, distinct, self._met.get(chain, 0), self._chain_keyless.get(chain, 0))

    def end(self, chain: int) -> None:
        """A chain has ended: its keys go to those of all."""
        keys = self._chain_keys.pop(chain, None)
        if self.keys is None:
            self.keys = keys  # taken over: most resources have no other chain
        elif keys is not None:
            self.keys.absorb(keys)
        for known in (self._chain_rows, self._last_keys, self._met, self._chain_keyless):
            known.pop(chain, None)

    def distinct(self) -> int | None:
        """How many keys came, in chains cut short too; None where rows have none."""
        if self.keys is None and not self._chain_keys:
            return 0 if self.rows == 0 else None
        if not self._chain_keys and self.keys is not None:
            return len(self.keys)
        together = KeySet()
        for keys in (self.keys, *self._chain_keys.values()):
            if keys is not None:
                together.absorb(keys)
        return len(together)


def _plain(key: Any) -> Hashable:
    """A key as a Python value, whatever column it comes from."""
    return key.as_py() if hasattr(key, "as_py") else key  # type: ignore[no-any-return]
