"""users.csv, roles.csv, enrollments.csv and demographics.csv."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from homeroom.oneroster_export.classes import Classes
from homeroom.oneroster_export.notes import Notes
from homeroom.oneroster_export.orgs import Orgs
from homeroom.oneroster_export.sessions import Sessions
from homeroom.oneroster_export.sifting import present, unused
from homeroom.oneroster_export.standard import SCHOOL
from homeroom.oneroster_export.texts import Row, day, flag, line, sourced_id

USERS, ROLES, ENROLLMENTS, DEMOGRAPHICS = "users", "roles", "enrollments", "demographics"
OVER = "not active, and without an end before today that would say so"

_ROLES: Mapping[str, str] = MappingProxyType(
    {
        **{same: same for same in ("student", "teacher", "counselor", "principal", "proctor")},
        "assistant": "aide",
        # "a user of role 'parent' MUST have agents that are of type 'student'" (UserDType): the model has no such link.
        "observer": "ext:observer",
        "designer": "ext:designer",
        "staff": "ext:staff",
    }
)
_IN_CLASSES: Mapping[str, str] = MappingProxyType(
    {
        **{same: same for same in ("student", "teacher", "administrator", "proctor")},
        **{more: f"ext:{more}" for more in ("assistant", "observer", "designer")},
    }
)
_SEXES = ("female", "male", "other", "unspecified")
_RACES: Mapping[str, str] = MappingProxyType(
    {
        r"american indian|alaska": "americanIndianOrAlaskaNative",
        r"\basian\b": "asian",
        r"\bblack\b|african american": "blackOrAfricanAmerican",
        r"hawaiian|pacific islander": "nativeHawaiianOrOtherPacificIslander",
        r"\bwhite\b": "white",
        r"two or more|multiracial": "demographicRaceTwoOrMoreRaces",
    }
)
_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def users_of(rows: Iterable[Row], notes: Notes) -> dict[str, dict[str, str]]:
    """The people of a source by sourcedId; those without any name are left out."""
    found: dict[str, dict[str, str]] = {}
    for user, row in present(rows, USERS, notes):
        given, family = _names(row, notes)
        if not given:
            notes.left_out(USERS, "without any name")
            continue
        found[user] = {
            "sourcedId": user,
            "enabledUser": flag(row["state"] == "active"),
            "username": line(row["username"]) or _username(user, row, notes),
            "givenName": given,
            "familyName": family,
            "identifier": line(row["sis_id"]),
            "email": line(row["email"]),
            "userMasterIdentifier": line(row["master_id"]),
        }
    return found


def enrollments_of(
    rows: Iterable[Row],
    users: Mapping[str, object],
    classes: Classes,
    sessions: Sessions,
    today: str,
    notes: Notes,
) -> dict[str, dict[str, str]]:
    """Who is in which class, where both are in the bundle.

    All that is in a bulk file is active: an enrollment that is not is there only where its end says so.
    """
    found: dict[str, dict[str, str]] = {}
    for enrollment, row in present(rows, ENROLLMENTS, notes):
        user, place = _user(row, users), classes.find(row["section_id"])
        if not user or not place:
            notes.left_out(ENROLLMENTS, f"of {'a class' if user else 'a person'} that is not in the bundle")
            continue
        begin, end = _within(row, sessions.period_of(classes.terms_of(place)), notes)
        if _is_over_unsaid(row, end, today):
            notes.left_out(ENROLLMENTS, OVER)
            continue
        role = str(row["role"])
        found[enrollment] = {
            "sourcedId": enrollment,
            "classSourcedId": place,
            "schoolSourcedId": classes.school_of(place),
            "userSourcedId": user,
            "role": _IN_CLASSES.get(role, "ext:other"),
            "primary": flag(row["is_primary"]) if role == "teacher" else "",
            "beginDate": begin,
            "endDate": end,
        }
    return found


def roles_of(
    rows: Iterable[Row],
    people: Iterable[Row],
    users: dict[str, dict[str, str]],
    enrollments: Mapping[str, Mapping[str, str]],
    orgs: Orgs,
    today: str,
    notes: Notes,
) -> dict[str, dict[str, str]]:
    """What people are in which org, one of it primary for each org; at least one for each person.

    Where the source says nothing of a person's roles, they are what the person is in classes. Fills in the users'
    primaryOrgSourcedId.
    """
    found: dict[str, dict[str, str]] = {}
    firsts: set[tuple[str, str]] = set()
    for role, row in _leading_first(present(rows, ROLES, notes)):
        if (user := _user(row, users)) is None:
            notes.left_out(ROLES, "of a person that is not in the bundle")
            continue
        begin, end = _in_order(day(row["starts_on"]), day(row["ends_on"]), ROLES, notes)
        if _is_over_unsaid(row, end, today):
            notes.left_out(ROLES, OVER)
            continue
        org = orgs.any_for(row["org_id"], ROLES)
        found[role] = {**_role(role, user, row["role"], org, firsts, orgs), "beginDate": begin, "endDate": end}
        if row["is_primary"] and not users[user].get("primaryOrgSourcedId"):
            users[user]["primaryOrgSourcedId"] = org
    known = {sourced_id(row["id"]): row["primary_role"] for row in people if row["id"]}
    for user, org, word in _unsaid(users, found, known, enrollments, orgs, notes):
        role = unused(f"{user}/{org}", found)
        found[role] = _role(role, user, word, org, firsts, orgs)
    return found


def demographics_of(rows: Iterable[Row], users: Mapping[str, object], notes: Notes) -> dict[str, dict[str, str]]:
    """Birth, sex and origin, as far as the standard has words for them."""
    found: dict[str, dict[str, str]] = {}
    for _, row in present(rows, DEMOGRAPHICS, notes):
        user = _user(row, users)
        if user is None or user in found:
            notes.left_out(DEMOGRAPHICS, "of a person that is not in the bundle, or came before")
            continue
        found[user] = {
            "sourcedId": user,
            "birthDate": day(row["birth_date"]),
            "sex": row["sex"] if row["sex"] in _SEXES else "",
            **_races(row, notes),
            "hispanicOrLatinoEthnicity": flag(row["ethnicity"]),
            "countryOfBirthCode": line(row["birth_country"]),
        }
    return found


def _user(row: Row, users: Mapping[str, object]) -> str | None:
    found = sourced_id(row["person_id"]) if row["person_id"] else None
    return found if found in users else None


def _names(row: Row, notes: Notes) -> tuple[str, str]:
    """Given and family name: a whole name is cut before its last word; one name alone stands for both."""
    given, family = line(row["given_name"]), line(row["family_name"])
    if given and family:
        return given, family
    whole = line(row["display_name"])
    first, _, last = whole.rpartition(" ")
    if not given and not family and first:
        notes.made_up(USERS, "givenName, familyName: the whole name, cut before its last word")
        return first, last
    if only := given or family or whole or line(row["username"]):
        notes.made_up(USERS, "givenName, familyName: one name that stands for both")
        return given or only, family or only
    return "", ""


def _username(user: str, row: Row, notes: Notes) -> str:
    notes.made_up(USERS, "username: the e-mail address, or the sourcedId")
    return line(row["email"]) or user


def _within(row: Row, period: tuple[str, str], notes: Notes) -> tuple[str, str]:
    """When an enrollment begins and ends; a date outside the class's sessions may not be said (EnrollmentDType)."""
    dates = []
    for name, column in (("beginDate", "starts_on"), ("endDate", "ends_on")):
        said = day(row[column])
        if said and not period[0] <= said <= period[1]:
            notes.left_out(ENROLLMENTS, f"{name}: outside the sessions of the class")
            said = ""
        dates.append(said)
    return _in_order(dates[0], dates[1], ENROLLMENTS, notes)


def _in_order(begin: str, end: str, file: str, notes: Notes) -> tuple[str, str]:
    """Two dates; neither where the end lies before the beginning."""
    if begin and end and end < begin:
        notes.left_out(file, "beginDate, endDate: the end lies before the beginning")
        return "", ""
    return begin, end


def _is_over_unsaid(row: Row, end: str, today: str) -> bool:
    return row["state"] == "inactive" and not (end and end <= today)


def _leading_first(rows: Iterable[tuple[str, Row]]) -> list[tuple[str, Row]]:
    """Roles that the source calls primary before others: the first of an org is written as its primary one."""
    return sorted(rows, key=lambda each: not each[1]["is_primary"])


def _role(role: str, user: str, word: str, org: str, firsts: set[tuple[str, str]], orgs: Orgs) -> dict[str, str]:
    is_first = (user, org) not in firsts
    firsts.add((user, org))
    return {
        "sourcedId": role,
        "userSourcedId": user,
        "roleType": "primary" if is_first else "secondary",
        "role": _administrator(org, orgs) if word == "administrator" else _ROLES.get(word, "ext:other"),
        "orgSourcedId": org,
    }


def _administrator(org: str, orgs: Orgs) -> str:
    if orgs.is_of(org, "district"):
        return "districtAdministrator"
    return "siteAdministrator" if orgs.is_of(org, SCHOOL) else "systemAdministrator"


def _unsaid(
    users: Mapping[str, object],
    roles: Mapping[str, Mapping[str, str]],
    known: Mapping[str, str | None],
    enrollments: Mapping[str, Mapping[str, str]],
    orgs: Orgs,
    notes: Notes,
) -> Iterator[tuple[str, str, str]]:
    """Person, org and role of those who have none: in each school that they have classes in, else in one org."""
    said = {row["userSourcedId"] for row in roles.values()}
    places: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for row in enrollments.values():
        if row["userSourcedId"] not in said:
            word = row["role"].removeprefix("ext:")
            before = places[row["userSourcedId"]].get(row["schoolSourcedId"])
            places[row["userSourcedId"]][row["schoolSourcedId"]] = "teacher" if before == "teacher" else word
    for user in users:
        if user in said:
            continue
        notes.made_up(ROLES, "for a person without any: the primary role, else what the person is in classes")
        at = places.get(user) or {orgs.any_for(None, ROLES): "other"}
        for org, word in at.items():
            yield user, org, known.get(user) or word


def _races(row: Row, notes: Notes) -> dict[str, str]:
    """The flags of the races that are told; a race that is not told is left blank, and not denied."""
    found: dict[str, str] = {}
    for race in row["race"] or ():
        words = _CAPITAL.sub(" ", str(race)).replace("-", " ").replace("_", " ").lower()
        named = [name for pattern, name in _RACES.items() if re.search(pattern, words)]
        if not named:
            notes.left_out(DEMOGRAPHICS, "a race that the standard has no field for")
        found.update((name, "true") for name in named)
    return found
