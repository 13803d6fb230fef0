"""From measurements to medians, ratios, targets, and the tables that show them."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kinds import OURS, Outcome

AGAIN = ", again"
"""Ends the name of a workload whose rows are all there already."""
EMPTY_COLD, EMPTY_WARM, HELP = "empty, whole process", "empty, the call alone", "help"

Cells = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Measurement:
    """One run. `workload` is a workload's name, that with `AGAIN`, or one of the further lines."""

    workload: str
    kind: str
    round: int
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Median:
    """The median run of so many: each figure by itself. `low` and `high` are the fastest and the slowest, seconds."""

    runs: int
    rows: int
    seconds: float
    low: float
    high: float
    cpu_s: float
    peak_mb: float
    stages: Mapping[str, float]
    objects: int
    """Pages that did not go as columns."""

    def timed(self) -> str:
        """The seconds as printed."""
        return f"{self.seconds:.2f}" + (f" ({self.low:.2f}–{self.high:.2f})" if self.runs > 1 else " (1 run)")


Figures = Mapping[tuple[str, str], Median]


@dataclass(frozen=True, slots=True)
class Target:
    """What issue 5 asks for. `least`: the figure must be at least the limit, else at most.

    `any_size`: it holds for workloads of any scale, else only of full size.
    """

    what: str
    figure: float
    limit: float
    unit: str
    least: bool = False
    more: str = ""
    any_size: bool = False

    @property
    def met(self) -> bool:
        """Whether it is."""
        return self.figure >= self.limit if self.least else self.figure <= self.limit

    def cells(self, scale: float) -> Cells:
        """As printed after a run at this scale."""
        wanted = f"at {'least' if self.least else 'most'} {self.limit:g} {self.unit}"
        judged = ("met" if self.met else "MISSED") if self.any_size or scale == 1 else ""
        measured = f"{self.figure:.2f} {self.unit}" + (f" ({self.more})" if self.more else "")
        return (self.what, measured, wanted, judged)


def medians(measurements: Sequence[Measurement]) -> dict[tuple[str, str], Median]:
    """For each workload and kind; workloads and kinds in the order in which they were first measured."""
    found: dict[str, dict[str, list[Outcome]]] = {}
    for each in measurements:
        found.setdefault(each.workload, {}).setdefault(each.kind, []).append(each.outcome)
    return {(name, kind): _median(outcomes) for name, kinds in found.items() for kind, outcomes in kinds.items()}


def _median(outcomes: Sequence[Outcome]) -> Median:
    def middle(of: Callable[[Outcome], float]) -> float:
        return statistics.median(map(of, outcomes))

    seconds = [each.seconds for each in outcomes]
    return Median(
        runs=len(outcomes),
        rows=outcomes[0].tables.get("rows", 0),
        seconds=statistics.median(seconds),
        low=min(seconds),
        high=max(seconds),
        cpu_s=middle(lambda each: each.cpu_s),
        peak_mb=middle(lambda each: each.peak_mb),
        stages={name: middle(lambda each, name=name: each.stages[name]) for name in outcomes[0].stages},  # type: ignore[misc]
        objects=max(each.pages.get("objects", 0) for each in outcomes),
    )


def run_table(figures: Figures) -> str:
    """A line for each workload and kind."""
    lines = []
    shown = ""
    for (workload, kind), each in figures.items():
        if not each.rows:
            continue
        stages = ", ".join(f"{name} {seconds:.2f}" for name, seconds in each.stages.items())
        objects = f"; {each.objects:,} pages as objects" if each.objects else ""
        speed, cpu = f"{each.rows / each.seconds:,.0f}", f"{each.cpu_s:.2f}"
        name = "" if workload == shown else workload
        lines.append((name, kind, each.timed(), speed, cpu, f"{each.peak_mb:,.0f}", stages + objects))
        shown = workload
    return table(("workload", "kind", "seconds", "rows/s", "CPU s", "peak MB", "stages, seconds"), lines)


def ratio_table(figures: Figures) -> str:
    """How much longer dlt takes than we, and we than the floor."""
    workloads = list(dict.fromkeys(workload for (workload, _), each in figures.items() if each.rows))
    every = [pair for kind in OURS for pair in (("dlt", kind), ("parquet", kind), (kind, "floor"))]
    pairs = [pair for pair in every if any(_times(figures, workload, *pair) for workload in workloads)]
    if not pairs:
        return ""
    lines = [(workload, *(_times(figures, workload, *pair) for pair in pairs)) for workload in workloads]
    return table(("workload", *(f"{one} to {other}" for one, other in pairs)), lines)


def _times(figures: Figures, workload: str, one: str, other: str) -> str:
    ratio = _ratio(figures, (workload, one), (workload, other))
    return "" if ratio is None else f"{ratio:.2f} x" if ratio < 10 else f"{ratio:.1f} x"


def _ratio(figures: Figures, one: tuple[str, str], other: tuple[str, str]) -> float | None:
    return figures[one].seconds / figures[other].seconds if one in figures and other in figures else None


def targets(figures: Figures) -> list[Target]:
    """Those of which both sides were measured."""
    return [*_speed_targets(figures), *_memory_targets(figures), *_small_targets(figures)]


def _speed_targets(figures: Figures) -> Iterator[Target]:
    for kind in OURS:
        for one, other, limit, least in (
            ("parquet", kind, 8.0, True),
            (kind, "floor", 1.6, False),
            ("dlt", kind, 35.0, True),
        ):
            ratio = _ratio(figures, ("main", one), ("main", other))
            if ratio is not None:
                yield Target(f"main: {one} to {other}", ratio, limit, "x", least)


def _memory_targets(figures: Figures) -> Iterator[Target]:
    for kind in OURS:
        large, usual = figures.get(("million", kind)), figures.get(("main", kind))
        if large and usual:
            more = f"{large.peak_mb:,.0f} MB to {usual.peak_mb:,.0f}"
            yield Target(f"{kind}: peak memory, million to main", large.peak_mb / usual.peak_mb, 1.2, "x", more=more)


def _small_targets(figures: Figures) -> Iterator[Target]:
    for workload in (EMPTY_COLD, EMPTY_WARM):
        sync, bare = figures.get((workload, "sync")), figures.get((workload, "dlt"))
        if sync and bare:
            more = f"{sync.seconds:.2f} s to {bare.seconds:.2f}"
            what = f"{workload}: sync to a bare dlt run"
            yield Target(what, sync.seconds / bare.seconds, 1.3, "x", more=more, any_size=True)
    if shown := figures.get((HELP, "homeroom")):
        more = f"{shown.low:.2f}–{shown.high:.2f}"
        yield Target("`homeroom --help`", shown.seconds, 0.4, "s", more=more, any_size=True)


def target_table(found: Sequence[Target], scale: float) -> str:
    """A line for each target; what only holds at full size is not judged at another scale."""
    return table(("target", "measured", "wanted", ""), [each.cells(scale) for each in found])


def table(head: Cells, lines: Sequence[Cells]) -> str:
    """Markdown, its columns aligned; empty without lines."""
    if not lines:
        return ""
    rows = [head, *lines]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    texts = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    return "\n".join([texts[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *texts[1:]])
