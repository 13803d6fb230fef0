"""Which loads hold reads of a resource, so that it is known since when something may have appeared in its list.

Noted in the resource's state, which dlt keeps if and only if it keeps what was extracted with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import dlt
from dlt.common.exceptions import DltException
from dlt.pipeline.pipeline import Pipeline

_READS = "homeroom_reads"
_MOST = 30
"""Reads that stay noted: what a killed run left undone is made up by the next one, so a few would do."""


@dataclass(frozen=True, slots=True)
class NotedRead:
    """A load that holds a read. What came first in it appeared after that of `since`; None: nobody knows when."""

    load_id: str
    since: str | None


def note_read(resource: str, asked: str, *, whole: bool) -> None:
    """Note that the load that is being extracted holds a read of a resource; nothing outside of an extraction.

    `asked` is what was asked for: of another list nobody knows what it held before. `whole`: all that there was came,
    from the API just now, so that what comes later has appeared after this.
    """
    try:
        load_id = str(dlt.current.load_package_state()["load_id"])
        remembered: Any = dlt.current.source_state().setdefault("resources", {}).setdefault(resource, {})
    except DltException:
        return
    noted = remembered.get(_READS, {})
    before = noted.get("whole") if noted.get("asked") == asked else None
    reads = [*noted.get("reads", ()), [load_id, before]]
    remembered[_READS] = {"reads": reads[-_MOST:], "whole": load_id if whole else before, "asked": asked}


def noted_reads(pipeline: Pipeline, source: str, resource: str) -> list[NotedRead]:
    """The last reads of a resource that were loaded, oldest first; ask after the load."""
    state: Any = pipeline.state.get("sources", {})
    noted = state.get(source, {}).get("resources", {}).get(resource, {}).get(_READS, {})
    return [NotedRead(load_id, since) for load_id, since in noted.get("reads", ())]
