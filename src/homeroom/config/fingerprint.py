"""Whether two configs given from Python are the same, secrets aside."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from homeroom.config.checks import source_secrets
from homeroom.config.load import config_hash
from homeroom.secrets import mask_text


def fingerprint(source: Mapping[str, Any], sync: Mapping[str, Any]) -> str:
    """16 hex digits over a source and its `sync` section, in any order of their keys.

    A new key or password makes no other one, and none can be found from it. Functions and classes count by their
    qualified name, other objects by their type's.
    """
    return config_hash({"source": _masked(source, source_secrets(source)), "sync": sync})


def _masked(value: Any, secrets: Collection[str]) -> Any:
    if isinstance(value, dict):
        return {str(key): _masked(item, secrets) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_masked(item, secrets) for item in value]
    if isinstance(value, str) or (isinstance(value, int) and str(value) in secrets):
        return mask_text(str(value), secrets)
    return value
