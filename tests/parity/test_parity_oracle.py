"""The comparison itself: it must be able to find each kind of difference."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import dlt
import pytest
from parity_sides import Runs, Side
from parity_tables import Tables, compare_tables, read_tables

TABLE = "offset_total"


def changed(mapping: Mapping[str, Any], table: str, entry: Any) -> dict[str, Any]:
    """A copy of one of the mappings of `Tables` with another entry."""
    return {**mapping, table: entry}


@pytest.fixture
def tables(runs: Runs) -> Tables:
    """A dataset to tamper with."""
    return runs.first[0]


def test_a_dataset_is_like_itself(tables: Tables) -> None:
    """Otherwise nothing below means anything."""
    assert compare_tables(tables, tables) == []


def test_a_missing_table_is_reported(tables: Tables) -> None:
    """A nested one."""
    less = replace(tables, hints={name: hint for name, hint in tables.hints.items() if name != f"{TABLE}__roles"})
    assert compare_tables(tables, less) == [f"table {TABLE}__roles is only on the left"]


def test_another_hint_of_a_table_is_reported(tables: Tables) -> None:
    """Such as its disposition."""
    other = changed(tables.hints, TABLE, {**tables.hints[TABLE], "write_disposition": "append"})
    found = compare_tables(tables, replace(tables, hints=other), [TABLE])
    assert found == [f"{TABLE}: hint write_disposition: merge | append"]


@pytest.mark.parametrize("hint", [{"nullable": True}, {"primary_key": False}, {"data_type": "text"}])
def test_another_hint_of_a_column_is_reported(hint: dict[str, Any], tables: Tables) -> None:
    """Nullability, key or type."""
    columns = tables.columns[TABLE]
    other = changed(tables.columns, TABLE, {**columns, "id": {**columns["id"], **hint}})
    (found,) = compare_tables(tables, replace(tables, columns=other), [TABLE])
    assert found.startswith(f"{TABLE}: column id: ")


def test_another_type_in_the_database_is_reported(tables: Tables) -> None:
    """Whatever the schema says."""
    other = changed(tables.types, TABLE, {**tables.types[TABLE], "id": "VARCHAR"})
    assert compare_tables(tables, replace(tables, types=other), [TABLE]) == [f"{TABLE}: type of id: BIGINT | VARCHAR"]


def test_a_row_that_is_there_twice_is_reported(tables: Tables) -> None:
    """Rows are a multiset."""
    row = next(iter(tables.rows[TABLE]))
    other = changed(tables.rows, TABLE, tables.rows[TABLE] + Counter([row]))
    assert compare_tables(tables, replace(tables, rows=other), [TABLE]) == [f"{TABLE}: row only right: {row}"]


def test_a_child_with_another_parent_is_reported(sides: tuple[Side, Side]) -> None:
    """The same rows on both sides, one link the other way."""
    left, right = (read_tables(nested(side.pipeline, tags)) for side, tags in zip(sides, ("ab", "ba"), strict=True))
    found = compare_tables(left, right)
    assert len(found) == 4 and all(line.startswith("rows__tags: link only") for line in found)


def nested(pipeline: dlt.Pipeline, tags: str) -> dlt.Pipeline:
    """Two rows with one tag each, in the order of `tags`."""
    rows = [{"id": number, "tags": [tag]} for number, tag in enumerate(tags)]
    pipeline.run(rows, table_name="rows", loader_file_format="parquet", schema=dlt.Schema("same"))
    return pipeline
