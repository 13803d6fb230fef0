"""Schema contracts, asked of dlt's own normaliser row by row, before the load in which it would act in silence.

dlt drops rows and values in its normaliser and says nothing; under `freeze` it raises there, and leaves a package.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from dlt.common.data_types import py_type_to_sc_type
from dlt.common.exceptions import DltException
from dlt.common.json import json
from dlt.common.schema import Schema
from dlt.common.schema.exceptions import DataValidationError
from dlt.common.schema.utils import get_nested_tables
from dlt.extract import DltResource
from dlt.extract.items import DataItemWithMeta
from dlt.extract.items_transform import ValidateItem
from dlt.extract.state import get_current_pipe
from dlt.normalize.items_normalizers.jsonl import JsonLItemsNormalizer

from homeroom.errors import ContractError
from homeroom.layout import UnfitError

EVOLVE = {"tables": "evolve", "columns": "evolve", "data_type": "evolve"}
VARIANT = "__v_"


def evolves(schema: Schema, table: str) -> bool:
    """Whether new columns, types and tables come of a root table's rows, and of those nested in it, as they come."""
    if table not in schema.tables:
        return schema.resolve_contract_settings_for_table(table) == EVOLVE
    family = get_nested_tables(schema.tables, table)
    return all(schema.resolve_contract_settings_for_table(str(each["name"])) == EVOLVE for each in family)


def has_plain_hints(resource: DltResource) -> bool:
    """Whether what a resource says of its table is known before its rows. A model of pydantic's is plain."""
    if resource.has_dynamic_table_name:
        return False
    try:
        resource.compute_table_schema()
    except DltException:
        return False
    return True


def is_contracted(resource: DltResource, schema: Schema) -> bool:
    """Whether a contract may hold for a resource with plain hints: by these, the source's settings, or older runs."""
    own: Any = resource.compute_table_schema()
    nested: Any = (resource._hints or {}).get("nested_hints") or {}
    hinted = [own.get("schema_contract"), *(each.get("schema_contract") for each in nested.values())]
    if any(contract is not None and Schema.expand_schema_contract_settings(contract) != EVOLVE for contract in hinted):
        return True
    return not evolves(schema, schema.naming.normalize_tables_path(str(own["name"])))


def contract_error(error: DataValidationError, resource: str | None, where: str) -> ContractError:
    """dlt's error in our words: which table and column, what came by its type, never by its value."""
    table, column, entity = error.table_name, error.column_name, error.schema_entity
    what = f"table {table} is new, and new tables are frozen"
    if entity == "columns":
        what = f"column {column} of table {table} is new, and its columns are frozen{_came(error)}"
    elif entity == "data_type":
        base, variant, _ = str(column).partition(VARIANT)
        what = f"column {base} of table {table} is {_held(error, base)}, and its types are frozen{_came(error)}"
        if not variant:
            what = f"another type or nullability is given to column {base} of table {table}, and its types are frozen"
    allow = f"allow it with schema_contract: {{{entity}: evolve}}, or keep such rows apart with discard_row"
    words = f"{where}: {what}; {allow}; nothing was loaded"
    return ContractError(words, resource=resource)


def _held(error: DataValidationError, column: str) -> str:
    columns = (error.table_schema or {}).get("columns", {}) if hasattr(error.table_schema, "get") else {}
    return str(columns.get(column, {}).get("data_type") or "of another type")


def _came(error: DataValidationError) -> str:
    row = error.data_item
    if not isinstance(row, Mapping) or error.column_name not in row:
        return ""
    return f"; {kind_of(row[error.column_name])} came"


def kind_of(value: Any) -> str:
    """dlt's data type of a value."""
    try:
        return "null" if value is None else str(py_type_to_sc_type(type(value)))
    except TypeError:
        return "something"


def page_of(rows: list[Any], page: Any) -> Any:
    """Rows on their way through the steps of a resource, with the page that they came on."""
    return DataItemWithMeta(page, rows)


def end_with(step: Any) -> None:
    """Let what dlt pulls just now end with one more step, behind all others, in this extraction alone.

    It is called with rows and the page that they came on. Behind the incremental, which would count rows that are
    taken out, and behind the fork to children, which get them as in dlt.
    """
    pipe: Any = get_current_pipe()
    steps = pipe._steps
    if step not in steps:
        steps.append(step)


class FrozenError(Exception):
    """A row breaks a frozen contract; `told` says so in our words."""

    def __init__(self, error: DataValidationError) -> None:
        super().__init__()
        self._error = error

    def told(self, resource: str, where: str) -> ContractError:
        """The error to raise; `where` is the place of the row."""
        return contract_error(self._error, resource, where)


def replace_validator(watched: Callable[[Any], Any]) -> None:
    """Put another step in the place of the one that checks rows by a model, in this extraction alone."""
    pipe: Any = get_current_pipe()
    pipe._steps[:] = [watched(step) if isinstance(step, ValidateItem) else step for step in pipe._steps]


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that may not be stored: of which table, why, and for which column (None: for its table).

    `row` holds its columns, without those of dlt's own; rows nested in it are refused with it.
    """

    table: str
    column: str | None
    reason: str
    row: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a contract says of one row and those nested in it. `dropped` are the columns whose values are left out."""

    refused: tuple[Refused, ...]
    dropped: tuple[str, ...]
    is_new: bool
    """Whether the row has brought columns or tables."""


class Judge:
    """The contract of one root table and those nested in it, in one extraction.

    `schema` is a copy of the one that is extracted into, ahead of it by the rows that were judged.
    """

    def __init__(self, table: str, schema: Schema, load_id: str, capabilities: Any) -> None:
        self.table = table
        self._schema: Any = schema
        self.contract = schema.resolve_contract_settings_for_table(table)
        self.lets_none = table not in schema.tables  # dlt's extractor has refused the table already
        nowhere: Any = None
        storage: Any = SimpleNamespace(write_data_item=self._write)
        config: Any = SimpleNamespace(destination_capabilities=capabilities)
        self._normaliser = _Normaliser(storage, nowhere, nowhere, schema, load_id, config)
        self._refused: list[Refused] = []
        self._dropped: list[str] = []
        self._written = False

    @property
    def required(self) -> tuple[str, ...]:
        """The columns of the root table that may not be null, without dlt's own.

        Not all that `columns:` declares so: a contract may keep a column of the table nullable.
        """
        table = self._schema.tables.get(self.table, {"columns": {}})
        names = (name for name, column in table["columns"].items() if not column.get("nullable", True))
        return tuple(name for name in names if not name.startswith(self._own))

    def judge(self, row: Any) -> Judgement:
        """What becomes of a row. Raises `FrozenError` under `freeze`, `UnfitError` where dlt refuses it for good."""
        self._refused, self._dropped = [], []
        normalise = self._schema.normalize_data_item
        self._schema.normalize_data_item = lambda *given: self._watched(normalise(*given))
        try:
            item = json.typed_loads(json.typed_dumps(row))  # as it would come out of the package, whatever steps made
            update = self._normaliser._normalize_chunk(self.table, [item], may_have_pua=False, skip_write=False)
        except DataValidationError as error:
            raise FrozenError(error) from None
        except (DltException, ValueError, TypeError, RecursionError):
            raise UnfitError("dlt refuses rows of it") from None
        finally:
            del self._schema.normalize_data_item
        return Judgement(tuple(self._refused), tuple(self._dropped), bool(update))

    def _watched(self, rows: Any) -> Generator[Any, Any, None]:
        """dlt's rows of one row, each looked at again when dlt has decided on it."""
        descend: Any = None
        while True:
            try:
                info = rows.send(descend)
            except StopIteration:
                return
            (table, _, _), row = info
            raw = dict(row)
            self._written, self._normaliser.coerced = False, {}
            descend = yield info
            self._decided(table, raw, self._normaliser.coerced)

    def _decided(self, table: str, raw: dict[str, Any], coerced: Mapping[str, Any]) -> None:
        """dlt has decided on a row: `raw` as it came, `coerced` with its values as they would be stored."""
        filtered = self._normaliser._filtered_tables_columns.get(table) or {}
        came = {name: value for name, value in raw.items() if value is not None}
        names = [*came, *(name for name in coerced if name not in came)]
        if not self._written:
            # A null is refused too where a value was before: dlt looks at the keys of later rows alone.
            column = next((name for name in [*names, *raw] if filtered.get(name) == "discard_row"), None)
            shown = {name: value for name, value in raw.items() if not name.startswith(self._own)}
            self._refused.append(Refused(table, column, self._reason(table, column, raw, coerced), shown))
            return
        self._dropped += [name.partition(VARIANT)[0] for name in names if filtered.get(name) == "discard_value"]

    def _reason(self, table: str, column: str | None, raw: Mapping[str, Any], coerced: Mapping[str, Any]) -> str:
        if column is None:
            return f"table {table} is new"
        where = "" if table == self.table else f" of table {table}"
        if column in raw:
            return f"column {column}{where} is new"
        base = column.rpartition(VARIANT)[0]
        held = self._schema.tables[table]["columns"].get(base, {}).get("data_type")
        return f"column {base}{where} is {held}, {kind_of(coerced.get(column))} came"

    @property
    def _own(self) -> str:
        return str(self._schema._dlt_tables_prefix)

    def _write(self, *_: Any) -> None:
        self._written = True


class _Normaliser(JsonLItemsNormalizer):
    """dlt's, which shows a row as it would be stored."""

    coerced: Mapping[str, Any]

    def _coerce_row(self, table_name: str, parent_table: str, row: Any) -> Any:
        found = super()._coerce_row(table_name, parent_table, row)
        self.coerced = dict(found[0])
        return found
