"""Load files in the making: few, whole, and gone when nobody wants them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from homeroom import spool
from homeroom.spool import Spool


def table(*ids: int, **more: Any) -> pa.Table:
    """Rows of a key that may not be null, and other columns."""
    fields = [pa.field("id", pa.int64(), nullable=False), *(pa.field(name, pa.string()) for name in more)]
    return pa.Table.from_arrays(
        [pa.array(ids), *(pa.array([text] * len(ids)) for text in more.values())], schema=pa.schema(fields)
    )


@pytest.fixture
def small_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """A row group is full with two rows."""
    monkeypatch.setattr(spool, "GROUP_ROWS", 2)


def test_rows_of_a_table_are_one_file_and_one_row_group(tmp_path: Path) -> None:
    made = Spool(tmp_path)
    for number in range(5):
        made.add("people", table(number))
    made.add("roles", table(1))
    files = {file.table: file for file in made.finish()}
    assert {name: file.rows for name, file in files.items()} == {"people": 5, "roles": 1}
    assert pq.ParquetFile(files["people"].path).metadata.num_row_groups == 1


def test_a_column_that_is_new_before_anything_is_written_is_in_the_same_file(tmp_path: Path) -> None:
    """dlt would rewrite a file that lacks a column of its table."""
    made = Spool(tmp_path)
    made.add("people", table(1))
    made.add("people", table(2, name="Bo"))
    (file,) = made.finish()
    assert pq.read_table(file.path).to_pylist() == [{"id": 1, "name": None}, {"id": 2, "name": "Bo"}]
    assert not pq.read_schema(file.path).field("id").nullable


@pytest.mark.usefixtures("small_groups")
def test_a_column_that_is_new_later_begins_another_file(tmp_path: Path) -> None:
    made = Spool(tmp_path)
    for rows in (table(1, 2), table(3), table(4, name="Bo")):
        made.add("people", rows)
    assert [pq.read_table(file.path).column("id").to_pylist() for file in made.finish()] == [[1, 2, 3], [4]]


@pytest.mark.usefixtures("small_groups")
def test_row_groups_are_written_in_the_order_of_the_rows(tmp_path: Path) -> None:
    made = Spool(tmp_path)
    for number in range(9):
        made.add("people", table(number))
    (file,) = made.finish()
    assert pq.read_table(file.path).column("id").to_pylist() == list(range(9))
    assert pq.ParquetFile(file.path).metadata.num_row_groups == 5


@pytest.mark.usefixtures("small_groups")
def test_what_goes_wrong_while_writing_is_raised(tmp_path: Path) -> None:
    """Not lost in the thread; and what was begun can be dropped all the same."""
    made = Spool(tmp_path / "absent")
    with pytest.raises(FileNotFoundError):
        for number in range(20):
            made.add("people", table(number))
    made.drop()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("small_groups")
def test_nothing_is_left_of_what_was_dropped(tmp_path: Path) -> None:
    made = Spool(tmp_path)
    for number in range(7):
        made.add("people", table(number))
        made.add("roles", table(number))
    made.drop()
    made.drop()
    assert list(tmp_path.iterdir()) == [] and list(made.finish()) == []


def test_a_dictionary_is_made_of_values_that_come_again_alone(tmp_path: Path) -> None:
    made = Spool(tmp_path)
    made.add("people", table(*range(100), name="Bo"))
    (file,) = made.finish()
    group = pq.ParquetFile(file.path).metadata.row_group(0)
    assert [group.column(place).has_dictionary_page for place in (0, 1)] == [False, True]
