"""What stands against `deleted_in`: rows of one resource that name deleted rows of another."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from homeroom.dlt_seam.merging import way_of
from homeroom.dlt_seam.validation import nearest
from homeroom.errors import Problem
from homeroom.plan.resource import setting_place
from homeroom.values import NamedIn, ResourceSettings

_LEAVE = "leave it out of deleted_in"
_FIRST = "{disposition: merge, strategy: insert-only}"


def naming_problems(
    name: str,
    resource: Mapping[str, Any],
    settings: ResourceSettings,
    resources: Mapping[str, Any],
    children: Collection[str],
) -> Iterator[Problem]:
    """Each of `deleted_in` that cannot be honoured.

    `resources` are all of the config, with their defaults merged; `children` those that have a parent.
    """
    at = setting_place(name, "deleted_in")
    if settings.deleted_in and settings.deletes == "keep":
        why, hint = "says what is deleted, and deletes: keep keeps it", "set deletes: soft or deletes: hard beside it"
        yield Problem(at, why, hint=hint)
        return
    for named in settings.deleted_in:
        problem = (
            _unknown(at, named, resources)
            or _unfit(at, name, named, resources, children)
            or _keyless(at, resource, named)
        )
        if problem is not None:
            yield problem


def _unknown(at: str, named: NamedIn, resources: Mapping[str, Any]) -> Problem | None:
    if named.resource in resources:
        return None
    why, hint = f"the source has no resource `{named.resource}`", nearest(named.resource, resources)
    return Problem(at, why, allowed=", ".join(resources), hint=hint, code="unknown-name")


def _unfit(
    at: str, name: str, named: NamedIn, resources: Mapping[str, Any], children: Collection[str]
) -> Problem | None:
    """Why the rows of a resource cannot name those of another: when each came first must stay known."""
    other = resources[named.resource]
    if not isinstance(other, Mapping):
        return Problem(
            at,
            "a DltResource of your own reads by itself, so nobody knows what it left out",
            named.resource,
            hint=_LEAVE,
        )
    if named.resource in children:
        why = "it has a parent, and of a new parent's list nobody knows since when its rows are there"
        return Problem(at, why, named.resource, hint=_LEAVE)
    if _table(name, resources[name]) == _table(named.resource, other):
        return Problem(at, "these rows lie in the same table", named.resource, hint="use deleted_when for its own rows")
    if not way_of(other.get("write_disposition")).keeps_first or not other.get("primary_key"):
        hint = f"set write_disposition: {_FIRST} and primary_key for {named.resource}"
        return Problem(at, "it must stay known when a row that names others came first", named.resource, hint=hint)
    if not isinstance(other.get("table_name", ""), str):
        return Problem(at, "its rows choose their table (table_name is a function)", named.resource, hint=_LEAVE)
    return None


def _table(name: str, resource: Mapping[str, Any]) -> Any:
    return resource.get("table_name") or name


def _keyless(at: str, resource: Mapping[str, Any], named: NamedIn) -> Problem | None:
    key = resource.get("primary_key")
    if named.by or (key and isinstance(key, str | list | tuple)):
        return None
    hint = f"say by which columns: {{resource: {named.resource}, by: {{COLUMN: FIELD}}}}"
    return Problem(at, "the resource has no primary_key by which its rows could be named", named.resource, hint=hint)
