"""Rules of OneRoster 1.2 that need several rows, after its information model, from which the binding takes its data.

Those of roles, users and enrollments are in the words of 1EdTech's description of the Rostering service (RoleDType,
UserDType, EnrollmentDType in onerosterv1p2rostersservice_openapi3_v1p0.json). Those of types and of the gradebook are
as LongsightGroup/oneroster checks them; the description of that service was not at hand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from homeroom.oneroster_export.checking import Line, Read, Violation
from homeroom.oneroster_export.sifting import leads_round
from homeroom.oneroster_export.standard import FILES, SCHOOL, SCHOOL_YEAR


def meaning_wrong(read: Read) -> Iterator[Violation]:
    """What is wrong between rows whose fields are right by themselves; what refers to nothing is told elsewhere."""
    rows = {file: _by_id(read.lines.get(file, ())) for file in FILES}
    yield from _orders(read, "academicSessions", "startDate", "endDate")
    yield from _orders(read, "enrollments", "beginDate", "endDate")
    yield from _orders(read, "roles", "beginDate", "endDate")
    yield from _circles(read, rows)
    yield from _types(read, rows)
    yield from _roles(read, rows["users"])
    yield from _enrollments(read, rows)
    yield from _scores(read, rows["lineItems"])


def _by_id(lines: Sequence[Line]) -> dict[str, Mapping[str, str]]:
    return {line.cells["sourcedId"]: line.cells for line in lines}


def _orders(read: Read, file: str, begin: str, end: str) -> Iterator[Violation]:
    for line in read.lines.get(file, ()):
        if line.cells[begin] and line.cells[end] and line.cells[begin] > line.cells[end]:
            yield Violation(file, line.number, end, f"lies before {begin}")


def _circles(read: Read, rows: Mapping[str, Mapping[str, Mapping[str, str]]]) -> Iterator[Violation]:
    """Org.parent and AcademicSession.parent make a hierarchy."""
    for file in ("orgs", "academicSessions"):
        for line in read.lines.get(file, ()):
            if leads_round(line.cells["sourcedId"], rows[file]):
                yield Violation(file, line.number, "parentSourcedId", "leads round to the same row")


def _types(read: Read, rows: Mapping[str, Mapping[str, Mapping[str, str]]]) -> Iterator[Violation]:
    """Class.school is of type school, Course.schoolYear is a session of that type, LineItem.academicSession is not."""

    def of(file: str, field: str, target: str) -> Iterator[tuple[int, str]]:
        for line in read.lines.get(file, ()):
            if (found := rows[target].get(line.cells[field])) is not None and not found["type"].startswith("ext:"):
                yield line.number, found["type"]

    for file in ("classes", "enrollments", "lineItems"):
        for number, kind in of(file, "schoolSourcedId", "orgs"):
            if kind != SCHOOL:
                yield Violation(file, number, "schoolSourcedId", "is of an org that is no school")
    for number, kind in of("courses", "schoolYearSourcedId", "academicSessions"):
        if kind != SCHOOL_YEAR:
            yield Violation("courses", number, "schoolYearSourcedId", "is of a session that is no schoolYear")
    for number, kind in of("lineItems", "academicSessionSourcedId", "academicSessions"):
        if kind == SCHOOL_YEAR:
            yield Violation("lineItems", number, "academicSessionSourcedId", "is of a whole schoolYear")


def _roles(read: Read, users: Mapping[str, Mapping[str, str]]) -> Iterator[Violation]:
    """User.roles has at least one; of each org one, and only one, is primary. User.primaryOrg is one of these orgs."""
    primary: Counter[tuple[str, str]] = Counter()
    first: dict[tuple[str, str], int] = {}
    for line in read.lines.get("roles", ()):
        key = (line.cells["userSourcedId"], line.cells["orgSourcedId"])
        first.setdefault(key, line.number)
        primary[key] += line.cells["roleType"] == "primary"
        if primary[key] > 1 and line.cells["roleType"] == "primary":
            yield Violation("roles", line.number, "roleType", "is the second primary role of a user in an org")
    for key, number in first.items():
        if not primary[key]:
            yield Violation("roles", number, "roleType", "no role of this user in this org is primary")
    known = {user for user, _ in first}
    for line in read.lines.get("users", ()):
        if line.cells["sourcedId"] not in known:
            yield Violation("users", line.number, "sourcedId", "has no row in roles.csv")
        org = line.cells["primaryOrgSourcedId"]
        if org and (line.cells["sourcedId"], org) not in first:
            yield Violation("users", line.number, "primaryOrgSourcedId", "is of an org where the user has no role")


def _enrollments(read: Read, rows: Mapping[str, Mapping[str, Mapping[str, str]]]) -> Iterator[Violation]:
    """Enrollment.beginDate and endDate lie within the period of the class's sessions; its school is the class's."""
    for line in read.lines.get("enrollments", ()):
        place = rows["classes"].get(line.cells["classSourcedId"])
        if place is None:
            continue
        if place["schoolSourcedId"] != line.cells["schoolSourcedId"]:
            yield Violation("enrollments", line.number, "schoolSourcedId", "is not the class's")
        terms = [rows["academicSessions"].get(each) for each in place["termSourcedIds"].split(",")]
        known = [each for each in terms if each is not None]
        for name in ("beginDate", "endDate"):
            said = line.cells[name]
            if said and known and not min(t["startDate"] for t in known) <= said <= max(t["endDate"] for t in known):
                yield Violation("enrollments", line.number, name, "lies outside the sessions of the class")


def _scores(read: Read, items: Mapping[str, Mapping[str, str]]) -> Iterator[Violation]:
    """LineItem.resultValueMin and resultValueMax bound, inclusively, Result.score; Result.class is the LineItem's."""
    for line in read.lines.get("results", ()):
        item = items.get(line.cells["lineItemSourcedId"])
        if item is None:
            continue
        if line.cells["classSourcedId"] not in ("", item["classSourcedId"]):
            yield Violation("results", line.number, "classSourcedId", "is not the lineItem's")
        score, low, high = (
            _number(each) for each in (line.cells["score"], item["resultValueMin"], item["resultValueMax"])
        )
        if score is not None and ((low is not None and score < low) or (high is not None and score > high)):
            yield Violation("results", line.number, "score", "lies outside the lineItem's values")


def _number(cell: str) -> Decimal | None:
    try:
        return Decimal(cell) if cell else None
    except ArithmeticError:
        return None
