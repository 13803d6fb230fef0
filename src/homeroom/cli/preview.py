"""`homeroom preview`: the first rows of a resource's tables, as a grid, CSV or JSON."""

from __future__ import annotations

import base64
import csv
import json
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import orjson
from rich.text import Text

from homeroom.cli import progress
from homeroom.cli.console import Voice, error_json, errors_told, write_json
from homeroom.errors import ConfigError, HomeroomError, Problem
from homeroom.events import Event, Hook, ResourceFinished, StageStarted
from homeroom.report.grid import Cell, Grid, print_grid

if TYPE_CHECKING:
    from homeroom.preview_run import Preview, PreviewColumn, PreviewTable

FORMATS = ("table", "csv", "json")
LINK = "_parent_row"
"""The column of a nested table that says which row of its parent a row belongs to, counted from 1."""

_DLTS = "_dlt_"
_NUMBERS = ("bigint", "double", "decimal", "wei")


def run_preview(
    voice: Voice,
    config: str,
    resource: str,
    *,
    rows: int,
    form: str,
    table: str | None,
    all_columns: bool,
    insecure_http: bool,
) -> int:
    """Show the first rows of a resource; the exit code. Raises `typer.Exit` where there is nothing to show."""

    def on_error(error: HomeroomError, code: int) -> None:
        if form == "json":
            write_json(voice, {"exit_code": code, **error_json(error)})

    with errors_told(voice, on_error):
        _refuse_format(form)
        from homeroom.preview_run import preview

        with progress.shown(voice.err, quiet=voice.quiet, verbose=voice.verbose) as hook:
            seen = preview(config, resource, rows=rows, hooks=[_while_asking(hook)], insecure_http=insecure_http)
        tables = _chosen(seen, table)
        if form == "json":
            voice.out.file.write(orjson.dumps(_object(seen, tables, all_columns), default=_written).decode() + "\n")
        elif form == "csv":
            for table_ in tables[:1]:
                _write_csv(voice, table_, all_columns)
            for line in _last_lines(seen):
                voice.say(line)
        else:
            _print(voice, seen, tables, all_columns)
        voice.out.file.flush()
    return 0


def _refuse_format(form: str) -> None:
    if form not in FORMATS:
        raise ConfigError([Problem("--format", "no such format", repr(form), ", ".join(FORMATS), code="wrong-flag")])


def _while_asking(hook: Hook) -> Hook:
    """The hook for what takes long: how a read ended and was loaded says nothing to who waits for ten rows."""

    def tell(event: Event) -> None:
        if not isinstance(event, StageStarted | ResourceFinished):
            hook(event)

    return tell


def _chosen(seen: Preview, wanted: str | None) -> Sequence[PreviewTable]:
    if wanted is None:
        return seen.tables
    found = [table for table in seen.tables if table.name == wanted]
    if not found:
        names = ", ".join(table.name for table in seen.tables) or "none, since no row came"
        problem = Problem("--table", "the resource makes no such table", repr(wanted), names, code="unknown-name")
        raise ConfigError([problem])
    return found


def _shown(table: PreviewTable, all_columns: bool) -> tuple[list[PreviewColumn], list[list[Any]]]:
    """The columns to show, and the rows; those of a nested table begin with the number of their parent's row."""
    places = [n for n, column in enumerate(table.columns) if all_columns or not column.name.startswith(_DLTS)]
    rows = [[row[place] for place in places] for row in table.rows]
    if table.parent is not None:
        rows = [[number, *row] for number, row in zip(table.of_rows, rows, strict=True)]
    return [table.columns[place] for place in places], rows


def _headings(table: PreviewTable, columns: Sequence[PreviewColumn]) -> list[str]:
    return [*([] if table.parent is None else [LINK]), *(column.name for column in columns)]


def _object(seen: Preview, tables: Iterable[PreviewTable], all_columns: bool) -> dict[str, Any]:
    rows, types = {}, {}
    for table in tables:
        columns, found = _shown(table, all_columns)
        rows[table.name] = [dict(zip(_headings(table, columns), row, strict=True)) for row in found]
        types[table.name] = {each.name: each.kind for each in columns}
    said = {"requests": seen.requests, "rows_there": seen.rows_there, "notes": seen.notes}
    return {"resource": seen.resource, "tables": rows, "types": types, **said}


def _written(value: Any) -> Any:
    """What JSON has no word for."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, int | Decimal):  # a whole number that comes here has more than 64 bits
        return str(value)
    raise TypeError(type(value).__name__)


def _text(value: Any) -> str:
    """A value as text. A list or object is written as JSON, a time as ISO 8601."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return str(value.isoformat()) if hasattr(value, "isoformat") else str(value)


def _write_csv(voice: Voice, table: PreviewTable, all_columns: bool) -> None:
    columns, rows = _shown(table, all_columns)
    writer = csv.writer(voice.out.file, lineterminator="\n")
    writer.writerow(_headings(table, columns))
    writer.writerows([_text(value) for value in row] for row in rows)


def _print(voice: Voice, seen: Preview, tables: Sequence[PreviewTable], all_columns: bool) -> None:
    roots = {table.name: len(table.rows) for table in seen.tables if table.parent is None}
    most = max(roots.values(), default=0)
    for table in tables:
        columns, rows = _shown(table, all_columns)
        shown = rows if table.parent is None else rows[: max(most, 1)]
        voice.out.print(Text(_title(seen, table, len(shown), len(rows)), style="bold"), soft_wrap=True)
        voice.out.print(Text(" · ".join(map(_type, columns)), style="dim"), soft_wrap=True)
        headings = _headings(table, columns)
        numbers = {each.name for each in columns if each.kind in _NUMBERS} | {LINK}
        if shown and headings:
            print_grid(Grid(headings, [[_cell(value) for value in row] for row in shown], numbers), voice.out)
        voice.out.print()
    for line in _last_lines(seen):
        voice.out.print(Text(line), soft_wrap=True)


def _last_lines(seen: Preview) -> list[str]:
    sent = "1 request" if seen.requests == 1 else f"{seen.requests} requests"
    return [*seen.notes, f"{sent} made, nothing written."]


def _title(seen: Preview, table: PreviewTable, shown: int, rows: int) -> str:
    there = seen.rows_there or 0 if table.parent is None else rows
    told = f"{shown:,} of {there:,} rows" if there > shown else "1 row" if shown == 1 else f"{shown:,} rows"
    if table.parent is None:
        return f"{table.name}: {told}"
    more = " (--format csv or json has all)" if there > shown else ""
    return f"{table.name}: {told}{more}, by {LINK} of {table.parent}"


def _type(column: PreviewColumn) -> str:
    said = [f"{column.name} {column.kind}", *([] if column.nullable else ["not null"])]
    return ", ".join([*said, *([column.key] if column.key else [])])


def _cell(value: Any) -> Cell:
    """A value on one line of a terminal: nothing in it may move the cursor or speak to the terminal."""
    if value is None:
        return Text("NULL", style="dim")
    text = _text(value)
    return Text("".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text))
