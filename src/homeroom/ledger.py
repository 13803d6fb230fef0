"""The register of a run: what arrived, how each chain ended, and what that proves.

Pure bookkeeping. Pages and ends are entered by the thread that dlt pulls in; requests and retries by the
fetch thread, which alone touches those counters.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from homeroom.events import Event, PageRead, RequestSent, RetryScheduled, Waited
from homeroom.keys import KeySet
from homeroom.values import ChainEnd, Effort, Page, Proof, ResourceReport, Status

if TYPE_CHECKING:
    import pyarrow as pa

    from homeroom.rejects import Rejects


MOST_TOLD = 4
"""Totals that a note names."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What may be said of a read."""

    status: Status
    proof: Proof | None
    note: str = ""


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
        return Verdict(Status.INCOMPLETE, None, end.note)
    if after is not None and count.rows < after:
        missing = f"the API says {after} rows, {count.told} came"
        return Verdict(Status.INCOMPLETE, None, _joined(missing, end.note))
    if after is not None and (count.rows > after or len(set(end.totals)) > 1):
        doubt = f"the API's total was {_told(end.totals)}; {count.rows} rows came"
        return Verdict(Status.UNPROVED, Proof.END, _joined(doubt, end.note))
    if after is not None and count.keyless:
        doubt = f"{count.keyless} rows have no key, so they cannot be told apart"
        return Verdict(Status.UNPROVED, Proof.END, _joined(doubt, end.note))
    if end.unproved:
        return Verdict(Status.UNPROVED, Proof.END, _joined(end.note, _repeats(count)))
    if after is not None and count.distinct is not None:
        return Verdict(Status.COMPLETE, Proof.COUNT, _joined(end.note, _repeats(count)))
    if end.proof is Proof.CONTINUITY and not end.passes and count.rows < count.received:
        # Where one row has moved back over a place where pages meet, another may have moved on over it.
        doubt = f"{count.received - count.rows} rows came twice though pages met, so rows moved or share a key"
        return Verdict(Status.UNPROVED, Proof.END, _joined(doubt, end.note))
    if end.proof is Proof.KEYSET and count.received - count.rows > count.met:
        repeated = count.received - count.rows - count.met
        doubt = f"{repeated} rows came twice, so the cursor may be a place in the list, and rows move over such a place"
        return Verdict(Status.UNPROVED, Proof.END, _joined(doubt, end.note))
    if end.proof in (Proof.CONTINUITY, Proof.KEYSET, Proof.DECLARED):
        return Verdict(Status.COMPLETE, end.proof, _joined(end.note, _repeats(count)))
    return Verdict(Status.UNPROVED, Proof.END, _joined(end.note, _repeats(count)))


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


def _plain(key: Any) -> Hashable:
    """A key as a Python value, whatever column it comes from."""
    return key.as_py() if hasattr(key, "as_py") else key  # type: ignore[no-any-return]


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


def _joined(*notes: str) -> str:
    return "; ".join(note for note in notes if note)


class ResourceLedger:
    """The page of one resource. `parent` is the resource whose rows its requests come from, None at the top."""

    def __init__(self, resource: str, parent: str | None, now: Callable[[], datetime]) -> None:
        self.resource = resource
        self.parent = parent
        self._now = now
        self.reset()

    def reset(self) -> None:
        """Forget everything: a new read begins."""
        self.error: Exception | None = None
        self.begun = False
        self.rows_received = 0
        self._keys: KeySet | None = None
        self._chain_keys: dict[int, KeySet] = {}
        self._chain_rows: dict[int, int] = {}
        self._last_keys: dict[int, Hashable] = {}
        self._met: dict[int, int] = {}
        self._chain_keyless: dict[int, int] = {}
        self._verdicts: dict[int, Verdict] = {}
        self._totals: dict[int, int | None] = {}
        self._stopped = ""
        self._kept = ""
        self._ignored: dict[str, None] = {}
        self._strayed: dict[str, None] = {}
        self._has_skipped = False
        self._remarks: dict[str, None] = {}
        self.rejects: Rejects | None = None
        self._pages = 0
        self._pages_columnar = 0
        self._pages_resumed = 0
        self._misfits: list[tuple[int, str]] = []
        self._oldest: datetime | None = None
        self._newest: datetime | None = None
        self._started: datetime | None = None
        self._finished: datetime | None = None
        self._effort = Effort()
        self._requests = self._size = 0

    def begin(self) -> None:
        """The first request is about to be made. For a child: of the first parent."""
        if not self.begun:
            self.begun = True
            self._started = self._now()

    def page(
        self,
        page: Page,
        received: int,
        keys: Sequence[Hashable] | pa.Array | None,
        *,
        as_columns: bool = False,
        why: str = "",
        keyless: int = 0,
    ) -> None:
        """Enter a page's rows; `keys` are their primary keys, None without one.

        `as_columns`: they went through the columnar lane; `why` they did not, where they might have. `keyless` rows
        have no key, and none in `keys`.
        """
        self._pages += 1
        self._pages_columnar += as_columns
        self._pages_resumed += page.resumed
        if why:
            self._misfits.append((page.number, why))
        self.rows_received += received
        self._chain_rows[page.chain] = self._chain_rows.get(page.chain, 0) + received
        self._chain_keyless[page.chain] = self._chain_keyless.get(page.chain, 0) + keyless
        self._oldest = min(self._oldest or page.read_at, page.read_at)
        self._newest = max(self._newest or page.read_at, page.read_at)
        if keys is not None:
            self._note_ends(page.chain, keys)
            self._chain_keys.setdefault(page.chain, KeySet()).add(keys)

    def _note_ends(self, chain: int, keys: Sequence[Hashable] | pa.Array) -> None:
        """Count the pages that begin with the key that the one before ended with."""
        if not len(keys):
            return
        # Values of Arrow are equal where their types are too, so of Python.
        first, last = (_plain(keys[place]) for place in (0, -1))
        if chain in self._last_keys and self._last_keys[chain] == first:
            self._met[chain] = self._met.get(chain, 0) + 1
        self._last_keys[chain] = last

    def count_of(self, chain: int) -> ChainCount:
        """What came of a chain so far, or of its pass under way."""
        keys, received = self._chain_keys.get(chain), self._chain_rows.get(chain, 0)
        distinct = len(keys) if keys is not None else (0 if received == 0 else None)
        met, keyless = self._met.get(chain, 0), self._chain_keyless.get(chain, 0)
        return ChainCount(received, distinct, met, keyless)

    def chain_end(self, end: ChainEnd, count: ChainCount | None = None) -> Verdict:
        """Enter the end of a chain; what it proves. `count` is what came of it, None for what was entered here."""
        verdict = judge_chain(end, count or self.count_of(end.chain))
        self._merge_keys(self._chain_keys.pop(end.chain, None))
        for known in (self._chain_rows, self._last_keys, self._met, self._chain_keyless):
            known.pop(end.chain, None)
        self._verdicts[end.chain] = verdict
        self._totals[end.chain] = end.totals[-1]
        self._finished = self._now()
        return verdict

    def retract(self, chains: Iterable[int]) -> None:
        """What was said of these chains counts no more: they are read again under other numbers."""
        for chain in chains:
            self._verdicts.pop(chain, None)
            self._totals.pop(chain, None)

    def _merge_keys(self, keys: KeySet | None) -> None:
        if self._keys is None:
            self._keys = keys  # taken over: most resources have no other chain
        elif keys is not None:
            self._keys.absorb(keys)

    def fail(self, error: Exception) -> None:
        """The read ended in an error."""
        self.error = error
        self._finished = self._now()

    def stop(self, why: str) -> None:
        """The reader wanted no more."""
        self._stopped = self._stopped or why
        self._finished = self._now()

    def remark(self, what: str) -> None:
        """Say this in the report, whatever the status."""
        self._remarks[what] = None

    def strays_from(self, param: str, *, ignored: bool) -> None:
        """The API gives rows outside of the span that it was asked for by this.

        `ignored`: most rows are, so it hardly knows the parameter, and gives all there is each time.
        """
        self._strayed[param] = None
        if ignored:
            self._ignored[param] = None

    def skip_spans(self) -> None:
        """Spans were not asked for, as the API gives the same for each; if it does: nothing proves that."""
        self._has_skipped = True

    @property
    def has_skipped(self) -> bool:
        """Whether the cursor must stay, because rows of the spans that were left out may be missing."""
        return self._has_skipped

    @property
    def is_resumed(self) -> bool:
        """Whether some of its pages are from an earlier run."""
        return self._pages_resumed > 0

    @property
    def was_cut_short(self) -> bool:
        """Whether its reader ended the read, or it failed."""
        return self.error is not None or bool(self._stopped)

    @property
    def ignored_filters(self) -> Collection[str]:
        """The parameters by which the API gives all there is, whatever span is asked for."""
        return self._ignored.keys()

    @property
    def is_cut(self) -> bool:
        """Whether its reader wanted no more, or what was read goes nowhere."""
        return bool(self._stopped or self._kept)

    def keep_table(self, why: str) -> None:
        """What was read will not replace what the table holds."""
        self._kept = why

    def on_event(self, event: Event) -> None:
        """Count what a request cost. Called in the fetch thread."""
        e = self._effort
        match event:
            case RequestSent():
                self._requests += 1
            case RetryScheduled():
                # A pause of the host is waited for once, not by each request: `Waited` tells of that.
                waited_s = 0.0 if event.throttled else event.wait_s
                self._effort = replace(
                    e,
                    retries=e.retries + 1,
                    throttled=e.throttled + event.throttled,
                    waited_s=e.waited_s + waited_s,
                )
            case Waited():
                self._effort = replace(e, waited_s=e.waited_s + event.wait_s)
            case PageRead():
                self._size += event.size

    def verdict(self, parent: Verdict | None) -> Verdict:
        """What may be said of this resource; never more than of its parent."""
        if parent is not None and parent.status in (Status.FAILED, Status.SKIPPED):
            return Verdict(Status.SKIPPED, None, f"its parent {self.parent} is {parent.status}")
        own = self._own_verdict(has_parent=parent is not None)
        if parent is None or parent.status.rank <= own.status.rank:
            return own
        proof = Proof.END if parent.status is Status.UNPROVED else None
        return Verdict(parent.status, proof, _joined(f"its parent {self.parent} is {parent.status}", own.note))

    def _own_verdict(self, *, has_parent: bool) -> Verdict:
        if self.error is not None:
            return Verdict(Status.FAILED, None, str(self.error))
        if self._stopped or self._kept:
            return Verdict(Status.INCOMPLETE, None, _joined(self._kept, self._stopped))
        if self._verdicts:
            found = worst([*self._verdicts.values()])
            doubtful = self._has_skipped and found.status is Status.COMPLETE
            return replace(found, status=Status.UNPROVED, proof=Proof.END) if doubtful else found
        if self.begun:
            return Verdict(Status.INCOMPLETE, None, "still being read")
        if has_parent:
            # No chain was needed: that is all the rows there can be.
            return Verdict(Status.COMPLETE, Proof.COUNT, "no parent rows")
        return Verdict(Status.SKIPPED, None, "not read")

    @property
    def has_repeats(self) -> bool:
        """Whether a key came twice."""
        return (self._distinct() or self.rows_received) < self.rows_received

    @property
    def rows_going_on(self) -> int:
        """The rows that came and that no contract has kept out of their table."""
        return self.rows_received - (0 if self.rejects is None else self.rejects.rows)

    @property
    def keys(self) -> KeySet | None:
        """The keys of all chains that have ended; None where rows have none."""
        return self._keys

    def _distinct(self) -> int | None:
        """How many keys came, in chains cut short too; None where rows have none."""
        if self._keys is None and not self._chain_keys:
            return 0 if self.rows_received == 0 else None
        if not self._chain_keys and self._keys is not None:
            return len(self._keys)
        together = KeySet()
        for keys in (self._keys, *self._chain_keys.values()):
            if keys is not None:
                together.absorb(keys)
        return len(together)

    def report(self, table_name: str, verdict: Verdict) -> ResourceReport:
        """The line of the report."""
        totals = [total for total in self._totals.values() if total is not None]
        return ResourceReport(
            resource=self.resource,
            table_name=table_name,
            status=verdict.status,
            proof=verdict.proof,
            api_total=sum(totals) if totals and len(totals) == len(self._totals) else None,
            rows_received=self.rows_received,
            rows_distinct=self._distinct(),
            rows_rejected=None if self.rejects is None else self.rejects.rows,
            pages=self._pages,
            pages_resumed=self._pages_resumed,
            requests=self._requests,
            retries=self._effort.retries,
            throttled=self._effort.throttled,
            waited_s=round(self._effort.waited_s, 3),
            bytes=self._size,
            pages_columnar=self._pages_columnar,
            pages_object=self._pages - self._pages_columnar,
            oldest_page_at=self._oldest,
            started_at=self._started,
            finished_at=self._finished,
            note=_joined(verdict.note, *self._notes()),
        )

    def _notes(self) -> tuple[str, ...]:
        rejected = "" if self.rejects is None else self.rejects.note
        return *self._remarks, self._filter_note(), rejected, self._misfit_note(), self._resumed_note()

    def _filter_note(self) -> str:
        said = f"the API gives rows outside of what {' and '.join(self._strayed)} asks for" if self._strayed else ""
        rest = "it seems to give all there is, so no other window was asked for, and the cursor stays"
        return _joined(said, rest) if self._has_skipped else said

    def _resumed_note(self) -> str:
        """From when to when the pages were read, where that was not in this run alone."""
        if not self._pages_resumed or self._oldest is None:
            return ""
        when = f"read from {self._oldest:%Y-%m-%d %H:%M:%S} to {self._newest:%Y-%m-%d %H:%M:%S} UTC"
        return f"{when}, {'before this run' if self._pages_resumed == self._pages else 'in more than one run'}"

    def _misfit_note(self) -> str:
        """How many pages did not go as columns, and why the first did not."""
        if not self._misfits:
            return ""
        number, why = self._misfits[0]
        pages = "1 page" if len(self._misfits) == 1 else f"{len(self._misfits)} pages"
        return f"{pages} read row by row, the first (page {number}) because of {why}"


class Ledger:
    """The pages of all resources of a source, parents before children."""

    def __init__(self, parents: Mapping[str, str | None], now: Callable[[], datetime]) -> None:
        self.entries: Mapping[str, ResourceLedger] = MappingProxyType(
            {name: ResourceLedger(name, parent, now) for name, parent in parents.items()}
        )

    def begin(self, resource: str) -> ResourceLedger:
        """Begin to read a resource without a parent: its page and those of its children are blank again."""
        for entry in self.family(resource):
            entry.reset()
        entry = self.entries[resource]
        entry.begin()
        return entry

    def _descends(self, name: str, ancestor: str) -> bool:
        parent = self.entries[name].parent
        return parent == ancestor or (
            parent in self.entries and parent is not None and self._descends(parent, ancestor)
        )

    def on_event(self, event: Event) -> None:
        """The hook that counts what requests cost."""
        if isinstance(event, RequestSent | RetryScheduled | PageRead | Waited) and event.resource in self.entries:
            self.entries[event.resource].on_event(event)

    def verdicts(self, selected: Collection[str]) -> dict[str, Verdict]:
        """What may be said of each of the `selected` resources, and of the parents that were read for them."""
        said: dict[str, Verdict] = {}
        for name, entry in self.entries.items():
            parent = said.get(entry.parent) if entry.parent else None
            if entry.begun or name in selected:
                said[name] = entry.verdict(parent)
        return said

    def family(self, resource: str) -> list[ResourceLedger]:
        """The resource and all that descend from it, parents first."""
        return [entry for name, entry in self.entries.items() if name == resource or self._descends(name, resource)]
