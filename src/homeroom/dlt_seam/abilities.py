"""What a destination can do with rows, by what dlt says of it; asked before anything is read."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from dlt.common.destination.client import WithStateSync
from dlt.extract import DltResource

from homeroom.dlt_seam.merging import Way, way_of

PACKAGES = {"delta": "deltalake", "iceberg": "pyiceberg"}
"""The package that writes each table format."""


@dataclass(frozen=True, slots=True)
class Written:
    """How a resource's rows are to be written, as far as that is no function of the row."""

    way: Way
    table_format: str | None
    has_primary_key: bool
    has_key: bool


def written(resource: DltResource) -> Written:
    """By the hints that the config has given it."""
    hints: Any = resource._hints or {}
    plain = hints.get("table_format")
    keyed = bool(hints.get("primary_key"))
    return Written(
        way_of(resource.write_disposition),
        plain if isinstance(plain, str) else None,
        keyed,
        keyed or bool(hints.get("merge_key")),
    )


def merge_strategies(destination: Any, table_format: str | None) -> tuple[str, ...] | None:
    """The merge strategies for tables of a format, dlt's default first; None where nothing can be said.

    Where there is none, dlt appends what should be merged.
    """
    caps = _capabilities(destination)
    if caps is None:
        return None
    strategies = caps.supported_merge_strategies or ()
    if caps.merge_strategies_selector is not None:
        table = {"name": "any", "columns": {}, **({"table_format": table_format} if table_format else {})}
        strategies = caps.merge_strategies_selector(strategies, table_schema=table)
    return tuple(strategies)


def table_formats(destination: Any) -> tuple[str, ...] | None:
    """The table formats that it can write beside its own; None where nothing can be said."""
    caps = _capabilities(destination)
    return None if caps is None else tuple(caps.supported_table_formats or ())


def lacking(table_format: str | None) -> str | None:
    """The package without which a table format cannot be written here; None where it is there."""
    package = PACKAGES.get(table_format or "")
    return None if package is None or find_spec(package) else package


def _capabilities(destination: Any) -> Any:
    """None for a function of the user's, which is only given rows, and where it depends on the database."""
    if not issubclass(destination.client_class, WithStateSync):
        return None
    try:
        return destination._raw_capabilities()
    except AttributeError:
        return None
