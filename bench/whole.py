"""The whole job, from a call to the tables in DuckDB: ours, dlt, and the floor, with every target of the issue.

    make bench                                      all of it, about half an hour
    python bench/whole.py --only main,million       some workloads, or the further lines `help` and `empty`
    python bench/whole.py --scale 0.02 --rounds 1   a short try: the workloads' targets are not judged

Every run is a process of its own (`kinds.py`), the pages come from another one (`workloads.py`), from memory, over
loopback. Rounds go over all kinds of a workload; `dlt` as it comes is run once. After each run the rows of every
table are counted: a wrong count, or a status other than complete, fails the bench.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import plot
from figures import (
    AGAIN,
    EMPTY_COLD,
    EMPTY_WARM,
    HELP,
    Measurement,
    medians,
    ratio_table,
    run_table,
    target_table,
    targets,
)
from kinds import KINDS, WORDS, Outcome, Task
from workloads import WORKLOADS, Workload

HERE = Path(__file__).parent
PARTS = (*WORKLOADS, "empty", "help")
ONCE = frozenset(("dlt",))
"""Kinds that take minutes: one round, and no second run."""

_SHORT_RUNS = 5
_LONGEST_RUN_S = 1800


class RunError(Exception):
    """A run that failed, or whose tables are wrong."""


@dataclass(frozen=True, slots=True)
class Server:
    """A started server; `tables` are the rows that each table must have after a run."""

    url: str
    tables: dict[str, int]


@dataclass(slots=True)
class Bench:
    """How to measure, and what was found so far."""

    rounds: int
    scale: float
    kinds: Sequence[str]
    found: list[Measurement] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def whole_job(self, workload: Workload) -> None:
        """All kinds of a workload. A kind that failed is not run again."""
        kinds = [kind for kind in self.kinds if workload.kinds is None or kind in workload.kinds]
        with serving(workload, self.scale) as server:
            for number in range(self.rounds):
                for kind in kinds:
                    if number == 0 or not (kind in ONCE or self._failed(workload, kind)):
                        self._one(workload, kind, number, server)

    def _failed(self, workload: Workload, kind: str) -> bool:
        return any(failure.startswith(f"{workload.name} {kind}:") for failure in self.failures)

    def _one(self, workload: Workload, kind: str, number: int, server: Server) -> None:
        names = [workload.name, *([workload.name + AGAIN] if workload.again and kind not in ONCE else [])]
        with tempfile.TemporaryDirectory() as folder:
            pages = workload.pages(self.scale)
            task = Task(kind, server.url, folder, pages, workload.page_rows, memory_limit=workload.memory_limit)
            try:
                for name in names:
                    outcome = run(task)
                    check(outcome, server.tables)
                    self.note(Measurement(name, kind, number, outcome))
            except RunError as error:
                self.failures.append(f"{workload.name} {kind}: {error}")
                print(self.failures[-1], file=sys.stderr, flush=True)

    def empty_resource(self) -> None:
        """A sync of an empty resource, and a bare dlt run of the same: the whole process, and the call alone."""
        workload = WORKLOADS["small"]
        with serving(workload, 0.0) as server:
            for number in range(_SHORT_RUNS):
                for name, kind in ((name, kind) for name in (EMPTY_COLD, EMPTY_WARM) for kind in ("sync", "dlt")):
                    with tempfile.TemporaryDirectory() as folder:
                        task = Task(kind, server.url, folder, 0, workload.page_rows, "empty", warm=name == EMPTY_WARM)
                        began = time.perf_counter()
                        outcome = run(task)
                        took_s = time.perf_counter() - began
                    if name == EMPTY_COLD:
                        outcome = replace(outcome, seconds=took_s)
                    self.note(Measurement(name, kind, number, outcome))

    def help_text(self) -> None:
        """`homeroom --help`, the whole process; the first one, which may compile modules, is not counted."""
        command = [str(Path(sys.executable).parent / "homeroom"), "--help"]
        for number in range(-1, _SHORT_RUNS):
            began = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            took_s = time.perf_counter() - began
            if number >= 0:
                self.note(Measurement(HELP, "homeroom", number, Outcome(took_s, 0.0, 0.0, {}, {})))

    def note(self, measurement: Measurement) -> None:
        """Keep it, and show that something moves."""
        self.found.append(measurement)
        outcome = measurement.outcome
        stages = " ".join(f"{name} {seconds:.2f}" for name, seconds in outcome.stages.items())
        what = f"{measurement.workload} {measurement.kind} {measurement.round + 1}"
        more = f"{outcome.peak_mb:.0f} MB  {stages}  {outcome.pages or ''} {outcome.note}"
        print(f"  {what:24} {outcome.seconds:7.2f} s  {more}".rstrip(), file=sys.stderr, flush=True)


def run(task: Task) -> Outcome:
    """One job in a process of its own. Raises RunError with what it said last."""
    command = [sys.executable, str(HERE / "kinds.py"), json.dumps(asdict(task))]
    try:
        done = subprocess.run(command, capture_output=True, text=True, cwd=task.folder, timeout=_LONGEST_RUN_S)
    except subprocess.TimeoutExpired:
        raise RunError(f"not done after {_LONGEST_RUN_S} s") from None
    if done.returncode:
        raise RunError(f"exit {done.returncode}: {done.stderr.strip()[-1000:]}")
    return Outcome(**json.loads(done.stdout.splitlines()[-1]))


def check(outcome: Outcome, tables: dict[str, int]) -> None:
    """Raises RunError unless every table holds its rows, no other table is there, and the read was proved."""
    if outcome.tables != tables:
        raise RunError(f"the tables hold {outcome.tables}, they must hold {tables}")
    if outcome.status not in ("", "complete"):
        raise RunError(f"status {outcome.status}, not complete: {outcome.note}")


@contextmanager
def serving(workload: Workload, scale: float) -> Iterator[Server]:
    """A server of its own process, while it is needed."""
    command = [sys.executable, str(HERE / "workloads.py"), workload.name, str(scale)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdin is not None
        try:
            told = json.loads(process.stdout.readline())
            yield Server(f"http://127.0.0.1:{told['port']}", told["tables"])
        finally:
            process.stdin.close()


def machine() -> dict[str, Any]:
    """Where it was measured, and with which versions."""
    names = ("homeroom", "dlt", "pyarrow", "duckdb", "aiohttp")
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, cwd=HERE)
    return {
        "cpu": _cpu_name(),
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in names},
        "commit": commit.stdout.strip(),
    }


def _cpu_name() -> str:
    file = Path("/proc/cpuinfo")
    lines = file.read_text().splitlines() if file.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def footer(bench: Bench, about: dict[str, Any], loads: Sequence[Sequence[float]]) -> str:
    """What the tables do not say of themselves."""
    once = " (`dlt` one run)" if ONCE & set(bench.kinds) else ""
    scale = (
        "" if bench.scale == 1 else f" SCALE {bench.scale:g}: the workloads' targets are not judged, ratios say little."
    )
    versions = ", ".join(f"{name} {number}" for name, number in about["versions"].items())
    load = " and ".join(" ".join(f"{value:.1f}" for value in each) for each in loads)
    kinds = "; ".join(f"`{kind}` {WORDS[kind]}" for kind in bench.kinds)
    return (
        f"Median of {bench.rounds}{once}, fastest and slowest in brackets.{scale} {kinds}.\n"
        f"{about['cores']} cores ({about['cpu']}), {about['memory_gb']} GB; Python {about['python']}, {versions}; "
        f"commit {about['commit']}; load average before and after: {load}."
    )


def document(bench: Bench, about: dict[str, Any], loads: Sequence[Sequence[float]]) -> dict[str, Any]:
    """All of it as JSON: every single measurement, the medians, the targets."""
    figures = medians(bench.found)
    return {
        "machine": about,
        "load_average": {"before": loads[0], "after": loads[1]},
        "rounds": bench.rounds,
        "scale": bench.scale,
        "workloads": {name: _described(each, bench.scale) for name, each in WORKLOADS.items()},
        "medians": [{"workload": name, "kind": kind, **asdict(each)} for (name, kind), each in figures.items()],
        "targets": [{**asdict(each), "met": each.met} for each in targets(figures)],
        "measurements": [asdict(each) for each in bench.found],
        "failures": bench.failures,
    }


def _described(workload: Workload, scale: float) -> dict[str, Any]:
    return {
        "words": workload.words,
        "rows": workload.pages(scale) * workload.page_rows,
        "page_rows": workload.page_rows,
        "duckdb_memory_limit": workload.memory_limit,
    }


def measured(bench: Bench, parts: Sequence[str]) -> None:
    """All parts, the short lines first."""
    if "help" in parts:
        bench.help_text()
    if "empty" in parts:
        bench.empty_resource()
    for name in parts:
        if name in WORKLOADS:
            bench.whole_job(WORKLOADS[name])


def main() -> int:
    """Measure what is asked for, print the tables; 1 if a run failed."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # with it our modules are compiled in every run, unlike a user's
    asked = _arguments()
    about, before = machine(), os.getloadavg()
    bench = Bench(asked.rounds, asked.scale, asked.kinds)
    try:
        measured(bench, asked.only)
    except KeyboardInterrupt:
        bench.failures.append("interrupted")
    loads = (before, os.getloadavg())
    figures = medians(bench.found)
    tables = (run_table(figures), ratio_table(figures), target_table(targets(figures), asked.scale))
    print("\n\n".join(filter(None, (*tables, footer(bench, about, loads)))))
    whole = document(bench, about, loads)
    if asked.json:
        asked.json.write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
    if asked.plot:
        plot.draw(whole, asked.plot)
    for failure in bench.failures:
        print(f"FAILED {failure}", file=sys.stderr)
    return 1 if bench.failures else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", type=_names, default=PARTS, help=f"some of {', '.join(PARTS)} (default: all)")
    parser.add_argument("--kinds", type=_names, default=tuple(KINDS), help=f"some of {', '.join(KINDS)} (default: all)")
    parser.add_argument("--rounds", type=int, default=3, help="median of so many (default: 3)")
    parser.add_argument("--scale", type=float, default=1.0, help="rows, as a part of the full size (default: 1)")
    parser.add_argument("--json", type=Path, help="write every measurement into this file")
    parser.add_argument("--plot", type=Path, help="draw the medians into this SVG file; needs matplotlib")
    asked = parser.parse_args()
    for flag, names, known in (("--only", asked.only, PARTS), ("--kinds", asked.kinds, tuple(KINDS))):
        if unknown := [name for name in names if name not in known]:
            parser.error(f"{flag} {','.join(unknown)}: there are {', '.join(known)}")
    if asked.plot and find_spec("matplotlib") is None:
        parser.error("--plot needs matplotlib: pip install 'homeroom[bench]'")
    for file in filter(None, (asked.json, asked.plot)):
        if not file.resolve().parent.is_dir():
            parser.error(f"{file}: there is no such folder")
    return asked


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(","))


if __name__ == "__main__":
    sys.exit(main())
