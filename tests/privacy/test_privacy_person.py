"""Which columns name a person, and what becomes of their rows."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from homeroom.catalog import find_platform
from homeroom.catalog.private import privacy_text
from homeroom.errors import ConfigError
from homeroom.plan import SourcePlan, build_plan, person_of
from homeroom.privacy.person import Person
from homeroom.privacy_values import PrivacySettings
from homeroom.values import SyncSettings

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


def test_a_key_that_names_its_person_is_known_wherever_it_stands() -> None:
    """As in Ed-Fi, whose references are objects."""
    person = Person("students", "students", "student_unique_id", {}, frozenset({"students"}))
    assert person.act_of("grades", "student_unique_id") == "delete"
    assert person.act_of("grades", "student_reference__student_unique_id") == "delete"
    assert person.act_of("meetings", "host_student_unique_id") == "clear"


@pytest.mark.parametrize(
    ("tables", "classes", "found"),
    [
        (["users", "course_users"], {}, "users.id"),
        (["students", "staff"], {}, "students.id"),
        (["members", "rooms"], {("members", "id"): "direct"}, "members.id"),
        (["users", "students"], {("students", "id"): "direct"}, "students.id"),
    ],
)
def test_the_table_of_persons_is_found(tables: list[str], classes: dict[tuple[str, str], Any], found: str) -> None:
    person = person_of(planned(*tables), PrivacySettings(classes=classes), SyncSettings())
    assert f"{person.table}.{person.column}" == found


@pytest.mark.parametrize("tables", [["users", "students"], ["rooms"]])
def test_several_tables_of_persons_or_none_are_refused(tables: list[str]) -> None:
    with pytest.raises(ConfigError, match=r"privacy\.person"):
        person_of(planned(*tables), PrivacySettings(), SyncSettings())


def planned(*tables: str) -> SourcePlan:
    resources = [{"name": name, "primary_key": "id", "endpoint": {"path": f"/{name}"}} for name in tables]
    return build_plan({"client": {"base_url": "https://x.example"}, "resources": resources}, SyncSettings())


@pytest.mark.parametrize(
    ("platform", "at", "act"),
    [
        ("moodle", "enrolled_users.id", "delete"),
        ("moodle", "submissions.userid", "delete"),
        ("moodle", "grades.userid", "delete"),
        ("canvas", "users.sis_user_id", "keep"),  # the school's number of one may be Canvas's id of another
        ("canvas", "enrollments.user__sis_user_id", "keep"),
        ("thinkific", "courses.user_id", "clear"),  # who made it
        ("kolibri", "attempts.user", "delete"),
        ("clever", "sections__students.value", "delete"),
    ],
)
def test_a_new_config_of_the_catalogue_says_what_names_do_not_tell(platform: str, at: str, act: str) -> None:
    written = yaml.safe_load(privacy_text(find_platform(platform), "standard"))["privacy"]
    assert written["person_in"][at] == act
