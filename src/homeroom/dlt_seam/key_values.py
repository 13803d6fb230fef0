"""Keys by the value that a column holds: what came from an API beside what a table gives back.

`"7"` and `7` are one key in a column of whole numbers, and so are two ways of writing one time in one of times.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from dlt.common.data_types import coerce_value, py_type_to_sc_type
from dlt.common.data_types.typing import TDataType

from homeroom.keys import KeySet

LIMIT = 2**63
"""Beyond the largest whole number of a `bigint`."""


def count_absent(held: Iterable[Sequence[Any]], came: KeySet, kinds: Sequence[TDataType]) -> int:
    """How many rows of a table have a key that did not come.

    `held` are chunks of rows: for each column of the key its values, as an Arrow array or as Python values. `kinds`
    are dlt's data types of these columns; `came` are values, or tuples of them where the key has several columns.
    """
    return int(pc.sum(absent_rows(held, came, kinds), min_count=0).as_py())


def absent_rows(held: Iterable[Sequence[Any]], came: KeySet, kinds: Sequence[TDataType]) -> pa.ChunkedArray:
    """The same for each row: whether its key did not come."""
    form = pa.int64() if list(kinds) == ["bigint"] else pa.string()
    chunks = [_joined(chunk, kinds) for chunk in held]
    known = pa.concat_arrays([pa.array([], form), *_parts(came, kinds)])
    # Of all chunks in one call: each call builds its index of the known ones anew.
    found = pc.is_in(pa.chunked_array(chunks, form), value_set=known, skip_nulls=True)
    return pc.invert(found)


def all_fit(came: KeySet, kinds: Sequence[TDataType]) -> bool:
    """Whether the columns can hold every key that came; null is none."""
    return not any(part.null_count for part in _parts(came, kinds))


def _parts(came: KeySet, kinds: Sequence[TDataType]) -> list[pa.Array]:
    if len(kinds) == 1:
        return [_joined([part], kinds) for part in came.parts()]
    tuples = [key for part in came.parts() for key in part]
    return [_joined(list(zip(*tuples, strict=True)), kinds)] if tuples else []


def _joined(columns: Sequence[Any], kinds: Sequence[TDataType]) -> pa.Array:
    """One value for each row: of several columns their texts behind their lengths, so that no two rows share one."""
    plain = [_plain_values(values, kind) for values, kind in zip(columns, kinds, strict=True)]
    if len(plain) == 1:
        return plain[0]
    texts = [values.cast(pa.string()) for values in plain]
    parts = [part for text in texts for part in (pc.cast(pc.utf8_length(text), pa.string()), text)]
    return pc.binary_join_element_wise(*parts, ":")


def _plain_values(values: pa.Array | pa.ChunkedArray | Sequence[Any], kind: TDataType) -> pa.Array:
    """The values as whole numbers, for a column of these, or else as texts; null where the column cannot hold one."""
    form = pa.int64() if kind == "bigint" else pa.string()
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if isinstance(values, pa.Array):
        if (kind == "bigint" and pa.types.is_signed_integer(values.type)) or (kind == "text" and _is_text(values.type)):
            return values.cast(form)
        values = values.to_pylist()
    return pa.array([_plain_value(value, kind) for value in values], form)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _plain_value(value: Any, kind: TDataType) -> int | str | None:
    if value is None or (kind == "text" and type(value) is str):
        return value
    try:
        held = value if type(value) is int and kind == "bigint" else _coerced(value, kind)
    except (ValueError, TypeError, ArithmeticError):
        return None
    if kind != "bigint":
        return _text(held)
    return int(held) if -LIMIT <= held < LIMIT else None


def _coerced(value: Any, kind: TDataType) -> Any:
    return coerce_value(kind, py_type_to_sc_type(type(value)), value)


def _text(value: Any) -> str:
    """One text for equal values: 1, 1.0 and 1.00; a time in whatever zone, one without a zone being in UTC."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        number = Decimal(str(value))
        return str(int(number)) if number == number.to_integral_value() else str(number.normalize())
    return str(value)
