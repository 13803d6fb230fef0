"""`--rekey`: tables whose rows were hidden by another key, or by other rules, are made anew.

A hash cannot be undone, so their rows are read from the API once more, in full. The tables stay as they are until all
of that is read and proved; dlt drops them at the beginning of the load that fills them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from homeroom import load
from homeroom.errors import ConfigError, Problem
from homeroom.events import Hook
from homeroom.sync_run.absence import with_kept
from homeroom.values import Report, Status

if TYPE_CHECKING:
    from dlt import Pipeline

    from homeroom.source import RestApiSource


def choose_rekeyed(pipeline: Pipeline, source: RestApiSource) -> frozenset[str]:
    """Let a source read those of its selected resources whose rows are hidden otherwise in their tables; which ones.

    Raises `ConfigError` where there is none, and where another resource feeds one of their tables and is not selected.
    """
    from homeroom.dlt_seam.extraction import may_feed, table_name_of
    from homeroom.dlt_seam.noted_rules import noted_in

    schema = pipeline.default_schema if pipeline.default_schema_name else None
    selected = list(source.selected_resources)
    changed: list[str] = []
    if schema is not None and source.reading is not None:
        hiding = source.reading.entrance.hiding
        noted = noted_in(pipeline, source.name)
        changed = [name for name in selected if hiding.is_changed(source.resources[name], schema, noted.get(name))]
    if not changed:
        why = "the rows in the tables are hidden as the config says, by this key"
        raise ConfigError([Problem("--rekey", why, hint="leave it out", code="wrong-flag")])
    together = set().union(*(may_feed(source, table_name_of(source, name)) for name in changed))
    if left := sorted(together - {*selected}):
        why, hint = "tables are made anew whole, and these feed one of them", "select them too"
        raise ConfigError([Problem("--rekey", why, ", ".join(left), hint=hint, code="wrong-flag")])
    source.resources.select(*(name for name in selected if name in together))
    return frozenset(together)


def settle_rekeyed(
    pipeline: Pipeline,
    report: Report,
    landing: set[str],
    refused: set[str],
    anew: Collection[str],
    hooks: Sequence[Hook],
) -> tuple[Report, set[str], set[str]]:
    """All or nothing: where one resource of `anew` was not read to a proved end, no table is touched.

    What the rows were hidden by is noted for all of them in one state. Else the way is made free for the load.
    """
    from homeroom.dlt_seam.anew import drop_staging

    if not anew:
        return report, landing, refused
    left = sorted(name for name in anew if name not in landing or report.resources[name].status is not Status.COMPLETE)
    if not left:
        load.ask(lambda: drop_staging(pipeline))
        return report, landing, refused
    why = f"the tables were left as they were, with all their rows: {', '.join(left)} not read to a proved end"
    whole = [name for name in anew if report.resources[name].status in (Status.COMPLETE, Status.UNPROVED)]
    return with_kept(report, dict.fromkeys(whole, why), hooks), set(), {*report.resources}
