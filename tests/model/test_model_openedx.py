"""The mapping of Open edX.

Courses after the example in lms/djangoapps/course_api/views.py of openedx/edx-platform, enrollments after
CourseEnrollmentsApiListSerializer of openedx/core/djangoapps/enrollments/serializers.py there (2026-11-23).
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

GONE = "2026-01-02T03:04:05Z"
FALL, SPRING, OLD = "course-v1:edX+example+2999_Fall", "course-v1:edX+example+2026_Spring", "edX/example/2012_Fall"
OTHER, HIDDEN = "course-v1:MITx+6.002x+2013_Spring", "course-v1:edX+lab+1"

COURSES: list[dict[str, Any]] = [
    {
        "blocks_url": "/api/courses/v1/blocks/?course_id=edX%2Fexample%2F2012_Fall",
        "media": {"course_image": {"uri": "/c4x/edX/example/asset/just_a_test.jpg", "name": "Course Image"}},
        "end": "2015-09-19T18:00:00Z",
        "enrollment_end": "2015-07-15T00:00:00Z",
        "enrollment_start": "2015-06-15T00:00:00Z",
        "id": OLD,
        "course_id": OLD,
        "name": "Example Course",
        "number": "example",
        "org": "edX",
        "start": "2015-07-17T22:30:00Z",
        "start_display": "July 17, 2015",
        "start_type": "timestamp",
        "pacing": "instructor",
        "effort": "6 hours",
        "mobile_available": False,
        "invitation_only": False,
        "hidden": False,
    },
    {"id": FALL, "name": "Example, renewed", "number": "example", "org": "edX", "start": "2998-09-01T00:00:00Z"},
    {"id": SPRING, "name": "Example, gone", "number": "example", "org": "edX", "start": None, "_deleted_at": GONE},
    {"id": HIDDEN, "name": "Laboratory", "number": "lab", "org": "edX", "hidden": True, "start": None},
    {"id": OTHER, "name": "Circuits", "number": "6.002x", "org": "MITx", "_deleted_at": GONE},
]
ENROLLMENTS = [
    {"created": "2014-03-24T23:00:00Z", "mode": "honor", "is_active": True, "user": "Bob", "course_id": OLD},
    {"created": "2015-03-24T15:00:00Z", "mode": "audit", "is_active": False, "user": "Bob", "course_id": FALL},
    {"created": "2015-03-24T15:00:00Z", "mode": "verified", "is_active": True, "user": "Ada", "course_id": FALL},
]
ROWS = {"courses": COURSES, "enrollments": ENROLLMENTS}
COLUMNS = {"courses": {"media": {"data_type": "json"}}}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Mapped:
    return mapped("openedx", ROWS, tmp_path_factory.mktemp("openedx"), columns=COLUMNS)


def test_the_config_asks_for_the_model() -> None:
    assert find_platform("openedx").config["model"] == "openedx"


def test_nothing_is_broken(found: Mapped) -> None:
    assert found.broken == []


def test_an_organisation_is_gone_with_its_last_course(found: Mapped) -> None:
    mitx, edx = found.dicts("org")
    assert edx == {"source": "openedx", "id": "edX", "name": "edX", "kind": "other", "code": "edX", "state": "active"}
    assert (mitx["id"], mitx["state"]) == ("MITx", "deleted")
    assert mitx["deleted_at"] == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_runs_of_a_number_are_one_course_that_is_called_as_the_latest(found: Mapped) -> None:
    courses = {row["id"]: row for row in found.dicts("course")}
    assert courses["edX+example"] == {
        "source": "openedx",
        "id": "edX+example",
        "title": "Example, renewed",
        "code": "example",
        "org_id": "edX",
        "state": "active",
    }
    assert {key: row["state"] for key, row in courses.items()} == {
        "edX+example": "active",
        "edX+lab": "active",
        "MITx+6.002x": "deleted",
    }


def test_a_run_is_a_session_of_its_own(found: Mapped) -> None:
    sessions = {row["id"]: row for row in found.dicts("academic_session")}
    assert sessions[OLD] == {
        "source": "openedx",
        "id": OLD,
        "title": "2012_Fall",
        "kind": "other",
        "starts_on": date(2015, 7, 17),
        "ends_on": date(2015, 9, 19),
        "org_id": "edX",
        "state": "active",
    }
    assert (sessions[SPRING]["title"], sessions[SPRING]["state"]) == ("2026_Spring", "deleted")


def test_a_run_is_a_section(found: Mapped) -> None:
    sections = {row["id"]: row for row in found.dicts("section")}
    extra = json.loads(sections[OLD].pop("extra"))
    assert sections[OLD] == {
        "source": "openedx",
        "id": OLD,
        "title": "Example Course",
        "course_id": "edX+example",
        "org_id": "edX",
        "session_ids": [OLD],
        "code": "2012_Fall",
        "kind": "site",
        "state": "inactive",
    }
    assert (extra["pacing"], extra["effort"], extra["mobile_available"]) == ("instructor", "6 hours", False)
    assert set(extra) >= {"start", "end", "enrollment_start", "enrollment_end", "invitation_only"}


def test_a_run_is_inactive_when_it_has_ended_or_is_hidden(found: Mapped) -> None:
    rows = found.rows("SELECT id, state, native_state FROM edu.section")
    assert {key: (state, native) for key, state, native in rows} == {
        OLD: ("inactive", None),
        FALL: ("active", None),
        SPRING: ("deleted", None),
        HIDDEN: ("inactive", "hidden"),
        OTHER: ("deleted", None),
    }


def test_a_person_is_a_user_name_however_often_it_comes(found: Mapped) -> None:
    assert found.dicts("person") == [
        {"source": "openedx", "id": name, "username": name, "state": "active"} for name in ("Ada", "Bob")
    ]


def test_an_enrollment_keeps_its_mode_and_may_be_inactive(found: Mapped) -> None:
    rows = {row["id"]: row for row in found.dicts("enrollment")}
    extra = json.loads(rows[f"{OLD}/Bob"].pop("extra"))
    assert rows[f"{OLD}/Bob"] == {
        "source": "openedx",
        "id": f"{OLD}/Bob",
        "person_id": "Bob",
        "section_id": OLD,
        "role": "student",
        "starts_on": date(2014, 3, 24),
        "source_created_at": datetime(2014, 3, 24, 23, tzinfo=UTC),
        "state": "active",
        "native_state": "true",
    }
    assert extra == {"mode": "honor"}
    assert rows[f"{FALL}/Bob"]["state"] == "inactive"


def test_an_empty_database_has_empty_views(tmp_path: Path) -> None:
    found = mapped("openedx", {"nothing": [{"id": 1}]}, tmp_path)
    assert set(found.report.rows.values()) == {0}
    assert found.broken == []
