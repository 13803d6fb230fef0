"""A key that comes twice in one load: the row that came last is in the table."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dlt
import pytest
from dlt.pipeline.exceptions import PipelineStepFailed

from homeroom.dlt_seam.repeats import keep_last

PAGES = [
    [{"Id": 1, "name": "old", "marks": [{"n": 1}, {"n": 2}]}, {"Id": 2, "name": "only"}, {"Id": 3, "name": "old"}],
    [{"Id": 1, "name": "newer", "marks": [{"n": 3}]}],
    [{"Id": 3, "name": "new"}, {"Id": 1, "name": "new", "marks": [{"n": 4}]}],
]


def loaded(folder: Path, **hints: Any) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of the root table, then those of its child."""

    @dlt.resource(name="people", **hints)
    def people() -> Iterator[Any]:
        yield from PAGES

    target = dlt.destinations.duckdb(str(folder / "kept.duckdb"))
    pipeline = dlt.pipeline("repeats", destination=target, dataset_name="held", pipelines_dir=str(folder / "work"))
    load_id = pipeline.extract(people()).loads_ids[0]
    keep_last(pipeline, load_id, {"people"})
    pipeline.normalize()
    pipeline.load()
    with pipeline.sql_client() as sql:
        for query in ("SELECT id, name FROM people ORDER BY ALL", "SELECT n FROM people__marks ORDER BY ALL"):
            yield list(sql.execute_sql(query) or ())


@pytest.mark.parametrize("disposition", ["merge", {"disposition": "merge", "strategy": "upsert"}])
def test_of_rows_with_one_key_the_last_is_merged(tmp_path: Path, disposition: Any) -> None:
    rows, marks = loaded(tmp_path, primary_key="Id", write_disposition=disposition)
    assert rows == [(1, "new"), (2, "only"), (3, "new")]
    assert marks == [(4,)]


@pytest.mark.parametrize("disposition", ["append", "replace"])
def test_a_table_that_does_not_merge_keeps_them_all(tmp_path: Path, disposition: str) -> None:
    rows, marks = loaded(tmp_path, primary_key="Id", write_disposition=disposition)
    assert len(rows) == 6 and len(marks) == 4


def test_a_key_of_several_columns_tells_rows_apart(tmp_path: Path) -> None:
    rows, _ = loaded(tmp_path, primary_key=("Id", "name"), write_disposition="merge")
    assert len(rows) == 6


def test_where_a_column_says_which_row_counts_all_go_to_dlt(tmp_path: Path) -> None:
    sort = {"name": {"dedup_sort": "desc"}}
    rows, _ = loaded(tmp_path, primary_key="Id", write_disposition="merge", columns=sort)
    assert rows == [(1, "old"), (2, "only"), (3, "old")]


def test_a_row_that_is_no_object_is_left_to_dlt(tmp_path: Path) -> None:
    """A step of the config may make such rows; they have no key."""

    @dlt.resource(name="people", primary_key="Id", write_disposition="merge")
    def people() -> Iterator[Any]:
        yield [{"Id": 1, "name": "old"}, 15, {"Id": 1, "name": "new"}]

    target = dlt.destinations.duckdb(str(tmp_path / "kept.duckdb"))
    pipeline = dlt.pipeline("odd", destination=target, dataset_name="held", pipelines_dir=str(tmp_path / "work"))
    keep_last(pipeline, pipeline.extract(people()).loads_ids[0], {"people"})
    pipeline.normalize()
    with pytest.raises(PipelineStepFailed, match=r"NOT NULL constraint failed: people\.id"):
        pipeline.load()
