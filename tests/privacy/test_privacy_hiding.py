"""What a rule makes of one value, and of a column of them."""

from __future__ import annotations

import datetime
import hashlib
import hmac
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from privacy_desk import KEY, hashed

from homeroom.privacy import Hider
from homeroom.privacy.columns import hide_array
from homeroom.privacy.hiding import text_of

HIDER = Hider(KEY)


@pytest.mark.parametrize(
    ("key", "text", "digest"),
    [
        # RFC 4231, section 4.3: a key shorter than the digest.
        ("Jefe", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        ("k" * 200, "x", hmac.new(b"k" * 200, b"x", hashlib.sha256).hexdigest()),
    ],
)
def test_a_hash_is_hmac_sha_256(key: str, text: str, digest: str) -> None:
    assert Hider(key).hide("hash", text) == digest


@given(key=st.text(min_size=1), text=st.text())
def test_a_hash_is_what_the_standard_library_makes(key: str, text: str) -> None:
    assert Hider(key).hide("hash", text) == hashed(text, key)


def test_half_a_character_has_a_hash() -> None:
    assert HIDER.hide("hash", "\ud800") == hashed("\\ud800")


@pytest.mark.parametrize("same", [(7, "7", 7.0, Decimal("7.00")), (True, "true"), (1.5, "1.5", Decimal("1.50"))])
def test_one_value_has_one_hash_however_it_is_written(same: tuple[Any, ...]) -> None:
    assert len({HIDER.hide("hash", value) for value in same}) == 1


def test_objects_are_hashed_whatever_the_order_of_their_keys() -> None:
    assert HIDER.hide("hash", {"a": 1, "b": [2]}) == HIDER.hide("hash", {"b": [2], "a": 1})


@pytest.mark.parametrize(
    ("value", "left"),
    [
        ("ann@campus.example", "***@campus.example"),
        ("2009-05-06", "2009"),
        ("2009-05", "2009"),
        ("2009-05-06T10:00:00+02:00", "2009"),
        (datetime.date(2009, 5, 6), "2009"),
        (datetime.datetime(2009, 5, 6, tzinfo=datetime.UTC), "2009"),
        ("2009", "***"),
        (2009, "***"),
        ("2009-05-06 Ann", "2009"),
        ("Ann", "***"),
        ("ann@", "***"),
        ("@campus.example", "***"),
        ("ann@a.example bob@b.example", "***"),
        ("", "***"),
        (True, "***"),
        ("ann@{'name': 'Ann'}", "***"),
        ({"email": "ann@campus.example"}, "***"),
    ],
)
def test_a_mask_leaves_a_domain_or_a_year(value: Any, left: str) -> None:
    assert HIDER.hide("mask", value) == left


@pytest.mark.parametrize("rule", ["hash", "mask"])
def test_a_null_stays_a_null(rule: Any) -> None:
    assert HIDER.hide(rule, None) is None


def test_the_mark_tells_keys_apart_and_is_none_without_one() -> None:
    assert Hider(KEY).mark == HIDER.mark != Hider(KEY + "!").mark
    assert Hider(None).mark == ""


def test_a_hash_without_a_key_is_an_error_and_no_hash() -> None:
    with pytest.raises(ValueError, match="needs the privacy key"):
        Hider(None).hide("hash", "x")


COLUMNS = st.one_of(
    st.lists(st.none() | st.text(st.characters(exclude_categories=["Cs"]))).map(
        lambda each: pa.array(each, pa.string())
    ),
    st.lists(st.none() | st.integers(-(2**63), 2**63 - 1)).map(lambda each: pa.array(each, pa.int64())),
    st.lists(st.none() | st.floats(-(2**53), 2**53)).map(lambda each: pa.array(each, pa.float64())),
    st.lists(st.none() | st.booleans()).map(lambda each: pa.array(each, pa.bool_())),
    st.lists(st.sampled_from(["a@b.example", "2001-02-03", "x", None])).map(lambda each: pa.array(each, pa.string())),
)


@given(values=COLUMNS, rule=st.sampled_from(["hash", "mask"]), start=st.integers(0, 3))
def test_a_column_is_hidden_as_its_values_are(values: pa.Array, rule: Any, start: int) -> None:
    part = values[start:]  # an array that is a part of another one, as batches are
    assert hide_array(rule, part, HIDER).to_pylist() == [HIDER.hide(rule, value) for value in part.to_pylist()]


@given(number=st.floats(allow_nan=False, allow_infinity=False))
def test_a_whole_number_is_one_text_as_a_float_and_as_an_integer(number: float) -> None:
    if number.is_integer() and abs(number) <= 2**53:
        assert text_of(number) == text_of(int(number))
