"""Empty tables, by dlt's own mark; of children too, whose generators never ran."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import dlt
from dlt.common.exceptions import DltException
from dlt.common.schema.utils import is_complete_column
from dlt.extract import DltResource
from dlt.extract.items import ResolvablePipeItem
from dlt.extract.pipe import ForkPipe
from dlt.extract.state import get_current_pipe

from homeroom.dlt_seam.destination import speaks_sql
from homeroom.dlt_seam.extraction import DLT_PREFIX


def declares_columns(resource: DltResource) -> bool:
    """Whether `columns` of a resource give types: to one column at least, and to all that may not be null.

    dlt makes no table with a key of which it does not know the type.
    """
    if resource.has_dynamic_table_name or not (resource._hints or {}).get("columns"):
        return False
    try:
        given = resource.compute_table_schema()["columns"]
    except DltException:  # hints depend on the row
        return False
    columns = [column for name, column in given.items() if not name.startswith(DLT_PREFIX)]
    typed = [column for column in columns if is_complete_column(column)]
    return bool(typed) and all(column.get("nullable", True) for column in columns if column not in typed)


def can_be_asked() -> bool:
    """Whether the destination of the running pipeline tells in SQL how many rows a table holds."""
    return speaks_sql(dlt.current.pipeline())


def empty_table(name: str) -> Iterator[Any]:
    """What the generator that dlt pulls just now yields to have an empty table of its own, or of a child's."""
    pipes: list[Any] = [get_current_pipe()]
    while pipes:
        pipe = pipes.pop()
        if pipe.name == name:
            mark: Any = dlt.mark.materialize_table_schema()
            yield ResolvablePipeItem(mark, len(pipe) - 1, pipe, None)  # at its end, so past all steps
            return
        fork = pipe.get_by_type(ForkPipe)
        pipes += [child for child, _ in fork._pipes if child is not pipe] if fork is not None else []
