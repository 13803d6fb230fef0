"""The report as a table for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from homeroom.edu_values import ModelCheck, ModelReport
from homeroom.report.fitted import Fitted, fit
from homeroom.report.grid import Grid, print_grid
from homeroom.values import Report, ResourceReport, SchemaChange, Status

MOST_NAMED = 5
"""Columns or tables that a line names."""

_COLOURS = {
    Status.COMPLETE: "green",
    Status.UNPROVED: "yellow",
    Status.DELETES_REFUSED: "yellow",
    Status.INCOMPLETE: "red",
    Status.FAILED: "bold red",
    Status.SKIPPED: "dim",
}


def render(report: Report, console: Console, *, whole: bool = False) -> None:
    """Print the report: a line for each resource, what is to be said of them, and one sentence, which is the verdict.

    On a screen as much as fits, but all that is wrong; `whole`, and to anything that is not a screen, all of it.
    """
    verdict = summary(report)
    remarks = _remarks(report)
    fitted = Fitted(tuple(report.resources), tuple(text for _, text in remarks))
    if console.is_interactive and not whole:
        width, height = console.size
        # The line that the person types on next, and the verdict with the words that a line breaks at.
        room = height - 1 - len(Text(verdict).wrap(console, width))
        fitted = fit(report.resources, remarks, report.run_id, width=width, room=room)
    if report.resources:
        print_grid(_grid([report.resources[name] for name in fitted.rows]), console)
    for text in filter(None, (fitted.rest, *fitted.remarks, verdict)):
        _print(text, console)


def _print(text: str, console: Console) -> None:
    """To a screen in lines that break between words; to anything else in one."""
    console.print(Text(text), soft_wrap=not console.is_interactive)


def _remarks(report: Report) -> list[tuple[str, str]]:
    """What there is to say beside the table, with the resource that it is about; empty where that is none."""
    notes = [(name, f"{name}: {note}") for name, line in report.resources.items() if (note := _note(line))]
    changes = [
        (name, f"{name}: {_changed(report.resources[name].table_name, added)}")
        for name, added in report.changes.items()
    ]
    model = model_lines(report.model) if report.model is not None else []
    return [*notes, *changes, *(("", text) for text in model)]


def model_lines(model: ModelReport) -> list[str]:
    """What the views hold of a source, and which rules its rows break."""
    if model.error:
        return [f"{model.dataset}: {model.error}"]
    held = ", ".join(f"{name} {rows:,}" for name, rows in model.rows.items() if rows)
    broken = [f"{_place(each)}: {each.violations:,} ({each.severity})" for each in model.broken]
    told = (
        f"{len(broken)} of {len(model.checks)} checks broken: {'; '.join(broken)}"
        if broken
        else (f"{len(model.checks)} checks, none broken")
    )
    return [f"{model.dataset}: {held or 'no row'}; {told}", *filter(None, [model.note])]


def _place(check: ModelCheck) -> str:
    return f"{check.entity}{f'.{check.column}' if check.column else ''} {check.kind}"


def _grid(lines: Sequence[ResourceReport]) -> Grid:
    rows = [
        (
            line.resource,
            f"{line.rows_received:,}",
            "–" if line.rows_in_table is None else f"{line.rows_in_table:,}",
            f"{line.pages:,}",
            f"{line.requests:,}",
            f"{line.retries:,}",
            Text(str(line.status), style=_COLOURS[line.status]),
            str(line.proof or "–"),
        )
        for line in lines
    ]
    numbers = ("rows", "in table", "pages", "requests", "retries")
    return Grid(
        ("resource", *numbers, "status", "proof"), rows, numbers, spare=("retries", "requests", "pages", "proof")
    )


def _changed(root: str, changes: Sequence[SchemaChange]) -> str:
    """What a load has added, in one line: `+2 columns: nick text, people__roles.since bigint; +1 table: terms`."""
    columns = [
        f"{'' if change.table == root else f'{change.table}.'}{change.column} {change.data_type}"
        for change in changes
        if change.column is not None
    ]
    tables = [change.table for change in changes if change.column is None]
    return "; ".join(filter(None, (_added("column", columns), _added("table", tables))))


def _added(what: str, names: Sequence[str]) -> str:
    if not names:
        return ""
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f"+{len(names)} {what}{'' if len(names) == 1 else 's'}: {', '.join(names[:MOST_NAMED])}{more}"


def _note(line: ResourceReport) -> str:
    # An error's text names its resource itself; here that stands before it already.
    note = line.note.removeprefix(f"resource {line.resource}, ")
    if not line.rows_absent:
        return note
    were = "was" if line.rows_absent == 1 else "were"
    return "; ".join(filter(None, (note, f"{_counted(line.rows_absent)} in the table {were} not in this read")))


def summary(report: Report) -> str:
    """One sentence: how sure, how much, where to, how long."""
    lines = report.resources.values()
    replayed = f", a replay of {report.replay_of}" if report.replay_of else ""
    start = f"Run {report.run_id} of {report.name}{replayed}: {report.status}"
    if report.error:
        return f"{start}. {report.error}"
    file = f" (the file {report.file})" if report.file else ""
    schema = f" (its schema is {report.schema})" if report.schema else ""
    into = f"into {report.destination}{file}, dataset {report.dataset}{schema}"
    where = into if report.landed else "and nothing landed"
    took = ""
    if report.started_at and report.finished_at:
        took = f", in {(report.finished_at - report.started_at).total_seconds():.1f} s"
    waited = sum(line.waited_s for line in lines)
    waits = f" (waits add up to {waited:.1f} s)" if waited else ""
    return f"{start}. {_rows(report)} {where}{took}{waits}."


def _rows(report: Report) -> str:
    read = sum(line.rows_received for line in report.resources.values())
    if not report.landed or report.rows_loaded in (None, read):
        return f"{_counted(read)} read"
    return f"{_counted(read)} read, {report.rows_loaded:,} loaded"


def _counted(rows: int) -> str:
    return "1 row" if rows == 1 else f"{rows:,} rows"
