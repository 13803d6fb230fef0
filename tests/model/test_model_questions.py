"""The ten ready questions: what each gives of three sources that lack different things, and of the sample school."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "columnar"))

from campus_rows import CAMPUS, TODAY, Rows, enrolled, handed_in, rows_of_edu, tables_of_edu
from destination_postgres import missing_program, postgres
from questions_asked import Answers, ask_all_ten

from homeroom.config import read_sync
from homeroom.demo import School
from homeroom.demo.config import school_config
from homeroom.demo.data import Dataset
from homeroom.edu_values import ModelSettings
from homeroom.model import Place, mapped_platforms, ready_questions, translated
from homeroom.model.questions import read_question
from homeroom.sync_run import SyncOptions, sync_config
from homeroom.values import Config

SCALE = 0.02
SCHOOL = Dataset(SCALE)
IN_SPRING = date(2026, 5, 29)
ASKED: dict[str, Any] = {"today": TODAY, "sis": "sis", "lms": "lms"}

EXPECTED: dict[str, list[tuple[Any, ...]]] = {
    "enrolled_by_section_and_term": [  # the site course/1 has its people in its sections
        ("lms", None, None, "11", "Algebra A", 2, 2, 1),
        ("lms", None, None, "12", "Algebra B", 2, 2, 0),
        ("lms", None, None, "20", "Biology", 2, 2, 0),
        ("lms", None, None, "30", "Empty", 0, 0, 0),
        ("log", None, None, "g1", "Room", 4, 4, 0),
        ("sis", "Spring", "North", "s1", "Algebra", 1, 2, 1),
        ("sis", "Spring", None, "s2", "Biology", 1, 2, 0),
        ("sis", "Autumn", None, "s2", "Biology", 2, 2, 0),  # Ann left on its last day
        ("sis", "Autumn", "South", "s3", "Chemistry", 1, 1, 0),
        ("sis", None, "South", "s4", "Drama", 1, 1, 0),
    ],
    "students_without_activity": [  # none of the SIS, which cannot tell
        ("lms", "2", "Ben", "Ben@Example.org ", 1, None, None),
        ("lms", "8", "Fay", None, 1, None, None),
        ("lms", "3", "Eve", "eve@example.org", 1, date(2026, 2, 20), 24),
        ("log", "u1", "gus", None, 1, date(2026, 3, 1), 15),
    ],
    "late_and_missing_by_section": [
        ("lms", "course/1", "Algebra", 2, 2, 0, 2, 0, "0.0", "50.0"),
        ("lms", "20", "Biology", 1, 1, 1, 0, 1, "100.0", "0.0"),
    ],
    "grades_by_section": [
        ("lms", "course/1", "Algebra", "assignment", 5, 2, "86.7", 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 1),
        ("lms", "20", "Biology", "assignment", 1, 0, "50.0", 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0),
        ("lms", "20", "Biology", "section", 1, 0, "59.0", 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0),
    ],
    "rosters_that_differ": [
        ("lms", "sis", "no account", None, None, "3", "Eve", None, "email"),
        ("lms", "sis", "no account", None, None, "8", "Fay", None, "sis_id"),
        ("lms", "sis", "not in section", "20", "Biology", "1", "Ann", "student", "sis_id"),
        ("sis", "lms", "no account", None, None, "p3", "Cid Orr", "student", "sis_id"),
        ("sis", "lms", "no account", None, None, "p6", "Tom", "teacher", "sis_id"),
        ("sis", "lms", "not in section", "s2", "Biology", "p2", "Ben", "student", "email"),
    ],
    "sections_without_a_teacher": [  # who teaches a section of a site teaches the others
        ("lms", None, "20", "Biology", 2, 1, 0),
        ("log", None, "g1", "Room", 4, 0, 0),
        ("sis", None, "s2", "Biology", 1, 0, 1),
        ("sis", "South", "s4", "Drama", 1, 0, 0),
    ],
    "people_with_several_accounts": [("lms", "email, sis_id", "a@example.org, p1", 2, 1, "1, 6", "Ann, Ann B")],
    "students_per_teacher": [
        ("lms", None, None, None, 3, 4, 1, "4.0"),
        ("log", None, None, None, 1, 4, 0, None),
        ("sis", "o2", "South", "school", 1, 1, 0, None),
        ("sis", "o1", "North", "school", 2, 2, 1, "2.0"),
    ],
    "work_that_waits_for_a_mark": [("lms", "course/1", "Algebra", 1, 1, 1, date(2026, 2, 27), 17)],
    "attendance_by_section": [
        ("log", None, "g1", "Room", 1, 1, 0, None, None),
        ("sis", "North", "s1", "Algebra", 2, 3, 2, "66.7", 1),
        ("sis", "South", None, None, 1, 1, 1, "100.0", 0),
    ],
}
NAMES = [question.name for question in ready_questions()]


def plain(answers: Answers) -> dict[str, list[tuple[Any, ...]]]:
    """The answers with decimals as text, which both databases write alike."""
    return {
        name: [
            tuple(value if type(value) in (str, int, date, type(None)) else str(value) for value in row.values())
            for row in rows
        ]
        for name, rows in answers.items()
    }


def made(file: Path, campus: Mapping[str, Rows]) -> str:
    """A DuckDB file with the tables of the model, and these rows in them."""
    with duckdb.connect(str(file)) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("CREATE SCHEMA edu")
        for statement in tables_of_edu():
            connection.execute(statement)
        for table, row in rows_of_edu(campus):
            marks = ", ".join("?" * len(row))
            connection.execute(f"INSERT INTO edu.{table} ({', '.join(row)}) VALUES ({marks})", [*row.values()])
    return str(file)


@pytest.fixture(scope="module")
def campus(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with the three sources."""
    return made(tmp_path_factory.mktemp("campus") / "campus.duckdb", CAMPUS)


@pytest.fixture(scope="module")
def answers(campus: str) -> dict[str, list[tuple[Any, ...]]]:
    return plain(ask_all_ten(campus, **ASKED))


def test_there_are_ten_questions() -> None:
    assert len(NAMES) == 10 and [*EXPECTED] == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_three_sources_with_different_gaps_are_answered(answers: dict[str, list[tuple[Any, ...]]], name: str) -> None:
    assert answers[name] == EXPECTED[name]


@pytest.mark.skipif(missing_program() is not None, reason=f"PostgreSQL's {missing_program()} is not on this machine")
def test_postgresql_gives_the_same_answers() -> None:
    import psycopg2

    with postgres() as url:
        connection = psycopg2.connect(url, options="-c TimeZone=UTC")
        with connection, connection.cursor() as cursor:
            cursor.execute("CREATE SCHEMA edu")
            for statement in tables_of_edu():
                cursor.execute(translated(statement, Place("", "", "postgres")))
            for table, row in rows_of_edu(CAMPUS):
                marks = ", ".join(["%s"] * len(row))
                cursor.execute(f"INSERT INTO edu.{table} ({', '.join(row)}) VALUES ({marks})", [*row.values()])
            for question in ready_questions():
                cursor.execute(question.sql)  # also as it is, which docs/questions.md says
        connection.close()
        assert plain(ask_all_ten(url, **ASKED)) == EXPECTED


def test_without_a_row_no_question_has_an_answer(tmp_path: Path) -> None:
    assert ask_all_ten(made(tmp_path / "nothing.duckdb", {})) == {name: [] for name in NAMES}


def test_who_is_in_a_course_that_is_merged_into_another_is_in_that_one_and_in_no_third(tmp_path: Path) -> None:
    merged: Rows = {
        "section": [
            ("b", {"title": "Both", "kind": "site", "native_course_id": "b"}),
            ("b1", {"title": "One", "kind": "site", "native_course_id": "b", "parent_section_id": "b"}),
            ("b2", {"title": "Two", "kind": "site", "native_course_id": "b", "parent_section_id": "b"}),
        ],
        "enrollment": [enrolled("1", "gil", "b1"), enrolled("2", "ina", "b1", "teacher"), enrolled("3", "jo", "b2")],
        "assignment": [
            (work, {"title": work, "section_id": section, "due_at": "2026-02-01T12:00:00Z"})
            for work, section in (("w", "b"), ("w1", "b1"), ("w2", "b2"))
        ],
        "submission": [handed_in(work, work, "gil", "submitted", "2026-01-31T12:00:00Z") for work in ("w", "w1", "w2")],
    }
    found = ask_all_ten(made(tmp_path / "merged.duckdb", {"bb": merged}), today=TODAY)
    assert [(row["section_id"], row["students"]) for row in found["enrolled_by_section_and_term"]] == [
        ("b1", 1),
        ("b2", 1),
        ("b", 0),
    ]
    work = {row["section_id"]: (row["handed_in"], row["unlisted"]) for row in found["late_and_missing_by_section"]}
    assert work == {"b": (1, 1), "b1": (1, 0), "b2": (0, 1)}
    assert found["sections_without_a_teacher"] == []  # Ina teaches the merged course


def test_without_names_rosters_are_of_the_first_and_the_last_source(campus: str) -> None:
    found = ask_all_ten(campus, today=TODAY)["rosters_that_differ"]
    assert {(row["source"], row["missing_in"]) for row in found} == {("lms", "sis"), ("sis", "lms")}


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    """The ten answers after a sync of the sample school, as of a day in its spring."""
    folder = tmp_path_factory.mktemp("school")
    with pytest.MonkeyPatch.context() as patch, School(scale=SCALE) as school:
        patch.setenv("HOMEROOM_HOME", str(folder / "home"))
        source, model = school_config(school.url, school.api_key), ModelSettings("sample_school")
        config = Config(name="school", source=source, sync=read_sync({}), model=model)
        sync_config(config, SyncOptions(destination=f"duckdb:///{folder / 'school.duckdb'}"))
    return ask_all_ten(str(folder / "school.duckdb"), today=IN_SPRING)


def students_there() -> dict[str, set[str]]:
    """Who is a student in each section of the sample school in spring, counted without SQL."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in SCHOOL.rows("enrollments"):
        if row["role"] == "student" and row["status"] == "active":
            found[str(row["section_id"])].add(str(row["person_id"]))
    return found


def of_this_term() -> set[str]:
    """The sections of the sample school whose term is not over in spring."""
    terms = {row["id"]: row["ends_on"] for row in SCHOOL.rows("terms")}
    return {str(row["id"]) for row in SCHOOL.rows("sections") if terms[row["term_id"]] >= IN_SPRING.isoformat()}


def test_every_section_of_the_sample_school_has_its_students_of_now_or_of_its_last_day(synced: Answers) -> None:
    ends = {row["id"]: row["ends_on"] for row in SCHOOL.rows("terms")}
    last_day = {row["id"]: min(ends[row["term_id"]], IN_SPRING.isoformat()) for row in SCHOOL.rows("sections")}
    expected: dict[str, set[int]] = {str(section): set() for section in last_day}
    for row in SCHOOL.rows("enrollments"):
        is_there = row["status"] == "active" or last_day[row["section_id"]] <= row["ends_on"] < IN_SPRING.isoformat()
        if row["role"] == "student" and is_there:
            expected[str(row["section_id"])].add(row["person_id"])
    found = {row["section_id"]: row["students"] for row in synced["enrolled_by_section_and_term"]}
    assert found == {section: len(people) for section, people in expected.items()}


def test_the_sections_of_the_sample_school_without_a_teacher_are_those_whose_teacher_has_left(synced: Answers) -> None:
    left = {
        str(row["section_id"])
        for row in SCHOOL.rows("enrollments")
        if row["role"] == "teacher" and row["status"] != "active"
    }
    assert left & of_this_term()
    assert {row["section_id"] for row in synced["sections_without_a_teacher"]} == left & of_this_term()


def test_who_has_handed_in_nothing_in_the_sample_school_for_14_days_is_told(synced: Answers) -> None:
    last: dict[str, str] = {}
    for row in SCHOOL.rows("submissions"):
        day, person = row["submitted_at"][:10], str(row["person_id"])
        if day <= IN_SPRING.isoformat():
            last[person] = max(day, last.get(person, day))
    there = {person for section, people in students_there().items() if section in of_this_term() for person in people}
    gone = {str(row["id"]) for row in SCHOOL.rows("people") if not row["is_active"]}
    expected = {person for person in there - gone if last.get(person, "") < "2026-05-15"}
    assert expected
    assert {row["person_id"] for row in synced["students_without_activity"]} == expected


def test_every_late_first_attempt_of_the_sample_school_is_counted_once(synced: Answers) -> None:
    due = {row["id"]: datetime.fromisoformat(row["due_at"]) for row in SCHOOL.rows("assignments")}
    first: dict[tuple[int, int], datetime] = {}
    for row in SCHOOL.rows("submissions"):
        key, at = (row["assignment_id"], row["person_id"]), datetime.fromisoformat(row["submitted_at"])
        first[key] = min(at, first.get(key, at))
    told = {key: at for key, at in first.items() if due[key[0]].astimezone(UTC).date() < IN_SPRING}
    late = [key for key, at in told.items() if at > due[key[0]]]
    found = synced["late_and_missing_by_section"]
    assert sum(row["handed_in"] for row in found) == len(told)
    assert sum(row["late"] for row in found) == len(late) > 0


def test_what_the_sample_school_does_not_have_is_no_row(synced: Answers) -> None:
    nothing = {name for name, rows in synced.items() if not rows}
    assert nothing == {"rosters_that_differ", "people_with_several_accounts", "attendance_by_section"}


TEXT = """\
-- title: People
-- asks: Who?
-- needs: person
-- columns:
--   source: the config
--   id: of the person,
--     as text
WITH asked AS (
    SELECT DATE '2026-01-01' AS today, 'a' AS word
)
SELECT p.source, p.id FROM edu.person AS p CROSS JOIN asked AS a WHERE a.word <> p.id
"""


def test_a_question_says_what_it_asks_for() -> None:
    question = read_question("people", TEXT)
    assert (question.title, question.asks, question.needs) == ("People", "Who?", ("person",))
    assert question.columns == {"source": "the config", "id": "of the person, as text"}
    assert question.asked == {"today": "CAST('2026-01-01' AS DATE)", "word": "'a'"}


def test_a_question_is_asked_with_values_of_ones_own() -> None:
    question = read_question("people", TEXT)
    assert question.asking(word="it's").startswith(
        "WITH asked AS (SELECT CAST('2026-01-01' AS DATE) AS today, 'it''s' AS word)\nSELECT p.source"
    )
    assert "DATE '2026-03-01' AS today" in question.asking(today=date(2026, 3, 1))
    with pytest.raises(ValueError, match="people does not ask for day; it does for today, word"):
        question.asking(day=1)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("-- asks: Who?\n", "", "does not say asks"),
        ("WITH asked", "WITH given", "does not begin with WITH asked AS"),
        ("p.id FROM", "p.id AS it FROM", "gives source, it, and tells of source, id"),
        ("needs: person", "needs: person, org", "needs other tables than it says"),
        ("edu.person", "school.person", "needs other tables than it says"),
    ],
)
def test_a_file_that_is_no_question_is_told(old: str, new: str, said: str) -> None:
    with pytest.raises(ValueError, match=f"people: .*{said}"):
        read_question("people", TEXT.replace(old, new))


def test_the_questions_are_no_platform() -> None:
    assert "questions" not in mapped_platforms()


def test_each_answer_names_its_source_first_and_has_an_order() -> None:
    for question in ready_questions():
        assert next(iter(question.columns)) == "source"
        assert "\nORDER BY " in question.sql
