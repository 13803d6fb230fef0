"""From the ledger to what a person reads: the report, as values and as text."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from types import MappingProxyType

from homeroom._version import __version__
from homeroom.ledger import Ledger
from homeroom.values import Report, ResourceReport, Status


def build_report(
    ledger: Ledger,
    tables: Mapping[str, str],
    selected: Collection[str],
    *,
    name: str,
    run_id: str = "",
    started_at: datetime | None = None,
) -> Report:
    """The report of what the ledger holds; `tables` gives each resource's root table."""
    verdicts = ledger.verdicts(selected)
    lines = {n: ledger.entries[n].report(tables[n], verdict) for n, verdict in verdicts.items()}
    errors = {n: type(entry.error).__name__ for n, entry in ledger.entries.items() if entry.error is not None}
    return Report(
        run_id=run_id,
        name=name,
        status=worst_status(lines.values()),
        resources=MappingProxyType(lines),
        started_at=started_at,
        version=__version__,
        errors=MappingProxyType(errors),
    )


def worst_status(lines: Collection[ResourceReport]) -> Status:
    """The worst status of all; `skipped` where there is nothing."""
    return max((line.status for line in lines), key=lambda status: status.rank, default=Status.SKIPPED)
