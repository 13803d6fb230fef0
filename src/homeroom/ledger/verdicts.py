"""What the ends of chains prove: pure judgements on what came and what the API said of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from homeroom.codes import Code, tagged
from homeroom.values import ChainEnd, Proof, Status

MOST_TOLD = 4
"""Totals that a note names."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What may be said of a read."""

    status: Status
    proof: Proof | None
    note: str = ""
    code: Code | None = None
    """What it is for, where the resource is not whole."""

    @property
    def told(self) -> str:
        """The note with its code."""
        return tagged(self.note, self.code)


@dataclass(frozen=True, slots=True)
class ChainCount:
    """What came in one chain. `distinct` is None where rows have no key."""

    received: int
    distinct: int | None
    met: int = 0
    """Pages that began with the very row that the one before had ended with: so does a cursor that takes in its end."""
    keyless: int = 0
    """Rows beside the distinct ones that lack their key, and were rejected for it."""

    @property
    def told(self) -> str:
        """The same for a person, who may have seen more rows than keys."""
        return f"{self.rows} distinct ones" if self.rows != self.received else str(self.rows)

    @property
    def rows(self) -> int:
        """The count to compare a total with."""
        return self.received if self.distinct is None else self.distinct + self.keyless


def judge_chain(end: ChainEnd, count: ChainCount) -> Verdict:
    """What the end of a chain proves.

    A total that contradicts what came is never explained away: fewer rows than it says are missing, more
    make it worthless, and either outweighs any other proof.
    """
    after = end.totals[-1]
    if end.broken:
        return Verdict(Status.INCOMPLETE, None, end.note, "rows-missing")
    if after is not None and count.rows < after:
        missing = f"the API says {after} rows, {count.told} came"
        return Verdict(Status.INCOMPLETE, None, joined_notes(missing, end.note), "rows-missing")
    if after is not None and (count.rows > after or len(set(end.totals)) > 1):
        doubt = f"the API's total was {_told(end.totals)}; {count.rows} rows came"
        return Verdict(Status.UNPROVED, Proof.END, joined_notes(doubt, end.note))
    if after is not None and count.keyless:
        doubt = f"{count.keyless} rows have no key, so they cannot be told apart"
        return Verdict(Status.UNPROVED, Proof.END, joined_notes(doubt, end.note))
    if end.unproved:
        return Verdict(Status.UNPROVED, Proof.END, joined_notes(end.note, _repeats(count)))
    if after is not None and count.distinct is not None:
        return Verdict(Status.COMPLETE, Proof.COUNT, joined_notes(end.note, _repeats(count)))
    if end.proof is Proof.CONTINUITY and not end.passes and count.rows < count.received:
        # Where one row has moved back over a place where pages meet, another may have moved on over it.
        doubt = f"{count.received - count.rows} rows came twice though pages met, so rows moved or share a key"
        return Verdict(Status.UNPROVED, Proof.END, joined_notes(doubt, end.note))
    if end.proof is Proof.KEYSET and count.received - count.rows > count.met:
        repeated = count.received - count.rows - count.met
        doubt = f"{repeated} rows came twice, so the cursor may be a place in the list, and rows move over such a place"
        return Verdict(Status.UNPROVED, Proof.END, joined_notes(doubt, end.note))
    if end.proof in (Proof.CONTINUITY, Proof.KEYSET, Proof.DECLARED):
        return Verdict(Status.COMPLETE, end.proof, joined_notes(end.note, _repeats(count)))
    return Verdict(Status.UNPROVED, Proof.END, joined_notes(end.note, _repeats(count)))


def has_moved(end: ChainEnd, count: ChainCount) -> bool:
    """Whether rows have moved while a chain was read, so that some may be missing: it is worth reading again.

    Signs of it are a total that changes, and a key that comes twice. A total that only grows up to the number of rows
    that came is none of a loss: rows were added behind those that had come.
    """
    after = end.totals[-1]
    if end.broken or after is None or count.distinct is None:
        return False
    told = [total for total in end.totals if total is not None]
    fell = any(later < earlier for earlier, later in pairwise(told))
    return (len(set(told)) > 1 or count.rows < count.received) and (fell or count.rows != after)


def worst(verdicts: Sequence[Verdict]) -> Verdict:
    """One verdict for many chains: the worst status with its note; among equals, the weakest proof."""
    proofs = list(Proof)
    chosen = max(verdicts, key=lambda v: (v.status.rank, proofs.index(v.proof) if v.proof else -1))
    alike = sum(verdict.status == chosen.status for verdict in verdicts)
    if alike > 1 and chosen.note and chosen.status is not Status.COMPLETE:
        return replace(chosen, note=f"{chosen.note} (and {alike - 1} more parents alike)")
    return chosen


def _repeats(count: ChainCount) -> str:
    if count.rows == count.received:
        return ""
    twice = count.received - count.rows
    return f"{twice} {'row' if twice == 1 else 'rows'} came twice, the later one counts"


def _told(totals: Sequence[int | None]) -> str:
    """The API's totals in their order; of many the first and the last."""
    if len(totals) <= MOST_TOLD:
        return ", then ".join(map(str, totals))
    return f"{totals[0]}, then {totals[1]}, … and {totals[-1]} at last"


def joined_notes(*notes: str) -> str:
    """The notes that say something, as one."""
    return "; ".join(note for note in notes if note)
