"""Whether the cursor of a chain is a page number or an offset by another name: rows can then slip between two pages."""

from __future__ import annotations

from homeroom import paginate
from homeroom.paginate import Cursor, HeaderCursor, Paging
from homeroom.values import PageFacts, Request

NOTE = "the cursor counts pages or rows: rows can move between them"
_FAR = 1_000_000
"""The first cursor of a list that is counted is no larger: an id or a time in seconds may be."""


class CursorCount:
    """Follows the cursors of one chain: GitLab's `X-Next-Page`, a `next_offset` in the body.

    Counted is what goes into a parameter that counts by its name (`paginate.COUNTING_PARAMS`), is a whole number, and
    goes on by one, by the rows of a page, by the page size asked for, or as it did before. A row's id that is asked
    for by such a name does not.
    """

    def __init__(self) -> None:
        self._counts: bool | None = None
        self._largest = 0
        self._step: int | None = None

    @property
    def is_counting(self) -> bool:
        """Whether every cursor so far was such a number; no for a chain without any."""
        return self._counts is True

    def note(self, paging: Paging | None, request: Request, facts: PageFacts) -> None:
        """Enter a page and the cursor that it names."""
        self._largest = max(self._largest, facts.rows)
        if not isinstance(paging, Cursor | HeaderCursor) or not facts.reference or self._counts is False:
            return
        following = str(facts.reference)
        before = paginate.cursor_of(paging, request)
        self._counts = paginate.is_counting(_name_of(paging), following) and self._goes_on(
            before, int(following), request, facts
        )

    def _goes_on(self, before: object, following: int, request: Request, facts: PageFacts) -> bool:
        if before is None or not str(before).isdecimal():
            self._step = following
            return following < _FAR
        step, last = following - int(str(before)), self._step
        self._step = step
        size = paginate.page_size(request)
        return step in (1, facts.rows, self._largest, last, size and size[1])


def _name_of(paging: Cursor | HeaderCursor) -> str:
    """The parameter that the cursor goes into; of a place in a body its last key."""
    body_path = paging.body_path if isinstance(paging, Cursor) else None
    return body_path.rpartition(".")[2] if body_path else str(paging.param)
