"""Which rows of an answer did not go on with its page, so that the page can be made of the answer once more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import msgspec

from homeroom.facts import read_facts
from homeroom.fetch.chain import Chain, wanted_of
from homeroom.journal import Passed
from homeroom.paginate import Offset
from homeroom.values import Answer, Page, PageFacts


def passed(chain: Chain, page: Page) -> Passed:
    """What is noted of a page that a chain has brought."""
    return Passed(page.number, page.place, page.kept, _left_out(chain, page))


def without(facts: PageFacts, left_out: Sequence[int]) -> PageFacts:
    """The facts of a page without the rows at these positions."""
    if not left_out or facts.data is None:
        return facts
    gone = set(left_out)
    rows = [bytes(row) for place, row in enumerate(_rows(facts.data)) if place not in gone]
    return replace(facts, rows=len(rows), data=b"[" + b",".join(rows) + b"]")


def _left_out(chain: Chain, page: Page) -> tuple[int, ...]:
    """The positions of rows that the page before had brought; only pages of offsets overlap."""
    if not isinstance(chain.paging, Offset) or page.facts.data is None:
        return ()
    wanted = wanted_of(replace(chain, selector=page.selector))
    whole = read_facts(Answer(200, "", (), page.body), wanted)
    if whole.rows == page.facts.rows or whole.data is None:
        return ()
    left, came = iter(_rows(page.facts.data)), _rows(whole.data)
    expected = next(left, None)
    gone = []
    for place, row in enumerate(came):
        if expected is not None and bytes(row) == bytes(expected):
            expected = next(left, None)
        else:
            gone.append(place)
    return tuple(gone)


def _rows(data: bytes) -> list[msgspec.Raw]:
    return msgspec.json.decode(data, type=list[msgspec.Raw])
