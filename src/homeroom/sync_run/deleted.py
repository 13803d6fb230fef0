"""What became of deleted rows, and how the report tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from homeroom.codes import Code, tagged
from homeroom.values import Report, ResourceReport, Status


@dataclass(frozen=True, slots=True)
class Deleted:
    """What became of the deleted rows of one resource.

    `rows` were deleted or marked, None where there is only something to note; `refused`: why absent ones were kept.
    """

    rows: int | None = None
    refused: str = ""
    note: str = ""


def together(*parts: Deleted) -> Deleted:
    """What several ways to delete came to."""
    known = [part.rows for part in parts if part.rows is not None]
    refused = next((part.refused for part in parts if part.refused), "")
    return Deleted(sum(known) if known else None, refused, "; ".join(part.note for part in parts if part.note))


def with_deleted(report: Report, deleted: Mapping[str, Deleted]) -> Report:
    """The report with what was deleted; a resource whose deletes were refused says so."""
    lines = {name: _line(line, deleted.get(name)) for name, line in report.resources.items()}
    return replace(report, resources=MappingProxyType(lines))


def with_more(report: Report, deleted: Mapping[str, Deleted]) -> Report:
    """The report with what was deleted beside what it tells already."""
    told = {name: Deleted(report.resources[name].rows_deleted) for name in deleted if name in report.resources}
    return with_deleted(report, {name: together(before, deleted[name]) for name, before in told.items()})


def _line(line: ResourceReport, deleted: Deleted | None) -> ResourceReport:
    if deleted is None:
        return line
    code: Code | None = "deletes-refused" if deleted.refused else None
    note = "; ".join(filter(None, (tagged(deleted.refused, code), deleted.note, line.note)))
    refused = (line.status, Status.DELETES_REFUSED) if deleted.refused else (line.status,)
    status = max(refused, key=lambda status: status.rank)
    return replace(line, status=status, rows_deleted=deleted.rows, note=note, code=line.code or code)
