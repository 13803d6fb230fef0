"""academicSessions.csv, and which terms a class and its work are in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from homeroom.oneroster_export.notes import Notes
from homeroom.oneroster_export.sifting import leads_round, present, unused
from homeroom.oneroster_export.standard import SCHOOL_YEAR
from homeroom.oneroster_export.texts import Row, day, line, sourced_id

FILE = "academicSessions"
STAND_IN = "homeroom-term"
_KINDS = {"school_year": SCHOOL_YEAR, "semester": "semester", "term": "term", "grading_period": "gradingPeriod"}


class Sessions:
    """The sessions of a source by sourcedId, and one of its own where a class needs one and has none."""

    def __init__(self, rows: Iterable[Row], span: tuple[date, date], notes: Notes) -> None:
        """`span`: the days that a session lasts that is made up."""
        self._notes, self._span = notes, span
        self.rows: dict[str, dict[str, str]] = {}
        natives: dict[str, Row] = {}
        for found, row in present(rows, FILE, notes):
            starts, ends = day(row["starts_on"]), day(row["ends_on"])
            if not starts or not ends or starts > ends:
                notes.left_out(FILE, "without a date of its beginning and a later one of its end")
                continue
            natives[found] = row
            self.rows[found] = {
                "sourcedId": found,
                "title": line(row["title"]) or self._untitled(found),
                "type": self._type(row),
                "startDate": starts,
                "endDate": ends,
            }
        for found, row in natives.items():
            self.rows[found]["parentSourcedId"] = sourced_id(row["parent_id"]) if row["parent_id"] else ""
        for found, each in self.rows.items():
            if each["parentSourcedId"] and (each["parentSourcedId"] not in self.rows or leads_round(found, self.rows)):
                notes.left_out(FILE, "parentSourcedId: of a session that is not in the bundle, or is within this one")
                each["parentSourcedId"] = ""
        for found, row in natives.items():
            self.rows[found]["schoolYear"] = self._school_year(found, row, natives)
        self._stand_in = ""

    def find(self, native: object) -> str:
        """The sourcedId of a session of the source; nothing where it is not in the bundle."""
        found = sourced_id(native) if native else ""
        return found if found in self.rows else ""

    def terms_for(self, natives: Iterable[object], file: str) -> list[str]:
        """The sessions of a class, each once; one that is made up where none is in the bundle."""
        found = list(dict.fromkeys(found for each in natives if (found := self.find(each))))
        if not found:
            self._notes.made_up(file, "termSourcedIds: the source gives no session that is in the bundle")
        return found or [self._term()]

    def session_for_work(self, native: object, terms: Sequence[str], due: str, file: str) -> str:
        """The session of a piece of work, which is no whole school year: its own, else the class's first.

        Where the class is only in a school year: its session in which the work is due, of several the first to end.
        """
        for found in (self.find(native), *terms):
            if found and self.rows[found]["type"] != SCHOOL_YEAR:
                return found
        self._notes.made_up(file, "academicSessionSourcedId: the class is in a school year; one of it, by the due date")
        within = [
            (row["endDate"], found)
            for found, row in self.rows.items()
            if row["parentSourcedId"] in terms and row["startDate"] <= due <= row["endDate"]
        ]
        return min(within)[1] if within else self._term()

    def period_of(self, found: Iterable[str]) -> tuple[str, str]:
        """The first and the last day of some sessions."""
        rows = [self.rows[each] for each in found]
        return min(row["startDate"] for row in rows), max(row["endDate"] for row in rows)

    def _term(self) -> str:
        if not self._stand_in:
            self._stand_in = unused(STAND_IN, self.rows)
            self._notes.made_up(FILE, "a term that stands for all time of which there are dates")
            first, last = self._span
            self.rows[self._stand_in] = {
                "sourcedId": self._stand_in,
                "title": f"{first.year}" if first.year == last.year else f"{first.year}-{last.year}",
                "type": "term",
                "startDate": day(first),
                "endDate": day(last),
                "parentSourcedId": "",
                "schoolYear": f"{last.year}",
            }
        return self._stand_in

    def _untitled(self, found: str) -> str:
        self._notes.made_up(FILE, "title: the sourcedId")
        return found

    def _type(self, row: Row) -> str:
        if row["kind"] not in _KINDS:
            self._notes.changed(FILE, "type: of none that the standard has; term")
        return _KINDS.get(row["kind"], "term")

    def _school_year(self, found: str, row: Row, natives: dict[str, Row]) -> str:
        """The year in which the school year ends that a session is, or is in."""
        at = found
        while at:
            if (said := natives[at]["school_year"]) is not None and 1000 <= int(said) <= 9999:
                return str(int(said))
            if self.rows[at]["type"] == SCHOOL_YEAR:
                return self.rows[at]["endDate"][:4]
            at = self.rows[at]["parentSourcedId"]
        self._notes.made_up(FILE, "schoolYear: the year in which the session ends")
        return self.rows[found]["endDate"][:4]
