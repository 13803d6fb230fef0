"""The config of Moodle against a stand-in that answers as Moodle 4.4dev was seen to answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from canned import Answer, Asked, Read, Says, read

from homeroom.values import Proof, Status

NO_RIGHT = {"item": "course", "itemid": 3, "warningcode": "2", "message": "User is not enrolled or does not have …"}
NOTHING = {"item": "module", "itemid": 30, "warningcode": "3", "message": "No submissions found"}
WRONG_TOKEN = {
    "exception": "moodle_exception",
    "errorcode": "invalidtoken",
    "message": "Invalid token - token not found",
}


def course_of(asked: Asked) -> int:
    return int(asked.query["courseid"])


def essays(course: int) -> Any:
    """One for each course but the second, due in the third alone."""
    due = 1_700_000_000 if course == 3 else 0
    found = [{"id": course * 10, "course": course, "name": "Essay", "duedate": due}] if course != 2 else []
    return {"id": course, "assignments": found}


def assignments(asked: Asked) -> Any:
    """Of all courses at once."""
    courses = [int(value) for key, value in asked.query.items() if key.startswith("courseids[")]
    if "includenotenrolledcourses" not in asked.query:
        return {"courses": [], "warnings": [NO_RIGHT]}
    return {"courses": [essays(course) for course in courses], "warnings": []}


def submissions(asked: Asked) -> Any:
    assignment = int(asked.query["assignmentids[0]"])
    found = [{"id": assignment * 10 + user, "userid": user, "status": "submitted"} for user in range(3)]
    if assignment == 30:
        return {"assignments": [{"assignmentid": 30, "submissions": []}], "warnings": [NOTHING]}
    return {"assignments": [{"assignmentid": assignment, "submissions": found}], "warnings": []}


def grades(asked: Asked) -> Any:
    items = [{"id": 1, "graderaw": 76, "gradeformatted": "76.00000"}]
    rows = [{"courseid": course_of(asked), "userid": user, "gradeitems": items} for user in range(3)]
    return {"usergrades": rows, "warnings": []}


FUNCTIONS: dict[str, Callable[[Asked], Any]] = {
    "core_course_get_courses": lambda _: [{"id": number, "shortname": f"C{number}"} for number in (1, 2, 3)],
    "core_user_get_users": lambda _: {"users": [{"id": user, "fullname": "Zoë"} for user in range(3)], "warnings": []},
    "core_enrol_get_enrolled_users": lambda _: [
        {"id": user, "roles": [{"roleid": 5, "shortname": "student"}]} for user in range(3)
    ],
    "core_group_get_course_groups": lambda asked: [{"id": course_of(asked) * 100, "courseid": course_of(asked)}],
    "mod_assign_get_assignments": assignments,
    "mod_assign_get_submissions": submissions,
    "gradereport_user_get_grade_items": grades,
}


def moodle(**others: Callable[[Asked], Any]) -> Answer:
    """The stand-in; `others` are functions that answer otherwise."""

    def answer(asked: Asked) -> Says:
        assert asked.path == "/webservice/rest/server.php"
        assert (asked.query["wstoken"], asked.query["moodlewsrestformat"]) == ("k3y-0f-moodle", "json")
        return Says((FUNCTIONS | others)[asked.query["wsfunction"]](asked))

    return answer


def synced(folder: Path, **others: Callable[[Asked], Any]) -> Read:
    return read("moodle", moodle(**others), {"MOODLE_URL": "https://x"}, folder)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Read:
    """A read of all functions that went well."""
    return synced(tmp_path_factory.mktemp("moodle"))


def test_every_function_is_read_and_rows_name_what_they_belong_to(done: Read) -> None:
    lines = done.report.resources
    assert {(line.status, line.proof) for line in lines.values()} == {(Status.COMPLETE, Proof.DECLARED)}
    assert {name: line.rows_in_table for name, line in lines.items()} == {
        "courses": 3,
        "users": 3,
        "enrolled_users": 9,
        "groups": 3,
        "assignments": 2,
        "submissions": 3,
        "grades": 9,
    }
    assert done.rows("SELECT DISTINCT _assignments_id FROM submissions") == [(10,)]
    assert done.rows("SELECT DISTINCT shortname FROM enrolled_users__roles") == [("student",)]


def test_a_course_without_assignments_and_an_assignment_without_submissions_are_no_error(done: Read) -> None:
    assert done.rows("SELECT course FROM assignments ORDER BY course") == [(1,), (3,)]
    assert done.report.resources["submissions"].status is Status.COMPLETE


def test_one_request_asks_for_the_assignments_of_several_courses(done: Read) -> None:
    assert [done.report.resources[name].requests for name in ("assignments", "groups")] == [1, 3]


def test_times_are_times_and_0_is_none(done: Read) -> None:
    assert done.rows("SELECT epoch(duedate) FROM assignments ORDER BY course") == [(None,), (1_700_000_000,)]


def test_one_course_that_may_not_be_seen_fails_the_assignments_of_all(tmp_path: Path) -> None:
    seen = {"courses": [essays(1), essays(2)], "warnings": [NO_RIGHT]}
    done = synced(tmp_path, mod_assign_get_assignments=lambda _: seen)
    assert done.report.resources["assignments"].status is Status.FAILED


def test_a_wrong_token_fails_in_moodles_words_and_makes_no_row(tmp_path: Path) -> None:
    done = synced(tmp_path, **dict.fromkeys(FUNCTIONS, lambda _: WRONG_TOKEN))
    assert set(done.report.errors.values()) == {"AuthError"}
    assert "it says 'invalidtoken': 'Invalid token - token not found'" in done.report.resources["courses"].note
    assert not done.report.landed


def test_a_missing_right_is_a_failure_and_not_an_empty_table(tmp_path: Path) -> None:
    done = synced(tmp_path, mod_assign_get_assignments=lambda _: {"courses": [], "warnings": [NO_RIGHT]})
    assert done.report.resources["assignments"].status is Status.FAILED
    assert "warnings" in done.report.resources["assignments"].note
    assert done.report.resources["courses"].status is Status.COMPLETE
