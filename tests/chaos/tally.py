"""What all cases of a session came to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

ENOUGH = 50
"""Schedules from which on a share says something."""
LEAST_MENDED = 0.6


class Tally:
    """Kills and drifts, entered case by case as the dicts of `as_json`."""

    def __init__(self) -> None:
        self._kills: list[dict[str, Any]] = []
        self._drifts: list[dict[str, Any]] = []

    def enter(self, kind: str, case: dict[str, Any]) -> None:
        """What came of one case."""
        (self._kills if kind == "kill" else self._drifts).append(case)

    @property
    def mends_too_few(self) -> bool:
        """Whether too few of the schedules that could have ended complete did; False where there are few schedules."""
        found = _repairable(self._drifts)
        return len(self._drifts) >= ENOUGH and len(_complete(found)) < LEAST_MENDED * len(found)

    def lines(self) -> list[str]:
        """For a person; nothing where no case was run."""
        return [*self._told_kills(), *self._told_drifts()]

    def _told_kills(self) -> Iterator[str]:
        cases = self._kills
        if not cases:
            return
        total = {name: sum(case[name] for case in cases) for name in cases[0]}
        yield f"kills: {total['kills']} in {len(cases)} cases"
        yield f"  rows lost {total['lost']}, rows doubled {total['doubled']}"
        yield (
            f"  resumes that did not end as a run at rest does {len(cases) - total['whole']}; "
            f"of {total['resources']} resources {total['proved']} complete, the others read by page numbers, "
            "or too short to prove anything"
        )
        yield f"  pages fetched twice {total['twice']}, at most {max(case['twice'] for case in cases)} in a case"
        over = sum(case["twice"] > case["allowed"] for case in cases)
        yield f"  cases with more of them than were in flight, and last pages of lists: {over}"

    def _told_drifts(self) -> Iterator[str]:
        if not self._drifts:
            return
        yield f"{'drift, by paging':28}cases  complete  unproved  incomplete  lacking rows  and complete  repaired"
        for way in sorted({case["way"] for case in self._drifts}):
            yield _row(way, [case for case in self._drifts if case["way"] == way])
        yield _row("all", self._drifts)
        if self.mends_too_few:
            yield f"FAILED: of the repairable ones at least {LEAST_MENDED:.0%} must end complete"


def _repairable(cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [case for case in cases if case["repairable"]]


def _complete(cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [case for case in cases if case["status"] == "complete"]


def _row(name: str, cases: list[dict[str, Any]]) -> str:
    counts = Counter(case["status"] for case in cases)
    lacking, wrong = (sum(case[what] for case in cases) for what in ("lacking", "wrong"))
    repairable = _repairable(cases)
    share = f"{len(_complete(repairable))} of {len(repairable)}"
    statuses = f"{counts['complete']:10}{counts['unproved']:10}{counts['incomplete']:12}"
    return f"{name:28}{len(cases):5}{statuses}{lacking:14}{wrong:14}  {share:>8}"
