import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from paper import Listed, Row, one, people, with_rows

from homeroom.draft.values import Confidence


def changed(count: int = 40, column: str = "updated_at") -> list[Row]:
    return [{**row, column: f"2026-01-{1 + number * 7 % 28:02d}T08:00:00Z"} for number, row in enumerate(people(count))]


@pytest.mark.parametrize("param", ["updated_since", "updated_at[gte]", "modified_after", "since", "updated_at__gte"])
def test_a_filter_that_is_honoured_is_found_and_named(param: str) -> None:
    found = one(Listed(changed(), since=param)).incremental
    assert found is not None and found.confidence is Confidence.CERTAIN
    assert found.value == {"cursor_path": "updated_at", "start_param": param}
    assert "honoured: asked by" in found.evidence


def test_a_strict_api_is_asked_by_the_usual_names_one_by_one() -> None:
    found = one(Listed(changed(), since="modified_since", strict=True)).incremental
    assert found is not None and found.value is not None
    assert found.value["start_param"] == "modified_since"


def test_a_column_of_times_without_a_filter_is_told_and_not_used() -> None:
    found = one(Listed(changed())).incremental
    assert found is not None and found.value is None
    assert "no filter by it was found" in found.evidence


def test_other_columns_of_times_tell_no_change() -> None:
    assert one(Listed(changed(column="created_at"))).incremental is None
    assert one(Listed([{**row, "updated_at": "yesterday"} for row in people(30)])).incremental is None


def test_a_time_deep_in_the_row_is_found() -> None:
    rows = [{**row, "meta": {"lastModified": f"2026-01-{1 + n % 28:02d}"}} for n, row in enumerate(people(30))]
    found = one(Listed(rows)).incremental
    assert found is not None and found.evidence.startswith("meta.lastModified tells when a row has changed")


def test_rows_without_a_time_are_taken_in() -> None:
    rows = [{**row, "updated_at": row["updated_at"] if n % 3 else ""} for n, row in enumerate(changed())]
    nulls = [{**row, "updated_at": row["updated_at"] or None} for row in rows]

    found = one(with_rows(Listed(rows, since="updated_since"), nulls)).incremental
    assert found is not None and found.value is not None
    assert found.value["on_cursor_value_missing"] == "include"
