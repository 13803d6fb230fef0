"""A resource that fails: the others go on, nothing of it is loaded, and the report says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from homeroom.report import exit_code
from homeroom.values import Report, Status

if TYPE_CHECKING:
    from conftest import Campus, OpenCampus


@pytest.fixture(scope="module")
def partly(open_campus: OpenCampus) -> tuple[Campus, Report]:
    """Enrollments fail on their second page; terms and sections are read."""
    campus = open_campus("only=/v1/enrollments,fail_400_every=2")
    campus.configure("enrollments", "terms", "sections")
    return campus, campus.sync()


def test_a_failed_resource_does_not_stop_the_others(partly: tuple[Campus, Report]) -> None:
    campus, report = partly
    assert {name: str(line.status) for name, line in report.resources.items()} == {
        "enrollments": "failed",
        "terms": "complete",
        "sections": "complete",
    }
    assert campus.ids("sections") == campus.true_ids("sections")


def test_nothing_of_a_failed_resource_is_loaded_not_even_pages_that_came(partly: tuple[Campus, Report]) -> None:
    campus, report = partly
    assert report.resources["enrollments"].rows_received == 100
    assert "enrollments" not in campus.tables()


def test_the_report_names_the_error_of_a_failed_resource(partly: tuple[Campus, Report]) -> None:
    _, report = partly
    assert report.errors == {"enrollments": "RequestError"}
    assert "400" in report.resources["enrollments"].note
    assert (report.status, exit_code(report)) == (Status.FAILED, 3)


def test_a_failed_resource_leaves_the_rows_of_earlier_runs(campus: Campus) -> None:
    campus.configure("people", "terms")
    campus.sync()
    campus.school.put("people", campus.school.rows("people")[0] | {"id": 1, "nickname": "new"})
    campus.dial("always=500,only=/v1/people")
    line = campus.sync().resources["people"]
    assert line.rows_in_table == len(campus.true_ids("people")) - 1
    assert 1 not in campus.ids("people")


def test_a_failed_resource_is_read_by_the_next_run(campus: Campus) -> None:
    campus.configure("people", "terms")
    campus.dial("always=500,only=/v1/people")
    campus.sync()
    campus.dial("")
    assert exit_code(campus.sync()) == 0
    assert campus.ids("people") == campus.true_ids("people")


ALL_FAIL = [("always=401", 4, "AuthError"), ("always=403", 4, "AuthError"), ("always=500", 1, "TransientError")]


@pytest.mark.parametrize(("dials", "code", "error"), ALL_FAIL)
def test_where_everything_failed_nothing_landed(campus: Campus, dials: str, code: int, error: str) -> None:
    campus.configure("people", "terms")
    campus.dial(dials)
    report = campus.sync()
    assert (report.landed, exit_code(report)) == (False, code)
    assert report.errors == {"people": error, "terms": error}
    assert campus.tables() == {"_homeroom_runs", "_homeroom_resources"}
    assert campus.pending() == []


def test_a_server_that_cannot_be_reached_is_an_error_of_each_resource(campus: Campus) -> None:
    campus.configure("people", "terms")
    campus.school.stop()
    report = campus.sync()
    assert report.errors == {"people": "TransientError", "terms": "TransientError"}
    assert exit_code(report) == 1


CHILD = {
    "name": "section_enrollments",
    "endpoint": {"path": "/v1/sections/{resources.sections.id}/enrollments"},
}


def test_the_child_of_a_failed_parent_is_skipped(campus: Campus) -> None:
    campus.configure("sections", CHILD, "terms")
    campus.dial("always=500,only=/v1/sections")
    line = campus.sync().resources["section_enrollments"]
    assert (line.status, line.note) == (Status.SKIPPED, "its parent sections is failed")
    assert campus.tables() == {"terms", "_homeroom_runs", "_homeroom_resources"}


def test_a_child_that_fails_for_one_parent_is_not_loaded_and_its_parent_is(campus: Campus) -> None:
    campus.configure("sections", CHILD)
    campus.dial(f"always=500,only=/v1/sections/{campus.true_ids('sections')[3]}/enrollments")
    report = campus.sync()
    assert [str(line.status) for line in report.resources.values()] == ["complete", "failed"]
    assert "section_enrollments" not in campus.tables()
    assert campus.ids("sections") == campus.true_ids("sections")


SHARED = [
    {"name": "staff", "table_name": "rows", "endpoint": {"path": "/v1/terms"}},
    {"name": "pupils", "table_name": "rows", "endpoint": {"path": "/v1/people"}},
]


def test_a_resource_that_shares_its_table_with_a_failed_one_is_withheld_and_says_so(campus: Campus) -> None:
    campus.configure(*SHARED, "schools")
    campus.dial("always=500,only=/v1/people")
    report = campus.sync()
    line = report.resources["staff"]
    assert (line.status, line.note) == (
        Status.INCOMPLETE,
        "not loaded: a table is shared with a resource that failed [rows-missing]",
    )
    assert "rows" not in campus.tables()


def test_resources_that_share_a_table_both_land(campus: Campus) -> None:
    campus.configure(*SHARED)
    assert exit_code(campus.sync()) == 0
    assert campus.ids("rows") == sorted(campus.true_ids("terms") + campus.true_ids("people"))


def test_a_null_in_a_column_that_may_have_none_fails_its_resource_alone(campus: Campus) -> None:
    strict = {"name": "people", "columns": {"email": {"nullable": False}}, "endpoint": {"path": "/v1/people"}}
    campus.configure(strict, "terms", limit=10)
    rows = campus.school.rows("people")
    number = next(n for n, row in enumerate(rows) if row["email"] is None)
    report = campus.sync()
    assert report.errors == {"people": "DataError"}
    note = report.resources["people"].note
    assert note.startswith(f"resource people, page {number // 10 + 1} (")
    assert f"row {number % 10 + 1}: column email is null" in note
    assert "people" not in campus.tables()
    assert campus.ids("terms") == campus.true_ids("terms")
