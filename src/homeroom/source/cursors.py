"""Cursors of our own: how far each query of a resource was read, each parent of a child, or which change version.

dlt keeps one `Incremental` for a resource, moves it with the rows and picks rows by it. These move behind the read
alone, with the chains that were read whole, and pick no row: what comes is merged by its key.
"""

from __future__ import annotations

import base64
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import Any, TypeAlias

import msgspec

from homeroom.decode import decode_rows
from homeroom.dlt_seam.rest_api import CursorAtStart, IncrementalPlan, asking_from, json_path
from homeroom.dlt_seam.standing import Standing
from homeroom.errors import DataError
from homeroom.plan import ResourcePlan
from homeroom.values import JsonPath, Page, Status

WHOLE = (Status.COMPLETE, Status.UNPROVED)
_MARK_BYTES = 9

Place: TypeAlias = tuple[str, str]
"""A cursor's path, and the mark of the parent row that it is for; without a mark it is for all rows."""


Noted: TypeAlias = Callable[[str, Any], Any]
"""Called with the JSONPath of a field of a parent, and its value."""


def as_it_came(field: str, value: Any) -> Any:
    """Where nothing is hidden."""
    return value


@dataclass(frozen=True, slots=True)
class Start:
    """From where a chain asks: `plan` is the resource as that query has it. `places` are the cursors that it moves."""

    plan: ResourcePlan
    cursor: CursorAtStart
    places: tuple[Place, ...]


class OwnCursors:
    """The cursors of one resource in one read, which began at `begun`. `known` is how far it was read before.

    `may_be_full`: all of its parents are asked for, if it has any. `noted` makes what may be noted of a value of a
    parent's field. Of the thread that dlt pulls in. Chains are named by the number of their first pass.
    """

    def __init__(
        self, plan: ResourcePlan, known: Standing, begun: datetime, *, may_be_full: bool, noted: Noted = as_it_came
    ) -> None:
        self._plan = plan
        self._noted = noted
        self._by_query = plan.by_query()
        self._known = known
        self._paths = {query.cursor.cursor_path: json_path(query.cursor.cursor_path) for query in plan.queries}
        self._chains: dict[int, Start] = {}
        self._whole: dict[int, bool] = {}
        self._furthest: dict[Place, Any] = {}
        self._kept: dict[Place, Any] = {}
        self._rows = 0
        self.newest: int | None = None
        """The API's newest change version, where the resource is read by it."""
        is_span = any(query.cursor.end_value is not None for query in plan.queries)
        # A span is no cursor, in dlt too; one that runs otherwise is dlt's own, and here for a full read alone.
        self._stays = is_span or any(query.cursor.last_value_func is not max for query in plan.queries)
        self._begun = begun
        self.is_full = may_be_full and not is_span and _is_due(plan.full_every, known.full_at, begun)

    def starts(self, parent: Mapping[str, Any] | None = None) -> list[Start]:
        """From where to ask, for each query; for a parent that is new from the very beginning."""
        if self._plan.by_version:
            return [self._from_version()]
        mark = self._mark_of(parent) if self._plan.cursor_per_parent and parent is not None else ""
        starts = []
        for query, plan in zip(self._plan.queries, self._by_query, strict=True):
            place = query.cursor.cursor_path, mark
            starts.append(Start(plan, self._cursor(query, self._before(place)), (place,)))
        if any(start.cursor.start_value is not None or start.cursor.end_value is not None for start in starts):
            return starts
        # Each asks for all there is: once is enough.
        return [replace(starts[0], places=tuple(place for start in starts for place in start.places))]

    def _mark_of(self, parent: Mapping[str, Any]) -> str:
        """What a parent row is known by: a hash of the values that its requests are made with, which may name somebody.

        Where the column of such a value is hidden the privacy key is in it too, so that nobody else finds it by trying.
        """
        found = (
            (param, [match.value for match in param.field_path.find(dict(parent))]) for param in self._plan.resolved
        )
        noted = [
            [self._noted(str(param.resolve_config["field"]), value) for value in all_[:1]] for param, all_ in found
        ]
        text = json.dumps(noted, default=str)
        return base64.urlsafe_b64encode(blake2b(text.encode(), digest_size=_MARK_BYTES).digest()).decode()

    def _from_version(self) -> Start:
        """From the version that was reached: whether an API takes in the ends is rarely sure, and rows are merged.

        Without a start the end is left open too: what is changed meanwhile would be gone from the list.
        """
        known = None if self.went_back or self.is_full else self._known.version
        cursor = self._cursor(self._plan.queries[0], known)
        return Start(self._plan, cursor if known is None else cursor._replace(end_value=self.newest), ())

    @property
    def went_back(self) -> bool:
        """Whether the API's newest version is older than the one that was reached: it is another database now."""
        return self.newest is not None and self._known.version is not None and self.newest < self._known.version

    def follow(self, chain: int, start: Start) -> None:
        """A chain begins to be read."""
        self._chains[chain] = start

    def see(self, chain: int, page: Page) -> None:
        """A page came. Raises `DataError` where values of a cursor cannot be compared."""
        if self._stays or not page.facts.rows:
            return
        self._rows += page.facts.rows
        for place in self._chains[chain].places:
            values = [value for value in values_of(page, self._paths[place[0]]) if value is not None]
            # What has changed in a page of an earlier run is newer than all that such pages hold.
            known = (self._furthest, self._kept) if page.resumed else (self._furthest,)
            try:
                for each in known if values else ():
                    each[place] = max([*values, each[place]] if place in each else values)
            except TypeError:
                raise _mixed(page, place[0]) from None

    def ended(self, chain: int, status: Status) -> None:
        """A chain ended; one that is read again ends once more."""
        self._whole[chain] = status in WHOLE

    @property
    def is_whole(self) -> bool:
        """Whether what does not come is not there any more: all was asked for, without a lower bound."""
        return self.is_full and not self._bounds()

    def remarks(self) -> list[str]:
        """What is to be said of this read, whatever became of it."""
        said = []
        if self.went_back:
            told = f"the newest change version of the API is {self.newest}, and it was read up to a later one"
            said.append(f"{told}: read in full")
        if self.is_full and self._chains:
            bounds = " and ".join(self._bounds())
            said.append(f"read in full from {bounds} on, so no row counts as absent" if bounds else "read in full")
        unseen = [path for path in self._paths if path not in {known for known, _ in self._furthest}]
        if self._rows and unseen and not self._plan.by_version:
            said.append(f"no row that came has {' or '.join(unseen)}: its cursor stays where it was")
        return said

    def _bounds(self) -> list[str]:
        """Where a full read begins, if it does not ask for all. A placeholder always asks for something."""
        plan = self._plan
        texts = [plan.path, *map(str, (plan.params, plan.headers, plan.json, plan.data))]
        if any("{incremental." in text for text in texts):
            return ["what a placeholder of the config asks for"]
        values = (query.cursor.initial_value for query in plan.queries)
        return [str(value) for value in values if value is not None]

    def moved(self, status: Status, *, all_parents: bool) -> Standing:
        """How far the resource is read by now, where its rows land, after a read of this status.

        `all_parents`: there are no others than those that were asked for.
        """
        moved = self._moved(all_parents=all_parents)
        return replace(moved, full_at=self._begun) if self.is_full and status in WHOLE else moved

    def _moved(self, *, all_parents: bool) -> Standing:
        if self._stays:
            return self._known
        if self._plan.by_version:
            is_whole = bool(self._chains) and all(self._whole.get(chain, False) for chain in self._chains)
            return replace(self._known, version=self.newest) if is_whole else self._known
        held = {place for chain, s in self._chains.items() if not self._whole.get(chain) for place in s.places}
        furthest = {**self._furthest, **self._kept}
        moved = {place: self._later(place, value) for place, value in furthest.items() if place not in held}
        asked = {place for start in self._chains.values() for place in start.places}
        parents: dict[str, dict[str, Any]] = defaultdict(dict)
        for path in self._paths:
            for mark, value in self._known.parents.get(path, {}).items():
                if not all_parents or (path, mark) in asked:
                    parents[path][mark] = value
        for (path, mark), value in moved.items():
            if mark:
                parents[path][mark] = value
        of_all = {path: value for (path, mark), value in moved.items() if not mark}
        return replace(self._known, furthest=of_all, parents=parents)

    def _cursor(self, query: IncrementalPlan, known: Any) -> CursorAtStart:
        try:
            return asking_from(query.cursor, known)
        except (TypeError, ValueError):
            why = f"what is remembered of {query.cursor.cursor_path} is no time or number, so no lag can be taken off"
            told = f"resource {self._plan.name}: {why}; leave out `lag`"
            raise DataError(told, resource=self._plan.name, code="cursor-unusable") from None

    def _before(self, place: Place) -> Any:
        path, mark = place
        if self.is_full:
            return None
        return self._known.parents.get(path, {}).get(mark) if mark else self._known.furthest.get(path)

    def _later(self, place: Place, value: Any) -> Any:
        before = self._before(place)
        try:
            return value if before is None else max(before, value)
        except TypeError:
            return value  # the API writes it in another way than before


def _is_due(every: timedelta | None, last: datetime | None, now: datetime) -> bool:
    return every is not None and (last is None or now - last >= every)


def values_of(page: Page, path: JsonPath) -> Iterable[Any]:
    """The values of a path in the rows of a page; None for a row that has none."""
    if page.facts.data is not None and path.keys is not None and len(path.keys) == 1:
        try:
            return [row.value for row in _reader(path.keys[0]).decode(page.facts.data)]
        except msgspec.DecodeError:
            pass  # a row that is no object, or a text that is none: told below
    found = ([match.value for match in path.compiled.find(row)] for row in decode_rows(page))
    return [values[0] if values else None for values in found]


@lru_cache
def _reader(key: str) -> msgspec.json.Decoder[Any]:
    """Reads one field of each row, and passes over all else: a quarter of the time of decoding them."""
    row = msgspec.defstruct("Row", [("value", Any, msgspec.field(name=key, default=None))])
    return msgspec.json.Decoder(list[row])  # type: ignore[valid-type]


def _mixed(page: Page, path: str) -> DataError:
    where = f"resource {page.resource}, page {page.number} ({page.place})"
    why = f"values of the cursor {path} are of several types, and none is the furthest"
    return DataError(f"{where}: {why}; name another cursor_path", resource=page.resource, code="cursor-unusable")
