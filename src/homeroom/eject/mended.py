"""The `source:` section as dlt alone reads it without losing a row, as far as its format can say that."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from homeroom.config.references import merged_endpoint
from homeroom.eject.auth import Ejected, ejected
from homeroom.eject.casting import Casting, column_types
from homeroom.eject.literal import Code

_COUNTING = ("offset", "page_number")
_NOT_DLTS = ("by_change_version", "further_cursors", "cursor_per_parent")
"""Settings of a resource by which an `incremental` reads otherwise than dlt's."""
_END = "{incremental.end_value}"
_BODIES = ("path", "params", "json", "data", "headers")

TOTAL = (
    '"total_path": None: the config names no total. dlt would look for `total`, stop where that says, and end with an '
    "error where an answer has none; with None it reads to an empty page"
)
STATUS = '"status_code" is a whole number: to dlt a text never fits'
END = f"a parameter that is {_END} alone is left out, which dlt would send as the text None"
COOKIE = "the key goes as a header Cookie: dlt has no api_key with `location: cookie`"


@dataclass(slots=True)
class Mended:
    """A source as a script has it, and what was made otherwise.

    `notes` are about what is the same by other means; `whole` are resources whose `incremental` was left out, with the
    reason, so that all of them is read each time; `partial` those that keep one by which dlt loses rows.
    """

    source: dict[str, Any]
    notes: dict[str, None] = field(default_factory=dict)
    auths: list[Ejected] = field(default_factory=list)
    casting: Casting = field(default_factory=Casting)
    whole: dict[str, list[str]] = field(default_factory=dict)
    partial: list[str] = field(default_factory=list)


def mended(source: Mapping[str, Any], settings: Mapping[str, Any]) -> Mended:
    """Mend a source whose placeholders are `Code`. `settings` is `sync.resources` as written."""
    made = Mended({})
    defaults, resources = source.get("resource_defaults") or {}, source["resources"]
    left = [_cursor_left(each, defaults, settings, made) for each in resources]
    # One that stands in the defaults alone, and that nobody keeps, goes there.
    inherited = [gone for each, gone in zip(resources, left, strict=True) if "incremental" not in _own_endpoint(each)]
    in_defaults = "incremental" in (defaults.get("endpoint") or {})
    nobody = in_defaults and all(inherited)
    for key, value in source.items():
        match key:
            case "client":
                made.source[key] = _client(value, made)
            case "resource_defaults" if value:
                made.source[key] = _defaults(value, made, without_cursor=nobody)
            case "resources":
                leave = _none if in_defaults and not nobody else _own
                pairs = zip(value, left, strict=True)
                made.source[key] = [_resource(each, leave if gone else _kept, settings, made) for each, gone in pairs]
            case _:
                made.source[key] = value
    return made


def _client(client: Mapping[str, Any], made: Mended) -> dict[str, Any]:
    return _with_auth(dict(client) | _paging(client, made), made)


def _defaults(defaults: Mapping[str, Any], made: Mended, *, without_cursor: bool) -> dict[str, Any]:
    if not isinstance(defaults.get("endpoint"), Mapping):
        return dict(defaults)
    endpoint = _endpoint(defaults["endpoint"], made)
    return {**defaults, "endpoint": _own(endpoint) if without_cursor else endpoint}


def _resource(resource: Any, cursor: Callable[..., dict[str, Any]], settings: Mapping[str, Any], made: Mended) -> Any:
    own = _settings_of(resource, settings)
    result = {"name": resource} if isinstance(resource, str) else dict(resource)
    if (endpoint := cursor(_endpoint(_own_endpoint(resource), made))) != _own_endpoint(resource):
        result["endpoint"] = endpoint
    if casts := own.get("casts"):
        result["processing_steps"] = [*made.casting.step(casts), *result.get("processing_steps", [])]
        if types := column_types(casts):
            result["columns"] = _with_types(result.get("columns"), types)
    return resource if result == {"name": resource} else result


def _own_endpoint(resource: Any) -> dict[str, Any]:
    endpoint = resource.get("endpoint") if isinstance(resource, Mapping) else None
    return {"path": endpoint} if isinstance(endpoint, (str, Code)) else dict(endpoint or {})


def _settings_of(resource: Any, settings: Mapping[str, Any]) -> Mapping[str, Any]:
    name = resource.get("name") if isinstance(resource, Mapping) else resource
    return settings.get(str(name)) or {}


def _kept(endpoint: dict[str, Any]) -> dict[str, Any]:
    return endpoint


def _own(endpoint: dict[str, Any]) -> dict[str, Any]:
    """Without its own `incremental`."""
    return {key: each for key, each in endpoint.items() if key != "incremental"}


def _none(endpoint: dict[str, Any]) -> dict[str, Any]:
    """Without its own `incremental`, and without that of the defaults."""
    return {**endpoint, "incremental": None}


def _endpoint(endpoint: Mapping[str, Any], made: Mended) -> dict[str, Any]:
    result = dict(endpoint) | _paging(endpoint, made)
    actions = result.get("response_actions")
    if isinstance(actions, list):
        result["response_actions"] = [_action(each, made) for each in actions]
    params, incremental = result.get("params"), result.get("incremental")
    if isinstance(params, Mapping) and isinstance(incremental, Mapping) and incremental.get("end_value") is None:
        result["params"] = {key: each for key, each in params.items() if each != _END}
        if len(result["params"]) < len(params):
            made.notes[END] = None
    return _with_auth(result, made)


def _paging(holder: Mapping[str, Any], made: Mended) -> dict[str, Any]:
    paging = holder.get("paginator")
    if paging == "page_number":
        paging = {"type": paging}
    if not isinstance(paging, Mapping) or paging.get("type") not in _COUNTING or "total_path" in paging:
        return {}
    ends = ("has_more_path", "maximum_offset", "maximum_page")
    if paging.get("stop_after_empty_page") is False and not any(paging.get(key) for key in ends):
        return {}  # dlt would have nothing to end by
    made.notes[TOTAL] = None
    return {"paginator": {**paging, "total_path": None}}


def _action(action: Any, made: Mended) -> Any:
    status = action.get("status_code") if isinstance(action, Mapping) else None
    if not isinstance(status, str) or not status.strip().isdigit():
        return action
    made.notes[STATUS] = None
    return {**action, "status_code": int(status)}


def _with_auth(holder: dict[str, Any], made: Mended) -> dict[str, Any]:
    if "auth" not in holder:
        return holder
    found = ejected(holder["auth"])
    made.auths.append(found)
    if found.headers:
        made.notes[COOKIE] = None
        headers = {**found.headers, **(holder.get("headers") or {})}
        return {**{key: each for key, each in holder.items() if key != "auth"}, "headers": headers}
    return {**holder, "auth": found.auth}


def _cursor_left(resource: Any, defaults: Any, settings: Mapping[str, Any], made: Mended) -> bool:
    """Whether an `incremental` is left out by which dlt would lose rows: a whole read brings none of them twice."""
    endpoint, own = merged_endpoint(resource, (), defaults, ()).keys, _settings_of(resource, settings)
    if not isinstance(endpoint.get("incremental"), Mapping):
        return False
    reasons = [key for key in _NOT_DLTS if own.get(key)] + ["child"] * _is_child(endpoint)
    if not reasons:
        return False
    name = str(resource.get("name") if isinstance(resource, Mapping) else resource)
    if _fills(endpoint) or not _merges(resource, defaults):
        made.partial.append(name)
        return False
    made.whole.setdefault(reasons[0], []).append(name)
    return True


def _fills(endpoint: Mapping[str, Any]) -> bool:
    """Whether a placeholder stands somewhere that an `incremental` fills."""
    return "{incremental." in repr([endpoint.get(key) for key in _BODIES])


def _is_child(endpoint: Mapping[str, Any]) -> bool:
    held = [endpoint.get(key) for key in _BODIES]
    return "{resources." in repr(held) or "'resolve'" in repr(endpoint.get("params"))


def _merges(resource: Any, defaults: Any) -> bool:
    both = {
        **(defaults if isinstance(defaults, Mapping) else {}),
        **(resource if isinstance(resource, Mapping) else {}),
    }
    how = both.get("write_disposition")
    disposition = how.get("disposition") if isinstance(how, Mapping) else how
    return disposition == "merge" and bool(both.get("primary_key"))


def _with_types(columns: Any, types: Mapping[str, str]) -> Any:
    if isinstance(columns, list):
        known = {each.get("name") for each in columns if isinstance(each, Mapping)}
        return [*columns, *({"name": name, "data_type": kind} for name, kind in types.items() if name not in known)]
    declared = dict(columns or {})
    return declared | {name: {"data_type": kind, **declared.get(name, {})} for name, kind in types.items()}
