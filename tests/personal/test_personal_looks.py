"""Which columns look personal, which rule fits, and what the evidence says."""

from collections.abc import Sequence
from itertools import cycle, islice

import pytest

from homeroom.demo import School
from homeroom.personal import look

from .personal_measure import CLASSES, declared, precision, share

EMAILS = [f"p{number}@school.example" for number in range(1, 98)]
FIRST_NAMES = ["Ada", "Bo", "Cleo"]


def rule(table: str, column: str, values: Sequence[object] = (), described: str = "") -> str | None:
    """The rule alone."""
    found = look(table, column, values, described)
    return found.rule if found else None


def evidence(table: str, column: str, values: Sequence[object] = (), described: str = "") -> str:
    """The sentence alone."""
    found = look(table, column, values, described)
    assert found is not None
    return found.evidence


# --- names ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "column", "expected"),
    [
        ("users", "name", "drop"),
        ("users", "id", "hash"),
        ("users", "login_id", "hash"),
        ("users", "email", "mask"),
        ("users", "birth_date", "drop"),
        ("users", "bio", "drop"),
        ("users", "password_hash", "drop"),
        ("users", "security_answer", "drop"),
        ("users", "profile__city", "drop"),
        ("users", "profile__postcode", "drop"),
        ("users", "address__zip_code", "drop"),
        ("users", "name__given", "drop"),
        ("people", "description", "drop"),
        ("people", "sis_user_id", "hash"),
        ("students", "number", "hash"),
        ("students", "ssn", "drop"),
        ("students", "race", "drop"),
        ("students", "frl_status", "drop"),
        ("students", "is_hispanic", "drop"),
        ("students", "disability__code", "drop"),
        ("students__addresses", "city", "drop"),
        ("course_users", "phone1", "drop"),
        ("enrollments", "user_id", "hash"),
        ("enrollments", "user__sortable_name", "drop"),
        ("enrollments", "_users_id", "hash"),
        ("submissions", "student_comments", "drop"),
        ("submissions", "body", "drop"),
        ("assignments", "created_by", "hash"),
        ("sections__teachers", "value", "hash"),
        ("grades", "userfullname", "drop"),
        ("grades", "useridnumber", "hash"),
        ("logins", "ip_address", "drop"),
        ("users", "avatar_url", "drop"),
        ("orders", "billing_info", "drop"),
    ],
)
def test_a_personal_name_gets_its_rule(table: str, column: str, expected: str) -> None:
    """Direct identifiers that tables are joined on are hashed, e-mail is masked, the rest is dropped."""
    assert rule(table, column) == expected


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("courses", "name"),
        ("courses", "id"),
        ("courses", "description"),
        ("courses", "fullname"),
        ("courses", "idnumber"),
        ("courses", "parent_id"),
        ("courses", "total_students"),
        ("courses", "students"),
        ("schools", "phone"),
        ("schools", "address__city"),
        ("schools", "state_id"),
        ("sections", "name"),
        ("groups", "name"),
        ("assignments", "description"),
        ("users", "role"),
        ("users", "role__id"),
        ("users", "school_id"),
        ("users", "school_name"),
        ("users", "time_zone"),
        ("users", "state"),
        ("users", "email_verified"),
        ("users", "avatar_state"),
        ("users", "last_login"),
        ("users", "created_at"),
        ("users__roles", "id"),
        ("users__roles", "name"),
        ("users", "phone_type"),
        ("enrollments", "id"),
        ("enrollments", "course_id"),
        ("files", "file_name"),
        ("courses", "allow_student_comments"),
        ("orgs", "parent__sourced_id"),
        ("orgs__children", "sourced_id"),
        ("user_groups", "id"),
        ("user_groups", "name"),
        ("courses", "user_count"),
        ("courses", "teacher_folder__id"),
    ],
)
def test_what_is_of_a_course_or_a_setting_is_not_personal(table: str, column: str) -> None:
    """Though the same word in a table of people would be."""
    assert look(table, column) is None


@pytest.mark.parametrize(
    ("name", "as_written"),
    [("birth_date", "birthDate"), ("user_id", "UserID"), ("first_name", "FirstName"), ("ip_address", "IPAddress")],
)
def test_a_name_as_the_api_writes_it_counts_as_the_normalised_one(name: str, as_written: str) -> None:
    """An OpenAPI file has these."""
    assert look("students", as_written) == look("students", name) is not None


@pytest.mark.parametrize(
    ("table", "column", "expected"),
    [
        ("alumnos", "nombre", "drop"),
        ("cursos", "nombre", None),
        ("alumnos", "fecha_nacimiento", "drop"),
        ("alumnos", "correo_electrónico", "mask"),
        ("matriculas", "id_alumno", "hash"),
        ("eleves", "prénom", "drop"),
        ("eleves", "pr_nom", "drop"),
        ("eleves", "date_naissance", "drop"),
        ("utilisateurs", "nom", "drop"),
        ("schueler", "vorname", "drop"),
        ("Schüler", "Straße", "drop"),
        ("sch_ler", "geburtsdatum", "drop"),
        ("lehrer", "telefon", "drop"),
        ("benutzer", "benutzername", "hash"),
        ("alunos", "nome", "drop"),
        ("alunos", "data_nascimento", "drop"),
        ("alunos", "endere_o", "drop"),
        ("turmas", "nome", None),
    ],
)
def test_names_of_four_more_languages(table: str, column: str, expected: str | None) -> None:
    """With accents, without them, and with the hole that dlt leaves in place of one."""
    assert rule(table, column) == expected


# --- values --------------------------------------------------------------------------------------------------------


def test_the_evidence_counts_the_values_that_fit() -> None:
    """Nulls do not count."""
    values = [*EMAILS, "none", "-", "n/a", None, None]
    assert evidence("things", "handle", values) == "97 of 100 values look like e-mail addresses"


def test_the_evidence_of_a_name_is_joined_by_that_of_the_values() -> None:
    """One sentence."""
    found = look("users", "email", EMAILS)
    assert found is not None
    assert found.evidence == "the name says an e-mail address, and all 97 values look like e-mail addresses"
    assert evidence("users", "birth_date") == "the name says a birth date or place"


@pytest.mark.parametrize(
    ("values", "expected", "looks"),
    [
        (["219-09-9999", "078-05-1120"], "drop", "social security numbers"),
        (["12345678Z", "X1234567L"], "drop", "Spanish identity numbers"),
        (["529.982.247-25", "111.444.777-35"], "drop", "Brazilian tax numbers"),
        (["2 55 08 14 168 025 38", "255081416802538"], "drop", "French social security numbers"),
        (["QQ 12 34 56 C".replace("QQ", "AB"), "JG103759A"], "drop", "British national insurance numbers"),
        (["046 454 286", "046-454-286"], "drop", "Canadian insurance numbers"),
        (["DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432"], "drop", "bank accounts (IBAN)"),
        (["10.0.0.7", "192.168.1.20"], "drop", "IP addresses"),
        (["2001:db8::ff00:42:8329", "fe80::1"], "drop", "IP addresses"),
        (["+44 20 7946 0018", "(555) 555-0199"], "drop", "telephone numbers"),
        (["12 Mill Lane, Lindgrove", "7b Old Church Road"], "drop", "postal addresses"),
        (["Lange Straße 12", "Gartenweg 3, 10115 Berlin"], "drop", "postal addresses"),
        (
            ["https://cdn.example/avatars/1.png", "https://www.gravatar.com/x"],
            "drop",
            "addresses of pictures of people",
        ),
    ],
)
def test_values_tell_though_the_name_says_nothing(values: list[str], expected: str, looks: str) -> None:
    """In a table of records."""
    found = look("answers", "field_7", values)
    assert (found and found.rule, found and found.evidence) == (expected, f"all 2 values look like {looks}")


@pytest.mark.parametrize(
    "values",
    [
        ["000-12-3456", "666-12-3456", "900-12-3456", "123-00-4567", "123-45-0000"],  # never given
        ["12345678A", "87654321B"],  # the letter is wrong
        ["111.111.111-11", "529.982.247-26"],
        ["046 454 287", "123 456 780"],
        ["DE00 3704 0044 0532 0130 00"],
        ["300.1.1.1", "1.2.3"],
        ["2025-01-31", "2026-02-28"],
        ["2025-2026", "2024-2025"],
        ["978-3-16-148410-0", "978-0-306-40615-7"],  # ISBN
        ["1234567", "7654321"],
        ["12.50", "1,250.00"],
        ["08:15-09:00", "10:30-11:15"],
        ["12 Years a Slave", "7 Habits"],
        ["Physik 12", "Algebra 1"],
        ["https://cdn.example/courses/1.png"],
        ["3f2b8c1e-6c1f-4f0e-9b1a-2f1f6f0e9a11"],
    ],
)
def test_what_only_resembles_is_not_taken_for_personal(values: list[str]) -> None:
    """Checks of form, and dates, amounts, times and book numbers."""
    assert look("answers", "field_7", values) is None


def test_values_of_which_few_fit_do_not_count() -> None:
    """A few addresses in a text column make no column of addresses."""
    values = list(islice(cycle(["algebra", "biology", "choir", "p1@school.example"]), 100))
    assert look("things", "field_7", values) is None


@pytest.mark.parametrize("column", ["version", "client_version", "build"])
def test_a_version_is_no_ip_address(column: str) -> None:
    """Of four numbers."""
    assert look("events", column, ["1.2.3.4", "10.0.0.1"]) is None


def test_telephones_and_addresses_of_schools_are_nobodys() -> None:
    """E-mail addresses are somebody's everywhere."""
    assert look("schools", "front_desk", ["+44 20 7946 0018", "+44 20 7946 0019"]) is None
    assert look("schools", "where", ["12 Mill Lane", "14 Mill Lane"]) is None
    assert rule("schools", "front_desk", EMAILS) == "mask"


def test_days_of_many_years_in_a_table_of_people_may_be_birth_dates() -> None:
    """Masked, which keeps the year; those of one school year are not, nor those of courses."""
    days = [f"{1990 + number}-03-0{1 + number % 9}" for number in range(20)]
    assert rule("users", "date_3", days) == "mask"
    assert look("courses", "date_3", days) is None
    assert look("users", "date_3", [f"2025-0{1 + number % 9}-03" for number in range(20)]) is None


def test_a_government_id_wins_over_what_the_name_says() -> None:
    """A student number that is a social security number."""
    assert rule("students", "student_number") == "hash"
    assert rule("students", "student_number", ["219-09-9999", "078-05-1120"]) == "drop"


def test_a_login_that_is_an_email_address_is_hashed_as_a_login() -> None:
    """It is a key."""
    assert rule("users", "login", EMAILS) == "hash"


def test_a_user_name_of_several_words_is_a_name() -> None:
    """And one of one word a login."""
    assert rule("users", "user_name", ["ada1", "bo2", "cleo3"]) == "hash"
    assert rule("users", "user_name", ["Ada Byron", "Bo Ek", "Cleo Du Pont"]) == "drop"


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("email", [True, False, None]),
        ("email", ["daily", "weekly", "never", "daily", "never"]),
        ("name", [1, 2, 3]),
        ("bio", [True, True]),
        ("teacher", [False, True]),
        ("admin", [False, True]),
        ("comment", [3, 0, 12]),
    ],
)
def test_a_name_is_not_believed_against_the_values(column: str, values: list[object]) -> None:
    """Switches, choices and counts."""
    assert look("users", column, values) is None


def test_a_demographic_switch_is_demographic() -> None:
    """True and false say as much as words."""
    assert rule("students", "hispanic_ethnicity", [True, False]) == "drop"


def test_an_id_of_one_figure_is_an_id() -> None:
    """And no switch, though there is but one row."""
    assert rule("users", "id", ["1"]) == rule("users", "id", [1, 0]) == "hash"


def test_lists_and_objects_do_not_count() -> None:
    """A draft asks of what they become."""
    assert look("things", "field_7", [{"a": "p@x.example"}, ["p@x.example"], None]) is None


def test_no_evidence_holds_a_value() -> None:
    """Nor a part of one that a reader would know."""
    values = ["zenobia.quux@lindgrove.example", "219-09-9999", "+44 20 7946 0018", "12 Mill Lane", *FIRST_NAMES]
    for table in ("users", "schools", "answers"):
        for column in ("email", "name", "field_7", "ssn", "note"):
            for each in values:
                found = look(table, column, [each, each])
                assert found is None or each not in found.evidence


# --- descriptions --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("described", "expected"),
    [
        ("The month, day, and year on which an individual was born.", "drop"),
        ("The student's date of birth", "drop"),
        ("The date of birth, as YYYY-MM-DD", "drop"),
        ("A name given to an individual at birth.", "drop"),
        ("Primary email address of the user", "mask"),
        ("A unique alphanumeric code assigned to a student.", "hash"),
        ("The gender of the student", "drop"),
        ("Social security number, without dashes", "drop"),
        ("The first name of the person", "drop"),
        ("User's last name.", "drop"),
        ("Learner's SIS id", "hash"),
        ("User's company name", None),
        ("The ID of the user group", None),
        ("The primary ID of the parent course", None),
        ("The login-as-user session id", None),
        ("The student comments associated with this attempt", None),
        ("Whether the date of birth is shown", None),
        ("The name of the course", None),
        ("Number of students with an e-mail address", None),
        ("", None),
    ],
)
def test_a_description_tells_where_the_name_says_nothing(described: str, expected: str | None) -> None:
    """The first sentence of it."""
    assert rule("records", "field_7", described=described) == expected


def test_the_evidence_names_the_description() -> None:
    """And not its words."""
    assert evidence("records", "field_7", described="Date of birth") == "its description says a birth date or place"


def test_a_description_does_not_make_a_type_or_a_switch_personal() -> None:
    """It speaks of the thing that they are about."""
    assert look("users", "email_type", described="E-mail address type") is None
    assert look("records", "field_7", [True, False], described="E-mail address of the user") is None


# --- how well ----------------------------------------------------------------------------------------------------


def test_names_alone_find_what_the_catalogue_declares_personal() -> None:
    """Floors just below what was measured; `python tests/personal/personal_measure.py` prints the table."""
    columns = list(declared())
    assert {each: sum(column.is_of == each for column in columns) > 15 for each in CLASSES} == dict.fromkeys(
        CLASSES, True
    )
    assert share(columns, "direct", "demographic") >= 0.975
    assert share(columns, "contact") >= 0.85
    assert share(columns, "free_text") >= 0.6  # the rest is of courses and tasks
    assert share(columns, "none") <= 0.005
    assert share(columns, "record") <= 0.02
    assert precision(columns) >= 0.99


def test_the_sample_school_is_told_right() -> None:
    """Every column of its people, and of its courses none."""
    school = School(scale=0.02)

    def found(table: str) -> dict[str, str]:
        rows = school.rows(table)[:100]
        named = {column: rule(table, column, [row[column] for row in rows]) for column in rows[0]}
        return {column: told for column, told in named.items() if told}

    assert found("people") == {
        "id": "hash",
        "name": "drop",
        "given_name": "drop",
        "family_name": "drop",
        "description": "drop",
        "email": "mask",
        "birth_date": "drop",
    }
    assert [found(table) for table in ("schools", "terms", "courses", "sections", "assignments")] == [{}] * 5
    assert found("districts") == {"contact_email": "mask"}
    assert found("submissions") == found("enrollments") == {"person_id": "hash"}
