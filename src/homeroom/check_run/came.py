"""The rows of a page that was looked at, as they come to their table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from homeroom.decode import decode_rows
from homeroom.errors import DataError
from homeroom.plan import ResourcePlan
from homeroom.shape import with_parent_fields
from homeroom.values import Page


def rows_of(plan: ResourcePlan, page: Page, given: Mapping[str, Any]) -> list[Any]:
    """The rows of a page, with the fields of their parent. Raises `DataError` where they are no objects."""
    rows = decode_rows(page)
    if not all(isinstance(row, dict) for row in rows):
        told = f"data_selector {page.selector.text!r} leads to what is no list of objects"
        raise DataError(told, resource=plan.name, about="rows", code="no-rows-there")
    with_parent_fields(rows, given)
    return rows


def after_steps(plan: ResourcePlan, rows: list[Any]) -> list[Any]:
    """The rows as the config's own steps leave them. Raises `DataError` for a step that fails."""
    try:
        for step in plan.steps:
            for kind, act in step.items():
                if kind == "filter":
                    rows = [row for row in rows if act(row)]
                elif kind == "map":
                    rows = [act(row) for row in rows]
                else:
                    rows = [each for row in rows for each in act(row)]
    except Exception as error:
        told = f"a step of the config raised {type(error).__name__}: look at processing_steps"
        raise DataError(told, resource=plan.name, code="own-code-failed") from None
    return rows
