"""Tables of resources that declare their columns are made even when no row came."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from homeroom.dlt_seam import empty_tables
from homeroom.dlt_seam import extraction as seam
from homeroom.ledger import Verdict
from homeroom.values import Status


def declared_tables(names: Iterable[str], verdicts: dict[str, Verdict], *, strict: bool) -> Iterator[Any]:
    """For each resource whose table no load has made yet, what dlt makes an empty one of: items to be yielded.

    Not of one that failed or was skipped. Where rows came, dlt passes them over. To be asked in the generator of the
    resource at the top. `strict`: in a plain `pipeline.run`, which takes a table that was once loaded for a full one,
    and would then refuse an empty `replace`.
    """
    for name in names:
        resource, schema = seam.current_resource(name), seam.current_schema()
        if resource is None or schema is None or not resource.selected or not seam.in_extraction():
            continue
        if name not in verdicts or verdicts[name].status in (Status.FAILED, Status.SKIPPED):
            continue
        if not empty_tables.declares_columns(resource) or seam.holds_rows(schema, seam.own_table(resource, schema)):
            continue
        if seam.takes_away(resource, schema) and (strict or not empty_tables.can_be_asked()):
            continue
        yield from empty_tables.empty_table(name)
