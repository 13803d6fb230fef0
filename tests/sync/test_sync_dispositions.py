"""Tables that are replaced or appended to, where acting on what is absent could do harm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from homeroom.report import exit_code
from homeroom.values import Status

if TYPE_CHECKING:
    from conftest import Campus


def written(name: str, way: str) -> dict[str, Any]:
    return {"name": name, "write_disposition": way, "endpoint": {"path": f"/v1/{name}"}}


@pytest.fixture
def replaced(campus: Campus) -> Campus:
    """A campus whose courses are replaced and whose terms are merged, synced once."""
    campus.configure(written("courses", "replace"), "terms")
    campus.sync()
    return campus


def test_replace_takes_the_place_of_what_was_there(replaced: Campus) -> None:
    replaced.school.remove("courses", replaced.true_ids("courses")[0])
    assert exit_code(replaced.sync()) == 0
    assert replaced.ids("courses") == replaced.true_ids("courses")
    grades = sum(len(row["grades"]) for row in replaced.school.rows("courses"))
    assert replaced.query("SELECT count(*) FROM courses__grades") == [(grades,)]


def test_a_read_without_a_row_does_not_empty_a_replaced_table(replaced: Campus) -> None:
    before = replaced.true_ids("courses")
    for row_id in before:
        replaced.school.remove("courses", row_id)
    report = replaced.sync()
    line = report.resources["courses"]
    assert line.status is Status.INCOMPLETE
    assert (
        line.note == "0 rows came, and replace would empty the table courses, which holds 4 rows; "
        "it was left as it was: if it shall be empty, sync with --allow-deletes [deletes-refused]"
    )
    assert (replaced.ids("courses"), exit_code(report)) == (before, 3)


@pytest.mark.parametrize(
    ("dials", "status"),
    [("always=500,only=/v1/courses", Status.FAILED), ("total=wrong-high,only=/v1/courses", Status.INCOMPLETE)],
)
def test_a_replaced_table_stays_as_it_was_unless_all_was_read(replaced: Campus, dials: str, status: Status) -> None:
    before = replaced.true_ids("courses")
    nested = replaced.query("SELECT * FROM courses__grades ORDER BY ALL")
    replaced.school.remove("courses", before[0])
    replaced.school.put("terms", replaced.school.rows("terms")[0] | {"id": 99})
    replaced.dial(dials)
    report = replaced.sync()
    assert report.resources["courses"].status is status
    assert (replaced.ids("courses"), 99 in replaced.ids("terms")) == (before, True)
    assert nested and replaced.query("SELECT * FROM courses__grades ORDER BY ALL") == nested


def test_a_limited_read_replaces_nothing(replaced: Campus) -> None:
    before = replaced.ids("courses")
    report = replaced.sync(limit=1)
    assert report.resources["courses"].status is Status.INCOMPLETE
    assert (replaced.ids("courses"), exit_code(report)) == (before, 3)


def test_append_adds_the_rows_of_every_run(campus: Campus) -> None:
    campus.configure(written("sections", "append"))
    campus.sync()
    campus.sync()
    meetings = sum(len(row["meetings"]) for row in campus.school.rows("sections"))
    assert campus.ids("sections") == sorted(campus.true_ids("sections") * 2)
    assert campus.query("SELECT count(*) FROM sections__meetings") == [(meetings * 2,)]


def test_merge_without_a_key_is_an_append(campus: Campus) -> None:
    campus.configure(written("terms", "merge") | {"primary_key": ""})
    campus.sync()
    report = campus.sync()
    assert campus.ids("terms") == sorted(campus.true_ids("terms") * 2)
    assert report.resources["terms"].rows_distinct is None
