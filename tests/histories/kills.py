"""Ends of runs in the middle: an exception where a process could be killed.

A kill is drawn by name. `HOOKS` raise at an event, `POINTS` before or after a function of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any
from unittest.mock import patch

from homeroom import history, load
from homeroom.dlt_seam.deletes import Cleaner
from homeroom.events import Hook, PageRead, RequestSent, ResourceFinished, StageStarted


class KilledError(Exception):
    """Here a process ends."""


@dataclass(frozen=True)
class Moment:
    """The `nth` event of a kind, in the stage, where there are several."""

    kind: type
    nth: int = 1
    stage: str = ""


HOOKS = {
    "the second request": Moment(RequestSent, 2),
    "the fourth request": Moment(RequestSent, 4),
    "the second page": Moment(PageRead, 2),
    "a list is read": Moment(ResourceFinished),
    "all is read": Moment(StageStarted, stage="load"),
    "rows are counted": Moment(StageStarted, stage="report"),
}
"""The first three end the read of one list, the others the run."""

POINTS: dict[str, tuple[Any, str, bool]] = {
    "pages are loaded": (load, "load", True),
    "rows are deleted": (Cleaner, "absent", False),
    "rows were deleted": (Cleaner, "absent", True),
    "the ledger is written": (load, "write_ledger", False),
    "the history is written": (history, "record_run", False),
}
"""Owner, function, and whether it is done by then."""

BEFORE_LOAD = ("a list is read", "all is read")
BEFORE_DELETES = ("pages are loaded", "rows are counted")
AFTER_DELETES = ("the ledger is written", "the history is written")
NAMES = (*HOOKS, *POINTS)


def hook_of(name: str) -> tuple[Hook, ...]:
    """The hook that kills, where the kill is one."""
    if name not in HOOKS:
        return ()
    moment, met = HOOKS[name], count(1)

    def kill(event: object) -> None:
        is_one = isinstance(event, moment.kind) and getattr(event, "stage", "") == moment.stage
        if is_one and next(met) == moment.nth:
            raise KilledError(name)

    return (kill,)


@contextmanager
def armed(name: str) -> Iterator[None]:
    """Kill at a point, where the kill is one."""
    if name not in POINTS:
        yield
        return
    owner, function, is_done = POINTS[name]
    real: Callable[..., Any] = getattr(owner, function)

    def kill(*args: Any, **named: Any) -> Any:
        if is_done:
            real(*args, **named)
        raise KilledError(name)

    with patch.object(owner, function, kill):
        yield
