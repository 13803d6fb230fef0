"""A run that is killed, once or several times in a row, and the run after it: what is drawn, done and found."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

import duckdb

from homeroom.demo import Request

from .killing import Executioner
from .styles import LIMIT, SECTIONS_OF_COURSES, STYLES

if TYPE_CHECKING:
    from ..sync.conftest import Campus, Fresh

Rows = Counter[tuple[Any, ...]]
Truth = dict[str, list[dict[str, Any]]]

ROOTS = ("people", "sections", "courses", "enrollments")
NESTED = {"people": ("roles", "role"), "sections": ("meetings", "room"), "courses": ("grades", "value")}
WAYS = ("append", "merge", "replace")
CHILD = "course_sections"

POINTS: dict[str, Sequence[tuple[str, int]]] = {
    "fetch": (("reading", 3), ("page entered", 25), ("page entered", 8), ("extracted", 1)),
    "normalise": (("normalising", 1), ("normalised", 1), ("in both folders", 1)),
    "load": (
        *(("about to load", 1), ("tables made", 1), ("job started", 4), ("job committed", 6), ("job moved", 6)),
        *(("all jobs done", 1),),
    ),
    "journal": (("load committed", 1), ("journal not removed", 1), ("journal closed", 1)),
    "ledger": (("loaded", 1), ("ledger begun", 1), ("ledger written", 1)),
}
"""Where to kill, by the stage: names of tests/sync/fresh.py, and the last passing that may be drawn."""

COMMITTED = ("journal", "ledger")
"""Stages behind the commit of the load: the killed run has landed, and is not done once more."""

FAULTS = (
    "",
    "",
    "latency_s=0.01,jitter_s=0.02",
    "fail_500_every=7",
    "fail_503_every=9,reset_every=13",
    "throttle_every=17,retry_after_form=none",
    "cut_every=8",
    "latency_s=0.005,fail_500_every=11,cut_every=17",
    "page_cap=7",
)
PATIENT = {"retry": {"attempts": 8, "first_wait_s": 0.01, "max_wait_s": 0.03}}
LONGEST_S = 0.9
"""A run at rest takes as long."""


@dataclass(frozen=True)
class Kill:
    """Where a process is killed: at the `nth` passing of a point, at the `nth` request, or after `seconds`."""

    stage: str
    point: str = ""
    nth: int = 1
    seconds: float = 0.0

    def __str__(self) -> str:
        if self.stage == "moment":
            return f"{self.seconds:.2f}s"
        return f"{self.point or self.stage} {self.nth}"

    def earlier(self) -> Kill:
        """What comes in its place where the run was over before it."""
        return Kill(self.stage, self.point, max(1, self.nth // 2), self.seconds / 2)


@dataclass(frozen=True)
class KillCase:
    """All that is drawn."""

    number: int
    resources: tuple[tuple[str, str, str], ...]
    """Name, style and disposition; the child reads by offset."""
    total: str
    faults: str
    concurrency: int
    is_later: bool
    """Whether it is killed over tables that an earlier run has filled, from a school that has changed since."""
    kills: tuple[Kill, ...]

    def __str__(self) -> str:
        ways = "+".join(f"{name} {way} by {style}" for name, style, way in self.resources)
        run = "later run" if self.is_later else "first run"
        return f"{self.number}: {run}, {', '.join(map(str, self.kills))}; {ways}; {self.faults or 'no faults'}"


def drawn(seed: str, number: int) -> KillCase:
    """The case of a number: the same for the same seed."""
    dice = Random(f"{seed}/kill/{number}")
    roots = dice.sample(ROOTS, dice.choice((2, 2, 3)))
    if dice.random() < 0.5 and "courses" not in roots:
        roots.append("courses")
    resources = [(name, dice.choice(list(STYLES)), dice.choice(WAYS)) for name in roots]
    if "courses" in roots and dice.random() < 0.7:
        resources.append((CHILD, "offset", dice.choice(WAYS)))
    total = dice.choice(("body", "absent"))
    return KillCase(
        number,
        tuple(_harmless(resources, total)),
        total=total,
        faults=dice.choice(FAULTS),
        concurrency=dice.choice((1, 2, 4, 8)),
        is_later=dice.random() < 0.5,
        kills=tuple(_kill(dice) for _ in range(dice.choice((1, 1, 1, 2, 2, 3)))),
    )


def _harmless(resources: Sequence[tuple[str, str, str]], total: str) -> Iterator[tuple[str, str, str]]:
    """Without reads that prove nothing and replace a table: they may be held back."""
    styles = {name: style for name, style, _ in resources}
    for name, style, way in resources:
        proved = STYLES[style].proof != "end"
        if name == CHILD:
            proved = total == "body" and STYLES[styles["courses"]].proof != "end"
        yield name, style, "append" if way == "replace" and not proved else way


def _kill(dice: Random) -> Kill:
    stage = dice.choice(("request", "request", "moment", "moment", "fetch", "normalise", "load", "load", *COMMITTED))
    if stage == "request":
        return Kill(stage, nth=dice.randint(1, 40))
    if stage == "moment":
        return Kill(stage, seconds=dice.uniform(0.01, LONGEST_S))
    point, last = dice.choice(POINTS[stage])
    return Kill(stage, point, dice.randint(1, last))


@dataclass
class Found:
    """What came of a case."""

    kills: int = 0
    lost: int = 0
    doubled: int = 0
    statuses: dict[str, str] = field(default_factory=dict)
    expected: dict[str, str] = field(default_factory=dict)
    twice: int = 0
    twice_allowed: int = 0
    left: list[str] = field(default_factory=list)
    """Packages, journals and ledger rows that should not be there."""
    wrong: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Whether every resource ended as it does in a run that nobody disturbs."""
        return self.statuses == self.expected


class Trial:
    """One case over one campus."""

    def __init__(self, case: KillCase, campus: Campus, fresh: Fresh, executioner: Executioner) -> None:
        self._case = case
        self._campus = campus
        self._fresh = fresh
        self._executioner = executioner
        self._runs: list[list[Request]] = [[]]
        """What was asked, run by run: one that was killed and those that went on with it are one."""
        self._resumes = [0]
        self.found = Found()

    def go(self) -> Found:
        """Fill, kill, run once more, and compare."""
        case, found = self._case, self.found
        self._configure()
        before: Truth = {}
        if case.is_later:
            self._fresh.run(self._campus)
            before = self._truth()
            self._change()
        self._campus.dial(",".join(filter(None, (case.faults, f"total={case.total}"))))
        for kill in case.kills:
            self._kill(kill)
        loads = self._loads()
        self._campus.school.clear_log()
        said = self._fresh.run(self._campus)
        self._log()
        if "error" in said:
            found.wrong.append(f"the last run: {said}")
            return found
        if self._loads() != loads + 1:
            found.wrong.append(f"{self._loads() - loads} loads came of the last run")
        times = self._loads() - case.is_later
        self._compare(before, self._truth(), times)
        self._judge()
        return found

    def _configure(self) -> None:
        case = self._case
        settings = {name: dict(STYLES[style].settings) for name, style, _ in case.resources if STYLES[style].settings}
        resources = [
            {"name": name, "write_disposition": way, "endpoint": SECTIONS_OF_COURSES}
            if name == CHILD
            else STYLES[style].resource(name, name, way)
            for name, style, way in case.resources
        ]
        sync = {**PATIENT, "concurrency": case.concurrency, "resources": settings}
        self._campus.configure(*resources, limit=LIMIT, sync=sync)

    def _truth(self) -> Truth:
        rows = {name: self._campus.school.rows(name) for name in ROOTS}
        courses = {row["id"] for row in rows["courses"]}
        return rows | {CHILD: [row for row in rows["sections"] if row["course_id"] in courses]}

    def _change(self) -> None:
        """A row is new, one is gone, one has changed, in each list."""
        school = self._campus.school
        for name in ROOTS:
            rows = school.rows(name)
            school.put(name, rows[0] | {"id": rows[-1]["id"] + 1})
            school.remove(name, rows[1]["id"])
            school.put(name, rows[2] | {_told(name): "changed"})

    # Killing

    def _kill(self, kill: Kill) -> None:
        """Kill a run; one that ends before that was a run, and the next one is killed earlier."""
        while True:
            loads, said = self._loads(), self._killed(kill)
            committed = self._loads() > loads
            self._log()
            if said == {"signal": 9}:
                break
            if "status" not in said:
                self.found.wrong.append(f"a run that should have been killed: {said}")
                return
            self._next_run()
            kill = kill.earlier()
        self.found.kills += 1
        if kill.point and committed != (kill.stage in COMMITTED):
            self.found.wrong.append(f"killed at {kill}: committed {committed}")
        if committed:
            self._next_run()
        else:
            self._resumes[-1] += 1

    def _killed(self, kill: Kill) -> dict[str, Any]:
        order: dict[str, Any] = {"pid": str(self._executioner.pid)}
        if kill.stage == "moment":
            order["after_s"] = kill.seconds
        elif kill.stage != "request":
            order |= {"point": kill.point, "nth": kill.nth, "signal": "SIGKILL"}
        self._campus.school.clear_log()
        self._executioner.left = kill.nth if kill.stage == "request" else 0
        try:
            return self._fresh.ask(self._campus, **order)
        finally:
            self._executioner.left = 0

    def _loads(self) -> int:
        """Loads that the destination has committed."""
        if self._campus.database.exists():
            with suppress(duckdb.CatalogException):  # killed before the table was made
                return int(self._campus.column("SELECT count(DISTINCT load_id) FROM _dlt_loads")[0])
        return 0

    def _log(self) -> None:
        self._runs[-1] += self._campus.school.requests

    def _next_run(self) -> None:
        self._runs.append([])
        self._resumes.append(0)

    # Comparing

    def _compare(self, before: Truth, now: Truth, times: int) -> None:
        """Count rows that should be there and are not, and the other way round; `times` reads of `now` have landed."""
        for name, _, way in self._case.resources:
            expected = _expected(way, before.get(name, []), now[name], times)
            entity = "sections" if name == CHILD else name
            key, told = Counter[Any](), Counter[Any]()
            for row in expected:
                key[row["id"], row[_told(entity)]] += 1
                if entity in NESTED:
                    told.update((row["id"], each) for each in _nested(entity, row))
            self._differ(name, key, f"SELECT id, {_told(entity)} FROM {name}")
            if entity in NESTED:
                field_name, column = NESTED[entity]
                child = f"{name}__{field_name}"
                sql = f"SELECT p.id, c.{column} FROM {child} c LEFT JOIN {name} p ON c._dlt_parent_id = p._dlt_id"
                self._differ(child, told, sql)

    def _differ(self, table: str, expected: Rows, sql: str) -> None:
        found: Rows = Counter(self._campus.query(sql)) if table in self._campus.tables() else Counter()
        lost, doubled = expected - found, found - expected
        self.found.lost += lost.total()
        self.found.doubled += doubled.total()
        if lost or doubled:
            self.found.wrong.append(f"{table}: lost {_some(lost)}, too many {_some(doubled)}")

    def _judge(self) -> None:
        """Statuses, what is left behind, and what was fetched twice."""
        found, campus, case = self.found, self._campus, self._case
        ledger = "FROM _homeroom_resources WHERE run_id = (SELECT max_by(run_id, finished_at) FROM _homeroom_runs)"
        lines = campus.query(f"SELECT resource, status, note, pages_resumed {ledger}")
        found.statuses = {name: status for name, status, *_ in lines}
        found.expected = self._statuses()
        if not found.is_whole:
            found.wrong.append(f"ended as {lines}")
        if not self._resumes[-1] and any(resumed for *_, resumed in lines):
            found.wrong.append("a run that had landed was landed once more from its pages")
        found.left += [str(path) for path in campus.pending()]
        found.left += [str(path) for path in (campus.home / "journals").glob("*")]
        doubles = "SELECT run_id FROM _homeroom_runs GROUP BY ALL HAVING count(*) > 1"
        found.left += [f"run {run} twice" for run in campus.column(doubles)]
        for asked, resumes in zip(self._runs, self._resumes, strict=True):
            if resumes:
                found.twice += sum(count - 1 for count in self._pages(asked).values() if count > 1)
                found.twice_allowed += resumes * (case.concurrency + self._lists()) + self._cuts(len(asked))

    def _statuses(self) -> dict[str, str]:
        """How a run that nobody disturbs ends: docs/guarantees.md."""
        proved = {name: STYLES[style].proof != "end" for name, style, _ in self._case.resources}
        if CHILD in proved:
            rows = self._truth()
            sizes = Counter(row["course_id"] for row in rows[CHILD])
            # One row alone, or none, tells neither a total nor whether pages meet.
            tellable = self._case.total == "body" or all(sizes[row["id"]] > 1 for row in rows["courses"])
            proved[CHILD] = proved["courses"] and tellable
        return {name: "complete" if is_proved else "unproved" for name, is_proved in proved.items()}

    def _lists(self) -> int:
        """How many lists there are, of each of which the last page is asked for again."""
        named = [name for name, _, _ in self._case.resources]
        courses = len(self._campus.school.rows("courses"))
        return len(named) - (CHILD in named) + courses * (CHILD in named)

    def _cuts(self, requests: int) -> int:
        """Answers that were cut, and so are asked for again: the log does not tell them from whole ones."""
        dials = self._campus.school.dials
        return requests // dials.cut_every + len(self._case.kills) + 1 if dials.cut_every else 0

    def _pages(self, asked: list[Request]) -> Counter[Any]:
        """How often each page with rows was answered."""
        return Counter(
            (each.path, tuple(sorted(each.query.items())))
            for each in asked
            if each.status == 200 and each.resource and self._has_rows(each)
        )

    def _has_rows(self, asked: Request) -> bool:
        rows, query = self._campus.school.rows(str(asked.resource)), asked.query
        parts = asked.path.strip("/").split("/")
        if len(parts) == 4:
            rows = [row for row in rows if row["course_id"] == int(parts[2])]
        if "offset" in query:
            return int(query["offset"]) < len(rows)
        cap = self._campus.school.dials.page_cap or LIMIT
        return (int(query.get("page", 1)) - 1) * min(int(query.get("per_page", LIMIT)), cap) < len(rows)


def _told(entity: str) -> str:
    """The column that is compared, beside the key."""
    return "status" if entity == "enrollments" else "name"


def _nested(entity: str, row: dict[str, Any]) -> Iterator[Any]:
    name, column = NESTED[entity]
    for each in row[name]:
        yield each[column] if isinstance(each, dict) else each


def _expected(way: str, before: Sequence[Any], now: Sequence[Any], times: int) -> list[dict[str, Any]]:
    if way == "append":
        return [*before, *(row for _ in range(times) for row in now)]
    if way == "replace":
        return list(now)
    return list({row["id"]: row for row in (*before, *now)}.values())


def _some(rows: Rows) -> str:
    return f"{rows.total()} {list(rows)[:3]}" if rows else "0"


def as_json(found: Found) -> str:
    """For the table at the end, which another process prints."""
    plain = {"kills": found.kills, "lost": found.lost, "doubled": found.doubled, "whole": found.is_whole}
    proved = sum(status == "complete" for status in found.statuses.values())
    counts = {"proved": proved, "resources": len(found.statuses)}
    return json.dumps(plain | counts | {"twice": found.twice, "allowed": found.twice_allowed})
