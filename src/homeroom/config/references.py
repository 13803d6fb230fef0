"""`{resources.parent.field}` and `{incremental.start_value}` in a resource, as dlt reads them."""

from __future__ import annotations

import string
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from homeroom.config.collect import Path, Problems, nearest

_BODIES = ("params", "json", "data", "headers")
_RESOLVE = ("type", "resource", "field")


class Endpoint(NamedTuple):
    """An endpoint with its defaults merged in. `paths` tells for each key where in the config it stands."""

    keys: Mapping[str, Any]
    paths: Mapping[str, Path]
    at: Path
    """Where the resource stands."""


def merged_endpoint(resource: Any, at: Path, defaults: Any, defaults_at: Path) -> Endpoint:
    """The endpoint that dlt makes of a resource and `resource_defaults`: `params` and `json` are merged."""
    own = resource.get("endpoint") if isinstance(resource, dict) else None
    place, path_at = (*at, "endpoint"), at
    if isinstance(own, str):
        own, path_at = {"path": own}, place
    elif isinstance(own, dict) and "path" in own:
        path_at = (*place, "path")
    elif isinstance(resource, dict):
        own, path_at = {**(own or {}), "path": resource.get("name")}, (*at, "name")
    else:
        own = {"path": resource}
    base = defaults.get("endpoint") if isinstance(defaults, dict) else None
    base = base if isinstance(base, dict) else {}
    keys = {**base, **own}
    paths = {key: (*(place if key in own else (*defaults_at, "endpoint")), key) for key in keys}
    for key in ("params", "json"):
        if isinstance(base.get(key), dict) and isinstance(own.get(key), dict):
            keys[key] = {**base[key], **own[key]}
    return Endpoint(keys, paths | {"path": path_at}, at)


def check_references(endpoint: Endpoint, names: Collection[str], problems: Problems) -> set[str]:
    """Check every placeholder and `resolve` param of one endpoint; the parents that they name.

    `names` are the names of all resources of the config. Nothing of the endpoint is changed.
    """
    parents = _resolve_params(endpoint, names, problems)
    contexts = ["resources", "incremental"] if "incremental" in endpoint.keys else ["resources"]
    for path, text, in_path in _strings(endpoint):
        for field in _fields(text, path, problems):
            context, dot, _ = field.partition(".")
            if dot and context in contexts:
                if context == "resources":
                    parents |= _parent(field, path, names, problems)
            elif not in_path:
                _unknown(field, path, contexts, problems)
            elif field not in (endpoint.keys.get("params") or {}):
                _unbound(field, path, contexts, problems)
    if len(parents) > 1:
        message = f"it refers to more than one parent: {', '.join(sorted(parents))}"
        problems.add(
            endpoint.at, message, hint="dlt reads a resource under one parent; nest them instead", code="wrong-parent"
        )
    return parents


def _strings(endpoint: Endpoint) -> Iterator[tuple[Path, str, bool]]:
    path = endpoint.keys.get("path")
    if isinstance(path, str):
        yield endpoint.paths["path"], path, True
    for key in _BODIES:
        if key in endpoint.keys:
            yield from ((at, text, False) for at, text in _texts(endpoint.keys[key], endpoint.paths[key]))


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(key, (*path, str(key)))
            yield from _texts(item, (*path, str(key)))
    elif isinstance(value, (list, tuple)):
        for i, item in enumerate(value):
            yield from _texts(item, (*path, i))


def _fields(text: str, path: Path, problems: Problems) -> list[str]:
    try:
        return [field for _, field, _, _ in string.Formatter().parse(text) if field]
    except ValueError as error:
        hint = "double braces that stand for themselves: {{ and }}"
        problems.add(path, f"not a valid text with placeholders: {error}", text, hint=hint)
        return []


def _parent(field: str, path: Path, names: Collection[str], problems: Problems) -> set[str]:
    parts = field.strip().split(".", maxsplit=2)
    if len(parts) < 3:
        problems.add(path, f"`{{{field}}}` names no field", allowed="{resources.NAME.field}", code="wrong-parent")
        return set()
    if parts[1] not in names:
        _no_parent(parts[1], path, names, problems)
    return {parts[1]}


def _no_parent(name: str, path: Path, names: Collection[str], problems: Problems) -> None:
    hint = nearest(name, names)
    message = f"there is no resource `{name}` to be the parent"
    problems.add(path, message, allowed=", ".join(names), hint=hint, code="wrong-parent")


def _unknown(field: str, path: Path, contexts: list[str], problems: Problems) -> None:
    hint = "double braces that stand for themselves: {{ and }}"
    if field.startswith("incremental."):
        hint = "add `incremental:` to the endpoint"
    problems.add(path, f"unknown placeholder `{{{field}}}`", allowed=_allowed(contexts), hint=hint, code="unknown-name")


def _unbound(field: str, path: Path, contexts: list[str], problems: Problems) -> None:
    message = f"nothing is given for `{{{field}}}`"
    hint = f"add `{field}` to the endpoint's params" if "." not in field else None
    if field.startswith("incremental."):
        hint = "add `incremental:` to the endpoint"
    problems.add(path, message, allowed=_allowed(contexts), hint=hint, code="unknown-name")


def _allowed(contexts: list[str]) -> str:
    words = {"resources": "{resources.NAME.field}", "incremental": "{incremental.start_value}"}
    return ", ".join(words[context] for context in contexts)


def _resolve_params(endpoint: Endpoint, names: Collection[str], problems: Problems) -> set[str]:
    """Check params of `type: resolve` and of no known type; the parents that they name."""
    parents: set[str] = set()
    params = endpoint.keys.get("params")
    for name, param in params.items() if isinstance(params, dict) else ():
        at = (*endpoint.paths["params"], str(name))
        if not isinstance(param, dict):
            continue
        if param.get("type") not in ("resolve", "incremental"):
            value = param.get("type", ...)
            message = "a param that is a mapping needs a type"
            problems.add((*at, "type"), message, value, "resolve, incremental")
        elif param["type"] == "resolve":
            parents |= _resolve_param(name, param, at, endpoint, names, problems)
    return parents


def _resolve_param(
    name: str, param: dict[str, Any], at: Path, endpoint: Endpoint, names: Collection[str], problems: Problems
) -> set[str]:
    missing = [key for key in _RESOLVE if not isinstance(param.get(key), str)]
    for key in missing:
        problems.add(at, f"`{key}` is required for a param of type resolve", code="missing-key")
    if missing:
        return set()
    if param["resource"] not in names:
        _no_parent(param["resource"], (*at, "resource"), names, problems)
    if f"{{{name}}}" not in str(endpoint.keys.get("path")):
        hint = f"write {{resources.{param['resource']}.{param['field']}}} as its value instead"
        problems.add(
            at, f"a param of type resolve must stand as {{{name}}} in the path", hint=hint, code="wrong-parent"
        )
    return {param["resource"]}
