"""How far a cursor may go where pages of an earlier run were used."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from typing import Any

from homeroom.dlt_seam import extraction as seam
from homeroom.dlt_seam.rest_api import json_path
from homeroom.dlt_seam.standing import standing_in, with_standing
from homeroom.plan import ResourcePlan
from homeroom.source.cursors import values_of
from homeroom.values import Page


class KeptEnds:
    """The newest row of the pages that an earlier run has left, by resource; of those that dlt keeps the cursor of.

    A row of these pages may have changed since: it is then newer than all rows that they hold. A cursor that goes on to
    the newest row of the other pages would pass it by.
    """

    def __init__(self) -> None:
        self._ends: dict[str, Any] = {}

    def forget(self, name: str) -> None:
        """A new read of this resource begins."""
        self._ends.pop(name, None)

    def see(self, plan: ResourcePlan, items: Iterable[object]) -> None:
        """Look at what came. Rows that are appended would be there twice, so they are left alone."""
        if plan.incremental is None or plan.queries or plan.appends:
            return
        if plan.incremental.cursor.last_value_func is not max:
            return
        path = json_path(plan.incremental.cursor.cursor_path)
        for page in (item for item in items if isinstance(item, Page) and item.resumed and item.facts.rows):
            values = [value for value in values_of(page, path) if value is not None]
            if plan.name in self._ends:
                values.append(self._ends[plan.name])
            if values:
                with suppress(TypeError):  # of several types: dlt refuses them itself
                    self._ends[plan.name] = max(values)

    def set_back(self, plan: ResourcePlan, before: dict[str, Any]) -> None:
        """Let the cursor stand at the newest row of the kept pages, or where it was `before`, if that is later."""
        if plan.name not in self._ends or plan.incremental is None:
            return
        path, end = plan.incremental.cursor.cursor_path, self._ends[plan.name]
        known = standing_in(before).furthest.get(path)
        moved = seam.copy_state(plan.name)
        end = end if known is None else max(end, known)
        seam.put_state(plan.name, with_standing(moved, replace(standing_in(moved), furthest={path: end})))
