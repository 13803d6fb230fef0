"""The first pages of a chain and no request more: for those who want to know how a whole read would go."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from homeroom import paginate
from homeroom.actions import IgnoredAnswer
from homeroom.errors import DataError
from homeroom.events import PageRead, emit
from homeroom.fetch import second_look
from homeroom.fetch.chain import Chain, Means, safe_place
from homeroom.fetch.counting import NOTE
from homeroom.fetch.walk import Walk, read_once
from homeroom.paginate import Paging, Step
from homeroom.values import ChainEnd, Page, Proof


@dataclass(frozen=True, slots=True)
class SampleEnd(ChainEnd):
    """How the first pages ended. `paging` is the config's, or the one that was guessed; None where nothing came.

    `has_more`: another page would be asked for now. `proof` is then what an end would prove, all further pages being
    like these.
    """

    paging: Paging | None = None
    has_more: bool = False


async def sample(chain: Chain, means: Means) -> AsyncGenerator[Page | ChainEnd, None]:
    """The first `most_pages` of a chain, fewer where these bring `most_rows` rows, then a `SampleEnd`.

    Nothing is asked for twice, and nothing beforehand. A single page by a guess is looked at once more, as in any read,
    unless its rows are enough.
    """
    walked, rows = Walk(chain), 0
    step = Step(walked.first_request())
    while (request := step.request) is not None and walked.pages < (chain.most_pages or 0):
        try:
            answer, facts = await read_once(walked, request, means)
        except IgnoredAnswer as ignored:
            step = walked.ignore(str(ignored))
            break
        emit(means.hooks, PageRead(chain.resource, facts.rows, len(answer.body), facts.row_total))
        try:
            step = walked.take(request, answer, facts)
        except DataError as error:
            where = f"resource {chain.resource}, {safe_place(request)}"
            raise DataError(f"{where}: {error}", resource=chain.resource, code=error.code) from None
        yield walked.page(walked.pages, request, answer, facts, means.now())
        rows += facts.rows
        if chain.most_rows is not None and rows >= chain.most_rows:
            break
        if second_look.is_due(walked, request, facts) and await second_look.look(walked, request, answer, facts, means):
            step = Step(None, Proof.END, second_look.NOTE, broken=True)
    yield _end(walked, step)


def _end(walked: Walk, step: Step) -> SampleEnd:
    paging, has_more = walked.chain.paging, step.request is not None
    proof, note = _prospect(paging, step, walked) if has_more else (step.proof, step.note)
    end = walked.end(proof, note, part=step.part, broken=step.broken)
    return SampleEnd(end.chain, end.proof, end.totals, end.note, end.broken, paging=paging, has_more=has_more)


def _prospect(paging: Paging | None, step: Step, walked: Walk) -> tuple[Proof, str]:
    """What the end of a chain will prove that goes on as it does, and what is then to be said."""
    match paging:
        case paginate.Cursor() | paginate.HeaderCursor():
            return (Proof.END, NOTE) if walked.counts else (Proof.KEYSET, "")
        case paginate.JsonLink() | paginate.HeaderLink() if step.request is not None:
            counts = paginate.counts_pages(step.request)
            return (Proof.END, paginate.LINKS_COUNT) if counts else (Proof.KEYSET, "")
        case _:
            return Proof.END, step.note
