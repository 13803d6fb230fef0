"""From dlt's paginators to our settings of a paging."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from dlt.sources.helpers.rest_client import paginators

from homeroom.dlt_seam import rest_api as seam
from homeroom.paginate import Cursor, HeaderCursor, HeaderLink, JsonLink, Offset, Own, PageNumber, Paging, SinglePage
from homeroom.values import JsonPath


def paging_of(paginator: paginators.BasePaginator | None) -> Paging | None:
    """Our settings for one of dlt's paginators; None for `auto`.

    Exact classes only: a subclass may do anything, so it is driven as it is, page after page.
    """
    if paginator is None:
        return None
    build = _TRANSLATIONS.get(type(paginator))
    return Own(paginator) if build is None else build(paginator)


def path_of(path: Any) -> JsonPath | None:
    """A JSONPath of the config, None where there is none. Raises `ValueError`."""
    try:
        return None if path is None else seam.json_path(path)
    except Exception:  # jsonpath_ng raises plain Exception subclasses of its lexer and parser
        raise ValueError("is not a JSONPath") from None


def _offset(p: Any) -> Paging:
    return Offset(
        limit=p.limit,
        start=p.initial_value,
        param=p.param_name,
        body_path=p.param_body_path,
        limit_param=p.limit_param,
        limit_body_path=p.limit_body_path,
        total=path_of(p.total_path),
        maximum=p.maximum_value,
        stop_after_empty_page=bool(p.stop_after_empty_page),
        has_more=path_of(p.has_more_path),
    )


def _page_number(p: Any) -> Paging:
    return PageNumber(
        base=p.base_index,
        start=p.initial_value,
        param=p.param_name,
        body_path=p.param_body_path,
        total=path_of(p.total_path),
        maximum=p.maximum_value,
        stop_after_empty_page=bool(p.stop_after_empty_page),
        has_more=path_of(p.has_more_path),
    )


def _cursor(p: Any) -> Paging:
    return Cursor(
        path=seam.json_path(p.cursor_path),
        param=p.cursor_param,
        body_path=p.cursor_body_path,
        stop_after_empty_page=bool(p.stop_after_empty_page),
        has_more=path_of(p.has_more_path),
    )


_TRANSLATIONS: Mapping[type, Callable[[Any], Paging]] = MappingProxyType(
    {
        paginators.SinglePagePaginator: lambda p: SinglePage(),
        paginators.OffsetPaginator: _offset,
        paginators.PageNumberPaginator: _page_number,
        paginators.JSONResponseCursorPaginator: _cursor,
        paginators.HeaderCursorPaginator: lambda p: HeaderCursor(p.cursor_key, p.cursor_param),
        paginators.JSONLinkPaginator: lambda p: JsonLink(seam.json_path(p.next_url_path)),
        paginators.HeaderLinkPaginator: lambda p: HeaderLink(p.links_next_key),
    }
)
