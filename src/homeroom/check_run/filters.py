"""Whether an API keeps to the filter of an `incremental`, told from rows that were asked for from a middle value on.

Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from homeroom.check_run.findings import Line, Outcome


@dataclass(frozen=True, slots=True)
class Middle:
    """A value of the cursor from which on to ask; None where there is none, and then `why`."""

    value: Any
    why: str = ""


def middle_of(values: Sequence[Any]) -> Middle:
    """A value in the middle of those that came: at least one is older."""
    try:
        known = sorted({value for value in values if value is not None})
    except TypeError:
        return Middle(None, "values of the cursor are of several types")
    if not values:
        return Middle(None, "no row came")
    if len(known) < 2:
        what = "all rows of the page have the same value of it" if known else "no row of the page has a value of it"
        return Middle(None, what)
    return Middle(known[len(known) // 2])


@dataclass(frozen=True, slots=True)
class Answered:
    """What came when `param` asked from `middle` on. `values` are the cursor's, `before` those of the first page.

    `same`: it is the first page once more. `far`: rows that are older by more than a filter may be rough. `has_more`:
    further pages follow.
    """

    param: str
    middle: Any
    before: Sequence[Any]
    values: Sequence[Any]
    same: bool
    far: int
    has_more: bool


def judge_filter(seen: Answered) -> Line:
    """Whether the filter was honoured."""
    asked, rows = f"asked by {seen.param} from the middle of what had come", len(seen.values)
    try:
        older = sum(value is not None and value < seen.middle for value in seen.values)
        fitting = sum(value is not None and value >= seen.middle for value in seen.before)
    except TypeError:
        return Outcome.UNTESTED, f"{seen.param}: values of the cursor are of several types"
    if not rows:
        hint = "is that the form in which the API wants it (convert, initial_value)?"
        return Outcome.FAILED, f"{asked}, no row came, though {fitting} rows are as new: {hint}"
    if seen.same or 2 * seen.far > rows:
        told = f"{older} of {rows} rows are older" if older else "the same page came"
        return Outcome.FAILED, f"ignored: {asked}, {told}; each run reads all there is"
    if seen.far:
        return Outcome.WARNING, f"{asked}, {seen.far} of {rows} rows are older by more than a day"
    if older:
        return Outcome.OK, f"honoured, if roughly: {asked}, {older} of {rows} rows are older by less than a day"
    if seen.middle not in seen.values and not seen.has_more:
        return Outcome.WARNING, f"honoured, but the very row that {seen.param} names does not come: set a lag"
    return Outcome.OK, f"honoured: {asked}, no older row came"
