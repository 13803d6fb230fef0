"""A list that changes while it is read: what is drawn, what is done to the school, and what a table must hold then."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

from homeroom.demo import Request, School
from homeroom.values import Status

from .styles import LIMIT, STYLES

if TYPE_CHECKING:
    from ..sync.conftest import Campus, Fresh
    from .killing import Executioner

ENTITY = "enrollments"
PAGES = 19
"""With rows, of a list that keeps still."""
REPAIR_PASSES = 2

KINDS: Mapping[str, Sequence[Sequence[str]]] = {
    "count": (("insert", "change"), ("delete", "change"), ("up", "down", "change")),
    "continuity": (("insert", "delete", "change"), ("up", "insert", "change"), ("down", "delete", "change")),
    "keyset": (("insert", "delete", "up", "down", "change"),),
    "end": (("insert", "delete", "up", "down", "change"),),
}
"""What may happen in one schedule, by the proof that must see it: what cancels out, unseen by that proof, is not mixed.

Keyset and `end` may meet anything: the one goes by what does not move, the other claims nothing.
docs/guarantees.md says what each cannot see.
"""


@dataclass(frozen=True)
class Way:
    """How the list is read: a style, the school's dial `total`, and `sync.overlap`."""

    style: str
    total: str = "body"
    overlap: str = "auto"
    seen_by: str = "count"


WAYS: Mapping[str, Way] = {
    "offset, no total": Way("offset", "absent", seen_by="continuity"),
    "offset, total": Way("offset"),
    "offset, total and overlap": Way("offset", overlap="always", seen_by="continuity"),
    "page numbers, total": Way("counted pages"),
    "page numbers": Way("pages", seen_by="end"),
    "next link, total": Way("link"),
    "cursor": Way("cursor", seen_by="keyset"),
}
_DRAWN = (
    *("offset, no total",) * 5,
    *("offset, total",) * 4,
    *("offset, total and overlap",) * 3,
    *("page numbers, total",) * 3,
    "page numbers",
    *("next link, total",) * 2,
    *("cursor",) * 2,
)


@dataclass(frozen=True)
class Act:
    """One thing that happens: `at` and `to` are places in the list, as parts of its length."""

    kind: str
    at: float
    to: float = 0.0


@dataclass(frozen=True)
class Burst:
    """What happens behind the answer to the `after`-th request, all between two requests."""

    after: int
    acts: tuple[Act, ...]

    def __str__(self) -> str:
        return f"{'+'.join(act.kind for act in self.acts)} after {self.after}"


@dataclass(frozen=True)
class DriftCase:
    """All that is drawn."""

    number: int
    way: str
    disposition: str
    concurrency: int
    bursts: tuple[Burst, ...]
    killed_at: int | None = None
    """The request at which the run is killed, if it makes as many; the next one goes on with it. None: it is not."""

    def __str__(self) -> str:
        told = [str(burst) for burst in self.bursts[:4]] + ["..."] * (len(self.bursts) > 4)
        told += [f"killed at {self.killed_at}"] * (self.killed_at is not None)
        return f"{self.number}: {self.way}, {self.disposition}, {self.concurrency} at once; {', '.join(told)}"


def drawn(seed: str, number: int) -> DriftCase:
    """The case of a number: the same for the same seed."""
    dice = Random(f"{seed}/drift/{number}")
    way = dice.choice(_DRAWN)
    kinds = dice.choice(KINDS[WAYS[way].seen_by])
    moments = dice.choice((1, 1, 1, 2, 2, 4, 12))
    # The first one falls into the first reading, whatever becomes of the others.
    after = [dice.randint(1, PAGES - 4), *(dice.randint(1, 3 * PAGES) for _ in range(moments - 1))]
    bursts = tuple(Burst(each, _acts(dice, kinds)) for each in sorted(set(after)))
    disposition, concurrency = dice.choice(("merge", "merge", "replace")), dice.choice((1, 1, 2, 4, 8))
    killed_at = dice.randint(2, 2 * PAGES) if dice.random() < 0.25 else None
    return DriftCase(number, way, disposition, concurrency, bursts, killed_at)


def _acts(dice: Random, kinds: Sequence[str]) -> tuple[Act, ...]:
    if {"insert", "delete"} <= set(kinds) and dice.random() < 0.4:
        # Both at once, so that the total stays as it was.
        return (Act("insert", dice.random()), Act("delete", dice.random()))
    found = []
    for _ in range(dice.choice((1, 1, 2, 4))):
        kind, (low, high) = dice.choice(kinds), sorted((dice.random(), dice.random()))
        found.append(Act(kind, high, low) if kind == "up" else Act(kind, low, high))
    return tuple(found)


class Shelf:
    """The list in the order in which the school pages through it, changed behind the answers to some requests."""

    _APART = 1 << 20

    def __init__(self, dice: Random) -> None:
        self._dice = dice
        self._school: School | None = None
        self._bursts: dict[int, Burst] = {}
        self._asked = 0
        self.fired: list[Burst] = []
        self.values: dict[int, set[str]] = {}
        """Of every row that was ever there, what it told then."""
        self.stayed: set[int] = set()
        """The rows that were there all the while."""
        self._ranks: list[tuple[int, int]] = []

    def begin(self, school: School, bursts: Sequence[Burst]) -> None:
        """From now on requests count."""
        self._school, self._bursts = school, {burst.after: burst for burst in bursts}
        rows = school.rows(ENTITY)
        for place, row in enumerate(rows):
            school.put(ENTITY, row, place * self._APART)
        self._ranks = [(place * self._APART, row["id"]) for place, row in enumerate(rows)]
        self.values = {row["id"]: {row["status"]} for row in rows}
        self.stayed = set(self.values)

    def __call__(self, request: Request) -> None:
        """For `on_request`: what happens does so after this answer was made, and before any later one is."""
        if self._school is None or request.resource != ENTITY:
            return
        self._asked += 1
        if burst := self._bursts.get(self._asked):
            self.fired.append(burst)
            for act in burst.acts:
                self._do(act, self._school)

    def _do(self, act: Act, school: School) -> None:
        last = len(self._ranks) - 1
        at, to = int(act.at * last), int(act.to * last)
        if act.kind == "insert":
            self._insert(at, school)
            return
        _, row_id = self._ranks[at]
        if act.kind == "delete":
            school.remove(ENTITY, row_id)
            del self._ranks[at]
            self.stayed.discard(row_id)
            return
        row = self._row(row_id, school)
        if act.kind == "change":
            row |= {"status": f"changed {len(self.values[row_id])} times"}
            self.values[row_id].add(row["status"])
            school.put(ENTITY, row)
        else:
            del self._ranks[at]
            self._place(row, to, school)

    def _insert(self, at: int, school: School) -> None:
        ids = self.values
        new = self._dice.choice((max(ids) + 1, min(ids) - 1))  # so that a cursor passes it, or comes to it
        row = self._row(self._ranks[at][1], school) | {"id": new, "status": "new"}
        self.values[new] = {"new"}
        self._place(row, at, school)

    def _place(self, row: dict[str, Any], at: int, school: School) -> None:
        before = self._ranks[at - 1][0] if at else self._ranks[0][0] - 2 * self._APART
        behind = self._ranks[at][0] if at < len(self._ranks) else before + 2 * self._APART
        rank = (before + behind) // 2
        self._ranks.insert(at, (rank, row["id"]))
        school.put(ENTITY, row, rank)

    def _row(self, row_id: int, school: School) -> dict[str, Any]:
        return next(row for row in school.rows(ENTITY) if row["id"] == row_id)


@dataclass
class Seen:
    """What came of a schedule."""

    status: Status
    note: str
    fired: int
    repeats: int
    """Rows that came with a key that had come, by the ledger."""
    missing: list[int] = field(default_factory=list)
    """Rows that were there all the while, and are not in the table."""
    foreign: list[int] = field(default_factory=list)
    """Rows of the table that never were, or not with that value."""
    twice: list[int] = field(default_factory=list)
    """Keys that are in the table more than once."""
    has_changed_kept: bool = False
    """Whether a table that is replaced is another one, though the read was incomplete."""

    @property
    def is_wrong(self) -> bool:
        """Whether the table lacks a row, or holds what was not so."""
        return bool(self.missing or self.foreign)

    @property
    def is_complete_and_wrong(self) -> bool:
        """The one thing that must not be."""
        return self.status is Status.COMPLETE and self.is_wrong


def go(case: DriftCase, campus: Campus, shelf: Shelf, executioner: Executioner, fresh: Fresh) -> Seen:
    """Sync while the list changes; what the table holds then. Both `shelf` and `executioner` hear of each request."""
    way = WAYS[case.way]
    settings = {ENTITY: dict(STYLES[way.style].settings)}
    sync = {"concurrency": case.concurrency, "overlap": way.overlap, "repair_passes": REPAIR_PASSES}
    resource = STYLES[way.style].resource(ENTITY, ENTITY, case.disposition)
    campus.configure(resource, limit=LIMIT, sync={**sync, "resources": settings})
    campus.dial(f"total={way.total}")
    if case.disposition == "replace":
        campus.sync()
    before = _rows(campus)
    shelf.begin(campus.school, case.bursts)
    executioner.left = case.killed_at or 0
    if case.killed_at is None or fresh.ask(campus, pid=str(executioner.pid)) == {"signal": 9}:
        campus.sync()
    ledger = "FROM _homeroom_resources WHERE run_id = (SELECT max_by(run_id, finished_at) FROM _homeroom_runs)"
    ((status, note, repeats),) = campus.query(f"SELECT status, note, rows_received - rows_distinct {ledger}")
    found = _rows(campus)
    counts = Counter(row_id for row_id, _ in found)
    return Seen(
        Status(status),
        note,
        len(shelf.fired),
        repeats,
        missing=sorted(shelf.stayed - set(counts)),
        foreign=sorted({row_id for row_id, value in found if value not in shelf.values.get(row_id, ())}),
        twice=[row_id for row_id, count in counts.items() if count > 1],
        has_changed_kept=bool(before) and status == Status.INCOMPLETE and found != before,
    )


def _rows(campus: Campus) -> list[tuple[int, str]]:
    return campus.query(f"SELECT id, status FROM {ENTITY} ORDER BY ALL") if ENTITY in campus.tables() else []


def is_repairable(case: DriftCase, seen: Seen) -> bool:
    """Whether a proof was to be had, and nothing moved any more in the last pass that was allowed."""
    return WAYS[case.way].seen_by != "end" and seen.fired <= REPAIR_PASSES


def as_json(case: DriftCase, seen: Seen) -> str:
    """For the table at the end, which another process prints."""
    told = {"way": case.way, "status": str(seen.status), "lacking": bool(seen.missing), "twice": bool(seen.twice)}
    return json.dumps(told | {"wrong": seen.is_complete_and_wrong, "repairable": is_repairable(case, seen)})
