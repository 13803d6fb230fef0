"""The mapping of xAPI statements, as a store returns them: examples of the specification, of Open edX and of Moodle."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from mapped import Mapped, mapped

COLUMNS = {
    "statements": {
        name: {"data_type": "json"} for name in ("actor", "verb", "object", "result", "context", "authority")
    }
}
COURSE = "http://localhost:18000/course/course-v1:edX+DemoX+Demo_Course"
MOODLE = "http://localhost:4000"
VOIDED = "http://adlnet.gov/expapi/verbs/voided"


def statement(number: int, actor: dict[str, Any], verb: str, thing: dict[str, Any], **said: Any) -> dict[str, Any]:
    row = {
        "id": f"12345678-1234-5678-1234-{number:012}",
        "actor": actor,
        "verb": {"id": verb, "display": {"en-US": "did"}},
        "object": thing,
        "timestamp": f"2026-11-20T10:00:{number:02}.25+02:00",
        "stored": f"2026-11-20T09:00:{number:02}Z",
        "version": "1.0.3",
        "authority": {"objectType": "Agent", "account": {"homePage": "http://lrs.example.edu", "name": "homeroom"}},
    }
    return row | said


def activity(key: str, kind: str = "", **names: str) -> dict[str, Any]:
    """An activity; `names` are by language."""
    definition: dict[str, Any] = {"type": kind} if kind else {}
    if names:
        definition["name"] = {language.replace("_", "-"): name for language, name in names.items()}
    return {"id": key, "objectType": "Activity", "definition": definition}


def account(name: str, **said: Any) -> dict[str, Any]:
    return {"objectType": "Agent", "account": {"homePage": "http://localhost:18000", "name": name}} | said


EDX = activity(COURSE, "http://adlnet.gov/expapi/activities/course", en_US="Demonstration Course")
LATER = activity(COURSE, "http://adlnet.gov/expapi/activities/course", en_US="Demonstration, Renamed")
NAMELESS = activity(COURSE, "http://adlnet.gov/expapi/activities/course")
SITE = activity(MOODLE, "http://id.tincanapi.com/activitytype/lms", en='"New Site"')
TUTORIAL = activity(
    f"{MOODLE}/course/view.php?id=2", "http://id.tincanapi.com/activitytype/lms/course", fr='Les "Pythons" é'
)
CMI5 = activity("https://cmi5.example.org/c1", "https://w3id.org/xapi/cmi5/activitytype/course")
ANNA = {"name": "Anna", "mbox": "mailto:anna@example.com"}

STATEMENTS = [
    statement(
        1,
        account("32e0"),
        "http://adlnet.gov/expapi/verbs/attempted",
        activity("block-v1:edX+problem", "http://adlnet.gov/expapi/activities/question"),
        result={"score": {"max": 4, "min": 0, "raw": 3, "scaled": 0.75}, "success": False, "duration": "PT1H2M3.6S"},
        context={
            "registration": "ec53",
            "platform": "Open edX",
            "contextActivities": {"parent": [EDX]},
            "extensions": {"https://example.org/version": "1.0"},
        },
    ),
    statement(2, account("32e0"), "http://adlnet.gov/expapi/verbs/registered", LATER, result={"duration": "P1DT1S"}),
    statement(3, account("32e0"), "https://w3id.org/xapi/video/verbs/played", NAMELESS, result={"duration": "P2W"}),
    statement(
        4,
        {"objectType": "Agent", "name": "Admin User", "account": {"homePage": MOODLE, "name": "2"}},
        "http://activitystrea.ms/schema/1.0/create",
        activity(f"{MOODLE}/mod/book/view.php?id=13", "http://id.tincanapi.com/activitytype/book"),
        result={"duration": "P1M", "completion": True},
        context={"contextActivities": {"grouping": [SITE, TUTORIAL]}},
    ),
    statement(5, ANNA, "https://brindlewaye.com/xAPITerms/verbs/loggedin/", CMI5, result={"duration": "soon"}),
    statement(
        6, ANNA | {"name": "Anna B"}, "urn:example:ran", activity("urn:example:race"), result={"duration": "PT5M"}
    ),
    statement(7, {"mbox": "mailto:anna@example.com"}, "http://xapi.org.au/#viewed", {"mbox": "mailto:bo@example.com"}),
    statement(8, {"mbox_sha1sum": "ebd3"}, "http://example.com/planned", {"objectType": "SubStatement"}),
    statement(9, {"openid": "https://id.example.org/cy"}, "http://example.com/did", activity("urn:x"), timestamp=None),
    statement(
        10,
        {"objectType": "Group", "name": "Team", "mbox": "mailto:team@example.com", "member": [ANNA]},
        "http://example.com/won",
        activity("urn:example:cup"),
    ),
    statement(11, ANNA, VOIDED, {"objectType": "StatementRef", "id": "12345678-1234-5678-1234-000000000009"}),
]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Mapped:
    return mapped("xapi_lrs", {"statements": STATEMENTS}, tmp_path_factory.mktemp("lrs"), columns=COLUMNS)


def said(store: Mapped, columns: str) -> dict[int, tuple[Any, ...]]:
    """Some columns of the activities, by the number of the statement."""
    return {int(row[0][-4:]): row[1:] for row in store.rows(f"SELECT id, {columns} FROM edu.activity ORDER BY id")}


def test_nothing_is_broken_and_each_statement_is_an_activity(store: Mapped) -> None:
    assert store.broken == []
    assert dict(store.report.rows) == {"section": 3, "person": 5, "activity": len(STATEMENTS)}


def test_a_statement_of_open_edx_has_all_columns(store: Mapped) -> None:
    first = store.dicts("activity")[0]
    assert first == {
        "source": "xapi_lrs",
        "id": "12345678-1234-5678-1234-000000000001",
        "person_id": "http://localhost:18000|32e0",
        "section_id": COURSE,
        "verb": "attempted",
        "object_id": "block-v1:edX+problem",
        "occurred_at": datetime(2026, 11, 20, 8, 0, 1, 250000, tzinfo=UTC),
        "seconds": 3724,
        "score": Decimal("0.7500"),
        "source_created_at": datetime(2026, 11, 20, 9, 0, 1, tzinfo=UTC),
        "state": "active",
        "extra": first["extra"],
    }
    assert json.loads(first["extra"]) == {
        "verb": "http://adlnet.gov/expapi/verbs/attempted",
        "success": "false",
        "completion": None,
        "raw": "3",
        "min": "0",
        "max": "4",
        "registration": "ec53",
        "platform": "Open edX",
    }


def test_an_actor_has_one_identifier_and_a_group_is_no_person(store: Mapped) -> None:
    assert {number: row[0] for number, row in said(store, "person_id").items()} == {
        **dict.fromkeys((1, 2, 3), "http://localhost:18000|32e0"),
        4: "http://localhost:4000|2",
        **dict.fromkeys((5, 6, 7, 11), "mailto:anna@example.com"),
        8: "ebd3",
        9: "https://id.example.org/cy",
        10: None,
    }


def test_each_actor_is_a_person_once_under_the_newest_name(store: Mapped) -> None:
    assert store.rows("SELECT id, display_name, email, username, state FROM edu.person ORDER BY id") == [
        ("ebd3", None, None, None, "active"),
        ("http://localhost:18000|32e0", None, None, "32e0", "active"),
        ("http://localhost:4000|2", "Admin User", None, "2", "active"),
        ("https://id.example.org/cy", None, None, None, "active"),
        ("mailto:anna@example.com", "Anna", "anna@example.com", None, "active"),  # the 11th says so
    ]
    admin = store.dicts("person")[2]
    assert admin["source"] == "xapi_lrs"
    assert json.loads(admin["extra"]) == {"home_page": "http://localhost:4000"}


def test_the_verb_is_the_last_word_of_its_address(store: Mapped) -> None:
    assert [row[0] for row in said(store, "verb").values()] == [
        "attempted", "registered", "played", "create", "loggedin", "urn:example:ran", "viewed", "planned", "did", "won",
        "voided",
    ]  # fmt: skip


def test_the_section_is_the_course_that_a_statement_names(store: Mapped) -> None:
    assert {number: row[0] for number, row in said(store, "section_id").items() if row[0]} == {
        1: COURSE,
        2: COURSE,
        3: COURSE,
        4: f"{MOODLE}/course/view.php?id=2",
        5: "https://cmi5.example.org/c1",
    }
    assert store.rows("SELECT id, title, kind, state FROM edu.section ORDER BY id") == [
        (COURSE, "Demonstration, Renamed", "site", "active"),
        (f"{MOODLE}/course/view.php?id=2", 'Les "Pythons" é', "site", "active"),
        ("https://cmi5.example.org/c1", "https://cmi5.example.org/c1", "site", "active"),
    ]


def test_durations_are_seconds_where_they_have_a_number_of_them(store: Mapped) -> None:
    assert {number: row[0] for number, row in said(store, "seconds").items()} == {
        1: 3724,
        2: 86401,
        3: 1209600,
        6: 300,
        **dict.fromkeys((4, 5, 7, 8, 9, 10, 11), None),  # a month, and what is no duration
    }


def test_what_is_no_activity_has_no_object(store: Mapped) -> None:
    found = {number: row[0] for number, row in said(store, "object_id").items()}
    assert (found[7], found[8], found[11]) == (None, None, "12345678-1234-5678-1234-000000000009")


def test_a_statement_that_another_voids_is_deleted_and_one_without_a_time_happened_when_it_was_stored(
    store: Mapped,
) -> None:
    found = said(store, "occurred_at, state, deleted_at")
    assert found[9] == (
        datetime(2026, 11, 20, 9, 0, 9, tzinfo=UTC),
        "deleted",
        datetime(2026, 11, 20, 9, 0, 11, tzinfo=UTC),
    )
    assert {row[1] for number, row in found.items() if number != 9} == {"active"}


def test_a_store_that_was_never_read_has_views_without_rows(tmp_path: Path) -> None:
    found = mapped("xapi_lrs", {"others": [{"id": 1}]}, tmp_path)
    assert found.broken == []
    assert dict(found.report.rows) == {"section": 0, "person": 0, "activity": 0}


def test_a_store_without_courses_lacks_nothing(tmp_path: Path) -> None:
    found = mapped("xapi_lrs", {"statements": STATEMENTS[5:6]}, tmp_path, columns=COLUMNS)
    assert found.broken == []
    assert dict(found.report.rows) == {"section": 0, "person": 1, "activity": 1}
