"""Which columns name a person, and what becomes of their rows."""

from __future__ import annotations

import pytest

from homeroom.privacy.person import Person

USERS = Person(
    "users", "users", "id", {("rooms", "keeper"): "clear", ("forums", "user_id"): "keep"}, frozenset({"users"})
)


@pytest.mark.parametrize(
    ("table", "column", "act"),
    [
        ("users", "id", "delete"),
        ("users", "email", "keep"),
        ("enrollments", "user_id", "delete"),
        ("enrollments", "user__id", "delete"),
        ("enrollments", "student_id", "delete"),
        ("courses", "teacher_id", "clear"),
        ("marks", "grader_user_id", "clear"),
        ("courses", "owner__user_id", "clear"),
        ("courses__teachers", "id", "delete"),
        ("courses__teachers", "name", "keep"),
        ("courses__teacher_ids", "value", "delete"),
        ("courses__tags", "value", "keep"),
        ("courses", "id", "keep"),
        ("rooms", "keeper", "clear"),
        ("forums", "user_id", "keep"),
    ],
)
def test_a_column_is_known_by_what_the_config_says_then_by_its_name(table: str, column: str, act: str) -> None:
    assert USERS.act_of(table, column) == act


def test_a_part_that_has_a_table_of_its_own_is_nobody_of_the_persons() -> None:
    person = Person("users", "users", "id", {}, frozenset({"users", "students"}))
    assert person.act_of("grades", "student_id") == "keep"


def test_people_are_persons() -> None:
    person = Person("people", "people", "person_no", {}, frozenset({"people"}))
    assert person.act_of("marks", "person_id") == "delete"
    assert person.act_of("marks", "person_no") == "delete"
