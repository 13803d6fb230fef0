"""Rules applied to columns: the lane of columns."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from homeroom.privacy.hiding import Hider, masked, text_of

FEW = 0.7
"""Of values that repeat, as ids that refer to another table do, each is hashed once: up to this share of the rows."""


def hide_array(rule: str, values: pa.Array, hider: Hider) -> pa.Array:
    """What `hash` or `mask` makes of each value, as texts; nulls stay."""
    distinct = values.dictionary_encode()
    if len(distinct.dictionary) > FEW * len(values):
        return _hidden(values, _act(rule, hider))
    return _hidden(distinct.dictionary, _act(rule, hider)).take(distinct.indices)


def _act(rule: str, hider: Hider) -> Callable[[list[str]], list[str]]:
    return hider.hashes if rule == "hash" else lambda texts: [masked(text) for text in texts]


def _hidden(values: pa.Array, act: Callable[[list[str]], list[str]]) -> pa.Array:
    known = pc.drop_null(values) if values.null_count else values
    texts = known.to_pylist()
    if not pa.types.is_string(values.type):
        texts = [text_of(value) for value in texts]
    hidden = pa.array(act(texts), pa.string())
    if not values.null_count:
        return hidden
    # The place of each value among those that are known; a null's is a null.
    there = values.is_valid()
    places = pc.subtract(pc.cumulative_sum(there.cast(pa.int64())), 1)
    return hidden.take(pc.if_else(there, places, pa.scalar(None, pa.int64())))
