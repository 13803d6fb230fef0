"""Rows in which one thing is odd: the tables of dlt, and the lane that each page goes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from lane_sides import Rows, differences

from homeroom.values import Report

Found = tuple[list[str], list[Report]]


@dataclass(frozen=True, slots=True)
class Odd:
    """Pages of one resource in two runs, and how many of them go as objects in each; the others as columns."""

    name: str
    first: tuple[str, ...]
    second: tuple[str, ...] = ('[{"id":8}]',)
    objects: tuple[int, int] = (0, 0)
    hints: dict[str, Any] = field(default_factory=dict)


MERGED = {"write_disposition": "merge", "primary_key": "id"}
UPSERTED = {"write_disposition": {"disposition": "merge", "strategy": "upsert"}, "primary_key": "id"}
HISTORIC = {"write_disposition": {"disposition": "merge", "strategy": "scd2"}}

CASES = (
    Odd("plain", ('[{"id":1,"x":"a"}]', '[{"id":2,"x":"b"}]')),
    Odd("whole_then_fraction", ('[{"id":1,"x":1}]', '[{"id":2,"x":1.5}]'), objects=(1, 0)),
    Odd("whole_then_whole_fraction", ('[{"id":1,"x":1}]', '[{"id":2,"x":2.0}]'), objects=(1, 0)),
    Odd("fraction_then_whole", ('[{"id":1,"x":1.5}]', '[{"id":2,"x":1}]')),
    Odd("fraction_then_large", ('[{"id":1,"x":1.5}]', '[{"id":2,"x":9007199254740993}]')),
    Odd("number_then_text", ('[{"id":1,"x":1}]', '[{"id":2,"x":"a"}]'), objects=(1, 0)),
    Odd("number_then_digits", ('[{"id":1,"x":1}]', '[{"id":2,"x":"12"}]'), objects=(1, 0)),
    Odd("text_then_number", ('[{"id":1,"x":"a"}]', '[{"id":2,"x":1}]', '[{"id":3,"x":true}]'), objects=(2, 0)),
    Odd("flag_then_number", ('[{"id":1,"x":true}]', '[{"id":2,"x":5}]'), objects=(1, 0)),
    Odd("mixed_in_one_page", ('[{"id":1,"x":1},{"id":2,"x":"a"}]', '[{"id":3,"x":2}]'), objects=(1, 0)),
    Odd("scalar_then_object", ('[{"id":1,"x":1}]', '[{"id":2,"x":{"y":1}}]', '[{"id":3,"x":2}]'), objects=(1, 0)),
    Odd("object_then_list", ('[{"id":1,"x":{"y":1}}]', '[{"id":2,"x":[1,2]}]'), objects=(1, 0)),
    Odd("null_then_text", ('[{"id":1,"x":null}]', '[{"id":2,"x":"a"}]')),
    Odd("null_throughout", ('[{"id":1,"x":null}]', '[{"id":2,"x":null}]')),
    Odd("late_key", ('[{"id":1}]', '[{"id":2}]', '[{"id":3,"x":"a"}]')),
    Odd("late_in_next_run", ('[{"id":1}]',), ('[{"id":2,"x":1,"y":[1]}]',)),
    Odd("late_list", ('[{"id":1,"x":[]}]', '[{"id":2,"x":[{"y":1}]}]', '[{"id":3,"x":[{"z":1}]}]')),
    Odd("list_of_nulls", ('[{"id":1,"x":[null,null]}]', '[{"id":2,"x":[null,1]}]'), objects=(1, 0)),
    Odd("list_with_nulls_of_objects", ('[{"id":1,"x":[{"y":1},null,{"y":2}]}]',)),
    Odd("empty_objects", ('[{"id":1,"x":{},"y":[{}]}]', '[{"id":2,"x":{"z":1},"y":[{},{"z":2}]}]')),
    Odd("only_nulls_in_object", ('[{"id":1,"x":{"y":null}}]', '[{"id":2,"x":null}]')),
    Odd("nulls_above_lists", ('[{"id":1,"x":{"l":[1,2]}},{"id":2,"x":null},{"id":3,"x":{"l":[3]}}]',)),
    Odd("lists_of_lists", ('[{"id":1,"x":[[1,2],[3],[],null]}]', '[{"id":2,"x":[[[4]]]}]'), objects=(1, 0)),
    Odd("lists_of_lists_of_objects", ('[{"id":1,"x":[[{"y":1,"z":[1]}],[]]}]', '[{"id":2,"x":[]}]')),
    Odd("deep", ('[{"id":1,"a":{"b":{"c":[{"d":{"e":[{"f":1}]}}]}}}]',)),
    Odd("mixed_list", ('[{"id":1,"x":[1,"a",{"y":1}]}]',), objects=(1, 0)),
    Odd("two_keys_one_column", ('[{"id":1,"a-b":1,"a.b":2}]', '[{"id":2,"a-b":1}]'), objects=(2, 0)),
    Odd("object_meets_column", ('[{"id":1,"a__b":1,"a":{"b":2}}]',), objects=(1, 0)),
    Odd("twice_in_one_object", ('[{"id":1,"x":1,"x":2}]',), objects=(1, 0)),
    Odd("odd_names", ('[{"id":1,"":1," ":2,"日本":3}]', '[{"id":2,"select":1,"Trailing_":2}]'), objects=(2, 0)),
    Odd("named_like_dlts", ('[{"id":1,"_dlt_id":"mine"}]',), objects=(1, 0)),
    Odd("times", ('[{"id":1,"x":"2024-01-15T10:00:00+02:00"},{"id":2,"x":"2024-01-15 10:00:00"}]',)),
    Odd("time_then_date", ('[{"id":1,"x":"2024-01-15T10:00:00Z"}]', '[{"id":2,"x":"2024-01-16"}]')),
    Odd("time_then_unix", ('[{"id":1,"x":"2024-01-15T10:00:00Z"}]', '[{"id":2,"x":1705312800}]'), objects=(1, 0)),
    Odd("time_then_text", ('[{"id":1,"x":"2024-01-15T10:00:00Z"}]', '[{"id":2,"x":""}]'), objects=(1, 0)),
    Odd("time_of_nine_digits", ('[{"id":1,"x":"2024-01-15T10:00:00.123456789Z"}]',), objects=(1, 0)),
    Odd("far_times", ('[{"id":1,"x":"2024-01-01T00:00:00Z"}]', '[{"id":2,"x":"9999-12-31T00:00:00Z"}]')),
    Odd(
        "year_naught",
        ('[{"id":1,"x":"2024-01-01T00:00:00Z"}]', '[{"id":2,"x":"0000-01-01T00:00:00Z"}]'),
        objects=(1, 0),
    ),
    Odd("date_then_time", ('[{"id":1,"x":"2024-01-15"}]', '[{"id":2,"x":"2024-01-15T10:00:00Z"}]')),
    Odd("negative_naught", ('[{"id":1,"x":-0.0,"y":-0}]',), objects=(1, 0)),
    Odd("beyond_floats", ('[{"id":1,"x":1e400}]', '[{"id":2,"x":1.5}]'), objects=(1, 0)),
    Odd("not_a_number", ('[{"id":1,"x":1.5}]', '[{"id":2,"x":NaN},{"id":3,"x":-Infinity}]'), objects=(1, 0)),
    Odd("escapes", (r'[{"id":1,"x":"\ud83d\ude00 \u00e9 \n \/ \"","\u0061":1}]', '[{"id":2,"a":2}]')),
    Odd("marked", (r'[{"id":1,"x":"\uf0261.5"}]', '[{"id":2,"x":"\uf0272.5"}]'), objects=(2, 0)),
    Odd("null_rows", ('[{"id":1},null]', '[{"id":2}]'), objects=(1, 0)),
    Odd("scalar_rows", ("[1,2]", "[3]"), ("[4]",), objects=(2, 1)),
    Odd(
        "json_column",
        ('[{"id":1,"x":{"y":1}}]', '[{"id":2}]'),
        objects=(1, 0),
        hints={"columns": {"x": {"data_type": "json"}}},
    ),
    Odd(
        "decimal_column",
        ('[{"id":1,"x":1.5}]', '[{"id":2}]'),
        objects=(1, 0),
        hints={"columns": {"x": {"data_type": "decimal"}}},
    ),
    Odd(
        "date_column",
        ('[{"id":1,"x":"2024-01-15"}]', '[{"id":2,"x":"2024-01-15T10:00:00Z"}]', '[{"id":3,"x":"9999-12-31"}]'),
        objects=(1, 0),
        hints={"columns": {"x": {"data_type": "date"}}},
    ),
    Odd(
        "naive_column",
        ('[{"id":1,"x":"2024-01-15T10:00:00Z"}]',),
        objects=(1, 0),
        hints={"columns": {"x": {"data_type": "timestamp", "timezone": False}}},
    ),
    Odd(
        "coarse_column",
        ('[{"id":1,"x":"2024-01-15T10:00:00.123456Z"}]',),
        objects=(1, 0),
        hints={"columns": {"x": {"data_type": "timestamp", "precision": 3}}},
    ),
    Odd(
        "declared_double", ('[{"id":1,"x":1}]', '[{"id":2,"x":1.5}]'), hints={"columns": {"x": {"data_type": "double"}}}
    ),
    Odd("declared_and_absent", ('[{"id":1}]',), hints={"columns": {"x": {"data_type": "text"}, "y": {"unique": True}}}),
    Odd("no_nesting", ('[{"id":1,"x":{"y":1},"l":[1]}]', '[{"id":2}]'), objects=(1, 0), hints={"max_table_nesting": 0}),
    Odd(
        "one_level",
        ('[{"id":1,"x":{"y":1},"l":[1]}]', '[{"id":2,"l":[{"m":{"n":1}}]}]'),
        objects=(1, 0),
        hints={"max_table_nesting": 1},
    ),
    Odd(
        "merged", ('[{"id":1,"k":[1,2]},{"id":2,"k":[3]}]',), ('[{"id":1,"k":[4]}]', '[{"id":2,"k":[]}]'), hints=MERGED
    ),
    Odd(
        "upserted",
        ('[{"id":1,"k":[{"a":[1]}]},{"id":2,"k":[{"a":[3]}]}]',),
        ('[{"id":1,"k":[{"a":[4,5]}]}]',),
        hints=UPSERTED,
    ),
    Odd(
        "upserted_by_two",
        ('[{"id":1,"t":"a","k":[1]}]', '[{"id":1,"t":"b"}]'),
        ('[{"id":1,"t":"b","k":[2]}]',),
        hints={**UPSERTED, "primary_key": ["id", "t"]},
    ),
    Odd("upserted_by_fraction", ('[{"id":1.5,"k":[1]}]',), ('[{"id":1.5}]',), objects=(1, 1), hints=UPSERTED),
    Odd(
        "keyed_by_time",
        ('[{"id":"2024-01-15T10:00:00Z"}]',),
        ('[{"id":"2024-01-15T11:00:00Z"}]',),
        objects=(1, 1),
        hints=MERGED,
    ),
    Odd("replaced", ('[{"id":1,"k":[1]}]',), ('[{"id":2,"k":[2]}]',), hints={"write_disposition": "replace"}),
    Odd("historic", ('[{"id":1,"k":[1]}]',), ('[{"id":1,"k":[2]}]',), objects=(1, 1), hints=HISTORIC),
    Odd(
        "frozen",
        ('[{"id":1}]',),
        ('[{"id":2,"x":1}]',),
        objects=(1, 1),
        hints={"schema_contract": {"columns": "discard_value"}},
    ),
    Odd("as_jsonl", ('[{"id":1}]',), hints={"file_format": "jsonl"}),
)
"""Both lanes meet in the cases with pages of both: they feed one table in one load."""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Found]:
    """All of them in one pipeline of each side, in two runs."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("cases")
        patch.chdir(folder)
        patch.setenv("DLT_DATA_DIR", str(folder / "dlt"))
        patch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")
        yield differences(folder, [Rows(case.name, (case.first, case.second), case.hints) for case in CASES])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_table_is_that_of_dlt(case: Odd, found: Found) -> None:
    """Tables, columns, types, hints, rows, links; after the first run and after the second."""
    words = (f": table {case.name} ", f": {case.name}:", f": {case.name}__", f": table {case.name}__")
    assert [each for each in found[0] if any(word in each for word in words)] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_pages_go_the_lane_that_they_fit(case: Odd, found: Found) -> None:
    """A page that fits goes as columns; every other one as objects, and the report says why."""
    lines = [report.resources[case.name] for report in found[1]]
    assert tuple(line.pages_object for line in lines) == case.objects
    assert [line.pages_columnar for line in lines] == [line.pages - line.pages_object for line in lines]


@pytest.mark.parametrize("case", [case for case in CASES if case.objects[0]], ids=lambda case: case.name)
def test_the_report_says_why_a_page_went_as_objects(case: Odd, found: Found) -> None:
    """Without a key or a value of a row. What the config itself rules out needs no word."""
    note = found[1][0].resources[case.name].note
    assert ("read row by row" in note) is (case.name not in ("historic", "frozen"))


def test_nothing_else_is_different(found: Found) -> None:
    """Of any table."""
    assert found[0] == []
