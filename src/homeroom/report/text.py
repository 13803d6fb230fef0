"""The report as JSON and as a table for a terminal."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import datetime
from types import MappingProxyType
from typing import Any

import orjson
from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from homeroom.values import Proof, Report, ResourceReport, Status

_COLOURS = {
    Status.COMPLETE: "green",
    Status.UNPROVED: "yellow",
    Status.INCOMPLETE: "red",
    Status.FAILED: "bold red",
    Status.SKIPPED: "dim",
}
_TIMES = ("oldest_page_at", "started_at", "finished_at")


def to_json(report: Report) -> dict[str, Any]:
    """The report as plain JSON values; times in ISO 8601."""
    return {
        **{f.name: _plain(getattr(report, f.name)) for f in fields(report) if f.name not in ("resources", "errors")},
        "resources": [line_json(line) for line in report.resources.values()],
        "errors": dict(report.errors),
    }


def line_json(line: ResourceReport) -> dict[str, Any]:
    """One resource's line as plain JSON values."""
    return {key: _plain(value) for key, value in asdict(line).items()}


def from_json(text: str) -> Report:
    """A report that was kept as JSON; fields that this version does not know are left out."""
    data: dict[str, Any] = orjson.loads(text)
    lines = [_line(entry) for entry in data.get("resources", [])]
    known = {f.name for f in fields(Report)} - {"resources", "errors", "status"}
    plain = {key: _time(key, value) for key, value in data.items() if key in known}
    return Report(
        **plain,
        status=Status(data["status"]),
        resources=MappingProxyType({line.resource: line for line in lines}),
        errors=MappingProxyType(data.get("errors", {})),
    )


def _line(entry: dict[str, Any]) -> ResourceReport:
    known = {f.name for f in fields(ResourceReport)} - {"status", "proof"}
    proof = Proof(entry["proof"]) if entry.get("proof") else None
    plain = {key: _time(key, value) for key, value in entry.items() if key in known}
    return ResourceReport(**plain, status=Status(entry["status"]), proof=proof)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Status | Proof) else value


def _time(key: str, value: Any) -> Any:
    return datetime.fromisoformat(value) if key in _TIMES and value else value


def render(report: Report, console: Console) -> None:
    """Print the report: a line for each resource, what went wrong, and one sentence."""
    console.print(_renderable(report), soft_wrap=True)


def _renderable(report: Report) -> RenderableType:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("resource")
    for heading in ("rows", "in table", "pages", "requests", "retries"):
        table.add_column(heading, justify="right")
    for heading in ("status", "proof"):
        table.add_column(heading)
    for line in report.resources.values():
        table.add_row(
            line.resource,
            f"{line.rows_received:,}",
            "–" if line.rows_in_table is None else f"{line.rows_in_table:,}",
            f"{line.pages:,}",
            f"{line.requests:,}",
            f"{line.retries:,}",
            Text(str(line.status), style=_COLOURS[line.status]),
            str(line.proof or "–"),
        )
    notes = [Text(f"{line.resource}: {_note(line)}") for line in report.resources.values() if line.note]
    return Group(*([table] if report.resources else []), *notes, Text(summary(report)))


def _note(line: ResourceReport) -> str:
    # An error's text names its resource itself; here that stands before it already.
    return line.note.removeprefix(f"resource {line.resource}, ")


def summary(report: Report) -> str:
    """One sentence: how sure, how much, where to, how long."""
    lines = report.resources.values()
    start = f"Run {report.run_id} of {report.name}: {report.status}"
    if report.error:
        return f"{start}. {report.error}"
    where = f"into {report.destination}, dataset {report.dataset}" if report.landed else "and nothing landed"
    took = ""
    if report.started_at and report.finished_at:
        took = f", in {(report.finished_at - report.started_at).total_seconds():.1f} s"
    waited = sum(line.waited_s for line in lines)
    waits = f" (waits add up to {waited:.1f} s)" if waited else ""
    return f"{start}. {sum(line.rows_received for line in lines):,} rows read {where}{took}{waits}."
