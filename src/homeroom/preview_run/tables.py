"""The tables of a load, read back: the first rows of the resource's own, and those nested in them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from homeroom.dlt_seam.stored import StoredTable, rows_of, stored_tables
from homeroom.preview_run.model import PreviewTable, Row

if TYPE_CHECKING:
    from dlt import Pipeline

_ID, _PARENT_ID, _PLACE = "_dlt_id", "_dlt_parent_id", "_dlt_list_idx"


def first_rows(pipeline: Pipeline, resource: str, most: int) -> list[PreviewTable]:
    """The tables that a resource feeds, with at most so many rows of its own ones and all that are nested in these."""
    tables = stored_tables(pipeline)
    shown: list[PreviewTable] = []
    for root in (each for each in tables if each.parent is None and each.resource == resource):
        rows = [_plain(root, row) for row in rows_of(pipeline, root, most)]
        shown.append(PreviewTable(root.name, None, root.columns, tuple(rows)))
        shown += _nested(pipeline, tables, shown[-1])
    return shown


def _nested(pipeline: Pipeline, tables: Sequence[StoredTable], parent: PreviewTable) -> list[PreviewTable]:
    """The tables that lie in a table, each before what lies in it, with the rows of the rows that are shown."""
    numbers = {value: number for number, value in enumerate(_values(parent, _ID), start=1)}
    shown: list[PreviewTable] = []
    for table in (each for each in tables if each.parent == parent.name):
        found = _belonging(table, [_plain(table, row) for row in rows_of(pipeline, table, None)], numbers)
        rows, of_rows = tuple(row for _, row in found), tuple(number for number, _ in found)
        shown.append(PreviewTable(table.name, parent.name, table.columns, rows, of_rows))
        shown += _nested(pipeline, tables, shown[-1])
    return shown


def _belonging(table: StoredTable, rows: Sequence[Row], numbers: Mapping[Any, int]) -> list[tuple[int, Row]]:
    """The rows that belong to numbered ones, with the number, in their order."""
    names = [column.name for column in table.columns]
    above, place = names.index(_PARENT_ID), names.index(_PLACE)
    found = [(numbers[row[above]], row) for row in rows if row[above] in numbers]
    return sorted(found, key=lambda each: (each[0], each[1][place]))


def _values(table: PreviewTable, column: str) -> list[Any]:
    place = [each.name for each in table.columns].index(column)
    return [row[place] for row in table.rows]


def _plain(table: StoredTable, row: Row) -> Row:
    """The row with what stands in columns of JSON as what it is, and not as text."""
    return tuple(
        json.loads(value) if column.kind == "json" and isinstance(value, str) else value
        for column, value in zip(table.columns, row, strict=True)
    )
