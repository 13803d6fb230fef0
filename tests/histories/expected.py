"""What a run must have made of the tables: by the school as it found it, and by what earlier runs have left.

It is held against the report line by line, and against the tables row by row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from homeroom.errors import HomeroomError
from homeroom.values import Report, ResourceReport, Status

from . import tables
from .coming import Asked, Coming
from .kills import AFTER_DELETES, BEFORE_DELETES, BEFORE_LOAD, KilledError
from .model import NONE, Came, Keys, Listing, Table, moment
from .named import Naming
from .plans import NAMING, PATHS, Plan
from .school import Change, Rolls, Tombstone

WRONG = "what the table holds is not what the model says"
WHOLE = (Status.COMPLETE, Status.UNPROVED, Status.DELETES_REFUSED)
IN_FULL = "read in full"


@dataclass(frozen=True)
class Night:
    """How one run is made. All of it may be said at once."""

    faults: str = ""
    """Dials of the school beside those of the plan."""
    kill: str = ""
    """Where the run is killed; see `kills`."""
    allows: bool = False
    """Whether any number of rows may be deleted."""
    since: datetime | None = None
    until: datetime | None = None
    """A backfill."""
    bound: int | None = None
    """How many more people leave before it than the guard lets go at once; None: whatever has changed."""
    in_full: bool = False
    """Whether all is read of what else is asked for what is new."""


@dataclass
class List:
    """What is known of one list of the API, and of its table."""

    table: Table = field(default_factory=Table)
    has_landed: bool = False
    """Whether the last run did."""
    left: list[Listing] = field(default_factory=list)
    """How the list stood when earlier runs read it that have not landed, and whose pages may be used."""
    owed: Keys = NONE
    """Rows that runs missed that were killed behind their load: the next run that comes so far may delete them."""


@dataclass(frozen=True)
class Seen:
    """The school as a run finds it."""

    asked: Asked
    tombstones: frozenset[Tombstone]
    night: Night


class Expected:
    """What is known of all lists of a history; `look` reads a table, `tally` counts what comes of it."""

    def __init__(self, plan: Plan, tally: Counter[str], look: Callable[[str], Table]) -> None:
        self._plan = plan
        self._tally = tally
        self._look = look
        self._lists = {name: List() for name in plan.lists}
        self._coming = Coming(plan)
        self._naming = Naming()
        self._tombstones_left: list[frozenset[Tombstone]] = []
        self._begun: set[datetime] = set()
        """When this run may have begun: where pages of earlier ones are left, when these did."""
        self._runs = 0

    @property
    def has_left(self) -> bool:
        """Whether pages of earlier runs may be used."""
        return bool(self._tombstones_left) or any(known.left for known in self._lists.values())

    def table(self, name: str) -> Table:
        """As the last run has left it."""
        return self._lists[name].table

    def is_free(self, change: Change) -> bool:
        """Whether a change may happen now.

        A row that changes between a read that did not land and the one that goes on with its pages is as old as these.
        A read of all mends that next time, an incremental one does not: see `lag`. And a contract is one from the first
        load on.
        """
        if change.name not in self._lists:
            return False
        known = self._lists[change.name]
        piece = next(names for names in self._plan.of_one_piece if change.name in names)
        if set(piece) & set(self._plan.with_cursor) and any(self._lists[name].left for name in piece):
            return False
        return change.kind != "widen" or not self._plan.contract or bool(known.table.rows)

    def seen(self, night: Night, rolls: Rolls) -> Seen:
        """What a run finds that begins now."""
        self._runs += 1
        self._begun.add(rolls.now)
        listings = {name: rolls.listing(name) for name in self._lists}
        fulls = self._coming.due(self._begun)
        if night.in_full or night.since:
            fulls = frozenset({night.in_full})
        versions, newest = dict(rolls.versions["people"]), rolls.school.newest_change
        at_rest = [name for name, path in PATHS.items() if not rolls.school.dials.apply_to(path)]
        asked = Asked(listings, versions, newest, fulls, night.since, night.until, at_rest)
        return Seen(asked, rolls.tombstones("people"), night)

    def ended(self, seen: Seen, error: Exception) -> None:
        """A run that came to no report: it was killed, or a contract has stopped it. The tables tell how far it got."""
        if not _is_kill(error):
            if not (isinstance(error, HomeroomError) and self._breaks_contract(seen.asked.listings)):
                raise error
            assert "contract" in str(error), error
        self._tally["kills" if _is_kill(error) else "stopped by a contract"] += 1
        has_landed = _is_kill(error) and seen.night.kill not in BEFORE_LOAD
        surely = {name: not known.left for name, known in self._lists.items()}
        if has_landed and not seen.night.since:
            self._list_of_deletes_landed(seen, wholes={True} if not self._tombstones_left else {True, False})
        elif self._plan.is_named and not seen.night.since:
            self._tombstones_left.append(seen.tombstones)
        for name, known in self._lists.items():
            sights = self._sights(name, seen.asked)
            if not sights:
                continue
            known.has_landed = has_landed
            if has_landed:
                self._wrote(name, sights)
                before, owed = known.table, self._owed(name, sights)
                self._compare(name, self._made_up(name, self._ends_of_killed(name, seen.night, sights), owed))
                known.owed = owed.union(*(before.absent(sight) for sight in sights if sight.counts))
                known.left.clear()
            else:
                known.left.append(seen.asked.listings[name])
        self._move_cursors(seen.asked, surely)
        if has_landed and True in seen.asked.fulls:
            self._coming.read_in_full(self._begun, surely=False)

    def _ends_of_killed(self, name: str, night: Night, sights: Sequence[Came]) -> list[Table]:
        """What the table may hold: before deletes, after them, or in the middle, by where the run was killed."""
        known, rules = self._lists[name].table, self._plan.rules(name)
        before = [known.loaded(sight) for sight in sights]
        if night.kill in BEFORE_DELETES:
            return before
        after = [
            known.after(sight, rules, named, absence_counts=counts)
            for sight in sights
            for named in self._named(name)
            for counts in self._may_count(name, known, sight, named, night)
        ]
        return after if night.kill in AFTER_DELETES else [*before, *after]

    def _may_count(self, name: str, table: Table, sight: Came, named: Keys, night: Night) -> Sequence[bool]:
        """Whether absence counts, as far as it is known."""
        if table.is_guarded(sight, self._plan.rules(name), named, allowed=night.allows):
            return (False,)
        proofs = {status is not Status.UNPROVED for status in self._statuses(name, is_guarded=False)}
        return tuple(sorted(proofs))

    def reported(self, seen: Seen, report: Report) -> None:
        """A run that came to its report."""
        lines = report.resources
        self._tally["resumes"] += any(line.pages_resumed for line in lines.values())
        asked = self._told_full(seen.asked, lines["people"]) if "people" in lines else seen.asked
        sights = {name: self._sights(name, asked) for name in self._lists}
        surely = {name: not known.left for name, known in self._lists.items()}
        if NAMING in lines:
            self._read_list_of_deletes(seen, lines[NAMING])
        read = [name for name in self._lists if sights[name]]
        for name in read:
            self._landed(lines[name], sights[name], seen)
        for name in self._lists.keys() - set(read):
            # In a backfill: parents may have been read for their children alone, and their rows go nowhere.
            assert seen.night.since and name not in self._plan.with_times, f"{name} was not read"
            self._compare(name, self._made_up(name, [self._lists[name].table], self._lists[name].owed))
        for known in self._lists.values():
            known.owed = NONE
        if self._plan.may_stay:
            surely["people"] = False
        self._move_cursors(asked, surely)
        if True in asked.fulls and self._lists["people"].has_landed:
            self._tally["full reads"] += 1
            self._coming.read_in_full(self._begun, surely=not self._plan.may_stay)
        for name in read:
            if self._lists[name].has_landed:
                self._lists[name].left.clear()
        if "enrollments" in read and self._lists["enrollments"].left:
            # The pages of their parents are kept for them, and used again.
            self._lists["sections"].left.append(asked.listings["sections"])
        if not self.has_left:
            self._begun.clear()

    def _told_full(self, asked: Asked, line: ResourceReport) -> Asked:
        """With what the report says of whether all was read, which must be one of what may be."""
        if line.status in (Status.FAILED, Status.SKIPPED):
            return asked
        is_full = IN_FULL in line.note
        assert is_full in asked.fulls, f"read in full: {is_full}, not {asked.fulls}: {line}"
        return replace(asked, fulls=frozenset({is_full}))

    def _list_of_deletes_landed(self, seen: Seen, wholes: Collection[bool]) -> None:
        if self._plan.is_named:
            self._naming.read(self._runs, {seen.tombstones, *self._tombstones_left}, whole=wholes)
            self._tombstones_left.clear()

    def _read_list_of_deletes(self, seen: Seen, line: ResourceReport) -> None:
        if line.status is Status.FAILED:
            assert seen.night.faults or seen.night.kill, f"{NAMING} is {line.status}: {line.note}"
            self._tombstones_left.append(seen.tombstones)
            return
        assert line.status in (Status.COMPLETE, Status.UNPROVED), line
        self._list_of_deletes_landed(seen, {not line.pages_resumed})

    def _named(self, name: str) -> list[Keys]:
        """The people that a list of deletes names: those that must go, and those that may."""
        if name != "people" or not self._plan.is_named:
            return [NONE]
        surely, maybe = self._naming.surely(), self._naming.maybe()
        return [surely] if surely == maybe else [surely, maybe]

    def _wrote(self, name: str, sights: Sequence[Came]) -> None:
        if name == "people":
            keys = [sight.rows.keys() for sight in sights]
            self._naming.wrote(self._runs, frozenset(keys[0]).intersection(*keys), set().union(*keys))

    def _landed(self, line: ResourceReport, now: Sequence[Came], seen: Seen) -> None:
        name, known = line.resource, self._lists[line.resource]
        sights = [*now, *self._seen_then(name, seen.asked)]
        known.has_landed = line.status not in (Status.FAILED, Status.SKIPPED)
        if not known.has_landed:
            assert seen.night.faults or seen.night.kill, f"{name} is {line.status}: {line.note}"
            self._tally["failed lists"] += 1
            known.left.append(seen.asked.listings[name])
            # A list of deletes that has landed is heeded all the same.
            names = self._naming.last == self._runs
            gone = [named & known.table.live if names else NONE for named in self._named(name)]
            ends = [known.table.deleted(each, self._plan.rules(name)) for each in gone]
            self._compare(name, self._made_up(name, ends, known.owed))
            return
        self._wrote(name, sights)
        if len(sights) == 1 and not known.left and len(self._named(name)) == 1 and not self._owed(name, sights):
            self._exactly(name, line, sights[0], seen.night)
        else:
            self._as_one_of(name, line, sights)

    def _exactly(self, name: str, line: ResourceReport, came: Came, night: Night) -> None:
        """Nothing was left of earlier runs: all of it is known."""
        table, rules, (named,) = self._lists[name].table, self._plan.rules(name), self._named(name)
        is_guarded = (
            came.counts and rules.deletes != "keep" and table.is_guarded(came, rules, named, allowed=night.allows)
        )
        is_proved = line.status in (Status.COMPLETE, Status.DELETES_REFUSED)
        assert line.status in self._statuses(name, is_guarded=is_guarded), (name, line.status, line.note)
        counts = came.counts and is_proved and not is_guarded
        after = table.after(came, rules, named, absence_counts=counts)
        self._check_counts(name, line, came, after)
        self._tally["refused deletes"] += line.status is Status.DELETES_REFUSED
        self._compare(name, [after])

    def _check_counts(self, name: str, line: ResourceReport, came: Came, after: Table) -> None:
        """What the report says of absent and deleted rows."""
        table, rules = self._lists[name].table, self._plan.rules(name)
        told = None
        if came.counts:
            absent = len(table.absent(came))
            # Not told where there is no table yet, or no parent was read.
            told = (
                absent
                if line.rows_absent is not None or absent or (came.is_all and (came.rows or table.rows))
                else None
            )
            assert line.rows_distinct == len(came.rows) + len(came.rejected), (name, line)
        assert line.rows_absent == told, (name, line, told)
        assert (line.rows_rejected or 0) == len(came.rejected), (name, line)
        if rules.deletes != "keep":
            gone = len(table.loaded(came).live - after.live)
            # The row that the cursor stands on comes again, and is known: dlt hands it on to nobody.
            again = sum(moment(row) in self._coming.ends(name) for row in came.rows.values() if rules.is_dead(row))
            assert gone - again <= (line.rows_deleted or 0) <= gone, (name, line, gone)
            self._tally["deletes" if rules.deletes == "hard" else "marks"] += gone
        self._tally["returns"] += len(table.marked & after.live)

    def _as_one_of(self, name: str, line: ResourceReport, sights: Sequence[Came]) -> None:
        """Each row may be as it was when its page was read, or as it is now."""
        table, rules = self._lists[name].table, self._plan.rules(name)
        counts = line.status is Status.COMPLETE
        ends = [
            table.after(sight, rules, named, absence_counts=counts) for sight in sights for named in self._named(name)
        ]
        if line.status is Status.INCOMPLETE:
            ends.append(table)
        else:
            assert line.status in WHOLE, (name, line)
        self._compare(name, self._made_up(name, ends, self._owed(name, sights)))

    def _owed(self, name: str, sights: Sequence[Came]) -> Keys:
        """What earlier runs have left to delete, but for rows that have come again since."""
        came = [frozenset(sight.rows) for sight in sights]
        return self._lists[name].owed - came[0].intersection(*came)

    def _made_up(self, name: str, ends: Sequence[Table], owed: Keys) -> list[Table]:
        """The same, and what becomes of them where the deletes that earlier runs have left are made up for."""
        rules = self._plan.rules(name)
        if rules.deletes == "keep" or not owed:
            return [*ends]
        return [*ends, *(end.deleted(owed & end.live, rules) for end in ends)]

    def _statuses(self, name: str, *, is_guarded: bool) -> tuple[Status, ...]:
        if self._plan.style == "offset, no total" or (name == "people" and self._plan.may_stay):
            return (Status.DELETES_REFUSED if is_guarded else Status.COMPLETE, Status.UNPROVED)
        if name == "people" and self._plan.style == "pages":
            return (Status.UNPROVED,)
        return (Status.DELETES_REFUSED if is_guarded else Status.COMPLETE,)

    def _sights(self, name: str, asked: Asked) -> list[Came]:
        return self._coming.sights(name, asked)

    def _seen_then(self, name: str, asked: Asked) -> list[Came]:
        """What would have come of the list as earlier runs saw it, of which pages are kept."""
        then = [replace(asked, listings={**asked.listings, name: left}) for left in self._lists[name].left]
        return [came for each in then for came in self._sights(name, each)]

    def _move_cursors(self, asked: Asked, surely: Mapping[str, bool]) -> None:
        """What landed is not asked for again; but sections are until all of their enrollments have come."""
        below = self._lists.get("enrollments")
        for name in () if asked.since else self._plan.with_cursor:
            is_done = self._lists[name].has_landed and (name != "sections" or (below is not None and below.has_landed))
            if is_done:
                self._coming.move(name, asked, surely=surely[name])

    def _breaks_contract(self, listings: Mapping[str, Listing]) -> bool:
        seen = [listings["people"], *self._lists["people"].left]
        return self._plan.contract == "freeze" and any("extra" in row for each in seen for row in each.values())

    def _compare(self, name: str, ends: Sequence[Table]) -> None:
        """Each row must be as one of these ends has it; where they differ, the table is believed from now on."""
        found = self._look(name)
        keys = set(found.rows).union(*(end.rows for end in ends))
        state: dict[int, Any] = {}
        for key in keys:
            options = [end.state(key) for end in ends]
            shown = [self._shown(name, option) for option in options]
            assert found.state(key) in shown, f"{name} {key}: {WRONG}: {found.state(key)}; it may be {shown}"
            state[key] = options[shown.index(found.state(key))]
            self._tally["rows compared"] += 1
        self._lists[name].table = Table(
            {key: option[0] for key, option in state.items() if option},
            frozenset(key for key, option in state.items() if option and option[1]),
        )

    def _shown(self, name: str, option: Any) -> Any:
        if option is None:
            return None
        row, mark = option
        shown = tables.shown(row)
        if name == "people" and self._plan.contract == "discard_value":
            shown["extra"] = None
        return shown, mark


def _is_kill(error: BaseException | None) -> bool:
    while error is not None and not isinstance(error, KilledError):
        error = error.__cause__
    return error is not None
