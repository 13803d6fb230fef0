"""dlt's own check of a `rest_api` config, asked so often that it names every problem and not the first.

dlt decides what is right: a value is looked into only where `validate_dict` refuses it, and every
refusal yields at least one finding. Paginators and auth are looked into in any case, because dlt's
check lets through what its own constructors then refuse (`offset` without `limit`, a key of another type).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from types import UnionType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Union, get_args, get_origin

from dlt.common import jsonpath
from dlt.common.exceptions import DictValidationException
from dlt.common.schema.typing import TColumnSchema
from dlt.common.typing import is_optional_type, is_typeddict
from dlt.common.validation import validate_dict
from dlt.sources.rest_api import SENSITIVE_KEYS
from dlt.sources.rest_api import typing as rest
from dlt.sources.rest_api.config_setup import AUTH_MAP, PAGINATOR_MAP
from requests.auth import AuthBase
from typing_extensions import TypedDict, get_type_hints

from homeroom.dlt_seam import auth_types
from homeroom.dlt_seam.wording import expected

if TYPE_CHECKING:
    from homeroom.codes import Code

Path = tuple[str | int, ...]
Hints = dict[str, Any]

_PAGINATORS: Mapping[str, Any] = {
    "json_link": rest.JSONLinkPaginatorConfig,
    "json_response": rest.JSONLinkPaginatorConfig,
    "header_link": rest.HeaderLinkPaginatorConfig,
    "header_cursor": rest.HeaderCursorPaginatorConfig,
    "cursor": rest.JSONResponseCursorPaginatorConfig,
    "offset": rest.OffsetPaginatorConfig,
    "page_number": rest.PageNumberPaginatorConfig,
}
_AUTHS: Mapping[str, Any] = {
    "bearer": rest.BearerTokenAuthConfig,
    "api_key": rest.ApiKeyAuthConfig,
    "http_basic": rest.HttpBasicAuthConfig,
    "oauth2_client_credentials": rest.OAuth2ClientCredentialsConfig,
}
_AUTH_MUST: Mapping[str, tuple[str, ...]] = {
    "bearer": ("token",),
    "api_key": ("api_key",),
    "http_basic": ("username", "password"),
    "oauth2_client_credentials": ("access_token_url", "client_id", "client_secret"),
}
"""What dlt looks for in the environment and in secrets.toml where the config leaves it out."""
_JSON_PATHS = ("total_path", "has_more_path", "next_url_path", "cursor_path")


class Finding(NamedTuple):
    """One thing that dlt refuses. `path` starts inside the config.

    `value` is the raw value, secrets included (whoever prints it has to mask it), or `...` for none to show.
    """

    path: Path
    message: str
    value: Any = ...
    allowed: str | None = None
    hint: str | None = None
    code: Code = "wrong-value"


def paginator_specs() -> dict[str, tuple[Any, tuple[str, ...]]]:
    """The TypedDict of each paginator by its type, and the keys that dlt's class must be given."""
    found: dict[str, tuple[Any, tuple[str, ...]]] = {}
    for kind, cls in PAGINATOR_MAP.items():
        spec = _PAGINATORS.get(kind, rest.PaginatorTypeConfig)
        given = inspect.signature(cls).parameters if cls else {}  # auto has no class
        must = (name for name, each in given.items() if each.default is inspect.Parameter.empty)
        found[kind] = spec, tuple(name for name in must if name in get_type_hints(spec))
    return found


def auth_specs() -> dict[str, tuple[Any, tuple[str, ...]]]:
    """The TypedDict of each auth type, ours too. What is left out is looked up elsewhere, so nothing must be given."""
    return {kind: (spec, ()) for kind, spec in {**_AUTHS, **auth_types.OWN_CONFIGS}.items()}


def type_findings(source: Mapping[str, Any]) -> list[Finding]:
    """All that dlt's validator refuses in `source`: unknown and missing keys, wrong types, unknown values."""
    return _explain(_as_dlt_checks(source), rest.RESTAPIConfig, ())


def part_findings(source: Mapping[str, Any]) -> list[Finding]:
    """What dlt's validator lets through and its constructors refuse: paginators, auth, columns, JSONPaths.

    Parts of a wrong type are passed over, `type_findings` has them. Nothing is resolved: what an auth
    leaves out may still come from the environment, so it is no finding.
    """
    return [
        finding
        for path, part in _parts(_as_dlt_checks(source))
        for finding in (_PART_CHECKS[path[-1]](part, path) if part is not None else ())
    ]


def copied(value: Any) -> Any:
    """A copy of the mappings and lists alone: instances are shared, as in dlt."""
    if isinstance(value, dict):
        return {key: copied(item) for key, item in value.items()}
    return [copied(item) for item in value] if isinstance(value, list) else value


def nearest(word: str, known: Iterable[str]) -> str | None:
    """`did you mean `x`?` for the known word most like this one, None where none is like it."""
    by_lower = {each.lower(): each for each in known}
    close = get_close_matches(word.lower(), list(by_lower), n=1, cutoff=0.55)
    return f"did you mean `{by_lower[close[0]]}`?" if close else None


def bad_json_path(text: Any) -> bool:
    """Whether dlt could not compile this JSONPath. A compiled one is always good."""
    try:
        jsonpath.compile_path(text)
    except Exception:  # jsonpath_ng raises plain Exception subclasses of its lexer and parser
        return True
    return False


# dlt's validator, part by part


def _explain(value: Any, hint: Any, path: Path) -> list[Finding]:
    """Every reason why dlt refuses `value` as a `hint`; none where it does not."""
    if _accepts(value, hint):
        return []
    options = _options(hint)
    if isinstance(value, (str, dict)) and rest.OffsetPaginatorConfig in options:
        found = _paginator(value, path)
    elif isinstance(value, (str, dict)) and rest.BearerTokenAuthConfig in options:
        found = _auth(value, path)
    else:
        attempts = [(_explain_as(value, option, path), option) for option in options]
        found, _ = min(filter(lambda attempt: attempt[0], attempts), key=_misfit, default=([], None))
    return found or [_wrong(value, options, path)]


def _misfit(attempt: tuple[list[Finding], Any]) -> tuple[int, int, int]:
    """How far a value is from an option; of mappings equally far the simplest or the richest is meant."""
    found, option = attempt
    unknown = sum(finding.code == "unknown-key" for finding in found)
    size = len(get_type_hints(option)) if is_typeddict(option) else 0
    return len(found), unknown, -size if unknown else size


def _accepts(value: Any, hint: Any) -> bool:
    spec: Any = TypedDict("spec", {"value": hint})
    try:
        validate_dict(spec, {"value": value}, path=".")
    except DictValidationException:
        return False
    return True


def _options(hint: Any) -> list[Any]:
    if get_origin(hint) not in (Union, UnionType):
        return [hint]
    return [option for option in get_args(hint) if option is not type(None)]


def _explain_as(value: Any, option: Any, path: Path) -> list[Finding]:
    origin, args = get_origin(option), get_args(option)
    if isinstance(value, dict) and is_typeddict(option):
        return list(_keys(value, option, path))
    if isinstance(value, list) and origin in (list, Sequence):
        return [found for i, item in enumerate(value) for found in _explain(item, args[0], (*path, i))]
    if isinstance(value, dict) and origin is dict:
        return [found for key, item in value.items() for found in _entry(key, item, args[1], path)]
    return []


def _entry(key: Any, item: Any, hint: Any, path: Path) -> list[Finding]:
    if not isinstance(key, str):
        return [Finding((*path, str(key)), "a key must be text", key, hint="put it in quotes")]
    return _explain(item, hint, (*path, key))


def _keys(value: dict[str, Any], spec: Any, path: Path) -> Iterator[Finding]:
    hints = get_type_hints(spec)
    for key in hints:
        if key in spec.__required_keys__ and not is_optional_type(hints[key]) and key not in value:
            yield Finding(path, f"`{key}` is required", code="missing-key")
    for key, item in value.items():
        if key in hints:
            yield from _explain(item, hints[key], (*path, key))
        else:
            yield _unknown(key, hints, path)


def _unknown(key: Any, known: Iterable[str], path: Path, hint: str | None = None) -> Finding:
    known = [key for key in known if not key.startswith("x-")]
    hint = hint or nearest(str(key), known)
    return Finding((*path, str(key)), f"unknown key `{key}`", allowed=", ".join(known), hint=hint, code="unknown-key")


def _wrong(value: Any, options: list[Any], path: Path) -> Finding:
    literals = [str(arg) for option in options if get_origin(option) is Literal for arg in get_args(option)]
    if literals and isinstance(value, str):
        hint = nearest(value, literals)
        return Finding(path, "unknown value", value, allowed=", ".join(literals), hint=hint)
    hint = None
    if str in options and isinstance(value, (int, float)):
        hint = "put it in quotes"
    elif int in options and isinstance(value, str):
        hint = "write the number without quotes" if value.strip().isdigit() else None
    return Finding(path, f"must be {expected(options, literals)}", value, hint=hint)


# parts with a type of their own


def _paginator(value: Any, path: Path) -> list[Finding]:
    if isinstance(value, str):
        return _paginator_of(value, {}, path, path)
    if not isinstance(value, dict):
        return []
    keys = {key: item for key, item in value.items() if key != "type"}
    return _paginator_of(value["type"], keys, (*path, "type"), path) if "type" in value else [_no_type(keys, path)]


def _paginator_of(kind: Any, keys: dict[str, Any], at: Path, path: Path) -> list[Finding]:
    """`at` is where the type stands, `path` where the paginator does."""
    if not isinstance(kind, str) or kind not in PAGINATOR_MAP:
        hint = nearest(str(kind), PAGINATOR_MAP)
        return [Finding(at, "unknown paginator", kind, ", ".join(PAGINATOR_MAP), hint)]
    cls = PAGINATOR_MAP[kind]
    if cls is None:  # auto takes no keys; dlt ignores those of other paginators
        known = {key for spec in _PAGINATORS.values() for key in get_type_hints(spec)}
        return [_unknown(key, ["type"], path) for key in keys if key not in known]
    found = [*_paginator_keys(kind, cls, keys, path), *_no_limit(kind, keys, path)]
    return found or list(_paginator_built(kind, cls, keys, path))


def _no_limit(kind: str, keys: dict[str, Any], path: Path) -> Iterator[Finding]:
    """dlt would ask for pages of no rows for ever."""
    limit = keys.get("limit")
    if kind == "offset" and isinstance(limit, int) and limit < 1:
        yield Finding((*path, "limit"), "must be 1 or more", limit, hint="so many rows are asked for in a page")


def _no_type(keys: dict[str, Any], path: Path) -> Finding:
    fitting = [kind for kind, spec in _PAGINATORS.items() if keys and set(keys) <= set(get_type_hints(spec))]
    hint = f"its keys are those of `type: {fitting[0]}`" if fitting else None
    return Finding(path, "`type` is required for a paginator", ..., ", ".join(PAGINATOR_MAP), hint, "missing-key")


def _paginator_keys(kind: str, cls: Any, keys: dict[str, Any], path: Path) -> Iterator[Finding]:
    hints = _paginator_hints(kind)
    parameters = inspect.signature(cls).parameters
    open_ended = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters.values())
    for name, each in parameters.items():
        if _needed(each) and name not in keys:
            example = f"write {{type: {kind}, {name}: 100}}" if kind == "offset" else None
            yield Finding(path, f"`{name}` is required for the {kind} paginator", hint=example, code="missing-key")
    for key, value in keys.items():
        if key not in parameters and not open_ended:
            yield _unknown(key, [name for name in ("type", *parameters) if name in hints], path)
        elif key not in hints:
            hint = "give an instance of the paginator instead (only in a Python config)"
            message = f"dlt lets no registered paginator have the key `{key}`"
            yield Finding((*path, str(key)), message, hint=hint)
        else:
            yield from _explain(value, hints[key], (*path, key))


def _needed(parameter: inspect.Parameter) -> bool:
    return parameter.default is parameter.empty and parameter.kind not in (
        parameter.VAR_KEYWORD,
        parameter.VAR_POSITIONAL,
    )


def _paginator_hints(kind: str) -> Hints:
    specs = [_PAGINATORS[kind]] if kind in _PAGINATORS else [rest.PaginatorTypeConfig]
    if kind not in _PAGINATORS and kind != "single_page":
        specs = list(_PAGINATORS.values())
    return {key: hint for spec in specs for key, hint in get_type_hints(spec).items()}


def _paginator_built(kind: str, cls: Any, keys: dict[str, Any], path: Path) -> Iterator[Finding]:
    bad = [key for key in _JSON_PATHS if keys.get(key) is not None and bad_json_path(keys[key])]
    for key in bad:
        yield Finding((*path, key), "is not a JSONPath", keys[key])
    if bad or not cls.__module__.startswith("dlt."):
        return
    try:
        cls(**keys)
    except (TypeError, ValueError) as error:
        yield Finding(path, f"the {kind} paginator cannot be made: {str(error).rstrip('.')}")


def _auth(value: Any, path: Path) -> list[Finding]:
    if isinstance(value, AuthBase):  # dlt's AuthConfigBase is one; of requests' own we take any
        return []
    if not isinstance(value, (str, dict)):
        wanted = "a type, a mapping or an instance of requests' AuthBase"
        return [Finding(path, "dlt takes no such auth", value, wanted)]
    kind = value.get("type", "bearer") if isinstance(value, dict) else value
    if not isinstance(kind, str) or kind not in AUTH_MAP:
        at = (*path, "type") if isinstance(value, dict) else path
        return [Finding(at, "unknown auth type", kind, ", ".join(AUTH_MAP), nearest(str(kind), AUTH_MAP))]
    if isinstance(value, dict) and kind in auth_types.OWN_CONFIGS:
        return list(_own_auth(kind, value, path))
    if isinstance(value, str) or kind not in _AUTHS:
        return []
    return list(_auth_keys(kind, value, path))


def _own_auth(kind: str, value: dict[str, Any], path: Path) -> list[Finding]:
    """One of our types: every key is checked, then what they mean. What is missing may come from elsewhere."""
    found = list(_keys(value, auth_types.OWN_CONFIGS[kind], path))
    if found:
        return found
    given = {key: item for key, item in value.items() if item is not None}
    refused = auth_types.OWN_CLASSES[kind].refusals(given)
    return [Finding((*path, key) if key else path, *rest) for key, *rest in refused]


def _auth_keys(kind: str, value: dict[str, Any], path: Path) -> Iterator[Finding]:
    """The keys of a built-in auth. One that dlt would ignore counts only where a needed one is missing."""
    hints = get_type_hints(_AUTHS[kind])
    refused = not _accepts(value, rest.AuthConfig)
    missing = [key for key in _AUTH_MUST[kind] if key not in value]
    for key in value if refused or missing else ():
        if key not in hints:
            yield _unknown(key, hints, path, _missing_type(value))
        elif refused:
            yield from _explain(value[key], hints[key], (*path, key))
    if refused and kind == "http_basic":
        for key in missing:
            yield Finding(path, f"`{key}` is required for http_basic auth", code="missing-key")


def _missing_type(value: dict[str, Any]) -> str | None:
    if "type" in value:
        return None
    keys = set(value)
    fitting = [kind for kind, spec in _AUTHS.items() if keys <= set(get_type_hints(spec))]
    return f"without `type` this is bearer auth; add `type: {fitting[0]}`" if fitting else None


def _columns(value: Any, path: Path) -> list[Finding]:
    """Columns as data. A model, a class or a function is left to dlt."""
    if isinstance(value, dict):
        columns = [((*path, str(name)), column) for name, column in value.items()]
    elif isinstance(value, list):
        columns = [((*path, i), column) for i, column in enumerate(value)]
    elif isinstance(value, (str, int, float, tuple)):
        return [Finding(path, "must be a mapping or a list of column hints", value)]
    else:
        return []
    return [found for at, column in columns for found in _column(column, at)]


def _column(column: Any, path: Path) -> list[Finding]:
    if not isinstance(column, dict):
        return [Finding(path, "must be a mapping of column hints", column, hint="write {data_type: text}")]
    plain = {key: hint for key, hint in column.items() if not str(key).startswith("x-")}
    return list(_keys(plain, TColumnSchema, path))


def _selector(value: Any, path: Path) -> list[Finding]:
    bad = isinstance(value, str) and bad_json_path(value)
    return [Finding(path, "is not a JSONPath", value)] if bad else []


def _incremental(value: Any, path: Path) -> list[Finding]:
    return _selector(value.get("cursor_path"), (*path, "cursor_path")) if isinstance(value, dict) else []


_PART_CHECKS: Mapping[str | int, Callable[[Any, Path], list[Finding]]] = {
    "paginator": _paginator,
    "auth": _auth,
    "columns": _columns,
    "data_selector": _selector,
    "incremental": _incremental,
}


def _parts(source: dict[str, Any]) -> Iterator[tuple[Path, Any]]:
    """Every part of the config that has a check of its own, with its path."""
    holders: list[tuple[Path, Any]] = [(("client",), source.get("client"))]
    listed = source.get("resources")
    resources = listed if isinstance(listed, list) else []
    bases: list[tuple[Path, Any]] = [(("resource_defaults",), source.get("resource_defaults"))]
    bases += [(("resources", i), each) for i, each in enumerate(resources)]
    for path, base in bases:
        if isinstance(base, dict):
            holders += [(path, {"columns": base.get("columns")}), ((*path, "endpoint"), base.get("endpoint"))]
    for path, holder in holders:
        if isinstance(holder, dict):
            yield from (((*path, key), holder[key]) for key in _PART_CHECKS if key in holder)


def _as_dlt_checks(source: Mapping[str, Any]) -> dict[str, Any]:
    """A copy as dlt gives it to its validator: before that it masks auth, and a null secret becomes text."""
    copy: dict[str, Any] = copied(dict(source))
    resources = copy.get("resources")
    holders = [copy.get("client")]
    resources = resources if isinstance(resources, list) else []
    holders += [each.get("endpoint") for each in resources if isinstance(each, dict)]
    for holder in holders:
        auth = holder.get("auth") if isinstance(holder, dict) else None
        if isinstance(auth, dict):
            auth |= {key: "None" for key in SENSITIVE_KEYS if key in auth and auth[key] is None}
    return copy
