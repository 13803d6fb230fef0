"""`homeroom runs` and `homeroom show`: what earlier runs did."""

from __future__ import annotations

from homeroom.cli.console import Voice, tell_more, write_json
from homeroom.errors import ConfigError, Problem
from homeroom.history import find_runs, list_names, list_runs
from homeroom.report import from_json, to_json
from homeroom.report.grid import Grid, print_grid
from homeroom.report.text import render
from homeroom.sync_run import home_folder
from homeroom.values import Report


def show_runs(voice: Voice, *, most: int, name: str | None, as_json: bool) -> None:
    """The last runs as a table, or as one JSON object."""
    reports = [from_json(text) for text in list_runs(home_folder(), most=most, name=name)]
    if as_json:
        write_json(voice, {"runs": [_without_lines(report) for report in reports]})
    elif not reports:
        names = list_names(home_folder())
        known = f"No run of {name}; there are runs of: {', '.join(names)}"
        voice.say(known if names else "No runs yet. Try: homeroom demo")
    else:
        print_grid(_grid(reports), voice.out)


def show_run(voice: Voice, prefix: str, *, as_json: bool) -> None:
    """One run's report. Raises `ConfigError` where no run or more than one begins with `prefix`."""
    found = [from_json(text) for text in find_runs(home_folder(), prefix)]
    if len(found) != 1:
        allowed = ", ".join(report.run_id for report in found[:5]) or "a run's id, its beginning, or last"
        message = "several runs begin with this" if found else "there is no such run"
        hint = "give more of its id" if found else "homeroom runs lists them"
        raise ConfigError([Problem("RUN", message, repr(prefix), allowed, hint, code="unknown-name")])
    if as_json:
        write_json(voice, to_json(found[0]))
    else:
        render(found[0], voice.out, whole=True)
        tell_more(voice, (line.code for line in found[0].resources.values()), found[0].by_hand.values())


def _grid(reports: list[Report]) -> Grid:
    rows = []
    for report in reports:
        started, finished = report.started_at, report.finished_at
        rows.append(
            (
                report.run_id,
                report.name,
                f"{started:%Y-%m-%d %H:%M:%S}Z" if started else "–",
                str(report.status),
                f"{(finished - started).total_seconds():.1f}" if started and finished else "–",
                str(len(report.resources)),
                f"{sum(line.rows_received for line in report.resources.values()):,}",
            )
        )
    numbers = ("seconds", "resources", "rows")
    return Grid(
        ("run", "config", "started", "status", *numbers), rows, numbers, spare=("resources", "seconds", "started")
    )


def _without_lines(report: Report) -> dict[str, object]:
    return {key: value for key, value in to_json(report).items() if key != "resources"}
