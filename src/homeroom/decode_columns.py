"""From the bytes of a batch of pages to Arrow, without a Python object for any value.

The reader is given every type and refuses whatever else comes: another kind, an unknown key, one that is twice in
an object, a fraction among whole numbers, a number beyond 64 bits. What it lets pass is checked here and in
`shape_columns`. Types are never inferred: pyarrow 26 loses nulls in lists of inferred columns, and 100,000 nested
lists crash the process.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pj

from homeroom.layout import Group, Leaf, MisfitError, Part, Table, Veiled

TYPES = MappingProxyType(
    {
        "text": pa.string(),
        "bigint": pa.int64(),
        "double": pa.float64(),
        "bool": pa.bool_(),
        "timestamp": pa.timestamp("us", tz="UTC"),
        "date": pa.string(),
    }
)
"""As what the reader reads dlt's data types: as dlt does, or stricter. A date it knows as text alone."""

_MARK, _ESCAPED_MARKS = b"\xef\x80", (b"\\uf02", b"\\uF02")
"""The private characters by which dlt's own JSON marks a decimal or a date: it reads such texts as something else."""

_NUL = b"\\u0000"


@dataclass(frozen=True, slots=True)
class Slice:
    """The JSON list of a page's rows, how many they are, and the JSON object that each of them takes in, if any."""

    data: bytes
    rows: int
    given: bytes | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """The rows of some pages as one array of structs; `lengths` are the rows of each page."""

    rows: pa.StructArray
    lengths: tuple[int, ...]


def reading_schema(table: Table, given: Collection[str]) -> pa.Schema:
    """What a page may hold; the keys in `given` stand beside the list of rows, not in them."""
    assert isinstance(table.row, Group)
    own = [(key, part) for key, part in table.row.fields if key not in given]
    fields = [pa.field("d", pa.list_(_struct(own)))]
    if given:
        fields.append(pa.field("p", _struct([(key, part) for key, part in table.row.fields if key in given])))
    return pa.schema(fields)


def _struct(fields: Sequence[tuple[str, Part]]) -> pa.StructType:
    return pa.struct([pa.field(key, _type(part)) for key, part in fields])


def _type(part: Part) -> pa.DataType:
    if isinstance(part, Veiled):
        return _type(part.read)
    if isinstance(part, Leaf):
        return pa.null() if part.type is None else TYPES[part.type]
    if isinstance(part, Group):
        return _struct(part.fields)
    return pa.list_(_type(part.table.row))


def decode_columns(slices: Sequence[Slice], schema: pa.Schema) -> Batch:
    """Read the pages, at least one, as one batch. Raises `MisfitError` where one of them does not fit exactly.

    The error's text is of our own making: Arrow's quotes values.
    """
    text = b"".join(part for page in slices for part in _wrapped(page))
    if is_marked(text):
        raise MisfitError("text in characters that mean something else in dlt's JSON")
    if b"\\" in text and _NUL in text:
        raise MisfitError("a NUL in a text, which parquet keeps, dlt's inserts leave out, and PostgreSQL refuses")
    # One block, so that no page lies astride two of them, and no type may differ from block to block.
    how = pj.ReadOptions(use_threads=False, block_size=len(text) + 1)
    exact = pj.ParseOptions(explicit_schema=schema, unexpected_field_behavior="error", newlines_in_values=True)
    try:
        read = pj.read_json(pa.BufferReader(text), read_options=how, parse_options=exact).combine_chunks()
        read.validate(full=True)  # among others, that text is UTF-8
    except (pa.ArrowException, ValueError):
        raise MisfitError("a value or a key that does not fit the columns") from None
    return _checked(read, slices)


def _wrapped(page: Slice) -> tuple[bytes, ...]:
    given = () if page.given is None else (b',"p":', page.given)
    return (b'{"d":', page.data, *given, b"}\n")


def is_marked(text: bytes) -> bool:
    """Whether text may hold a character that dlt's JSON takes for the mark of another type."""
    # To look for a single byte first is ten times as fast, and mostly all.
    plain = b"\xef" in text and _MARK in text
    return plain or (b"\\" in text and any(mark in text for mark in _ESCAPED_MARKS))


def _checked(read: pa.Table, slices: Sequence[Slice]) -> Batch:
    """The rows, if there are as many as were counted; the reader takes a page without a list for a null."""
    lists = read.column("d").chunk(0) if read.num_rows else None
    lengths = tuple(page.rows for page in slices)
    if lists is None or lists.null_count or tuple(pc.list_value_length(lists).to_pylist()) != lengths:
        raise MisfitError("another number of rows than was counted")
    rows = pc.list_flatten(lists)
    if rows.null_count:
        raise MisfitError("a row that is null")
    if "p" in read.column_names:
        rows = _with_given(rows, read.column("p").chunk(0).take(pc.list_parent_indices(lists)))
    return Batch(rows, lengths)


class RowFields(dict[str, Any]):
    """Some fields of a row, and where in the batch that stands."""

    __slots__ = ("place",)
    place: int


def read_fields(slices: Sequence[Slice], names: Sequence[str]) -> list[RowFields]:
    """Some fields of every row as Python's own values; a field that a row does not have is left out.

    For pages that were read as columns: everything else in them is passed over.
    """
    fields = [(f"f{place}", Any, msgspec.field(name=name, default=msgspec.UNSET)) for place, name in enumerate(names)]
    reader = msgspec.json.Decoder(list[msgspec.defstruct("Row", fields)])  # type: ignore[misc]
    found: list[RowFields] = []
    for page in slices:
        for row in reader.decode(page.data):
            values = zip(names, msgspec.structs.astuple(row), strict=True)
            own = RowFields((name, value) for name, value in values if value is not msgspec.UNSET)
            own.place = len(found)
            found.append(own)
    return found


def _with_given(rows: pa.StructArray, given: pa.StructArray) -> pa.StructArray:
    arrays = [*rows.flatten(), *given.flatten()]
    fields = [field for part in (rows, given) for field in part.type]
    return pa.StructArray.from_arrays(arrays, fields=fields)
