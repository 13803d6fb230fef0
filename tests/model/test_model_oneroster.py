"""The mappings of OneRoster 1.2 and 1.1: over what their stand-in gave, and over rows as the standard has them."""

from __future__ import annotations

import json
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from mapped import Mapped, mapped
from of_standin import OfStandIn, synced

from homeroom.catalog import find_platform
from homeroom.model import mappings_of

GONE, THEN = "2026-11-20T03:00:00Z", "2026-11-03T03:00:00.000Z"
VERSIONS = ("oneroster_1_2", "oneroster_1_1")
OF_VERSION = {"person", "person_role"}
"""What the versions tell in ways of their own."""


def row(number: str, **fields: Any) -> dict[str, Any]:
    return {"sourcedId": number, "status": "active", "dateLastModified": THEN, **fields}


def ref(number: str) -> dict[str, str]:
    return {"href": f"/{number}", "sourcedId": number, "type": "any"}


def user_of_1_2(number: str, *roles: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return row(number, givenName="Zoë", familyName=number, enabledUser=True, roles=list(roles), **fields)


def role(name: str, org: str | None = "s1", kind: str = "primary", **fields: Any) -> dict[str, Any]:
    return {"roleType": kind, "role": name, **({"org": ref(org)} if org else {}), **fields}


KINDS = {
    "d": "district",
    "s1": "school",
    "s2": "department",
    "s3": "state",
    "s4": "national",
    "s5": "local",
    "s6": "ext:choir",
}
TYPES = {"y": "schoolYear", "h": "semester", "t": "term", "g": "gradingPeriod", "x": "ext:week"}

SHARED: dict[str, list[dict[str, Any]]] = {
    "orgs": [
        row(
            number,
            name=f"Org {number}",
            type=kind,
            identifier=f"no-{number}",
            parent=ref("d") if number != "d" else None,
        )
        for number, kind in KINDS.items()
    ],
    "academic_sessions": [
        row(
            number,
            title=f"Session {number}",
            type=kind,
            startDate="2026-08-01",
            endDate="2027-07-31",
            schoolYear="2027",
            parent=ref("y") if number != "y" else None,
        )
        for number, kind in TYPES.items()
    ],
    "courses": [
        row(
            "c1",
            title="Biology",
            courseCode="BIO",
            org=ref("s1"),
            subjects=["Science", "Life"],
            grades=["09", "10"],
            schoolYear=ref("y"),
        ),
        row("c2", title="Old", courseCode="OLD") | {"status": "tobedeleted", "_deleted_at": GONE},
    ],
    "classes": [
        row(
            "k1",
            title="Biology 1",
            classCode="B-1",
            classType="scheduled",
            location="R2",
            course=ref("c1"),
            school=ref("s1"),
            terms=[ref("t"), ref("g")],
        ),
        row("k2", title="Home", classType="homeroom", course=ref("c1"), school=ref("s1"), terms=[ref("t")]),
        row("k3", title="Club", classType="ext:club", course=ref("c1"), school=ref("s1")) | {"status": "inactive"},
    ],
    "enrollments": [
        row(
            f"e{number}",
            role=name,
            primary="true" if number else "false",
            beginDate="2026-08-01",
            endDate="2027-01-31",
            user=ref("u1"),
            school=ref("s1"),
            **{"class": ref("k1")},
        )
        for number, name in enumerate(("student", "teacher", "administrator", "proctor", "aide", "ext:guest"))
    ],
    "demographics": [
        row(
            "u1",
            birthDate="2010-05-06",
            sex="female",
            white="true",
            asian="TRUE",
            blackOrAfricanAmerican="false",
            americanIndianOrAlaskaNative="true",
            nativeHawaiianOrOtherPacificIslander="true",
            demographicRaceTwoOrMoreRaces="true",
            hispanicOrLatinoEthnicity="false",
            countryOfBirthCode="US",
        ),
        row("u2", sex="ext:x"),
        row("u3", sex="unspecified", white="false"),
    ],
}

USERS_1_2 = [
    user_of_1_2(
        "u1",
        role("parent", "s2", "secondary"),
        role("student", "s1", beginDate="2026-08-01", endDate="2026-10-01"),
        role("student", "s1", "secondary", beginDate="2026-11-01"),
        username="zoe",
        email="zoe@example.edu",
        identifier="S-1",
        userMasterIdentifier="M-1",
        userIds=[{"type": "studentUniqueId", "identifier": "S000001"}],
        grades=["09", "10"],
        primaryOrg=ref("s1"),
        middleName="M",
    ),
    user_of_1_2("u2", role("teacher", None), userIds=[{"type": "staffUniqueId", "identifier": "T-2"}])
    | {"enabledUser": "False"},
    user_of_1_2("u3") | {"status": "tobedeleted", "_deleted_at": GONE},
    *(
        user_of_1_2(f"v-{name}", role(name))
        for name in (
            "aide",
            "counselor",
            "districtAdministrator",
            "ext:coach",
            "guardian",
            "principal",
            "proctor",
            "relative",
            "siteAdministrator",
            "systemAdministrator",
        )
    ),
]

USERS_1_1 = [
    row(
        "u1",
        username="zoe",
        userIds=[{"type": "LDAP", "identifier": "zoe"}],
        enabledUser=True,
        givenName="Zoë",
        familyName="u1",
        role="student",
        orgs=[ref("s1"), ref("s2"), ref("s1")],
        email="zoe@example.edu",
        identifier="S-1",
        grades=["09"],
    ),
    row("u2", enabledUser=False, givenName="A", familyName="B", role="teacher"),
    row("u3", role="parent", orgs=[ref("s1")]) | {"status": "tobedeleted", "_deleted_at": GONE},
    *(row(f"v-{name}", role=name, orgs=[ref("d")]) for name in ("administrator", "aide", "guardian", "proctor")),
    row("v-relative", role="relative", orgs=[ref("d")]),
    row("w", role="ext:coach", orgs=[ref("d")]),
]


@pytest.fixture(scope="module")
def newer(tmp_path_factory: pytest.TempPathFactory) -> Mapped:
    folder = tmp_path_factory.mktemp("newer")
    return mapped("oneroster_1_2", SHARED | {"users": USERS_1_2}, folder, demographics=True)


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> Mapped:
    return mapped("oneroster_1_1", {"orgs": SHARED["orgs"], "users": USERS_1_1}, tmp_path_factory.mktemp("older"))


@pytest.fixture(scope="module", params=VERSIONS)
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> OfStandIn:
    return synced(request.param, tmp_path_factory.mktemp(request.param))


def one(found: Mapped, entity: str, number: str) -> dict[str, Any]:
    (told,) = [each for each in found.dicts(entity) if each["id"] == number]
    return told


def told_of(number: str, **fields: Any) -> dict[str, Any]:
    """What every row of these says."""
    at = datetime.fromisoformat(THEN)
    same = {"source": "oneroster_1_2", "source_modified_at": at, "state": "active", "native_state": "active"}
    return same | {"id": number} | fields


def test_the_service_is_all_there(service: OfStandIn) -> None:
    counts = service.counts
    assert dict(service.model.rows) == {
        "org": counts["orgs"],
        "academic_session": counts["academic_sessions"],
        "course": counts["courses"],
        "section": counts["classes"],
        "person": counts["users"],
        "person_role": counts["users"],  # each has one role, in one school
        "enrollment": counts["enrollments"],
    }
    assert service.model.broken == []


def test_its_people_are_what_the_service_says(service: OfStandIn) -> None:
    roles = (
        "SELECT p.primary_role, r.role, count(*) FROM edu.person AS p JOIN edu.person_role AS r ON r.person_id = p.id"
    )
    assert service.rows(f"{roles} GROUP BY ALL ORDER BY 1") == [
        ("student", "student", 1163),
        ("teacher", "teacher", 40),
    ]
    states = service.rows("SELECT state, count(*) FROM edu.person GROUP BY 1 ORDER BY 1")
    assert states == [("active", 1082), ("inactive", 121)]  # each tenth may not sign in
    firsts = service.rows("SELECT is_primary, count(*) FROM edu.enrollment GROUP BY 1 ORDER BY 1")
    assert firsts == [(False, 1163), (True, 1163)]


def test_the_rows_hold_together(newer: Mapped, older: Mapped) -> None:
    assert (newer.broken, older.broken) == ([], [])


def test_an_org_has_its_kind_and_its_parent(newer: Mapped) -> None:
    assert one(newer, "org", "s1") == told_of("s1", name="Org s1", kind="school", parent_id="d", code="no-s1")
    assert newer.rows("SELECT kind FROM edu.org WHERE id <> 's1' ORDER BY id") == [
        ("district",),
        ("department",),
        ("state",),
        ("national",),
        ("local",),
        ("other",),
    ]


def test_a_session_has_its_kind_and_its_days(newer: Mapped) -> None:
    days = {"starts_on": date(2026, 8, 1), "ends_on": date(2027, 7, 31), "school_year": 2027}
    assert one(newer, "academic_session", "t") == told_of("t", title="Session t", kind="term", parent_id="y", **days)
    assert newer.rows("SELECT id, kind FROM edu.academic_session ORDER BY id") == [
        ("g", "grading_period"),
        ("h", "semester"),
        ("t", "term"),
        ("x", "other"),
        ("y", "school_year"),
    ]


def test_a_course_and_its_classes(newer: Mapped) -> None:
    course, section = one(newer, "course", "c1"), one(newer, "section", "k1")
    assert json.loads(course.pop("extra")) == {"schoolYear": "y"}
    assert json.loads(section.pop("extra")) == {"classType": "scheduled", "location": "R2"}
    lists = {"subjects": ["Science", "Life"], "grades": ["09", "10"]}
    assert course == told_of("c1", title="Biology", code="BIO", org_id="s1", **lists)
    assert section == told_of(
        "k1",
        title="Biology 1",
        course_id="c1",
        org_id="s1",
        session_ids=["t", "g"],
        code="B-1",
        kind="scheduled",
    )
    gone = one(newer, "course", "c2")
    assert (gone["state"], gone["native_state"]) == ("deleted", "tobedeleted")
    told = newer.rows("SELECT id, kind, state, session_ids FROM edu.section WHERE id > 'k1' ORDER BY id")
    assert told == [("k2", "homeroom", "active", ["t"]), ("k3", None, "inactive", None)]


def test_a_person_of_1_2(newer: Mapped) -> None:
    person = one(newer, "person", "u1")
    assert json.loads(person.pop("extra")) == {"enabledUser": "true", "primaryOrg": "s1", "grades": ["09", "10"]}
    assert person == told_of(
        "u1",
        given_name="Zoë",
        family_name="u1",
        email="zoe@example.edu",
        username="zoe",
        sis_id="S-1",
        master_id="M-1",
        primary_role="student",
    )
    told = newer.rows("SELECT id, state, native_state, sis_id FROM edu.person WHERE id IN ('u2', 'u3') ORDER BY id")
    assert told == [("u2", "inactive", "active", "T-2"), ("u3", "deleted", "tobedeleted", None)]


def test_a_role_that_comes_twice_is_one_row_over_both_times(newer: Mapped) -> None:
    student = one(newer, "person_role", "u1/student/s1")
    assert json.loads(student.pop("extra")) == {"role": "student"}
    days = {"starts_on": date(2026, 8, 1)}  # the later one has no end
    assert student == told_of("u1/student/s1", person_id="u1", role="student", org_id="s1", is_primary=True, **days)
    assert one(newer, "person_role", "u1/parent/s2")["is_primary"] is False
    assert "org_id" not in one(newer, "person_role", "u2/teacher")


def test_the_roles_of_1_2(newer: Mapped) -> None:
    told = newer.rows("SELECT extra ->> 'role', role FROM edu.person_role WHERE person_id LIKE 'v-%' ORDER BY 1")
    assert told == [
        ("aide", "assistant"),
        ("counselor", "counselor"),
        ("districtAdministrator", "administrator"),
        ("ext:coach", "other"),
        ("guardian", "observer"),
        ("principal", "principal"),
        ("proctor", "proctor"),
        ("relative", "observer"),
        ("siteAdministrator", "administrator"),
        ("systemAdministrator", "administrator"),
    ]
    same = "SELECT count(*) FROM edu.person AS p JOIN edu.person_role AS r ON r.person_id = p.id"
    assert newer.rows(f"{same} WHERE p.id LIKE 'v-%' AND p.primary_role = r.role") == [(len(told),)]


def test_a_person_of_1_1_has_one_role_in_some_orgs(older: Mapped) -> None:
    person = one(older, "person", "u1")
    assert json.loads(person.pop("extra")) == {"enabledUser": "true", "grades": ["09"]}
    assert person == told_of(
        "u1",
        source="oneroster_1_1",
        given_name="Zoë",
        family_name="u1",
        email="zoe@example.edu",
        username="zoe",
        sis_id="S-1",
        primary_role="student",
    )
    told = older.rows("SELECT id, role, org_id, state FROM edu.person_role WHERE person_id LIKE 'u%' ORDER BY id")
    assert told == [
        ("u1/student/s1", "student", "s1", "active"),
        ("u1/student/s2", "student", "s2", "active"),
        ("u2/teacher", "teacher", None, "active"),
        ("u3/parent/s1", "observer", "s1", "deleted"),
    ]
    assert older.rows("SELECT state FROM edu.person WHERE id IN ('u2', 'u3') ORDER BY id") == [
        ("inactive",),
        ("deleted",),
    ]


def test_the_roles_of_1_1(older: Mapped) -> None:
    told = "SELECT extra ->> 'role', role FROM edu.person_role WHERE person_id >= 'v' ORDER BY 1"
    assert older.rows(told) == [
        ("administrator", "administrator"),
        ("aide", "assistant"),
        ("ext:coach", "other"),
        ("guardian", "observer"),
        ("proctor", "proctor"),
        ("relative", "observer"),
    ]
    people = older.rows("SELECT primary_role FROM edu.person WHERE id >= 'v' ORDER BY id")
    assert people == [("administrator",), ("assistant",), ("observer",), ("proctor",), ("observer",), ("other",)]


def test_an_enrollment_has_its_role_and_its_days(newer: Mapped) -> None:
    first = one(newer, "enrollment", "e1")
    assert json.loads(first.pop("extra")) == {"role": "teacher", "school": "s1"}
    days = {"starts_on": date(2026, 8, 1), "ends_on": date(2027, 1, 31)}
    assert first == told_of("e1", person_id="u1", section_id="k1", role="teacher", is_primary=True, **days)
    assert newer.rows("SELECT role, is_primary FROM edu.enrollment ORDER BY id") == [
        ("student", False),
        ("teacher", True),
        ("administrator", True),
        ("proctor", True),
        ("assistant", True),
        ("observer", True),
    ]


def test_demographics_are_there_where_the_config_reads_and_wants_them(newer: Mapped, older: Mapped) -> None:
    assert one(newer, "person_demographics", "u1") == told_of(
        "u1",
        person_id="u1",
        birth_date=date(2010, 5, 6),
        sex="female",
        race=[
            "american_indian_or_alaska_native",
            "asian",
            "native_hawaiian_or_other_pacific_islander",
            "two_or_more_races",
            "white",
        ],
        ethnicity=False,
        birth_country="US",
    )
    told = newer.rows("SELECT sex, race FROM edu.person_demographics WHERE id > 'u1' ORDER BY id")
    assert told == [("other", None), ("unspecified", None)]
    assert "person_demographics" not in older.report.rows


def test_the_versions_differ_in_people_alone() -> None:
    newer, older = (mappings_of(name) for name in VERSIONS)
    differ = {name for name in newer.keys() | older.keys() if newer[name].sql != older[name].sql}
    assert differ == OF_VERSION


def test_classlink_gives_the_tables_of_1_1() -> None:
    classlink, standard = find_platform("classlink"), find_platform("oneroster_1_1")
    assert classlink.config["model"] == standard.config["model"] == "oneroster_1_1"
    assert classlink.resources == standard.resources
    assert classlink.classes == standard.classes


@pytest.mark.parametrize("version", VERSIONS)
def test_a_database_without_its_tables_has_no_rows(version: str, tmp_path: Path) -> None:
    found = mapped(version, {"others": [{"id": 1}]}, tmp_path, demographics=True)
    assert set(found.report.rows.values()) == {0}
    assert found.broken == []
