"""`homeroom check`: what was found, a line for each aspect of each resource."""

from __future__ import annotations

from dataclasses import asdict
from itertools import groupby
from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from homeroom.cli import progress
from homeroom.cli.console import Voice, error_json, errors_told, tell_more, write_json
from homeroom.errors import HomeroomError
from homeroom.report.grid import Grid, print_grid
from homeroom.report.plain import model_json
from homeroom.report.text import model_lines

if TYPE_CHECKING:
    from homeroom.check_run import CheckReport, Finding

_COLOURS = {"ok": "green", "not tested": "dim", "warning": "yellow", "failed": "bold red"}


def run_check(voice: Voice, config: str, *, insecure_http: bool, as_json: bool) -> int:
    """Check the config at that path; the exit code. Raises `typer.Exit` where it cannot be checked."""

    def on_error(error: HomeroomError, code: int) -> None:
        if as_json:
            write_json(voice, {"passes": False, "exit_code": code, **error_json(error)})

    with errors_told(voice, on_error):
        from homeroom.check_run import check

        with progress.shown(voice.err, quiet=voice.quiet, verbose=voice.verbose) as hook:
            report = check(config, hooks=[hook], insecure_http=insecure_http)
        if as_json:
            write_json(voice, _json(report))
        else:
            _print(voice, report)
            tell_more(voice, (each.code for each in report.findings))
        return report.exit_code


def run_model_check(voice: Voice, config: str, *, as_json: bool) -> int:
    """Check what the dataset `edu` holds; the exit code. Raises `typer.Exit` where it cannot be asked."""

    def on_error(error: HomeroomError, code: int) -> None:
        if as_json:
            write_json(voice, {"passes": False, "exit_code": code, **error_json(error)})

    with errors_told(voice, on_error):
        from homeroom.check_run import check_model

        report = check_model(config)
        code = 3 if any(each.severity == "error" for each in report.broken) else 0
        if as_json:
            write_json(voice, {"passes": code == 0, "exit_code": code, **model_json(report)})
            return code
        broken = [(e.entity, e.column or "–", e.kind, e.severity, f"{e.violations:,}") for e in report.broken]
        if broken:
            print_grid(
                Grid(("entity", "column", "check", "severity", "violations"), broken, ("violations",)), voice.out
            )
        for line in model_lines(report):
            voice.out.print(Text(line), soft_wrap=True)
        return code


def _json(report: CheckReport) -> dict[str, object]:
    said = {"name": report.name, "passes": report.passes, "exit_code": report.exit_code, "requests": report.requests}
    return {**said, "findings": [asdict(each) for each in report.findings]}


def _print(voice: Voice, report: CheckReport) -> None:
    if voice.out.is_interactive:
        _print_blocks(voice, report)
    else:
        rows = [(each.resource, str(each.aspect), str(each.verdict), each.text) for each in report.findings]
        print_grid(Grid(("resource", "check", "verdict", "what was found"), rows), voice.out)
    voice.out.print(Text(_summary(report)), soft_wrap=True)


def _print_blocks(voice: Voice, report: CheckReport) -> None:
    """A heading for each resource and its lines below, as wide as the terminal; nothing is cut."""
    for name in report.resources:
        lines = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
        for _ in range(2):
            lines.add_column(no_wrap=True)
        lines.add_column(overflow="fold")
        for (verdict, text), alike in groupby(
            (each for each in report.findings if each.resource == name), key=lambda each: (each.verdict, each.text)
        ):
            lines.add_row(_aspects(list(alike)), Text(str(verdict), style=_COLOURS[verdict]), Text(text))
        voice.out.print(Text(name, style="bold"), soft_wrap=True)
        voice.out.print(Padding(lines, (0, 0, 0, 2)))


def _aspects(alike: list[Finding]) -> str:
    """The name of an aspect; of several that say the same the first and the last."""
    first, last = str(alike[0].aspect), str(alike[-1].aspect)
    return first if first == last else f"{first} … {last}"


def _summary(report: CheckReport) -> str:
    number, failed = len(report.resources), len(report.failed)
    resources = "1 resource" if number == 1 else f"{number} resources"
    warnings = sum(str(each.verdict) == "warning" for each in report.findings)
    said = f"{failed} of {resources} failed ({', '.join(report.failed)})" if failed else f"{resources}, nothing failed"
    warned = f", {warnings} {'warning' if warnings == 1 else 'warnings'}" if warnings else ""
    sent = "1 request" if report.requests == 1 else f"{report.requests} requests"
    return f"{report.name}: {said}{warned}; {sent} made, nothing written."
