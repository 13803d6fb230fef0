"""courses.csv and classes.csv."""

from __future__ import annotations

from collections.abc import Iterable

from homeroom.oneroster_export.notes import Notes
from homeroom.oneroster_export.orgs import Orgs
from homeroom.oneroster_export.sessions import Sessions
from homeroom.oneroster_export.sifting import present, unused
from homeroom.oneroster_export.texts import Row, line, listed, sourced_id

COURSES, CLASSES = "courses", "classes"


class Classes:
    """The classes of a source by sourcedId, with the courses that they are held of."""

    def __init__(
        self, courses: Iterable[Row], sections: Iterable[Row], orgs: Orgs, sessions: Sessions, notes: Notes
    ) -> None:
        self._orgs, self._notes = orgs, notes
        self.courses: dict[str, dict[str, str]] = {}
        self.rows: dict[str, dict[str, str]] = {}
        for found, row in present(courses, COURSES, notes):
            self.courses[found] = self._course(found, row, orgs.any_for(row["org_id"], COURSES))
        for found, row in present(sections, CLASSES, notes):
            self.rows[found] = self._class(found, row, sessions)

    def find(self, native: object) -> str:
        """The sourcedId of a class; nothing where it is not in the bundle."""
        found = sourced_id(native) if native else ""
        return found if found in self.rows else ""

    def school_of(self, found: str) -> str:
        """The school of a class."""
        return self.rows[found]["schoolSourcedId"]

    def terms_of(self, found: str) -> list[str]:
        """The sessions of a class."""
        return self.rows[found]["termSourcedIds"].split(",")

    def _course(self, found: str, row: Row, org: str) -> dict[str, str]:
        subjects = listed(row["subjects"])
        if subjects:
            self._notes.made_up(COURSES, "subjectCodes: the subjects, as each must have a code")
        return {
            "sourcedId": found,
            "title": self._title(row, found, COURSES),
            "courseCode": line(row["code"]),
            "grades": listed(row["grades"]),
            "orgSourcedId": org,
            "subjects": subjects,
            "subjectCodes": subjects,
        }

    def _class(self, found: str, row: Row, sessions: Sessions) -> dict[str, str]:
        course = sourced_id(row["course_id"]) if row["course_id"] else ""
        org = row["org_id"] or (self.courses[course]["orgSourcedId"] if course in self.courses else None)
        school = self._orgs.school_of(org, CLASSES)
        title = self._title(row, found, CLASSES)
        return {
            "sourcedId": found,
            "title": title,
            "courseSourcedId": course if course in self.courses else self._course_of(found, title, school),
            "classCode": line(row["code"]),
            "classType": "homeroom" if row["kind"] == "homeroom" else "scheduled",
            "schoolSourcedId": school,
            "termSourcedIds": ",".join(sessions.terms_for(row["session_ids"] or (), CLASSES)),
        }

    def _course_of(self, found: str, title: str, school: str) -> str:
        """A course for a class that has none in the bundle."""
        self._notes.made_up(COURSES, "a course for a class of none, under its title")
        course = unused(found, self.courses, "class")
        self.courses[course] = {"sourcedId": course, "title": title, "orgSourcedId": school}
        return course

    def _title(self, row: Row, found: str, file: str) -> str:
        if title := line(row["title"]):
            return title
        self._notes.made_up(file, "title: the code, or the sourcedId")
        return line(row["code"]) or found
