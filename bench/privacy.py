"""What rules of privacy cost: whole syncs of 200,000 rows with and without them, in turn, in one run.

    python bench/privacy.py                    five rounds, about three minutes
    python bench/privacy.py --scale 0.1 --rounds 2

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
KINDS = ("sync", *PRIVATE)


def main() -> None:
    """Measure, print a table, and fail where the target is missed at full scale."""
    flags = argparse.ArgumentParser()
    flags.add_argument("--scale", type=float, default=1.0)
    flags.add_argument("--rounds", type=int, default=5)
    told = flags.parse_args()
    workload, found = WORKLOADS["main"], {kind: list[Outcome]() for kind in KINDS}
    with serving(workload, told.scale) as server:
        for _ in range(told.rounds):
            for kind in KINDS:
                with tempfile.TemporaryDirectory() as folder:
                    task = Task(kind, server.url, folder, workload.pages(told.scale), workload.page_rows)
                    found[kind].append(run(task))
                    check(found[kind][-1], server.tables)
    rows = int(workload.rows * told.scale)
    print(f"{rows:,} rows, {told.rounds} rounds, medians; load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")
    print("| what | seconds | of sync | CPU s | of sync |\n| --- | --- | --- | --- | --- |")
    costs = {}
    for kind, outcomes in found.items():
        took, cpu = _median(outcomes, "seconds"), _median(outcomes, "cpu_s")
        costs[kind] = cpu / _median(found["sync"], "cpu_s") - 1
        more = took / _median(found["sync"], "seconds") - 1
        print(f"| {WORDS[kind]} | {took:.2f} | {more:+.1%} | {cpu:.2f} | {costs[kind]:+.1%} |")
    if told.scale == 1 and costs["hash"] >= TARGET:
        raise SystemExit(f"one hashed column costs {costs['hash']:.1%}, which is more than {TARGET:.0%}")


def _median(outcomes: list[Outcome], name: str) -> float:
    return statistics.median(getattr(each, name) for each in outcomes)


if __name__ == "__main__":
    main()
