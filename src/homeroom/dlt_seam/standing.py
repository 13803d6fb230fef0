"""How far a resource was read, as the pipeline's state holds it: dlt's own cursors, and beside them ours.

dlt keeps one value for each cursor path of a resource, under `incremental`. A value of ours that is for all of its rows
stands there too, so that dlt goes on from it; what dlt has no place for stands under `homeroom`.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

_DLTS, _OURS = "incremental", "homeroom"
_NOTHING: Mapping[Any, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a resource was read. `furthest` is by cursor path, `parents` by cursor path and parent.

    `version` is the API's change version up to which it was read, `full_at` when the last read of all its rows began.
    """

    furthest: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)
    parents: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: _NOTHING)
    version: int | None = None
    full_at: datetime | None = None


def standing_in(state: Mapping[str, Any]) -> Standing:
    """What the state of a resource says."""
    dlts, ours = state.get(_DLTS, {}), state.get(_OURS, {})
    known = {path: each["last_value"] for path, each in dlts.items() if each.get("last_value") is not None}
    full_at = ours.get("full_at")
    last = None if full_at is None else datetime.fromisoformat(full_at)
    return Standing(known, ours.get("parents", {}), ours.get("version"), last)


def with_standing(state: Mapping[str, Any], standing: Standing) -> dict[str, Any]:
    """The state of a resource, saying this."""
    changed = deepcopy(dict(state))
    for path, value in standing.furthest.items():
        before = changed.setdefault(_DLTS, {}).get(path, {})
        if before.get("last_value") != value:
            # Without hashes: of the rows at the edge dlt then takes all once more.
            start = {"initial_value": before.get("initial_value"), "start_value": before.get("last_value")}
            changed[_DLTS][path] = {**start, "last_value": value, "unique_hashes": []}
    parents = {path: dict(values) for path, values in standing.parents.items() if values}
    full_at = None if standing.full_at is None else standing.full_at.isoformat()
    said = {"parents": parents or None, "version": standing.version, "full_at": full_at}
    ours = {key: value for key, value in said.items() if value is not None}
    changed.pop(_OURS, None)
    return {**changed, _OURS: ours} if ours else changed
