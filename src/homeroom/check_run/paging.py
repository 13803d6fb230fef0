"""What one page, or two, say of the paging of a resource: what a full read would prove, and what speaks against it.

Pure. The verdict on a full read is the ledger's own, for pages that all are like these.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from homeroom.check_run.findings import Aspect, Finding, Line, Outcome, finding
from homeroom.check_run.look import Looked
from homeroom.check_run.refused import words
from homeroom.errors import RequestError
from homeroom.fetch.chain import PAST_THE_END
from homeroom.fetch.sample import SampleEnd
from homeroom.ledger import ChainCount, judge_chain
from homeroom.paginate import Cursor, Offset, PageNumber, Paging, page_size
from homeroom.plan import ResourcePlan
from homeroom.values import ChainEnd, PageFacts, Proof, Request, Status


@dataclass(frozen=True, slots=True)
class PagesSeen:
    """The first page of a resource, and the second where there is one.

    `paging` is None where it was guessed and did not come to its end. `end` is how the pages ended; `end.has_more`:
    they lead on to another one. `size` is the parameter by which a page size was asked for, and the size; None where
    none was. `meets`: pages that were asked for with one row in common have it, None where that was not asked for;
    `second` is then without that row. `repeated` are the rows of the second page that were on the first one. `refusal`
    is what became of the second page where it did not come, `is_past_end` whether such a refusal may mean the end.
    """

    paging: Paging | None
    guessed: bool
    end: SampleEnd
    first: PageFacts
    has_key: bool
    size: tuple[str, int] | None = None
    second: PageFacts | None = None
    repeated: int = 0
    meets: bool | None = None
    refusal: str = ""
    is_past_end: bool = False
    names_total: bool = False
    """The config says where a total stands."""


def judge_paging(resource: str, seen: PagesSeen) -> Finding:
    """What is to be said of the paging."""
    lines = [*_second_page(seen), *_page_size(seen), *_absent(seen)]
    if not any(outcome is Outcome.FAILED for outcome, _ in lines):
        lines.insert(0, _full_read(seen))
    return finding(resource, Aspect.PAGING, *lines)


def pages_seen(plan: ResourcePlan, request: Request, looked: Looked, repeated: int, has_key: bool) -> PagesSeen:
    """What is needed of what came for a resource, of which there is a first page."""
    assert looked.first is not None and looked.end is not None
    paging, second = looked.end.paging, looked.second.facts if looked.second else None
    ranged = isinstance(paging, Offset | PageNumber)
    status = looked.refusal.status if isinstance(looked.refusal, RequestError) else None
    return PagesSeen(
        paging=paging,
        guessed=plan.paging is None,
        end=looked.end,
        first=looked.first.facts,
        has_key=has_key,
        size=_size(paging, request),
        second=replace(second, rows=second.rows - 1) if second is not None and looked.meets else second,
        repeated=repeated,
        meets=looked.meets,
        refusal=words(plan.name, looked.refusal) if looked.refusal else "",
        is_past_end=ranged and status in PAST_THE_END,
        names_total=plan.total is not None or plan.total_header is not None,
    )


def _size(paging: Paging | None, request: Request) -> tuple[str, int] | None:
    """By what a page size is asked for, and which."""
    if isinstance(paging, Offset):
        name = paging.limit_param or paging.limit_body_path
        return (name, paging.limit) if name else None
    return page_size(request)


def _full_read(seen: PagesSeen) -> Line:
    """What a read to the end would prove."""
    total, came = seen.end.totals[-1], seen.first.rows + (seen.second.rows if seen.second else 0)
    goes_on = seen.end.has_more and (total is None or total > came)
    rows = total if total is not None and goes_on else came
    proof = Proof.CONTINUITY if seen.meets else seen.end.proof
    note = "" if seen.meets else seen.end.note
    totals = (None, None) if total is None else (total, total)
    end = ChainEnd(1, Proof.END if seen.guessed else proof, totals, note, seen.end.broken)
    verdict = judge_chain(end, ChainCount(rows, rows if seen.has_key else None))
    if verdict.status is Status.INCOMPLETE:
        return Outcome.FAILED, f"a full read would miss rows: {verdict.note}"
    if verdict.status is Status.UNPROVED:
        why = verdict.note or _why_unproved(seen)
        return Outcome.WARNING, f"unproved: {why}" if why else "unproved"
    said = f"proved by {verdict.proof}" + (f": the API says {total:,} rows" if verdict.proof is Proof.COUNT else "")
    said += _PROOFS.get(verdict.proof, "") if verdict.proof else ""
    if seen.guessed:
        return Outcome.WARNING, f"guessed, {said}; name a paginator"
    return Outcome.OK, said


_DLTS_TOTAL = "total"
"""Where dlt's paginators look for a total where the config names no path; it need not be there."""

_PROOFS = {
    Proof.CONTINUITY: ": no total is told, but pages overlap by a row",
    Proof.KEYSET: ": the way from page to page has an end of its own",
    Proof.DECLARED: ": a single page, by the config's word",
}


def _why_unproved(seen: PagesSeen) -> str:
    if seen.first.row_total is not None and not seen.has_key:
        return "the API says how many rows there are, but without primary_key they cannot be told apart"
    if isinstance(seen.paging, Offset) and seen.meets is False:
        return "no total is told, and the server gives no page from one row earlier, so pages cannot overlap"
    if isinstance(seen.paging, Offset | PageNumber):
        what = "page numbers" if isinstance(seen.paging, PageNumber) else "offsets"
        hint = "if the API tells one, name it (total_path, total_header)"
        return f"by {what} without a total rows can move unseen; {hint}"
    return ""


def _second_page(seen: PagesSeen) -> Iterator[Line]:
    """Whether the way on leads somewhere else."""
    total, first, second = seen.first.row_total, seen.first, seen.second
    expects = total is not None and total > first.rows
    if seen.refusal:
        if seen.is_past_end and not expects:
            yield Outcome.OK, "page 2 is refused, which is taken for the end"
        else:
            yield Outcome.FAILED, f"page 2: {seen.refusal}"
    elif second is not None and second.rows and seen.repeated >= second.rows:
        names = _parameters(seen.paging)
        hint = f"does the API know {names}?" if names else "its way on is no way on"
        yield Outcome.FAILED, f"page 2 brings the rows of page 1 again: {hint}"
    elif second is not None and not second.rows and expects and not seen.meets:
        yield Outcome.FAILED, f"page 2 is empty, though the API says {total:,} rows and {first.rows:,} came"
    elif second is not None and seen.repeated > (1 if isinstance(seen.paging, Cursor) else 0):
        told = f"{seen.repeated} of {second.rows} rows of page 2 were on page 1"
        yield Outcome.WARNING, f"{told}: rows moved, or pages overlap"
    elif second is not None and second.rows:
        yield Outcome.OK, "page 2 brings other rows"


def _parameters(paging: Paging | None) -> str:
    if isinstance(paging, Offset):
        return " and ".join(str(name) for name in (paging.param or paging.body_path, paging.limit_param) if name)
    return str(paging.param or paging.body_path) if isinstance(paging, PageNumber | Cursor) else ""


def _page_size(seen: PagesSeen) -> Iterator[Line]:
    """Whether the server gives pages of the size that was asked for."""
    if seen.size is None or not seen.first.rows:
        return
    (name, asked), came = seen.size, seen.first.rows
    further = seen.second is not None and seen.second.rows > 0
    more = further or (seen.first.row_total or 0) > came or (seen.end.has_more and not _is_ranged(seen))
    told = f"{came:,} rows came where {name} asked for {asked:,}"
    if came == asked:
        yield Outcome.OK, f"{name} {asked:,} is honoured"
    elif came > asked:
        yield Outcome.WARNING, f"{told}: the API may not know {name}"
    elif more:
        yield Outcome.WARNING, f"{told}: the API clamps, and is read all the same; ask for {came:,}"


def _is_ranged(seen: PagesSeen) -> bool:
    return isinstance(seen.paging, Offset | PageNumber)


def _absent(seen: PagesSeen) -> Iterator[Line]:
    """What the config says that an answer has, and this one has not."""
    path = seen.paging.total if isinstance(seen.paging, Offset | PageNumber) else None
    named = path is not None and path.text != _DLTS_TOTAL
    if (named and seen.first.total is None) or (seen.names_total and seen.first.row_total is None):
        yield Outcome.WARNING, "where the config says that the total stands there is none"
    flag = seen.paging.has_more if isinstance(seen.paging, Offset | PageNumber | Cursor) else None
    if flag is not None and seen.first.has_more is None:
        yield Outcome.WARNING, f"has_more_path {flag.text!r} finds no flag"
