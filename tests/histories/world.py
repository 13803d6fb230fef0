"""One history: runs over a school that changes, and after each of them a look at every row."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from homeroom.config import load_config
from homeroom.demo.dials import parse_dials
from homeroom.sync_run.options import SyncOptions
from homeroom.sync_run.whole import sync_config
from homeroom.values import Config, Report

from . import tables
from .expected import Expected, Night
from .kills import armed, hook_of
from .model import FEW, SHARE
from .plans import Plan, written
from .school import Change, Rolls


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
        self._config = self._configured()
        self._looking = tables.opened(folder / "rows.duckdb")
        self._expected = Expected(plan, tally, lambda name: tables.read(self._looking, name))
        self.runs = 0

    def possible(self, night: Night) -> Night:
        """The night, or a plain one where it cannot be: pages of other runs must not be mixed in."""
        plan, has_left = self._plan, self._expected.has_left
        if night.bound is not None and self._at_the_bound(night.bound):
            return replace(night, in_full=plan.increments is not None)
        if night.in_full and not self._can_read_in_full:
            return Night(allows=night.allows)
        return Night() if night.since and (has_left or not plan.with_times) else night

    @property
    def _can_read_in_full(self) -> bool:
        """Whether all of people can be asked for, and nothing else is then asked for in another way."""
        return self._plan.with_cursor == ("people",) and not self._expected.has_left

    @property
    def _has_guard(self) -> bool:
        """Whether people are deleted for being absent, in a run of today that reads all of them."""
        plan = self._plan
        by_absence = plan.deletes != "keep" and not plan.buries and not plan.is_named and plan.style != "pages"
        is_all = plan.increments is None or (not plan.increments.is_bounded and self._can_read_in_full)
        return by_absence and is_all

    def change(self, changes: Sequence[Change]) -> None:
        """Let these things happen, but for what would not be told of: see `_is_free`."""
        for change in changes:
            if self._expected.is_free(change) and self._rolls.change(change):
                self._tally["changes"] += 1

    def _at_the_bound(self, more: int) -> bool:
        """Remove as many people as the guard lets go at once, and `more`; False where it cannot be met."""
        table, listing = self._expected.table("people"), self._rolls.listing("people")
        there = [key for key in sorted(table.live) if key in listing]
        leaving = max(FEW, int(SHARE * len(table.live))) + more - (len(table.live) - len(there))
        if not self._has_guard or not 0 < leaving < len(there):
            return False
        self._rolls.leave("people", there[:leaving])
        self._tally["bounds"] += 1
        return True

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
        seen = self._expected.seen(night, self._rolls)
        try:
            with armed(night.kill):
                report = self._sync(night)
        except Exception as error:
            self._expected.ended(seen, error)
            return
        self._expected.reported(seen, report)

    def _sync(self, night: Night) -> Report:
        options = SyncOptions(
            destination=f"duckdb:///{self._folder / 'rows.duckdb'}",
            dataset=tables.DATASET,
            home=self._folder / "home",
            allow_deletes=night.allows,
            since=night.since and written(night.since),
            until=night.until and written(night.until),
            full_refresh=night.in_full,
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
