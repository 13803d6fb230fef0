"""dlt's own helpers for the `rest_api` format, reused where they are right."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

import orjson
from dlt.common import jsonpath
from dlt.extract import DltResource, Incremental
from dlt.extract.incremental.lag import apply_lag_with_suppression
from dlt.sources.helpers.rest_client.auth import AuthConfigBase
from dlt.sources.helpers.rest_client.detector import PaginatorFactory, find_response_page_data
from dlt.sources.helpers.rest_client.exceptions import IgnoreResponseException
from dlt.sources.helpers.rest_client.paginators import BasePaginator
from dlt.sources.helpers.rest_client.utils import join_url
from dlt.sources.rest_api.config_setup import (
    build_resource_dependency_graph,
    convert_incremental_values,
    create_auth,
    create_paginator,
    expand_placeholders,
    process_parent_data_item,
    setup_incremental_object,
)
from dlt.sources.rest_api.typing import ResolvedParam
from jsonpath_ng import Child, Fields, JSONPath, Root
from requests import PreparedRequest, Response
from requests.auth import AuthBase
from requests.structures import CaseInsensitiveDict

from homeroom.values import Answer, FurtherCursor, JsonPath
from homeroom.windows import Window, alike, moment

__all__ = [
    "START_PLACEHOLDERS",
    "CursorAtStart",
    "DltResource",
    "Graph",
    "IgnoreResponseException",
    "IncrementalPlan",
    "asking_from",
    "at_start",
    "between",
    "body_of_response",
    "build_graph",
    "detect_paginator",
    "detect_selector",
    "expand_placeholders",
    "fills_end",
    "further_incremental",
    "in_window",
    "incremental_of",
    "incremental_params",
    "incremental_placeholders",
    "join_url",
    "json_path",
    "make_auth",
    "make_paginator",
    "make_response",
    "process_parent_data_item",
]


_PLACEHOLDER = re.compile(r"\{incremental\.(initial_value|start_value|last_value|end_value)\}")


class Graph(NamedTuple):
    """Resources, parents before children, with defaults merged; and what each child takes from its parent."""

    order: list[str]
    resources: dict[str, dict[str, Any] | DltResource]
    resolved: dict[str, list[ResolvedParam] | None]


def build_graph(defaults: Mapping[str, Any], resources: Sequence[Any]) -> Graph:
    """Merge defaults, bind paths, order by dependency.

    Raises dlt's own ValueError where a reference is wrong, `graphlib.CycleError` for a cycle of parents.
    """
    sorter, indexed, resolved = build_resource_dependency_graph(defaults, list(resources))  # type: ignore[arg-type]
    return Graph(list(sorter.static_order()), indexed, resolved)  # type: ignore[arg-type]


class IncrementalPlan(NamedTuple):
    """A resource's `incremental`: dlt's object, the parameters it fills (None: none), how to write its values."""

    cursor: Incremental[Any]
    start_param: str | None
    end_param: str | None
    convert: Callable[[Any], Any] | None


def incremental_of(params: Mapping[str, Any], config: Any) -> IncrementalPlan | None:
    """The incremental of an endpoint, from its own key or from one of its params; ValueError as dlt raises it."""
    cursor, param, convert = setup_incremental_object(dict(params), config)
    if cursor is None:
        return None
    return IncrementalPlan(cursor, param.start if param else None, param.end if param else None, convert)


START_PLACEHOLDERS = frozenset({"{incremental.start_value}", "{incremental.last_value}"})
"""A param that is one of these, and nothing else, says from where on rows are asked for."""


def further_incremental(cursor: FurtherCursor) -> IncrementalPlan:
    """A further query as dlt's format would have it; ValueError where its path is none."""
    given = {key: value for key, value in asdict(cursor).items() if value is not None}
    plan = incremental_of({}, given)
    assert plan is not None
    return plan


class CursorAtStart(NamedTuple):
    """What `{incremental.…}` stands for: the cursor as it was when the run began."""

    initial_value: Any
    start_value: Any
    last_value: Any
    end_value: Any


def at_start(bound: Incremental[Any]) -> Any:
    """A cursor that stays. dlt's `last_value` moves on with the rows: children of later parents would be lost."""
    return CursorAtStart(bound.initial_value, bound.start_value, bound.start_value, bound.end_value)


def in_window(bound: Incremental[Any], window: Window) -> Any:
    """A cursor that asks for a part of what it would ask for."""
    return CursorAtStart(bound.initial_value, window.start, window.start, window.end)


def asking_from(cursor: Incremental[Any], known: Any) -> CursorAtStart:
    """The cursor (it runs upwards) of a read that goes on from a value, None for none; less the lag, as dlt does it.

    Raises `TypeError` or `ValueError` where the lag cannot be taken off.
    """
    start, end = cursor.initial_value, cursor.end_value
    if known is not None and end is None:
        kind = cursor.get_incremental_value_type()
        start = apply_lag_with_suppression(cursor.lag, max, start, end, known, None, kind)
    return CursorAtStart(cursor.initial_value, start, start, end)


def between(cursor: Incremental[Any], since: str, until: str) -> Incremental[Any]:
    """The cursor for a span of its own, beside the one that the pipeline remembers, which is not touched.

    The times are written as the cursor's own initial value is.
    """
    own = cursor.copy()
    pattern = own.initial_value

    def written(text: str) -> Any:
        return text if pattern is None else alike(pattern, moment(text))

    own.initial_value, own.end_value = written(since), written(until)
    return own


def fills_end(plan: IncrementalPlan, texts: Sequence[Any]) -> bool:
    """Whether requests say where the span ends: by a parameter of its own, or by `{incremental.end_value}`."""
    return plan.end_param is not None or any("{incremental.end_value" in str(text) for text in texts)


def incremental_params(plan: IncrementalPlan, bound: Incremental[Any]) -> dict[str, Any]:
    """The query parameters that ask for rows from the last value on; `bound` knows it from the pipeline's state."""
    convert = plan.convert or (lambda value: value)
    params = {}
    if plan.start_param:
        params[plan.start_param] = convert(bound.start_value)
    if plan.end_param:
        params[plan.end_param] = convert(bound.end_value)
    return params


def has_no_value(text: Any, bound: Incremental[Any]) -> bool:
    """Whether a parameter is `{incremental.end_value}` or its like and nothing else, and that is None.

    dlt sends `None` as a text, where it leaves out an `end_param` without a value.
    """
    found = _PLACEHOLDER.fullmatch(text) if isinstance(text, str) else None
    return found is not None and getattr(at_start(bound), found[1]) is None


def incremental_placeholders(plan: IncrementalPlan, bound: Incremental[Any]) -> dict[str, Any]:
    """What `{incremental.start_value}` and its like stand for."""
    start = at_start(bound)
    values: dict[str, Any] = {"incremental": start}
    if plan.convert:
        values.update(convert_incremental_values(start, plan.convert))
    return values


def make_auth(auth: Any) -> AuthBase | None:
    """The auth object of a config; missing fields are looked up in dlt's configuration of the current section.

    An AuthBase of requests' own, which dlt refuses, is taken as it is.
    """
    return auth if isinstance(auth, AuthBase) and not isinstance(auth, AuthConfigBase) else create_auth(auth)


def make_paginator(paginator: Any) -> BasePaginator | None:
    """The paginator of a config, None for `auto`; ValueError and TypeError as dlt raises them."""
    return create_paginator(paginator)


def json_path(path: str | JSONPath) -> JsonPath:
    """A JSONPath as dlt parses it (0.7 ms: once for each resource, never for each page)."""
    compiled = jsonpath.compile_path(path)
    return JsonPath(str(path), _plain_keys(compiled), compiled)


def _plain_keys(path: JSONPath) -> tuple[str, ...] | None:
    if isinstance(path, Root):
        return ()
    if isinstance(path, Fields):
        return None if len(path.fields) != 1 or path.fields[0] == "*" else (path.fields[0],)
    if type(path) is Child:
        left, right = _plain_keys(path.left), _plain_keys(path.right)
        return None if left is None or right is None else left + right
    return None


def detect_selector(body: Any) -> JsonPath:
    """Where dlt would look for the rows of an answer when no `data_selector` is given."""
    path, _ = find_response_page_data(body)
    if path == ("$",):
        return json_path("$")
    return JsonPath(".".join(path), tuple(path), jsonpath.compile_path(".".join(f"'{key}'" for key in path)))


def detect_paginator(response: Response) -> BasePaginator:
    """The paginator that dlt would guess from a first answer."""
    paginator, _ = PaginatorFactory().create_paginator(response)
    if paginator is None:
        raise ValueError("dlt has no paginator for this answer")
    return paginator


_ENCODING = "utf-8"


class _FastResponse(Response):
    """A Response whose `json()` is orjson's: requests picks simplejson, three times as slow."""

    def json(self, **kwargs: Any) -> Any:
        try:
            return orjson.loads(self.content) if not kwargs else super().json(**kwargs)
        except orjson.JSONDecodeError:
            return super().json(**kwargs)


def make_response(answer: Answer, request: PreparedRequest | None = None) -> Response:
    """An answer as the `requests.Response` that dlt's helpers and users' hooks expect."""
    response = _FastResponse()
    response.status_code = answer.status
    response.headers = CaseInsensitiveDict()
    for name, value in answer.headers:
        # Several of one name are one list (RFC 9110 section 5.3): Link headers come that way.
        response.headers[name] = f"{response.headers[name]}, {value}" if name in response.headers else value
    response._content = answer.body
    response._content_consumed = True  # type: ignore[attr-defined]
    response.url = answer.url
    response.encoding = _ENCODING
    if request is not None:
        response.request = request
    return response


def body_of_response(response: Response) -> bytes:
    """The JSON text that `response.json()` would read: hooks may have set another encoding, or another `json`."""
    if "json" in vars(response):
        return orjson.dumps(response.json())
    return response.content if response.encoding == _ENCODING else response.text.encode()
