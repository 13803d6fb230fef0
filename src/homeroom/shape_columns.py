"""From rows as one array of structs to flat tables with dlt's ids: the columnar twin of dlt's relational normaliser."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from homeroom.layout import LARGEST_EXACT, Group, IdColumns, Leaf, Many, MisfitError, Part, Table, Veiled

Hide = Callable[[str, pa.Array], pa.Array]
"""What a rule of privacy makes of a column."""

KEY_TYPES = ("text", "bigint", "bool")
"""Data types whose values are the same in both lanes, so that keys can be counted and hashed over both."""

_ID_BYTES = 10
"""Of a random id; dlt's default."""

_LARGEST = pa.scalar(2.0**63)
"""A whole number from here on would be rounded here and is refused by dlt. Fractions so large go as objects with it."""

_LARGEST_EXACT = pa.scalar(float(LARGEST_EXACT))

_NEGATIVE_NAUGHT = pa.scalar(-(2**63), pa.int64())
"""The bits of -0.0."""

_FIRST_TIME, _LAST_TIME = -62135596800_000000, 253402300799_999999
_FIRST_DAY, _LAST_DAY = -719162, 2932896
"""Microseconds and days since 1970 of the years 1 to 9999: what a database's times and Python's hold."""


@dataclass(frozen=True, slots=True)
class IdRules:
    """How rows get their ids.

    `key` are the columns that a root row's id is the hash of, by `hash_key`; None where it is random. The ids of
    nested rows are then hashes too, by `hash_nested` of parent ids, table and index. `roots`: nested rows carry
    their root's id.
    """

    names: IdColumns
    load_id: str
    roots: bool
    key: tuple[str, ...] | None
    hash_key: Callable[[Sequence[str], Sequence[Sequence[Any]]], list[str]]
    hash_nested: Callable[[Sequence[str], str, Sequence[int]], list[str]]


@dataclass(frozen=True, slots=True)
class Shaped:
    """The rows of one table; columns in no order, those that are null throughout may be left out."""

    name: str
    columns: Mapping[str, pa.Array]
    rows: int


def as_it_is(rule: str, values: pa.Array) -> pa.Array:
    """For a layout that hides nothing."""
    raise MisfitError(f"nothing to {rule} columns with")


def shape(rows: pa.StructArray, table: Table, rules: IdRules, hide: Hide = as_it_is) -> list[Shaped]:
    """The root table first, then those nested in it that have rows. Raises `MisfitError`."""
    columns: dict[str, pa.Array] = {}
    lists: list[tuple[pa.Array, Table]] = []
    _flatten(rows, table.row, columns, lists, hide)
    names, ids = rules.names, _root_ids(columns, len(rows), rules)
    load = pa.repeat(pa.scalar(rules.load_id, pa.string()), len(rows))
    _check_known(table)
    found = [Shaped(table.name, {**columns, names.row: ids, names.load: load}, len(rows))]
    for array, nested in lists:
        found += _shape_nested(array, nested, ids, ids, rules, hide)
    return found


def _shape_nested(
    lists: pa.Array, table: Table, parents: pa.Array, roots: pa.Array, rules: IdRules, hide: Hide
) -> Iterator[Shaped]:
    elements = pc.list_flatten(lists)
    if not len(elements):
        return
    _check_known(table)
    columns: dict[str, pa.Array] = {}
    inner: list[tuple[pa.Array, Table]] = []
    _flatten(elements, table.row, columns, inner, hide)
    places = pc.list_parent_indices(lists)
    own_parents, own_roots = parents.take(places), roots.take(places)
    index = _index_in_list(lists, places)
    ids = _nested_ids(own_parents, table.name, index, rules)
    names = rules.names
    columns |= {names.row: ids, names.parent: own_parents, names.index: index}
    if rules.roots:
        columns[names.root] = own_roots
    yield Shaped(table.name, columns, len(elements))
    for array, nested in inner:
        yield from _shape_nested(array, nested, ids, own_roots, rules, hide)


def _flatten(
    array: pa.Array, part: Part, columns: dict[str, pa.Array], lists: list[tuple[pa.Array, Table]], hide: Hide
) -> None:
    """Collect the columns and the lists of a part; what lies in an object that is null is null."""
    if isinstance(part, Group):
        # `flatten` knows of nulls above a field; `field` would bring out what a null covers.
        for (_, inner), values in zip(part.fields, _ordered(array, part), strict=True):
            _flatten(values, inner, columns, lists, hide)
    elif isinstance(part, Many):
        lists.append((array, part.table))
    elif isinstance(part, Veiled):
        if part.leaf is not None and isinstance(part.read, Leaf) and part.read.type is not None:
            columns[part.leaf.column] = hide(part.rule, _checked(array, part.read))
    elif part.type is not None:
        columns[part.column] = _checked(array, part)


def _ordered(array: pa.StructArray, part: Group) -> list[pa.Array]:
    held = dict(zip((field.name for field in array.type), array.flatten(), strict=True))
    return [held[key] for key, _ in part.fields]


def _checked(values: pa.Array, leaf: Leaf) -> pa.Array:
    """The values as they are stored, without those that the reader lets pass and no table should hold."""
    if leaf.type == "double":
        _check_sizes(values, _LARGEST_EXACT if leaf.exact else _LARGEST)
    if leaf.type == "timestamp":
        _check_years(values.cast(pa.int64()), _FIRST_TIME, _LAST_TIME)
    if leaf.type == "date":
        try:
            values = values.cast(pa.date32())
        except pa.ArrowInvalid:
            raise MisfitError("a value that is no date") from None
        _check_years(values.cast(pa.int32()), _FIRST_DAY, _LAST_DAY)
    return values


def _check_sizes(values: pa.Array, largest: pa.Scalar) -> None:
    if pc.any(pc.equal(values.view(pa.int64()), _NEGATIVE_NAUGHT), min_count=0).as_py():
        raise MisfitError("a negative naught, of which dlt makes 0 where it is whole")
    if not pc.all(pc.less(pc.abs(values), largest), min_count=0).as_py():
        raise MisfitError(f"a number that is infinite or none, or too large (from {largest.as_py():.3g})")


def _check_years(values: pa.Array, first: int, last: int) -> None:
    if values.null_count < len(values):
        ends = pc.min_max(values)
        if ends["min"].as_py() < first or ends["max"].as_py() > last:
            raise MisfitError("a time outside of the years 1 to 9999")


def _check_known(table: Table) -> None:
    if not table.known:
        raise MisfitError("the first rows of a nested table")


def _index_in_list(lists: pa.Array, places: pa.Array) -> pa.Array:
    """The place of each element in its list, from 0."""
    lengths = pc.fill_null(pc.list_value_length(lists).cast(pa.int64()), 0)
    starts = pc.subtract(pc.cumulative_sum(lengths), lengths)
    return pc.subtract(pa.arange(0, len(places)), starts.take(places))


def _root_ids(columns: Mapping[str, pa.Array], count: int, rules: IdRules) -> pa.Array:
    if rules.key is None:
        return random_ids(count)
    if any(name not in columns or columns[name].null_count for name in rules.key):
        raise MisfitError("a row without a value in its key")
    values = list(zip(*(columns[name].to_pylist() for name in rules.key), strict=True))
    return pa.array(rules.hash_key(rules.key, values), pa.string())


def _nested_ids(parents: pa.Array, table: str, index: pa.Array, rules: IdRules) -> pa.Array:
    if rules.key is None:
        return random_ids(len(parents))
    return pa.array(rules.hash_nested(parents.to_pylist(), table, index.to_pylist()), pa.string())


def random_ids(count: int) -> pa.Array:
    """Texts of 14 characters, as dlt makes them: ten random bytes in base 64."""
    drawn = os.urandom(_ID_BYTES * count)
    padded = bytearray(12 * count)
    for place in range(_ID_BYTES):
        padded[place::12] = drawn[place::_ID_BYTES]
    # Twelve bytes become sixteen characters, of which the last two are nothing but padding.
    text = pa.Array.from_buffers(pa.binary(16), count, [None, pa.py_buffer(base64.b64encode(padded))])
    return pc.binary_slice(text.cast(pa.binary()), 0, 14).cast(pa.string())
