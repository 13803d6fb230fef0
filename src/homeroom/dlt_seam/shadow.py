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
from dlt.common.schema.exceptions import DataValidationError
from dlt.common.schema.utils import get_nested_tables, is_complete_column
from dlt.common.time import get_context_timezone_name
from dlt.extract import DltResource
from dlt.extract.extractors import ObjectExtractor
from dlt.normalize.items_normalizers.jsonl import JsonLItemsNormalizer

from homeroom.dlt_seam.contracts import Judge, contract_error
from homeroom.dlt_seam.naming import MARK, Layout, Names
from homeroom.errors import DataError
from homeroom.layout import IdColumns, Keys, Table, UnfitError, places

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
        self._before: dict[str, set[str]] = {}

    def prepare(self, resource: DltResource) -> str:
        """Enter the resource's hints, as dlt does before its first row; the name of its root table.

        The table is in no schema where its contract lets none be made. Raises `ContractError` where that is frozen.
        """
        nowhere: Any = None
        for schema in (self._real, self._schema):
            extractor = ObjectExtractor(self.load_id, nowhere, schema, _caps=self._caps)
            table = extractor._get_static_table_name(resource, None)
            try:
                extractor._compute_and_update_tables(resource, table, [], None)
            except DataValidationError as error:
                raise contract_error(error, resource.name, f"resource {resource.name}, its hints") from None
        # It reads what is propagated to nested tables once; dlt's own is made after the hints were entered.
        self._rules._reset()
        if table not in self._before:
            nested = get_nested_tables(self._real.tables, table)
            self._before |= {str(each["name"]): {*_complete(each)} for each in nested}
        return table

    def learn(self, table: str, rows: Sequence[Any]) -> None:
        """Let dlt's normaliser see rows. Raises `UnfitError` where it refuses them: it then will for good, later on."""
        try:
            self._normaliser._normalize_chunk(table, list(rows), may_have_pua=False, skip_write=True)
        except (DltException, ValueError, TypeError, RecursionError):
            raise UnfitError("dlt refuses rows of it") from None

    def judge_of(self, table: str) -> Judge:
        """What asks the contract of a root table; what it learns of rows is learnt here."""
        return Judge(table, self._schema, self.load_id, self._caps)

    def share(self, table: str) -> list[str]:
        """Bring the real schema up to date for a root table and those nested in it; their names."""
        family = get_nested_tables(self._schema.tables, table)
        for learnt in family:
            self._publish_table(learnt, self._real.tables.get(str(learnt["name"])))
        return [str(learnt["name"]) for learnt in family]

    def publish(self, table: str) -> dict[str, pa.Schema]:
        """Bring the real schema up to date for a root table and those nested in it.

        What a load file of each of them must then hold, so that dlt takes it as it is.
        """
        files = {}
        for name in self.share(table):
            columns = self._real.get_table_columns(name)
            files[name] = columns_to_arrow(columns, self._caps, get_context_timezone_name())
        return files

    def _publish_table(self, learnt: Any, held: Any) -> None:
        known, complete = {} if held is None else _complete(held), _complete(learnt)
        fresh = {name: column for name, column in complete.items() if name not in known}
        for name in known.keys() & complete.keys():  # `improve` makes doubles of columns that were published before
            held["columns"][name]["data_type"] = complete[name]["data_type"]
        if fresh or held is None:
            partial = copy.copy(learnt)
            partial["columns"] = copy.deepcopy(fresh)
            self._real.update_table(partial, normalize_identifiers=False)

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

    def names(self) -> Names:
        """Names of their own for the keys of one root table's rows."""
        return Names(self._schema.tables)

    def layout(self, table: str, keys: Keys, names: Names | None = None) -> Table:
        """Where everything of a root table's rows goes, by dlt's rules and with what was learnt so far.

        Raises `UnfitError` where two places have one column, for which `names` would help, or where rows bring
        ids of their own.
        """
        rules = self._rules
        level = rules._get_table_nesting_level(table, rules.max_nesting) or 0
        return Layout(self._schema, rules, self._types_of, names).table((table,), keys, level, root=True)

    def improve(self, layout: Table, keys: Keys, names: Names) -> None:
        """Make new columns of whole numbers that fractions came to doubles, and mark what is named otherwise.

        A column that was there before this extraction stays as it is. Raises `DataError` for a whole number that
        the double would round.
        """
        for table, leaf, seen in places(layout, keys):
            column = self._new_column(table, leaf.column)
            if column is None:
                continue
            if seen.is_double and column["data_type"] == "bigint":
                column["data_type"] = "double"
            elif seen.large and column["data_type"] == "double":
                raise rounded(table, leaf.column)
        for table, name, mark in names.marks():
            held: Any = self._schema.tables.get(table)
            if not name and table not in self._before and held is not None:
                held[MARK] = mark
            elif name and (column := self._new_column(table, name)) is not None:
                column[MARK] = mark

    def _new_column(self, table: str, name: str) -> Any:
        """A column that came to be in this extraction; None where there is none."""
        held: Any = self._schema.tables.get(table, {}).get("columns", {}).get(name)
        is_new = held is not None and is_complete_column(held) and name not in self._before.get(table, ())
        return held if is_new else None

    def _types_of(self, table: str) -> dict[str, str]:
        """The data types of a table's columns that can be read; one of another zone or precision cannot."""
        columns = self._schema.tables.get(table, {}).get("columns", {})
        complete = {name: column for name, column in columns.items() if is_complete_column(column)}
        arrow = columns_to_arrow(complete, self._caps, get_context_timezone_name())
        types = {name: str(column["data_type"]) for name, column in complete.items()}
        return {name: kind for name, kind in types.items() if READABLE.get(kind) == arrow.field(name).type}


def rounded(table: str, column: str) -> DataError:
    """What to say of a column in which a whole number would be rounded."""
    return DataError(
        f"table {table}, column {column}: fractions, and whole numbers beyond 2^53, which a double would round; "
        f"give it a type by columns: {{{column}: {{data_type: decimal}}}}, or set sync.tables: dlt"
    )


def _complete(table: Any) -> dict[str, Any]:
    """The columns whose type is known, in their order."""
    return {name: column for name, column in table["columns"].items() if is_complete_column(column)}
