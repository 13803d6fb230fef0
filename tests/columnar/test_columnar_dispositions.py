"""How rows of a second run meet those of the first: the tables of dlt, and the lane that the pages go."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import dlt
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from lane_sides import Rows, differences, source_of

from homeroom.spool import GROUP_BYTES
from homeroom.values import Report

Found = tuple[list[str], list[Report]]


@dataclass(frozen=True, slots=True)
class Way:
    """Pages of one resource in two runs, and how they are to be written."""

    name: str
    hints: dict[str, Any]
    first: tuple[str, ...]
    second: tuple[str, ...]


def merging(strategy: str = "delete-insert", **more: Any) -> dict[str, Any]:
    """Hints of a merge by the key `id`."""
    return {"primary_key": "id", "write_disposition": {"disposition": "merge", "strategy": strategy}, **more}


def versioned(**more: Any) -> dict[str, Any]:
    """Hints of a history whose versions the API tells."""
    return {"write_disposition": {"disposition": "merge", "strategy": "scd2", "row_version_column_name": "v"}, **more}


KIDS = (
    '[{"id":1,"k":[{"n":1,"l":[1,2]},{"n":2,"l":[3]},{"n":3}]},{"id":2,"k":[{"n":4,"l":[4]}]},{"id":3,"k":[{"n":5}]}]',
)
FEWER = ('[{"id":1,"k":[{"n":6,"l":[7]}]},{"id":2,"k":[]}]', '[{"id":4,"k":[{"n":7,"l":[]},{"n":8,"l":[8]}]}]')
ZEROS = ('[{"id":1,"x":-0.0,"y":0.5},{"id":2,"x":0.0,"y":-0.0}]', '[{"id":3,"x":0,"y":0},{"id":4,"x":-0,"y":-0}]')

WAYS = (
    Way("fewer_appended", {"write_disposition": "append"}, KIDS, FEWER),
    Way("fewer_replaced", {"write_disposition": "replace"}, KIDS, FEWER),
    Way("fewer_merged", merging(), KIDS, FEWER),
    Way("fewer_upserted", merging("upsert"), KIDS, FEWER),
    Way("fewer_inserted", merging("insert-only"), KIDS, FEWER),
    Way("by_merge_key", {"write_disposition": "merge", "merge_key": "id"}, KIDS, FEWER),
    Way("without_a_key", {"write_disposition": "merge"}, KIDS, FEWER),
    Way(
        "hard_deleted",
        merging(columns={"gone": {"hard_delete": True}}),
        ('[{"id":1,"gone":false,"k":[1]},{"id":2,"gone":null,"k":[2]}]',),
        ('[{"id":1,"gone":true,"k":[1]},{"id":2,"gone":false,"k":[3]}]',),
    ),
    Way(
        "last_of_several",
        merging(columns={"at": {"dedup_sort": "desc"}}),
        ('[{"id":1,"at":1,"k":[1]},{"id":1,"at":3,"k":[3]}]', '[{"id":1,"at":2,"k":[2]}]'),
        ('[{"id":1,"at":9,"k":[9]},{"id":1,"at":8,"k":[8]}]',),
    ),
    Way(
        "versions_told",
        versioned(),
        ('[{"id":1,"v":1,"k":[1]},{"id":2,"v":2,"k":[2]},{"id":3,"v":3,"k":[3]}]',),
        ('[{"id":1,"v":1,"k":[1]},{"id":2,"v":22,"k":[2,2]}]', '[{"id":4,"v":4,"late":"x"}]'),
    ),
    Way(
        "versions_told_by_key",
        versioned(merge_key="id"),
        ('[{"id":1,"v":"a","k":[1]},{"id":2,"v":"b","k":[2]},{"id":3,"v":"c","k":[3]}]',),
        ('[{"id":2,"v":"B","k":[]}]', '[{"id":4,"v":"d"}]'),
    ),
)
NAUGHTS = (
    Way("naughts", {"write_disposition": "append"}, ZEROS, ZEROS),
    Way("naughts_declared", {"columns": {name: {"data_type": "double"} for name in "xy"}}, ZEROS[::-1], ZEROS),
)


@pytest.fixture(scope="module", autouse=True)
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No telemetry, and dlt's own folder is ours."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("alone")
        patch.chdir(folder)
        patch.setenv("DLT_DATA_DIR", str(folder / "dlt"))
        patch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")
        yield


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Found:
    """All of them in one pipeline of each side, in two runs."""
    folder = tmp_path_factory.mktemp("ways")
    return differences(folder, [Rows(way.name, (way.first, way.second), way.hints) for way in (*WAYS, *NAUGHTS)])


def differing(way: Way, found: Found) -> list[str]:
    """What is not as dlt made it, in the tables of one resource."""
    return [each for each in found[0] if f" {way.name}:" in each or f" {way.name}__" in each]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_a_second_run_leaves_what_dlts_leaves(way: Way, found: Found) -> None:
    """Parents, children and grandchildren: those that are new, those that are fewer, those that have gone."""
    assert differing(way, found) == []


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_pages_go_as_columns_however_they_are_written(way: Way, found: Found) -> None:
    lines = [report.resources[way.name] for report in found[1]]
    assert [(line.pages_columnar > 0, line.pages_object) for line in lines] == [(True, 0)] * 2


@pytest.mark.parametrize("way", NAUGHTS, ids=lambda way: way.name)
def test_a_naught_has_the_sign_that_dlt_gives_it(way: Way, found: Found) -> None:
    """`-0` is a whole number: to Python a plain naught, to Arrow, in a column of fractions, a negative one."""
    assert differing(way, found) == []


ROWS, PER_PAGE = 300_000, 2_000


@dataclass(frozen=True, slots=True)
class Extracted:
    """The load files of many rows by table, and the most bytes that Arrow held while they were read."""

    files: dict[str, list[pq.ParquetFile]]
    peak: int


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Extracted:
    """300,000 rows of 600 bytes, of which 100,000 have a list, extracted and not loaded."""
    folder = tmp_path_factory.mktemp("many")
    peaks = [0]

    class Texts:
        """The pages, made as they are asked for; a look at Arrow's memory with each."""

        def __len__(self) -> int:
            return ROWS // PER_PAGE

        def __getitem__(self, number: int) -> str:
            peaks.append(pa.total_allocated_bytes())
            ids = range(number * PER_PAGE, (number + 1) * PER_PAGE)
            return json.dumps([{"id": n, "text": f"{n:0600}", **({} if n % 3 else {"k": [{"n": n}]})} for n in ids])

    destination = dlt.destinations.duckdb(str(folder / "rows.duckdb"))
    opened = dlt.pipeline("many", destination=destination, dataset_name="campus", pipelines_dir=str(folder / "pipes"))
    pages: Any = {"people": Texts()}
    opened.extract(source_of(pages, {"people": {"primary_key": "id"}}), loader_file_format="parquet")
    found: dict[str, list[pq.ParquetFile]] = {}
    for path in (folder / "pipes").rglob("new_jobs/people*.parquet"):
        found.setdefault(path.name.partition(".")[0], []).append(pq.ParquetFile(path))
    print("PEAK", max(peaks))
    return Extracted(found, max(peaks))


def test_many_rows_are_one_load_file_of_a_table(many: Extracted) -> None:
    assert {table: [file.metadata.num_rows for file in files] for table, files in many.files.items()} == {
        "people": [ROWS],
        "people__k": [ROWS // 3],
    }


def test_row_groups_are_large_and_bounded(many: Extracted) -> None:
    """Few, so that they load fast; none so large that it could not be held with those of other tables."""
    ((file,), (nested,)) = many.files["people"], many.files["people__k"]
    groups = [file.metadata.row_group(number) for number in range(file.metadata.num_row_groups)]
    assert all(20_000 <= group.num_rows <= 60_000 for group in groups[:-1])
    assert max(group.total_byte_size for group in groups) < 32 << 20
    assert nested.metadata.num_row_groups <= 3


def test_memory_does_not_grow_with_the_rows(many: Extracted) -> None:
    """Held are a row group in the making, one being written and two that wait; all rows are 195 MB."""
    assert many.peak < 6 * GROUP_BYTES
