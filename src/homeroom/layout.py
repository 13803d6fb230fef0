"""How rows of JSON lie in flat tables: which keys they hold, and which column or table each becomes.

`Keys` is what was seen of a resource's rows; a `Table` is what dlt's rules make of it. Neither holds a value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

MOST_LEVELS = 40
"""Lists and objects inside of each other that are followed; deeper rows are dlt's own business."""


class UnfitError(Exception):
    """Rows of this resource cannot be read as columns; the text says why, and holds no value."""


class MisfitError(Exception):
    """These pages do not fit the columns exactly; the text says why, and holds no value."""


_JSON_TYPES: Mapping[type, Literal["text", "bool", "bigint", "double"]] = MappingProxyType(
    {str: "text", bool: "bool", int: "bigint", float: "double"}
)

LARGEST_EXACT = 2**53
"""The largest whole number up to which a double holds every one."""


@dataclass(slots=True)
class Keys:
    """What was seen at one place of the rows. `kind` is "" as long as only nulls were.

    A place keeps its first kind: a row that has another one there does not fit. `first` is what JSON has for its first
    single value. `whole` and `fraction`: numbers written without and with one (`2.0` has one); `large`: whole ones that
    a double does not hold.
    """

    kind: Literal["", "scalar", "object", "list"] = ""
    fields: dict[str, Keys] = field(default_factory=dict)
    element: Keys | None = None
    whole: bool = False
    fraction: bool = False
    large: bool = False
    first: Literal["", "text", "bool", "bigint", "double"] = ""

    def see(self, value: Any, level: int = 0) -> bool:
        """Take note of a value; whether there was anything new. Raises `UnfitError` for one nested too deep."""
        if value is None:
            return False
        if level > MOST_LEVELS:
            raise UnfitError(f"rows are nested deeper than {MOST_LEVELS} levels")
        if isinstance(value, dict):
            return self._see_object(value, level)
        if isinstance(value, list):
            return self._see_list(value, level)
        news = not self.kind
        self.kind = self.kind or "scalar"
        self.first = self.first or _JSON_TYPES.get(type(value), "")
        return self._see_number(value) or news

    def _see_object(self, value: dict[str, Any], level: int) -> bool:
        news = not self.kind
        self.kind = self.kind or "object"
        for key, inner in value.items():
            held = self.fields.get(key)
            if held is None:
                held, news = self.fields.setdefault(key, Keys()), True
            news |= held.see(inner, level + 1)
        return news

    def _see_list(self, value: list[Any], level: int) -> bool:
        news = not self.kind
        self.kind = self.kind or "list"
        self.element = self.element or Keys()
        for inner in value:
            news |= self.element.see(inner, level + 1)
        return news

    def _see_number(self, value: Any) -> bool:
        if type(value) is float:
            news, self.fraction = not self.fraction, True
            return news
        if type(value) is not int:
            return False
        large = abs(value) > LARGEST_EXACT
        news = not self.whole or (large and not self.large)
        self.whole, self.large = True, self.large or large
        return news

    @property
    def is_double(self) -> bool:
        """Whether all numbers go into a column of doubles, and not all into one of whole numbers."""
        return self.fraction and self.whole and not self.large


@dataclass(frozen=True, slots=True)
class Leaf:
    """A column. `type` is dlt's data type; None where no value may come: none did so far, or none that can be read.

    `key` is what its key must be called that dlt's naming makes this column of it; None: as it is. `exact`: no
    whole number may be rounded to a double.
    """

    column: str
    type: str | None
    key: str | None = None
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """An object, its fields by their key: they become columns of the table that it stands in."""

    fields: tuple[tuple[str, Part], ...]


@dataclass(frozen=True, slots=True)
class Many:
    """A list: its elements become the rows of a table of their own. `key` as for a `Leaf`."""

    table: Table
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Veiled:
    """A place that is read and not stored as it comes: `read` says as what it is read, `rule` what becomes of it.

    `leaf` is the column of what is stored; None where nothing is.
    """

    read: Part
    rule: str
    leaf: Leaf | None


Part = Leaf | Group | Many | Veiled


@dataclass(frozen=True, slots=True)
class Table:
    """A table and what makes a row of it: an object, a single value, or a list of its own (a row of ids alone).

    `known`: whether dlt's schema has it by now; no row may come before that.
    """

    name: str
    row: Part
    known: bool

    def leaves(self) -> Iterator[Leaf]:
        """The columns of this table alone."""
        return leaves_of(self.row)


def leaves_of(part: Part) -> Iterator[Leaf]:
    """The columns of a part that belong to the table it stands in."""
    if isinstance(part, Leaf):
        yield part
    elif isinstance(part, Veiled):
        yield from () if part.leaf is None else (part.leaf,)
    elif isinstance(part, Group):
        for _, inner in part.fields:
            yield from leaves_of(inner)


def has_nested(part: Part) -> bool:
    """Whether rows of nested tables may come of a part."""
    if isinstance(part, Group):
        return any(has_nested(inner) for _, inner in part.fields)
    return isinstance(part, Many)


def places(table: Table, keys: Keys) -> Iterator[tuple[str, Leaf, Keys]]:
    """Every column of a table and of those nested in it: the table's name, the column, and what was seen there."""
    yield from _places(table.name, table.row, keys)


def _places(table: str, part: Part, keys: Keys) -> Iterator[tuple[str, Leaf, Keys]]:
    if isinstance(part, Leaf):
        yield table, part, keys
    elif isinstance(part, Many):
        yield from places(part.table, keys.element or Keys())
    elif isinstance(part, Group):
        for key, inner in part.fields:
            yield from _places(table, inner, keys.fields[key])


def renames(part: Part) -> bool:
    """Whether any key in it must be called otherwise."""
    if isinstance(part, Leaf):
        return part.key is not None
    if isinstance(part, Many):
        return part.key is not None or renames(part.table.row)
    return isinstance(part, Group) and any(renames(inner) for _, inner in part.fields)


def renamed(value: Any, part: Part) -> Any:
    """A value with its keys as they must be called; of another kind than the part it is left as it is."""
    if isinstance(part, Many) and isinstance(value, list):
        return [renamed(each, part.table.row) for each in value]
    if not isinstance(part, Group) or not isinstance(value, dict):
        return value
    parts = dict(part.fields)
    return {_key_of(key, parts.get(key)): renamed(v, parts[key]) if key in parts else v for key, v in value.items()}


def _key_of(key: str, part: Part | None) -> str:
    return part.key if isinstance(part, Leaf | Many) and part.key is not None else key


def as_doubles(value: Any, keys: Keys) -> Any:
    """A value whose whole numbers are fractions wherever both came."""
    if type(value) is int and keys.is_double:
        return float(value)
    if isinstance(value, dict):
        return {
            key: as_doubles(inner, keys.fields[key]) if key in keys.fields else inner for key, inner in value.items()
        }
    if isinstance(value, list) and keys.element is not None:
        return [as_doubles(inner, keys.element) for inner in value]
    return value


@dataclass(frozen=True, slots=True)
class IdColumns:
    """The names of dlt's own columns, as the schema's naming convention makes them."""

    row: str
    load: str
    parent: str
    index: str
    root: str
    value: str
