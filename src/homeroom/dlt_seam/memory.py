"""What a pipeline remembers of a source between its runs: read, written down, and put back for a replay."""

from __future__ import annotations

from typing import Any

from dlt.common.json import json
from dlt.pipeline.pipeline import Pipeline

from homeroom.dlt_seam.noted_rules import RULES


def memory_of(pipeline: Pipeline, source: str) -> str:
    """All that is remembered of a source, cursors above all, as text that holds dates and numbers exactly."""
    remembered: Any = pipeline.state.get("sources", {})
    return json.typed_dumps(remembered.get(source, {}))


def put_memory(pipeline: Pipeline, source: str, text: str, *, lasting: bool) -> None:
    """Make the pipeline remember this of a source, in its working folder; called between sync and extract.

    Unless it is `lasting`, the next load leaves what the destination remembers as it is. By which rules of privacy the
    rows there were hidden is no memory of a run: that stays.
    """
    with pipeline.managed_state() as state:
        sources: Any = state.setdefault("sources", {})
        rules = {key: value for key, value in sources.get(source, {}).items() if key == RULES}
        sources[source] = {**json.typed_loads(text), **rules}
    if not lasting:
        # By this dlt decides, too, whether the state goes into the package.
        pipeline.config.restore_from_destination = False


def goes_on_from(pipeline: Pipeline, source: str, text: str) -> bool:
    """Whether what the destination remembers is this, or nothing yet; asked after the pipeline was synced."""
    if not pipeline.default_schema_name:
        return True
    remembered: Any = pipeline.state.get("sources", {})
    return bool(remembered.get(source, {}) == json.typed_loads(text))
