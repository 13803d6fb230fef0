"""From a `rest_api` config to resources in reading order, and from a resource to its first request.

Pure but for one thing: a missing credential is looked up in dlt's configuration, as dlt itself does.
"""

from __future__ import annotations

import graphlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
from dlt.sources.helpers.rest_client import paginators
from requests.auth import AuthBase

from homeroom.actions import ResponseAction, read_action
from homeroom.auth import origin_of
from homeroom.dlt_seam import rest_api as seam
from homeroom.errors import ConfigError, DataError, Problem
from homeroom.facts import ErrorPattern, read_pattern
from homeroom.paginate import Cursor, HeaderCursor, HeaderLink, JsonLink, Offset, Own, PageNumber, Paging, SinglePage
from homeroom.values import JsonPath, Request, ResourceSettings, SyncSettings
from homeroom.windows import Window, cut

T = TypeVar("T")

_OURS = frozenset({"endpoint", "include_from_parent", "processing_steps"})
"""Keys of a resource that are not hints of `dlt.resource`."""


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


def build_plan(source: Mapping[str, Any], sync: SyncSettings) -> SourcePlan:
    """Plan a config that has passed validation.

    Raises `ConfigError` with every problem found: a reference to a missing parent, a cycle, a
    paginator's bad arguments, a missing credential, a key that this version cannot honour.
    """
    try:
        graph = seam.build_graph(source.get("resource_defaults") or {}, source["resources"])
    except graphlib.CycleError as error:
        circle = " -> ".join(error.args[1])
        raise ConfigError([Problem("resources", f"resources are each other's parents: {circle}")]) from None
    except (ValueError, AssertionError) as error:
        raise ConfigError([Problem("resources", str(error))]) from None
    return _Planner(source, sync, graph).plan()


def spanning(plan: SourcePlan, since: str, until: str) -> SourcePlan:
    """The plan with every `incremental` asking for a span of its own; what the pipeline remembers stays as it is."""
    return replace(plan, resources=tuple(_spanning(resource, since, until) for resource in plan.resources))


def _spanning(plan: ResourcePlan, since: str, until: str) -> ResourcePlan:
    if plan.incremental is None:
        return plan
    cursor = seam.between(plan.incremental.cursor, since, until)
    return replace(plan, incremental=plan.incremental._replace(cursor=cursor))


class _Planner:
    """Plans one source; collects problems instead of stopping at the first."""

    def __init__(self, source: Mapping[str, Any], sync: SyncSettings, graph: seam.Graph) -> None:
        self._client: Mapping[str, Any] = source["client"]
        self._defaults: Mapping[str, Any] = source.get("resource_defaults") or {}
        self._places = {resource_name(resource): index for index, resource in enumerate(source["resources"])}
        self._sync = sync
        self._graph = graph
        self._problems: list[Problem] = []
        self._auths: dict[int, AuthBase | None] = {}

    def plan(self) -> SourcePlan:
        session = self._session()
        plans = tuple(self._resource(name, r) for name, r in self._ordered() if isinstance(r, dict))
        origins = self._origins(plans)
        if self._problems:
            raise ConfigError(self._problems)
        foreign = {name: r for name, r in self._ordered() if not isinstance(r, dict)}
        return SourcePlan(plans, MappingProxyType(foreign), tuple(self._graph.order), origins, session)

    def _session(self) -> requests.Session | None:
        session = self._client.get("session")
        if session is None or isinstance(session, requests.Session):
            return session
        hint = "of dlt's requests.Client give its `session`" if hasattr(session, "session") else None
        self._problem("client.session", "is no requests.Session", type(session).__name__, hint)
        return None

    def _ordered(self) -> list[tuple[str, Any]]:
        return [(name, self._graph.resources[name]) for name in self._graph.order]

    def _origins(self, plans: Sequence[ResourcePlan]) -> frozenset[str]:
        """Where the key may go: what the config itself names, never what an answer brings."""
        named = {f"resources[{p.index}].endpoint.path": p.path for p in plans if _is_literal_url(p.path)}
        if self._client["base_url"]:
            named["client.base_url"] = self._client["base_url"]
        origins: set[str] = set()
        for at, url in named.items():
            try:
                origins.add(origin_of(url))
            except ValueError as error:
                self._problem(at, str(error), repr(url))
        return frozenset(origins)

    def _problem(self, path: str, message: str, value: str | None = None, hint: str | None = None) -> None:
        self._problems.append(Problem(path, message, value=value, hint=hint))

    def _resource(self, name: str, resource: dict[str, Any]) -> ResourcePlan:
        index = self._places[name]
        at = f"resources[{index}].endpoint"
        endpoint: Mapping[str, Any] = resource["endpoint"]
        resolved = self._graph.resolved[name]
        included = tuple(resource.get("include_from_parent") or ())
        if included and not resolved:
            message = "the resource has no parent to include fields from"
            self._problem(f"resources[{index}].include_from_parent", message, repr(list(included)))
        if endpoint.get("json") and endpoint.get("data"):
            self._problem(at, "`json` and `data` cannot both be sent", hint="keep one of them")
        settings = self._sync.resources.get(name, ResourceSettings())
        total_at = _setting(name, "total_path")
        own_auth = f"{at}.auth" if endpoint.get("auth") else "client.auth"
        incremental = self._tried(f"{at}.incremental", lambda: self._incremental(endpoint))
        if settings.window_s is not None:
            self._check_window(name, resource, endpoint, incremental, bool(resolved))
        if settings.deletes != "keep" or settings.deleted_when:
            self._check_deletes(name, resource, settings)
        return ResourcePlan(
            name=name,
            index=index,
            method=endpoint.get("method") or "GET",
            path=endpoint["path"],
            base_url=self._client["base_url"],
            params=MappingProxyType(dict(endpoint.get("params") or {})),
            headers=MappingProxyType({**(self._client.get("headers") or {}), **(endpoint.get("headers") or {})}),
            json=endpoint.get("json"),
            data=endpoint.get("data"),
            paging=self._tried(f"{at}.paginator", lambda: paging_of(self._paginator(endpoint))),
            selector=self._tried(f"{at}.data_selector", lambda: _path(endpoint.get("data_selector"))),
            auth=self._tried(own_auth, lambda: self._auth(endpoint)),
            parent=resolved[0].resolve_config["resource"] if resolved else None,
            resolved=tuple(resolved or ()),
            include_from_parent=included,
            steps=tuple(resource.get("processing_steps") or ()),
            total_header=settings.total_header,
            hints=MappingProxyType({key: value for key, value in resource.items() if key not in _OURS}),
            actions=self._actions(f"{at}.response_actions", endpoint),
            incremental=incremental,
            total=self._tried(total_at, lambda: _path(settings.total_path), settings.total_path),
            errors=self._error_patterns(_setting(name, "error_when"), settings.error_when),
            window=None if settings.window_s is None else timedelta(seconds=settings.window_s),
        )

    def _check_deletes(self, name: str, resource: Mapping[str, Any], settings: ResourceSettings) -> None:
        """Deletes go by which load wrote a row last, so every row that comes must be written again."""
        disposition = resource.get("write_disposition")
        way = disposition if isinstance(disposition, Mapping) else {"disposition": disposition}
        keyed = resource.get("primary_key") or resource.get("merge_key")
        if settings.deletes == "keep":
            hint = "set deletes: soft or deletes: hard beside it"
            self._problem(_setting(name, "deleted_when"), "says what is deleted, and deletes: keep keeps it", hint=hint)
        elif way.get("disposition") != "merge" or not keyed:
            why = "only rows that are merged by a key can be told to be gone"
            self._problem(_setting(name, "deletes"), why, hint="set write_disposition: merge and primary_key")
        elif way.get("strategy") not in (None, "delete-insert", "upsert") or way.get("skip_unchanged_rows"):
            why, strategy = "this merge strategy does not write every row that comes", way.get("strategy")
            self._problem(_setting(name, "deletes"), why, repr(strategy), "set strategy: delete-insert or upsert")

    def _check_window(
        self,
        name: str,
        resource: Mapping[str, Any],
        endpoint: Mapping[str, Any],
        incremental: seam.IncrementalPlan | None,
        is_child: bool,
    ) -> None:
        """A window needs a span to cut, an API that is told where it ends, and a table that takes a row twice."""
        asked = [endpoint["path"], endpoint.get("params"), endpoint.get("json"), endpoint.get("data")]
        disposition = resource.get("write_disposition")
        kind = disposition.get("disposition") if isinstance(disposition, Mapping) else disposition
        if incremental is None:
            why, hint = "the resource has no `incremental`, whose span could be cut", None
        elif is_child:
            why, hint = "a resource with a parent is read parent by parent", None
        elif not seam.fills_end(incremental, asked):
            why, hint = "the API is not told where a span ends", "name its parameter as incremental.end_param"
        elif kind != "merge" or not resource.get("primary_key"):
            hint = "set write_disposition: merge and primary_key"
            why = "rows at the edge of two windows come twice, and the table would hold them twice"
        else:
            return
        self._problem(_setting(name, "window"), why, hint=hint)

    def _error_patterns(self, at: str, texts: Sequence[str]) -> tuple[ErrorPattern, ...]:
        acts = [(text, partial(read_pattern, text, at, seam.json_path)) for text in texts]
        return tuple(self._tried(f"{at}[{number}]", act, text) for number, (text, act) in enumerate(acts))

    def _actions(self, at: str, endpoint: Mapping[str, Any]) -> tuple[ResponseAction, ...]:
        """The response actions; each that could never act is a problem of its own."""
        actions = enumerate(endpoint.get("response_actions") or ())
        return tuple(self._tried(f"{at}[{place}]", partial(read_action, action)) for place, action in actions)

    def _incremental(self, endpoint: Mapping[str, Any]) -> seam.IncrementalPlan | None:
        return seam.incremental_of(endpoint.get("params") or {}, endpoint.get("incremental"))

    def _tried(self, path: str, act: Callable[[], Any], value: str | None = None) -> Any:
        """What `act` returns; its refusal becomes a problem at `path`, and the plan is then never used."""
        try:
            return act()
        except Exception as error:
            # Anything at all may come out of dlt's lookup of a credential or of a user's own class.
            missing = getattr(error, "fields", ())
            if not missing:
                self._problem(path, _first_line(error), None if value is None else repr(value))
            for field in missing:
                variable = f"SOURCES__REST_API__CREDENTIALS__{field.upper()}"
                looked = f"looked in the environment variable {variable} and in .dlt/secrets.toml"
                hint = f'{looked}; set it there, or write {field}: "${{NAME}}" here'
                self._problem(path, f"`{field}` is missing", hint=hint)
            return None

    def _paginator(self, endpoint: Mapping[str, Any]) -> paginators.BasePaginator | None:
        # `auto` makes no paginator, in dlt too: it stands for the client's, and only without one for guessing.
        own = seam.make_paginator(_no_idle_keys(endpoint.get("paginator")))
        return own or seam.make_paginator(_no_idle_keys(self._client.get("paginator")))

    def _auth(self, endpoint: Mapping[str, Any]) -> AuthBase | None:
        config = endpoint.get("auth") or self._client.get("auth")
        # One object for one section: a token is then asked for once, not once for each resource.
        if id(config) not in self._auths:
            self._auths[id(config)] = seam.make_auth(config)
        return self._auths[id(config)]


def _setting(name: str, key: str) -> str:
    """The place of one of our settings of a resource, written as problems of the `sync` section are."""
    plain = re.fullmatch(r"[A-Za-z_][\w-]*", name)
    return f"sync.resources{f'.{name}' if plain else f'[{name!r}]'}.{key}"


def _no_idle_keys(paginator: Any) -> Any:
    """The paginator's config; ValueError for `auto` with keys, which dlt passes over in silence."""
    if isinstance(paginator, Mapping) and paginator.get("type") == "auto" and len(paginator) > 1:
        idle = ", ".join(f"`{key}`" for key in paginator if key != "type")
        raise ValueError(f"`auto` guesses all by itself, {idle} would do nothing; name the type of paginator instead")
    return paginator


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


def resource_name(resource: Any) -> str:
    """The name of an entry of `resources`: a path alone, a mapping, or a DltResource."""
    if isinstance(resource, str):
        return resource
    return str(resource["name"] if isinstance(resource, Mapping) else resource.name)


def paging_of(paginator: paginators.BasePaginator | None) -> Paging | None:
    """Our settings for one of dlt's paginators; None for `auto`.

    Exact classes only: a subclass may do anything, so it is driven as it is, page after page.
    """
    if paginator is None:
        return None
    build = _TRANSLATIONS.get(type(paginator))
    return Own(paginator) if build is None else build(paginator)


def _path(path: Any) -> JsonPath | None:
    try:
        return None if path is None else seam.json_path(path)
    except Exception:  # jsonpath_ng raises plain Exception subclasses of its lexer and parser
        raise ValueError("is not a JSONPath") from None


def _offset(p: Any) -> Paging:
    return Offset(
        limit=p.limit,
        start=p.initial_value,
        param=p.param_name,
        body_path=p.param_body_path,
        limit_param=p.limit_param,
        limit_body_path=p.limit_body_path,
        total=_path(p.total_path),
        maximum=p.maximum_value,
        stop_after_empty_page=bool(p.stop_after_empty_page),
        has_more=_path(p.has_more_path),
    )


def _page_number(p: Any) -> Paging:
    return PageNumber(
        base=p.base_index,
        start=p.initial_value,
        param=p.param_name,
        body_path=p.param_body_path,
        total=_path(p.total_path),
        maximum=p.maximum_value,
        stop_after_empty_page=bool(p.stop_after_empty_page),
        has_more=_path(p.has_more_path),
    )


def _cursor(p: Any) -> Paging:
    return Cursor(
        path=seam.json_path(p.cursor_path),
        param=p.cursor_param,
        body_path=p.cursor_body_path,
        stop_after_empty_page=bool(p.stop_after_empty_page),
        has_more=_path(p.has_more_path),
    )


_TRANSLATIONS: Mapping[type, Callable[[Any], Paging]] = MappingProxyType(
    {
        paginators.SinglePagePaginator: lambda p: SinglePage(),
        paginators.OffsetPaginator: _offset,
        paginators.PageNumberPaginator: _page_number,
        paginators.JSONResponseCursorPaginator: _cursor,
        paginators.HeaderCursorPaginator: lambda p: HeaderCursor(p.cursor_key, p.cursor_param),
        paginators.JSONLinkPaginator: lambda p: JsonLink(seam.json_path(p.next_url_path)),
        paginators.HeaderLinkPaginator: lambda p: HeaderLink(p.links_next_key),
    }
)


def _is_literal_url(path: str) -> bool:
    """An absolute URL written in the config; one that a parent's row fills in is not trusted with the key."""
    parts = urlsplit(path)
    return parts.scheme in ("http", "https") and bool(parts.netloc) and "{" not in parts.netloc


def _url(plan: ResourcePlan, path: str) -> str:
    return path if urlsplit(path).scheme in ("http", "https") else seam.join_url(plan.base_url, path)


def root_request(plan: ResourcePlan, cursor: Any = None) -> Request:
    """The first request of a resource without a parent. Doubled braces become single ones, as in dlt.

    `cursor` is the resource's `Incremental` as dlt has bound it to the pipeline's state; None without one.
    """
    params, values = _with_cursor(plan, cursor)
    return Request(
        method=plan.method,
        url=_url(plan, seam.expand_placeholders(plan.path, values)),
        params=seam.expand_placeholders(params, values),
        headers=seam.expand_placeholders(dict(plan.headers), values),
        json=seam.expand_placeholders(plan.json, values, preserve_value_type=True),
        data=seam.expand_placeholders(plan.data, values),
    )


def root_requests(plan: ResourcePlan, cursor: Any, now: datetime) -> list[tuple[Request, Window]]:
    """The first requests of a resource without a parent: one for each window of time, oldest first, or one for all.

    Each with the span that it asks for, None in it where it has no bound. Raises `ConfigError` for a span that cannot
    be cut.
    """
    span = Window(None, None) if cursor is None else Window(cursor.start_value, cursor.end_value)
    if plan.window is None or span.start is None:
        return [(root_request(plan, cursor), span)]
    try:
        windows = cut(span.start, span.end, now, plan.window)
    except ValueError as error:
        raise ConfigError([Problem(_setting(plan.name, "window"), str(error))]) from None
    return [(root_request(plan, seam.in_window(cursor, window)), window) for window in windows]


def _with_cursor(plan: ResourcePlan, cursor: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The query parameters with those of the incremental, and the values of its placeholders."""
    if plan.incremental is None or cursor is None:
        return dict(plan.params), {}
    params = {**plan.params, **seam.incremental_params(plan.incremental, cursor)}
    return params, seam.incremental_placeholders(plan.incremental, cursor)


def _check_path_fields(plan: ResourcePlan, parent: Mapping[str, Any]) -> None:
    """A field that is null would ask for `/people/None`, an empty one for another resource altogether."""
    for param in plan.resolved:
        if "{" + param.param_name in plan.path:
            found = [match.value for match in param.field_path.find(dict(parent))]
            field = param.resolve_config["field"]
            if not found or found[0] is None or found[0] == "":
                state = "lacks the field" if not found else "has nothing in the field"
                has = f" (it has: {', '.join(map(str, parent))})" if not found else ""
                raise DataError(
                    f"resource {plan.name}, a row of its parent {plan.parent} {state} {field}, which the path "
                    f"needs{has}; filter such rows with processing_steps of {plan.parent}",
                    resource=plan.name,
                )


def child_request(
    plan: ResourcePlan, parent: Mapping[str, Any], cursor: Any = None
) -> tuple[Request, Mapping[str, Any]]:
    """The first request for one parent row, and the fields of the parent that go into each child row.

    Raises `DataError` where the parent row lacks a field; the message names fields, never values.
    """
    _check_path_fields(plan, parent)
    bound = {param.param_name for param in plan.resolved}
    params, _ = _with_cursor(plan, cursor)
    try:
        filled = seam.process_parent_data_item(
            path=plan.path,
            item=dict(parent),
            resolved_params=list(plan.resolved),
            headers=dict(plan.headers),
            params={key: value for key, value in params.items() if key not in bound},
            request_json=plan.json,
            request_data=plan.data,
            include_from_parent=list(plan.include_from_parent),
            incremental=None if cursor is None else seam.at_start(cursor),
            incremental_value_convert=plan.incremental.convert if plan.incremental else None,
        )
    except ValueError as error:
        raise DataError(str(error), resource=plan.name) from None
    url, shown = _url(plan, filled.path), urlsplit(_url(plan, plan.path)).path
    request = Request(plan.method, url, filled.params, filled.headers or {}, filled.json, filled.data, shown)
    return request, filled.parent_record
