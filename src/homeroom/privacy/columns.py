"""Rules applied to columns: the lane of columns."""

from __future__ import annotations

from array import array
from binascii import hexlify
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from homeroom.privacy.hiding import DIGITS, Hider, masked, text_of

FEW = 0.7
"""Of values that repeat, as ids that refer to another table do, each is hidden once: up to this share of the rows."""

_SAMPLE = 500
"""Rows by which it is guessed whether they do; to look at all takes as long as a tenth of what hashing them does."""


def hide_array(rule: str, values: pa.Array, hider: Hider) -> pa.Array:
    """What `hash` or `mask` makes of each value, as texts; nulls stay."""
    first = values[:_SAMPLE]
    if len(first.unique()) <= FEW * len(first):
        distinct = values.dictionary_encode()
        return _hidden(rule, distinct.dictionary, hider).take(distinct.indices)
    known = pc.drop_null(values) if values.null_count else values
    hidden = _hidden(rule, known, hider)
    return _with_nulls(hidden, values) if values.null_count else hidden


def _hidden(rule: str, values: pa.Array, hider: Hider) -> pa.Array:
    """Of values without nulls."""
    texts = _texts(values)
    if rule == "mask":
        return pa.array([masked(text) for text in texts.to_pylist()], pa.string())
    return _digits(hider.digests(texts.view(pa.binary()).to_pylist()))


def _texts(values: pa.Array) -> pa.Array:
    if pa.types.is_string(values.type):
        return values
    if pa.types.is_integer(values.type):
        return values.cast(pa.string())
    return pa.array([text_of(value) for value in values.to_pylist()], pa.string())


def _digits(digests: list[bytes]) -> pa.Array:
    """The hexadecimal digits of hashes, which are all of one length: a text for each would take as long again."""
    held = pa.py_buffer(hexlify(b"".join(digests)))
    return pa.Array.from_buffers(pa.string(), len(digests), [None, _offsets(len(digests)), held])


@lru_cache(maxsize=8)
def _offsets(count: int) -> pa.Buffer:
    return pa.py_buffer(array("i", range(0, DIGITS * (count + 1), DIGITS)))


def _with_nulls(hidden: pa.Array, values: pa.Array) -> pa.Array:
    """The hidden ones of those that are known, each at its place."""
    there = values.is_valid()
    places = pc.subtract(pc.cumulative_sum(there.cast(pa.int64())), 1)
    return hidden.take(pc.if_else(there, places, pa.scalar(None, pa.int64())))
