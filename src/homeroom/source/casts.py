"""Casts: what a config makes of fields of the rows, before either lane, a contract or dlt looks at them.

They act on a page's JSON. So both lanes read the same values, and the fields that no cast names keep their text as
it came. A value that does not fit its cast stays as it is, for dlt to put it where it puts such values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

import msgspec

from homeroom.values import FieldCast

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WHOLE = re.compile(r"\s*[+-]?[0-9]{1,1000}\s*")
_NUMBER = re.compile(r"\s*[+-]?[0-9]{1,300}(\.[0-9]{1,300})?([eE][+-]?[0-9]{1,2})?\s*")
_LARGEST = 2**63

_Raw = msgspec.Raw
_OBJECTS = msgspec.json.Decoder(list[dict[str, _Raw]])
_OBJECT = msgspec.json.Decoder(dict[str, _Raw])
_LIST = msgspec.json.Decoder(list[_Raw])
_encode = msgspec.json.Encoder().encode


class TooLargeError(Exception):
    """A text that is a whole number beyond 64 bits, at which dlt's load would fail. `row` counts from 1."""

    row: int = 0
    field: str = ""


def cast_text(rows: bytes, casts: Sequence[FieldCast]) -> bytes:
    """A JSON list of rows, cast.

    Raises `msgspec.DecodeError` or `UnicodeDecodeError` where it is no JSON in full, and `TooLargeError`.
    """
    try:
        found: list[Any] = _OBJECTS.decode(rows)
    except msgspec.ValidationError:  # not all of them are objects
        found = [_OBJECT.decode(raw) if bytes(raw)[:1] == b"{" else raw for raw in _LIST.decode(rows)]
    _each(found, casts, _cast_raw_row)
    return _encode(found)


def _cast_raw_row(row: dict[str, Any], each: FieldCast) -> None:
    if each.cast.kinds:
        _cast_key(row, each.keys, each.cast.kinds)
    else:
        _join(row, each, _decoded, _encoded)


def cast_rows(rows: Sequence[Any], casts: Sequence[FieldCast]) -> None:
    """The same of rows that were decoded. Changes them. Raises `TooLargeError`."""
    _each(rows, casts, _cast_decoded_row)


def _each(rows: Sequence[Any], casts: Sequence[FieldCast], act: Callable[[dict[str, Any], FieldCast], None]) -> None:
    for number, row in enumerate(rows, start=1):
        if isinstance(row, dict):
            for each in casts:
                try:
                    act(row, each)
                except TooLargeError as error:
                    error.row, error.field = number, ".".join(each.keys)
                    raise


def _cast_decoded_row(row: dict[str, Any], each: FieldCast) -> None:
    if each.cast.kinds:
        _cast_field(row, each.keys, each.cast.kinds)
    else:
        _join(row, each, lambda value: value, lambda value: value)


def _cast_key(row: dict[str, Any], keys: Sequence[str], kinds: Sequence[str]) -> None:
    raw = row.get(keys[0])
    if raw is not None:
        row[keys[0]] = _cast_raw(raw, keys[1:], kinds)


def _cast_raw(raw: msgspec.Raw, keys: Sequence[str], kinds: Sequence[str]) -> msgspec.Raw:
    text = bytes(raw)
    if keys and text[:1] == b"[":
        return _Raw(_encode([_cast_raw(each, keys, kinds) for each in _LIST.decode(text)]))
    if keys and text[:1] == b"{":
        inner = _OBJECT.decode(text)
        _cast_key(inner, keys, kinds)
        return _Raw(_encode(inner))
    return raw if keys else _cast_leaf(raw, kinds)


def _cast_leaf(raw: msgspec.Raw, kinds: Sequence[str]) -> msgspec.Raw:
    for kind in kinds:
        text = bytes(raw)
        if text == b"null":
            break
        if kind == "list":
            raw = raw if text[:1] == b"[" else _Raw(b"[" + text + b"]")
        elif text[:1] not in b"{[":
            value = _decoded(raw)
            made = _ACTS[kind](value)
            raw = raw if made is value else _encoded(made)
    return raw


def _decoded(raw: Any) -> Any:
    try:
        return None if raw is None else msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ...  # a number beyond any float, a text that is none: it fits no cast


def _encoded(value: Any) -> msgspec.Raw:
    return _Raw(_encode(value))


def _cast_field(value: Any, keys: Sequence[str], kinds: Sequence[str]) -> None:
    if isinstance(value, list):
        for each in value:
            _cast_field(each, keys, kinds)
    elif isinstance(value, dict) and value.get(keys[0]) is not None:
        if keys[1:]:
            _cast_field(value[keys[0]], keys[1:], kinds)
        else:
            value[keys[0]] = _cast_value(value[keys[0]], kinds)


def _cast_value(value: Any, kinds: Sequence[str]) -> Any:
    for kind in kinds:
        if value is None:
            break
        value = _ACTS[kind](value)
    return value


def _join(row: dict[str, Any], each: FieldCast, read: Callable[[Any], Any], written: Callable[[Any], Any]) -> None:
    """One time in the place of a date and a time, where both are there and make one."""
    made = _moment(read(row.get(each.cast.date)), read(row.get(each.cast.time)))
    if made is not None:
        for name in (each.cast.date, each.cast.time):
            del row[name]
        row[each.keys[0]] = written(made)


def _moment(date: Any, time: Any) -> str | None:
    """Google's Date and TimeOfDay, the latter in UTC; of these a part that is 0 is left out of the JSON."""
    if not isinstance(date, dict) or not isinstance(time, dict):
        return None
    days = [date.get(name) for name in ("year", "month", "day")]
    parts = [time.get(name, 0) for name in ("hours", "minutes", "seconds", "nanos")]
    whole: list[int] = [part for part in (*days, *parts) if type(part) is int]
    if len(whole) < len(days) + len(parts) or whole[-1] % 1000:
        return None
    year, month, day, hours, minutes, seconds, nanos = whole
    try:
        return _text(datetime(year, month, day, hours, minutes, seconds, nanos // 1000, UTC))
    except (ValueError, OverflowError):
        return None


def _text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _as_list(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


def _as_bool(value: Any) -> Any:
    return {"true": True, "false": False}.get(value.lower(), value) if isinstance(value, str) else value


def _as_bigint(value: Any) -> Any:
    if not isinstance(value, str) or not _WHOLE.fullmatch(value):
        return value
    number = int(value)
    if -_LARGEST <= number < _LARGEST:
        return number
    raise TooLargeError


def _as_double(value: Any) -> Any:
    return float(value) if isinstance(value, str) and _NUMBER.fullmatch(value) else value


def _as_timestamp(value: Any) -> Any:
    return _since_epoch(value, "seconds")


def _as_timestamp_ms(value: Any) -> Any:
    return _since_epoch(value, "milliseconds")


def _since_epoch(value: Any, unit: str) -> Any:
    if type(value) not in (int, float):
        return value
    try:
        return _text(_EPOCH + timedelta(**{unit: value}))
    except (ValueError, OverflowError):
        return value


def _null_if_zero(value: Any) -> Any:
    return None if value == "0" or (type(value) in (int, float) and value == 0) else value


_ACTS: Mapping[str, Callable[[Any], Any]] = MappingProxyType(
    {
        "bool": _as_bool,
        "bigint": _as_bigint,
        "double": _as_double,
        "timestamp": _as_timestamp,
        "timestamp_ms": _as_timestamp_ms,
        "null_if_zero": _null_if_zero,
        "list": _as_list,
    }
)
