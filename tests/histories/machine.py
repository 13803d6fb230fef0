"""A school over many nights: what hypothesis draws.

Each rule is one night: some things change, then a run is made. A feature is added in these places:

- what a config says for a whole history: a field of `plans.Plan`, drawn in `plans`, and written by its `sync` or
  `resources`;
- what happens at the school: a kind of `school.Change`;
- what befalls one run: a field of `expected.Night`, and a rule here;
- what then must be in the table: `model.Table.after`, or `coming.Coming` where it is another choice of rows (a cursor
  for each parent, a span of change versions, all rows again after `full_every`), and `Expected._statuses`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from .expected import Night
from .kills import NAMES
from .numbers import LEAST_RUNS, MOST_RUNS
from .plans import OPENED, Plan, plans
from .school import CHANGES, Change
from .world import World

ROUGH = (
    "throttle_every=4,retry_after_form=none",
    "fail_500_every=3",
    "fail_503_every=5,reset_every=7",
    "cut_every=4",
    "page_cap=2",
)
"""Faults that a run gets over."""

BROKEN = (
    "always=500,only=/v1/people*",
    "always=500,only=/*/people",
    "always=500,only=/v1/sections",
    "always=500,only=/v1/sections/*",
    "error_200_every=2,only=/*/people",
    "html_every=3",
)
"""Faults of which lists may fail."""

EMPTY = "empty_for_rights=on"


class Nights(RuleBasedStateMachine):
    """One history; `folder` is for all of them, one inside for each."""

    folder: Path
    tally: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self._world: World | None = None
        self._runs = 0

    @initialize(plan=plans(), people=st.sampled_from((40, 0, 5, 70, 110, 70)), runs=st.integers(LEAST_RUNS, MOST_RUNS))
    def the_school_opens(self, plan: Plan, people: int, runs: int) -> None:
        self.tally["histories"] += 1
        self._world = World(self.folder / str(self.tally["histories"]), plan, people, self.tally)
        self._runs = runs

    @rule(changes=CHANGES, more=st.sampled_from((None, 1, 0)))
    def a_night(self, changes: Sequence[Change], more: int | None) -> None:
        self._night(changes, Night(bound=more))

    @rule(changes=CHANGES, days=st.integers(1, 9))
    def a_night_after_some_days(self, changes: Sequence[Change], days: int) -> None:
        self._opened.sleep(24 * days)
        self._night(changes, Night())

    @rule(changes=CHANGES, faults=st.sampled_from(ROUGH))
    def a_rough_night(self, changes: Sequence[Change], faults: str) -> None:
        self._night(changes, Night(faults))

    @rule(changes=CHANGES, faults=st.sampled_from(BROKEN))
    def a_night_that_breaks_a_list(self, changes: Sequence[Change], faults: str) -> None:
        self._night(changes, Night(faults))

    @rule(changes=CHANGES, kill=st.sampled_from(NAMES))
    def a_night_that_is_cut_short(self, changes: Sequence[Change], kill: str) -> None:
        self._night(changes, Night(kill=kill))

    @rule(changes=CHANGES)
    def a_night_in_which_rows_may_go(self, changes: Sequence[Change]) -> None:
        self._night(changes, Night(allows=True))

    @precondition(lambda self: self._opened.can_read_in_full)
    @rule(changes=CHANGES, allows=st.booleans())
    def a_night_in_full(self, changes: Sequence[Change], allows: bool) -> None:
        self._night(changes, Night(allows=allows, in_full=True))

    @precondition(lambda self: self._opened.can_backfill)
    @rule(first=st.integers(0, 20), days=st.integers(1, 20))
    def a_backfill(self, first: int, days: int) -> None:
        since = OPENED + timedelta(days=first, seconds=-1)
        self._night((), Night(since=since, until=since + timedelta(days=days)))

    def teardown(self) -> None:
        if self._world is not None:
            self._world.close()

    @property
    def _opened(self) -> World:
        assert self._world is not None
        return self._world

    def _night(self, changes: Sequence[Change], night: Night) -> None:
        if self._opened.runs < self._runs:
            self._opened.change(changes)
            self._opened.run(night)
