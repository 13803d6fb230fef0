"""categories.csv, lineItems.csv and results.csv."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from decimal import Decimal

from homeroom.oneroster_export.classes import Classes
from homeroom.oneroster_export.notes import Notes
from homeroom.oneroster_export.sessions import Sessions
from homeroom.oneroster_export.sifting import present, unused
from homeroom.oneroster_export.texts import Row, day, flag, line, number, sourced_id

CATEGORIES, LINE_ITEMS, RESULTS = "categories", "lineItems", "results"
STAND_IN = "homeroom-category"
_STATUS = {
    "not_submitted": "not submitted",
    "draft": "not submitted",
    "submitted": "submitted",
    "returned": "submitted",
    "graded": "fully graded",
    "excused": "exempt",
}
_DATES = ("graded_at", "recorded_at", "submitted_at", "source_modified_at")
"""A result's date is the first of these that there is."""


class LineItems:
    """The work of a source by sourcedId, with its categories."""

    def __init__(
        self, categories: Iterable[Row], assignments: Iterable[Row], classes: Classes, sessions: Sessions, notes: Notes
    ) -> None:
        self._notes, self._classes, self._sessions = notes, classes, sessions
        self.categories = {found: self._category(found, row) for found, row in present(categories, CATEGORIES, notes)}
        self._stand_in = ""
        self.rows: dict[str, dict[str, str]] = {}
        for found, row in present(assignments, LINE_ITEMS, notes):
            if place := classes.find(row["section_id"]):
                self.rows[found] = self._line_item(found, row, place)
            else:
                notes.left_out(LINE_ITEMS, "of a class that is not in the bundle")

    def _category(self, found: str, row: Row) -> dict[str, str]:
        weight = number(row["weight"])
        if weight and not (weight.isdigit() and int(weight) <= 100):
            self._notes.left_out(CATEGORIES, "weight: no whole number up to 100")
            weight = ""
        return {"sourcedId": found, "title": line(row["title"]) or self._untitled(found, CATEGORIES), "weight": weight}

    def _line_item(self, found: str, row: Row, place: str) -> dict[str, str]:
        terms = self._classes.terms_of(place)
        assigned = day(row["opens_at"]) or day(row["source_created_at"])
        due = day(row["due_at"]) or day(row["closes_at"])
        session = self._sessions.session_for_work(row["session_id"], terms, due or assigned, LINE_ITEMS)
        begin, end = self._sessions.period_of([session])
        if not assigned:
            self._notes.made_up(LINE_ITEMS, "assignDate: the first day of its session, or the day when it is due")
        if not due:
            self._notes.made_up(LINE_ITEMS, "dueDate: the last day of its session, or the day of its assignment")
        return {
            "sourcedId": found,
            "title": line(row["title"]) or self._untitled(found, LINE_ITEMS),
            "assignDate": assigned or min(begin, due or begin),
            "dueDate": due or max(end, assigned or end),
            "classSourcedId": place,
            "categorySourcedId": self._category_of(row),
            "academicSessionSourcedId": session,
            "resultValueMax": number(row["max_points"]),
            "schoolSourcedId": self._classes.school_of(place),
        }

    def _category_of(self, row: Row) -> str:
        found = sourced_id(row["category_id"]) if row["category_id"] else ""
        if found in self.categories:
            return found
        self._notes.made_up(LINE_ITEMS, "categorySourcedId: one that stands for none")
        if not self._stand_in:
            self._stand_in = unused(STAND_IN, self.categories)
            self._notes.made_up(CATEGORIES, "a category for work of none")
            self.categories[self._stand_in] = {"sourcedId": self._stand_in, "title": "No category"}
        return self._stand_in

    def _untitled(self, found: str, file: str) -> str:
        self._notes.made_up(file, "title: the sourcedId")
        return found


class Results:
    """One result for each person and piece of work: of the last attempt, else of its grade.

    A lineItem has no highest score where a result is above it: the standard takes that for an inclusive bound.
    """

    def __init__(
        self,
        submissions: Iterable[Row],
        grades: Iterable[Row],
        users: Container[str],
        items: LineItems,
        notes: Notes,
    ) -> None:
        self._users, self._items, self._notes = users, items, notes
        self.rows: dict[str, dict[str, str]] = {}
        done: set[tuple[str, str]] = set()
        for found, row in _last_attempts(present(submissions, RESULTS, notes), notes):
            item = sourced_id(row["assignment_id"])
            if self._add(found, item, row, _STATUS.get(row["status"], "submitted")):
                done.add((sourced_id(row["person_id"]), item))
        for found, row in present(_of_work(grades, notes), RESULTS, notes):
            key = (sourced_id(row["person_id"]), sourced_id(row["scope_id"]))
            if key not in done and self._add(unused(found, self.rows, "grade"), key[1], row, "fully graded"):
                done.add(key)
        self._unbind()

    def _add(self, found: str, item: str, row: Row, status: str) -> bool:
        user = sourced_id(row["person_id"])
        if user not in self._users or item not in self._items.rows:
            what = "work" if user in self._users else "a person"
            self._notes.left_out(RESULTS, f"of {what} that is not in the bundle")
            return False
        dated = next((said for name in _DATES if (said := day(row.get(name)))), "")
        if not dated:
            self._notes.left_out(RESULTS, "without any date")
            return False
        is_scored = row["score"] is not None or bool(row["grade_text"])
        self.rows[found] = {
            "sourcedId": found,
            "lineItemSourcedId": item,
            "studentSourcedId": user,
            "scoreStatus": "fully graded" if status == "submitted" and is_scored else status,
            "score": number(row["score"]),
            "scoreDate": dated,
            "textScore": line(row["grade_text"]),
            "classSourcedId": self._items.rows[item]["classSourcedId"],
            "inProgress": flag(True) if row.get("status") == "draft" else "",
            "late": flag(row.get("is_late")),
            "missing": flag(row.get("is_missing")),
        }
        return True

    def _unbind(self) -> None:
        highest: dict[str, Decimal] = {}
        for row in self.rows.values():
            if row["score"]:
                item, score = row["lineItemSourcedId"], Decimal(row["score"])
                highest[item] = max(score, highest.get(item, score))
        for item, score in highest.items():
            bound = self._items.rows[item]["resultValueMax"]
            if bound and score > Decimal(bound):
                self._notes.left_out(LINE_ITEMS, "resultValueMax: there is a score above it")
                self._items.rows[item]["resultValueMax"] = ""


def _last_attempts(rows: Iterable[tuple[str, Row]], notes: Notes) -> Iterator[tuple[str, Row]]:
    last: dict[tuple[str, str], tuple[str, Row]] = {}
    for found, row in rows:
        key = (sourced_id(row["person_id"]), sourced_id(row["assignment_id"]))
        if (before := last.get(key)) is not None:
            notes.left_out(RESULTS, "an earlier attempt at the same work")
        if before is None or (row["attempt"] or 0) >= (before[1]["attempt"] or 0):
            last[key] = (found, row)
    yield from last.values()


def _of_work(grades: Iterable[Row], notes: Notes) -> Iterator[Row]:
    for row in grades:
        if row["scope"] == "assignment":
            yield row
        elif row["state"] != "deleted":
            notes.left_out(RESULTS, "a grade of a whole class or session, for which there is no lineItem")
