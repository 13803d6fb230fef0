"""What a sync brings, and how sure it is of it: the configuration of the issue over a school of many moods."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from homeroom.values import Proof, Report, Status

if TYPE_CHECKING:
    from conftest import Campus, OpenCampus

Runs = tuple["Campus", Report, Report]
NAMES = ("people", "enrollments", "sections")


@pytest.fixture(scope="module")
def twice(open_campus: OpenCampus) -> Runs:
    """Two syncs into one file, and their reports."""
    campus = open_campus()
    campus.configure(*NAMES)
    return campus, campus.sync(), campus.sync()


def test_every_row_lands(twice: Runs) -> None:
    campus, _, _ = twice
    assert {name: campus.ids(name) for name in NAMES} == {name: campus.true_ids(name) for name in NAMES}


def test_nested_lists_become_child_tables(twice: Runs) -> None:
    campus, _, _ = twice
    meetings = sum(len(row["meetings"]) for row in campus.school.rows("sections"))
    assert campus.query("SELECT count(*) FROM sections__meetings") == [(meetings,)]


def test_a_second_run_says_what_the_first_said(twice: Runs) -> None:
    _, first, second = twice
    said = [
        [(line.status, line.proof, line.rows_distinct, line.rows_in_table) for line in report.resources.values()]
        for report in (first, second)
    ]
    assert said[0] == said[1]


def test_rows_are_counted_where_the_api_has_a_total(twice: Runs) -> None:
    campus, _, report = twice
    count = len(campus.school.rows("enrollments"))
    line = report.resources["enrollments"]
    assert (line.status, line.proof) == (Status.COMPLETE, Proof.COUNT)
    assert (line.api_total, line.rows_received, line.rows_distinct, line.rows_in_table) == (count,) * 4
    assert (line.pages, line.requests, line.retries) == (2, 2, 0)


def test_the_report_says_where_the_rows_are(twice: Runs) -> None:
    campus, report, _ = twice
    assert (report.name, report.dataset, report.destination) == ("campus", "campus", campus.url)
    assert report.landed
    assert report.errors == {}


def test_each_run_has_an_id_of_its_own(twice: Runs) -> None:
    _, first, second = twice
    assert first.run_id and second.run_id and first.run_id != second.run_id


MOODS = [
    ("total=absent", Status.COMPLETE, Proof.CONTINUITY),
    ("total=header", Status.COMPLETE, Proof.COUNT),
    ("total=text", Status.COMPLETE, Proof.COUNT),
    ("total=wrong-low", Status.UNPROVED, Proof.END),
    ("total=wrong-high", Status.INCOMPLETE, None),
    ("page_cap=50", Status.COMPLETE, Proof.COUNT),
    ("page_cap=50,total=absent", Status.COMPLETE, Proof.CONTINUITY),
]


@pytest.mark.parametrize(("mood", "status", "proof"), MOODS)
def test_nothing_is_lost_and_nothing_more_is_said_than_is_known(
    campus: Campus, mood: str, status: Status, proof: Proof | None
) -> None:
    sync = {"resources": {"enrollments": {"total_header": "X-Total-Count"}}} if mood == "total=header" else {}
    campus.configure("enrollments", sync=sync)
    campus.dial(mood)
    line = campus.sync().resources["enrollments"]
    assert campus.ids("enrollments") == campus.true_ids("enrollments")
    assert (line.status, line.proof) == (status, proof)


def test_rows_change_where_the_school_changed(campus: Campus) -> None:
    campus.configure("terms")
    campus.sync()
    row = campus.school.rows("terms")[0] | {"name": "Another year"}
    campus.school.put("terms", row)
    campus.sync()
    assert campus.query(f"SELECT name FROM terms WHERE id = {row['id']}") == [("Another year",)]
    assert campus.ids("terms") == campus.true_ids("terms")


def test_the_destination_may_stand_in_the_config(campus: Campus) -> None:
    campus.configure("terms", destination=campus.url, dataset="campus")
    campus.sync(destination=None)
    assert campus.ids("terms") == campus.true_ids("terms")
