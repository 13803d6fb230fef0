"""What a load has added to the tables that were there before it."""

from __future__ import annotations

from collections.abc import Iterable

from dlt.common.schema import Schema
from dlt.common.schema.utils import get_nested_tables, is_complete_column

from homeroom.dlt_seam.extraction import DLT_PREFIX, holds_rows
from homeroom.values import SchemaChange


def changes_of(before: Schema, after: Schema, roots: Iterable[str]) -> tuple[SchemaChange, ...]:
    """New tables and columns of root tables and those nested in them; none where no such root table held a row before.

    Without dlt's own columns.
    """
    families = {root: get_nested_tables(after.tables, root) for root in sorted(roots) if root in after.tables}
    if not any(holds_rows(before, root) for root in families):
        return ()
    found: list[SchemaChange] = []
    for table in (table for family in families.values() for table in family):
        name = str(table["name"])
        if not (columns := [c for c in table["columns"].values() if is_complete_column(c)]):
            continue
        known = before.tables.get(name)
        held = set() if known is None else {n for n, c in known["columns"].items() if is_complete_column(c)}
        if not held:
            found.append(SchemaChange(name))
            continue
        found += [
            SchemaChange(name, str(column["name"]), str(column["data_type"]))
            for column in columns
            if column["name"] not in held and not str(column["name"]).startswith(DLT_PREFIX)
        ]
    return tuple(found)
