"""A sync to Delta or Iceberg tables that is killed, and the sync after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lake_rows import appended, truth

if TYPE_CHECKING:
    from campus_of_sync import Fresh
    from lake_rows import Lake

LOADED = ("load committed", "ledger begun", "ledger written")
"""Points after dlt has committed the load: the killed run counts."""


@pytest.mark.parametrize(
    ("point", "nth"),
    [("extracted", 1), ("tables made", 1), ("job committed", 6), ("job committed", 10), ("all jobs done", 1)],
)
def test_a_first_run_killed_anywhere_leaves_each_row_once(lake: Lake, fresh: Fresh, point: str, nth: int) -> None:
    lake.configure()
    assert fresh.run(lake.campus, point, nth, **lake.env) == {"signal": 9}
    assert fresh.run(lake.campus, **lake.env) == {"status": "complete", "landed": True}
    assert lake.rows() == truth(lake.campus)


@pytest.mark.parametrize(("point", "nth"), [("job committed", 8), ("all jobs done", 1), ("load committed", 1)])
def test_a_later_run_killed_anywhere_appends_once(lake: Lake, fresh: Fresh, point: str, nth: int) -> None:
    lake.configure()
    fresh.run(lake.campus, **lake.env)
    old, school = truth(lake.campus), lake.campus.school
    school.put("sections", school.rows("sections")[0] | {"id": 99_999})
    assert fresh.run(lake.campus, point, nth, **lake.env) == {"signal": 9}
    assert fresh.run(lake.campus, **lake.env) == {"status": "complete", "landed": True}
    new = truth(lake.campus)
    assert lake.rows() == (appended(old, new, new) if point in LOADED else appended(old, new))
