"""Children that were not read whole: their parents, if these are read by a cursor, must come again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from homeroom.values import Status

if TYPE_CHECKING:
    from conftest import Campus

CURSOR = {"cursor_path": "updated_at", "initial_value": "2000-01-01T00:00:00Z", "start_param": "updated_since"}
SECTIONS = {"name": "sections", "endpoint": {"path": "/v1/sections", "incremental": CURSOR}}
ENROLLMENTS = {"name": "enrollments", "endpoint": {"path": "/v1/sections/{resources.sections.id}/enrollments"}}


def synced(campus: Campus, **options: Any) -> dict[str, Status]:
    return {name: line.status for name, line in campus.sync(**options).resources.items()}


@pytest.mark.parametrize("resume", [True, False], ids=["resumed", "anew"])
def test_rows_of_a_child_that_failed_come_with_the_next_run(campus: Campus, resume: bool) -> None:
    """Its parents are not new any more by then."""
    campus.configure(SECTIONS, ENROLLMENTS, sync={"retry": {"attempts": 1}})
    gone_wrong = campus.true_ids("sections")[3]
    campus.dial(f"always=500,only=/v1/sections/{gone_wrong}/*")
    assert synced(campus) == {"sections": Status.COMPLETE, "enrollments": Status.FAILED}
    assert campus.ids("sections") == campus.true_ids("sections") and "enrollments" not in campus.tables()
    campus.dial("")
    assert synced(campus, resume=resume) == {"sections": Status.COMPLETE, "enrollments": Status.COMPLETE}
    assert campus.ids("enrollments") == campus.true_ids("enrollments")


def test_afterwards_the_cursor_of_the_parents_goes_on(campus: Campus) -> None:
    campus.configure(SECTIONS, ENROLLMENTS, sync={"retry": {"attempts": 1}})
    campus.dial("always=500,only=/v1/sections/*/enrollments")
    synced(campus)
    campus.dial("")
    synced(campus)
    campus.school.clear_log()
    assert campus.sync().resources["enrollments"].rows_received == 0
    assert campus.school.requests[0].query["updated_since"] > "2025"


@pytest.mark.parametrize("resume", [True, False], ids=["resumed", "anew"])
def test_parents_that_are_appended_land_once(campus: Campus, resume: bool) -> None:
    """Their cursor stands, so they come again."""
    campus.configure(SECTIONS | {"write_disposition": "append"}, ENROLLMENTS, sync={"retry": {"attempts": 1}})
    gone_wrong = campus.true_ids("sections")[3]
    campus.dial(f"always=500,only=/v1/sections/{gone_wrong}/*")
    line = campus.sync().resources["sections"]
    assert line.status is Status.INCOMPLETE
    assert "not loaded: the next run asks for the same rows, and the table would hold them twice" in line.note
    assert "sections" not in campus.tables()
    campus.dial("")
    assert synced(campus, resume=resume) == {"sections": Status.COMPLETE, "enrollments": Status.COMPLETE}
    assert campus.ids("sections") == campus.true_ids("sections")
    assert campus.ids("enrollments") == campus.true_ids("enrollments")
    synced(campus)
    assert campus.ids("sections") == campus.true_ids("sections")


def test_a_parent_that_is_read_for_its_children_alone_stays_where_it_was(campus: Campus) -> None:
    campus.configure(SECTIONS, ENROLLMENTS)
    assert synced(campus, select=("enrollments",))["enrollments"] is Status.COMPLETE
    assert "sections" not in campus.tables()
    assert campus.ids("enrollments") == campus.true_ids("enrollments")
    synced(campus)
    assert campus.ids("sections") == campus.true_ids("sections")
