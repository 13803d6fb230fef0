"""The data types that a resource declares, and whether a value would be stored in such a column."""

from __future__ import annotations

from typing import Any

from dlt.common.data_types import coerce_value, py_type_to_sc_type
from dlt.common.exceptions import DltException
from dlt.extract import DltResource

from homeroom.dlt_seam.conditions import DELETED_AT
from homeroom.dlt_seam.contracts import kind_of
from homeroom.dlt_seam.extraction import DLT_PREFIX


def declared_types(resource: DltResource) -> dict[str, str]:
    """Column, as hints name it, to its data type; empty where hints depend on the row. Without columns of our own."""
    try:
        columns = resource.compute_table_schema()["columns"]
    except DltException:
        return {}
    return {
        name: str(column["data_type"])
        for name, column in columns.items()
        if column.get("data_type") and not name.startswith(DLT_PREFIX) and name != DELETED_AT
    }


def misfit(kind: Any, value: Any) -> str | None:
    """The data type of a value that does not fit a column of the type `kind`; None where it fits.

    dlt puts what it cannot coerce into a column beside, `x__v_text`; an object or a list goes into columns or a table
    of its own, but for a column of the type `json`.
    """
    found = kind_of(value)
    if found == "json" and kind != "json":
        return "a list" if isinstance(value, list) else "an object"
    try:
        coerce_value(kind, py_type_to_sc_type(type(value)), value)
    except (TypeError, ValueError, SyntaxError, ArithmeticError):
        return found
    return None
