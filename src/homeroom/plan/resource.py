"""A resource of a config as it will be read: defaults merged, paginator and selector understood."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import requests
from requests.auth import AuthBase

from homeroom.actions import ResponseAction
from homeroom.dlt_seam import rest_api as seam
from homeroom.facts import ErrorPattern
from homeroom.paginate import Paging
from homeroom.values import JsonPath


@dataclass(frozen=True, slots=True)
class ResourcePlan:
    """One resource of the config, defaults merged.

    `path`, `params`, `headers`, `json` and `data` still hold the placeholders that a parent row fills.
    `paging` is None where it is guessed from the first answer, `selector` likewise. `hints` are the
    arguments of `dlt.resource`.
    """

    name: str
    index: int
    method: str
    path: str
    base_url: str
    params: Mapping[str, Any]
    headers: Mapping[str, Any]
    json: Any
    data: Any
    paging: Paging | None
    selector: JsonPath | None
    auth: AuthBase | None
    parent: str | None
    resolved: tuple[Any, ...]
    include_from_parent: tuple[str, ...]
    steps: tuple[Mapping[str, Any], ...]
    total_header: str | None
    hints: Mapping[str, Any]
    actions: tuple[ResponseAction, ...] = ()
    incremental: seam.IncrementalPlan | None = None
    total: JsonPath | None = None
    """Where the number of rows stands in an answer, whatever the paging (`total_path` of our settings)."""
    errors: tuple[ErrorPattern, ...] = ()
    window: timedelta | None = None
    """How long the spans are that an `incremental` is read in, side by side; None for one span."""
    parent_columns: tuple[str, ...] = ()
    """The columns that say which parent a row belongs to, as `parent_columns` tells them."""

    asked: str = ""
    """A short name for what is asked for and how, the same in each run of one config."""


@dataclass(frozen=True, slots=True)
class SourcePlan:
    """All resources, parents before children; `foreign` are the `DltResource` instances of the config.

    `origins` are the scheme, host and port that requests and credentials may go to. `session` is the user's own
    that requests go over, None where there is none.
    """

    resources: tuple[ResourcePlan, ...]
    foreign: Mapping[str, Any]
    order: tuple[str, ...]
    origins: frozenset[str]
    session: requests.Session | None = None


def spanning(plan: SourcePlan, since: str, until: str) -> SourcePlan:
    """The plan with every `incremental` asking for a span of its own; what the pipeline remembers stays as it is."""
    return replace(plan, resources=tuple(_spanning(resource, since, until) for resource in plan.resources))


def _spanning(plan: ResourcePlan, since: str, until: str) -> ResourcePlan:
    if plan.incremental is None:
        return plan
    cursor = seam.between(plan.incremental.cursor, since, until)
    return replace(plan, incremental=plan.incremental._replace(cursor=cursor))


def setting_place(name: str, key: str) -> str:
    """The place of one of our settings of a resource, written as problems of the `sync` section are."""
    plain = re.fullmatch(r"[A-Za-z_][\w-]*", name)
    return f"sync.resources{f'.{name}' if plain else f'[{name!r}]'}.{key}"


def resource_name(resource: Any) -> str:
    """The name of an entry of `resources`: a path alone, a mapping, or a DltResource."""
    if isinstance(resource, str):
        return resource
    return str(resource["name"] if isinstance(resource, Mapping) else resource.name)
