"""orgs.csv, and which school a class is in."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from homeroom.oneroster_export.notes import Notes
from homeroom.oneroster_export.sifting import leads_round, present, unused
from homeroom.oneroster_export.standard import SCHOOL
from homeroom.oneroster_export.texts import Row, line, sourced_id

FILE = "orgs"
_KINDS = ("district", SCHOOL, "department", "state", "national", "local")
STAND_IN = "homeroom-school"


class Orgs:
    """The orgs of a source by sourcedId, and one school of its own where a class or person needs one and has none."""

    def __init__(self, rows: Iterable[Row], taught_in: Collection[str], source: str, notes: Notes) -> None:
        """`taught_in`: the source's ids of the orgs that classes are said to be in."""
        self._notes, self._source = notes, source
        self.rows: dict[str, dict[str, str]] = {}
        for found, row in present(rows, FILE, notes):
            self.rows[found] = {
                "sourcedId": found,
                "name": line(row["name"]) or self._nameless(found),
                "type": self._type(row, taught_in),
                "identifier": line(row["code"]),
                "parentSourcedId": sourced_id(row["parent_id"]) if row["parent_id"] else "",
            }
        for found, each in self.rows.items():
            if each["parentSourcedId"] and (each["parentSourcedId"] not in self.rows or leads_round(found, self.rows)):
                notes.left_out(FILE, "parentSourcedId: of an org that is not in the bundle, or is its own ancestor")
                each["parentSourcedId"] = ""
        schools = [found for found, each in self.rows.items() if each["type"] == SCHOOL]
        roots = [found for found, each in self.rows.items() if not each["parentSourcedId"]]
        self._only_school = schools[0] if len(schools) == 1 else None
        self._only_root = roots[0] if len(roots) == 1 else None
        self._stand_in = ""

    def find(self, native: object) -> str:
        """The sourcedId of an org of the source; nothing where it is not in the bundle."""
        found = sourced_id(native) if native else ""
        return found if found in self.rows else ""

    def school_of(self, native: object, file: str) -> str:
        """The school that an org is, or is in; else the only one of the source; else one that is made up."""
        at: str = self.find(native)
        while at:
            if self.rows[at]["type"] == SCHOOL:
                return at
            at = self.rows[at]["parentSourcedId"]
        if self._only_school:
            self._notes.made_up(file, "schoolSourcedId: the source names no school; it is the only one there is")
            return self._only_school
        self._notes.made_up(file, "schoolSourcedId: the source names no school; it is one that stands for the source")
        return self._school()

    def any_for(self, native: object, file: str) -> str:
        """The org that is named, else the one above all others, the only school, or one that is made up."""
        if found := self.find(native):
            return found
        self._notes.made_up(file, "orgSourcedId: the source names no org; it is the one above all, or stands for it")
        return self._only_root or self._only_school or self._school()

    def is_of(self, found: str, *types: str) -> bool:
        """Whether an org of the bundle is of one of these types."""
        return self.rows[found]["type"] in types

    def _school(self) -> str:
        if not self._stand_in:
            self._stand_in = unused(STAND_IN, self.rows)
            self._notes.made_up(FILE, "a school that stands for the source")
            self.rows[self._stand_in] = {"sourcedId": self._stand_in, "name": line(self._source), "type": SCHOOL}
            self.rows[self._stand_in]["parentSourcedId"] = ""
        return self._stand_in

    def _nameless(self, found: str) -> str:
        self._notes.made_up(FILE, "name: the sourcedId")
        return found

    def _type(self, row: Row, taught_in: Collection[str]) -> str:
        if row["kind"] in _KINDS:
            return str(row["kind"])
        self._notes.changed(FILE, "type: of none that the standard has; school where classes are in it, else local")
        return SCHOOL if str(row["id"]) in taught_in else "local"
