"""Where everything of a row goes by dlt's rules of naming and nesting, and by whose name where two would share one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from dlt.common.normalizers.json.relational import DataItemNormalizer
from dlt.common.schema import Schema
from dlt.common.schema.utils import is_nested_table

from homeroom.layout import Group, Keys, Leaf, Many, Part, Table, UnfitError, leaves_of

MARK = "x-key"
"""The hint that says which key a column or a nested table was made of: a JSON Pointer (RFC 6901) into the row."""

MOST_ALIKE = 100
"""Keys that may share a name before the last of them is left to dlt."""

Path = tuple[str, ...]
"""The keys that lead to a value in a row."""


@dataclass(frozen=True, slots=True)
class Given:
    """The name that a key got, and how it must be called that dlt's naming makes that of it; None: as it is."""

    name: str
    key: str | None


class Names:
    """A name of its own for every key of one root table and of those nested in it (`tables: improved`).

    The key that a column was made of keeps it, in later runs too: the column bears its mark. Of those that come
    together the one that is spelled like the column has it, then the first; the others get `name_2`, `name_3`.
    """

    def __init__(self, tables: Mapping[str, Any]) -> None:
        self._tables = tables
        self._given: dict[tuple[str, str, Path], Given] = {}
        self._owners: dict[tuple[str, str, str], Path] = {}

    def column(self, table: str, path: Path, own: str, make: Callable[[str], str]) -> Given:
        """The column of the key at `path`; `own` is its name as dlt has it, `make` makes a column of a key."""
        held = self._tables.get(table, {}).get("columns", {})
        marks = {name: column[MARK] for name, column in held.items() if MARK in column}
        return self._name(("column", table), path, own, make, marks)

    def nested(self, parent: str, path: Path, own: str, make: Callable[[str], str]) -> Given:
        """The same for a list, which becomes a table."""
        own_tables = (table for table in self._tables.values() if table.get("parent") == parent and MARK in table)
        return self._name(("table", parent), path, own, make, {table["name"]: table[MARK] for table in own_tables})

    def marks(self) -> Iterator[tuple[str, str, str]]:
        """Of every key that is spelled otherwise than its name: the table, the column ("": the table), the mark."""
        for (kind, table, path), given in self._given.items():
            spelled = "__".join(path if kind == "column" else (table, *path))
            if given.name != spelled:
                yield (table, given.name, pointer(path)) if kind == "column" else (given.name, "", pointer(path))

    def _name(
        self, scope: tuple[str, str], path: Path, own: str, make: Callable[[str], str], marks: Mapping[str, str]
    ) -> Given:
        place = (*scope, path)
        if place not in self._given:
            self._given[place] = found = self._chosen(scope, path, own, make, marks)
            self._owners.setdefault((*scope, found.name), path)
        return self._given[place]

    def _chosen(
        self, scope: tuple[str, str], path: Path, own: str, make: Callable[[str], str], marks: Mapping[str, str]
    ) -> Given:
        mine, is_marked = pointer(path), pointer(path) in marks.values()
        for key in islice(_numbered(own), MOST_ALIKE):
            name = make(key)
            is_free = self._owners.get((*scope, name), path) == path and marks.get(name, mine) == mine
            if marks.get(name) == mine if is_marked else is_free:
                return Given(name, key if key != own else None)
        return Given(make(own), None)


def pointer(path: Path) -> str:
    """The path as a JSON Pointer."""
    return "".join("/" + key.replace("~", "~0").replace("/", "~1") for key in path)


def _numbered(name: str) -> Iterator[str]:
    yield name
    for number in range(2, MOST_ALIKE + 2):
        yield f"{name}_{number}"


@dataclass(frozen=True, slots=True)
class _Row:
    """The table whose rows are walked: `types` of its columns, the `path` of its name, the level of its own fields."""

    table: str
    types: Mapping[str, str]
    path: Path
    level: int


class Layout:
    """One walk over what was seen, in the steps of dlt's `_flatten` and `_normalize_list`.

    Without `names` keys that would share a column are left to dlt.
    """

    def __init__(
        self,
        schema: Schema,
        rules: DataItemNormalizer,
        types_of: Callable[[str], Mapping[str, str]],
        names: Names | None = None,
    ) -> None:
        self._schema = schema
        self._rules = rules
        self._types_of = types_of
        self._names = names
        self._tables: set[str] = set()

    def table(self, path: Path, keys: Keys, level: int, *, root: bool) -> Table:
        """The table of rows in which `keys` were seen. Raises `UnfitError`."""
        name = self._rules._shorten_fragments(*path)
        if name in self._tables:
            raise UnfitError("two lists become the same table")
        self._tables.add(name)
        held = self._schema.tables.get(name)
        if held is not None and is_nested_table(held) is root:
            raise UnfitError("a list becomes a table that has no parent")
        types = self._types_of(name)
        row = self._row(_Row(name, types, path, level), keys, root=root)
        columns = [leaf.column for leaf in leaves_of(row)]
        if len({*columns}) < len(columns):
            raise UnfitError("two keys become the same column")
        if {*columns} & self._own_columns():
            raise UnfitError("rows have columns named like dlt's own")
        return Table(name, row, known=self._rules.c_dlt_id in types)

    def _own_columns(self) -> set[str]:
        rules = self._rules
        return {rules.c_dlt_id, rules.c_dlt_load_id, rules.c_dlt_parent_id, rules.c_dlt_list_idx, rules.c_dlt_root_id}

    def _row(self, row: _Row, keys: Keys, *, root: bool) -> Part:
        if keys.kind == "object":
            return self._group(row, (), (), keys, row.level)
        if root:
            raise UnfitError("rows are no objects")
        if keys.kind == "list":
            below = _Row(row.table, row.types, row.path, row.level - 1)
            ((_, part),) = self._group(below, (), (), Keys("object", {"list": keys}), below.level).fields
            # As JSON (at the nesting limit) the list is a value, and no list is a value of a readable column.
            return part if isinstance(part, Many) else Leaf(self._rules.c_value, None)
        return Leaf(self._rules.c_value, row.types.get(self._rules.c_value))

    def _group(self, row: _Row, inside: Path, raw: Path, keys: Keys, level: int) -> Group:
        """An object `inside` of a row, by keys `raw`; `level` counts down from the row's to the nesting limit."""
        fields = [(key, self._own(key), seen) for key, seen in keys.fields.items()]
        if self._names is not None:
            fields.sort(key=lambda field: field[0] != field[1])  # who is spelled like the column comes first
        return Group(tuple((key, self._part(row, inside, (*raw, key), own, seen, level)) for key, own, seen in fields))

    def _own(self, key: str) -> str:
        named = self._rules._normalize_identifier(key) if key and not key.isspace() else None
        return self._rules.EMPTY_KEY_IDENTIFIER if named is None else named

    def _part(self, row: _Row, inside: Path, raw: Path, own: str, seen: Keys, level: int) -> Part:
        def column_of(key: str) -> str:
            return self._rules._shorten_fragments(*inside, key) if inside else key

        nests = seen.kind in ("object", "list") and not self._rules._is_nested_type(row.table, column_of(own), level)
        if nests and seen.kind == "object":
            return self._group(row, (*inside, own), raw, seen, level - 1)
        if nests:
            return self._many(row, inside, raw, seen)
        given = self._names and self._names.column(row.table, raw, own, column_of)
        name, key = (given.name, given.key) if given else (column_of(own), None)
        kind = None if seen.kind in ("object", "list") else row.types.get(name)
        return Leaf(name, kind, key, exact=given is not None)

    def _many(self, row: _Row, inside: Path, raw: Path, seen: Keys) -> Many:
        def path_of(key: str) -> Path:
            return (*row.path, *inside, self._rules._normalize_table_identifier(key))

        def table_of(key: str) -> str:
            return self._rules._shorten_fragments(*path_of(key))

        key = raw[-1]
        given = self._names and self._names.nested(row.table, raw, key, table_of)
        renamed = given.key if given else None
        path = path_of(renamed or key)
        return Many(self.table(path, seen.element or Keys(), row.level - 1, root=False), renamed)
