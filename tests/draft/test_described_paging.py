"""How a described list goes on, and by what that is known."""

from typing import Any

import pytest
from describing import get, many, one, query

from homeroom.draft.values import Confidence, DraftedResource

NUMBER = {"type": "integer"}
TEXT = {"type": "string"}
FLAG = {"type": "boolean"}


def paged(around: dict[str, Any], *parameters: dict[str, Any], **more: Any) -> DraftedResource:
    """A list in `items`, with fields around it."""
    properties = {"items": many(), **around}
    return one(get({"type": "object", "properties": properties}, *parameters, **more))


def obj(**fields: Any) -> dict[str, Any]:
    return {"type": "object", "properties": fields}


@pytest.mark.parametrize(
    ("around", "path"),
    [
        ({"paging": obj(nextPage={**TEXT, "description": "The URL of the next page"})}, "paging.nextPage"),
        ({"next": {**TEXT, "format": "uri"}}, "next"),
        ({"links": obj(next=TEXT)}, "links.next"),
        ({"_links": obj(next=obj(href=TEXT))}, "_links.next.href"),
        ({"next_page_url": {"type": ["string", "null"]}}, "next_page_url"),
        ({"@odata.nextLink": TEXT}, "'@odata.nextLink'"),
    ],
)
def test_a_link_in_the_answer(around: dict[str, Any], path: str) -> None:
    paginator = paged(around, query("page", type="integer")).paginator
    assert paginator.value == {"type": "json_link", "next_url_path": path}


def test_the_number_of_the_next_page_is_no_link() -> None:
    around = {"meta": obj(next_page=NUMBER, total_pages=NUMBER, total_items=NUMBER)}
    found = paged(around, query("page", type="number", default=1), query("limit", type="number", default=25))
    assert found.paginator.value == {
        "type": "page_number",
        "base_page": 1,
        "page_param": "page",
        "total_path": "meta.total_pages",
    }
    assert found.params == {"limit": 25}
    assert found.sync["total_path"].value == "meta.total_items"


def test_a_link_header_that_is_described() -> None:
    operation = get(many(), query("page"), headers={"Link": {"description": "next", "schema": TEXT}})
    paginator = one(operation).paginator
    assert (paginator.value, paginator.confidence) == ({"type": "header_link"}, Confidence.CERTAIN)


@pytest.mark.parametrize("text", ["Pages by the Link header.", 'Follow `Link` headers with rel="next".', "as RFC 5988"])
def test_a_link_header_of_which_only_the_text_speaks(text: str) -> None:
    info = {"title": "Lantern", "description": text}
    paginator = one(get(many(), query("page")), info=info).paginator
    assert (paginator.value, paginator.confidence) == ({"type": "header_link"}, Confidence.LIKELY)
    assert one(get(many(), query("page"), description=text)).paginator.value == {"type": "header_link"}


@pytest.mark.parametrize(
    ("field", "parameter"),
    [("next_cursor", "cursor"), ("nextPageToken", "pageToken"), ("next_token", "starting_after")],
)
def test_a_cursor_is_a_field_and_a_parameter(field: str, parameter: str) -> None:
    found = paged({field: TEXT, "has_more": FLAG}, query(parameter), query("limit", type="integer", maximum=200))
    assert found.paginator.value == {
        "type": "cursor",
        "cursor_path": field,
        "cursor_param": parameter,
        "has_more_path": "has_more",
    }
    assert found.params == {"limit": 200}


def test_a_cursor_without_a_parameter_is_none() -> None:
    assert paged({"next_cursor": TEXT}).paginator.value == {"type": "single_page"}


@pytest.mark.parametrize(
    ("schema", "about", "base", "confidence"),
    [
        ({"default": 0}, "", 0, Confidence.CERTAIN),
        ({"minimum": 1}, "", 1, Confidence.CERTAIN),
        ({}, "Zero-based page", 0, Confidence.CERTAIN),
        ({}, "starts at 1", 1, Confidence.CERTAIN),
        ({}, "", 1, Confidence.LIKELY),
    ],
)
def test_pages_are_counted_from_what_is_described(
    schema: dict[str, Any], about: str, base: int, confidence: Confidence
) -> None:
    paginator = one(get(many(), query("page", about=about, type="integer", **schema))).paginator
    assert (paginator.value["base_page"], paginator.confidence) == (base, confidence)
    assert paginator.value["total_path"] is None


def test_the_index_of_a_page_is_counted_from_zero_as_a_guess() -> None:
    paginator = one(get(many(), query("pageIndex", type="integer"))).paginator
    assert (paginator.value["base_page"], paginator.confidence) == (0, Confidence.GUESS)


def test_offsets_bring_their_limit_and_total() -> None:
    found = paged({"total": NUMBER}, query("skip", type="integer"), query("take", type="integer", maximum=50))
    assert found.paginator.value == {
        "type": "offset",
        "offset_param": "skip",
        "limit": 50,
        "limit_param": "take",
        "total_path": "total",
    }
    assert found.params == {}


@pytest.mark.parametrize(
    ("schema", "about", "rows"),
    [
        ({"maximum": 500, "default": 20}, "", 500),
        ({"default": 20}, "How many, maximum 200.", 200),
        ({"default": 20}, "between 1 and 250", 250),
        ({"default": 20}, "", 20),
        ({"enum": [10, 25, 50]}, "", 50),
        ({}, "", 100),
    ],
)
def test_the_page_size_is_the_largest_that_is_described(schema: dict[str, Any], about: str, rows: int) -> None:
    size = query("limit", about=about, type="integer", **schema)
    assert one(get(many(), query("offset", type="integer"), size)).paginator.value["limit"] == rows


def test_a_page_size_of_which_nothing_is_said_is_not_sent() -> None:
    assert one(get(many(), query("page", type="integer"), query("per_page", type="integer"))).params == {}


def test_a_total_in_a_header_is_a_sync_setting() -> None:
    operation = get(many(), query("offset"), headers={"X-Total-Count": {"description": "all rows", "schema": NUMBER}})
    assert one(operation).sync["total_header"].value == "X-Total-Count"


def test_a_count_is_the_total_only_where_it_is_of_all_rows() -> None:
    link = {**TEXT, "format": "uri"}
    assert paged({"count": NUMBER, "next": link, "previous": link}).sync["total_path"].value == "count"
    assert paged({"count": {**NUMBER, "description": "Total rows"}}).sync["total_path"].value == "count"
    assert paged({"count": NUMBER, "next": link}).sync == {}


def test_the_fields_of_an_object_in_the_query_are_parameters() -> None:
    fields = obj(page={**NUMBER, "minimum": 0}, size={**NUMBER, "maximum": 500})
    pageable = {"name": "pageable", "in": "query", "required": True, "schema": fields}
    found = one(get(many(), pageable))
    assert (found.paginator.value["base_page"], found.params) == (0, {"size": 500})


def test_more_to_come_is_told_by_a_flag() -> None:
    paginator = paged({"pagination": obj(hasMore=FLAG)}, query("page", type="integer")).paginator
    assert paginator.value["has_more_path"] == "pagination.hasMore"


@pytest.mark.parametrize("parameters", [(), (query("limit", type="integer"),), (query("filter"),)])
def test_nothing_to_go_on_by_is_a_single_page_as_a_guess(parameters: tuple[dict[str, Any], ...]) -> None:
    paginator = one(get(many(), *parameters)).paginator
    assert (paginator.value, paginator.confidence) == ({"type": "single_page"}, Confidence.GUESS)
