"""What a run brings of each list: by what the config asks for, and by how far the list was read.

A run that went on with pages of before, or was killed behind its load, leaves a cursor somewhere between two places.
Then there are several answers, and a row may be as one of them has it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from .model import Came, Listing, Row, between, newer, newest
from .plans import OPENED, Increments, Plan

NEVER = frozenset({None})


@dataclass(frozen=True)
class Place:
    """How far a list was read: as far as `near` at least, and not beyond `far`; None: not at all."""

    near: Any = None
    far: Any = None

    @property
    def ends(self) -> tuple[Any, ...]:
        """The likely one first."""
        return (self.far,) if self.near == self.far else (self.far, self.near)


@dataclass(frozen=True)
class Asked:
    """What is asked for in one run. `fulls`: whether all of people is; both where nobody outside knows."""

    listings: Mapping[str, Listing]
    versions: Mapping[int, int]
    """The change version of each person."""
    newest_version: int
    fulls: Collection[bool]
    since: datetime | None = None
    until: datetime | None = None
    at_rest: Collection[str] = ()
    """The lists that no dial is for, as the night's are for others alone: there all filters are known."""


class Coming:
    """The cursors of one history."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._places = {"people": Place(), "sections": Place()}
        self._version = Place()
        self._of_sections: dict[int, Place] = {}
        self._fulls: frozenset[datetime | None] = NEVER
        """When the last full read may have begun."""

    def due(self, begun: Collection[datetime]) -> frozenset[bool]:
        """Whether all of people is to be read again by a run that began then."""
        days = self._plan.increments.full_days if self._plan.increments else 0
        every = timedelta(days=days)
        return frozenset(days > 0 and (last is None or now - last >= every) for last in self._fulls for now in begun)

    def ends(self, name: str) -> Collection[Any]:
        """Where the cursor of a list may stand."""
        return self._places[name].ends if name in self._places else ()

    def read_in_full(self, begun: Collection[datetime], *, surely: bool) -> None:
        """All of people was read, and has landed."""
        self._fulls = frozenset(begun) | (frozenset() if surely else self._fulls)

    def sights(self, name: str, asked: Asked) -> list[Came]:
        """What may come of a list, the likely first; nothing where the list is not read at all."""
        found: list[Came] = []
        for came in self._sights(name, asked):
            if came not in found:
                found.append(came)
        return found

    def move(self, name: str, asked: Asked, *, surely: bool) -> None:
        """A list was read from where its cursor stood, and has landed. `surely`: with no page of before."""
        if name == "enrollments":
            self._move_of_sections(asked, surely=surely)
            return
        if self._is_by_version(name):
            newest_version = asked.newest_version
            self._version = Place(newest_version if surely else self._version.near, newest_version)
            return
        if asked.since:
            return
        before, seen = self._places[name], self.sights(name, asked)
        ends = [end for came in seen for end in self._moved(came.rows, before, asked.fulls)]
        known = [end for end in ends if end is not None]
        near = min(known, default=None) if surely and len(known) == len(ends) else None
        if not surely and True not in asked.fulls:
            near = before.near
        self._places[name] = Place(near, max(known, default=None))

    def _sights(self, name: str, asked: Asked) -> Iterator[Came]:
        listing = asked.listings[name]
        if name in self._plan.with_cursor:
            if asked.since and name not in self._plan.with_times:
                return
            for rows in self._new(name, listing, asked):
                yield from self._told(name, rows)
        elif asked.since:
            return
        elif name == "enrollments" and self._plan.children and self._plan.children.by_parent:
            yield from self._of_new_sections(listing, asked)
        else:
            yield from self._told(name, Came(listing, is_all=True))

    def _told(self, name: str, came: Came) -> Iterator[Came]:
        """Without the rows that a contract keeps out."""
        if name != "people" or self._plan.contract != "discard_row":
            yield came
            return
        kept = {key: row for key, row in came.rows.items() if "extra" not in row}
        yield replace(came, rows=kept, rejected=frozenset(came.rows.keys() - kept.keys()))

    def _new(self, name: str, listing: Listing, asked: Asked) -> Iterator[Came]:
        increments = self._plan.increments if name == "people" else None
        if increments and name in asked.at_rest:
            increments = replace(increments, ignored=False, since="inclusive")
        if asked.since:
            yield Came(self._between(name, listing, increments, asked), is_all=False)
        elif name == "enrollments":
            yield from self._of_each_section(listing, asked)
        elif increments is None:
            for since in self._places[name].ends:
                yield Came(newer(listing, since or OPENED, inclusive=True), is_all=False)
        else:
            for full in asked.fulls:
                yield from self._all(listing, increments) if full else self._since(listing, increments, asked)

    def _between(self, name: str, listing: Listing, increments: Increments | None, asked: Asked) -> Listing:
        """The rows of a backfill. Where no row is picked, those come too that the API is not told to leave out."""
        assert asked.since and asked.until
        is_own = name == "enrollments" or (increments is not None and increments.picks_none)
        if is_own and self._is_ignored:
            return listing
        if is_own and not (increments and increments.windows):
            return newer(listing, asked.since, inclusive=False)
        return between(listing, asked.since, asked.until)

    @property
    def _is_ignored(self) -> bool:
        """Whether the server gives all rows whatever it is asked for, of all lists that are not at rest."""
        return self._plan.increments is not None and self._plan.increments.ignored

    def _all(self, listing: Listing, increments: Increments) -> Iterator[Came]:
        # Cursors of our own read it, which pick no row.
        rows = listing if increments.ignored else self._later(listing, None, increments)
        yield Came(rows, is_all=not increments.is_bounded)

    def _since(self, listing: Listing, increments: Increments, asked: Asked) -> Iterator[Came]:
        if increments.by_version:
            for version in self._version.ends:
                is_all = version is None or increments.ignored
                rows = {key: row for key, row in listing.items() if is_all or asked.versions[key] >= version}
                yield Came(rows, is_all=False)
            return
        for since in self._places["people"].ends:
            yield Came(self._later(listing, since, increments), is_all=False)

    def _later(self, listing: Listing, since: datetime | None, increments: Increments) -> Listing:
        """What comes of an API that is asked from there on, less the lag."""
        if increments.ignored and increments.picks_none:
            return listing
        first = OPENED if increments.is_bounded else None
        if since is not None:
            since -= timedelta(seconds=increments.lag_s)
            first = since if first is None else max(first, since)
        return newer(listing, first, inclusive=increments.since == "inclusive" or increments.ignored)

    def _of_new_sections(self, listing: Listing, asked: Asked) -> Iterator[Came]:
        # The section that the cursor stands on comes again, and is known: dlt hands it on to nobody.
        for since in self._places["sections"].ends:
            parents = frozenset(newer(asked.listings["sections"], since or OPENED, inclusive=False))
            rows = {key: row for key, row in listing.items() if row["section_id"] in parents}
            yield Came(rows, is_all=False, parents=parents)

    def _of_each_section(self, listing: Listing, asked: Asked) -> Iterator[Came]:
        if self._is_ignored and "enrollments" not in asked.at_rest:
            yield Came(listing, is_all=False)
            return
        for which in ("far", "near"):
            rows: dict[int, Row] = {}
            for section in asked.listings["sections"]:
                since = getattr(self._of_sections.get(section, Place()), which)
                rows |= newer(_of(section, listing), since or OPENED, inclusive=True)
            yield Came(rows, is_all=False)

    def _is_by_version(self, name: str) -> bool:
        return name == "people" and self._plan.increments is not None and self._plan.increments.by_version

    def _moved(self, rows: Listing, before: Place, fulls: Collection[bool]) -> Sequence[datetime | None]:
        """Where the cursor stands behind these rows. Behind all of them it stands at the newest that there is."""
        ends = [newest(rows, end) for full in fulls if not full for end in before.ends]
        full = [newest(rows, None) or end for end in before.ends] if True in fulls else []
        return [*ends, *full]

    def _move_of_sections(self, asked: Asked, *, surely: bool) -> None:
        moved: dict[int, Place] = {}
        for section in asked.listings["sections"]:
            before = self._of_sections.get(section, Place())
            rows = _of(section, asked.listings["enrollments"])
            if self._is_ignored and "enrollments" not in asked.at_rest:
                near = far = newest(rows, before.far)
            else:
                ends = (before.near, before.far)
                near, far = (newest(newer(rows, end or OPENED, inclusive=True), end) for end in ends)
            moved[section] = Place(near if surely else before.near, far)
        self._of_sections = moved


def _of(section: int, listing: Listing) -> Listing:
    return {key: row for key, row in listing.items() if row["section_id"] == section}
