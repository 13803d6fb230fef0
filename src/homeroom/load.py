"""Load: dlt's pipeline, and our acts around it.

The order of a run is leftovers, extract, withhold, normalise, load, ledger: rows first, what is said of them
last, so that a row of the ledger never says more than the tables hold.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from homeroom import addresses
from homeroom.dlt_seam.failing import errors_of_dlt as _errors_of_dlt
from homeroom.dlt_seam.failing import first_line as _first_line
from homeroom.errors import ConfigError, HomeroomError, InterruptError, Problem
from homeroom.folders import private_folder
from homeroom.rejects import TABLE as REJECTS
from homeroom.rejects import Reject
from homeroom.values import Report, ResourceReport

if TYPE_CHECKING:
    from dlt import Pipeline, Schema
    from dlt.extract import DltSource

SCHEMES: Mapping[str, str] = MappingProxyType(
    {
        "duckdb": "duckdb",
        "md": "motherduck",
        "motherduck": "motherduck",
        "postgres": "postgres",
        "postgresql": "postgres",
        "redshift": "redshift",
        "snowflake": "snowflake",
        "mssql": "mssql",
        "synapse": "synapse",
        "clickhouse": "clickhouse",
        "databricks": "databricks",
        "sqlite": "sqlalchemy",
        "mysql": "sqlalchemy",
        **dict.fromkeys(("file", "s3", "gs", "az", "abfss"), "filesystem"),
    }
)
"""URL scheme to the dlt destination that takes the URL, as its credentials or as its bucket."""

Answer = TypeVar("Answer")

_DUCK = ("duckdb", "motherduck")

_FILES = {"duckdb": "duckdb", "sqlite": "db", "file": "parquet"}
"""Schemes of what lies on this machine, with a usual ending."""

_REFERENCE = re.compile(r"[\w.-]+")
"""A dlt destination, shipped or of the user's own (`my_module.my_destination`)."""

RUN_COLUMNS: Mapping[str, tuple[str, bool]] = MappingProxyType(
    {
        "run_id": ("text", False),
        "name": ("text", False),
        "started_at": ("timestamp", True),
        "finished_at": ("timestamp", True),
        "status": ("text", False),
        "config_hash": ("text", False),
        "version": ("text", False),
    }
)

_TYPES = {"int": "bigint", "float": "double", "str": "text", "datetime": "timestamp", "Status": "text", "Proof": "text"}

RESOURCE_COLUMNS: Mapping[str, tuple[str, bool]] = MappingProxyType(
    {
        "run_id": ("text", False),
        # Any column may be null: a later version's is added to a table that holds rows.
        **{
            f.name: (_TYPES[str(f.type).split(" | ")[0]], f.name != "resource")
            for f in fields(ResourceReport)
            if f.name != "code"  # it stands in the note
        },
    }
)


REJECT_COLUMNS: Mapping[str, tuple[str, bool]] = MappingProxyType(
    {
        "run_id": ("text", False),
        "resource": ("text", False),
        "page": ("bigint", True),
        "row_number": ("bigint", True),
        "column_name": ("text", True),
        "reason": ("text", True),
        "row": ("text", True),
    }
)
"""In the order of `Reject`."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where rows go. `destination` is dlt's object; `shown` names it without its password."""

    destination: Any
    kind: str
    shown: str
    dataset: str


def choose_target(
    reference: str | None, dataset: str | None, name: str, *, at: tuple[str, str] = ("destination", "dataset")
) -> Target:
    """The destination of a URL or of a dlt destination's name.

    The dataset is `name` where none is given, and `<name>_data` where that is the DuckDB file's stem. `at` is
    where the two came from, for messages. Raises `ConfigError` for an unknown destination, and for a DuckDB
    file named like its dataset.
    """
    if not reference:
        hint = "set destination: duckdb:///NAME.duckdb, or pass --to duckdb:///NAME.duckdb"
        raise ConfigError([Problem(at[0], "no destination is given", hint=hint, code="wrong-destination")])
    shown = addresses.shown(reference, at[0])
    kind, credentials = _split(reference, shown, at[0])
    _check_file(reference, shown, at[0])
    # Without a path dlt names the file after the pipeline.
    stem = (Path(urlsplit(credentials or "").path).stem or name).lower() if kind == "duckdb" else None
    if dataset is not None and dataset.lower() == stem:
        # DuckDB takes catalog and schema of one name for each other: "Ambiguous reference", in dlt's merge too.
        message = f"the dataset may not be named like the DuckDB file ({shown})"
        hint = f"name it {dataset}_data, or rename the file"
        raise ConfigError([Problem(at[1], message, repr(dataset), hint=hint, code="wrong-destination")])
    return Target(
        destination=_destination(kind, credentials, shown, at[0]),
        kind=kind,
        shown=shown,
        dataset=dataset or (f"{name}_data" if name.lower() == stem else name),
    )


def _split(reference: str, shown: str, at: str) -> tuple[str, str | None]:
    """dlt's name of the destination, and its credentials where the reference is a URL."""
    scheme, found, _ = reference.partition("://")
    if not found and not _REFERENCE.fullmatch(reference):
        # dlt would take it for a module and quote it whole, a password in it too.
        hint = "a URL has :// after its first word, as in postgres://…"
        why = "is neither a URL nor a destination's name"
        raise ConfigError([Problem(at, why, repr(shown), hint=hint, code="wrong-destination")])
    if not found:
        return reference, None
    kind = SCHEMES.get(scheme.split("+")[0])
    if kind is None:
        allowed = ", ".join(f"{known}://" for known in SCHEMES) + ", or the name of a dlt destination"
        why, near = "no destination takes this kind of URL", _nearest(scheme, SCHEMES)
        raise ConfigError([Problem(at, why, repr(shown), allowed, near, code="wrong-destination")])
    return kind, addresses.native(kind, reference, shown, at)


def _check_file(reference: str, shown: str, at: str) -> None:
    """Refuse URLs of files in which a slash is missing: dlt leaves out what stands in the place of the host."""
    scheme, _, path = reference.partition("://")
    if scheme.split("+")[0] not in _FILES:
        return
    if path.strip("/").startswith(":memory:"):
        hint = "what is in memory is gone when the run ends: name a file"
        allowed = f"{scheme}:///NAME.{_FILES[scheme]}"
        raise ConfigError(
            [Problem(at, "is a database in memory", repr(shown), allowed, hint, code="wrong-destination")]
        )
    if path and not path.startswith("/"):
        said = shown.partition("://")[2]
        why, hint = "lacks a slash before the file", f"write {scheme}:///{said}"
        raise ConfigError([Problem(at, why, repr(shown), hint=hint, code="wrong-destination")])


def _destination(kind: str, credentials: str | None, shown: str, at: str) -> Any:
    from homeroom.dlt_seam.destination import MissingDriverError, destination_names, make_destination

    try:
        return make_destination(kind, credentials)
    except MissingDriverError as error:
        raise ConfigError([Problem(at, str(error), repr(shown), hint=error.hint, code="wrong-environment")]) from None
    except ValueError as error:
        allowed = f"{', '.join(destination_names())}, or a URL such as duckdb:///campus.duckdb"
        hint = _nearest(kind, destination_names())
        raise ConfigError(
            [Problem(at, _first_line(error), repr(shown), allowed, hint, code="wrong-destination")]
        ) from None


def _nearest(word: str, known: Collection[str]) -> str | None:
    from homeroom.dlt_seam.validation import nearest

    return nearest(word, known)


def our_settings(target: Target) -> AbstractContextManager[None]:
    """Our defaults for dlt while a run lasts; what the user has set stays as it is."""
    from homeroom.dlt_seam import destination, runtime

    return runtime.our_settings(staged_replace=destination.stages_replace(target.destination))


def bears_tables(target: Target) -> bool:
    """Whether tables and views can be made there by SQL; files in a folder can only be asked in SQL."""
    from homeroom.dlt_seam.destination import bears_tables

    return bears_tables(target.destination)


def signal_received() -> int:
    """The signal after which dlt lets its jobs end, 0 before there is one."""
    from homeroom.dlt_seam import runtime

    return runtime.signal_received()


def open_pipeline(target: Target, name: str, home: Path, *, room: str = "pipelines") -> Pipeline:
    """The pipeline of one config and one target; its working folder, in `room`, is apart from any other's."""
    import dlt

    folder = home / room / target_id(target)
    for private in (home, folder.parent, folder):  # with `parents` the mode would be the last one's alone
        private_folder(private)
    destination, dataset = target.destination, target.dataset
    with _errors_of_dlt("begin", folder=str(folder)):
        return dlt.pipeline(name, destination=destination, dataset_name=dataset, pipelines_dir=str(folder))


def unnamed_file(pipeline: Pipeline, target: Target) -> str | None:
    """The DuckDB file where the target does not name it, but dlt's configuration, or dlt itself after the config."""
    from homeroom.dlt_seam.destination import duckdb_file

    has_path = urlsplit(target.shown).path.strip("/") and "://" in target.shown
    return duckdb_file(pipeline) if target.kind == "duckdb" and not has_path else None


def lacks_file(pipeline: Pipeline, target: Target) -> bool:
    """Whether the target is a DuckDB file that is not there: asking it anything would make one."""
    from homeroom.dlt_seam.destination import duckdb_file

    return target.kind == "duckdb" and not Path(duckdb_file(pipeline)).exists()


def own_schema(pipeline: Pipeline, target: Target) -> str | None:
    """The dataset's name as the destination has it, once something was extracted; None where it is the target's."""
    from homeroom.dlt_seam.destination import schema_name

    name = schema_name(pipeline)
    return None if name == target.dataset else name


def target_id(target: Target) -> str:
    """A short name for a destination and dataset, the same in every run from the same folder."""
    where = target.shown
    if target.kind == "duckdb" and "://" in where:
        where = str(Path(where.partition("://")[2].removeprefix("/")).absolute())
    return hashlib.sha256(f"{where}\n{target.dataset}".encode()).hexdigest()[:12]


def clear_leftovers(pipeline: Pipeline) -> int:
    """Bring pipeline and destination to the state of the last committed load; how many packages were dropped.

    Rows that a killed load had already appended are removed. Raises `LoadError` if the destination
    cannot be reached; then nothing has changed.
    """
    from homeroom.dlt_seam import packages

    hint = "check its address, its credentials, and who has it open"
    with _errors_of_dlt("reach the destination", hint=hint, folder=pipeline.working_dir):
        packages.remove_forgotten(pipeline)
        pending = packages.pending_load_ids(pipeline)
        packages.remove_appended(pipeline, pending)
        if pending:
            packages.forget_pending(pipeline)
        else:
            pipeline.sync_destination()
    return len(pending)


def remove_loads(pipeline: Pipeline, load_ids: Collection[str], tables: Collection[str]) -> None:
    """Delete what these loads have appended to root tables and their children."""
    from homeroom.dlt_seam import packages

    with _errors_of_dlt("remove what an earlier load has appended"):
        packages.remove_loads(pipeline, load_ids, tables)


def restore(pipeline: Pipeline) -> None:
    """Bring a pipeline whose working folder is empty to the state that the destination holds. Raises `LoadError`."""
    with _errors_of_dlt("reach the destination", hint="check its address, its credentials, and who has it open"):
        pipeline.sync_destination()


def was_committed(pipeline: Pipeline, load_id: str) -> bool:
    """Whether the destination holds this load whole. Ask after `clear_leftovers`."""
    from homeroom.dlt_seam import packages

    with _errors_of_dlt("reach the destination", hint="check its address, its credentials, and who has it open"):
        return packages.was_committed(pipeline, load_id)


def extract(pipeline: Pipeline, source: DltSource, target: Target, anew: Collection[str] = ()) -> str:
    """Read the source into a package that is not loaded yet; its load id. The load makes the tables of `anew` anew.

    Raises what the source raised, as it was raised; then no package is left.
    """
    from homeroom.dlt_seam.anew import REFRESH, only_these
    from homeroom.dlt_seam.extraction import has_format

    if target.kind in _DUCK:
        # dlt's choice for DuckDB, insert_values, loads 1,000 rows a second; parquet thirty times as many.
        for resource in source.resources.values():
            if not has_format(resource):
                resource.apply_hints(file_format="parquet")
    try:
        with _errors_of_dlt("read", folder=pipeline.working_dir):
            if not anew:
                return str(pipeline.extract(source).loads_ids[-1])
            with only_these(anew):
                return str(pipeline.extract(source, refresh=REFRESH).loads_ids[-1])
    except BaseException:
        # dlt leaves what it had read lying in its working folder, for ever. On a full disk the next run drops it.
        with suppress(OSError):
            pipeline.drop()
        raise


def sharing(pipeline: Pipeline, resources: Collection[str], named: Mapping[str, str]) -> set[str]:
    """`resources` and all that feed a table with one of them: an extracted package has one file for each table.

    `named` is the table of every resource by its own hint; what dlt's schema holds knows one resource of a table.
    """
    fed = _fed(pipeline, named)
    tables = set().union(*(fed[resource] for resource in resources))
    return {resource for resource, own in fed.items() if own & tables} | set(resources)


def withhold(
    pipeline: Pipeline, load_id: str, resources: Collection[str], named: Mapping[str, str], before: Schema
) -> None:
    """Take resources out of the extracted package; ask `sharing` first for those that go with them.

    What was learnt of tables that are not in it is forgotten: `before` is the schema as the last load has left it.
    """
    from homeroom.dlt_seam import packages

    if resources:
        fed = _fed(pipeline, named)
        packages.withhold(pipeline, load_id, set().union(*(fed[resource] for resource in resources)))
    packages.unlearn(pipeline, load_id, before)


def _fed(pipeline: Pipeline, named: Mapping[str, str]) -> dict[str, set[str]]:
    from homeroom.dlt_seam import packages

    found = packages.tables_by_resource(pipeline.default_schema)
    return {name: {*found.get(name, ()), table} for name, table in named.items()}


def keep_last(pipeline: Pipeline, load_id: str, report: Report) -> None:
    """Where a key came twice, let the last row of it be the one that a merge finds; see to it before `load`."""
    from homeroom.dlt_seam.repeats import keep_last

    lines = report.resources.values()
    if repeated := {line.table_name for line in lines if (line.rows_distinct or 0) < line.rows_received}:
        keep_last(pipeline, load_id, repeated)


def without_repeats(report: Report) -> set[str]:
    """The root tables that one resource feeds, and that with it no key comes twice.

    Where all pages went as columns: among objects `1` and `"1"` are two keys, and one in the table.
    """
    tables = Counter(line.table_name for line in report.resources.values())
    return {
        line.table_name
        for line in report.resources.values()
        if 0 < line.rows_received == line.rows_distinct and not line.pages_object and tables[line.table_name] == 1
    }


def load(pipeline: Pipeline, distinct: Collection[str] = ()) -> None:
    """Normalise and load the extracted package. `distinct` are root tables that get no key twice.

    Raises `LoadError`, `DiskError` or `InterruptError`: tables that were committed before the failure keep this
    run's rows, except appended ones, which are taken out again, at the latest by the next run; so is the package.
    """
    from homeroom.dlt_seam import packages
    from homeroom.dlt_seam.first_load import append_first
    from homeroom.dlt_seam.open_merges import settle

    try:
        hint = "change the table or the config so that they fit, then sync again; --no-resume reads afresh"
        with _errors_of_dlt("load", of_rows=True, hint=hint, folder=pipeline.working_dir):
            pipeline.normalize()
            append_first(pipeline, distinct)
            settle(pipeline)
            pipeline.load()
    except HomeroomError as error:
        error.landed = packages.landed_in_part(pipeline)
        if not (isinstance(error, InterruptError) and error.at_once):  # else its jobs may still be at work
            _clear_after(error, pipeline)
        raise


def _clear_after(error: HomeroomError, pipeline: Pipeline) -> None:
    """Clear up after a failed load. Where that fails too, the first error is the one to tell."""
    try:
        clear_leftovers(pipeline)
    except (HomeroomError, OSError):
        error.args = (f"{error}; what it had appended so far is taken out by the next run",)


def drop_package(pipeline: Pipeline) -> None:
    """Forget an extracted package of which nothing shall land; state goes back with it."""
    clear_leftovers(pipeline)


def count_rows(pipeline: Pipeline, tables: Collection[str]) -> dict[str, int]:
    """How many rows each table holds now; empty where the destination cannot be asked in SQL."""
    from homeroom.dlt_seam import tables as seam
    from homeroom.dlt_seam.destination import speaks_sql

    with _errors_of_dlt("count rows"):
        return seam.count_rows(pipeline, sorted(tables)) if speaks_sql(pipeline) else {}


def ask(question: Callable[[], Answer]) -> Answer:
    """What a question to the tables comes to. Raises `LoadError` where they cannot be asked."""
    with _errors_of_dlt("ask the tables", hint="check who has the database open"):
        return question()


def write_ledger(pipeline: Pipeline, report: Report, rejects: Sequence[Reject] = ()) -> bool:
    """Write the run's rows of `_homeroom_runs` and `_homeroom_resources`, and its rejected rows, all or none.

    In files the row of `_homeroom_runs` comes last. False, and nothing written, where the destination takes neither.
    """
    from homeroom.dlt_seam import tables as seam
    from homeroom.dlt_seam.destination import takes_files, takes_tables

    run = tuple(_plain(getattr(report, column)) for column in RUN_COLUMNS)
    _, *columns = RESOURCE_COLUMNS
    lines = [
        (report.run_id, *(_plain(getattr(line, column)) for column in columns)) for line in report.resources.values()
    ]
    with _errors_of_dlt("write the ledger"):
        tables = {"_homeroom_runs": RUN_COLUMNS, "_homeroom_resources": RESOURCE_COLUMNS}
        rows: dict[str, list[tuple[Any, ...]]] = {"_homeroom_runs": [run], "_homeroom_resources": lines}
        if rejects:
            tables[REJECTS] = REJECT_COLUMNS
            rows[REJECTS] = [(report.run_id, *astuple(reject)) for reject in rejects]
        if takes_tables(pipeline):
            seam.write_rows(pipeline, tables, rows)
        elif takes_files(pipeline):
            from homeroom.dlt_seam.file_ledger import write_files

            write_files(pipeline, tables, rows, report.run_id)
        else:
            return False
    return True


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, str) else value
