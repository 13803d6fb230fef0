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
from dlt.destinations.fs_client import FSClientBase
from dlt.destinations.job_client_impl import SqlJobClientBase
from dlt.destinations.sql_client import WithSqlClient
from dlt.pipeline.pipeline import Pipeline

_SETTINGS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    # csv after parquet: dlt writes Arrow as the first that fits, and in csv an empty text becomes a null.
    {"postgres": {"supported_loader_file_formats": ["insert_values", "parquet", "csv", "model"]}}
)
"""What dlt's destinations are told by us."""


_EXTRAS: Mapping[str, str] = MappingProxyType(dict.fromkeys(("postgres", "redshift"), "'homeroom[postgres]'"))
"""Extras of ours that bring what a destination needs; for the others there are dlt's."""

_BUCKETS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {"s3": ("s3fs", "s3"), "gs": ("gcsfs", "gs"), "az": ("adlfs", "az"), "abfss": ("adlfs", "az")}
)
"""The package that reads and writes a kind of bucket, and dlt's extra that brings it."""

_DISTRIBUTIONS: Mapping[str, str] = MappingProxyType({"MySQLdb": "mysqlclient"})
"""Modules that are not named like the package that brings them."""


def destination_names() -> tuple[str, ...]:
    """The destinations that dlt ships."""
    return tuple(sorted(set(dlt.destinations.__all__) - {"destination", "dummy"}))


class MissingDriverError(ValueError):
    """A package that the destination needs is not installed, or not as it is needed; `hint` says how to install it."""

    def __init__(self, why: str, hint: str) -> None:
        super().__init__(why)
        self.hint = hint


def _not_installed(kind: str, package: str) -> MissingDriverError:
    return MissingDriverError(
        f"the Python package {package} is not installed", f"pip install {_installed_by(kind, package)}"
    )


def _installed_by(kind: str, package: str) -> str:
    """What brings a package; SQLAlchemy's drivers are in no extra."""
    if kind == "sqlalchemy" and package not in ("sqlalchemy", "alembic"):
        return _DISTRIBUTIONS.get(package, package)
    return _EXTRAS.get(kind, f"'dlt[{kind}]'")


def make_destination(kind: str, credentials: str | None) -> Any:
    """dlt's destination of that name; credentials None are looked up in dlt's configuration when needed.

    Raises ValueError where dlt has no such destination, or (`MissingDriverError`) a package for it is not installed.
    """
    if kind not in destination_names() and "." not in kind:
        raise ValueError("dlt has no such destination")
    bear_any_run_folder()
    try:
        given = "bucket_url" if kind == "filesystem" else "credentials"
        arguments: dict[str, Any] = {} if credentials is None else {given: credentials}
        destination: Any = Destination.from_reference(kind, **arguments, **_SETTINGS.get(kind, {}))
        _ = destination.client_class  # imports the driver
        if kind == "sqlalchemy" and credentials is not None:
            _import_driver(credentials)
    except ImportError as error:
        if "." in kind:
            raise ValueError(str(error)) from error  # it may be the module of the user's destination
        raise _not_installed(kind, error.name or str(error)) from error
    except DestinationException as error:
        raise ValueError(str(error)) from error
    if kind == "filesystem" and credentials is not None:
        _import_bucket(credentials.partition("://")[0])
    if kind == "ducklake":
        _check_ducklake()
    return destination


def _import_bucket(scheme: str) -> None:
    """Import what fsspec would import with the first file."""
    from fsspec import get_filesystem_class

    try:
        get_filesystem_class(scheme)
    except ImportError:
        package, extra = _BUCKETS[scheme]
        raise _not_installed(extra, package) from None


def _check_ducklake() -> None:
    """dlt 1.31 closes a DuckLake by a call that DuckDB 2 does not have, in the middle of a load."""
    import duckdb

    if int(duckdb.__version__.partition(".")[0]) >= 2:
        why = f"dlt 1.31 cannot use DuckLake with DuckDB {duckdb.__version__}"
        raise MissingDriverError(why, "pip install 'duckdb>=1.5.5,<2'")


def _import_driver(url: str) -> None:
    """Import what SQLAlchemy would import with the first connection."""
    from sqlalchemy import make_url
    from sqlalchemy.exc import SQLAlchemyError

    try:
        make_url(url).get_dialect().import_dbapi()
    except SQLAlchemyError as error:
        raise ValueError(str(error).partition("\n")[0]) from None


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


def takes_files(pipeline: Pipeline) -> bool:
    """Whether its tables are files in a folder or bucket."""
    return issubclass(_client_class(pipeline), FSClientBase)


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
