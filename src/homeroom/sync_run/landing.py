"""Which resources of a run may be loaded, after all of them were read."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from homeroom.report.build import WHOLE
from homeroom.values import Report, ResourceReport, Status

if TYPE_CHECKING:
    from homeroom.source import RestApiSource


def kept_line(line: ResourceReport) -> ResourceReport:
    """A line whose rows were withheld although it was read to its end."""
    if line.status in WHOLE:
        note = "not loaded: a table is shared with a resource that failed"
        return replace(line, status=Status.INCOMPLETE, proof=None, note=note)
    return line


def replacing(source: RestApiSource) -> set[str]:
    """The resources whose rows take the place of all that their table holds."""
    from homeroom.dlt_seam.extraction import replaces

    return {name for name, resource in source.resources.items() if replaces(resource)}


def refused_resources(report: Report, replacing: Collection[str]) -> set[str]:
    """Resources of which nothing may be loaded: not read to the end, or not wholly where rows would be replaced."""
    return {
        name
        for name, line in report.resources.items()
        if line.status in (Status.FAILED, Status.SKIPPED) or (name in replacing and line.status is Status.INCOMPLETE)
    }
