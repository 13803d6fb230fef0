"""Whether an answer that names no next page was all there is: asked once for what would come after it.

A config that names no paginator reads what comes. A list that was cut at a page size looks like a whole one
(JupyterHub without its Accept header: 200 of 2,000 users), so one request asks for more in the two usual ways.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from homeroom import paginate
from homeroom.errors import AuthError, DataError, RequestError, TransientError
from homeroom.facts import read_rows
from homeroom.fetch.chain import Means, Reading
from homeroom.paginate import Cursor, JsonLink, Paging
from homeroom.values import Answer, PageFacts, Request

NOTE = "asked for what comes next (page=2, offset=…), and other rows came: the list was cut; name a paginator"
_ROUND = 5
_NAMING = ("id", "sourcedId", "uuid", "guid", "key", "code", "name")
_LEAST = 10
"""Page sizes are round: 10, 20, 25, 50, 100, 200, 1000. A list of another length is hardly a page that was cut."""

_LEFT_OUT = (("nextPageToken",), ("@odata.nextLink",))
"""Keys that the last page has to lack, by the rules of Google's APIs (google.aip.dev/158) and of OData."""


def is_due(reading: Reading, request: Request, facts: PageFacts) -> bool:
    """Whether a guessed single page has the look of a page that was cut."""
    if not (reading.guessed and isinstance(reading.chain.paging, paginate.SinglePage)) or facts.row_total is not None:
        return False
    asked = {name.lower() for name in request.params or {}}
    return request.method == "GET" and _is_round(facts) and not asked & paginate.COUNTING_PARAMS


def _is_round(facts: PageFacts) -> bool:
    return facts.rows >= _LEAST and facts.rows % _ROUND == 0


def may_lack_its_way(paging: Paging, request: Request, facts: PageFacts) -> str:
    """What is to be said where the path of the next link or cursor finds nothing in the first page, which looks cut.

    Empty for a page that ends well: it holds a null there, or says by a flag or a total that it is all, or is of an
    API whose rules leave the key out of the last page.
    """
    if not (isinstance(paging, Cursor | JsonLink) and facts.lacks_reference):
        return ""
    if facts.has_more is not None or facts.row_total is not None or paging.path.keys in _LEFT_OUT:
        return ""
    size = paginate.page_size(request)
    if not (_is_round(facts) or (size is not None and 0 < size[1] <= facts.rows)):
        return ""
    return (
        f"{paging.path.text!r} finds nothing in the only page, which has the length of a page that was cut: check the "
        "path, or add total_path"
    )


async def look(reading: Reading, request: Request, first: Answer, facts: PageFacts, means: Means) -> bool:
    """Whether there is more than the first answer held."""
    more = replace(request, params={**(request.params or {}), "page": 2, "offset": facts.rows})
    try:
        answer, found = await means.reader.read(reading.chain, more, reading.understand)
    except (RequestError, TransientError, DataError, AuthError):
        return False  # it does not know what was asked for, which is no sign of anything
    before, now = _names(reading, first, facts), _names(reading, answer, found)
    return bool(now) and not before & now


def _names(reading: Reading, answer: Answer, facts: PageFacts) -> frozenset[str]:
    """What tells the rows apart: a column that names them, since others may change from one answer to the next."""
    assert reading.chain.selector is not None
    return frozenset(_name(row) for row in read_rows(answer.body, facts, reading.chain.selector))


def _name(row: Any) -> str:
    key = next((key for key in _NAMING if isinstance(row, dict) and key in row), None)
    return repr(row if key is None else row[key])
