"""Which chains are read again, page by page."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from homeroom.dlt_seam.rest_api import json_path
from homeroom.fetch import Chain
from homeroom.ledger import ChainCount
from homeroom.paginate import Offset
from homeroom.plan import paging_of
from homeroom.source.passes import Passes
from homeroom.values import ChainEnd, Page, PageFacts, Proof, Request

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def passes(*, once: bool) -> Passes:
    """One chain of users, by offset."""
    request = Request("GET", "https://api.example.com/users")
    chain = Chain("users", 1, request, Offset(2), json_path("data"), None, paging_of, key=("id",))
    return Passes([chain], 2, lambda: 2, once=once)


def page(chain: int, number: int, ids: list[int], total: int | None) -> Page:
    data = json.dumps([{"id": each} for each in ids]).encode()
    facts = PageFacts(len(ids), data, row_total=total)
    return Page("users", chain, number, "", b"", facts, json_path("data"), NOON)


@pytest.mark.parametrize("once", [True, False])
def test_a_total_that_the_first_page_tells_makes_a_moved_list_be_read_again(once: bool) -> None:
    reader = passes(once=once)
    for each in (page(1, 1, [1, 2], 5), page(1, 2, [2, 4], 4)):
        reader.entered(each)
    reader.ended(ChainEnd(1, Proof.END, (5, 4)), ChainCount(4, 3))
    (again,) = reader.due().values()
    assert again.is_repair
    came = [
        json.loads(reader.entered(each).facts.data or b"") for each in (page(2, 1, [1, 2], 4), page(2, 2, [3, 4], 4))
    ]
    assert came == ([[], [{"id": 3}]] if once else [[{"id": 1}, {"id": 2}], [{"id": 3}, {"id": 4}]])


def test_a_total_that_comes_later_brings_no_row_twice() -> None:
    """Rows of the first page have gone on unmarked: a second pass would bring them again."""
    reader = passes(once=True)
    for each in (page(1, 1, [1, 2], None), page(1, 2, [2, 4], 5)):
        assert reader.entered(each) is each
    end, count = ChainEnd(1, Proof.END, (None, 5, 4)), ChainCount(4, 3)
    assert reader.ended(end, count) == (end, count) and reader.due() == {}


def test_where_rows_may_come_twice_a_total_that_comes_later_will_do() -> None:
    reader = passes(once=False)
    for each in (page(1, 1, [1, 2], None), page(1, 2, [2, 4], 5)):
        reader.entered(each)
    reader.ended(ChainEnd(1, Proof.END, (None, 5, 4)), ChainCount(4, 3))
    assert list(reader.due()) == [1]
