"""Keys as text, by the value that a column holds: what came from an API beside what a table gives back.

`"7"` and `7` are one key in a column of whole numbers, and so are two ways of writing one time in one of times.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from dlt.common.data_types import coerce_value, py_type_to_sc_type
from dlt.common.data_types.typing import TDataType

from homeroom.keys import KeySet


def count_absent(held: Sequence[Sequence[Any]], came: KeySet, kinds: Sequence[TDataType]) -> int:
    """How many rows of a table have a key that did not come.

    `held` are chunks of rows: for each column of the key its values, as an Arrow array or as Python values. `kinds`
    are dlt's data types of these columns; `came` are values, or tuples of them where the key has several columns.
    """
    chunks = [joined([texts(values, kind) for values, kind in zip(chunk, kinds, strict=True)]) for chunk in held]
    known = pa.concat_arrays([pa.array([], pa.string()), *_texts_of(came, kinds)])
    # Of all chunks in one call: each call builds its index of the known ones anew.
    found = pc.is_in(pa.chunked_array(chunks, pa.string()), value_set=known)
    return int(pc.sum(pc.invert(found), min_count=0).as_py())


def _texts_of(came: KeySet, kinds: Sequence[TDataType]) -> list[pa.Array]:
    if len(kinds) == 1:
        return [texts(part, kinds[0]) for part in came.parts()]
    tuples = [key for part in came.parts() for key in part]
    columns = zip(*tuples, strict=True) if tuples else [()] * len(kinds)
    return [joined([texts(column, kind) for column, kind in zip(columns, kinds, strict=True)])]


def joined(columns: Sequence[pa.Array]) -> pa.Array:
    """One text for each row. Several are put behind their lengths, so that no two rows share one by chance."""
    if len(columns) == 1:
        return columns[0]
    parts = [part for column in columns for part in (pc.cast(pc.utf8_length(column), pa.string()), column)]
    return pc.binary_join_element_wise(*parts, ":")


def texts(values: pa.Array | pa.ChunkedArray | Sequence[Any], kind: TDataType) -> pa.Array:
    """The values as texts; null for one that a column of that kind cannot hold."""
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if isinstance(values, pa.Array):
        if (kind == "bigint" and pa.types.is_integer(values.type)) or (kind == "text" and _is_text(values.type)):
            return values.cast(pa.string())
        values = values.to_pylist()
    return pa.array([_text(value, kind) for value in values], pa.string())


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _text(value: Any, kind: TDataType) -> str | None:
    if kind == "text" and type(value) is str:
        return value
    if kind == "bigint" and type(value) is int:
        return str(value)
    try:
        return None if value is None else _plain(coerce_value(kind, py_type_to_sc_type(type(value)), value))
    except (ValueError, TypeError, ArithmeticError):
        return None


def _plain(value: Any) -> str:
    """One text for equal values: 1, 1.0 and 1.00; a time in whatever zone, one without a zone being in UTC."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        number = Decimal(str(value))
        return str(int(number)) if number == number.to_integral_value() else str(number.normalize())
    return str(value)
