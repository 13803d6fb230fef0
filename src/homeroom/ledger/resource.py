"""The page of one resource in the register of a run: what arrived, what it cost, and what may be said of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from homeroom.errors import HomeroomError
from homeroom.events import Event, PageRead, RequestSent, RetryScheduled, Waited
from homeroom.keys import KeySet
from homeroom.ledger.counts import Counts
from homeroom.ledger.verdicts import ChainCount, Verdict, joined_notes, judge_chain, worst
from homeroom.values import ChainEnd, Effort, Page, Proof, ResourceReport, Status

if TYPE_CHECKING:
    import pyarrow as pa

    from homeroom.codes import Code
    from homeroom.rejects import Rejects


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
        self._counts = Counts()
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

    @property
    def rows_received(self) -> int:
        """The rows that came, repeated ones with them."""
        return self._counts.rows

    @property
    def keys(self) -> KeySet | None:
        """The keys of all chains that have ended; None where rows have none."""
        return self._counts.keys

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
        self._counts.page(page.chain, received, keys, keyless)
        self._oldest = min(self._oldest or page.read_at, page.read_at)
        self._newest = max(self._newest or page.read_at, page.read_at)

    def count_of(self, chain: int) -> ChainCount:
        """What came of a chain so far, or of its pass under way."""
        return self._counts.of(chain)

    def chain_end(self, end: ChainEnd, count: ChainCount | None = None) -> Verdict:
        """Enter the end of a chain; what it proves. `count` is what came of it, None for what was entered here."""
        verdict = judge_chain(end, count or self.count_of(end.chain))
        self._counts.end(end.chain)
        self._verdicts[end.chain] = verdict
        self._totals[end.chain] = end.totals[-1]
        self._finished = self._now()
        return verdict

    def retract(self, chains: Iterable[int]) -> None:
        """What was said of these chains counts no more: they are read again under other numbers."""
        for chain in chains:
            self._verdicts.pop(chain, None)
            self._totals.pop(chain, None)

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
        note = joined_notes(f"its parent {self.parent} is {parent.status}", own.note)
        return Verdict(parent.status, proof, note, own.code or parent.code)

    def _own_verdict(self, *, has_parent: bool) -> Verdict:
        if self.error is not None:
            code = self.error.code if isinstance(self.error, HomeroomError) else HomeroomError.code
            return Verdict(Status.FAILED, None, str(self.error), code)
        if self._stopped or self._kept:
            kept: Code | None = (
                "deletes-refused" if self._kept else None
            )  # a read that was stopped was stopped as asked
            return Verdict(Status.INCOMPLETE, None, joined_notes(self._kept, self._stopped), kept)
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
        return (self._counts.distinct() or self.rows_received) < self.rows_received

    @property
    def rows_going_on(self) -> int:
        """The rows that came and that no contract has kept out of their table."""
        return self.rows_received - (0 if self.rejects is None else self.rejects.rows)

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
            rows_distinct=self._counts.distinct(),
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
            note=joined_notes(verdict.told, *self._notes()),
            code=verdict.code,
        )

    def _notes(self) -> tuple[str, ...]:
        rejected = "" if self.rejects is None else self.rejects.note
        return *self._remarks, self._filter_note(), rejected, self._misfit_note(), self._resumed_note()

    def _filter_note(self) -> str:
        said = f"the API gives rows outside of what {' and '.join(self._strayed)} asks for" if self._strayed else ""
        rest = "it seems to give all there is, so no other window was asked for, and the cursor stays"
        return joined_notes(said, rest) if self._has_skipped else said

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
