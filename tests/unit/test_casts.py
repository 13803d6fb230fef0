"""What a cast makes of a value, and of one that does not fit it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from homeroom.source.casts import TooLargeError, cast_text
from homeroom.values import Cast, FieldCast


def made(value: Any, *kinds: str) -> Any:
    text = cast_text(json.dumps([{"x": value}]).encode(), [FieldCast(("x",), Cast(kinds))])
    return json.loads(text)[0]["x"]


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("bool", "true", True),
        ("bool", "False", False),
        ("bool", "perhaps", "perhaps"),
        ("bool", 1, 1),
        ("bigint", " 07 ", 7),
        ("bigint", "-9223372036854775808", -(2**63)),
        ("bigint", "1.5", "1.5"),
        ("double", "85.50", 85.5),
        ("double", "90", 90.0),
        ("double", "nan", "nan"),
        ("double", "1e999", "1e999"),
        ("timestamp", 1_700_000_000, "2023-11-14T22:13:20Z"),
        ("timestamp", 0, "1970-01-01T00:00:00Z"),
        ("timestamp", -0.25, "1969-12-31T23:59:59.750000Z"),
        ("timestamp", 10**15, 10**15),
        ("timestamp", True, True),
        ("timestamp", "2024-01-15T10:00:00Z", "2024-01-15T10:00:00Z"),
        ("timestamp_ms", 253402300799999, "9999-12-31T23:59:59.999000Z"),
        ("null_if_zero", 0, None),
        ("null_if_zero", "0", None),
        ("null_if_zero", False, False),
        ("null_if_zero", "", ""),
        ("list", {"a": 1}, [{"a": 1}]),
        ("list", "x", ["x"]),
        ("list", [1], [1]),
        ("list", [], []),
    ],
)
def test_a_value_that_fits_is_cast_and_another_one_is_left(kind: str, value: Any, expected: Any) -> None:
    found = made(value, kind)
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize("kind", ["bool", "bigint", "double", "timestamp", "timestamp_ms", "null_if_zero", "list"])
def test_null_stays_null(kind: str) -> None:
    assert made(None, kind) is None


def test_a_whole_number_that_its_type_does_not_hold_is_an_error_that_says_where() -> None:
    with pytest.raises(TooLargeError) as error:
        cast_text(b'[{"x":"5"},{"x":"9223372036854775808"}]', [FieldCast(("x",), Cast(("bigint",)))])
    assert (error.value.row, error.value.field) == (2, "x")


def test_casts_follow_each_other() -> None:
    assert made(0, "null_if_zero", "timestamp") is None
    assert made(5, "null_if_zero", "timestamp") == "1970-01-01T00:00:05Z"


def test_what_no_cast_names_keeps_its_text() -> None:
    rows = b'[ {"x" : "true" , "y": 1e400, "z": [1.10 , 123456789012345678901234567890]} , 5 ]'
    expected = b'[{"x":true,"y":1e400,"z":[1.10 , 123456789012345678901234567890]},5]'
    assert cast_text(rows, [FieldCast(("x",), Cast(("bool",)))]) == expected


def test_lists_on_the_way_are_gone_through() -> None:
    rows = b'[{"a":[{"b":{"c":"true"}},{"b":[{"c":"false"},{}]},7]},{"a":null},{}]'
    cast = FieldCast(("a", "b", "c"), Cast(("bool",)))
    expected = b'[{"a":[{"b":{"c":true}},{"b":[{"c":false},{}]},7]},{"a":null},{}]'
    assert cast_text(rows, [cast]) == expected


@pytest.mark.parametrize(
    ("date", "time", "due"),
    [
        ({"year": 2026, "month": 6, "day": 30}, {"hours": 21, "minutes": 59}, "2026-06-30T21:59:00Z"),
        ({"year": 2026, "month": 6, "day": 30}, {}, "2026-06-30T00:00:00Z"),
        ({"year": 2026, "month": 6, "day": 30}, {"seconds": 1, "nanos": 5000}, "2026-06-30T00:00:01.000005Z"),
        ({"year": 2026, "month": 6, "day": 30}, {"nanos": 5}, None),
        ({"year": 2026, "month": 6, "day": 30}, None, None),
        ({"month": 6, "day": 30}, {}, None),
        ({"year": 2026, "month": 2, "day": 30}, {}, None),
        ("2026-06-30", {}, None),
        (None, None, None),
    ],
)
def test_a_date_and_a_time_become_one_or_stay_as_they_are(date: Any, time: Any, due: str | None) -> None:
    row = {"d": date, "t": time}
    found = json.loads(cast_text(json.dumps([row]).encode(), [FieldCast(("due",), Cast(date="d", time="t"))]))
    assert found == [row if due is None else {"due": due}]
