"""No false alarms: what dlt builds has no problem."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import dlt
import pytest
from dlt.common import jsonpath
from dlt.common.configuration.specs import configspec
from dlt.sources.helpers.rest_client import auth as auths
from dlt.sources.helpers.rest_client import paginators
from dlt.sources.rest_api import config_setup, rest_api_resources
from dlt.sources.rest_api.config_setup import register_auth, register_paginator
from pydantic import BaseModel
from requests import Session

from homeroom.config import check_source


class Model(BaseModel):
    """Columns as a pydantic model."""

    id: int
    name: str | None = None


class OwnPaginator(paginators.BasePaginator):
    """A registered paginator."""

    def __init__(self, next_url_path: str = "next") -> None:
        super().__init__()

    def update_state(self, response: Any, data: Any = None) -> None:
        """Do nothing."""

    def update_request(self, request: Any) -> None:
        """Do nothing."""


@configspec
class OwnAuth(auths.BearerTokenAuth):
    """A registered auth."""


def keep(row: Any) -> bool:
    return True


def split(row: Any) -> Iterator[Any]:
    yield row


PAGINATORS: list[Any] = [
    "auto",
    "single_page",
    "json_link",
    "json_response",
    "header_link",
    "header_cursor",
    "cursor",
    "page_number",
    None,
    {"type": "auto"},
    {"type": "single_page"},
    {"type": "offset", "limit": 100},
    {"type": "offset", "limit": 100, "total_path": None, "stop_after_empty_page": True},
    {"type": "offset", "limit": 100, "offset_body_path": "p.offset", "limit_body_path": "p.limit"},
    {"type": "offset", "limit": 100, "maximum_offset": 1000, "offset_param": "start", "limit_param": "size"},
    {"type": "page_number", "base_page": 1, "page_param": "p", "total_path": "meta.pages"},
    {"type": "page_number", "page": 3, "maximum_page": 9, "has_more_path": "more", "total_path": None},
    {"type": "page_number", "page_body_path": "page"},
    {"type": "json_link", "next_url_path": "paging.next"},
    {"type": "json_link", "next_url_path": jsonpath.compile_path("a.b")},
    {"type": "header_link", "links_next_key": "next"},
    {"type": "header_cursor", "cursor_key": "X-Next", "cursor_param": "after"},
    {"type": "cursor", "cursor_path": "cursors.next", "cursor_param": "after"},
    {"type": "cursor", "cursor_body_path": "after", "stop_after_empty_page": True},
    paginators.OffsetPaginator(limit=10),
    paginators.JSONLinkPaginator("next"),
    OwnPaginator(),
]
AUTHS: list[Any] = [
    None,
    {"token": "abc"},
    {"type": "bearer", "token": "abc"},
    {"type": "api_key", "name": "X-Key", "api_key": "abc", "location": "header"},
    {"type": "api_key", "api_key": "abc", "location": "cookie"},
    {"type": "http_basic", "username": "me", "password": "abc"},
    {
        "type": "oauth2_client_credentials",
        "access_token_url": "https://x",
        "client_id": "a",
        "client_secret": "b",
    },
    {
        "type": "oauth2_client_credentials",
        "access_token_url": "https://x",
        "client_id": "a",
        "client_secret": "b",
        "access_token_request_data": {"grant_type": "client_credentials"},
        "default_token_expiration": 60,
    },
    auths.BearerTokenAuth(token="abc"),
    auths.HttpBasicAuth("me", "abc"),
    OwnAuth(token="abc"),
]
FROM_ENVIRONMENT: list[Any] = [
    "bearer",
    "api_key",
    {},
    {"type": "api_key"},
    {"type": "bearer", "token": None},
]
ENDPOINTS: list[Any] = [
    "users",
    {},
    {"path": "users", "method": "POST", "json": {"a": [1, {"b": "{{x}}"}]}},
    {"path": "https://other.example.com/users"},
    {"path": "users/{id}", "params": {"id": 5, "q": ["a", "b"], "n": 1, "t": True, "none": None}},
    {"path": "users/{u}/x", "params": {"u": {"type": "resolve", "resource": "parent", "field": "id"}}},
    {"path": "users/{resources.parent.id}/x", "params": {"q": "{resources.parent.meta.name}"}},
    {"path": "users", "headers": {"X-Id": "{resources.parent.id}"}, "data": "a={resources.parent.id}"},
    {"params": {"since": {"type": "incremental", "cursor_path": "updated_at", "initial_value": "2024-01-01"}}},
    {"params": {"since": dlt.sources.incremental("updated_at", initial_value="2024-01-01")}},
    {
        "params": {"since": "{incremental.start_value}", "until": "{incremental.end_value}"},
        "incremental": {"cursor_path": "updated_at", "initial_value": 1, "end_value": 9, "convert": str},
    },
    {
        "incremental": {
            "cursor_path": "u",
            "start_param": "s",
            "end_param": "e",
            "lag": 1.5,
            "row_order": "asc",
        }
    },
    {"incremental": {"cursor_path": "u", "last_value_func": "max", "on_cursor_value_missing": "include"}},
    {"incremental": {"cursor_path": "u", "last_value_func": max, "range_start": "open", "primary_key": "id"}},
    {"response_actions": [keep, {"status_code": 404, "action": "ignore"}]},
    {"response_actions": [{"content": "none", "action": keep}, {"status_code": "4", "action": [keep, keep]}]},
    {"data_selector": "data.items[*]"},
    {"data_selector": jsonpath.compile_path("$")},
    {"data_selector": None, "paginator": None, "headers": None, "method": None, "incremental": None},
    {"params": {"x": "{}"}},
]
HINTS: list[Any] = [
    {"primary_key": "id", "merge_key": ["a", "b"], "write_disposition": "merge"},
    {"primary_key": ["id", "at"], "selected": False, "parallelized": True, "max_table_nesting": 0},
    {"write_disposition": {"disposition": "merge", "strategy": "scd2", "validity_column_names": ["a", "b"]}},
    {"write_disposition": {"disposition": "merge", "strategy": "upsert"}, "primary_key": "id"},
    {"write_disposition": {"disposition": "replace"}},
    {"write_disposition": lambda row: "append", "table_name": lambda row: row["type"]},
    {"columns": {"a": {"data_type": "text", "nullable": False}, "b": {"x-own": 1}}},
    {"columns": [{"name": "a", "data_type": "decimal", "precision": 10, "scale": 2}]},
    {"columns": Model},
    {"columns": lambda row: {"a": {"data_type": "text"}}, "table_name": lambda row: "t"},
    {"schema_contract": "freeze"},
    {"schema_contract": {"tables": "evolve", "columns": "discard_value", "data_type": "freeze"}},
    {"table_format": "delta", "file_format": "parquet"},
    {"references": [{"columns": ["a"], "referenced_table": "b", "referenced_columns": ["id"]}]},
    {"nested_hints": {"items": {"columns": {"x": {"data_type": "bigint"}}, "primary_key": "x"}}},
    {"processing_steps": [{"filter": keep}, {"map": keep}, {"yield_map": split}]},
    {"endpoint": "p/{resources.parent.id}", "include_from_parent": ["id"]},
    {"table_name": "other", "selected": None, "columns": None, "include_from_parent": None},
]
CLIENTS: list[Any] = [
    {"base_url": "http://localhost:8000"},
    {"base_url": "https://x.org/api/", "headers": {"Accept": "application/json"}, "session": Session()},
    {"base_url": "https://x.org", "headers": None, "auth": None, "paginator": None, "session": None},
]


def _source(resource: Any, **given: Any) -> dict[str, Any]:
    return {"client": {"base_url": "https://x.org"}, "resources": [resource, "parent"], **given}


def _agree(source: dict[str, Any]) -> None:
    assert [str(problem) for problem in check_source(source)] == []
    assert rest_api_resources(source)


@pytest.mark.parametrize("paginator", PAGINATORS, ids=lambda case: None)
def test_paginators(paginator):
    _agree(_source({"name": "a", "endpoint": {"paginator": paginator}}))
    _agree(_source("a", resource_defaults={"endpoint": {"paginator": paginator}}))


@pytest.mark.parametrize("auth", AUTHS, ids=lambda auth: str(type(auth)))
def test_auths(auth):
    _agree(_source({"name": "a", "endpoint": {"auth": auth}}))
    _agree(_source("a", client={"base_url": "https://x.org", "auth": auth}))


@pytest.mark.parametrize("auth", FROM_ENVIRONMENT, ids=lambda case: None)
def test_auths_that_the_environment_completes(auth, monkeypatch):
    monkeypatch.setenv("CREDENTIALS__TOKEN", "abc")
    monkeypatch.setenv("CREDENTIALS__API_KEY", "abc")
    _agree(_source("a", client={"base_url": "https://x.org", "auth": auth}))


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda case: None)
def test_endpoints(endpoint):
    _agree(_source({"name": "a", "endpoint": endpoint}))


STANDALONE = [each for each in ENDPOINTS if isinstance(each, dict) and "path" not in each and "parent" not in str(each)]


@pytest.mark.parametrize("endpoint", STANDALONE, ids=lambda case: None)
def test_endpoints_as_defaults(endpoint):
    _agree(_source({"name": "a", "endpoint": "a"}, resource_defaults={"endpoint": endpoint}))


@pytest.mark.parametrize("hints", HINTS, ids=lambda case: None)
def test_hints(hints):
    _agree(_source({"name": "a", **hints}))


@pytest.mark.parametrize("client", CLIENTS, ids=lambda case: None)
def test_clients(client):
    _agree(_source("a", client=client))


def test_resources_of_dlt_may_be_parents():
    parent = dlt.resource([{"id": 1}], name="groups")
    child = {"name": "a", "endpoint": "g/{resources.groups.id}"}
    _agree({"client": {"base_url": "https://x.org"}, "resources": [child, parent]})


def test_an_empty_base_url_is_right_where_every_path_is_a_url():
    resources = ["https://x.org/a", {"name": "b", "endpoint": {"path": "https://x.org/b"}}]
    _agree({"client": {"base_url": ""}, "resources": resources})


def test_registered_types_count():
    register_paginator("own_pages", OwnPaginator)
    register_auth("own_auth", OwnAuth)
    paginator = {"type": "own_pages", "next_url_path": "a.b"}
    _agree(_source({"name": "a", "endpoint": {"paginator": paginator, "auth": {"type": "own_auth", "token": "x"}}}))
    (problem,) = check_source(_source({"name": "a", "endpoint": {"paginator": "own_page"}}))
    assert "own_pages" in str(problem.allowed)
    del config_setup.PAGINATOR_MAP["own_pages"], config_setup.AUTH_MAP["own_auth"]


@pytest.mark.parametrize("limit", [0, -5])
def test_a_page_of_no_rows_is_refused(limit):
    problems = check_source(
        {
            "client": {"base_url": "https://a.example"},
            "resources": [{"name": "a", "endpoint": {"path": "a", "paginator": {"type": "offset", "limit": limit}}}],
        }
    )
    assert [(problem.path, problem.message) for problem in problems] == [
        ("resources[0].endpoint.paginator.limit", "must be 1 or more")
    ]
