"""The rows of Delta and Iceberg tables are those that DuckDB would hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lake_rows import appended, truth

from homeroom.values import Status

if TYPE_CHECKING:
    from lake_rows import Lake


def changed(lake: Lake) -> None:
    """One row of each table is new or other, one has lost what was nested in it, and a course is gone."""
    school = lake.campus.school
    first, second, *_ = school.rows("people")
    school.put("people", first | {"family_name": "Otherwise", "roles": []})
    school.put("people", second | {"roles": second["roles"][:1] * 3})
    school.put("people", second | {"id": 99_999, "new_key": "comes later"})
    school.put("sections", school.rows("sections")[0] | {"id": 99_999})
    school.remove("courses", school.rows("courses")[0]["id"])


def test_two_syncs_of_a_school_that_changed_leave_what_it_has(lake: Lake) -> None:
    lake.configure()
    old, first = truth(lake.campus), lake.campus.sync()
    assert (first.status, lake.rows()) == (Status.COMPLETE, old)
    changed(lake)
    report = lake.campus.sync()
    new = truth(lake.campus)
    assert (report.status, lake.rows()) == (Status.COMPLETE, appended(old, new))
    assert {name: line.rows_in_table for name, line in report.resources.items()} == {
        "people": len(new["people"]),
        "sections": len(old["sections"]) + len(new["sections"]),
        "courses": len(new["courses"]),
    }
