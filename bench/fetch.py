"""Reading alone, against dlt and against the ideal: one table, each row with its target and whether it is met.

    make bench                              all of it, 11 minutes
    python bench/fetch.py --only a,b        some parts: a pages, b children, c quotas, d CPU, e a clamp
    python bench/fetch.py --quick           one round, shorter: 2 minutes, and only roughly right

A lean server (`lean_server.py`) in a process of its own, a new one for each measurement; so is each reading
(`one_read.py`). The median of `--rounds`. What only waits (dlt's long reads, the quotas) is measured some at a time.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from lean_server import Spec
from one_read import IN_FLIGHT

HERE = Path(__file__).parent
HEAD = ("", "what", "ours", "dlt", "ideal", "ours to ideal", "dlt to ours", "target", "")


@dataclass(frozen=True, slots=True)
class Run:
    """One thing to measure. `waits`: it uses so little CPU that others may run beside it."""

    which: str
    case: str
    pages: int
    spec: Spec
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one reading took, and what the server counted under its quota."""

    seconds: float
    cpu_s: float
    rows: int
    accepted: int
    refused: int


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table; `figures` are ours, dlt's and the ideal."""

    part: str
    what: str
    figures: tuple[str, str, str]
    to_ideal: str
    to_ours: str
    target: str
    met: bool | None

    def cells(self) -> tuple[str, ...]:
        """As printed. None: there is no target."""
        words = {True: "met", False: "MISSED", None: ""}[self.met]
        return (self.part, self.what, *self.figures, self.to_ideal, self.to_ours, self.target, words)


@dataclass(frozen=True, slots=True)
class Bench:
    """How to measure: `quick` shortens what is read."""

    rounds: int
    quick: bool
    at_a_time: int
    quota_latency_s: float

    def measure(self, *runs: Run) -> list[Outcome]:
        """The median outcome of each run, in their order; the rounds of all are interleaved."""
        found: dict[int, list[Outcome]] = {number: [] for number in range(len(runs))}
        for _ in range(self.rounds):
            for number, run in enumerate(runs):
                if not run.waits:
                    found[number].append(measure(run))
        waiting = [number for _ in range(self.rounds) for number, run in enumerate(runs) if run.waits]
        with ThreadPoolExecutor(self.at_a_time) as pool:
            for number, outcome in zip(waiting, pool.map(lambda n: measure(runs[n]), waiting), strict=True):
                found[number].append(outcome)
        return [_median(outcomes) for outcomes in found.values()]


def measure(run: Run) -> Outcome:
    """One reading from a new server, both in processes of their own."""
    with _server(run.spec) as url, tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, str(HERE / "one_read.py"), run.which, run.case, url, str(run.pages)]
        environment = {**os.environ, "RUNTIME__DLTHUB_TELEMETRY": "false", "HOMEROOM_HOME": folder}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=folder)
        if done.returncode:
            raise SystemExit(f"{' '.join(command)}\n{done.stderr[-3000:]}")
        read = json.loads(done.stdout.splitlines()[-1])
        with urllib.request.urlopen(f"{url}/stats") as response:
            stats = json.load(response)
    outcome = Outcome(read["seconds"], read["cpu_s"], read["rows"], stats["accepted"], stats["refused"])
    print(f"  {run.which} {run.case} {_spec_words(run)}: {outcome}", file=sys.stderr, flush=True)
    return outcome


@contextmanager
def _server(spec: Spec) -> Iterator[str]:
    command = [sys.executable, str(HERE / "lean_server.py"), json.dumps(asdict(spec))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdin is not None
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.stdin.close()


def _median(outcomes: Sequence[Outcome]) -> Outcome:
    columns = [[asdict(each)[name] for each in outcomes] for name in asdict(outcomes[0])]
    seconds, cpu_s, rows, accepted, refused = (statistics.median(column) for column in columns)
    return Outcome(seconds, cpu_s, int(rows), int(accepted), int(refused))


def _spec_words(run: Run) -> str:
    changed = {name: value for name, value in asdict(run.spec).items() if value != asdict(Spec())[name]}
    return f"{run.pages} pages {json.dumps(changed)}"


# a: pages of one resource


def pages_in_flight(bench: Bench) -> list[Line]:
    """400 offset pages at 100 ms, the last one short of a row, with a total and without."""
    pages, latency_s = 400, 0.1
    part = 0.1 if bench.quick else 1.0
    lines = []
    for case, words, most in (("total", "with a total", 1.2), ("no_total", "without a total", 1.4)):
        spec = Spec(rows=pages * 20 - 1, total=case == "total", latency_s=latency_s)
        shorter = Spec(rows=int(part * pages) * 20 - 1, total=spec.total, latency_s=latency_s)
        ours, bare, dlt = bench.measure(
            Run("homeroom", case, pages, spec),
            Run("bare", case, pages, spec),
            Run("dlt", case, int(part * pages), shorter, waits=True),
        )
        seconds = Seconds(ours.seconds, dlt.seconds / part, pages * latency_s / IN_FLIGHT, bare.seconds)
        what = f"{pages} pages at 100 ms, {words}"
        lines.append(_timed("a", what, seconds, (most, 12.0), whole=ours.rows == spec.rows))
    return lines


@dataclass(frozen=True, slots=True)
class Seconds:
    """How long each side took. `bare`: an aiohttp loop over the same URLs, which shows what the machine adds."""

    ours: float
    dlt: float
    ideal: float
    bare: float


def _timed(part: str, what: str, seconds: Seconds, targets: tuple[float | None, float], *, whole: bool) -> Line:
    most, least = targets
    factor, times = seconds.ours / seconds.ideal, seconds.dlt / seconds.ours
    target = (f"at most {most} of the ideal, " if most else "") + f"{least:.0f} x dlt"
    figures = (f"{seconds.ours:.2f} s", f"{seconds.dlt:.2f} s", f"{seconds.ideal:.2f} s (bare {seconds.bare:.2f})")
    met = whole and times >= least and (most is None or factor <= most)
    return Line(part, what, figures, f"{factor:.2f}", f"{times:.1f} x", target, met)


# b: children


def children(bench: Bench) -> list[Line]:
    """1,000 parents in 10 pages, a page for each child, all at 50 ms."""
    parents, latency_s = 1000, 0.05
    part = 0.1 if bench.quick else 1.0
    spec = Spec(rows=parents, page=100, total=True, latency_s=latency_s)
    pages = parents // 100 + parents
    plain = Run("dlt", "fan_out", pages, Spec(int(parents * part), 100, True, latency_s), waits=True)
    ours, bare, dlt, parallel = bench.measure(
        Run("homeroom", "fan_out", pages, spec),
        Run("bare", "fan_out", pages, spec),
        plain,
        Run("dlt_parallel", "fan_out", pages, spec),
    )
    ideal_s = latency_s * math.ceil(pages / IN_FLIGHT)
    whole = ours.rows == 2 * parents
    return [
        _timed("b", what, Seconds(ours.seconds, dlt_s, ideal_s, bare.seconds), (None, times), whole=whole)
        for what, dlt_s, times in (
            ("1,000 parents, one child page each, at 50 ms", dlt.seconds / part, 12.0),
            ("the same, dlt `parallelized`", parallel.seconds, 3.0),
        )
    ]


# c: quotas


@dataclass(frozen=True, slots=True)
class Quota:
    """A quota to read under, how many requests we make, and dlt (None: not measured)."""

    words: str
    spec: Spec
    requests: int
    dlt_requests: int | None

    def ideal_s(self, requests: int, latency_s: float) -> float:
        """The quota's own arithmetic: seconds in which so many can be accepted."""
        wire_s = latency_s / IN_FLIGHT
        if self.spec.quota == "bucket":
            return max((requests - self.spec.capacity) / self.spec.rate, requests * wire_s)
        windows, rest = divmod(requests, self.spec.capacity)
        return windows * self.spec.window_s + rest * wire_s


def quotas(bench: Bench) -> list[Line]:
    """50 requests a second, refused with 429 and Retry-After in whole seconds."""
    requests, fewer = (600, 150) if bench.quick else (3000, 600)
    window_s = 10.0 if bench.quick else 60.0
    capacity = int(50 * window_s)
    latency_s = bench.quota_latency_s
    cases = [
        Quota("bucket of 50", Spec(quota="bucket", capacity=50), requests, fewer),
        Quota("bucket of 10", Spec(quota="bucket", capacity=10), requests, fewer),
        Quota(
            f"window of {window_s:.0f} s, {capacity:,} in each",
            Spec(quota="window", capacity=capacity, window_s=window_s),
            capacity * 13 // 6,
            None,
        ),
    ]
    runs = [_under(quota, "homeroom", quota.requests, latency_s) for quota in cases]
    runs += [_under(quota, "dlt", quota.dlt_requests, latency_s) for quota in cases if quota.dlt_requests]
    outcomes = dict(zip(runs, bench.measure(*runs), strict=True))
    return [_quota_line(quota, outcomes, latency_s) for quota in cases]


def _under(quota: Quota, which: str, requests: int, latency_s: float) -> Run:
    served = {**asdict(quota.spec), "rows": requests * 20 - 1, "total": True, "latency_s": latency_s}
    return Run(which, "total", requests, Spec(**served), waits=True)


def _quota_line(quota: Quota, outcomes: dict[Run, Outcome], latency_s: float) -> Line:
    ours = outcomes[_under(quota, "homeroom", quota.requests, latency_s)]
    ideal_s = quota.ideal_s(quota.requests, latency_s)
    share, refused = ideal_s / ours.seconds, ours.refused / (ours.accepted + ours.refused)
    dlt = "–"
    if quota.dlt_requests:
        theirs = outcomes[_under(quota, "dlt", quota.dlt_requests, latency_s)]
        dlt_share = quota.ideal_s(quota.dlt_requests, latency_s) / theirs.seconds
        dlt_refused = theirs.refused / (theirs.accepted + theirs.refused)
        dlt = f"{dlt_share:.1%}, 429 {dlt_refused:.1%} ({quota.dlt_requests} requests, {theirs.seconds:.0f} s)"
    met = share >= 0.95 and refused < 0.01 and ours.rows == quota.requests * 20 - 1
    return Line(
        "c",
        f"50/s, {quota.words}: {quota.requests:,} requests",
        (f"{ours.seconds:.1f} s, 429 {refused:.2%}", dlt, f"{ideal_s:.1f} s"),
        f"{share:.1%} of the rate",
        "",
        "95 % of the rate, under 1 % 429",
        met,
    )


# d: CPU


def cpu(bench: Bench) -> list[Line]:
    """Pages on loopback without latency: CPU ms a page, over the bare aiohttp loop."""
    pages = 400 if bench.quick else 2000
    small = Spec(rows=pages * 20 - 1, total=True)
    return [
        *_cpu_lines(bench, "total", "2 kB pages, 16 in flight", small, pages),
        *_cpu_lines(bench, "chain", "2 kB pages, one chain of next links", small, pages),
        *_cpu_lines(
            bench, "wide", "60 kB pages, 16 in flight", Spec(pages * 100 - 1, 100, total=True, wide=True), pages
        ),
    ]


def _cpu_lines(bench: Bench, case: str, words: str, spec: Spec, pages: int) -> list[Line]:
    sides = ("homeroom", "bare", "bare_decode", "dlt")
    outcomes = bench.measure(*(Run(which, case, pages, spec) for which in sides))
    ours, bare, decoded, dlt = (1000.0 * outcome.cpu_s / pages for outcome in outcomes)
    whole = outcomes[0].rows == spec.rows

    def line(what: str, ideal: float, met: bool | None) -> Line:
        figures = (f"{ours:.2f} ms", f"{dlt:.2f} ms", f"{ideal:.2f} ms")
        target = "" if met is None else "at most +0.35 ms"
        return Line("d", what, figures, f"+{ours - ideal:.2f} ms", f"{dlt / ours:.1f} x", target, met)

    return [
        line(f"CPU a page, {words}", bare, whole and ours - bare <= 0.35),
        line("… the ideal decodes too (msgspec)", decoded, None),
    ]


# e: a clamp


def clamp(bench: Bench) -> list[Line]:
    """limit=1000, and the server gives 500 without a word."""
    spec = Spec(rows=7680, clamp=500)
    ours, dlt = bench.measure(Run("homeroom", "clamp", 16, spec), Run("dlt", "clamp", 16, spec))
    counts = (f"{ours.rows:,} rows", f"{dlt.rows:,} rows", f"{spec.rows:,} rows")
    met = ours.rows == spec.rows
    return [Line("e", "limit=1000, answered by 500", counts, f"{ours.rows / spec.rows:.0%}", "", "every row", met)]


PARTS: dict[str, Callable[[Bench], list[Line]]] = {
    "a": pages_in_flight,
    "b": children,
    "c": quotas,
    "d": cpu,
    "e": clamp,
}


def table(lines: Sequence[Line]) -> str:
    """Markdown, its columns aligned."""
    rows = [HEAD, *(line.cells() for line in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    texts = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    return "\n".join([texts[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *texts[1:]])


def main() -> None:
    """Measure the parts asked for, then print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(PARTS), help="parts, with commas between (default: all)")
    parser.add_argument("--rounds", type=int, default=None, help="median of so many (default: 3, with --quick 1)")
    parser.add_argument("--quick", action="store_true", help="shorter reads, dlt's scaled up from a tenth")
    parser.add_argument(
        "--at-a-time", type=int, default=3, help="readings side by side of those that wait (default: 3)"
    )
    parser.add_argument("--quota-latency-s", type=float, default=0.01, help="latency of part c (default: 0.01)")
    asked = parser.parse_args()
    rounds = asked.rounds or (1 if asked.quick else 3)
    bench = Bench(rounds, asked.quick, asked.at_a_time, asked.quota_latency_s)
    parts = [part.strip() for part in asked.only.split(",")]
    if unknown := [part for part in parts if part not in PARTS]:
        parser.error(f"--only {','.join(unknown)}: the parts are {', '.join(PARTS)}")
    before = os.getloadavg()
    lines = [line for part in parts for line in PARTS[part](bench)]
    print(table(lines))
    loads = " and ".join(" ".join(f"{value:.1f}" for value in load) for load in (before, os.getloadavg()))
    print(f"\nMedian of {rounds}; {os.cpu_count()} cores; load average before and after: {loads}")


if __name__ == "__main__":
    main()
