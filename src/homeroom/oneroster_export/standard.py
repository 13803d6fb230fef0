"""The files of OneRoster 1.2's CSV binding, and what may stand in each.

1EdTech OneRoster CSV Binding 1.2.1 (https://www.imsglobal.org/spec/oneroster/v1p2/bind/csv), section 3 «CSV Format»,
has a table of each file: the header's names in their order, which are required, their type and vocabulary. 1.2.1 is
the corrected edition of the document; the manifest says 1.2.

The page itself could not be read whole. What stands here is as LongsightGroup/oneroster on GitHub has it, which says
that it passes 1EdTech's 719 test cases of CSV rostering for 1.2.1, and was compared with the schemas of two other
programs (looked up on 2026-11-23). Programs of before 1.2.1 have resourceSourcedIds in users.csv.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Kind = Literal["id", "ids", "text", "texts", "user_ids", "word", "boolean", "date", "year", "number", "integer"]
"""id: a sourcedId; ids, texts: several, with commas between them; word: of a vocabulary; user_ids: `{type:id}`."""

MANIFEST = "manifest"
MANIFEST_HEADER = ("propertyName", "value")
VERSIONS: Mapping[str, str] = MappingProxyType({"manifest.version": "1.0", "oneroster.version": "1.2"})
SOURCE_NAME, SOURCE_CODE = "source.systemName", "source.systemCode"
MODES = ("absent", "bulk", "delta")

ID = re.compile(r"[0-9A-Za-z.\-_/@]{1,255}")
"""The binding's GUID: 1 to 255 of these characters."""
EXTENSION = re.compile(r"ext:[a-zA-Z0-9.\-_]+")
"""A word of one's own in a vocabulary that may be extended."""
SCHOOL_YEAR, SCHOOL = "schoolYear", "school"


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a file. `refers_to` is the file whose sourcedIds it holds; `words` the vocabulary.

    `is_open`: the vocabulary may be extended by `ext:` words.
    """

    name: str
    kind: Kind = "text"
    required: bool = False
    refers_to: str = ""
    words: tuple[str, ...] = ()
    is_open: bool = True


def _id(name: str, refers_to: str = "", *, required: bool = False) -> Field:
    return Field(name, "id", required, refers_to)


def _word(name: str, *words: str, required: bool = True, is_open: bool = True) -> Field:
    return Field(name, "word", required, words=words, is_open=is_open)


def _text(name: str) -> Field:
    return Field(name, required=True)


_FIRST = (_id("sourcedId", required=True), Field("status"), Field("dateLastModified"))
"""Of every file. The last two are empty in a file that the manifest calls bulk."""

_SCORE_STATUS = ("exempt", "fully graded", "not submitted", "partially graded", "submitted")
_ROLES = (
    "aide",
    "counselor",
    "districtAdministrator",
    "guardian",
    "parent",
    "principal",
    "proctor",
    "relative",
    "siteAdministrator",
    "student",
    "systemAdministrator",
    "teacher",
)
_FLAGS = (
    "americanIndianOrAlaskaNative",
    "asian",
    "blackOrAfricanAmerican",
    "nativeHawaiianOrOtherPacificIslander",
    "white",
    "demographicRaceTwoOrMoreRaces",
    "hispanicOrLatinoEthnicity",
)

FILES: Mapping[str, tuple[Field, ...]] = MappingProxyType(
    {
        "academicSessions": (
            *_FIRST,
            _text("title"),
            _word("type", "gradingPeriod", "semester", SCHOOL_YEAR, "term"),
            Field("startDate", "date", required=True),
            Field("endDate", "date", required=True),
            _id("parentSourcedId", "academicSessions"),
            Field("schoolYear", "year", required=True),
        ),
        "orgs": (
            *_FIRST,
            _text("name"),
            _word("type", "department", SCHOOL, "district", "local", "state", "national"),
            Field("identifier"),
            _id("parentSourcedId", "orgs"),
        ),
        "courses": (
            *_FIRST,
            _id("schoolYearSourcedId", "academicSessions"),
            _text("title"),
            Field("courseCode"),
            Field("grades", "texts"),
            _id("orgSourcedId", "orgs", required=True),
            Field("subjects", "texts"),
            Field("subjectCodes", "texts"),
        ),
        "classes": (
            *_FIRST,
            _text("title"),
            Field("grades", "texts"),
            _id("courseSourcedId", "courses", required=True),
            Field("classCode"),
            _word("classType", "homeroom", "scheduled"),
            Field("location"),
            _id("schoolSourcedId", "orgs", required=True),
            Field("termSourcedIds", "ids", required=True, refers_to="academicSessions"),
            Field("subjects", "texts"),
            Field("subjectCodes", "texts"),
            Field("periods", "texts"),
        ),
        "users": (
            *_FIRST,
            Field("enabledUser", "boolean", required=True),
            _text("username"),
            Field("userIds", "user_ids"),
            _text("givenName"),
            _text("familyName"),
            Field("middleName"),
            Field("identifier"),
            Field("email"),
            Field("sms"),
            Field("phone"),
            Field("agentSourcedIds", "ids", refers_to="users"),
            Field("grades", "texts"),
            Field("password"),
            Field("userMasterIdentifier"),
            Field("preferredGivenName"),
            Field("preferredMiddleName"),
            Field("preferredFamilyName"),
            _id("primaryOrgSourcedId", "orgs"),
            Field("pronouns"),
        ),
        "roles": (
            *_FIRST,
            _id("userSourcedId", "users", required=True),
            _word("roleType", "primary", "secondary", is_open=False),
            _word("role", *_ROLES),
            Field("beginDate", "date"),
            Field("endDate", "date"),
            _id("orgSourcedId", "orgs", required=True),
            _id("userProfileSourcedId"),
        ),
        "enrollments": (
            *_FIRST,
            _id("classSourcedId", "classes", required=True),
            _id("schoolSourcedId", "orgs", required=True),
            _id("userSourcedId", "users", required=True),
            _word("role", "administrator", "proctor", "student", "teacher"),
            Field("primary", "boolean"),
            Field("beginDate", "date"),
            Field("endDate", "date"),
        ),
        "demographics": (
            _id("sourcedId", "users", required=True),
            *_FIRST[1:],
            Field("birthDate", "date"),
            _word("sex", "male", "female", "unspecified", "other", required=False),
            *(Field(name, "boolean") for name in _FLAGS),
            Field("countryOfBirthCode"),
            Field("stateOfBirthAbbreviation"),
            Field("cityOfBirth"),
            Field("publicSchoolResidenceStatus"),
        ),
        "categories": (*_FIRST, _text("title"), Field("weight", "integer")),
        "lineItems": (
            *_FIRST,
            _text("title"),
            Field("description"),
            Field("assignDate", "date", required=True),
            Field("dueDate", "date", required=True),
            _id("classSourcedId", "classes", required=True),
            _id("categorySourcedId", "categories", required=True),
            _id("academicSessionSourcedId", "academicSessions", required=True),
            Field("resultValueMin", "number"),
            Field("resultValueMax", "number"),
            _id("schoolSourcedId", "orgs", required=True),
        ),
        "results": (
            *_FIRST,
            _id("lineItemSourcedId", "lineItems", required=True),
            _id("studentSourcedId", "users", required=True),
            _word("scoreStatus", *_SCORE_STATUS),
            Field("score", "number"),
            Field("scoreDate", "date", required=True),
            Field("comment"),
            Field("textScore"),
            _id("classSourcedId", "classes"),
            Field("inProgress", "boolean"),
            Field("incomplete", "boolean"),
            Field("late", "boolean"),
            Field("missing", "boolean"),
        ),
    }
)
"""The files that are written, without their ending."""

_OTHERS = (
    "classResources",
    "courseResources",
    "lineItemLearningObjectiveIds",
    "lineItemScoreScales",
    "resources",
    "resultLearningObjectiveIds",
    "resultScoreScales",
    "scoreScales",
    "userProfiles",
    "userResources",
)
ALL_FILES: tuple[str, ...] = tuple(sorted((*FILES, *_OTHERS), key=str.lower))
"""All data files of the standard; the manifest says of each whether it is there."""


def header_of(file: str) -> tuple[str, ...]:
    """The names of a file's columns, in their order."""
    return tuple(field.name for field in FILES[file])
