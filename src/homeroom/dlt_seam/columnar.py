"""Whether a resource's rows may go to dlt as finished load files, and how such files get into a load package."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import dlt
from dlt.common.configuration.container import Container
from dlt.common.configuration.exceptions import ContextDefaultCannotBeCreated
from dlt.common.data_writers.writers import resolve_best_writer_spec
from dlt.common.destination.capabilities import DestinationCapabilitiesContext
from dlt.common.exceptions import DltException
from dlt.common.metrics import DataWriterMetrics
from dlt.common.normalizers.json.helpers import get_nested_row_hash, get_root_row_id_type, get_row_hash
from dlt.common.normalizers.json.relational import DataItemNormalizer
from dlt.common.normalizers.utils import DLT_ID_LENGTH_BYTES
from dlt.common.schema import Schema
from dlt.common.schema.typing import TTableSchema
from dlt.common.storages.load_package import LoadPackageStateInjectableContext, PackageStorage
from dlt.common.utils import uniq_id
from dlt.extract import DltResource, Incremental
from dlt.extract.extractors import ImportFileMeta
from dlt.extract.items import DataItemWithMeta

from homeroom.dlt_seam.contracts import evolves, has_plain_hints

PARQUET: Final = "parquet"
USUAL_ID_BYTES = 10
POOL = "dlt-pool-"
"""How the names of dlt's threads begin."""


class Package:
    """The load package that is being extracted."""

    def __init__(self, load_id: str, storage: PackageStorage) -> None:
        self.load_id = load_id
        self._storage = storage

    @property
    def folder(self) -> Path:
        """Where files may lie in the making; it goes where the package goes."""
        return Path(self._storage.storage.make_full_path(self._storage.get_package_path(self.load_id)))

    def nested_file(self, table: str, file: Path) -> None:
        """Put in a finished parquet file of a nested table, as dlt's normaliser takes it from there.

        dlt's own ways in are for root tables: what it asks of a file's table, the resource, no nested table has.
        """
        name = self._storage.build_job_file_name(table, uniq_id(5), loader_file_format=PARQUET)
        place = self._storage.get_job_file_path(self.load_id, PackageStorage.NEW_JOBS_FOLDER, name)
        file.rename(self._storage.storage.make_full_path(place))


def current_package() -> Package | None:
    """The package that rows yielded now will be in; None outside of an extraction.

    None too in threads of dlt's (`parallelize`): what a lane learns goes into the schema, which is not theirs.
    """
    if threading.current_thread().name.startswith(POOL):
        return None
    try:
        context = Container()[LoadPackageStateInjectableContext]
    except ContextDefaultCannotBeCreated:
        return None
    return Package(context.load_id, context.storage)


def root_file(file: Path, rows: int) -> Any:
    """What a resource yields in place of rows, that dlt links a parquet file of its root table into the package.

    The file may be removed when dlt asks for the next item.
    """
    metrics = DataWriterMetrics(str(file), rows, file.stat().st_size, 0, 0)
    # With an empty list of rows: dlt lets None pass for "nothing yet".
    return DataItemWithMeta(ImportFileMeta(str(file), metrics, PARQUET), [])


def fields_of_cursor(cursor: Incremental[Any]) -> tuple[str, ...] | None:
    """The keys of a row that an `Incremental` looks at; None where it needs the whole row, or may end the read."""
    transform = cursor._get_transform([])
    if cursor.row_order is not None or transform._compiled_cursor_path is not None:
        return None
    key = transform.primary_key
    names = [key] if isinstance(key, str) else key
    if not transform.boundary_deduplication:
        names = []
    elif not isinstance(names, list | tuple) or not names or not all(isinstance(name, str) for name in names):
        return None
    return tuple(dict.fromkeys([transform.cursor_path, *names]))


def obstacle(resource: DltResource, schema: Schema, cursor: Incremental[Any] | None = None) -> str | None:
    """Why a resource's rows must go to dlt as objects; None where nothing stands against columns.

    `cursor`: the `Incremental` that the rows will have been through. Of its rows and of its table's final hints
    nothing is known yet: see `table_obstacle`.
    """
    steps = resource._pipe.steps[1:]
    own = resource.incremental if cursor is not None else None
    if any(step is not own for step in steps):
        return "a step of Python comes after its pages"
    if cursor is not None and fields_of_cursor(cursor) is None:
        return "its incremental looks at more than plain keys"
    if depends_on_rows(resource):
        return "its hints depend on the row"
    if _feeds_others(resource):
        return "other resources are read for its rows"
    if _shares_table(resource, schema):
        return "other resources feed its table"
    if schema._compiled_excludes:
        return "the schema excludes columns"
    if DLT_ID_LENGTH_BYTES != USUAL_ID_BYTES:
        return "ids have a length of their own"
    return None


def depends_on_rows(resource: DltResource) -> bool:
    """Whether its table, or a hint of it, is a function of the row."""
    return bool(resource.has_dynamic_table_name or resource.has_other_dynamic_hints)


def _feeds_others(resource: DltResource) -> bool:
    for other in _siblings():
        pipe = other._pipe
        while other.selected and pipe.has_parent:
            pipe = pipe.parent
            if pipe.instance_id == resource._pipe.instance_id or pipe.name == resource._pipe.name:
                return True
    return False


def _shares_table(resource: DltResource, schema: Schema) -> bool:
    """Whether another resource writes to the same table, or to one that might be nested in it, or around it."""

    def table_of(each: DltResource) -> str:
        return str(schema.naming.normalize_tables_path(str(each.table_name)))

    own = table_of(resource)
    others = [table_of(o) for o in _siblings() if o.name != resource.name and not o.has_dynamic_table_name]
    return any(own == other or own.startswith(f"{other}__") or other.startswith(f"{own}__") for other in others)


def sharing_table(resource: DltResource, schema: Schema) -> list[DltResource]:
    """The resources that are read now and feed the same table, it among them, if that does not depend on the row."""
    own = schema.naming.normalize_tables_path(str(resource.table_name))
    others = [other for other in _siblings() if other.selected and has_plain_hints(other)]
    return [other for other in others if schema.naming.normalize_tables_path(str(other.table_name)) == own]


def _siblings() -> list[DltResource]:
    try:
        return list(dlt.current.source().resources.values())
    except DltException:
        return []


def may_evolve(schema: Schema, table: str) -> bool:
    """Whether new columns and tables come of its rows as dlt's usual rules have it."""
    known = table in schema.tables  # else its contract has kept it out
    return known and evolves(schema, table) and isinstance(schema.data_item_normalizer, DataItemNormalizer)


def table_obstacle(schema: Schema, table: str) -> str | None:
    """Why a table's rows must go to dlt as objects, by its hints as they stand in the schema."""
    if not may_evolve(schema, table):
        return "its schema contract, or a normaliser of its own, does not let it evolve"
    held = schema.tables[table]
    if held.get("table_format") not in (None, "native"):
        return "its table format is not the destination's own"
    if get_root_row_id_type(schema, table) == "row_hash":
        return "scd2 tells rows apart by a hash of the whole"
    return _format_obstacle(held)


def _format_obstacle(table: TTableSchema) -> str | None:
    caps: DestinationCapabilitiesContext = Container()[DestinationCapabilitiesContext]
    preferred = caps.preferred_loader_file_format
    supported: Sequence[Any] = caps.supported_loader_file_formats or ()
    if caps.loader_file_format_selector is not None:  # PostgreSQL takes parquet where ADBC is installed
        preferred, supported = caps.loader_file_format_selector(preferred, supported, table_schema=table)
    if PARQUET not in supported:
        return "its destination takes no parquet"
    if caps.timestamp_precision != 6 or not caps.supports_tz_aware_datetime or not caps.supports_naive_datetime:
        return "its destination has timestamps of another kind"
    wanted: Any = table.get("file_format")
    if wanted not in (None, "preferred"):
        preferred = wanted
    elif _is_database():
        # What dlt would turn Arrow into. For PostgreSQL that is csv, in which an empty text becomes a null.
        preferred = resolve_best_writer_spec("arrow", supported, preferred).file_format
    return None if preferred == PARQUET else f"its load files are {preferred}"


def _is_database() -> bool:
    """Whether load files are only the way to the tables; in a folder they are the tables."""
    try:
        destination: Any = dlt.current.pipeline().destination
    except DltException:
        return False
    kind = str(getattr(destination, "destination_type", "")).rpartition(".")[2]
    return bool(kind) and kind not in ("filesystem", "destination", "dummy", "athena", "lance", "lancedb")


def hash_key(names: Sequence[str], values: Sequence[Sequence[Any]]) -> list[str]:
    """The ids of root rows by dlt's rule for `upsert` and its kin: a hash of the key."""
    subset = list(names)
    return [get_row_hash(dict(zip(names, row, strict=True)), subset=subset) for row in values]


def hash_nested(parents: Sequence[str], table: str, index: Sequence[int]) -> list[str]:
    """The ids of nested rows by dlt's rule: a hash of the parent's id, the table and the place in the list."""
    return [get_nested_row_hash(parent, table, place) for parent, place in zip(parents, index, strict=True)]
