"""Keeps a database in step with any education platform's REST API, and proves of every run that every row is there.

from homeroom import rest_api_source            # dlt's, read faster and to the end
pipeline.run(rest_api_source({...}))

import homeroom
report = homeroom.sync("school.yaml", destination="duckdb:///campus.duckdb")
report.status, report.resources["users"].rows_distinct
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from homeroom._version import __version__

if TYPE_CHECKING:
    from homeroom.check_run import check as check
    from homeroom.errors import AuthError, ConfigError, DataError, HomeroomError, IncompleteError, LoadError
    from homeroom.source import rest_api_resources, rest_api_source
    from homeroom.sync_run import sync
    from homeroom.values import Report, ResourceReport

__all__ = [
    "AuthError",
    "ConfigError",
    "DataError",
    "HomeroomError",
    "IncompleteError",
    "LoadError",
    "Report",
    "ResourceReport",
    "__version__",
    "rest_api_resources",
    "rest_api_source",
    "sync",
]

_HOMES = {
    **dict.fromkeys(("rest_api_resources", "rest_api_source"), "homeroom.source"),
    **dict.fromkeys(("Report", "ResourceReport"), "homeroom.values"),
    "sync": "homeroom.sync_run",
    "check": "homeroom.check_run",
}


def __getattr__(name: str) -> Any:
    """Import on first use: dlt alone takes two seconds, which `homeroom --help` need not spend."""
    if name not in __all__ and name not in _HOMES:
        raise AttributeError(f"module 'homeroom' has no attribute {name!r}; it has {', '.join(__all__)}")
    value = getattr(importlib.import_module(_HOMES.get(name, "homeroom.errors")), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
