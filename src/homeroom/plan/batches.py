"""Several parents in one request: which parameter takes them, and which parents go together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple
from urllib.parse import urlencode

from homeroom.errors import DataError, Problem
from homeroom.plan.requests import child_request
from homeroom.plan.resource import Batch, ResourcePlan, setting_place
from homeroom.values import Request, ResourceSettings

MOST_CHARACTERS = 1_800
"""Of a batch's URL. Many servers take 2,000 at least; a key and the parameters of paging come on top."""

_FORMS = 'params: {"ids[0]": …} for ids[0]=1&ids[1]=2, {"ids[]": …} for ids[]=1&ids[]=2, {ids: …} for ids=1,2'


class Group(NamedTuple):
    """A request, and the rows of the parents that it asks for, one for each."""

    request: Request
    parents: list[Mapping[str, Any]]


def batch_of(settings: ResourceSettings, endpoint: Mapping[str, Any], resolved: Sequence[Any]) -> Batch | None:
    """How a resource asks for several parents at once; None where it does not, or cannot."""
    found = [_taken(name, value, resolved) for name, value in (endpoint.get("params") or {}).items()]
    takers = [each for each in found if each is not None]
    if settings.batch is None or len(takers) != 1 or len(resolved) != 1:
        return None
    name, form = takers[0]
    return Batch(settings.batch, name, form)


def batch_problems(
    name: str, resource: Mapping[str, Any], settings: ResourceSettings, resolved: Sequence[Any]
) -> Iterator[Problem]:
    """What stands against `batch`; `resource` has its defaults merged."""
    if settings.batch is None:
        return
    at, endpoint = setting_place(name, "batch"), resource["endpoint"]
    if not resolved:
        yield Problem(at, "the resource has no parent", repr(settings.batch), hint="leave it out")
    elif (batch := batch_of(settings, endpoint, resolved)) is None or _stands_elsewhere(endpoint, batch, resolved):
        fields = ", ".join(sorted(f"{{{param.param_name}}}" for param in resolved))
        why = f"parents are put together in one parameter, and nowhere else; the requests take {fields}"
        yield Problem(at, why, repr(settings.batch), hint=f"write {_FORMS}")
    if resource.get("include_from_parent"):
        why = "of a row of several parents nobody knows which one's fields it should take"
        yield Problem(at, why, hint="leave out include_from_parent, and use the row's own field")
    if settings.cursor_per_parent:
        yield Problem(at, "with cursor_per_parent each parent is asked from its own place", hint="keep one of them")
    if settings.deletes != "keep" and settings.parent_column is None:
        why = "of rows of several parents that did not come nobody knows whose they are"
        hint = "name the column that tells the parent as parent_column, or set deletes: keep"
        yield Problem(at, why, repr(settings.batch), hint=hint)


def child_batches(plan: ResourcePlan, batch: Batch, parents: Sequence[Mapping[str, Any]], cursor: Any) -> list[Group]:
    """The first requests for some parent rows, in their order; a parent that comes twice is asked for once.

    The same each time for the same rows. Raises `DataError` where one lacks the field.
    """
    by_value: dict[str, Mapping[str, Any]] = {}
    for parent in parents:
        by_value.setdefault(_value(plan, batch, parent), parent)
    if not by_value:
        return []
    first, _ = child_request(plan, next(iter(by_value.values())), cursor)
    others = {key: value for key, value in (first.params or {}).items() if key != _given(batch)}
    room = MOST_CHARACTERS - len(first.url) - len(urlencode(others, doseq=True))
    groups = _cut(batch, list(by_value), room)
    return [Group(_asking(first, batch, others, values), [by_value[value] for value in values]) for values in groups]


def _asking(first: Request, batch: Batch, others: Mapping[str, Any], values: Sequence[str]) -> Request:
    shown = f"{first.shown} ({len(values)} {'parent' if len(values) == 1 else 'parents'})"
    return replace(first, params={**others, **_params(batch, values)}, shown=shown)


def _params(batch: Batch, values: Sequence[str]) -> dict[str, Any]:
    if batch.form == "numbered":
        return {f"{batch.param}[{place}]": value for place, value in enumerate(values)}
    return {batch.param: list(values) if batch.form == "repeated" else ",".join(values)}


def _given(batch: Batch) -> str:
    """The parameter as the config has it."""
    return f"{batch.param}[0]" if batch.form == "numbered" else batch.param


def _cut(batch: Batch, values: Sequence[str], room: int) -> list[list[str]]:
    """The values in groups of the batch's size, fewer where a URL would become too long."""
    groups: list[list[str]] = [[]]
    left = room
    name = {"comma": "", "repeated": batch.param, "numbered": f"{batch.param}[000]"}[batch.form]
    for value in values:
        width = len(urlencode({name: value})) + 2  # a comma is three characters there, and `=` is one of them
        if groups[-1] and (len(groups[-1]) == batch.size or width > left):
            groups.append([])
            left = room
        groups[-1].append(value)
        left -= width
    return groups


def _value(plan: ResourcePlan, batch: Batch, parent: Mapping[str, Any]) -> str:
    param = plan.resolved[0]
    found = [match.value for match in param.field_path.find(dict(parent))]
    value, field = found[0] if found else None, param.resolve_config["field"]
    at = f"resource {plan.name}, a row of its parent {plan.parent}"
    if value is None or value == "" or isinstance(value, dict | list):
        state = "has nothing to ask with in" if found else "lacks"
        told = f"{at} {state} the field {field}; filter such rows with processing_steps"
        raise DataError(told, resource=plan.name, code="parent-field-missing")
    if batch.form == "comma" and "," in str(value):
        why = f"has a comma in the field {field}, and commas part the values of {batch.param}"
        told = f"{at} {why}; leave out sync.resources.{plan.name}.batch"
        raise DataError(told, resource=plan.name, code="parent-field-missing")
    return str(value)


def _taken(name: str, value: Any, resolved: Sequence[Any]) -> tuple[str, str] | None:
    """The parameter's name and form, where its value is a placeholder of a parent's field and nothing else."""
    is_list = isinstance(value, list | tuple) and len(value) == 1
    text = value[0] if is_list else value
    if not any(text == f"{{{param.param_name}}}" for param in resolved):
        return None
    if numbered := re.fullmatch(r"(.+)\[0\]", name):
        return None if is_list else (numbered[1], "numbered")
    return name, "repeated" if is_list or name.endswith("[]") else "comma"


def _stands_elsewhere(endpoint: Mapping[str, Any], batch: Batch, resolved: Sequence[Any]) -> bool:
    params = {key: value for key, value in endpoint["params"].items() if key != _given(batch)}
    rest = [endpoint["path"], params, *(endpoint.get(key) for key in ("headers", "json", "data"))]
    return any("{" + str(param.param_name) in str(rest) for param in resolved)
