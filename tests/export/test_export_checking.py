"""Each way in which a bundle can break the standard's rules is found, with its file and line."""

from __future__ import annotations

import csv
import io
import shutil
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from hand_made import bundle, rows, school

from homeroom.oneroster_export import problems_of, write_bundle
from homeroom.oneroster_export.standard import FILES

ID = "is no GUID: 1 to 255 of 0-9 A-Z a-z . - _ / @"


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of all files, with two rows where rules need two."""
    year = {
        "id": "y1",
        "title": "Year",
        "kind": "school_year",
        "starts_on": date(2026, 8, 1),
        "ends_on": date(2027, 6, 30),
    }
    tables = school(
        org=rows(
            "org",
            {"id": "d1", "name": "District", "kind": "district"},
            {"id": "o1", "name": "North", "kind": "school", "parent_id": "d1"},
        ),
        person_demographics=rows("person_demographics", {"id": "x", "person_id": "p2", "sex": "female"}),
    )
    tables["academic_session"] += rows("academic_session", year)
    tables["course"][0]["subjects"] = ["Maths"]
    tables["person_role"] += rows("person_role", {"id": "r3", "person_id": "p1", "role": "staff", "org_id": "o1"})
    made = bundle(tables)
    assert {*made.files} == {*FILES}
    folder = tmp_path_factory.mktemp("good")
    write_bundle(made, folder)
    return folder


@pytest.fixture
def folder(good: Path, tmp_path: Path) -> Path:
    """A copy of it to break."""
    return Path(shutil.copytree(good, tmp_path / "bundle"))


def change(folder: Path, file: str, line: int, field: str, value: str) -> None:
    """Put a value into a cell; lines count from 1, the header's."""
    path = folder / f"{file}.csv"
    table = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))
    table[line - 1][table[0].index(field)] = value
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(table)
    path.write_bytes(text.getvalue().encode())


def told(folder: Path) -> list[str]:
    return [str(each) for each in problems_of(folder)]


def test_a_good_bundle_breaks_nothing(folder: Path) -> None:
    assert told(folder) == []


@pytest.mark.parametrize(
    ("file", "field"), [(file, field.name) for file, fields in FILES.items() for field in fields if field.required]
)
def test_what_is_required_may_not_be_empty(folder: Path, file: str, field: str) -> None:
    change(folder, file, 2, field, "")
    assert f"{file}.csv:2: {field}: is required" in told(folder)


@pytest.mark.parametrize("file", FILES)
def test_a_sourced_id_that_came_before_is_found(folder: Path, file: str) -> None:
    path = folder / f"{file}.csv"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines, lines[1]]))
    assert f"{file}.csv:{len(lines) + 1}: sourcedId: came before in this file" in told(folder)


@pytest.mark.parametrize(
    ("file", "field"),
    [(file, field.name) for file, fields in FILES.items() for field in fields if field.refers_to],
)
def test_a_reference_to_no_row_is_found(folder: Path, file: str, field: str) -> None:
    change(folder, file, 2, field, "nothing-of-that-id")
    assert any(each.startswith(f"{file}.csv:2: {field}: is of no row in ") for each in told(folder))


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("field", ["status", "dateLastModified"])
def test_a_bulk_file_says_nothing_of_status_and_date(folder: Path, file: str, field: str) -> None:
    change(folder, file, 2, field, "active" if field == "status" else "2026-01-31T06:00:00.000Z")
    assert told(folder) == [f"{file}.csv:2: {field}: must be empty in a bulk file"]


@pytest.mark.parametrize("file", FILES)
def test_a_header_in_another_order_is_found(folder: Path, file: str) -> None:
    path = folder / f"{file}.csv"
    header, _, rest = path.read_text(encoding="utf-8").partition("\n")
    names = header.split(",")
    path.write_text(",".join([names[1], names[0], *names[2:]]) + "\n" + rest, encoding="utf-8")
    assert any(each.startswith(f"{file}.csv:1: the header must be sourcedId,status") for each in told(folder))


@pytest.mark.parametrize(
    ("file", "field", "value", "message"),
    [
        ("orgs", "sourcedId", "d 1", ID),
        ("orgs", "sourcedId", "d:1", ID),
        ("orgs", "sourcedId", "d" * 256, ID),
        ("orgs", "type", "School", "must be department, school, district, local, state, national or ext:…"),
        ("orgs", "type", "ext:", "must be department, school, district, local, state, national or ext:…"),
        ("academicSessions", "type", "year", "must be gradingPeriod, semester, schoolYear, term or ext:…"),
        ("academicSessions", "startDate", "17.08.2026", "is no date such as 2026-01-31"),
        ("academicSessions", "startDate", "2026-02-30", "is no date such as 2026-01-31"),
        ("academicSessions", "startDate", "20260817", "is no date such as 2026-01-31"),
        ("academicSessions", "endDate", "2020-01-01", "lies before startDate"),
        ("academicSessions", "schoolYear", "2026-27", "is no year such as 2026"),
        ("courses", "grades", "09,,10", "has an empty item"),
        ("courses", "subjectCodes", "", "must be as many as the subjects"),
        ("classes", "classType", "site", "must be homeroom, scheduled or ext:…"),
        ("classes", "termSourcedIds", "t1,", "is no list of GUIDs: 1 to 255 of 0-9 A-Z a-z . - _ / @ each"),
        ("classes", "schoolSourcedId", "d1", "is of an org that is no school"),
        ("courses", "schoolYearSourcedId", "t1", "is of a session that is no schoolYear"),
        ("users", "enabledUser", "True", "must be true or false"),
        ("users", "enabledUser", "1", "must be true or false"),
        ("users", "userIds", "sis:17", "is no list of {type:id}"),
        ("users", "primaryOrgSourcedId", "d1", "is of an org where the user has no role"),
        ("roles", "roleType", "ext:main", "must be primary, secondary"),
        ("roles", "roleType", "secondary", "no role of this user in this org is primary"),
        ("roles", "role", "administrator", "must be aide, counselor, districtAdministrator,"),
        ("enrollments", "role", "aide", "must be administrator, proctor, student, teacher or ext:…"),
        ("enrollments", "primary", "yes", "must be true or false"),
        ("enrollments", "beginDate", "2026-01-01", "lies outside the sessions of the class"),
        ("enrollments", "endDate", "2030-01-01", "lies outside the sessions of the class"),
        ("demographics", "sex", "F", "must be male, female, unspecified, other or ext:…"),
        ("demographics", "asian", "no", "must be true or false"),
        ("demographics", "birthDate", "2010", "is no date such as 2026-01-31"),
        ("categories", "weight", "0.4", "is no whole number"),
        ("lineItems", "dueDate", "2026-09-08T00:00:00Z", "is no date such as 2026-01-31"),
        ("lineItems", "resultValueMax", "ten", "is no number"),
        ("lineItems", "academicSessionSourcedId", "y1", "is of a whole schoolYear"),
        ("results", "scoreStatus", "graded", "must be exempt, fully graded, not submitted,"),
        ("results", "score", "8,5", "is no number"),
        ("results", "score", "1e1", "is no number"),
        ("results", "score", "10.01", "lies outside the lineItem's values"),
        ("results", "late", "TRUE", "must be true or false"),
    ],
)
def test_a_wrong_value_is_found(folder: Path, file: str, field: str, value: str, message: str) -> None:
    change(folder, file, 2, field, value)
    assert any(each.startswith(f"{file}.csv:2: {field}: {message}") for each in told(folder))


def test_a_second_primary_role_in_an_org_is_found(folder: Path) -> None:
    change(folder, "roles", 4, "roleType", "primary")
    assert told(folder) == ["roles.csv:4: roleType: is the second primary role of a user in an org"]


def test_a_user_without_a_role_is_found(folder: Path) -> None:
    change(folder, "roles", 3, "userSourcedId", "p1")
    assert "users.csv:3: sourcedId: has no row in roles.csv" in told(folder)


def test_parents_that_lead_round_are_found(folder: Path) -> None:
    change(folder, "orgs", 2, "parentSourcedId", "o1")
    said = "parentSourcedId: leads round to the same row"
    assert told(folder) == [f"orgs.csv:2: {said}", f"orgs.csv:3: {said}"]


def test_an_enrollment_in_another_school_than_its_class_is_found(folder: Path) -> None:
    change(folder, "orgs", 2, "type", "school")
    change(folder, "enrollments", 3, "schoolSourcedId", "d1")
    assert told(folder) == ["enrollments.csv:3: schoolSourcedId: is not the class's"]


def test_a_result_of_another_class_than_its_line_item_is_found(folder: Path) -> None:
    path = folder / "classes.csv"
    first = path.read_text(encoding="utf-8").splitlines()[1]
    path.write_text(path.read_text(encoding="utf-8") + first.replace("s1,", "s2,", 1) + "\n", encoding="utf-8")
    change(folder, "results", 2, "classSourcedId", "s2")
    assert told(folder) == ["results.csv:2: classSourcedId: is not the lineItem's"]


def broken(file: str, edit: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def act(folder: Path) -> None:
        path = folder / f"{file}.csv"
        path.write_bytes(edit(path.read_bytes()))

    return act


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (broken("orgs", lambda text: text.replace(b"District", b"Distr\xe9ct")), "orgs.csv: is not UTF-8"),
        (broken("orgs", lambda text: text.replace(b"District", b'"Dis\ntrict"')), "orgs.csv:3: name: has a line break"),
        (broken("orgs", lambda text: text.replace(b"District", b'"Dis\rtrict"')), "name: has a line break"),
        (broken("orgs", lambda text: text.replace(b"District", b'"Dis"trict')), "orgs.csv:2: is no CSV"),
        (broken("orgs", lambda text: text.replace(b"District", b"Dis,trict")), "has 8 cells, and the header 7"),
        (
            broken("orgs", lambda text: text.splitlines()[0]),
            "orgs.csv: has no row; the manifest must call it absent then",
        ),
        (broken("orgs", lambda _: b""), "orgs.csv:1: the header must be sourcedId,"),
        (broken("orgs", lambda text: text.replace(b"parentSourcedId", b"parent")), "orgs.csv:1: the header must be"),
        (
            broken("orgs", lambda text: text.replace(b"SourcedId\r", b"SourcedId,mine\r")),
            "orgs.csv:1: the header must be",
        ),
        (lambda folder: (folder / "orgs.csv").unlink(), "orgs.csv: is missing; the manifest says bulk"),
        (lambda folder: (folder / "manifest.csv").unlink(), "manifest.csv: is missing"),
        (lambda folder: (folder / "students.csv").touch(), "students.csv: is no file of the standard"),
        (lambda folder: (folder / "notes.txt").touch(), "is no file of the standard"),
        (
            broken("manifest", lambda text: text.replace(b"file.orgs,bulk", b"file.orgs,absent")),
            "orgs.csv: is there, and the manifest does not say so",
        ),
        (
            broken("manifest", lambda text: text.replace(b"file.resources,absent", b"file.resources,bulk")),
            "resources.csv: is missing; the manifest says bulk",
        ),
        (
            broken("manifest", lambda text: text.replace(b"file.orgs,bulk", b"file.orgs,full")),
            "value: file.orgs must be absent or bulk or delta",
        ),
        (
            broken("manifest", lambda text: text.replace(b"file.orgs,bulk\r\n", b"")),
            "propertyName: file.orgs is missing",
        ),
        (broken("manifest", lambda text: text + b"file.orgs,bulk\r\n"), "propertyName: file.orgs came before"),
        (broken("manifest", lambda text: text + b"file.pupils,bulk\r\n"), "propertyName: is none of the standard"),
        (
            broken("manifest", lambda text: text.replace(b"version,1.2", b"version,1.1")),
            "oneroster.version must be 1.2",
        ),
        (broken("manifest", lambda text: text.replace(b"version,1.0", b"version,2")), "manifest.version must be 1.0"),
        (
            broken("manifest", lambda text: text.replace(b"propertyName,value", b"name,value")),
            "manifest.csv:1: the header",
        ),
        (
            broken("manifest", lambda text: text.replace(b"file.orgs,bulk", b"file.orgs,delta")),
            "orgs.csv:2: status: must be active or tobedeleted in a delta file",
        ),
        (
            broken("manifest", lambda text: text.replace(b"file.orgs,bulk", b"file.orgs,delta")),
            "orgs.csv:2: dateLastModified: must be a time such as",
        ),
    ],
)
def test_a_file_that_is_wrong_as_a_whole_is_found(folder: Path, act: Callable[[Path], None], expected: str) -> None:
    act(folder)
    assert any(expected in each for each in told(folder))


def test_a_byte_order_mark_and_columns_of_metadata_are_allowed(folder: Path) -> None:
    path = folder / "categories.csv"
    first, second = path.read_text(encoding="utf-8").splitlines()
    path.write_text(f"{first},metadata.colour\n{second},red\n", encoding="utf-8-sig")
    assert told(folder) == []


def test_all_problems_are_told_at_once(folder: Path) -> None:
    change(folder, "users", 2, "enabledUser", "yes")
    change(folder, "users", 3, "enabledUser", "no")
    change(folder, "results", 2, "score", "x")
    assert len(told(folder)) == 3


def test_no_problem_quotes_what_is_in_a_row(folder: Path) -> None:
    change(folder, "users", 2, "sourcedId", "Ada Byron")
    assert not any("Ada" in each for each in told(folder))
