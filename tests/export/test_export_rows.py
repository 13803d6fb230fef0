"""From rows of the model to rows of the files: what is written, made up, changed and left out."""

from __future__ import annotations

import csv
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from hand_made import bundle, rows, school, told, written

from homeroom.oneroster_export.standard import FILES, header_of


def read(folder: Path, file: str) -> list[dict[str, str]]:
    with (folder / f"{file}.csv").open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def row_of(made: Any, file: str, found: str) -> dict[str, str]:
    (row,) = [each for each in made.files[file] if each["sourcedId"] == found]
    return {name: value for name, value in row.items() if value}


def test_a_whole_school_is_written_without_a_word(tmp_path: Path) -> None:
    made = written(school(), tmp_path)
    assert [note for note in made.notes if note.file != "academicSessions"] == []
    assert told(made, "made up", "academicSessions") == {"schoolYear: the year in which the session ends": 1}
    assert row_of(made, "classes", "s1") == {
        "sourcedId": "s1",
        "title": "Algebra A",
        "courseSourcedId": "c1",
        "classType": "scheduled",
        "schoolSourcedId": "o1",
        "termSourcedIds": "t1",
    }
    assert row_of(made, "users", "p1") == {
        "sourcedId": "p1",
        "enabledUser": "true",
        "username": "ada",
        "givenName": "Ada",
        "familyName": "Byron",
        "primaryOrgSourcedId": "o1",
    }
    assert row_of(made, "enrollments", "e1")["primary"] == "true"
    assert row_of(made, "results", "m1") == {
        "sourcedId": "m1",
        "lineItemSourcedId": "a1",
        "studentSourcedId": "p2",
        "scoreStatus": "fully graded",
        "score": "8.5",
        "scoreDate": "2026-09-09",
        "classSourcedId": "s1",
        "late": "false",
    }


def test_headers_stand_in_the_standard_s_order(tmp_path: Path) -> None:
    made = written(school(), tmp_path)
    for file in made.files:
        first = (tmp_path / f"{file}.csv").read_text(encoding="utf-8").splitlines()[0]
        assert first == ",".join(header_of(file))


def test_the_manifest_names_every_file_of_the_standard(tmp_path: Path) -> None:
    written(school(), tmp_path)
    said = {row["propertyName"]: row["value"] for row in read(tmp_path, "manifest")}
    assert (said["manifest.version"], said["oneroster.version"], said["source.systemName"]) == ("1.0", "1.2", "north")
    files = {name: value for name, value in said.items() if name.startswith("file.")}
    assert len(files) == 21
    assert (files["file.users"], files["file.demographics"], files["file.resources"]) == ("bulk", "absent", "absent")
    assert {name for name, value in files.items() if value == "bulk"} == {
        f"file.{path.stem}" for path in tmp_path.iterdir() if path.stem != "manifest"
    }


def test_in_a_bulk_file_status_and_date_are_empty(tmp_path: Path) -> None:
    made = written(school(), tmp_path)
    cells = [
        row[name] for file in made.files for row in read(tmp_path, file) for name in ("status", "dateLastModified")
    ]
    assert {*cells} == {""}


def test_commas_quotes_line_breaks_and_emoji_come_through_or_become_a_blank(tmp_path: Path) -> None:
    person = {"id": "p9", "given_name": 'Ana, "Ani"', "family_name": " O\r\nNeil\x00\t🙂 ", "username": "ana"}
    tables = school(person=rows("person", person), person_role=[], enrollment=[], submission=[])
    written(tables, tmp_path)
    (user,) = read(tmp_path, "users")
    assert (user["givenName"], user["familyName"]) == ('Ana, "Ani"', "O Neil 🙂")


def test_lists_have_commas_within_quotes(tmp_path: Path) -> None:
    course = {"id": "c1", "title": "X", "org_id": "o1", "grades": ["09", "10"], "subjects": ["Maths, pure", "Logic"]}
    made = written(school(course=rows("course", course)), tmp_path)
    assert ',"09,10",o1,"Maths pure,Logic","Maths pure,Logic"' in (tmp_path / "courses.csv").read_text(encoding="utf-8")
    assert told(made, "made up", "courses") == {"subjectCodes: the subjects, as each must have a code": 1}


def test_a_deleted_person_goes_with_all_that_is_theirs(tmp_path: Path) -> None:
    tables = school()
    tables["person"][1]["state"] = "deleted"
    made = written(tables, tmp_path)
    assert [row["sourcedId"] for row in made.files["users"]] == ["p1"]
    assert told(made, "left out", "users") == {"deleted in the source": 1}
    assert told(made, "left out", "enrollments") == {"of a person that is not in the bundle": 1}
    assert told(made, "left out", "roles") == {"of a person that is not in the bundle": 1}
    assert told(made, "left out", "results") == {"of a person that is not in the bundle": 1}
    assert "results" not in made.files


def test_a_deleted_class_goes_with_its_enrollments_and_work(tmp_path: Path) -> None:
    tables = school()
    tables["section"][0]["state"] = "deleted"
    made = written(tables, tmp_path)
    assert not {"classes", "enrollments", "lineItems", "results"} & made.files.keys()
    assert told(made, "left out", "enrollments") == {"of a class that is not in the bundle": 2}


def test_an_orphan_enrollment_is_left_out(tmp_path: Path) -> None:
    orphans = rows(
        "enrollment",
        {"id": "e1", "person_id": "nobody", "section_id": "s1", "role": "student"},
        {"id": "e2", "person_id": "p2", "section_id": "nowhere", "role": "student"},
        {"id": "e3", "person_id": "p2", "section_id": "s1", "role": "student"},
    )
    made = written(school(enrollment=orphans), tmp_path)
    assert [row["sourcedId"] for row in made.files["enrollments"]] == ["e3"]
    assert sum(told(made, "left out", "enrollments").values()) == 2


def test_an_id_that_comes_twice_is_written_once(tmp_path: Path) -> None:
    twice = rows("org", {"id": "o1", "name": "A", "kind": "school"}, {"id": "o1", "name": "B", "kind": "school"})
    made = written(school(org=twice), tmp_path)
    assert [row["name"] for row in made.files["orgs"]] == ["A"]
    assert told(made, "left out", "orgs") == {"an id that came before": 1}


def test_ids_with_characters_that_a_guid_may_not_have_are_replaced_everywhere(tmp_path: Path) -> None:
    native = "course-v1:edX+DemoX+2026"
    tables = school()
    tables["section"][0]["id"] = native
    for entity in ("enrollment", "assignment"):
        for row in tables[entity]:
            row["section_id"] = native
    made = written(tables, tmp_path)
    (found,) = [row["sourcedId"] for row in made.files["classes"]]
    assert found.startswith("course-v1_edX_DemoX_2026-")
    assert {row["classSourcedId"] for row in made.files["enrollments"]} == {found}
    assert bundle(tables).files["classes"] == made.files["classes"]


def test_two_ids_that_look_alike_after_replacing_stay_two(tmp_path: Path) -> None:
    alike = rows("org", {"id": "a:b", "name": "1", "kind": "school"}, {"id": "a+b", "name": "2", "kind": "school"})
    made = written(school(org=alike, person_role=[]), tmp_path)
    assert len({row["sourcedId"] for row in made.files["orgs"]} - {"homeroom-school"}) == 2


def test_a_person_of_several_roles_has_one_primary_role_in_each_org(tmp_path: Path) -> None:
    orgs = rows("org", {"id": "o1", "name": "N", "kind": "school"}, {"id": "d1", "name": "D", "kind": "district"})
    several = rows(
        "person_role",
        {"id": "r1", "person_id": "p1", "role": "staff", "org_id": "o1", "is_primary": False},
        {"id": "r2", "person_id": "p1", "role": "teacher", "org_id": "o1", "is_primary": True},
        {"id": "r3", "person_id": "p1", "role": "administrator", "org_id": "d1", "is_primary": True},
        {"id": "r4", "person_id": "p1", "role": "administrator", "org_id": "o1"},
        {"id": "r5", "person_id": "p2", "role": "observer", "org_id": "o1"},
    )
    made = written(school(org=orgs, person_role=several), tmp_path)
    said = {row["sourcedId"]: (row["roleType"], row["role"]) for row in made.files["roles"]}
    assert said == {
        "r1": ("secondary", "ext:staff"),
        "r2": ("primary", "teacher"),
        "r3": ("primary", "districtAdministrator"),
        "r4": ("secondary", "siteAdministrator"),
        "r5": ("primary", "ext:observer"),
    }
    assert row_of(made, "users", "p1")["primaryOrgSourcedId"] == "o1"


@pytest.mark.parametrize(
    ("role", "word"),
    [
        ("student", "student"),
        ("teacher", "teacher"),
        ("assistant", "aide"),
        ("observer", "ext:observer"),
        ("designer", "ext:designer"),
        ("counselor", "counselor"),
        ("principal", "principal"),
        ("proctor", "proctor"),
        ("staff", "ext:staff"),
        ("administrator", "siteAdministrator"),
        ("other", "ext:other"),
    ],
)
def test_each_role_of_the_model_has_a_word(role: str, word: str) -> None:
    tables = school(person_role=rows("person_role", {"id": "r", "person_id": "p1", "role": role, "org_id": "o1"}))
    assert row_of(bundle(tables), "roles", "r")["role"] == word


@pytest.mark.parametrize(
    "role", ["student", "teacher", "assistant", "observer", "designer", "administrator", "proctor"]
)
def test_each_role_in_a_class_has_a_word(role: str, tmp_path: Path) -> None:
    made = written(
        school(enrollment=rows("enrollment", {"id": "e", "person_id": "p1", "section_id": "s1", "role": role})),
        tmp_path,
    )
    word = row_of(made, "enrollments", "e")["role"]
    assert word == (role if role in ("student", "teacher", "administrator", "proctor") else f"ext:{role}")


def test_people_without_roles_have_those_of_their_classes(tmp_path: Path) -> None:
    tables = school(person_role=[])
    tables["person"][0]["primary_role"] = None
    made = written(tables, tmp_path)
    said = {row["userSourcedId"]: (row["role"], row["orgSourcedId"]) for row in made.files["roles"]}
    assert said == {"p1": ("teacher", "o1"), "p2": ("student", "o1")}
    assert sum(told(made, "made up", "roles").values()) == 2


def test_a_person_that_nothing_is_known_of_is_something_in_the_org_above_all(tmp_path: Path) -> None:
    made = written(school(person_role=[], enrollment=[], person=rows("person", {"id": "p", "username": "x"})), tmp_path)
    (role,) = made.files["roles"]
    assert (role["role"], role["orgSourcedId"]) == ("ext:other", "o1")


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({"display_name": "Grace Brewster Hopper"}, ("Grace Brewster", "Hopper")),
        ({"display_name": "Madonna"}, ("Madonna", "Madonna")),
        ({"family_name": "Sukarno"}, ("Sukarno", "Sukarno")),
        ({"given_name": "Ada", "display_name": "Ada Byron"}, ("Ada", "Ada")),
        ({"username": "student00160"}, ("student00160", "student00160")),
    ],
)
def test_a_name_in_one_part_becomes_two(given: dict[str, str], names: tuple[str, str]) -> None:
    made = bundle(school(person=rows("person", {"id": "p1", **given})))
    user = row_of(made, "users", "p1")
    assert (user["givenName"], user["familyName"]) == names
    assert any(what.startswith("givenName") for what in told(made, "made up", "users"))


def test_nobody_without_any_name_is_in_the_bundle(tmp_path: Path) -> None:
    nameless = rows("person", {"id": "p1", "email": "a@example.org"}, {"id": "p2", "username": "lin"})
    made = written(school(person=nameless), tmp_path)
    assert [row["sourcedId"] for row in made.files["users"]] == ["p2"]
    assert told(made, "left out", "users") == {"without any name": 1}


def test_inactive_people_are_not_enabled_and_what_is_over_needs_its_end(tmp_path: Path) -> None:
    tables = school()
    tables["person"][1]["state"] = "inactive"
    base = {"state": "inactive", "person_id": "p2", "section_id": "s1", "role": "student"}
    tables["enrollment"] = rows(
        "enrollment",
        {**base, "id": "past", "ends_on": date(2026, 11, 20)},
        {**base, "id": "to come", "ends_on": date(2026, 12, 18)},
        {**base, "id": "open"},
    )
    tables["person_role"][1]["state"] = "inactive"
    made = written(tables, tmp_path)
    assert row_of(made, "users", "p2")["enabledUser"] == "false"
    assert [(row["sourcedId"], row["endDate"]) for row in made.files["enrollments"]] == [("past", "2026-11-20")]
    said = "not active, and without an end before today that would say so"
    assert told(made, "left out", "enrollments") == {said: 2}
    assert told(made, "left out", "roles") == {said: 1}


def test_dates_of_an_enrollment_outside_its_class_s_sessions_are_blank(tmp_path: Path) -> None:
    early = {"id": "e", "person_id": "p2", "section_id": "s1", "role": "student", "starts_on": date(2026, 6, 1)}
    made = written(school(enrollment=rows("enrollment", early)), tmp_path)
    assert "beginDate" not in row_of(made, "enrollments", "e")
    assert told(made, "left out", "enrollments") == {"beginDate: outside the sessions of the class": 1}


def test_a_class_of_nothing_has_a_school_a_term_and_a_course_that_are_made_up(tmp_path: Path) -> None:
    alone = rows("section", {"id": "s1", "title": "Club"})
    made = written(school(org=[], academic_session=[], course=[], section=alone, person_role=[]), tmp_path)
    assert row_of(made, "orgs", "homeroom-school") == {
        "sourcedId": "homeroom-school",
        "name": "north",
        "type": "school",
    }
    assert row_of(made, "academicSessions", "homeroom-term") == {
        "sourcedId": "homeroom-term",
        "title": "2026",
        "type": "term",
        "startDate": "2026-01-01",
        "endDate": "2026-12-31",
        "schoolYear": "2026",
    }
    assert row_of(made, "courses", "s1") == {"sourcedId": "s1", "title": "Club", "orgSourcedId": "homeroom-school"}
    assert row_of(made, "classes", "s1")["courseSourcedId"] == "s1"
    for file in ("orgs", "academicSessions", "courses", "classes"):
        assert told(made, "made up", file)


def test_a_course_that_is_made_up_does_not_take_another_s_id(tmp_path: Path) -> None:
    tables = school(course=rows("course", {"id": "s1", "title": "Other", "org_id": "o1"}))
    made = written(tables, tmp_path)
    assert row_of(made, "classes", "s1")["courseSourcedId"] == "class-s1"


def test_a_class_is_in_the_school_that_its_department_is_in(tmp_path: Path) -> None:
    orgs = rows(
        "org",
        {"id": "o1", "name": "N", "kind": "school"},
        {"id": "o2", "name": "S", "kind": "school"},
        {"id": "x", "name": "Maths", "kind": "department", "parent_id": "o2"},
    )
    tables = school(org=orgs)
    tables["section"][0]["org_id"] = "x"
    made = written(tables, tmp_path)
    assert row_of(made, "classes", "s1")["schoolSourcedId"] == "o2"
    assert row_of(made, "enrollments", "e1")["schoolSourcedId"] == "o2"


def test_a_class_of_a_district_of_two_schools_is_in_neither(tmp_path: Path) -> None:
    orgs = rows(
        "org",
        {"id": "d", "name": "D", "kind": "district"},
        {"id": "o1", "name": "N", "kind": "school", "parent_id": "d"},
        {"id": "o2", "name": "S", "kind": "school", "parent_id": "d"},
    )
    tables = school(org=orgs)
    tables["section"][0]["org_id"] = "d"
    assert row_of(written(tables, tmp_path), "classes", "s1")["schoolSourcedId"] == "homeroom-school"


def test_an_account_with_classes_is_a_school_and_one_without_is_local(tmp_path: Path) -> None:
    orgs = rows(
        "org",
        {"id": "root", "name": "R", "kind": "account"},
        {"id": "o1", "name": "N", "kind": "account", "parent_id": "root"},
    )
    made = written(school(org=orgs), tmp_path)
    assert {row["sourcedId"]: row["type"] for row in made.files["orgs"]} == {"root": "local", "o1": "school"}


def test_orgs_that_are_each_other_s_parent_lose_a_parent(tmp_path: Path) -> None:
    orgs = rows(
        "org",
        {"id": "o1", "name": "N", "kind": "school", "parent_id": "o2"},
        {"id": "o2", "name": "S", "kind": "school", "parent_id": "o1"},
        {"id": "o3", "name": "T", "kind": "school", "parent_id": "gone"},
    )
    made = written(school(org=orgs), tmp_path)
    assert told(made, "left out", "orgs").popitem()[1] == 2
    assert row_of(made, "orgs", "o2")["parentSourcedId"] == "o1"


def test_a_session_within_itself_loses_its_parent(tmp_path: Path) -> None:
    term = {"id": "t1", "title": "T", "kind": "term", "starts_on": date(2026, 8, 1), "ends_on": date(2026, 12, 31)}
    made = written(school(academic_session=rows("academic_session", {**term, "parent_id": "t1"})), tmp_path)
    assert "parentSourcedId" not in row_of(made, "academicSessions", "t1")


def test_dates_in_the_wrong_order_are_blank(tmp_path: Path) -> None:
    tables = school()
    for entity in ("enrollment", "person_role"):
        tables[entity][1].update(starts_on=date(2026, 9, 2), ends_on=date(2026, 9, 1))
    made = written(tables, tmp_path)
    for file, found in (("enrollments", "e2"), ("roles", "r2")):
        assert not {"beginDate", "endDate"} & row_of(made, file, found).keys()
        assert told(made, "left out", file) == {"beginDate, endDate: the end lies before the beginning": 1}


def test_values_outside_the_model_s_lists_become_others_or_nothing(tmp_path: Path) -> None:
    tables = school(person_demographics=rows("person_demographics", {"id": "x", "person_id": "p2", "sex": "F"}))
    tables["enrollment"][1]["role"] = "Class Rep."
    tables["person_role"][1]["role"] = "Class Rep."
    tables["submission"][0]["status"] = "Handed in"
    made = written(tables, tmp_path)
    assert row_of(made, "enrollments", "e2")["role"] == row_of(made, "roles", "r2")["role"] == "ext:other"
    assert row_of(made, "demographics", "p2") == {"sourcedId": "p2"}
    assert row_of(made, "results", "m1")["scoreStatus"] == "fully graded"


def test_a_session_without_dates_is_left_out_and_its_children_lose_it(tmp_path: Path) -> None:
    year = {"id": "y", "title": "Year", "kind": "school_year"}
    term = {"id": "t1", "title": "T", "kind": "other", "parent_id": "y"}
    dated = {**term, "starts_on": date(2026, 8, 1), "ends_on": date(2026, 12, 31)}
    made = written(school(academic_session=rows("academic_session", year, dated)), tmp_path)
    assert row_of(made, "academicSessions", "t1")["type"] == "term"
    assert "parentSourcedId" not in row_of(made, "academicSessions", "t1")
    assert len(told(made, "left out", "academicSessions")) == 2


def test_a_term_is_of_the_school_year_that_it_lies_in(tmp_path: Path) -> None:
    year = {"id": "y", "title": "Y", "kind": "school_year", "starts_on": date(2026, 8, 1), "ends_on": date(2027, 6, 30)}
    term = {"id": "t1", "title": "T", "kind": "term", "starts_on": date(2026, 8, 1), "ends_on": date(2026, 12, 31)}
    made = written(school(academic_session=rows("academic_session", year, {**term, "parent_id": "y"})), tmp_path)
    assert row_of(made, "academicSessions", "t1")["schoolYear"] == "2027"


@pytest.mark.parametrize(("due", "session"), [(date(2026, 9, 8), "t1"), (date(2025, 1, 1), "homeroom-term")])
def test_work_of_a_class_in_a_school_year_is_in_the_term_in_which_it_is_due(
    due: date, session: str, tmp_path: Path
) -> None:
    year = {"id": "y", "title": "Y", "kind": "school_year", "starts_on": date(2026, 8, 1), "ends_on": date(2027, 6, 30)}
    term = {"id": "t1", "title": "T", "kind": "term", "starts_on": date(2026, 8, 1), "ends_on": date(2026, 12, 31)}
    tables = school(academic_session=rows("academic_session", year, {**term, "parent_id": "y"}))
    tables["section"][0]["session_ids"] = ["y"]
    tables["assignment"][0]["due_at"] = due
    made = written(tables, tmp_path)
    assert row_of(made, "lineItems", "a1")["academicSessionSourcedId"] == session


def test_work_without_dates_or_category_has_those_of_its_term(tmp_path: Path) -> None:
    made = written(school(assignment=rows("assignment", {"id": "a1", "title": "Essay", "section_id": "s1"})), tmp_path)
    item = row_of(made, "lineItems", "a1")
    assert (item["assignDate"], item["dueDate"]) == ("2026-08-17", "2026-12-18")
    assert item["categorySourcedId"] == "homeroom-category"
    assert len(told(made, "made up", "lineItems")) == 3


def test_a_weight_that_is_no_whole_number_is_blank(tmp_path: Path) -> None:
    made = written(
        school(assignment_category=rows("assignment_category", {"id": "k1", "title": "T", "weight": 0.4})), tmp_path
    )
    assert "weight" not in row_of(made, "categories", "k1")
    assert told(made, "left out", "categories") == {"weight: no whole number up to 100": 1}


def test_of_several_attempts_the_last_is_the_result(tmp_path: Path) -> None:
    base = {"assignment_id": "a1", "person_id": "p2", "status": "graded", "graded_at": date(2026, 9, 9)}
    attempts = rows(
        "submission",
        {**base, "id": "m2", "attempt": 2, "score": 9},
        {**base, "id": "m1", "attempt": 1, "score": 4},
        {**base, "id": "m0", "score": 1},
    )
    made = written(school(submission=attempts), tmp_path)
    assert [(row["sourcedId"], row["score"]) for row in made.files["results"]] == [("m2", "9")]
    assert told(made, "left out", "results") == {"an earlier attempt at the same work": 2}


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"status": "not_submitted", "is_missing": True}, "not submitted"),
        ({"status": "draft"}, "not submitted"),
        ({"status": "submitted"}, "submitted"),
        ({"status": "returned"}, "submitted"),
        ({"status": "returned", "score": 3}, "fully graded"),
        ({"status": "graded"}, "fully graded"),
        ({"status": "excused"}, "exempt"),
    ],
)
def test_each_state_of_a_submission_has_a_word(given: dict[str, Any], status: str) -> None:
    base = {"id": "m", "assignment_id": "a1", "person_id": "p2", "source_modified_at": date(2026, 9, 9)}
    made = bundle(school(submission=rows("submission", {**base, **given})))
    assert row_of(made, "results", "m")["scoreStatus"] == status


def test_a_grade_of_work_is_a_result_where_no_submission_is(tmp_path: Path) -> None:
    base = {"scope_id": "a1", "scope": "assignment", "recorded_at": date(2026, 9, 10)}
    grades = rows(
        "grade",
        {**base, "id": "m1", "person_id": "p1", "score": 7},
        {**base, "id": "g2", "person_id": "p2", "score": 1},
        {"id": "g3", "person_id": "p2", "scope": "section", "scope_id": "s1", "grade_text": "A"},
    )
    made = written(school(grade=grades), tmp_path)
    said = {row["sourcedId"]: (row["studentSourcedId"], row["score"]) for row in made.files["results"]}
    assert said == {"m1": ("p2", "8.5"), "grade-m1": ("p1", "7")}
    assert [*told(made, "left out", "results")] == [
        "a grade of a whole class or session, for which there is no lineItem"
    ]


def test_a_result_without_any_date_is_left_out(tmp_path: Path) -> None:
    undated = {"id": "m", "assignment_id": "a1", "person_id": "p2", "status": "graded", "score": 3}
    made = written(school(submission=rows("submission", undated)), tmp_path)
    assert told(made, "left out", "results") == {"without any date": 1}


def test_work_with_a_score_above_its_points_has_no_highest_score(tmp_path: Path) -> None:
    tables = school()
    tables["submission"][0]["score"] = 10.5
    made = written(tables, tmp_path)
    assert "resultValueMax" not in row_of(made, "lineItems", "a1")
    assert told(made, "left out", "lineItems") == {"resultValueMax: there is a score above it": 1}


def test_demographics_tell_the_races_that_are_told_and_deny_none(tmp_path: Path) -> None:
    found = rows(
        "person_demographics",
        {
            "id": "x1",
            "person_id": "p2",
            "birth_date": date(2010, 2, 3),
            "sex": "female",
            "race": ["Black - African American", "nativeHawaiianOrOtherPacificIslander", "Caucasian"],
            "ethnicity": False,
        },
        {"id": "x2", "person_id": "gone"},
    )
    made = written(school(person_demographics=found), tmp_path)
    assert row_of(made, "demographics", "p2") == {
        "sourcedId": "p2",
        "birthDate": "2010-02-03",
        "sex": "female",
        "blackOrAfricanAmerican": "true",
        "nativeHawaiianOrOtherPacificIslander": "true",
        "hispanicOrLatinoEthnicity": "false",
    }
    assert sum(told(made, "left out", "demographics").values()) == 2


def test_a_source_of_people_alone_is_a_bundle_too(tmp_path: Path) -> None:
    made = written({"person": rows("person", {"id": "u1", "username": "student00160"})}, tmp_path)
    assert {*made.files} == {"orgs", "users", "roles"}


def test_every_file_of_the_standard_that_is_written_is_made_of_something() -> None:
    made = bundle(school(person_demographics=rows("person_demographics", {"id": "x", "person_id": "p1"})))
    assert {*made.files} == {*FILES}
