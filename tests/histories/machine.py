"""A school over many nights: what hypothesis draws.

One rule is one night: some things change, then a run is made. Nights are of several kinds, drawn by weight: with a rule
for each, hypothesis would leave out most of them in a history. A feature is added in these places:

- what a config says for a whole history: a field of `plans.Plan`, drawn in `plans`, and written by its `sync` or
  `resources`;
- what happens at the school: a kind of `school.Change`;
- what befalls one run: a field of `expected.Night`, and a kind of `nights`;
- what then must be in the table: `model.Table.after`, or `coming.Coming` where it is another choice of rows (a cursor
  for each parent, a span of change versions, all rows again after `full_every`), and `Expected._statuses`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

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
    "html_every=2,only=/*/people",
    "html_every=3,only=/*/people",
)
"""Faults of which lists may fail."""

NIGHTS = (
    *("plain", "days") * 3,
    *("broken", "killed", "in full") * 2,
    *("rough", "allows", "backfill"),
)


@dataclass(frozen=True)
class Drawn:
    """A night, and what comes before it."""

    days: int = 0
    changes: Sequence[Change] = ()
    night: Night = field(default_factory=Night)


@st.composite
def nights(draw: st.DrawFn) -> Drawn:
    """Any night."""
    kind, changes = draw(st.sampled_from(NIGHTS)), draw(CHANGES)
    match kind:
        case "broken":
            return Drawn(0, changes, Night(draw(st.sampled_from(BROKEN))))
        case "rough":
            return Drawn(0, changes, Night(draw(st.sampled_from(ROUGH))))
        case "killed":
            return Drawn(0, changes, Night(kill=draw(st.sampled_from(NAMES))))
        case "allows":
            return Drawn(0, changes, Night(allows=True))
        case "in full":
            return Drawn(0, changes, Night(in_full=True, allows=draw(st.booleans())))
        case "backfill":
            since = OPENED + timedelta(days=draw(st.integers(0, 20)), seconds=-1)
            return Drawn(0, (), Night(since=since, until=since + timedelta(days=draw(st.integers(1, 20)))))
    days = draw(st.integers(1, 9)) if kind == "days" else 0
    return Drawn(days, changes, Night(bound=draw(st.sampled_from((None, 1, 0)))))


class Nights(RuleBasedStateMachine):
    """One history; `folder` is for all of them, one inside for each."""

    folder: Path
    tally: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self._world: World | None = None
        self._runs = 0

    @initialize(
        draws=st.integers(0, 2**32),
        plan=plans(),
        people=st.sampled_from((40, 70, 110, 70, 40, 5, 0)),
        runs=st.integers(LEAST_RUNS, MOST_RUNS),
    )
    def the_school_opens(self, draws: int, plan: Plan, people: int, runs: int) -> None:
        if draws:  # hypothesis begins each test with the least of all cases: it is the same every time
            self.tally["histories"] += 1
            self._world = World(self.folder / str(self.tally["histories"]), plan, people, self.tally)
            self._runs = runs

    @rule(drawn=nights())
    def a_night(self, drawn: Drawn) -> None:
        if self._world is not None and self._world.runs < self._runs:
            self._world.sleep(24 * drawn.days)
            self._world.change(drawn.changes)
            self._world.run(self._world.possible(drawn.night))

    def teardown(self) -> None:
        if self._world is not None:
            self._world.close()
