"""Offset pages that overlap by one row: each must begin with the row that the one before ended with. No I/O.

A page goes on as soon as it has met the one before. What moves after that spoils only what comes later, so nothing
that went on is ever taken back: reading goes back to a place where pages still meet, and of what is read again the
rows that went on before are left out. So they come once, whatever the table makes of rows that come twice.
"""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass, replace

import msgspec

from homeroom.paginate import Offset, Paging
from homeroom.values import PageFacts

_UNALIGNED = "the server gives no page from an offset that is not a multiple of the limit, so pages cannot overlap"

Key = tuple[bytes, ...]
"""What tells a row from others: the JSON of its key's fields, or of the whole row."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A page with rows, and the same without its lead: the row that the page before has brought already.

    `lead` is the key of that row, None for a page that was asked for without; `last` is that of the last row.
    `marks` stand for the rows of `whole`, in their order.
    """

    whole: PageFacts
    fresh: PageFacts
    lead: Key | None
    last: Key
    marks: array[int]


def may_overlap(paging: Paging, first: PageFacts, asked: str) -> bool:
    """Whether pages may overlap, after the first one; `asked` is `sync.overlap`.

    A first page of a single row could not tell a clamp from the end, and a part of a list proves nothing of it.
    """
    wanted = asked == "always" or (asked == "auto" and first.total is None)
    if not wanted or not isinstance(paging, Offset) or paging.start or paging.maximum is not None:
        return False
    return paging.stop_after_empty_page and paging.limit > 1 and first.rows > 1 and first.data is not None


def is_part(page: Cut, whole: Cut) -> bool:
    """Whether all rows of the one are rows of the other."""
    return set(page.marks) <= set(whole.marks)


def cut(facts: PageFacts, key: tuple[str, ...], lead: int) -> Cut | None:
    """The page told in rows; None where it has none, or where they lie all over the answer."""
    if not facts.rows or facts.data is None:
        return None
    rows = msgspec.json.decode(facts.data, type=list[msgspec.Raw])
    fresh = replace(facts, rows=facts.rows - 1, data=_without_first(facts.data, rows)) if lead else facts
    first = key_of(rows[0], key) if lead else None
    return Cut(facts, fresh, first, key_of(rows[-1], key), array("q", [hash(bytes(row)) for row in rows]))


def key_of(row: msgspec.Raw | bytes, key: tuple[str, ...]) -> Key:
    """What tells a row from others: the values of the fields `key`, or where it has not all of them the row itself."""
    text = bytes(row)
    if key and text[:1] == b"{":
        fields = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
        if all(name in fields for name in key):
            return tuple(bytes(fields[name]) for name in key)
    return (text,)


def _without_first(data: bytes, rows: list[msgspec.Raw]) -> bytes:
    """The list without its first row, whose text is not parsed again."""
    if len(rows) == 1:
        return b"[]"
    first = bytes(rows[0])
    behind = data.index(first, 1) + len(first)
    return b"[" + data[data.index(b",", behind) + 1 :]


@dataclass(frozen=True, slots=True)
class Laid:
    """A page that went on: its place, without the lead; the key of its last row, and marks of all."""

    start: int
    end: int
    last: Key
    marks: array[int]


class Overlap:
    """What one chain knows of the places where its pages meet. `most` is how often it may be read again."""

    def __init__(self, key: tuple[str, ...], most: int) -> None:
        self.is_on = False
        self.passes = 0
        self.has_held = False
        """Whether any two pages have met: the server knows offsets that are no multiple of the limit."""
        self.laid: list[Laid] = []
        self.torn: int | None = None
        """The offset of a break that was not mended."""
        self.doubt = ""
        """Why it proves nothing whether pages meet."""
        self._key = key
        self._most = most
        self._again: Counter[int] = Counter()
        self._tails: dict[int, Key | None] = {}

    @property
    def is_sure(self) -> bool:
        """Whether all pages have met so far."""
        return self.is_on and not self.doubt and self.torn is None

    @property
    def is_untried(self) -> bool:
        """Whether the first two pages that overlap are yet to meet."""
        return self.is_sure and not self.has_held and len(self.laid) == 1

    def stop(self) -> None:
        """The server knows no such offsets: pages overlap no more."""
        self.is_on = False
        self.doubt = _UNALIGNED

    def cut(self, facts: PageFacts, lead: int) -> Cut | None:
        """The page told in rows; None where it has none."""
        return cut(facts, self._key, lead)

    def is_torn_at(self, start: int, page: Cut) -> bool:
        """Whether a page begins with another row than the last one that went on has ended with.

        Where it does not even begin at the place where that one ended, nothing is proved any more.
        """
        if start != self._end:
            self.doubt = f"the pages before and after offset {start} do not meet"
            return False
        return not self._meets(page)

    @property
    def _end(self) -> int:
        return self.laid[-1].end if self.laid else 0

    def _meets(self, page: Cut) -> bool:
        return page.lead == (self.laid[-1].last if self.laid else None)

    def repeats(self, page: Cut) -> bool:
        """Whether a page out of place holds only rows of the one before: some servers give it beyond their end."""
        return bool(self.doubt and self.laid) and set(page.marks) <= set(self.laid[-1].marks)

    def note_tail(self, start: int, page: Cut | None) -> None:
        """A page held no new row; it may show that the row before its start is still in its place."""
        self._tails[start] = None if page is None else page.lead

    def ends_well(self) -> bool:
        """Whether a page behind the last row held that row, and no other."""
        return bool(self.laid) and self._tails.get(self._end) == self.laid[-1].last

    def lay(self, start: int, page: Cut) -> PageFacts:
        """Enter a page that goes on; what of it is to go on."""
        met = page.lead is not None and self._meets(page)
        self.has_held = self.has_held or (met and start == self._end)
        facts, marks = (page.fresh, page.marks[1:]) if met else (page.whole, page.marks)
        self.laid.append(Laid(start, start + page.fresh.rows, page.last, marks))
        return self._without_known(facts, marks) if self._again else facts

    def _without_known(self, facts: PageFacts, marks: array[int]) -> PageFacts:
        assert facts.data is not None
        kept = []
        for row, mark in zip(msgspec.json.decode(facts.data, type=list[msgspec.Raw]), marks, strict=True):
            if self._again[mark] > 0:
                self._again[mark] -= 1
            else:
                kept.append(bytes(row))
        return replace(facts, rows=len(kept), data=b"[" + b",".join(kept) + b"]")

    def may_mend(self) -> bool:
        """Whether there is a pass left; if not, the break is entered for good."""
        if self.passes < self._most:
            return True
        self.torn = self._end
        return False

    def rewind(self, kept: int) -> int:
        """Go back to the first `kept` pages that went on; the offset to read on from."""
        for page in self.laid[kept:]:
            self._again.update(page.marks)
        del self.laid[kept:]
        self._tails.clear()
        self.passes += 1
        return self._end

    def notes(self) -> list[str]:
        """What is to be said of moved rows."""
        times = "once" if self.passes == 1 else f"{self.passes} times"
        found = [self.doubt] if self.doubt else []
        if self.torn is not None:
            tried = f"read again {times} (sync.repair_passes: {self._most})"
            found.append(f"rows moved at offset {self.torn} while they were read, {tried}: some may be missing")
        elif self.passes:
            found.append(f"rows moved while they were read; read again {times} from where they had not")
        return found
