"""What dlt's normaliser would make of rows: run on a copy of the schema, ahead of the load.

The columnar lane takes its names and types from here and from nowhere else. Rows that bring something new (a key,
a type) go through dlt's own normaliser on the copy; what that adds to the copy is what it would have added.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
from dlt.common.configuration.container import Container
from dlt.common.destination.capabilities import DestinationCapabilitiesContext
from dlt.common.exceptions import DltException
from dlt.common.libs.pyarrow import columns_to_arrow
from dlt.common.normalizers.json.relational import DataItemNormalizer
from dlt.common.schema import Schema
from dlt.common.schema.utils import get_nested_tables, is_complete_column, is_nested_table
from dlt.common.time import get_context_timezone_name
from dlt.extract import DltResource
from dlt.extract.extractors import ObjectExtractor
from dlt.normalize.items_normalizers.jsonl import JsonLItemsNormalizer

from homeroom.layout import Group, IdColumns, Keys, Leaf, Many, Part, Table, UnfitError, leaves_of

UTC = "UTC"

READABLE = {
    "text": pa.string(),
    "bigint": pa.int64(),
    "double": pa.float64(),
    "bool": pa.bool_(),
    "timestamp": pa.timestamp("us", tz=UTC),
    "date": pa.date32(),
}
"""dlt's data types that can be read without Python, and what a load file must hold of them."""


class Shadow:
    """A copy of the schema that is being extracted into, ahead of it by what was learnt."""

    def __init__(self, schema: Schema, load_id: str) -> None:
        self.load_id = load_id
        self._real = schema
        self._caps: DestinationCapabilitiesContext = Container()[DestinationCapabilitiesContext]
        self._schema = schema.clone()
        # Of its config it reads the capabilities alone; nothing is written.
        config: Any = SimpleNamespace(destination_capabilities=self._caps)
        nowhere: Any = None
        self._normaliser = JsonLItemsNormalizer(nowhere, nowhere, nowhere, self._schema, load_id, config)

    def prepare(self, resource: DltResource) -> str:
        """Enter the resource's hints, as dlt does before its first row; the name of its root table."""
        nowhere: Any = None
        for schema in (self._real, self._schema):
            extractor = ObjectExtractor(self.load_id, nowhere, schema, _caps=self._caps)
            table = extractor._get_static_table_name(resource, None)
            extractor._compute_and_update_tables(resource, table, [], None)
        # It reads what is propagated to nested tables once; dlt's own is made after the hints were entered.
        self._rules._reset()
        return table

    def learn(self, table: str, rows: Sequence[Any]) -> None:
        """Let dlt's normaliser see rows. Raises `UnfitError` where it refuses them: it then will for good, later on."""
        try:
            self._normaliser._normalize_chunk(table, list(rows), may_have_pua=False, skip_write=True)
        except (DltException, ValueError, TypeError, RecursionError):
            raise UnfitError("dlt refuses rows of it") from None

    def publish(self, table: str) -> dict[str, pa.Schema]:
        """Bring the real schema up to date for a root table and those nested in it.

        What a load file of each of them must then hold, so that dlt takes it as it is.
        """
        files = {}
        for learnt in get_nested_tables(self._schema.tables, table):
            held = self._real.tables.get(str(learnt["name"]))
            known = (
                set() if held is None else {n for n, column in held["columns"].items() if is_complete_column(column)}
            )
            complete = {name: column for name, column in learnt["columns"].items() if is_complete_column(column)}
            fresh = {name: column for name, column in complete.items() if name not in known}
            if fresh or held is None:
                partial = copy.copy(learnt)
                partial["columns"] = copy.deepcopy(fresh)
                self._real.update_table(partial, normalize_identifiers=False)
            columns = self._real.get_table_columns(str(learnt["name"]))
            files[str(learnt["name"])] = columns_to_arrow(columns, self._caps, get_context_timezone_name())
        return files

    def has_root_key(self, table: str) -> bool:
        """Whether the rows nested in a root table carry its row's id. Raises `UnfitError` where they carry more."""
        rules = self._rules._get_propagation_mapping
        carried = {} if rules is None else rules(table, True)
        if carried and carried != {self._rules.c_dlt_id: self._rules.c_dlt_root_id}:
            raise UnfitError("fields are propagated to nested tables")
        return bool(carried)

    @property
    def _rules(self) -> DataItemNormalizer:
        rules: Any = self._schema.data_item_normalizer
        return rules  # type: ignore[no-any-return]

    @property
    def ids(self) -> IdColumns:
        """The names of dlt's own columns."""
        rules = self._rules
        return IdColumns(
            row=rules.c_dlt_id,
            load=rules.c_dlt_load_id,
            parent=rules.c_dlt_parent_id,
            index=rules.c_dlt_list_idx,
            root=rules.c_dlt_root_id,
            value=rules.c_value,
        )

    def key_of_ids(self, table: str) -> tuple[str, ...] | None:
        """The columns that a root row's id is the hash of; None where it is random."""
        kind = self._rules._get_root_row_id_type(table)
        return tuple(self._rules._get_primary_key(table)) if kind == "key_hash" else None

    def layout(self, table: str, keys: Keys) -> Table:
        """Where everything of a root table's rows goes, by dlt's rules and with what was learnt so far.

        Raises `UnfitError` where two places have one column, or where rows bring ids of their own.
        """
        rules = self._rules
        level = rules._get_table_nesting_level(table, rules.max_nesting) or 0
        return _Layout(self._schema, rules, self._types_of).table((), (table,), keys, level, root=True)

    def _types_of(self, table: str) -> dict[str, str]:
        """The data types of a table's columns that can be read; one of another zone or precision cannot."""
        columns = self._schema.tables.get(table, {}).get("columns", {})
        complete = {name: column for name, column in columns.items() if is_complete_column(column)}
        arrow = columns_to_arrow(complete, self._caps, get_context_timezone_name())
        types = {name: str(column["data_type"]) for name, column in complete.items()}
        return {name: kind for name, kind in types.items() if READABLE.get(kind) == arrow.field(name).type}


class _Layout:
    """One walk over what was seen, in the steps of dlt's `_flatten` and `_normalize_list`."""

    def __init__(self, schema: Schema, rules: DataItemNormalizer, types_of: Any) -> None:
        self._schema = schema
        self._rules = rules
        self._types_of = types_of
        self._tables: set[str] = set()

    def table(self, parent: tuple[str, ...], own: tuple[str, ...], keys: Keys, level: int, *, root: bool) -> Table:
        name = self._rules._shorten_fragments(*parent, *own)
        if name in self._tables:
            raise UnfitError("two lists become the same table")
        self._tables.add(name)
        held = self._schema.tables.get(name)
        if held is not None and is_nested_table(held) is root:
            raise UnfitError("a list becomes a table that has no parent")
        types = self._types_of(name)
        row = self._row(name, types, (parent + own), keys, level, root=root)
        columns = [leaf.column for leaf in leaves_of(row)]
        if len({*columns}) < len(columns):
            raise UnfitError("two keys become the same column")
        if {*columns} & self._own_columns():
            raise UnfitError("rows have columns named like dlt's own")
        return Table(name, row, known=self._rules.c_dlt_id in types)

    def _own_columns(self) -> set[str]:
        rules = self._rules
        return {rules.c_dlt_id, rules.c_dlt_load_id, rules.c_dlt_parent_id, rules.c_dlt_list_idx, rules.c_dlt_root_id}

    def _row(
        self, name: str, types: dict[str, str], path: tuple[str, ...], keys: Keys, level: int, *, root: bool
    ) -> Part:
        if keys.kind == "object":
            return self._group(name, types, path, (), keys, level, level)
        if root:
            raise UnfitError("rows are no objects")
        if keys.kind == "list":
            inner = Keys("object", {"list": keys})
            group = self._group(name, types, path, (), inner, level - 1, level - 1)
            # As JSON (at the nesting limit) the list is a value, and no list is a value of a readable column.
            return group.fields[0][1] if isinstance(group.fields[0][1], Many) else Leaf(self._rules.c_value, None)
        return Leaf(self._rules.c_value, types.get(self._rules.c_value))

    def _group(
        self,
        name: str,
        types: dict[str, str],
        path: tuple[str, ...],
        inside: tuple[str, ...],
        keys: Keys,
        level: int,
        top: int,
    ) -> Group:
        """An object `inside` of a row; `level` counts down from `top`, the row's own, to the nesting limit."""
        rules, fields = self._rules, list[tuple[str, Part]]()
        for key, seen in keys.fields.items():
            own = rules._normalize_identifier(key) if key and not key.isspace() else rules.EMPTY_KEY_IDENTIFIER
            column = rules._shorten_fragments(*inside, own) if inside else own
            as_json = seen.kind in ("object", "list") and rules._is_nested_type(name, column, level)
            part: Part
            if seen.kind == "object" and not as_json:
                part = self._group(name, types, path, (*inside, own), seen, level - 1, top)
            elif seen.kind == "list" and not as_json:
                listed = (*inside, rules._normalize_table_identifier(key))
                part = Many(self.table(path, listed, seen.element or Keys(), top - 1, root=False))
            else:
                part = Leaf(column, None if as_json else types.get(column))
            fields.append((key, part))
        return Group(tuple(fields))
