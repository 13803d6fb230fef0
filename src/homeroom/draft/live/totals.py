"""Which number beside the rows is how many rows there are, and which how many pages. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from homeroom.draft.live.api import Seen
from homeroom.draft.live.signs import Sign, counts_pages, totals


@dataclass(frozen=True, slots=True)
class Totals:
    """The total of rows, that of pages, and what is said of those that are wrong."""

    rows: Sign | None = None
    pages: Sign | None = None
    doubts: tuple[str, ...] = ()


def judge_totals(pages: Sequence[Seen]) -> Totals:
    """What the totals of several answers mean, which were asked with pages of several sizes.

    A total of rows stays the same whatever the size; one of pages grows as pages shrink; a number that is as large as
    each page counts that page.
    """
    told = [{sign.path: sign for sign in totals(page)} for page in pages]
    rows: list[Sign] = []
    counted: list[Sign] = []
    doubts: list[str] = []
    for path, sign in (told[0] if told else {}).items():
        values = [each[path].value for each in told if path in each]
        lengths = [len(page.rows) for page in pages]
        if len(values) < len(pages) or (values == lengths and len(set(lengths)) > 1):
            continue
        if len(set(values)) > 1 or counts_pages(sign) or (len(set(lengths)) == 1 and values[0] < lengths[0]):
            counted.append(sign)
        elif values[0] < max(lengths):
            doubts.append(f"{path} says {values[0]:,}, but {max(lengths):,} rows came at once: it is not used")
        else:
            rows.append(sign)
    rows.sort(key=_rank)
    counted.sort(key=lambda sign: (not counts_pages(sign), len(sign.path)))
    return Totals(rows[0] if rows else None, counted[0] if counted else None, tuple(doubts))


def _rank(sign: Sign) -> tuple[bool, bool, int]:
    return (sign.in_header, "total" not in sign.key.lower(), len(sign.path))
