"""dlt's types of a `rest_api` config as JSON Schema, as far as JSON can say them; what is Python's is any value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import UnionType
from typing import Any, Literal, NotRequired, Required, Union, get_args, get_origin

from dlt.common.schema.typing import TColumnSchema
from dlt.common.typing import is_typeddict
from dlt.sources.rest_api import typing as rest
from typing_extensions import get_type_hints

from homeroom.dlt_seam.validation import auth_specs, paginator_specs

Schema = dict[str, Any]

_PLAIN: Mapping[Any, Schema] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    type(None): {"type": "null"},
}
_BARE = "bearer"
"""The auth type of a mapping that names none."""
_TYPED = ("auth", "paginator")
"""Keys under which a `type` says which other keys there are."""


def source_schema() -> tuple[Schema, dict[str, Schema]]:
    """The schema of `source:`, and the definitions that it refers to by `#/$defs/`."""
    definitions: dict[str, Schema] = {}
    return _of(rest.RESTAPIConfig, definitions) or {}, definitions


def _of(hint: Any, definitions: dict[str, Schema]) -> Schema | None:
    """The schema of a type; None for one that only Python has values of."""
    origin = get_origin(hint)
    if origin in (NotRequired, Required):
        return _of(get_args(hint)[0], definitions)
    if origin is Literal:
        return {"enum": list(get_args(hint))}
    if origin in (Union, UnionType):
        return _any_of([_of(part, definitions) for part in get_args(hint)])
    if hint in _PLAIN:
        return _PLAIN[hint]
    if is_typeddict(hint):
        return _typed_dict(hint, definitions)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        _, value = get_args(hint)
        return {"type": "object", "additionalProperties": _of(value, definitions) or {}}
    if isinstance(origin, type) and issubclass(origin, Sequence) and origin is not str:
        return {"type": "array", "items": _of(get_args(hint)[0], definitions) or {}}
    return {} if hint is Any or hint is object else None


def _typed_dict(hint: Any, definitions: dict[str, Schema]) -> Schema:
    name = hint.__name__
    if name not in definitions:
        definitions[name] = {}  # it may hold itself
        hints = get_type_hints(hint, include_extras=False)
        required = sorted(hint.__required_keys__ & hints.keys())
        definitions[name] = {
            "type": "object",
            "properties": {key: _property(key, part, definitions) for key, part in hints.items()},
            **({"required": required} if required else {}),
            # dlt refuses keys that it does not know, but for hints of columns.
            **({"patternProperties": {"^x-": {}}} if hint is TColumnSchema else {}),
            "additionalProperties": False,
        }
    return {"$ref": f"#/$defs/{name}"}


def _property(key: str, hint: Any, definitions: dict[str, Schema]) -> Schema:
    if key in _TYPED:
        return _by_type(auth_specs() if key == "auth" else paginator_specs(), definitions)
    found = _of(hint, definitions) or {}
    if found or key != "columns":
        return found
    # To dlt a class of pydantic's is any value here; a file has columns by name, or in a list.
    column = _typed_dict(TColumnSchema, definitions)
    return {"anyOf": [{"type": "object", "additionalProperties": column}, {"type": "array", "items": column}]}


def _by_type(specs: Mapping[str, tuple[Any, tuple[str, ...]]], definitions: dict[str, Schema]) -> Schema:
    """A type alone, or a mapping whose `type` says which other keys there are; `specs` with those that must be."""
    kinds: Schema = {"enum": list(specs)}
    cases = []
    for kind, (spec, needed) in specs.items():
        here: Schema = {"properties": {"type": {"const": kind}}, "required": ["type"]}
        if kind == _BARE:
            here = {"properties": {"type": {"const": kind}}}
        cases.append({"if": here, "then": _case(spec, needed, definitions)})
    by_type: Schema = {"type": "object", "properties": {"type": kinds}, "allOf": cases}
    if _BARE not in specs:
        by_type["required"] = ["type"]
    return {"anyOf": [kinds, by_type, {"type": "null"}]}


def _case(spec: Any, needed: tuple[str, ...], definitions: dict[str, Schema]) -> Schema:
    found = _typed_dict(spec, definitions)
    return {"allOf": [found], "required": list(needed)} if needed else found


def _any_of(options: Sequence[Schema | None]) -> Schema | None:
    """Any of these that JSON has values of; any value where one of them is that."""
    known = [option for option in options if option is not None]
    if {} in known or not known:
        return {} if known else None
    fresh: list[Schema] = []
    for option in (inner for each in known for inner in each.get("anyOf", [each])):
        if option not in fresh:
            fresh.append(option)
    return fresh[0] if len(fresh) == 1 else {"anyOf": fresh}
