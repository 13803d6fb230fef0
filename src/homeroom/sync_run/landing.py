"""Which resources of a run may be loaded, after all of them were read."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from homeroom.codes import tagged
from homeroom.report.build import WHOLE
from homeroom.values import Report, ResourceReport, Status

COMES_AGAIN = "not loaded: the next run asks for the same rows, and the table would hold them twice"


def kept_line(line: ResourceReport) -> ResourceReport:
    """A line whose rows were withheld although it was read to its end."""
    if line.status in WHOLE:
        note = "not loaded: a table is shared with a resource that failed"
        return replace(
            line, status=Status.INCOMPLETE, proof=None, note=tagged(note, "rows-missing"), code="rows-missing"
        )
    return line


def refused_resources(report: Report, taking_away: Collection[str]) -> set[str]:
    """Resources of which nothing may be loaded: not read to the end, or not wholly where rows would be taken away."""
    return {
        name
        for name, line in report.resources.items()
        if line.status in (Status.FAILED, Status.SKIPPED) or (name in taking_away and line.status is Status.INCOMPLETE)
    }
