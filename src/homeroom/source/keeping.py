"""Tables that a load would take rows from, by a read that says nothing of these rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from homeroom.dlt_seam import extraction as seam
from homeroom.guard import INCREMENTS
from homeroom.ledger import ResourceLedger


def emptied(entries: Iterable[ResourceLedger]) -> list[tuple[ResourceLedger, str]]:
    """The resources that have no row so far, each with its table that would lose all of its own."""
    found = []
    for entry in entries:
        resource = seam.current_resource(entry.resource)
        if resource is None or not resource.selected or entry.rows_going_on or not seam.replaces(resource):
            continue
        if table := _loaded_table(str(resource.table_name)):
            found.append((entry, table))
    return found


def keep_from_increments(entries: Iterable[ResourceLedger], in_part: Callable[[str], bool]) -> None:
    """Keep tables that hold rows from reads `in_part`, which do not ask for these rows.

    While they are read, because a cursor can only be held then; what else speaks against a load is asked after that.
    """
    for entry in entries:
        resource = seam.current_resource(entry.resource)
        schema = seam.current_schema()
        if resource is None or schema is None or not resource.selected or not in_part(entry.resource):
            continue
        if (way := seam.takes_away(resource, schema)) and (table := _loaded_table(str(resource.table_name))):
            entry.keep_table(INCREMENTS.format(way=way, table=table))


def lands_in_part(name: str) -> bool:
    """Whether rows of a read that is known to be incomplete are loaded: not where that takes others away."""
    resource, schema = seam.current_resource(name), seam.current_schema()
    return resource is not None and schema is not None and seam.takes_away(resource, schema) is None


def _loaded_table(name: str) -> str | None:
    """The table of that name, if an extraction goes on and an earlier load put rows into it."""
    schema = seam.current_schema()
    if schema is None or not seam.in_extraction():
        return None
    table = str(schema.naming.normalize_tables_path(name))
    return table if seam.holds_rows(schema, table) else None
