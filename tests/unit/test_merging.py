"""What is told of a way of writing."""

from __future__ import annotations

from typing import Any

import pytest

from homeroom.dlt_seam.merging import Way, way_of, way_of_table


def by(strategy: str, **more: Any) -> dict[str, Any]:
    return {"disposition": "merge", "strategy": strategy, **more}


@pytest.mark.parametrize(
    ("written", "keeps_one", "writes_all", "keeps_first"),
    [
        ("merge", True, True, False),
        (by("delete-insert"), True, True, False),
        (by("upsert"), True, True, False),
        (by("upsert", skip_unchanged_rows=True), True, False, False),
        (by("insert-only"), False, False, True),
        (by("scd2"), False, False, False),
        ("append", False, False, False),
        ("replace", False, False, False),
        (None, False, False, False),
        (lambda row: "merge", False, False, False),
    ],
)
def test_a_way_tells_which_row_of_a_key_stays(
    written: Any, keeps_one: bool, writes_all: bool, keeps_first: bool
) -> None:
    way = way_of(written)
    assert (way.keeps_one, way.writes_all, way.keeps_first) == (keeps_one, writes_all, keeps_first)


def test_a_table_has_the_way_that_the_schema_remembers() -> None:
    table: Any = {"write_disposition": "merge", "x-merge-strategy": "upsert", "x-merge-skip-unchanged-rows": True}
    assert way_of_table(table) == Way("merge", "upsert", skips_unchanged=True) != way_of_table({"columns": {}})
