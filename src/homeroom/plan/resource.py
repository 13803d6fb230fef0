"""A resource of a config as it will be read: defaults merged, paginator and selector understood."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import requests
from requests.auth import AuthBase

from homeroom.actions import ResponseAction
from homeroom.dlt_seam import rest_api as seam
from homeroom.dlt_seam.merging import way_of
from homeroom.facts import ErrorPattern
from homeroom.paginate import Paging
from homeroom.privacy import Rule
from homeroom.values import FieldCast, JsonPath, Request


@dataclass(frozen=True, slots=True)
class Batch:
    """Several parents in one request, `size` at most, in one parameter.

    `form`: `numbered` (`param[0]`, `param[1]`), `repeated` (a list, so the parameter comes once for each) or `comma`.
    """

    size: int
    param: str
    form: str


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
    queries: tuple[seam.IncrementalPlan, ...] = ()
    """Each way in which the resource is asked for what is new, with a cursor of ours; none where dlt keeps the one."""
    cursor_per_parent: bool = False
    by_version: bool = False
    """Whether the cursor is the API's newest change version, and not a field of the rows."""
    full_every: timedelta | None = None
    """How old the last read of all rows may be before the next one is due; None where none is."""
    asked: str = ""
    """A short name for what is asked for and how, the same in each run of one config."""
    casts: tuple[FieldCast, ...] = ()
    """What is made of fields of the rows, those that others lie in first."""
    batch: Batch | None = None
    """How several parents are asked for at once; None where each has requests of its own."""
    is_private: bool = False
    """Whether a rule hides anything of its rows: no message then quotes an answer, or says where its links lead."""

    @property
    def appends(self) -> bool:
        """Whether a row that comes twice is in the table twice."""
        way = way_of(self.hints.get("write_disposition"))
        if way.disposition == "merge":
            return way.strategy != "scd2" and not (self.hints.get("primary_key") or self.hints.get("merge_key"))
        return way.disposition != "replace"

    def by_query(self) -> list[ResourcePlan]:
        """The resource as each of its queries asks for it: with its own start alone."""
        own = {param for query in self.queries[:1] for param in (query.start_param, query.end_param)}
        others = {name: value for name, value in self.params.items() if name not in own}
        return [
            replace(self, incremental=query, params=others if place else self.params)
            for place, query in enumerate(self.queries)
        ]


@dataclass(frozen=True, slots=True)
class VersionsPlan:
    """The request that tells the newest change version of the API, and where it stands in the answer."""

    request: Request
    auth: AuthBase | None
    newest: JsonPath

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
    versions: VersionsPlan | None = None
    rules: Mapping[str, Mapping[tuple[str, str], Rule]] = field(default_factory=lambda: MappingProxyType({}))
    """Of each resource whose columns are not all stored as they come: table and column, and the rule."""


def spanning(plan: SourcePlan, since: str, until: str) -> SourcePlan:
    """The plan with every `incremental` asking for a span of its own; what the pipeline remembers stays as it is."""
    return replace(plan, resources=tuple(_spanning(resource, since, until) for resource in plan.resources))


def _spanning(plan: ResourcePlan, since: str, until: str) -> ResourcePlan:
    if plan.incremental is None or plan.by_version:
        return plan
    between = [
        each._replace(cursor=seam.between(each.cursor, since, until)) for each in (plan.incremental, *plan.queries)
    ]
    return replace(plan, incremental=between[0], queries=tuple(between[1:]))


def setting_place(name: str, key: str) -> str:
    """The place of one of our settings of a resource, written as problems of the `sync` section are."""
    plain = re.fullmatch(r"[A-Za-z_][\w-]*", name)
    return f"sync.resources{f'.{name}' if plain else f'[{name!r}]'}.{key}"


def resource_name(resource: Any) -> str:
    """The name of an entry of `resources`: a path alone, a mapping, or a DltResource."""
    if isinstance(resource, str):
        return resource
    return str(resource["name"] if isinstance(resource, Mapping) else resource.name)
