"""Making dlt's destinations from names and URLs, and asking what they can do."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import dlt
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
    try:
        arguments: dict[str, Any] = {} if credentials is None else {"credentials": credentials}
        destination: Any = Destination.from_reference(kind, **arguments, **_SETTINGS.get(kind, {}))
        _ = destination.client_class  # imports the driver
        return destination
    except (DestinationException, ImportError) as error:
        raise ValueError(str(error)) from error


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
