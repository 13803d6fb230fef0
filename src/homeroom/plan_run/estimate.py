"""From what one page has told of a resource to what the whole of it takes. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from homeroom.paginate import Offset, Own, PageNumber
from homeroom.plan_run.count import Count, at_least, exact
from homeroom.plan_run.probe import Probed
from homeroom.plan_run.reach import Began, Reach, reach_of
from homeroom.plan_run.timing import Pull


@dataclass(frozen=True, slots=True)
class Estimate:
    """`rows` and `pull` of a resource, `left` the rows that its children are asked with, and what is to be said."""

    rows: Count
    pull: Pull
    left: Count
    size: int | None
    notes: tuple[str, ...]


def estimate(probed: Probed, parents: Count | None, answer_s: float) -> Estimate:
    """What a resource takes; `parents` are the rows of its parent that it is asked with, None for one without.

    `answer_s` is how long one answer takes.
    """
    assert probed.began is not None
    one = reach_of(probed.began)
    reach = _in_spans(one, probed.lists) if parents is None else _of_parents(one, probed, parents)
    lists = probed.lists if parents is None else _chains(parents.best or parents.low, probed)
    most = probed.began.concurrency
    lanes = most if parents is None and probed.began.crawls else max(1, min(lists, most))
    left = reach.rows if probed.kept == 1.0 else _kept(reach.rows, probed)
    notes = tuple(_notes(probed, parents))
    return Estimate(reach.rows, Pull(reach.requests, answer_s, lanes), left, _size(probed, reach), notes)


NOTHING = Estimate(exact(0), Pull(exact(0), 0.0, 1), exact(0), 0, ())
"""Of a child whose parent has no row."""


def _in_spans(one: Reach, spans: int) -> Reach:
    """Several lists of one resource, of which one was looked at: the others are a request each at the least."""
    return one if spans == 1 else Reach(at_least(one.rows.low), at_least(one.requests.low + spans - 1))


def _chains(parents: int, probed: Probed) -> int:
    """How many lists so many parents come to."""
    batch = probed.plan.batch
    return (-(-parents // batch.size) if batch else parents) * probed.lists


def _of_parents(one: Reach, probed: Probed, parents: Count) -> Reach:
    """The lists of all parents, going by that of the first, or of the first that go together."""
    if parents.is_exact and _chains(parents.low, probed) == 1:
        return one
    rows = requests = None
    if parents.best is not None and one.rows.best is not None:
        rows = round(parents.best * probed.lists * one.rows.best / max(1, probed.together))
    if parents.best is not None and one.requests.best is not None:
        requests = _chains(parents.best, probed) * one.requests.best
    fewest = max(0, _chains(parents.low, probed) - 1) + one.requests.low
    return Reach(Count(one.rows.low, None, rows), Count(fewest, None, requests))


def _kept(rows: Count, probed: Probed) -> Count:
    """The rows that steps of the config leave, where they go on as on the first page."""
    assert probed.began is not None
    likely = None if rows.best is None else round(rows.best * probed.kept)
    return Count(round(probed.began.first.rows * probed.kept), None, likely)


def _size(probed: Probed, reach: Reach) -> int | None:
    """Bytes of JSON: as many for each row as on the page that came."""
    assert probed.began is not None
    came = probed.began.first.rows
    if not came:
        return probed.size * reach.requests.best if reach.requests.best is not None else None
    return None if reach.rows.best is None else round(probed.size * reach.rows.best / came)


def _notes(probed: Probed, parents: Count | None) -> Iterator[str]:
    """What the figures rest on, where that is less than the API's word."""
    began, plan = probed.began, probed.plan
    assert began is not None
    if parents is not None:
        of = f"one of {parents} rows" if probed.together == 1 else f"{probed.together:,} of {parents} rows"
        yield f"an estimate, from {of} of {plan.parent}"
    elif probed.lists > 1:
        yield f"read in {probed.lists:,} lists (spans of time, or queries), of which one was asked for"
    if probed.since:
        yield probed.since
    yield from _notes_on_paging(began)


def _notes_on_paging(began: Began) -> Iterator[str]:
    first, paging = began.first, began.paging
    if not began.has_more and (first.row_total or 0) > first.rows and not isinstance(paging, Offset | PageNumber):
        yield f"the API says {first.row_total:,} rows, but this paging leads to no further page (homeroom check)"
    if began.has_more and first.row_total is None and first.total is None and first.rows:
        hint = "; if it tells one, name it (total_path, total_header)"
        yield f"the API tells no total{'' if isinstance(paging, Own) else hint}"
    if isinstance(paging, PageNumber) and first.total is not None and first.row_total is None and began.has_more:
        yield f"the API tells {first.total:,} pages, or what stands where pages are looked for"
    if began.asked and first.rows > began.asked:
        yield f"{first.rows:,} rows came where {began.asked:,} were asked for"
    if isinstance(paging, Offset | PageNumber) and paging.maximum is not None:
        yield f"the config's maximum is {paging.maximum:,}"
