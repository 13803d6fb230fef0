"""Types that casts give to columns, as hints of a resource."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dlt.common.schema import Schema
from dlt.common.schema.utils import is_complete_column
from dlt.extract import DltResource

from homeroom.dlt_seam.extraction import own_table


def stored_types(resource: DltResource, schema: Schema) -> dict[str, str]:
    """The data types of the columns that a resource's table has by now; empty where rows choose their table."""
    if resource.has_dynamic_table_name:
        return {}
    columns = schema.tables.get(own_table(resource, schema), {}).get("columns", {})
    return {name: str(column["data_type"]) for name, column in columns.items() if is_complete_column(column)}


def declared_types(resource: DltResource, namer: Callable[[str], str]) -> dict[str, str]:
    """The data types of the columns that the config declares, by the columns' names."""
    columns: Any = resource.columns
    declared = columns.items() if isinstance(columns, Mapping) else ()
    return {namer(name): str(column["data_type"]) for name, column in declared if column.get("data_type")}


def give_types(resource: DltResource, types: Mapping[str, str]) -> None:
    """Declare columns by their names; nothing where columns depend on the row."""
    if types and not callable(resource.columns):
        columns: Any = {name: {"data_type": kind} for name, kind in types.items()}
        resource.apply_hints(columns=columns)


def hide_types(resource: DltResource, rule_of: Callable[[str, str], str], namer: Callable[[str], str]) -> None:
    """Take back what is declared of columns that are not stored as they come: texts of their own, or nothing at all.

    `rule_of` gives the rule of a column by its name and its data type.

    Nothing where columns depend on the row, or are a model's.
    """
    columns: Any = resource.columns
    if not isinstance(columns, Mapping):
        return
    hidden = {name: rule_of(namer(str(name)), str(told.get("data_type", ""))) for name, told in columns.items()}
    if {*hidden.values()} <= {"keep"}:
        return
    told = {name: _told(column, hidden[name]) for name, column in columns.items() if hidden[name] != "drop"}
    hints: Any = resource._hints
    hints["columns"] = told


def _told(column: Mapping[str, Any], rule: str) -> dict[str, Any]:
    if rule == "keep":
        return dict(column)
    kept = {key: value for key, value in column.items() if key not in _OF_TYPES}
    return {**kept, "data_type": "text"} if "data_type" in column else kept


_OF_TYPES = ("data_type", "precision", "scale", "timezone")
