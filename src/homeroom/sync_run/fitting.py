"""What resources ask of a destination that it cannot do: said before the first request."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from homeroom import load
from homeroom.errors import ConfigError, Problem
from homeroom.values import SyncSettings

if TYPE_CHECKING:
    from homeroom.dlt_seam.abilities import Written

_BY_KEY = ("upsert", "insert-only", "cdc")
"""Merge strategies that go by the primary key alone."""


def refuse_misfits(
    resources: Mapping[str, Any],
    names: Collection[str],
    config: Mapping[str, Any],
    settings: SyncSettings,
    target: load.Target,
) -> None:
    """Raise `ConfigError` with all that cannot be written as it is said.

    `names` are the resources to be loaded, `config` is the `source:` that they are from.
    """
    from homeroom.dlt_seam.abilities import written
    from homeroom.plan.resource import resource_name, setting_place

    places = {resource_name(each): f"resources[{place}]" for place, each in enumerate(config.get("resources", ()))}
    problems: list[Problem] = []
    for name in names:
        own = written(resources[name])
        problems += _misfits(places.get(name, f"resources.{name}"), own, target)
        deletes = settings.resources[name].deletes if name in settings.resources else "keep"
        if deletes != "keep" and not load.bears_tables(target):
            why, hint = "rows of files cannot be deleted one by one", "load into a database to delete them"
            problems.append(_conflict(setting_place(name, "deletes"), why, repr(deletes), "keep", hint))
    if problems:
        raise ConfigError(problems)


def _misfits(at: str, own: Written, target: load.Target) -> Iterator[Problem]:
    from homeroom.dlt_seam.abilities import lacking, merge_strategies, table_formats

    formats = table_formats(target.destination)
    if own.table_format and formats is not None and own.table_format not in formats and own.table_format != "native":
        allowed = ", ".join(formats) or "none: leave it out"
        yield _conflict(f"{at}.table_format", f"{target.kind} has no such tables", repr(own.table_format), allowed)
        return
    if package := lacking(own.table_format):
        hint = f"pip install 'homeroom[{'iceberg' if package == 'pyiceberg' else package}]'"
        why = f"the Python package {package} is not installed"
        yield Problem(f"{at}.table_format", why, repr(own.table_format), hint=hint, code="wrong-environment")
        return
    strategies = merge_strategies(target.destination, own.table_format)
    if own.way.disposition == "merge" and own.has_key and strategies is not None:
        yield from _merge_misfits(f"{at}.write_disposition", own, strategies, formats or (), target.kind)


def _merge_misfits(
    at: str, own: Written, strategies: Collection[str], formats: Collection[str], kind: str
) -> Iterator[Problem]:
    default = next(iter(strategies), None)
    if default is None:
        why = f"{kind} cannot merge: dlt would append the rows of each run to those of the last one"
        hint = f"or set table_format: {' or '.join(formats)} beside it" if formats else None
        yield _conflict(at, why, "'merge'", "append, replace", hint)
    elif own.way.strategy is not None and own.way.strategy not in strategies:
        yield _conflict(at, f"{kind} has no such merge", f"strategy {own.way.strategy!r}", ", ".join(strategies))
    elif (own.way.strategy or default) in _BY_KEY and not own.has_primary_key:
        yield _conflict(at, "this merge goes by the primary key alone", hint="set primary_key beside it")
    elif own.table_format == "iceberg" and own.way.skips_unchanged:
        yield _conflict(f"{at}.skip_unchanged_rows", "Iceberg tables cannot be compared so", hint="leave it out")


def _conflict(
    at: str, why: str, value: str | None = None, allowed: str | None = None, hint: str | None = None
) -> Problem:
    return Problem(at, why, value, allowed, hint, code="settings-conflict")
