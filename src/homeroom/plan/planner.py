"""From a `rest_api` config to resources in reading order.

Pure but for one thing: a missing credential is looked up in dlt's configuration, as dlt itself does.
"""

from __future__ import annotations

import graphlib
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import orjson
import requests
from dlt.sources.helpers.rest_client.paginators import BasePaginator
from requests.auth import AuthBase

import homeroom.auth_types  # noqa: F401 it makes its types known
from homeroom.actions import ResponseAction, read_action
from homeroom.auth import origin_of
from homeroom.dlt_seam import rest_api as seam
from homeroom.errors import ConfigError, Problem
from homeroom.facts import ErrorPattern, read_pattern
from homeroom.plan.batches import batch_of, batch_problems
from homeroom.plan.casting import cast_problems, field_casts, taken_problems
from homeroom.plan.checks import foreign_problems, setting_problems
from homeroom.plan.full import with_full_reads
from homeroom.plan.in_the_open import open_problems
from homeroom.plan.naming import naming_problems
from homeroom.plan.paging import paging_of, path_of
from homeroom.plan.parents import parent_column_problems, parent_columns
from homeroom.plan.privacy import privacy_problems, rules_of
from homeroom.plan.resource import ResourcePlan, SourcePlan, VersionsPlan, resource_name, setting_place
from homeroom.privacy import PrivacySettings
from homeroom.values import Request, ResourceSettings, SyncSettings

if TYPE_CHECKING:
    from homeroom.codes import Code

T = TypeVar("T")

_OURS = frozenset({"endpoint", "include_from_parent", "processing_steps"})
"""Keys of a resource that are not hints of `dlt.resource`."""


def build_plan(source: Mapping[str, Any], sync: SyncSettings, privacy: PrivacySettings | None = None) -> SourcePlan:
    """Plan a config that has passed validation. `privacy` are its rules; None for none.

    Raises `ConfigError` with every problem found: a reference to a missing parent, a cycle, a
    paginator's bad arguments, a missing credential, a key that this version cannot honour.
    """
    try:
        graph = seam.build_graph(source.get("resource_defaults") or {}, source["resources"])
    except graphlib.CycleError as error:
        circle = " -> ".join(error.args[1])
        why, hint = f"resources are each other's parents: {circle}", "let one of them be read without the other"
        raise ConfigError([Problem("resources", why, hint=hint, code="wrong-parent")]) from None
    except (ValueError, AssertionError) as error:
        raise ConfigError([Problem("resources", str(error), code="wrong-parent")]) from None
    plan = _Planner(source, sync, graph).plan()
    if not sync.insecure_http and (problems := [*open_problems(plan)]):
        raise ConfigError(problems)
    rules = PrivacySettings() if privacy is None else privacy
    if problems := [*privacy_problems(plan, rules, sync)]:
        raise ConfigError(problems)
    found = rules_of(plan, rules, sync)
    hiding = {name for name, columns in found.items() if any(rule != "keep" for rule in columns.values())}
    # What a profile hides by its name is not known before it comes.
    resources = tuple(replace(each, is_private=rules.guesses or each.name in hiding) for each in plan.resources)
    return replace(plan, resources=resources, rules=found)


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
        plans, problems = with_full_reads(plans, self._sync)
        self._problems += _conflicts([*problems, *taken_problems(plans)])
        versions = self._versions(plans)
        origins = self._origins(plans, versions)
        children = {name for name, resolved in self._graph.resolved.items() if resolved}
        for name in (name for name, _ in self._ordered() if name in self._sync.resources):
            resource, settings = self._graph.resources[name], self._sync.resources[name]
            if isinstance(resource, dict):
                found = naming_problems(name, resource, settings, self._graph.resources, children)
            else:
                found = foreign_problems(name, settings)
            self._problems += _conflicts(found)
        if self._problems:
            raise ConfigError(self._problems)
        foreign = {name: r for name, r in self._ordered() if not isinstance(r, dict)}
        return SourcePlan(plans, MappingProxyType(foreign), tuple(self._graph.order), origins, session, versions)

    def _session(self) -> requests.Session | None:
        session = self._client.get("session")
        if session is None or isinstance(session, requests.Session):
            return session
        hint = "of dlt's requests.Client give its `session`" if hasattr(session, "session") else None
        self._problem("client.session", "is no requests.Session", type(session).__name__, hint)
        return None

    def _ordered(self) -> list[tuple[str, Any]]:
        return [(name, self._graph.resources[name]) for name in self._graph.order]

    def _versions(self, plans: Sequence[ResourcePlan]) -> VersionsPlan | None:
        """Where the newest change version is asked for, and that somebody needs it."""
        told, needing = self._sync.change_versions, [plan.name for plan in plans if plan.by_version]
        if told is None:
            for name in needing:
                why, hint = "nothing says where the newest version stands", "set sync.change_versions"
                self._problem(setting_place(name, "by_change_version"), why, hint=hint, code="missing-key")
            return None
        if not needing:
            hint = "set by_change_version: true for a resource under sync.resources"
            self._problem("sync.change_versions", "no resource is read by it", hint=hint, code="settings-conflict")
        newest = self._tried("sync.change_versions.newest", lambda: path_of(told.newest), told.newest)
        url = told.path if _is_literal_url(told.path) else seam.join_url(self._client["base_url"], told.path)
        headers = MappingProxyType(dict(self._client.get("headers") or {}))
        return VersionsPlan(
            Request("GET", url, headers=headers), self._tried("client.auth", lambda: self._auth({})), newest
        )

    def _origins(self, plans: Sequence[ResourcePlan], versions: VersionsPlan | None) -> frozenset[str]:
        """Where the key may go: what the config itself names, never what an answer brings."""
        named = {f"resources[{p.index}].endpoint.path": p.path for p in plans if _is_literal_url(p.path)}
        if self._client["base_url"]:
            named["client.base_url"] = self._client["base_url"]
        if versions is not None:
            named["sync.change_versions.path"] = versions.request.url
        origins: set[str] = set()
        for at, url in named.items():
            try:
                origins.add(origin_of(url))
            except ValueError as error:
                self._problem(at, str(error), repr(url))
        return frozenset(origins)

    def _problem(
        self,
        path: str,
        message: str,
        value: str | None = None,
        hint: str | None = None,
        code: Code = "wrong-value",
    ) -> None:
        self._problems.append(Problem(path, message, value=value, hint=hint, code=code))

    def _resource(self, name: str, resource: dict[str, Any]) -> ResourcePlan:
        index = self._places[name]
        at = f"resources[{index}].endpoint"
        endpoint: Mapping[str, Any] = resource["endpoint"]
        resolved = self._graph.resolved[name]
        included = tuple(resource.get("include_from_parent") or ())
        if included and not resolved:
            message = "the resource has no parent to include fields from"
            path, hint = f"resources[{index}].include_from_parent", "name the parent in its path, or remove the key"
            self._problem(path, message, repr(list(included)), hint, "wrong-parent")
        if endpoint.get("json") and endpoint.get("data"):
            self._problem(
                at, "`json` and `data` cannot both be sent", hint="keep one of them", code="settings-conflict"
            )
        settings = self._sync.resources.get(name, ResourceSettings())
        total_at = setting_place(name, "total_path")
        own_auth = f"{at}.auth" if endpoint.get("auth") else "client.auth"
        incremental = self._tried(f"{at}.incremental", lambda: self._incremental(endpoint))
        conflicts = [*setting_problems(name, resource, settings, incremental, is_child=bool(resolved))]
        conflicts += parent_column_problems(name, settings, resolved or (), has_cursor=incremental is not None)
        conflicts += batch_problems(name, resource, settings, resolved or ())
        self._problems += [*_conflicts(conflicts), *cast_problems(name, resource, settings, incremental)]
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
            selector=self._tried(f"{at}.data_selector", lambda: path_of(endpoint.get("data_selector"))),
            auth=self._tried(own_auth, lambda: self._auth(endpoint)),
            parent=resolved[0].resolve_config["resource"] if resolved else None,
            resolved=tuple(resolved or ()),
            include_from_parent=included,
            steps=tuple(resource.get("processing_steps") or ()),
            total_header=settings.total_header,
            hints=MappingProxyType({key: value for key, value in resource.items() if key not in _OURS}),
            actions=self._actions(f"{at}.response_actions", endpoint),
            incremental=incremental,
            total=self._tried(total_at, lambda: path_of(settings.total_path), settings.total_path),
            errors=self._error_patterns(setting_place(name, "error_when"), settings.error_when),
            window=None if settings.window_s is None else timedelta(seconds=settings.window_s),
            asked=_short_name([self._client["base_url"], self._client.get("paginator"), resource]),
            parent_columns=parent_columns(resource, resolved or (), settings) if incremental is None else (),
            queries=self._queries(name, settings, incremental),
            cursor_per_parent=settings.cursor_per_parent,
            by_version=settings.by_change_version,
            casts=field_casts(settings),
            batch=batch_of(settings, endpoint, resolved or ()),
        )

    def _error_patterns(self, at: str, texts: Sequence[str]) -> tuple[ErrorPattern, ...]:
        acts = [(text, partial(read_pattern, text, at, seam.json_path)) for text in texts]
        return tuple(self._tried(f"{at}[{number}]", act, text) for number, (text, act) in enumerate(acts))

    def _actions(self, at: str, endpoint: Mapping[str, Any]) -> tuple[ResponseAction, ...]:
        """The response actions; each that could never act is a problem of its own."""
        actions = enumerate(endpoint.get("response_actions") or ())
        return tuple(self._tried(f"{at}[{place}]", partial(read_action, action)) for place, action in actions)

    def _incremental(self, endpoint: Mapping[str, Any]) -> seam.IncrementalPlan | None:
        return seam.incremental_of(endpoint.get("params") or {}, endpoint.get("incremental"))

    def _queries(
        self, name: str, settings: ResourceSettings, incremental: seam.IncrementalPlan | None
    ) -> tuple[seam.IncrementalPlan, ...]:
        at = setting_place(name, "further_cursors")
        acts = [partial(seam.further_incremental, cursor) for cursor in settings.further_cursors]
        further = [
            self._tried(f"{at}[{place}]", act, settings.further_cursors[place].cursor_path)
            for place, act in enumerate(acts)
        ]
        needed = settings.cursor_per_parent or settings.by_change_version or further
        return (incremental, *further) if incremental is not None and needed else ()

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
                self._problem(path, f"`{field}` is missing", hint=hint, code="secret-missing")
            return None

    def _paginator(self, endpoint: Mapping[str, Any]) -> BasePaginator | None:
        # `auto` makes no paginator, in dlt too: it stands for the client's, and only without one for guessing.
        own = seam.make_paginator(_no_idle_keys(endpoint.get("paginator")))
        return own or seam.make_paginator(_no_idle_keys(self._client.get("paginator")))

    def _auth(self, endpoint: Mapping[str, Any]) -> AuthBase | None:
        config = endpoint.get("auth") or self._client.get("auth")
        # One object for one section: a token is then asked for once, not once for each resource.
        if id(config) not in self._auths:
            self._auths[id(config)] = seam.make_auth(config)
        return self._auths[id(config)]


def _conflicts(problems: Iterable[Problem]) -> list[Problem]:
    """Problems of settings that are right alone, unless they say otherwise."""
    return [replace(each, code="settings-conflict") if each.code == "wrong-value" else each for each in problems]


def _short_name(described: Any) -> str:
    """16 hex digits over a part of a config; functions and classes count by their name, other objects by their type's.

    Without credentials where they belong: a new one asks for nothing else.
    """
    text = orjson.dumps(_without_credentials(described), default=_named, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(text).hexdigest()[:16]


def _without_credentials(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _without_credentials(v) for key, v in value.items() if key not in ("auth", "headers")}
    return [_without_credentials(each) for each in value] if isinstance(value, list | tuple) else value


def _named(value: Any) -> str:
    return str(getattr(value, "__qualname__", type(value).__qualname__))


def _no_idle_keys(paginator: Any) -> Any:
    """The paginator's config; ValueError for `auto` with keys, which dlt passes over in silence."""
    if isinstance(paginator, Mapping) and paginator.get("type") == "auto" and len(paginator) > 1:
        idle = ", ".join(f"`{key}`" for key in paginator if key != "type")
        raise ValueError(f"`auto` guesses all by itself, {idle} would do nothing; name the type of paginator instead")
    return paginator


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


def _is_literal_url(path: str) -> bool:
    """An absolute URL written in the config; one that a parent's row fills in is not trusted with the key."""
    parts = urlsplit(path)
    return parts.scheme in ("http", "https") and bool(parts.netloc) and "{" not in parts.netloc
