"""`homeroom plan`: what a sync would ask for, a line for each resource, and what that rests on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.text import Text

from homeroom.cli import progress
from homeroom.cli.console import Voice, error_json, errors_told, write_json
from homeroom.errors import HomeroomError
from homeroom.report.grid import Grid, print_grid

if TYPE_CHECKING:
    from homeroom.plan_run import Count, HostPlanned, PlanReport, Quota, ResourcePlanned, Spell

_HEADINGS = ("resource", "rows", "page", "requests", "time", "size")


def run_plan(
    voice: Voice,
    config: str,
    *,
    select: Sequence[str],
    exclude: Sequence[str],
    concurrency: int | None,
    rate: str | None,
    insecure_http: bool,
    as_json: bool,
) -> int:
    """Plan the config at that path; the exit code. Raises `typer.Exit` where it cannot be planned."""

    def on_error(error: HomeroomError, code: int) -> None:
        if as_json:
            write_json(voice, {"exit_code": code, **error_json(error)})

    with errors_told(voice, on_error):
        from homeroom.plan_run import plan

        with progress.shown(voice.err, quiet=voice.quiet, verbose=voice.verbose) as hook:
            report = plan(
                config,
                select=select,
                exclude=exclude,
                concurrency=concurrency,
                rate=rate,
                hooks=[hook],
                insecure_http=insecure_http,
            )
        if as_json:
            write_json(voice, _json(report))
        else:
            _print(voice, report)
        return report.exit_code


def _print(voice: Voice, report: PlanReport) -> None:
    rows = [_row(each) for each in report.resources]
    if len(rows) > 1 and len(report.unknown) < len(rows):
        label = f"in all but {len(report.unknown)}" if report.unknown else "in all"
        rows.append((label, str(report.rows), "", str(report.requests), str(report.time), _size(report.size)))
    print_grid(Grid(_HEADINGS, rows, _HEADINGS[1:], ("size", "page")), voice.out)
    for line in _lines(report):
        voice.out.print(Text(line), soft_wrap=True)


def _row(each: ResourcePlanned) -> tuple[str, ...]:
    if each.rows is None or each.page_rows is None:
        return each.resource, "unknown", "–", "unknown", "unknown", "–"
    page = f"{each.page_rows:,}" + (f" of {each.page_asked:,}" if each.page_asked else "")
    return each.resource, str(each.rows), page, str(each.requests), str(each.time), _size(each.size)


def _size(size: int | None) -> str:
    if size is None:
        return "unknown"
    if size >= 1e9:
        return f"{size / 1e9:,.1f} GB"
    return f"{size / 1e6:,.1f} MB" if size >= 1e6 else f"{size / 1e3:,.0f} kB"


def _lines(report: PlanReport) -> Iterator[str]:
    alike: dict[str, list[str]] = {}
    for each in report.resources:
        if told := each.reason or "; ".join(each.notes):
            alike.setdefault(told, []).append(each.resource)
    for told, names in alike.items():
        yield f"{_some(names)}: {told}"
    yield from report.notes
    for host in report.hosts:
        yield _rests_on(report, host)
        if host.quota is not None:
            yield _quota(host, host.quota)
    sent = "1 request" if report.requests_made == 1 else f"{report.requests_made} requests"
    number, unknown = len(report.resources), len(report.unknown)
    resources = "1 resource" if number == 1 else f"{number} resources"
    said = f"{unknown} of {resources} not known ({_some(report.unknown)})" if unknown else resources
    yield f"{report.name}: {said}; {sent} made, nothing written."


def _some(names: Sequence[str]) -> str:
    """The names, or the first of many."""
    return ", ".join(names) if len(names) <= 4 else f"{', '.join(names[:3])} and {len(names) - 3} more"


def _rests_on(report: PlanReport, host: HostPlanned) -> str:
    rate = ", as fast as it bears" if report.rate is None else f", {report.rate:g} a second at most"
    answer = f"{host.answer_s * 1000:,.0f} ms" if host.answer_s < 1 else f"{host.answer_s:.1f} s"
    return f"{host.host}: {answer} an answer, {report.concurrency} requests at a time{rate}"


def _quota(host: HostPlanned, quota: Quota) -> str:
    """How much of what the host allows would be used up."""
    from homeroom.plan_run.timing import told_time

    if quota.credit:
        each = "" if quota.cost is None else f", a request costs {quota.cost:g}"
        return f"{host.host}: {quota.remaining:,.0f} points of credit left{each}; 10 come back each second"
    until = "" if quota.reset_s is None else f" for the next {told_time(quota.reset_s)}"
    of = "" if quota.limit is None else f" of {quota.limit:,}"
    window = "" if quota.window_s is None else f" in {told_time(quota.window_s)}"
    return f"{host.host}: {host.requests} requests, and {quota.remaining:,.0f}{of}{window} are left{until}"


def _json(report: PlanReport) -> dict[str, Any]:
    return {
        "name": report.name,
        "exit_code": report.exit_code,
        "requests_made": report.requests_made,
        "concurrency": report.concurrency,
        "rate": report.rate,
        "rows": _count(report.rows),
        "requests": _count(report.requests),
        "time": _time(report.time),
        "bytes": report.size,
        "resources": [_resource(each) for each in report.resources],
        "hosts": [
            {
                "host": host.host,
                "requests": _count(host.requests),
                "time": _time(host.time),
                "answer_s": round(host.answer_s, 3),
                "quota": None if host.quota is None else asdict(host.quota),
            }
            for host in report.hosts
        ],
        "notes": report.notes,
    }


def _resource(each: ResourcePlanned) -> dict[str, Any]:
    return {
        "resource": each.resource,
        "rows": _count(each.rows),
        "requests": _count(each.requests),
        "time": _time(each.time),
        "page_rows": each.page_rows,
        "page_asked": each.page_asked,
        "bytes": each.size,
        "notes": each.notes,
        "reason": each.reason or None,
    }


def _count(count: Count | None) -> dict[str, int | None] | None:
    return None if count is None else {"low": count.low, "high": count.high, "likely": count.best}


def _time(time: Spell | None) -> dict[str, Any] | None:
    return None if time is None else {"seconds": round(time.seconds, 3), "at_least": time.is_least}
