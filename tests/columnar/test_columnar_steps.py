"""Who looks at rows gets rows: whatever stands between the pages and the table, or merely iterates."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dlt
import duckdb
import pytest
from lane_sides import source_of

from homeroom.errors import DataError
from homeroom.source import RestApiSource
from homeroom.values import ResourceReport

PAGES = {"people": ['[{"id":1,"k":[1]},{"id":2,"k":[2,3]}]', '[{"id":3,"k":[]}]', '[{"id":4}]']}
HINTS: dict[str, Any] = {"people": {"primary_key": "id", "write_disposition": "merge"}}
Change = Callable[[RestApiSource], Any]


def pipeline(folder: Path) -> dlt.Pipeline:
    """A pipeline of the test's own."""
    destination = dlt.destinations.duckdb(str(folder / "rows.duckdb"))
    return dlt.pipeline("rows", destination=destination, dataset_name="campus", pipelines_dir=str(folder / "pipes"))


def run(folder: Path, source: RestApiSource, data: Any = None, **options: Any) -> ResourceReport:
    """The line of the report after one run."""
    pipeline(folder).run(source if data is None else data, **{"loader_file_format": "parquet", **options})
    return source.report.resources["people"]


def stored(folder: Path, query: str) -> list[Any]:
    """What the database holds."""
    with duckdb.connect(str(folder / "rows.duckdb")) as connection:
        return connection.execute(query).fetchall()


def test_pages_of_a_plain_run_go_as_columns(tmp_path: Path) -> None:
    line = run(tmp_path, source_of(PAGES, HINTS))
    assert (line.pages_columnar, line.pages_object, line.rows_received, line.rows_distinct) == (3, 0, 4, 4)
    assert stored(tmp_path, "SELECT count(*), count(DISTINCT _dlt_id), max(length(_dlt_id)) FROM campus.people") == [
        (4, 4, 14)
    ]
    assert stored(tmp_path, "SELECT value FROM campus.people__k ORDER BY 1") == [(1,), (2,), (3,)]


def test_dlts_own_default_of_inserts_takes_them_too(tmp_path: Path) -> None:
    line = run(tmp_path, source_of(PAGES, HINTS), loader_file_format=None)
    assert line.pages_columnar == 3 and stored(tmp_path, "SELECT count(*) FROM campus.people__k") == [(3,)]


def test_a_list_of_the_source_is_rows() -> None:
    source = source_of(PAGES, HINTS)
    assert [row["id"] for row in source] == [1, 2, 3, 4]
    assert source.report.resources["people"].pages_object == 3


@pytest.mark.parametrize(
    ("change", "ids"),
    [
        (lambda source: source.people.add_map(lambda row: {**row, "id": row["id"] * 10}), [10, 20, 30, 40]),
        (lambda source: source.people.add_filter(lambda row: row["id"] > 2), [3, 4]),
        (lambda source: source.people.add_limit(2), [1, 2, 3]),
        (lambda source: source.add_limit(1), [1, 2]),
        (lambda source: source.people.add_yield_map(lambda row: [row, {"id": row["id"] + 100}]), None),
    ],
    ids=["map", "filter", "limit", "limit_of_source", "yield_map"],
)
def test_a_step_of_the_users_gets_rows(change: Change, ids: list[int] | None, tmp_path: Path) -> None:
    source = source_of(PAGES, HINTS)
    change(source)
    line = run(tmp_path, source)
    assert line.pages_columnar == 0 and line.pages_object > 0
    expected = ids or [1, 2, 3, 4, 101, 102, 103, 104]
    assert stored(tmp_path, "SELECT id FROM campus.people ORDER BY 1") == [(number,) for number in expected]


def test_a_transformer_of_the_users_gets_rows(tmp_path: Path) -> None:
    source = source_of(PAGES, HINTS)

    @dlt.transformer(name="doubled")
    def doubled(rows: list[Any]) -> Any:
        yield [{"twice": row["id"] * 2} for row in rows]

    run(tmp_path, source, source.people | doubled)
    assert stored(tmp_path, "SELECT twice FROM campus.doubled ORDER BY 1") == [(2,), (4,), (6,), (8,)]


def test_a_selection_goes_as_columns(tmp_path: Path) -> None:
    pages = {**PAGES, "terms": ['[{"id":1}]']}
    source = source_of(pages, HINTS)
    line = run(tmp_path, source, source.with_resources("people"))
    assert line.pages_columnar == 3 and "terms" not in str(stored(tmp_path, "SHOW ALL TABLES"))


def test_two_resources_of_one_table_go_as_objects(tmp_path: Path) -> None:
    pages = {"people": PAGES["people"], "others": ['[{"id":"x"}]']}
    shared = {"table_name": "people", "write_disposition": "append"}
    source = source_of(pages, {"people": shared, "others": shared})
    assert run(tmp_path, source).pages_columnar == 0
    assert stored(tmp_path, "SELECT count(*), count(id), count(id__v_text) FROM campus.people") == [(5, 4, 1)]


def test_a_null_in_the_key_is_told_as_ever(tmp_path: Path) -> None:
    """Page and row, after pages that went as columns."""
    source = source_of({"people": ['[{"id":1}]', '[{"id":2},{"id":null}]']}, HINTS)
    with pytest.raises(Exception, match=r"page 2 .*, row 2: column id is null, but it is in the primary key"):
        run(tmp_path, source)
    assert isinstance(source.reading and source.reading.ledger.entries["people"].error, DataError)
    assert list(tmp_path.rglob("homeroom-*.parquet")) == []


def test_a_second_run_of_one_source_begins_afresh(tmp_path: Path) -> None:
    source = source_of(PAGES, HINTS)
    lines = [run(tmp_path, source) for _ in range(2)]
    assert [line.pages_columnar for line in lines] == [3, 3]
    assert stored(tmp_path, "SELECT count(*) FROM campus.people__k") == [(3,)]


def test_late_columns_and_pages_of_both_lanes_are_one_table(tmp_path: Path) -> None:
    pages = ['[{"id":1,"x":1}]', '[{"id":2,"x":"text"}]', '[{"id":3,"x":3,"y":"late"}]', '[{"id":4,"k":[{"a":1}]}]']
    line = run(tmp_path, source_of({"people": pages}, HINTS))
    assert line.pages_object == 1 and line.pages == line.pages_columnar + 1
    assert "1 page read row by row, the first (page 2)" in line.note
    rows = stored(tmp_path, "SELECT id, x, x__v_text, y FROM campus.people ORDER BY id")
    assert rows == [(1, 1, None, None), (2, None, "text", None), (3, 3, None, "late"), (4, None, None, None)]


def test_a_table_of_many_odd_pages_is_given_up_for(tmp_path: Path) -> None:
    """Every page brings another type: to try each twice would be slower than dlt alone."""
    pages = [f'[{{"id":{number},"x":{1 if number % 2 else "[1]"},"y":[1,{{}}]}}]' for number in range(30)]
    line = run(tmp_path, source_of({"people": pages}, HINTS))
    assert line.pages_object == 30 and stored(tmp_path, "SELECT count(*) FROM campus.people") == [(30,)]


def test_row_groups_are_not_as_small_as_pages(tmp_path: Path) -> None:
    """Pages are gathered: a file of a row group for each page would be slow to load."""
    pages = [f'[{{"id":{number}}}]' for number in range(200)]
    seen: list[Path] = []
    source = source_of({"people": pages}, HINTS)
    opened = pipeline(tmp_path)
    opened.extract(source, loader_file_format="parquet")
    seen += (tmp_path / "pipes").rglob("people.*.parquet")
    groups = duckdb.sql(f"SELECT count(DISTINCT row_group_id) FROM parquet_metadata('{seen[0]}')").fetchall()
    assert len(seen) == 1 and groups == [(1,)]


def test_threads_of_dlts_get_rows(tmp_path: Path) -> None:
    """What a lane learns goes into the schema, which belongs to the thread of the extraction."""
    source = source_of(PAGES, HINTS)
    source.people.parallelize()
    assert run(tmp_path, source).pages_columnar == 0
    assert stored(tmp_path, "SELECT count(*) FROM campus.people") == [(4,)]


SINCE: dict[str, Any] = {"people": {"primary_key": "id", "write_disposition": "append"}}


def since(pages: list[str], **cursor: Any) -> RestApiSource:
    """People from the newest that the pipeline has seen."""
    return source_of({"people": pages}, SINCE, incremental={"cursor_path": "at", **cursor})


def test_rows_that_an_incremental_picks_go_as_columns(tmp_path: Path) -> None:
    """dlt's own object picks them, from its key and cursor alone; nested rows go with their parents."""
    first = run(tmp_path, since(['[{"id":1,"at":1,"k":[1]},{"id":2,"at":2,"k":[2]}]'], initial_value=2))
    second = run(tmp_path, since(['[{"id":2,"at":2,"k":[2]},{"id":3,"at":2,"k":[3]}]', '[{"id":4,"at":1}]']))
    assert (first.pages_object, second.pages_object, second.rows_received) == (0, 0, 3)
    assert stored(tmp_path, "SELECT id FROM campus.people ORDER BY 1") == [(2,), (3,)]
    assert stored(tmp_path, "SELECT value FROM campus.people__k ORDER BY 1") == [(2,), (3,)]


def test_an_error_of_an_incremental_is_dlts(tmp_path: Path) -> None:
    """A row without its cursor."""
    with pytest.raises(Exception, match="IncrementalCursorPathMissing"):
        run(tmp_path, since(['[{"id":1,"at":1}]', '[{"id":2,"x":1}]']))


@pytest.mark.parametrize("cursor", [{"row_order": "asc"}, {"cursor_path": "place.at"}])
def test_an_incremental_that_needs_more_of_a_row_gets_it(cursor: dict[str, Any], tmp_path: Path) -> None:
    pages = ['[{"id":1,"at":1,"place":{"at":1},"place.id":1}]']
    assert run(tmp_path, since(pages, **cursor)).pages_columnar == 0


def test_columns_are_in_the_order_of_the_keys(tmp_path: Path) -> None:
    """Not that of a set's, which is another one in each process."""
    keys = [f"k{number}" for number in range(20)]
    made = pipeline(tmp_path)
    made.run(source_of({"rows": [json.dumps([dict.fromkeys(keys, 1)])]}, {}))
    columns = made.default_schema.tables["rows"]["columns"]
    assert [name for name in columns if not name.startswith("_dlt")] == keys
