"""What a pipeline remembers of its resources: where each `incremental` stands."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dlt.common.versioned_state import json_decode_state
from dlt.pipeline.helpers import pipeline_drop
from dlt.pipeline.pipeline import Pipeline

from homeroom.dlt_seam.standing import Standing, standing_in


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far one resource was read. `path` is the cursor's JSONPath, `value` the furthest it came to, as text.

    `begun`: some row was read; else `value` is where the read will begin.
    """

    resource: str
    path: str
    value: str
    begun: bool = True


def cursors_of(pipeline: Pipeline) -> list[Cursor]:
    """The cursors of the pipeline's state; ask after it was brought to the destination's."""
    return _cursors(pipeline.state) if pipeline.default_schema_name else []


def remembered_in(folder: Path) -> tuple[str, list[Cursor]]:
    """The dataset and the cursors that a working folder knows of, which may be behind those of the destination."""
    file = folder / Pipeline.STATE_FILE
    state = json_decode_state(file.read_text(encoding="utf-8")) if file.exists() else {}
    return str(state.get("dataset_name", "")), _cursors(state)


def standings_in(folder: Path) -> dict[str, Standing]:
    """By resource, how far it was read, as a working folder knows it: as of the last run of this machine."""
    file = folder / Pipeline.STATE_FILE
    state = json_decode_state(file.read_text(encoding="utf-8")) if file.exists() else {}
    sources = state.get("sources", {}).values()
    return {name: standing_in(known) for source in sources for name, known in source.get("resources", {}).items()}


def _cursors(state: Any) -> list[Cursor]:
    resources = (named for source in state.get("sources", {}).values() for named in source.get("resources", {}).items())
    return [cursor for name, remembered in resources for cursor in _of_resource(name, remembered)]


def _of_resource(name: str, remembered: Any) -> list[Cursor]:
    dlts = [
        Cursor(name, path, str(known.get("last_value")), _has_begun(known))
        for path, known in remembered.get("incremental", {}).items()
    ]
    standing = standing_in(remembered)
    versions = [] if standing.version is None else [Cursor(name, "change version", str(standing.version))]
    return dlts + versions + [Cursor(name, path, _span(values)) for path, values in standing.parents.items()]


def _span(values: Mapping[str, Any]) -> str:
    """Where the parents of a resource stand: each by itself would be a list without end, of hashes."""
    ends = sorted(map(str, values.values()))
    return f"{ends[0]} of 1 parent" if len(ends) == 1 else f"{ends[0]} to {ends[-1]} of {len(ends):,} parents"


def _has_begun(known: Any) -> bool:
    """dlt writes the initial value down before the first row; of rows that have it, it keeps the hashes."""
    return known.get("last_value") != known.get("initial_value") or bool(known.get("unique_hashes"))


def forget_cursors(pipeline: Pipeline, resources: Collection[str]) -> None:
    """Let the next run read these resources from their beginning; the destination remembers it. No row is touched.

    The working folder must hold no package that waits to be loaded.
    """
    if resources:
        pipeline_drop(pipeline, resources=sorted(resources), state_only=True)()
