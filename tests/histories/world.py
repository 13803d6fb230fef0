"""One history: runs over a school that changes, and after each of them a look at every row."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from homeroom.config import load_config
from homeroom.demo.dials import parse_dials
from homeroom.errors import HomeroomError
from homeroom.sync_run.options import SyncOptions
from homeroom.sync_run.whole import sync_config
from homeroom.values import Config, Report, ResourceReport, Status

from . import tables
from .kills import BEFORE_LOAD, KilledError, armed, hook_of
from .model import Came, Listing, Table, between, newer, newest
from .plans import OPENED, Plan, written
from .school import Change, Rolls

WRONG = "what the table holds is not what the model says"


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


@dataclass
class List:
    """What is known of one list of the API, and of its table."""

    table: Table = field(default_factory=Table)
    cursor: datetime | None = None
    has_landed: bool = False
    """Whether the last run did."""
    left: list[Listing] = field(default_factory=list)
    """How the list stood when earlier runs read it that have not landed, and whose pages may be used."""


def as_it_is(row: dict[str, Any]) -> dict[str, Any]:
    """A step of Python, which has rows go as objects."""
    return row


class World:
    """A school, a config that reads it, and a DuckDB file; `tally` counts what comes of it."""

    def __init__(self, folder: Path, plan: Plan, people: int, tally: Counter[str]) -> None:
        self._folder = folder
        self._plan = plan
        self._tally = tally
        self._rolls = Rolls(plan, people)
        self._lists = {name: List() for name in plan.lists}
        self._config = self._configured()
        self._looking = tables.opened(folder / "rows.duckdb")
        self.runs = 0

    @property
    def can_backfill(self) -> bool:
        """Whether a span of time can be asked for, and its pages would not be mixed with those of another run."""
        return self._plan.with_cursor != () and not any(known.left for known in self._lists.values())

    def change(self, changes: Sequence[Change]) -> None:
        """Let these things happen, but for what would not be told of: see `_is_free`."""
        for change in changes:
            if self._is_free(change) and self._rolls.change(change):
                self._tally["changes"] += 1

    def sleep(self, hours: float) -> None:
        """Time goes by."""
        self._rolls.sleep(hours)

    def close(self) -> None:
        """Nothing is left of it."""
        self._looking.close()
        self._rolls.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def run(self, night: Night) -> None:
        """Sync, and compare."""
        self._rolls.sleep(1)
        self.runs += 1
        self._tally["runs"] += 1
        self._tally["backfills"] += night.since is not None
        self._tally["faults"] += bool(night.faults)
        self._rolls.school.set_dials(parse_dials(night.faults, self._rolls.at_rest))
        listings = {name: self._rolls.listing(name) for name in self._lists}
        try:
            with armed(night.kill):
                report = self._sync(night)
        except Exception as error:
            self._ended(night, error, listings)
            return
        self._tally["resumes"] += any(line.pages_resumed for line in report.resources.values())
        came = {name: self._came(name, listings, night) for name in self._lists}
        for name, line in report.resources.items():
            self._landed(line, came[name], listings, night)
        self._move_cursors(came, night)
        for name in report.resources:
            if self._lists[name].has_landed:
                self._lists[name].left.clear()
        if "enrollments" in report.resources and self._lists["enrollments"].left:
            # The pages of their parents are kept for them, and used again.
            self._lists["sections"].left.append(listings["sections"])
        for name in self._lists.keys() - report.resources.keys():
            assert night.since and name not in self._plan.with_cursor, f"{name} was not read"
            self._compare(name, [self._lists[name].table])

    # What a run may do

    def _is_free(self, change: Change) -> bool:
        """Whether a change may happen now.

        A row that changes between a read that did not land and the one that goes on with its pages is as old as these.
        A read of all mends that next time, an incremental one does not: see `lag`. And a contract is one from the first
        load on.
        """
        if change.name not in self._lists:
            return False
        known = self._lists[change.name]
        if change.name in self._plan.with_cursor and known.left:
            return False
        return change.kind != "widen" or not self._plan.contract or bool(known.table.rows)

    def _sync(self, night: Night) -> Report:
        options = SyncOptions(
            destination=f"duckdb:///{self._folder / 'rows.duckdb'}",
            dataset=tables.DATASET,
            home=self._folder / "home",
            allow_deletes=night.allows,
            since=night.since and written(night.since),
            until=night.until and written(night.until),
        )
        return sync_config(self._config, options, hook_of(night.kill), now=lambda: self._rolls.now)

    def _configured(self) -> Config:
        school = self._rolls.school
        auth = {"type": "api_key", "name": "api_key", "api_key": school.api_key, "location": "query"}
        source = {
            "client": {"base_url": school.url, "auth": auth},
            "resource_defaults": self._plan.defaults(),
            "resources": self._plan.resources(),
        }
        self._folder.mkdir(parents=True)
        file = self._folder / "school.yaml"
        file.write_text(yaml.safe_dump({"source": source, "sync": self._plan.sync()}))
        config = load_config(str(file), environ={})
        if self._plan.as_objects:
            config.source["resources"][0]["processing_steps"] = [{"map": as_it_is}]
        return config

    # What must have come of it

    def _ended(self, night: Night, error: Exception, listings: Mapping[str, Listing]) -> None:
        """A run that came to no report: it was killed, or a contract has stopped it. The tables tell how far it got."""
        if not _is_kill(error):
            if not (isinstance(error, HomeroomError) and self._breaks_contract(listings)):
                raise error
            assert "contract" in str(error), error
        self._tally["kills" if _is_kill(error) else "stopped by a contract"] += 1
        has_landed = _is_kill(error) and night.kill not in BEFORE_LOAD
        came = {name: self._came(name, listings, night) for name in self._lists}
        for name, known in self._lists.items():
            now = came[name]
            if now is None:
                continue
            known.has_landed = has_landed
            if not has_landed:
                known.left.append(listings[name])
                continue
            ends = []
            for sight in (now, *self._seen_then(name, listings)):
                ends.append(known.table.loaded(sight))
                ends += [known.table.after(sight, self._plan.rules(name), absence_counts=bool(n)) for n in (0, 1)]
            self._compare(name, ends)
            known.left.clear()
        self._move_cursors(came, night)

    def _landed(self, line: ResourceReport, came: Came | None, listings: Mapping[str, Listing], night: Night) -> None:
        name, known = line.resource, self._lists[line.resource]
        assert came is not None, f"{name} was read"
        known.has_landed = line.status not in (Status.FAILED, Status.SKIPPED)
        if line.status in (Status.FAILED, Status.SKIPPED):
            assert night.faults or night.kill, f"{name} is {line.status}: {line.note}"
            self._tally["failed lists"] += 1
            known.left.append(listings[name])
            self._compare(name, [known.table])
        elif known.left:
            self._after_pages_of_before(name, line, [came, *self._seen_then(name, listings)])
        else:
            self._exactly(name, line, came, night)

    def _exactly(self, name: str, line: ResourceReport, came: Came, night: Night) -> None:
        """Nothing was left of earlier runs: all of it is known."""
        known, rules = self._lists[name], self._plan.rules(name)
        is_guarded = came.counts and rules.deletes != "keep" and known.table.is_guarded(came, allowed=night.allows)
        is_proved = line.status in (Status.COMPLETE, Status.DELETES_REFUSED)
        assert line.status in self._statuses(name, is_guarded=is_guarded), (name, line.status, line.note)
        counts = came.counts and is_proved and not is_guarded
        after = known.table.after(came, rules, absence_counts=counts)
        if came.counts:
            absent = len(known.table.absent(came))
            is_told = line.rows_absent is not None or absent or (came.is_all and (came.rows or known.table.rows))
            told = absent if is_told else None  # there is no table yet, or no parent was read
            assert (line.rows_distinct, line.rows_absent) == (len(came.rows), told), (name, line)
            if rules.deletes != "keep":
                dead = len(known.table.loaded(came).dead(rules))
                assert line.rows_deleted == dead + (absent if counts else 0), (name, line)
        self._tally["deletes"] += line.rows_deleted or 0
        self._tally["refused deletes"] += line.status is Status.DELETES_REFUSED
        self._compare(name, [after])

    def _after_pages_of_before(self, name: str, line: ResourceReport, sights: Sequence[Came]) -> None:
        """Each row may be as it was when its page was read, or as it is now."""
        known, rules = self._lists[name], self._plan.rules(name)
        counts = sights[0].counts and line.status is Status.COMPLETE
        ends = [known.table.after(sight, rules, absence_counts=counts) for sight in sights]
        if line.status is Status.INCOMPLETE:
            ends.append(known.table)
        else:
            assert line.status in (Status.COMPLETE, Status.UNPROVED, Status.DELETES_REFUSED), (name, line)
        self._tally["deletes"] += line.rows_deleted or 0
        self._compare(name, ends)

    def _statuses(self, name: str, *, is_guarded: bool) -> tuple[Status, ...]:
        if self._plan.style == "offset, no total":
            return (Status.DELETES_REFUSED if is_guarded else Status.COMPLETE, Status.UNPROVED)
        if name == "people" and self._plan.style == "pages":
            return (Status.UNPROVED,)
        return (Status.DELETES_REFUSED if is_guarded else Status.COMPLETE,)

    def _came(self, name: str, listings: Mapping[str, Listing], night: Night) -> Came | None:
        """What a run brings that reads a list to its end; None where it does not read it."""
        listing, family = listings[name], self._plan.children
        if name in self._plan.with_cursor:
            return Came(self._new(name, listing, night), is_all=False)
        if night.since:
            return None
        if name != "enrollments" or family is None or not family.by_parent:
            return Came(listing, is_all=True)
        # The section that the cursor stands on comes again, and is known: dlt hands it on to nobody.
        since = self._lists["sections"].cursor or OPENED
        parents = frozenset(newer(listings["sections"], since, inclusive=False))
        rows = {key: row for key, row in listing.items() if row["section_id"] in parents}
        return Came(rows, is_all=False, parents=parents)

    def _new(self, name: str, listing: Listing, night: Night) -> Listing:
        """The rows that an API gives that is asked for what is new."""
        if night.since:
            assert night.until
            return between(listing, night.since, night.until)
        asked = self._plan.increments
        since = self._lists[name].cursor or OPENED
        lag_s = asked.lag_s if asked and name == "people" else 0
        lag = timedelta(seconds=min((since - OPENED).total_seconds(), lag_s))
        return newer(listing, since - lag, inclusive=not asked or asked.since == "inclusive" or asked.ignored)

    def _seen_then(self, name: str, listings: Mapping[str, Listing]) -> list[Came]:
        """What would have come of the list as earlier runs saw it, of which pages are kept."""
        found = [self._came(name, {**listings, name: left}, Night()) for left in self._lists[name].left]
        return [came for came in found if came is not None]

    def _move_cursors(self, came: Mapping[str, Came | None], night: Night) -> None:
        """What landed is not asked for again; but sections are until all of their enrollments have come."""
        for name in () if night.since else self._plan.with_cursor:
            now, below = came[name], self._lists.get("enrollments")
            is_done = self._lists[name].has_landed and (name == "people" or (below is not None and below.has_landed))
            if now is not None and is_done:
                self._lists[name].cursor = newest(now.rows, self._lists[name].cursor)

    def _breaks_contract(self, listings: Mapping[str, Listing]) -> bool:
        seen = [listings["people"], *self._lists["people"].left]
        return self._plan.contract == "freeze" and any("extra" in row for each in seen for row in each.values())

    # Looking

    def _compare(self, name: str, ends: Sequence[Table]) -> None:
        """Each row must be as one of these ends has it; where they differ, the table is believed from now on."""
        found = tables.read(self._looking, name)
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
