"""What may stand under `sync.resources.NAME.casts`."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, WithJsonSchema

from homeroom.values import CAST_KINDS, Cast

CASTS = f"fields, each with {', '.join(CAST_KINDS)}, a list of these, or {{date: FIELD, time: FIELD}}"


def _read(given: Any) -> Cast:
    """The cast of one field. Raises ValueError."""
    if isinstance(given, dict):
        if given.keys() != {"date", "time"} or not all(isinstance(name, str) and name for name in given.values()):
            raise ValueError("not the names of two fields")
        return Cast(date=given["date"], time=given["time"])
    kinds = given if isinstance(given, list) else [given]
    if not kinds or not all(isinstance(kind, str) and kind in CAST_KINDS for kind in kinds):
        raise ValueError("not a cast")
    return Cast(tuple(kinds))


_KIND = {"enum": list(CAST_KINDS)}
_PARTS = {"date": {"type": "string"}, "time": {"type": "string"}}
_SCHEMA = {
    "anyOf": [
        _KIND,
        {"type": "array", "items": _KIND, "minItems": 1},
        {"type": "object", "properties": _PARTS, "required": [*_PARTS], "additionalProperties": False},
    ]
}

CastValue = Annotated[Any, AfterValidator(_read), WithJsonSchema(_SCHEMA)]
"""A kind, a list of kinds, or two fields; becomes a `Cast`."""
