"""Every check of `source`: dlt's own, and what dlt would only tell while it builds or reads."""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from homeroom.config.collect import Path, Problems
from homeroom.config.references import check_references, merged_endpoint
from homeroom.errors import Problem
from homeroom.secrets import SHORTEST, is_secret_key

_CARRIERS = ("headers", "params", "json", "data")
_LONG_ENOUGH = 8
"""A literal outside `auth` counts as a secret from this length on: `key: name` is no secret."""
_OUR_KEYS = ("name", "destination", "dataset", "source", "sync")


def check_source(source: Mapping[str, Any]) -> tuple[Problem, ...]:
    """Every problem of dlt's RESTAPIConfig, given from Python; empty where dlt would take it.

    Paths begin at `client`, `resources` or `resource_defaults`; problems have neither file nor line.
    Secrets in them are masked. Nothing is requested and `source` is not changed.
    """
    problems = Problems()
    check_into(source, problems, ())
    return problems.found()


def check_into(source: Mapping[str, Any], problems: Problems, prefix: Path) -> None:
    """Add every problem of `source` to `problems`, with `prefix` before its path; and its secrets."""
    import homeroom.auth_types  # noqa: F401 it makes its types known
    from homeroom.dlt_seam.validation import part_findings, type_findings

    problems.secrets |= source_secrets(source)
    for path, message, value, allowed, hint, code in (*type_findings(source), *part_findings(source)):
        if len(path) == 1 and path[0] in _OUR_KEYS and not prefix:
            hint = f"to have `{path[0]}`, put client, resources and resource_defaults under `source:`"
        problems.add((*prefix, *path), message, value, allowed, hint, code)
    client, resources = source.get("client"), source.get("resources")
    if isinstance(client, dict):
        _check_client(client, source, problems, (*prefix, "client"))
    if isinstance(resources, list):
        _check_resources(source, problems, prefix)


def resource_names(source: Any) -> list[str] | None:
    """The names of a source's resources in order, None where there is no list of resources."""
    from homeroom.dlt_seam.building import resource_name

    resources = source.get("resources") if isinstance(source, Mapping) else None
    if not isinstance(resources, list):
        return None
    return list(dict.fromkeys(name for each in resources if (name := resource_name(each)) is not None))


def source_secrets(source: Any) -> frozenset[str]:
    """Every literal of a source that is a secret: under `auth`, at secret keys of what is sent, in the URL.

    Attributes of auth instances count too. Values shorter than 3 characters are left out, and outside `auth`
    those shorter than 8.
    """
    return frozenset(value for value in _literals(source, (), sent=False) if len(value) >= SHORTEST)


def _literals(value: Any, path: Path, *, sent: bool) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            inside = sent or key in _CARRIERS
            if key == "auth" and not isinstance(item, str):
                yield from _auth_literals(item)
            elif isinstance(item, str) and is_secret_key(str(key)) and inside:
                yield from _sent_literal(item)
            elif isinstance(item, str) and key == "base_url":
                yield from _password(item)
            else:
                yield from _literals(item, (*path, str(key)), sent=inside)
    elif isinstance(value, (list, tuple)):
        for i, item in enumerate(value):
            yield from _literals(item, (*path, i), sent=sent)


def _auth_literals(auth: Any) -> Iterator[str]:
    entries: Iterable[tuple[Any, Any]] = ()
    if isinstance(auth, Mapping):
        entries = auth.items()
    elif hasattr(auth, "__dict__"):
        entries = vars(auth).items()
    held = {str(key): item for key, item in entries}
    yield from _basic(held)
    for key, item in held.items():
        if isinstance(item, Mapping):
            yield from _auth_literals(item)
        elif is_secret_key(str(key)) and isinstance(item, (str, int)) and not isinstance(item, bool):
            yield str(item)
            if str(key).lower().endswith("authorization"):
                yield from _sent_literal(str(item))


def _basic(auth: Mapping[str, Any]) -> Iterator[str]:
    """What basic auth makes of a name and a password: of a short one too, which alone is not looked for in base64."""
    for user, password in (("username", "password"), ("client_id", "client_secret")):
        if auth.get(user) and auth.get(password):
            yield base64.b64encode(f"{auth[user]}:{auth[password]}".encode("utf-8", "surrogatepass")).decode()


def _sent_literal(text: str) -> Iterator[str]:
    if "{" not in text and len(text) >= _LONG_ENOUGH:
        yield text
        yield from (word for word in text.split()[1:] if len(word) >= _LONG_ENOUGH)


def _password(url: str) -> Iterator[str]:
    try:
        password = urlsplit(url if "://" in url else f"//{url}").password
    except ValueError:
        return
    if password:
        yield password


def _check_client(client: dict[str, Any], source: Mapping[str, Any], problems: Problems, at: Path) -> None:
    if "base_url" not in client:
        problems.add(at, "`base_url` is required", hint="add the URL that all paths begin with", code="missing-key")
        return
    url = client["base_url"]
    if not isinstance(url, str) or (url == "" and _all_absolute(source)):
        return
    if not _is_http(url):
        hint = f"write https://{url}" if "://" not in url and _is_http(f"https://{url}") else None
        problems.add((*at, "base_url"), "must be a URL that begins with https:// or http://", url, hint=hint)


def _is_http(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def _all_absolute(source: Mapping[str, Any]) -> bool:
    listed, defaults = source.get("resources"), source.get("resource_defaults")
    resources = listed if isinstance(listed, list) else []
    endpoints = (merged_endpoint(each, (), defaults, ()) for each in resources if isinstance(each, (str, dict)))
    return all(isinstance(each.keys["path"], str) and _is_http(each.keys["path"]) for each in endpoints)


def _check_resources(source: Mapping[str, Any], problems: Problems, prefix: Path) -> None:
    resources, defaults = source["resources"], source.get("resource_defaults")
    if not resources:
        problems.add(
            (*prefix, "resources"), "there is no resource to read", [], hint="name at least one", code="missing-key"
        )
        return
    defaults_at = (*prefix, "resource_defaults")
    names = resource_names(source) or []
    if isinstance(defaults, dict):
        _check_defaults(defaults, problems, defaults_at)
    _check_repeated(resources, problems, (*prefix, "resources"))
    sound: list[int] = []
    for i, resource in enumerate(resources):
        at = (*prefix, "resources", i)
        if isinstance(resource, dict):
            _check_resource(resource, problems, at)
        if isinstance(resource, (str, dict)) and not _spoiled(problems, at, defaults_at):
            parents = check_references(merged_endpoint(resource, at, defaults, defaults_at), names, problems)
            _check_included(resource, at, defaults, defaults_at, parents, problems)
            sound += [] if _spoiled(problems, at, defaults_at) else [i]
    _check_build(source, sound, problems, (*prefix, "resources"))
    if not problems.any_under((*prefix, "resources")) and not problems.any_under(defaults_at):
        _check_cycle(source, problems, (*prefix, "resources"))


def _spoiled(problems: Problems, *paths: Path) -> bool:
    return any(problems.any_under(path) for path in paths)


def _check_repeated(resources: Collection[Any], problems: Problems, at: Path) -> None:
    from homeroom.dlt_seam.building import resource_name

    first: dict[str, int] = {}
    for i, resource in enumerate(resources):
        name = resource_name(resource)
        if name is None:
            continue
        if name in first:
            place = (*at, i, "name") if isinstance(resource, dict) else (*at, i)
            hint = "give each resource a name of its own; `table_name` may be the same"
            problems.add(place, f"resource {first[name]} has the name `{name}` already", hint=hint, code="name-taken")
        first.setdefault(name, i)


def _check_defaults(defaults: dict[str, Any], problems: Problems, at: Path) -> None:
    endpoint = defaults.get("endpoint", {})
    if isinstance(endpoint, str) or endpoint is None:
        problems.add((*at, "endpoint"), "must be a mapping in resource_defaults", endpoint)
    _check_emptied(defaults, ("processing_steps",), problems, at)
    if isinstance(endpoint, dict):
        _check_emptied(endpoint, ("params",), problems, (*at, "endpoint"))
        _check_actions(endpoint, problems, (*at, "endpoint"))
    _check_hints(defaults, problems, at)


def _check_resource(resource: dict[str, Any], problems: Problems, at: Path) -> None:
    if "name" not in resource:
        problems.add(at, "`name` is required", hint="name the table that its rows go to", code="missing-key")
    elif callable(resource["name"]):
        problems.add((*at, "name"), "must be text", resource["name"])
    _check_emptied(resource, ("endpoint", "processing_steps"), problems, at)
    endpoint = resource.get("endpoint")
    if isinstance(endpoint, dict):
        _check_emptied(endpoint, ("path", "params", "json"), problems, (*at, "endpoint"))
        _check_actions(endpoint, problems, (*at, "endpoint"))
    _check_hints(resource, problems, at)


def _check_emptied(holder: dict[str, Any], keys: Iterable[str], problems: Problems, at: Path) -> None:
    """Keys that dlt's check lets be null and that dlt then fails on."""
    for key in keys:
        if key in holder and holder[key] is None:
            problems.add((*at, key), "is empty", None, hint="remove the key or give it a value")


def _check_actions(endpoint: dict[str, Any], problems: Problems, at: Path) -> None:
    actions = endpoint.get("response_actions")
    for i, action in enumerate(actions if isinstance(actions, list) else ()):
        if isinstance(action, dict) and action.get("action") is None:
            hint = 'write action: "ignore"'
            problems.add((*at, "response_actions", i), "`action` is required", hint=hint, code="missing-key")


def _check_hints(resource: dict[str, Any], problems: Problems, at: Path) -> None:
    if "parent_table_name" in resource:
        message = "dlt's resources have no `parent_table_name`, though its config format names it"
        problems.add((*at, "parent_table_name"), message, hint="remove the key")


def _check_included(
    resource: Any, at: Path, defaults: Any, defaults_at: Path, parents: Collection[str], problems: Problems
) -> None:
    key = "include_from_parent"
    own = isinstance(resource, dict) and key in resource
    holder, place = (resource, at) if own else (defaults, defaults_at)
    if isinstance(holder, dict) and holder.get(key) and not parents:
        hint = "name the parent in its path as {resources.NAME.field}, or remove the key"
        why = "the resource has no parent to include fields from"
        problems.add((*place, key), why, holder[key], hint=hint, code="wrong-parent")


def _check_build(source: Mapping[str, Any], indexes: list[int], problems: Problems, at: Path) -> None:
    from homeroom.dlt_seam.building import build_errors

    for index, error in build_errors(source, indexes).items():
        short = error if len(error) <= 200 else error[:197] + "..."
        problems.add((*at, index), f"dlt cannot build it: {short.rstrip('.')}")


def _check_cycle(source: Mapping[str, Any], problems: Problems, at: Path) -> None:
    from homeroom.dlt_seam.building import parent_cycle, resource_name

    if cycle := parent_cycle(source):
        chain, index = " → ".join(cycle), [resource_name(each) for each in source["resources"]].index(cycle[0])
        hint = "let one of them be read without the other"
        problems.add((*at, index), f"resources wait for each other: {chain}", hint=hint, code="wrong-parent")
