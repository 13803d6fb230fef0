"""What the reader lets pass is caught, and what it refuses is told without a value."""

from __future__ import annotations

import base64
import json
from typing import Any

import pyarrow as pa
import pytest

from homeroom.decode_columns import Batch, Slice, decode_columns, read_fields, reading_schema
from homeroom.layout import Group, IdColumns, Keys, Leaf, Many, MisfitError, Table, UnfitError
from homeroom.shape_columns import IdRules, Shaped, random_ids, shape

TEXTS = Table("rows__texts", Leaf("value", "text"), known=True)
ROWS = Table(
    "rows",
    Group(
        (
            ("id", Leaf("id", "bigint")),
            ("name", Leaf("name", "text")),
            ("share", Leaf("share", "double")),
            ("at", Leaf("at", "timestamp")),
            ("born", Leaf("born", "date")),
            ("nothing", Leaf("nothing", None)),
            ("place", Group((("city", Leaf("place__city", "text")), ("texts", Many(TEXTS))))),
        )
    ),
    known=True,
)
NAMES = IdColumns("_dlt_id", "_dlt_load_id", "_dlt_parent_id", "_dlt_list_idx", "_dlt_root_id", "value")


def decoded(*texts: str | bytes, rows: int = 1, given: bytes | None = None) -> Batch:
    """Pages of as many rows each."""
    slices = [Slice(text.encode() if isinstance(text, str) else text, rows, given) for text in texts]
    return decode_columns(slices, reading_schema(ROWS, json.loads(given) if given else ()))


def shaped(text: str, **rules: Any) -> list[Shaped]:
    """The tables of one page."""
    usual: dict[str, Any] = {"roots": True, "key": None, "hash_key": None, "hash_nested": None}
    batch = decoded(text, rows=len(json.loads(text)))
    return shape(batch.rows, ROWS, IdRules(names=NAMES, load_id="1.5", **{**usual, **rules}))


def test_pages_are_read_as_one_array_of_rows() -> None:
    batch = decoded('[{"id":1}]', '[{"id":2,"place":{"city":"Bern"}}]')
    assert [row["id"] for row in batch.rows.to_pylist()] == [1, 2] and batch.lengths == (1, 1)


@pytest.mark.parametrize(
    "text",
    [
        '[{"id":"1"}]',
        '[{"id":1.0}]',
        '[{"id":9223372036854775808}]',
        '[{"id":1,"id":2}]',
        '[{"id":1,"\\u0069d":2}]',
        '[{"unknown":"Mx Private"}]',
        '[{"nothing":"Mx Private"}]',
        '[{"name":1}]',
        '[{"place":"Mx Private"}]',
        '[{"place":{"texts":[["Mx Private"]]}}]',
        '[{"at":"Mx Private"}]',
        '[{"name":"\\ud800"}]',
        b'[{"name":"\xff\xfe"}]',
        b'[{"place":{"city":"\xc3"}}]',
        '[{"name":"\\uf026Mx Private"}]',
        '[{"name":"\uf026Mx Private"}]',
        "[null]",
        "null",
        "[]",
        '[{"id":1},{"id":2}]',
        "[1]",
        '[{"name":' + "[" * 100_000 + "]" * 100_000 + "}]",
        '[{"unknown":' + '{"x":' * 100_000 + "1" + "}" * 100_000 + "}]",
    ],
    ids=range(23),
)
def test_a_page_that_does_not_fit_is_refused_without_its_values(text: str | bytes) -> None:
    with pytest.raises(MisfitError) as refused:
        decoded(text)
    assert "Private" not in str(refused.value) and refused.value.__cause__ is None


@pytest.mark.parametrize(
    "text",
    [
        *('[{"share":1180591620717411303424}]', '[{"share":-1e300}]', '[{"share":NaN}]', '[{"share":-Infinity}]'),
        *('[{"at":"0000-01-01T00:00:00Z"}]', '[{"born":"2024-02-30"}]'),
        *('[{"at":"9999-12-31T23:59:59-05:00"}]', '[{"born":"0000-01-01"}]', '[{"born":"2024-01-15T10:00:00Z"}]'),
    ],
)
def test_values_that_no_table_should_hold_are_refused(text: str) -> None:
    with pytest.raises(MisfitError):
        shaped(text)


def test_fields_of_the_parent_go_into_every_row() -> None:
    batch = decoded('[{"id":1},{"id":2}]', rows=2, given=b'{"name":"Bo"}')
    assert [(row["id"], row["name"]) for row in batch.rows.to_pylist()] == [(1, "Bo"), (2, "Bo")]
    with pytest.raises(MisfitError):
        decoded('[{"id":1,"name":"of its own"}]', given=b'{"name":"Bo"}')


def test_some_fields_of_rows_are_read_apart() -> None:
    rows = read_fields([Slice(b'[{"id":1,"x":[1]},{}]', 2), Slice(b'[{"id":null}]', 1)], ["id"])
    assert rows == [{"id": 1}, {}, {"id": None}] and [row.place for row in rows] == [0, 1, 2]


def test_lists_become_rows_with_their_parents_and_places() -> None:
    text = '[{"id":1,"place":{"texts":["a","b"]}},{"id":2,"place":null},{"id":3,"place":{"texts":[]}},'
    root, nested = shaped(text + '{"id":4,"place":{"texts":[null,"c","d"]}}]')
    ids = dict(zip(root.columns["_dlt_id"].to_pylist(), root.columns["id"].to_pylist(), strict=True))
    parents = [ids[parent] for parent in nested.columns["_dlt_parent_id"].to_pylist()]
    places = nested.columns["_dlt_list_idx"].to_pylist()
    values = nested.columns["value"].to_pylist()
    assert list(zip(parents, places, values, strict=True)) == [
        (1, 0, "a"),
        (1, 1, "b"),
        (4, 0, None),
        (4, 1, "c"),
        (4, 2, "d"),
    ]
    assert nested.columns["_dlt_root_id"] == nested.columns["_dlt_parent_id"]
    assert root.columns["_dlt_load_id"].to_pylist() == ["1.5"] * 4


def test_nested_rows_without_a_root_key_have_none() -> None:
    _, nested = shaped('[{"place":{"texts":["a"]}}]', roots=False)
    assert "_dlt_root_id" not in nested.columns


def test_an_object_that_is_null_hides_what_lies_in_it() -> None:
    root, *nested = shaped('[{"place":null},{}]')
    assert root.columns["place__city"].null_count == 2 and nested == []


def test_random_ids_are_as_dlt_makes_them() -> None:
    ids = random_ids(1000).to_pylist()
    assert len({*ids}) == 1000 and {len(each) for each in ids} == {14}
    assert {len(base64.b64decode(each + "==")) for each in ids} == {10}
    assert random_ids(0).type == pa.string() and len(random_ids(0)) == 0


def test_keys_keep_the_first_kind_of_a_place() -> None:
    seen = Keys()
    for row in ({"x": None}, {"x": [1]}, {"x": {"y": 1}, "z": {"a": None}}):
        seen.see(row)
    assert (seen.fields["x"].kind, seen.fields["z"].fields["a"].kind) == ("list", "")


def test_rows_that_are_nested_too_deep_are_left_to_dlt() -> None:
    deep: Any = 1
    for _ in range(60):
        deep = {"x": deep}
    with pytest.raises(UnfitError, match="nested deeper than 40 levels"):
        Keys().see(deep)
