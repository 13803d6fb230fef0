"""A server that answers empty once empties no table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from ..sync.conftest import Campus, OpenCampus

SCD2 = {"disposition": "merge", "strategy": "scd2"}


def valid(campus: Campus, way: Any) -> list[int]:
    """The ids that the table shows as those of now."""
    where = "WHERE _dlt_valid_to IS NULL" if way == SCD2 else ""
    return campus.column(f"SELECT id FROM courses {where} ORDER BY id")


@pytest.mark.parametrize("way", ["merge", "replace", SCD2], ids=["merge", "replace", "scd2"])
@pytest.mark.parametrize("total", ["body", "absent"])
def test_an_answer_without_rows_empties_no_table(open_campus: OpenCampus, way: Any, total: str) -> None:
    campus = open_campus()
    campus.configure({"name": "courses", "write_disposition": way, "endpoint": {"path": "/v1/courses"}})
    campus.sync()
    before = campus.true_ids("courses")
    campus.dial(f"empty_for_rights=on,total={total}")
    assert campus.sync().resources["courses"].rows_received == 0
    assert valid(campus, way) == before
    campus.dial("")
    campus.sync()
    assert valid(campus, way) == before
