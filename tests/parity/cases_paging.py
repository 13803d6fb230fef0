"""Every paginator with every parameter, `auto` in all that it may meet, and paginators of the user's own."""

from typing import Any

from dlt.sources.helpers.rest_client import paginators
from dlt.sources.rest_api.config_setup import register_paginator
from parity_case import Case, at, case
from requests import Request, Response

SIZE = {"limit": 5}
OVERLAPPED = "without a total, pages overlap by one row"


class Skipping(paginators.BasePaginator):
    """A user's own: it counts rows by itself and stops at a short page."""

    def __init__(self) -> None:
        super().__init__()
        self.skipped = 0

    def init_request(self, request: Request) -> None:
        """From the beginning."""
        self.skipped = 0
        self.update_request(request)

    def update_state(self, response: Response, data: list[Any] | None = None) -> None:
        """By what came."""
        self.skipped += len(data or [])
        self._has_next_page = len(data or []) == response.json()["meta"]["total"] % 6 or len(data or []) == 5

    def update_request(self, request: Request) -> None:
        """In parameters."""
        request.params = {**(request.params or {}), "skip": self.skipped, "take": 5}


class Headed(paginators.HeaderCursorPaginator):
    """A class of dlt's with another default."""

    def __init__(self) -> None:
        super().__init__(cursor_key="X-Next-Cursor", cursor_param="after")


class Posting(paginators.BasePaginator):
    """One that writes into the body, and moves to another URL with the second page."""

    def update_state(self, response: Response, data: list[Any] | None = None) -> None:
        """By the answer's own cursor."""
        self._next = response.json()["meta"]["after"]
        self._has_next_page = bool(self._next)

    def update_request(self, request: Request) -> None:
        """In the body."""
        request.json = {**(request.json or {}), "after": self._next}
        request.headers = {**(request.headers or {}), "X-Turn": str(self._next)}


def register_paginators() -> None:
    """Make `type: skipping` known."""
    register_paginator("skipping", Skipping)


def paged(name: str, covers: str, kind: str, paginator: Any, but: str = "", **endpoint: Any) -> Case:
    """A list read by a paginator; `data` holds the rows unless told otherwise."""
    given = {"data_selector": "data", "paginator": paginator, **endpoint}
    return case(covers, at(name, kind, **{k: v for k, v in given.items() if v is not None}), but=but)


def offset(**more: Any) -> dict[str, Any]:
    """An offset paginator of five rows."""
    return {"type": "offset", "limit": 5, **more}


def numbered(**more: Any) -> dict[str, Any]:
    """A page number paginator."""
    return {"type": "page_number", **more}


def cursor(**more: Any) -> dict[str, Any]:
    """A cursor paginator."""
    return {"type": "cursor", **more}


def paging() -> list[Case]:
    """All of them."""
    return [*_offsets(), *_numbers(), *_references(), *_guessed(), *_selected(), *_own()]


def _offsets() -> list[Case]:
    post = {"method": "POST"}
    body = {"offset_param": None, "offset_body_path": "page.offset", "limit_param": None}
    return [
        paged("offset_plain", "`offset`: `limit`", "offset", offset()),
        paged("offset_started", "`offset`: `offset`", "offset", offset(offset=3)),
        paged(
            "offset_params", "`offset_param`, `limit_param`", "offset", offset(offset_param="skip", limit_param="take")
        ),
        paged("offset_total_path", "`total_path`", "offset", offset(total_path="meta.total")),
        paged("offset_total_json_path", "`total_path`, a JSONPath", "offset", offset(total_path="$.meta['total']")),
        paged("offset_totalless", "`total_path: null`", "untold", offset(total_path=None), OVERLAPPED),
        paged("offset_maximum", "`maximum_offset`", "offset", offset(maximum_offset=10)),
        paged("offset_maximum_only", "`maximum_offset` alone", "untold", offset(total_path=None, maximum_offset=15)),
        paged(
            "offset_more",
            "`has_more_path`",
            "offset",
            offset(total_path=None, has_more_path="meta.more"),
            OVERLAPPED,
        ),
        paged(
            "offset_more_text",
            "`has_more_path`, as text",
            "offset",
            offset(total_path=None, has_more_path="meta.more_text"),
            OVERLAPPED,
        ),
        paged("offset_beyond_empty", "`stop_after_empty_page: false`", "offset", offset(stop_after_empty_page=False)),
        paged(
            "offset_in_body",
            "`offset_body_path`, `limit_body_path`, POST",
            "offset",
            offset(**body, limit_body_path="page.limit"),
            **post,
        ),
        paged(
            "offset_in_filled_body",
            "the same beside a `json` body",
            "offset",
            offset(**body, limit_body_path="limit"),
            json={"page": {"since": "2024-01-01T04"}, "order": "desc"},
            **post,
        ),
        paged("offset_posted", "`offset` in the query of a POST", "offset", offset(), json={"since_seq": 4}, **post),
    ]


def _numbers() -> list[Case]:
    return [
        paged("number_from_0", "`page_number`", "number/0", numbered()),
        paged("number_from_1", "`base_page`", "number/1", numbered(base_page=1)),
        paged("number_started", "`page`", "number/1", numbered(base_page=1, page=3)),
        paged("number_param", "`page_param`", "number/0", numbered(page_param="p")),
        paged("number_total_path", "`total_path`", "number/0", numbered(total_path="meta.pages")),
        paged("number_totalless", "`total_path: null`", "number/0", numbered(total_path=None)),
        paged("number_maximum", "`maximum_page`", "number/1", numbered(base_page=1, maximum_page=3)),
        paged("number_more", "`has_more_path`", "number/0", numbered(total_path=None, has_more_path="meta.more")),
        paged(
            "number_beyond_empty", "`stop_after_empty_page: false`", "number/0", numbered(stop_after_empty_page=False)
        ),
        paged(
            "number_in_body",
            "`page_body_path`, POST",
            "number/1",
            numbered(base_page=1, page_param=None, page_body_path="paging.page"),
            method="POST",
            json={"paging": {"order": "desc"}},
        ),
        paged("number_shorthand", "`page_number` as a word", "number/0", "page_number"),
    ]


def _references() -> list[Case]:
    return [
        paged("cursor_plain", "`cursor`: defaults", "cursor", "cursor"),
        paged(
            "cursor_path",
            "`cursor_path`, `cursor_param`",
            "cursor",
            cursor(cursor_path="meta.after", cursor_param="after"),
        ),
        paged(
            "cursor_in_body",
            "`cursor_body_path`, POST",
            "cursor",
            cursor(cursor_path="meta.after", cursor_body_path="page.after"),
            method="POST",
            json={"page": {"since_seq": 2}},
        ),
        paged("cursor_to_empty", "`stop_after_empty_page`", "cursor-for-ever", cursor(stop_after_empty_page=True)),
        paged("cursor_more", "`has_more_path`", "cursor-more", cursor(has_more_path="more")),
        paged("header_cursor_plain", "`header_cursor`: defaults", "header-cursor", "header_cursor", data_selector="$"),
        paged(
            "header_cursor_named",
            "`cursor_key`, `cursor_param`",
            "header-cursor",
            {"type": "header_cursor", "cursor_key": "X-Next-Cursor", "cursor_param": "after"},
            data_selector="$",
        ),
        paged("link_plain", "`json_link`: defaults", "link", "json_link"),
        paged("link_path", "`next_url_path`", "link", {"type": "json_link", "next_url_path": "paging.next_link"}),
        paged("link_relative", "`json_link`, relative", "link-relative", "json_link", params={"since_seq": 2}),
        paged(
            "link_alias", "`json_response`, its old name", "link", {"type": "json_response", "next_url_path": "next"}
        ),
        paged("header_link_plain", "`header_link`: defaults", "header-link", "header_link", data_selector="$"),
        paged(
            "header_link_named",
            "`links_next_key`",
            "header-link",
            {"type": "header_link", "links_next_key": "forward"},
            data_selector="$",
        ),
        paged("single", "`single_page`", "offset", "single_page"),
    ]


def _guessed() -> list[Case]:
    kinds = {
        "header-link": "a Link header",
        "link": "a URL under `next`",
        "link-relative": "a path under `next`",
        "auto-href": "`links.next.href`",
        "auto-pages": "`total_pages`",
        "auto-odd": "no list by a usual name",
        "bare": "a bare list",
    }
    guessed = [
        case(f"no paginator, no selector: {what}", at(f"guessed_{kind.replace('-', '_')}", kind))
        for kind, what in kinds.items()
    ]
    cursors = paged(
        "guessed_auto_cursor", "no paginator, no selector: a cursor", "auto-cursor", None, data_selector=None
    )
    return [
        *guessed,
        cursors,
        paged("auto_word", "`auto`", "link", "auto"),
        paged("auto_type", "`type: auto`", "header-link", {"type": "auto"}, data_selector="$"),
    ]


def _selected() -> list[Case]:
    paths = {
        "keys": "found.units",
        "root": "$",
        "star": "found.units[*].unit",
        "filtered": "$.found.units[?(@.unit.id > 2)]",
        "deep": "$..unit",
        "null": "none",
        "one": "one",
    }
    return [
        paged(f"selected_{name}", f"`data_selector: {path}`", "keyed", "single_page", data_selector=path)
        for name, path in paths.items()
        if name != "null"
    ]


def _own() -> list[Case]:
    instances: dict[str, tuple[str, Any, str]] = {
        "OffsetPaginator": ("offset", paginators.OffsetPaginator(limit=5), "data"),
        "PageNumberPaginator": ("number/0", paginators.PageNumberPaginator(), "data"),
        "JSONResponseCursorPaginator": ("cursor", paginators.JSONResponseCursorPaginator(), "data"),
        "HeaderCursorPaginator": ("header-cursor", paginators.HeaderCursorPaginator(), "$"),
        "JSONLinkPaginator": ("link", paginators.JSONLinkPaginator(), "data"),
        "HeaderLinkPaginator": ("header-link", paginators.HeaderLinkPaginator(), "$"),
        "SinglePagePaginator": ("offset", paginators.SinglePagePaginator(), "data"),
    }
    known = [
        paged(f"own_{name.lower()}", f"an instance of dlt's `{name}`", kind, paginator, data_selector=selector)
        for name, (kind, paginator, selector) in instances.items()
    ]
    return [
        *known,
        paged("own_class", "an instance of a `BasePaginator` of the user's", "offset", Skipping()),
        paged("own_subclass", "a subclass of one of dlt's", "header-cursor", Headed(), data_selector="$"),
        paged("own_posting", "one that writes body and headers", "cursor", Posting(), method="POST", json={"a": 1}),
        paged("own_registered", "`register_paginator`, by its type", "offset", {"type": "skipping"}),
        paged("own_word", "`register_paginator`, as a word", "offset", "skipping"),
    ]
