"""The mapping of Ed-Fi, which `edfi` and `edfi_7_3` share.

Rows after the examples of https://docs.ed-fi.org, Domain Certification API v5, Teaching and Learning, and of
Ed-Fi-Alliance-OSS/edfi-oneroster, OneRoster automated testing (both 2026-11-23), in the fields of
ednexusdata/edfi-odsapi-sdk-v73 docs at 66dea7e. Descriptors as 02_descriptorMappings.sql of edfi-oneroster has them.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from mapped import Mapped, mapped

from homeroom.catalog import find_platform
from homeroom.model import mappings_of

URI = "uri://ed-fi.org/"
MODIFIED = "2025-09-09T15:15:47"
AT = datetime(2025, 9, 9, 15, 15, 47, tzinfo=UTC)
GONE = "2026-01-02T03:04:05Z"
HIGH = {"schoolId": 255901001}
FALL = {**HIGH, "schoolYear": 2022, "sessionName": "2021-2022 Fall Semester"}
ALGEBRA = {**FALL, "localCourseCode": "ALG1-A", "sectionIdentifier": "ALG1-A-P1"}
ART = {**FALL, "localCourseCode": "ART", "sectionIdentifier": "ART-P2"}

AGENCIES = [
    {
        "id": "lea1",
        "localEducationAgencyId": 255901,
        "nameOfInstitution": "Grand Bend ISD",
        "localEducationAgencyCategoryDescriptor": f"{URI}LocalEducationAgencyCategoryDescriptor#Independent",
        "_lastModifiedDate": MODIFIED,
    },
]
SCHOOLS = [
    {
        "id": "school1",
        "schoolId": 255901001,
        "nameOfInstitution": "Grand Bend High School",
        "shortNameOfInstitution": "GBHS",
        "operationalStatusDescriptor": f"{URI}OperationalStatusDescriptor#Active",
        "schoolTypeDescriptor": f"{URI}SchoolTypeDescriptor#Regular",
        "webSite": "http://www.GBISD.edu/GBHS/",
        "localEducationAgencyReference": {"localEducationAgencyId": 255901},
        "_lastModifiedDate": MODIFIED,
    },
    {
        "id": "school0",
        "schoolId": 255901001,
        "nameOfInstitution": "Grand Bend High School, as it was entered first",
        "localEducationAgencyReference": {"localEducationAgencyId": 255901},
        "_deleted_at": GONE,
    },
    {
        "id": "school2",
        "schoolId": 255901044,
        "nameOfInstitution": "Grand Bend Middle School",
        "operationalStatusDescriptor": f"{URI}OperationalStatusDescriptor#Closed",
        "localEducationAgencyReference": {"localEducationAgencyId": 7},
    },
]
SESSIONS = [
    {
        "id": "fall",
        "sessionName": FALL["sessionName"],
        "schoolReference": HIGH,
        "schoolYearTypeReference": {"schoolYear": 2022},
        "beginDate": "2021-08-23",
        "endDate": "2021-12-17",
        "termDescriptor": f"{URI}TermDescriptor#Fall Semester",
        "totalInstructionalDays": 88,
        "_lastModifiedDate": MODIFIED,
    },
    *(
        {
            "id": f"term{number}",
            "sessionName": term,
            "schoolReference": HIGH,
            "schoolYearTypeReference": {"schoolYear": 2022},
            "termDescriptor": f"{URI}TermDescriptor#{term}",
        }
        for number, term in enumerate(["First Quarter", "Third Trimester", "MiniTerm", "Year Round", "Other"])
    ),
]
COURSES = [
    {
        "id": "course1",
        "courseCode": "MATH-101",
        "courseTitle": "Algebra I",
        "numberOfParts": 1,
        "educationOrganizationReference": {"educationOrganizationId": 255901},
        "academicSubjects": [
            {"academicSubjectDescriptor": f"{URI}AcademicSubjectDescriptor#Mathematics"},
            {"academicSubjectDescriptor": f"{URI}AcademicSubjectDescriptor#Science"},
        ],
        "offeredGradeLevels": [{"gradeLevelDescriptor": f"{URI}GradeLevelDescriptor#Ninth grade"}],
        "_lastModifiedDate": MODIFIED,
    },
    {
        "id": "course2",
        "courseCode": "ART",
        "courseTitle": "Art",
        "educationOrganizationReference": {"educationOrganizationId": 255901001},
        "academicSubjectDescriptor": f"{URI}AcademicSubjectDescriptor#Fine and Performing Arts",
    },
]
OFFERINGS = [
    {
        "id": "offering1",
        "localCourseCode": "ALG1-A",
        "courseReference": {"courseCode": "MATH-101", "educationOrganizationId": 255901},
        "schoolReference": HIGH,
        "sessionReference": FALL,
    },
    {
        "id": "offering2",
        "localCourseCode": "ART",
        "localCourseTitle": "Art, and how to look at it",
        "courseReference": {"courseCode": "ART", "educationOrganizationId": 255901001},
        "schoolReference": HIGH,
        "sessionReference": FALL,
    },
]
SECTIONS = [
    {
        "id": "section1",
        "sectionIdentifier": "ALG1-A-P1",
        "courseOfferingReference": {key: ALGEBRA[key] for key in (*FALL, "localCourseCode")},
        "sequenceOfCourse": 1,
        "_lastModifiedDate": MODIFIED,
    },
    {
        "id": "section0",
        "sectionIdentifier": "ALG1-A-P1",
        "courseOfferingReference": {key: ALGEBRA[key] for key in (*FALL, "localCourseCode")},
        "_deleted_at": GONE,
    },
    {
        "id": "section2",
        "sectionIdentifier": "ART-P2",
        "courseOfferingReference": {key: ART[key] for key in (*FALL, "localCourseCode")},
    },
    {
        "id": "section3",
        "sectionIdentifier": "X",
        "sectionName": "A section of no offering",
        "courseOfferingReference": {**FALL, "localCourseCode": "X"},
    },
]
STUDENTS = [
    {
        "id": "student1",
        "studentUniqueId": "604821",
        "personReference": {"personId": "P1", "sourceSystemDescriptor": f"{URI}SourceSystemDescriptor#District"},
        "firstName": "Samuel",
        "preferredFirstName": "Sam",
        "lastSurname": "Grant",
        "birthDate": "2005-03-15",
        "birthSexDescriptor": f"{URI}SexDescriptor#Male",
        "birthCountryDescriptor": f"{URI}CountryDescriptor#US",
        "_lastModifiedDate": MODIFIED,
    },
    {
        "id": "student0",
        "studentUniqueId": "604821",
        "firstName": "Sam",
        "lastSurname": "Grant",
        "birthDate": "2005-03-15",
        "_deleted_at": GONE,
    },
]
STAFFS = [
    {
        "id": "staff1",
        "staffUniqueId": "207270",
        "firstName": "Ida",
        "lastSurname": "Noddack",
        "loginId": "inoddack",
        "sexDescriptor": f"{URI}SexDescriptor#Non-binary",
        "birthDate": "1980-02-25",
        "hispanicLatinoEthnicity": False,
        "races": [{"raceDescriptor": f"{URI}RaceDescriptor#White"}, {"raceDescriptor": f"{URI}RaceDescriptor#Asian"}],
        "electronicMails": [
            {"electronicMailAddress": "ida@home.example", "primaryEmailAddressIndicator": False},
            {"electronicMailAddress": "ida@gbisd.example", "primaryEmailAddressIndicator": True},
        ],
    },
    {"id": "staff2", "staffUniqueId": "207271", "firstName": "Max", "lastSurname": "Born"},
]
SCHOOL_STUDENTS = [
    {
        "id": "ssa1",
        "entryDate": "2021-08-23",
        "entryGradeLevelDescriptor": f"{URI}GradeLevelDescriptor#Ninth grade",
        "entryTypeDescriptor": f"{URI}EntryTypeDescriptor#Next year school",
        "primarySchool": True,
        "fullTimeEquivalency": 0.5,
        "schoolReference": HIGH,
        "studentReference": {"studentUniqueId": "604821"},
        "exitWithdrawDate": "2999-06-30",
        "_lastModifiedDate": MODIFIED,
    },
    {
        "id": "ssa2",
        "entryDate": "2020-08-23",
        "schoolReference": HIGH,
        "studentReference": {"studentUniqueId": "604821"},
        "exitWithdrawDate": "2021-06-30",
        "exitWithdrawTypeDescriptor": f"{URI}ExitWithdrawTypeDescriptor#Completed",
    },
]
CLASSIFICATIONS = {
    "Elementary Teacher": "teacher",
    "Paraprofessional/Instructional Aide": "assistant",
    "School Counselor": "counselor",
    "Assistant Principal": "principal",
    "Superintendent": "administrator",
    "LEA Administrator": "administrator",
    "School Leader": "administrator",
    "Librarian/Media Specialist": "staff",
}
ASSIGNMENTS = [
    {
        "id": f"assigned{number}",
        "beginDate": "2021-08-01",
        "endDate": "2022-06-30" if number == 1 else None,
        "orderOfAssignment": number,
        "staffClassificationDescriptor": f"{URI}StaffClassificationDescriptor#{classification}",
        "educationOrganizationReference": {"educationOrganizationId": 255901},
        "staffReference": {"staffUniqueId": "207270"},
        "positionTitle": "Teacher of mathematics" if number == 1 else None,
    }
    for number, classification in enumerate(CLASSIFICATIONS, start=1)
]
IN_SECTIONS = [
    {
        "id": "in1",
        "beginDate": "2021-08-23",
        "endDate": "2021-12-17",
        "sectionReference": ALGEBRA,
        "studentReference": {"studentUniqueId": "604821"},
        "attemptStatusDescriptor": f"{URI}CourseAttemptResultDescriptor#Pass",
        "homeroomIndicator": False,
        "_lastModifiedDate": MODIFIED,
    },
    {
        "id": "in2",
        "beginDate": "2021-08-23",
        "sectionReference": ART,
        "studentReference": {"studentUniqueId": "604821"},
        "_deleted_at": GONE,
    },
]
POSITIONS = {
    "Teacher of Record": ("teacher", True),
    "TeacherOfRecord": ("teacher", True),
    "Assistant Teacher": ("assistant", False),
    "Substitute Teacher": ("teacher", False),
    "Support Teacher": ("teacher", False),
    "Classroom Aide": ("assistant", False),
}
TEACHING = [
    {
        "id": f"teach{number}",
        "beginDate": "2021-08-23",
        "endDate": "2999-12-17",
        "sectionReference": ART,
        "staffReference": {"staffUniqueId": "207270"},
        "classroomPositionDescriptor": f"{URI}ClassroomPositionDescriptor#{position}",
        "percentageContribution": 100,
    }
    for number, position in enumerate(POSITIONS)
]
ROWS: dict[str, list[dict[str, Any]]] = {
    "local_education_agencies": AGENCIES,
    "schools": SCHOOLS,
    "sessions": SESSIONS,
    "courses": COURSES,
    "course_offerings": OFFERINGS,
    "sections": SECTIONS,
    "students": STUDENTS,
    "staffs": STAFFS,
    "student_school_associations": SCHOOL_STUDENTS,
    "staff_education_organization_assignment_associations": ASSIGNMENTS,
    "student_section_associations": IN_SECTIONS,
    "staff_section_associations": TEACHING,
}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Mapped:
    return mapped("edfi", ROWS, tmp_path_factory.mktemp("edfi"), demographics=True)


def test_both_configs_read_the_tables_and_ask_for_the_model() -> None:
    tables = {table for each in mappings_of("edfi").values() for table in each.reads if "__" not in table}
    for name in ("edfi", "edfi_7_3"):
        platform = find_platform(name)
        assert platform.config["model"] == "edfi"
        assert tables <= set(platform.resource_names)


def test_only_what_names_a_row_that_is_not_there_is_broken(found: Mapped) -> None:
    assert [(each.entity, each.column, each.violations) for each in found.broken] == [("org", "parent_id", 1)]


def test_agencies_are_districts_and_schools_belong_to_them(found: Mapped) -> None:
    orgs = {row["id"]: row for row in found.dicts("org")}
    extra = json.loads(orgs["school1"].pop("extra"))
    assert orgs["school1"] == {
        "source": "edfi",
        "id": "school1",
        "name": "Grand Bend High School",
        "kind": "school",
        "parent_id": "lea1",
        "code": "255901001",
        "source_modified_at": AT,
        "state": "active",
        "native_state": "Active",
    }
    assert extra == {"short_name": "GBHS", "type": "Regular", "web_site": "http://www.GBISD.edu/GBHS/"}
    assert (orgs["lea1"]["kind"], orgs["lea1"]["code"], orgs["lea1"]["source_modified_at"]) == (
        "district",
        "255901",
        AT,
    )
    assert "parent_id" not in orgs["lea1"]


def test_a_closed_school_is_inactive_and_an_agency_that_is_not_there_keeps_its_number(found: Mapped) -> None:
    assert found.rows("SELECT state, native_state, parent_id FROM edu.org WHERE id = 'school2'") == [
        ("inactive", "Closed", "7")
    ]


def test_a_key_that_was_given_again_names_the_row_that_is_alive(found: Mapped) -> None:
    assert found.rows("SELECT state FROM edu.org WHERE id = 'school0'") == [("deleted",)]
    assert found.rows("SELECT DISTINCT org_id FROM edu.section") == [("school1",)]
    assert found.rows("SELECT id, person_id, section_id FROM edu.enrollment WHERE role = 'student' ORDER BY id") == [
        ("in1", "student1", "section1"),
        ("in2", "student1", "section2"),
    ]


def test_sessions_are_of_a_kind_by_their_term(found: Mapped) -> None:
    sessions = {row["id"]: row for row in found.dicts("academic_session")}
    extra = json.loads(sessions["fall"].pop("extra"))
    assert sessions["fall"] == {
        "source": "edfi",
        "id": "fall",
        "title": "2021-2022 Fall Semester",
        "kind": "semester",
        "starts_on": date(2021, 8, 23),
        "ends_on": date(2021, 12, 17),
        "org_id": "school1",
        "school_year": 2022,
        "source_modified_at": AT,
        "state": "active",
    }
    assert extra == {"term": "Fall Semester", "total_instructional_days": 88}
    kinds = [sessions[f"term{number}"]["kind"] for number in range(5)]
    assert kinds == ["term", "term", "term", "school_year", "other"]


def test_subjects_come_from_the_list_or_from_the_one(found: Mapped) -> None:
    algebra, art = found.dicts("course")
    extra = json.loads(algebra.pop("extra"))
    assert algebra == {
        "source": "edfi",
        "id": "course1",
        "title": "Algebra I",
        "code": "MATH-101",
        "org_id": "lea1",
        "subjects": ["Mathematics", "Science"],
        "grades": ["Ninth grade"],
        "source_modified_at": AT,
        "state": "active",
    }
    assert extra == {"number_of_parts": 1}
    assert (art["org_id"], art["subjects"]) == ("school1", ["Fine and Performing Arts"])


def test_a_section_finds_its_course_by_its_offering(found: Mapped) -> None:
    sections = {row["id"]: row for row in found.dicts("section")}
    extra = json.loads(sections["section1"].pop("extra"))
    assert sections["section1"] == {
        "source": "edfi",
        "id": "section1",
        "title": "Algebra I",
        "course_id": "course1",
        "org_id": "school1",
        "session_ids": ["fall"],
        "code": "ALG1-A-P1",
        "sis_id": "ALG1-A-P1",
        "kind": "scheduled",
        "source_modified_at": AT,
        "state": "active",
    }
    assert extra == {"local_course_code": "ALG1-A", "sequence_of_course": 1}
    assert sections["section2"]["title"] == "Art, and how to look at it"
    assert (sections["section3"]["title"], sections["section3"].get("course_id")) == ("A section of no offering", None)


def test_students_and_staff_are_persons(found: Mapped) -> None:
    persons = {row["id"]: row for row in found.dicts("person")}
    assert persons["student1"] == {
        "source": "edfi",
        "id": "student1",
        "given_name": "Samuel",
        "family_name": "Grant",
        "display_name": "Sam Grant",
        "sis_id": "604821",
        "master_id": "P1",
        "primary_role": "student",
        "source_modified_at": AT,
        "state": "active",
    }
    assert persons["staff1"]["email"] == "ida@gbisd.example"
    assert persons["staff1"]["username"] == "inoddack"
    # The first assignment, which has ended, made a teacher of them.
    assert (persons["staff1"]["primary_role"], persons["staff2"]["primary_role"]) == ("assistant", "staff")
    assert persons["student0"]["state"] == "deleted"


def test_students_have_a_role_in_a_school_until_they_leave(found: Mapped) -> None:
    roles = {row["id"]: row for row in found.dicts("person_role")}
    extra = json.loads(roles["ssa1"].pop("extra"))
    assert roles["ssa1"] == {
        "source": "edfi",
        "id": "ssa1",
        "person_id": "student1",
        "role": "student",
        "org_id": "school1",
        "is_primary": True,
        "starts_on": date(2021, 8, 23),
        "ends_on": date(2999, 6, 30),
        "source_modified_at": AT,
        "state": "active",
    }
    assert extra == {
        "entry_grade_level": "Ninth grade",
        "entry_type": "Next year school",
        "full_time_equivalency": 0.5,
    }
    assert (roles["ssa2"]["state"], roles["ssa2"]["native_state"]) == ("inactive", "Completed")


def test_staff_have_a_role_by_their_classification(found: Mapped) -> None:
    rows = found.rows(
        "SELECT role, org_id, is_primary, state FROM edu.person_role WHERE person_id = 'staff1' ORDER BY id"
    )
    assert [role for role, *_ in rows] == list(CLASSIFICATIONS.values())
    assert {org for _, org, *_ in rows} == {"lea1"}
    assert [(primary, state) for *_, primary, state in rows] == [(True, "inactive"), *[(False, "active")] * 7]


def test_demographics_are_of_students_and_staff(found: Mapped) -> None:
    rows = {row["id"]: row for row in found.dicts("person_demographics")}
    assert rows["student1"] == {
        "source": "edfi",
        "id": "student1",
        "person_id": "student1",
        "birth_date": date(2005, 3, 15),
        "sex": "male",
        "birth_country": "US",
        "source_modified_at": AT,
        "state": "active",
    }
    assert rows["staff1"] == {
        "source": "edfi",
        "id": "staff1",
        "person_id": "staff1",
        "birth_date": date(1980, 2, 25),
        "sex": "other",
        "race": ["White", "Asian"],
        "ethnicity": False,
        "state": "active",
    }
    assert "sex" not in rows["staff2"]


def test_enrollments_end(found: Mapped) -> None:
    rows = {row["id"]: row for row in found.dicts("enrollment")}
    extra = json.loads(rows["in1"].pop("extra"))
    assert rows["in1"] == {
        "source": "edfi",
        "id": "in1",
        "person_id": "student1",
        "section_id": "section1",
        "role": "student",
        "starts_on": date(2021, 8, 23),
        "ends_on": date(2021, 12, 17),
        "source_modified_at": AT,
        "state": "inactive",
        "native_state": "Pass",
    }
    assert extra == {"homeroom": False}
    assert rows["in2"]["state"] == "deleted"
    assert rows["teach0"]["state"] == "active"


def test_staff_teach_or_assist_by_their_position(found: Mapped) -> None:
    rows = found.rows("SELECT role, is_primary FROM edu.enrollment WHERE person_id = 'staff1' ORDER BY id")
    assert rows == list(POSITIONS.values())


def test_what_the_key_may_not_see_is_named_by_its_natural_key(tmp_path: Path) -> None:
    found = mapped("edfi", {"student_section_associations": IN_SECTIONS[:1]}, tmp_path)
    assert found.rows("SELECT person_id, section_id FROM edu.enrollment") == [
        ("604821", "255901001/2022/2021-2022 Fall Semester/ALG1-A/ALG1-A-P1")
    ]
    assert {(each.kind, each.column) for each in found.broken} == {
        ("reference", "person_id"),
        ("reference", "section_id"),
    }


def test_an_empty_database_has_empty_views(tmp_path: Path) -> None:
    found = mapped("edfi", {"nothing": [{"id": 1}]}, tmp_path, demographics=True)
    assert set(found.report.rows.values()) == {0}
    assert found.broken == []
