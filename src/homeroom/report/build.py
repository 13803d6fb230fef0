"""From the ledger to the report, and from the report to an exit code."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from homeroom._version import __version__
from homeroom.errors import HomeroomError
from homeroom.ledger import Ledger, Verdict
from homeroom.values import Report, ResourceReport, Status

WHOLE = (Status.COMPLETE, Status.UNPROVED)
"""Statuses of a resource that was read to its end."""


def build_report(
    ledger: Ledger,
    tables: Mapping[str, str],
    selected: Collection[str],
    *,
    name: str,
    started_at: datetime | None = None,
) -> Report:
    """The report of what the ledger holds; `tables` gives each resource's root table."""
    verdicts = ledger.verdicts(selected)
    lines = {
        n: ledger.entries[n].report(tables[n], verdict if n in selected else _for_children(verdict))
        for n, verdict in verdicts.items()
    }
    errors = {n: type(entry.error).__name__ for n, entry in ledger.entries.items() if entry.error is not None}
    tried = {
        n: entry.error.by_hand
        for n, entry in ledger.entries.items()
        if isinstance(entry.error, HomeroomError) and entry.error.by_hand
    }
    return Report(
        run_id="",
        name=name,
        status=worst_status(lines.values()),
        resources=MappingProxyType(lines),
        started_at=started_at,
        version=__version__,
        errors=MappingProxyType(errors),
        by_hand=MappingProxyType(tried),
    )


def _for_children(verdict: Verdict) -> Verdict:
    note = "read for its children, not loaded"
    return replace(verdict, note=f"{note}; {verdict.note}" if verdict.note else note)


def worst_status(lines: Collection[ResourceReport]) -> Status:
    """The worst status of all; `skipped` where there is nothing."""
    return max((line.status for line in lines), key=lambda status: status.rank, default=Status.SKIPPED)


def exit_code(report: Report) -> int:
    """The command line's exit code for a run that came to its report: the first that fits.

    5: stopped (deadline, host gone) after at least one page; 4: refused and nothing landed; 1: nothing landed
    for another reason; 3: something landed and something did not, as the views of the model; 0: every resource
    complete or unproved.
    """
    bad = [line for line in report.resources.values() if line.status not in WHOLE]
    if not bad:
        return 3 if report.model is not None and report.model.error else 0
    if "StoppedError" in report.errors.values() and any(line.pages for line in report.resources.values()):
        return 5
    if report.landed:
        return 3
    refused = [name for name, kind in report.errors.items() if kind == "AuthError"]
    return 4 if refused and len(refused) == len(report.errors) else 1
