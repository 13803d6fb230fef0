"""What of a config and of a server's answers must stand in no message, and in no page that is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from homeroom.secrets import is_secret_key


def secret_texts(values: Iterable[Any]) -> frozenset[str]:
    """Each value. Of a mapping what stands at the keys of secrets: a user's name is in many pages."""
    found: set[str] = set()
    for value in values:
        found |= _at_secret_keys(value) if isinstance(value, Mapping) else _text(value)
    return frozenset(found)


def all_texts(value: Any) -> frozenset[str]:
    """All texts in a value, however deep in lists and mappings, without their keys."""
    if isinstance(value, Mapping | list | tuple):
        inside = value.values() if isinstance(value, Mapping) else value
        return frozenset().union(*map(all_texts, inside))
    return _text(value)


def _at_secret_keys(values: Mapping[str, Any]) -> frozenset[str]:
    found: set[str] = set()
    for key, value in values.items():
        if isinstance(value, Mapping):
            found |= _at_secret_keys(value)
        elif is_secret_key(str(key)):
            # `Bearer KEY`: a server may quote the key alone.
            found |= _text(value) | set(str(value).split()[1:] if str(key).lower().endswith("authorization") else ())
    return frozenset(found)


def _text(value: Any) -> frozenset[str]:
    return frozenset() if value in (None, "") or not isinstance(value, str | int) else frozenset({str(value)})
