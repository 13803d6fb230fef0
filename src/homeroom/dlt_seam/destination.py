"""Making dlt's destinations from names and URLs, and asking what they can do."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import dlt
from dlt.common.configuration.specs.pluggable_run_context import RunContextBase
from dlt.common.destination import Destination
from dlt.common.destination.client import WithStateSync
from dlt.common.destination.exceptions import DestinationException
from dlt.destinations.job_client_impl import SqlJobClientBase
from dlt.destinations.sql_client import WithSqlClient
from dlt.pipeline.pipeline import Pipeline

_SETTINGS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    # csv after parquet: dlt writes Arrow as the first that fits, and in csv an empty text becomes a null.
    {"postgres": {"supported_loader_file_formats": ["insert_values", "parquet", "csv", "model"]}}
)
"""What dlt's destinations are told by us."""


def destination_names() -> tuple[str, ...]:
    """The destinations that dlt ships."""
    return tuple(sorted(set(dlt.destinations.__all__) - {"destination", "dummy"}))


def make_destination(kind: str, credentials: str | None) -> Any:
    """dlt's destination of that name; credentials None are looked up in dlt's configuration when needed.

    Raises ValueError where dlt has no such destination, or a package for it is not installed.
    """
    if kind not in destination_names() and "." not in kind:
        raise ValueError("dlt has no such destination")
    bear_any_run_folder()
    try:
        arguments: dict[str, Any] = {} if credentials is None else {"credentials": credentials}
        destination: Any = Destination.from_reference(kind, **arguments, **_SETTINGS.get(kind, {}))
        _ = destination.client_class  # imports the driver
        return destination
    except (DestinationException, ImportError) as error:
        raise ValueError(str(error)) from error


def bear_any_run_folder() -> None:
    """Let dlt run in a folder that is named like a module built into Python, such as `gc` or `time`.

    dlt imports the module that the folder might be, and asks what it finds for its file, which these have not.
    """
    found = RunContextBase.import_run_dir_module
    if getattr(found, "of_homeroom", False):
        return

    def import_run_dir_module(run_dir: str) -> Any:
        try:
            return found(run_dir)
        except AttributeError as error:
            raise ImportError(f"the run folder has the name of a module of Python: {error}") from None

    import_run_dir_module.of_homeroom = True  # type: ignore[attr-defined]
    RunContextBase.import_run_dir_module = staticmethod(import_run_dir_module)  # type: ignore[method-assign]


def duckdb_file(pipeline: Pipeline) -> str:
    """The path of the DuckDB file that it loads into."""
    config: Any = pipeline.destination_client().config
    return str(config.credentials.database)


def schema_name(pipeline: Pipeline) -> str | None:
    """The dataset's name by the naming of the pipeline's schema; None where the destination has no datasets."""
    config: Any = pipeline.destination_client().config
    if not hasattr(config, "normalize_dataset_name"):
        return None
    return config.normalize_dataset_name(pipeline.default_schema) or None


def speaks_sql(pipeline: Pipeline) -> bool:
    """Whether tables can be made and asked in SQL there (a bucket of files cannot)."""
    return issubclass(_client_class(pipeline), WithSqlClient)


def keeps_tables(pipeline: Pipeline) -> bool:
    """Whether it has tables that could lose rows; a function of the user's (`dlt.destination`) is only given rows."""
    return issubclass(_client_class(pipeline), WithStateSync)


def takes_tables(pipeline: Pipeline) -> bool:
    """Whether tables can be made and filled there by SQL; files in a folder can only be asked in SQL."""
    return issubclass(_client_class(pipeline), SqlJobClientBase)


def bears_tables(destination: Any) -> bool:
    """The same of a destination that no pipeline has yet."""
    return issubclass(destination.client_class, SqlJobClientBase)


def _client_class(pipeline: Pipeline) -> type:
    """By the class alone: a client of its own costs 25 ms of looking its settings up, and a job asks often."""
    return pipeline.destination.client_class if pipeline.destination else type(None)


def stages_replace(destination: Any) -> bool:
    """Whether it can fill a table beside the old one and then change them over in one transaction."""
    try:
        caps = destination._raw_capabilities()
    except AttributeError:
        return False  # sqlalchemy's depend on the database behind its URL
    # With a selector it depends on the table.
    return caps.replace_strategies_selector is None and "insert-from-staging" in (
        caps.supported_replace_strategies or ()
    )
