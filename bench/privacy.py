"""What rules of privacy cost: whole syncs of 200,000 rows with and without them, in turn, in one run.

    python bench/privacy.py                    nine rounds, about five minutes
    python bench/privacy.py --scale 0.1 --rounds 2
    python bench/privacy.py --only hash --rounds 15

Pages on disk are sealed wherever there is a rule, which is in the figures. The target is the issue's: one hashed column
costs less than a tenth of the sync. What counts is CPU seconds: the other figure is at the mercy of what else runs.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile

from kinds import PRIVATE, WORDS, Outcome, Task
from whole import check, run, serving
from workloads import WORKLOADS

TARGET = 0.1


def main() -> None:
    """Measure, print a table, and fail where the target is missed at full scale."""
    flags = argparse.ArgumentParser()
    flags.add_argument("--scale", type=float, default=1.0)
    flags.add_argument("--rounds", type=int, default=9)
    flags.add_argument("--only", choices=PRIVATE, nargs="*", default=PRIVATE)
    told = flags.parse_args()
    workload, found = WORKLOADS["main"], {kind: list[Outcome]() for kind in ("sync", *told.only)}
    with serving(workload, told.scale) as server:
        for _ in range(told.rounds):
            for kind in found:
                with tempfile.TemporaryDirectory() as folder:
                    task = Task(kind, server.url, folder, workload.pages(told.scale), workload.page_rows)
                    found[kind].append(run(task))
                    check(found[kind][-1], server.tables)
    rows = int(workload.rows * told.scale)
    print(f"{rows:,} rows, {told.rounds} rounds, medians; load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")
    print("| what | seconds | of sync | CPU s | of sync |\n| --- | --- | --- | --- | --- |")
    costs = {}
    for kind, outcomes in found.items():
        more, costs[kind] = (_more(outcomes, found["sync"], name) for name in ("seconds", "cpu_s"))
        took, cpu = _median(outcomes, "seconds"), _median(outcomes, "cpu_s")
        print(f"| {WORDS[kind]} | {took:.2f} | {more:+.1%} | {cpu:.2f} | {costs[kind]:+.1%} |")
    if told.scale == 1 and costs.get("hash", 0) >= TARGET:
        raise SystemExit(f"one hashed column costs {costs['hash']:.1%}, which is more than {TARGET:.0%}")


def _median(outcomes: list[Outcome], name: str) -> float:
    return statistics.median(getattr(each, name) for each in outcomes)


def _more(outcomes: list[Outcome], plain: list[Outcome], name: str) -> float:
    """How much more than without rules: the median over rounds, as a machine that slows down slows whole rounds."""
    pairs = zip(outcomes, plain, strict=True)
    return statistics.median(getattr(one, name) / getattr(other, name) for one, other in pairs) - 1


if __name__ == "__main__":
    main()
