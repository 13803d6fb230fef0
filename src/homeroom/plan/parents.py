"""By what a child's rows belong to a parent: the fields that its requests take, and the columns that hold them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from homeroom.errors import Problem
from homeroom.plan.resource import ResourcePlan, setting_place
from homeroom.values import ResourceSettings


def parent_columns(resource: Mapping[str, Any], resolved: Sequence[Any], settings: ResourceSettings) -> tuple[str, ...]:
    """The columns that say which parent a row of a child belongs to, one for each field that its requests take.

    Empty where nothing says that it belongs to one alone: a person may be in two courses, and the table has one row.
    The config says it by `parent_column`, or where the parent's fields are in the rows (`include_from_parent`) and in
    the primary key.
    """
    if settings.parent_column is not None:
        return (settings.parent_column,)
    key = resource.get("primary_key") or ()
    names = (key,) if isinstance(key, str) else key if isinstance(key, list | tuple) else ()
    included = resource.get("include_from_parent") or ()
    fields = [(param.resolve_config["resource"], param.resolve_config["field"]) for param in _distinct(resolved)]
    columns = tuple(f"_{parent}_{field}" for parent, field in fields if field in included)
    return columns if len(columns) == len(fields) and set(columns) <= set(names) else ()


def parent_values(plan: ResourcePlan, parent: Mapping[str, Any]) -> tuple[str, ...] | None:
    """What the requests take from a parent's row, as texts; None where one of these is neither a text nor whole."""
    found = [[match.value for match in param.field_path.find(dict(parent))] for param in _distinct(plan.resolved)]
    values = [each[0] if each else None for each in found]
    if not all(isinstance(value, str | int) and not isinstance(value, bool) for value in values):
        return None
    return tuple(map(str, values))


def parent_column_problems(
    name: str, settings: ResourceSettings, resolved: Sequence[Any], *, has_cursor: bool
) -> Iterator[Problem]:
    """What stands against `parent_column`."""
    if settings.parent_column is None:
        return
    at, fields = setting_place(name, "parent_column"), _distinct(resolved)
    if not fields:
        yield Problem(at, "the resource has no parent", repr(settings.parent_column), hint="leave it out")
    elif has_cursor:
        why = "the resource has an `incremental` of its own, so no read of it says which rows are gone"
        yield Problem(at, why, repr(settings.parent_column), hint="leave it out")
    elif len(fields) > 1:
        taken = ", ".join(str(param.resolve_config["field"]) for param in fields)
        why = f"one column cannot say which parent a row belongs to: its requests take {taken} of it"
        hint = "name these fields in include_from_parent, and their columns in primary_key"
        yield Problem(at, why, repr(settings.parent_column), hint=hint)


def _distinct(resolved: Sequence[Any]) -> list[Any]:
    """The placeholders that a parent fills, each field of the parent once, in an order that is the same each time."""
    by_field = {str(param.resolve_config["field"]): param for param in resolved}
    return [by_field[name] for name in sorted(by_field)]
