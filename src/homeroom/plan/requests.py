"""From a planned resource to its first requests: one for each window of time, or one for each parent row."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from homeroom.dlt_seam import rest_api as seam
from homeroom.errors import ConfigError, DataError, Problem
from homeroom.links import plain_url
from homeroom.plan.resource import ResourcePlan, setting_place
from homeroom.values import Request
from homeroom.windows import Window, cut


def _url(plan: ResourcePlan, path: str) -> str:
    return path if urlsplit(path).scheme in ("http", "https") else seam.join_url(plan.base_url, path)


def root_request(plan: ResourcePlan, cursor: Any = None) -> Request:
    """The first request of a resource without a parent. Doubled braces become single ones, as in dlt.

    `cursor` is the resource's `Incremental` as dlt has bound it to the pipeline's state; None without one.
    """
    params, values = _with_cursor(plan, cursor)
    return Request(
        method=plan.method,
        url=_url(plan, seam.expand_placeholders(plan.path, values)),
        params=seam.expand_placeholders(params, values),
        headers=seam.expand_placeholders(dict(plan.headers), values),
        json=seam.expand_placeholders(plan.json, values, preserve_value_type=True),
        data=seam.expand_placeholders(plan.data, values),
        # Of a list of people an answer may quote one, and its links may have ids in their paths.
        shown=plain_url(_url(plan, plan.path)) if plan.is_private else None,
    )


def root_requests(plan: ResourcePlan, cursor: Any, now: datetime) -> list[tuple[Request, Window]]:
    """The first requests of a resource without a parent: one for each window of time, oldest first, or one for all.

    Each with the span that it asks for, None in it where it has no bound. Raises `ConfigError` for a span that cannot
    be cut.
    """
    span = Window(None, None) if cursor is None else Window(cursor.start_value, cursor.end_value)
    if plan.window is None or span.start is None:
        return [(root_request(plan, cursor), span)]
    try:
        windows = cut(span.start, span.end, now, plan.window)
    except ValueError as error:
        raise ConfigError([Problem(setting_place(plan.name, "window"), str(error), code="cursor-unusable")]) from None
    return [(root_request(plan, seam.in_window(cursor, window)), window) for window in windows]


def _with_cursor(plan: ResourcePlan, cursor: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The query parameters with those of the incremental, and the values of its placeholders."""
    if plan.incremental is None or cursor is None:
        return dict(plan.params), {}
    filled = {name: value for name, value in plan.params.items() if not seam.has_no_value(value, cursor)}
    params = {**filled, **seam.incremental_params(plan.incremental, cursor)}
    return params, seam.incremental_placeholders(plan.incremental, cursor)


def _check_path_fields(plan: ResourcePlan, parent: Mapping[str, Any]) -> None:
    """A field that is null would ask for `/people/None`, an empty one for another resource altogether."""
    for param in plan.resolved:
        if "{" + param.param_name in plan.path:
            found = [match.value for match in param.field_path.find(dict(parent))]
            field = param.resolve_config["field"]
            if not found or found[0] is None or found[0] == "":
                state = "lacks the field" if not found else "has nothing in the field"
                has = f" (it has: {', '.join(map(str, parent))})" if not found else ""
                raise DataError(
                    f"resource {plan.name}, a row of its parent {plan.parent} {state} {field}, which the path "
                    f"needs{has}; filter such rows with processing_steps of {plan.parent}",
                    resource=plan.name,
                    code="parent-field-missing",
                )


def child_request(
    plan: ResourcePlan, parent: Mapping[str, Any], cursor: Any = None
) -> tuple[Request, Mapping[str, Any]]:
    """The first request for one parent row, and the fields of the parent that go into each child row.

    Raises `DataError` where the parent row lacks a field; the message names fields, never values.
    """
    _check_path_fields(plan, parent)
    bound = {param.param_name for param in plan.resolved}
    params, _ = _with_cursor(plan, cursor)
    try:
        filled = seam.process_parent_data_item(
            path=plan.path,
            item=dict(parent),
            resolved_params=list(plan.resolved),
            headers=dict(plan.headers),
            params={key: value for key, value in params.items() if key not in bound},
            request_json=plan.json,
            request_data=plan.data,
            include_from_parent=list(plan.include_from_parent),
            incremental=None if cursor is None else seam.at_start(cursor),
            incremental_value_convert=plan.incremental.convert if plan.incremental else None,
        )
    except ValueError as error:
        raise DataError(str(error), resource=plan.name, code="parent-field-missing") from None
    url, shown = _url(plan, filled.path), plain_url(_url(plan, plan.path))
    request = Request(plan.method, url, filled.params, filled.headers or {}, filled.json, filled.data, shown)
    return request, filled.parent_record
