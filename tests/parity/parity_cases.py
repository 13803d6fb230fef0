"""One config with every case that dlt reads without loss, each a resource with tables of its own."""

from collections.abc import Iterator
from typing import Any

import dlt
from pydantic import BaseModel

from homeroom.demo import School

Config = dict[str, Any]


class Person(BaseModel):
    """A table's columns as a pydantic model."""

    id: int
    name: str
    email: str | None = None
    is_active: bool


def every_case(school: School) -> Config:
    """Made anew for each source: dlt keeps some of what it is given."""
    return {
        "client": {
            "base_url": school.url,
            "auth": _query_key(school),
            "headers": {"Accept": "application/json"},
        },
        "resource_defaults": {
            "primary_key": "id",
            "write_disposition": "merge",
            "endpoint": {
                "data_selector": "data",
                "paginator": {"type": "offset", "limit": 30},
                "params": {"fields": "all"},
            },
        },
        "resources": [
            *_paging(),
            *_auths(school.api_key),
            *_fan_out(),
            *_dispositions(),
            *_hints(),
            *_steps(),
        ],
    }


def _query_key(school: School) -> Config:
    return {"type": "api_key", "name": "api_key", "api_key": school.api_key, "location": "query"}


def _people(name: str, style: str = "v1", **more: Any) -> Config:
    endpoint = {"path": f"/{style}/people", **more.pop("endpoint", {})}
    return {"name": name, "endpoint": endpoint, **more}


def _paged(name: str, style: str, selector: str, paginator: Any, **params: Any) -> Config:
    endpoint = {"data_selector": selector, "paginator": paginator, "params": params}
    return _people(name, style, endpoint=endpoint)


def _paging() -> list[Config]:
    """Every paging style of the sample school."""
    return [
        _paged("offset_total", "v1", "data", {"type": "offset", "limit": 20}),
        _people("offset_from_defaults"),
        _paged("page_number_from_1", "page", "items", {"type": "page_number", "base_page": 1}, per_page=20),
        _paged("page_number_from_0", "page0", "items", {"type": "page_number"}, per_page=20),
        _paged(
            "page_number_maximum",
            "page",
            "items",
            {"type": "page_number", "base_page": 1, "maximum_page": 3},
            per_page=20,
        ),
        _paged("cursor", "cursor", "results", {"type": "cursor", "cursor_path": "cursors.next"}, limit=20),
        _paged("json_link", "link", "results", {"type": "json_link", "next_url_path": "next"}, per_page=20),
        _paged("json_link_relative", "link-relative", "results", "json_link", per_page=20),
        _paged("header_link", "header", "$", "header_link", per_page=20),
        _paged("selector_of_many", "v1", "$.data[*]", {"type": "offset", "limit": 20}),
        _paged("single_page", "all", "data", "single_page"),
        _people(
            "auto_link",
            "link",
            endpoint={"paginator": "auto", "data_selector": "results", "params": {"per_page": 20}},
        ),
        _people(
            "auto_header",
            "header",
            endpoint={"paginator": "auto", "data_selector": "$", "params": {"per_page": 20}},
        ),
    ]


def _auths(key: str) -> list[Config]:
    kinds: Config = {
        "api_key_query": {"type": "api_key", "name": "api_key", "api_key": key, "location": "query"},
        "api_key_header": {"type": "api_key", "name": "X-Api-Key", "api_key": key, "location": "header"},
        "bearer": {"type": "bearer", "token": key},
        "http_basic": {"type": "http_basic", "username": "demo", "password": key},
    }
    return [{"name": f"auth_{kind}", "endpoint": {"path": "/v1/terms", "auth": auth}} for kind, auth in kinds.items()]


def _fan_out() -> list[Config]:
    resolve = {"type": "resolve", "resource": "sections", "field": "id"}
    return [
        "v1/districts",
        {"name": "courses", "endpoint": "/v1/courses", "include_from_parent": []},
        {"name": "course_sections", "endpoint": "/v1/courses/{resources.courses.id}/sections"},
        {
            "name": "section_enrollments",
            "endpoint": "/v1/sections/{resources.course_sections.id}/enrollments",
            "include_from_parent": ["name", "course_id"],
        },
        {"name": "sections", "endpoint": "/v1/sections"},
        {
            "name": "section_assignments",
            "endpoint": {"path": "/v1/sections/{section_id}/assignments", "params": {"section_id": resolve}},
            "include_from_parent": ["meetings"],
        },
        {
            "name": "one_section",
            "endpoint": {
                "path": "/v1/sections/{resources.sections.id}",
                "data_selector": "$",
                "paginator": "single_page",
            },
        },
        {
            "name": "area_people",
            "endpoint": {"path": "/v1/people", "params": {"area": "{resources.courses.subject.area.name}"}},
        },
        {"name": "hidden_courses", "endpoint": "/v1/courses", "selected": False},
        {
            "name": "sections_of_hidden",
            "endpoint": "/v1/courses/{resources.hidden_courses.id}/sections",
            "parallelized": True,
        },
        dlt.resource([[{"id": 20001}, {"id": 20002}]], name="wanted", primary_key="id", write_disposition="replace"),
        {"name": "wanted_enrollments", "endpoint": "/v1/sections/{resources.wanted.id}/enrollments"},
    ]


def _dispositions() -> list[Config]:
    return [
        _people("appended", write_disposition="append"),
        _people("appended_keyless", write_disposition="append", primary_key=[]),
        _people("replaced", write_disposition="replace"),
        _people("upserted", write_disposition={"disposition": "merge", "strategy": "upsert"}),
        _people("inserted_only", write_disposition={"disposition": "merge", "strategy": "insert-only"}),
        _people("historic", write_disposition={"disposition": "merge", "strategy": "scd2"}),
        _people("mirrored", write_disposition={"disposition": "merge", "strategy": "cdc"}),
        _people("two_keys", primary_key=["school_id", "id"]),
        _people("merged_by_school", primary_key=[], merge_key="school_id"),
        _people("parallel", parallelized=True),
    ]


def _hints() -> list[Config]:
    listed = [
        {"name": "birth_date", "data_type": "date"},
        {"name": "email", "nullable": True, "precision": 200},
    ]
    return [
        _people("typed", columns={"birth_date": {"data_type": "date"}, "profile": {"data_type": "json"}}),
        _people("typed_by_list", columns=listed),
        _people("typed_by_model", columns=Person, primary_key=[], write_disposition="append"),
        _people("declared", columns={"phone": {"data_type": "text"}, "id": {"data_type": "text"}}),
        _people("flat", max_table_nesting=0),
        _people("one_level", max_table_nesting=1),
        _people("renamed", table_name="Renamed People"),
        _people("by_role", table_name=lambda row: f"role_{row['role']}"),
        _people(
            "nested_hints",
            nested_hints={"roles": {"columns": {"org_id": {"name": "org_id", "data_type": "text"}}}},
        ),
        _people(
            "frozen",
            schema_contract={"data_type": "discard_value"},
            columns={"email": {"data_type": "bigint"}},
        ),
    ]


def _steps() -> list[Config]:
    def renamed(row: Config) -> Config:
        return {**row, "label": row["name"].upper()}

    def roles(row: Config) -> Iterator[Config]:
        for number, role in enumerate(row["roles"]):
            yield {"id": f"{row['id']}-{number}", **role}

    return [
        _people("students", processing_steps=[{"filter": lambda row: row["role"] == "student"}, {"map": renamed}]),
        _people("role_rows", processing_steps=[{"yield_map": roles}]),
        {
            "name": "large_courses",
            "endpoint": "/v1/courses",
            "processing_steps": [{"filter": lambda row: row["id"] % 2 == 0}],
        },
        {
            "name": "sections_of_large",
            "endpoint": "/v1/courses/{resources.large_courses.id}/sections",
            "processing_steps": [{"map": renamed}],
        },
    ]
