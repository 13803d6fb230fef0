"""The school of a history: rows that appear, change, disappear and return, here as dicts and there on a server."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from homeroom.demo import Dials, School

from .model import DELETED, Listing, Row
from .plans import OPENED, Plan, written

LISTS = ("people", "sections", "enrollments")
KINDS = (
    *("add", "change", "late", "remove", "return") * 3,
    *("widen", "leave", "come", "come"),
)
MANY = 24
"""More than the guard lets go at once."""
Tombstone = tuple[int, int]


@dataclass(frozen=True)
class Change:
    """What happens to one list; `which` row is meant, counted round and round."""

    kind: str
    name: str
    which: int


CHANGES = st.lists(
    st.builds(Change, st.sampled_from(KINDS), st.sampled_from(("people", *LISTS)), st.integers(0, 50)),
    min_size=1,
    max_size=6,
)


class Rolls:
    """The rows of a school by list and id. Each change is a minute later than the one before."""

    def __init__(self, plan: Plan, people: int) -> None:
        """The school opens with so many people."""
        self.school = School(scale=0.01, dials=Dials())
        for name in LISTS:
            for row in self.school.rows(name):
                self.school.remove(name, row["id"])
        self.at_rest = Dials(**plan.dials())
        self.school.set_dials(self.at_rest)
        self.school.start()
        self.now = OPENED
        self._plan = plan
        self._listed: dict[str, dict[int, dict[str, Any]]] = {name: {} for name in LISTS}
        self._gone: dict[str, dict[int, dict[str, Any]]] = {name: {} for name in LISTS}
        self.versions: dict[str, dict[int, int]] = {name: {} for name in LISTS}
        """The change version of each row that is or was there."""
        self._drawn = 0
        for name, count in (("people", people), ("sections", 3), ("enrollments", 7)):
            for _ in range(count):
                self._pass(hours=4)
                self._add(name)

    def listing(self, name: str) -> Listing:
        """What the API gives to whoever reads all of a list now; of enrollments those of sections that are there."""
        sections = self._listed["sections"]
        rows = self._listed[name].items()
        return {key: dict(row) for key, row in rows if name != "enrollments" or row["section_id"] in sections}

    def tombstones(self, name: str) -> frozenset[Tombstone]:
        """What the list of deletes holds: an id and the change that removed it, of rows that did not come again."""
        return frozenset((key, self.versions[name][key]) for key in self._gone[name])

    def leave(self, name: str, keys: Iterable[int]) -> None:
        """These are removed."""
        for key in keys:
            self._pass(minutes=1)
            self._remove(name, key)

    def change(self, change: Change) -> bool:
        """Let it happen, where it can; whether it did."""
        self._pass(minutes=1)
        name, listed = change.name, self._listed[change.name]
        live = [key for key, row in listed.items() if row["status"] != DELETED]
        key = live[change.which % len(live)] if live else 0
        match change.kind:
            case "add":
                self._add(name)
            case "come":
                for _ in range(MANY if name == "people" else 3):
                    self._add(name)
            case "late" if change.which % 2:
                self._add(name, kind="late")
            case "change" | "widen" | "late" if live:
                self._put(name, self._row(name, key) | self._told_late(change.kind) | self._wider(change.kind))
            case "remove" if live:
                self._remove(name, key)
            case "leave" if live:
                for each in live[: MANY + 5 if change.which % 2 else 4]:
                    self._remove(name, each)
            case "return" if self._gone[name]:
                back = sorted(self._gone[name])[change.which % len(self._gone[name])]
                row = self._gone[name].pop(back)
                self._put(name, row | {"updated_at": written(self.now)} if change.which % 2 else self._row(name, back))
            case _:
                return False
        return True

    def sleep(self, hours: float) -> None:
        """Time goes by."""
        self._pass(hours=hours)

    def close(self) -> None:
        """The school closes."""
        self.school.stop()

    def _pass(self, **time: float) -> None:
        self.now += timedelta(**time)

    def _add(self, name: str, kind: str = "add") -> None:
        self._pass(seconds=1)
        self._drawn += 1
        self._put(name, self._row(name, 1000 + self._drawn) | self._told_late(kind))

    def _row(self, name: str, key: int) -> dict[str, Any]:
        """A row that was never there as it is now, and says so."""
        self._drawn += 1
        turn = self._drawn
        nulls = not self._plan.contract  # a column whose first value comes later is a new one to a contract
        row: dict[str, Any] = {
            "id": key,
            "name": f"{name} {turn}",
            "status": "active",
            "score": None if nulls and turn % 5 == 0 else turn + 0.5,
            "profile": {"city": None if nulls and turn % 7 == 0 else f"city {turn}"},
            "roles": [{"role": f"role {turn}.{nth}"} for nth in range(turn % 3)],
            "updated_at": written(self.now),
        }
        if name == "enrollments":
            sections = sorted(self._listed["sections"]) or [1]
            row["section_id"] = sections[turn % len(sections)]
        return row

    def _told_late(self, kind: str) -> Row:
        """A row that was written down late says that it was changed days ago."""
        return {"updated_at": written(self.now - timedelta(days=self._drawn % 9, seconds=7))} if kind == "late" else {}

    def _wider(self, kind: str) -> Row:
        return {"extra": f"extra {self._drawn}"} if kind == "widen" else {}

    def _put(self, name: str, row: dict[str, Any]) -> None:
        self._gone[name].pop(row["id"], None)
        self._listed[name][row["id"]] = row
        self.school.put(name, row)
        self.versions[name][row["id"]] = self.school.newest_change

    def _remove(self, name: str, key: int) -> None:
        row = self._listed[name].pop(key)
        self._gone[name][key] = row
        self.school.remove(name, key, written(self.now))
        self.versions[name][key] = self.school.newest_change
        if self.at_rest.deleted == "marked":
            self._listed[name][key] = row | {"status": DELETED, "updated_at": written(self.now)}
