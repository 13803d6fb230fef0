"""What is wrong with a source, in words that say what to do."""

from __future__ import annotations

from typing import Any

import pytest
from dlt.sources.helpers.rest_client.paginators import SinglePagePaginator
from dlt.sources.rest_api import rest_api_resources
from requests.auth import HTTPBasicAuth

from homeroom.config import check_source

CLIENT = {"base_url": "https://api.example.com"}


def _problems(endpoint: Any = None, **resource: Any) -> list[str]:
    resource = {"name": "a", **resource} | ({} if endpoint is None else {"endpoint": endpoint})
    return [str(problem) for problem in check_source({"client": CLIENT, "resources": [resource, "b", "c"]})]


def test_every_problem_of_a_file_is_told_at_once(problems):
    text = """\
client:
  base_url: api.example.com
  auth: {type: apikey, api_key: very-secret}
  pagnator: auto
resource_defaults:
  write_disposition: mrege
  endpoint: {paginator: {type: offset}}
resources:
  - name: users
    primary_key: 5
    endpoint: {path: /users, method: get}
  - name: users
  - {endpoint: /courses}
"""
    assert problems(text) == [
        'school.yaml:2: client.base_url: must be a URL that begins with https:// or http://; got "api.example.com"; '
        "write https://api.example.com",
        'school.yaml:3: client.auth.type: unknown auth type; got "apikey"; allowed: bearer, api_key, '
        "http_basic, oauth2_client_credentials, oauth2, oauth2_refresh_token, oauth1, service_account, login; "
        "did you mean `api_key`?",
        "school.yaml:4: client.pagnator: unknown key `pagnator`; allowed: base_url, headers, auth, "
        "paginator, session; did you mean `paginator`?",
        'school.yaml:6: resource_defaults.write_disposition: unknown value; got "mrege"; '
        "allowed: skip, append, replace, merge; did you mean `merge`?",
        "school.yaml:7: resource_defaults.endpoint.paginator: `limit` is required for the offset paginator; "
        "write {type: offset, limit: 100}",
        "school.yaml:10: resources[0].primary_key: must be text or a list of text; got 5; put it in quotes",
        'school.yaml:11: resources[0].endpoint.method: unknown value; got "get"; allowed: GET, POST; '
        "did you mean `GET`?",
        "school.yaml:12: resources[1].name: resource 0 has the name `users` already; give each resource a "
        "name of its own; `table_name` may be the same",
        "school.yaml:13: resources[2]: `name` is required; name the table that its rows go to",
    ]


@pytest.mark.parametrize(
    ("paginator", "message"),
    [
        ("offset", ": `limit` is required for the offset paginator; write {type: offset, limit: 100}"),
        ({"limit": 100}, ": `type` is required for a paginator; "),
        ({"type": "ofset"}, '.type: unknown paginator; got "ofset"; allowed: '),
        ("ofset", ': unknown paginator; got "ofset"; allowed: '),
        ({"type": "single_page", "limit": 1}, ".limit: unknown key `limit`; allowed: type"),
        ({"type": "page_number", "limit": 1}, ".limit: unknown key `limit`; allowed: type, base_page, page"),
        ({"type": "offset", "limit": "1"}, '.limit: must be a whole number; got "1"; write the number'),
        ({"type": "cursor", "cursor_path": "[["}, '.cursor_path: is not a JSONPath; got "[["'),
        (
            {"type": "cursor", "cursor_param": "a", "cursor_body_path": "b"},
            ": the cursor paginator cannot be made: Either 'cursor_param' or 'cursor_body_path' must",
        ),
        (5, ": must be one of json_link, "),
    ],
)
def test_a_wrong_paginator_is_told_by_its_own_keys(paginator, message):
    (problem,) = _problems({"paginator": paginator})
    assert problem.startswith(f"resources[0].endpoint.paginator{message}")


def test_a_paginator_without_type_is_recognised_by_its_keys():
    (problem,) = _problems({"paginator": {"limit": 100}})
    assert problem.endswith("its keys are those of `type: offset`")


@pytest.mark.parametrize(
    ("auth", "message"),
    [
        ({"type": "token"}, '.type: unknown auth type; got "token"; allowed: bearer, api_key, http_basic, '),
        ({"type": None, "token": "x"}, ".type: unknown auth type; got null; allowed: "),
        ({"type": "bearer", "key": "x"}, ".key: unknown key `key`; allowed: type, token"),
        ({"type": "api_key", "api_key": 123}, ".api_key: must be text; got ***; put it in quotes"),
        ({"type": "http_basic", "username": "me"}, ": `password` is required for http_basic auth"),
        (
            {"api_key": "x", "name": "k", "location": "body"},
            ".api_key: unknown key `api_key`; allowed: type, token; without `type` this is bearer auth; "
            "add `type: api_key`",
        ),
    ],
)
def test_a_wrong_auth_is_told_by_its_own_keys(auth, message):
    assert _problems({"auth": auth})[0].startswith(f"resources[0].endpoint.auth{message}")


def test_an_auth_of_requests_is_taken_although_dlt_refuses_it():
    assert not _problems({"auth": HTTPBasicAuth("ann", "pw")})


@pytest.mark.parametrize(
    ("endpoint", "message"),
    [
        (
            {"path": "x/{id}"},
            ".path: nothing is given for `{id}`; allowed: {resources.NAME.field}; add `id` to",
        ),
        (
            "x/{resources.bb.id}",
            ": there is no resource `bb` to be the parent; allowed: a, b, c; did you mean `b`?",
        ),
        ("x/{resources.b}", ": `{resources.b}` names no field; allowed: {resources.NAME.field}"),
        (
            {"params": {"q": "{x}"}},
            ".params.q: unknown placeholder `{x}`; allowed: {resources.NAME.field}; double",
        ),
        ({"json": {"q": ["{"]}}, ".json.q[0]: not a valid text with placeholders: Single '{'"),
        ({"headers": {"since": "{incremental.start_value}"}}, ".headers.since: unknown placeholder"),
        (
            {"params": {"q": {"a": 1}}},
            ".params.q.type: a param that is a mapping needs a type; allowed: resolve",
        ),
        (
            {"params": {"q": {"type": "resolve", "resource": "b", "field": "id"}}},
            ".params.q: a param of type resolve must stand as {q} in the path; "
            "write {resources.b.id} as its value instead",
        ),
        ({"params": None}, ".params: is empty; got null; remove the key or give it a value"),
        ({"data_selector": "[["}, '.data_selector: is not a JSONPath; got "[["'),
        ({"incremental": {"cursor_path": "[["}}, '.incremental.cursor_path: is not a JSONPath; got "[["'),
        ({"incremental": {"cursor": "x"}}, ".incremental.cursor: unknown key `cursor`; allowed: "),
        ({"response_actions": [{"status_code": 404}]}, ".response_actions[0]: `action` is required"),
        (
            {"data_selecter": "x"},
            ".data_selecter: unknown key `data_selecter`; allowed: path, method, params",
        ),
    ],
)
def test_a_wrong_endpoint_says_what_and_where(endpoint, message):
    (problem,) = _problems(endpoint)
    assert problem.startswith(f"resources[0].endpoint{message}")


@pytest.mark.parametrize(
    ("hints", "message"),
    [
        (
            {"columns": {"x": {"data_type": "int"}}},
            '.columns.x.data_type: unknown value; got "int"; allowed: text,',
        ),
        (
            {"columns": ["x"]},
            '.columns[0]: must be a mapping of column hints; got "x"; write {data_type: text}',
        ),
        (
            {"write_disposition": {"disposition": "merge", "strategy": "sdc2"}},
            '.write_disposition.strategy: unknown value; got "sdc2"; allowed: delete-insert, scd2, upsert, '
            "insert-only, cdc; did you mean `scd2`?",
        ),
        (
            {"processing_steps": [{"filter": "x"}]},
            ".processing_steps[0].filter: must be a function (only in a",
        ),
        (
            {"include_from_parent": ["id"]},
            ".include_from_parent: the resource has no parent to include fields from; got [",
        ),
        ({"parent_table_name": "x"}, ".parent_table_name: dlt's resources have no `parent_table_name`"),
        ({"selected": "yes"}, '.selected: must be true or false; got "yes"'),
        ({"primary_key": ["id", 5]}, ".primary_key[1]: must be text; got 5; put it in quotes"),
    ],
)
def test_a_wrong_hint_says_what_and_where(hints, message):
    (problem,) = _problems(**hints)
    assert problem.startswith(f"resources[0]{message}")


def test_a_resource_has_one_parent():
    (problem,) = _problems("x/{resources.b.id}/{resources.c.id}")
    assert problem.startswith("resources[0]: it refers to more than one parent: b, c; ")


def test_resources_that_wait_for_each_other_are_named():
    resources = [{"name": "a", "endpoint": "{resources.b.id}"}, {"name": "b", "endpoint": "{resources.a.id}"}]
    (problem,) = check_source({"client": CLIENT, "resources": resources})
    assert problem.message == "resources wait for each other: a → b → a"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ({}, "`client` is required"),
        ({"client": CLIENT}, "`resources` is required"),
        (
            {"client": CLIENT, "resources": []},
            "resources: there is no resource to read; got []; name at least",
        ),
        ({"client": {}, "resources": ["a"]}, "client: `base_url` is required; add the URL that all paths"),
        (
            {"client": CLIENT, "resources": [5]},
            "resources[0]: must be text or a mapping; got 5; put it in quotes",
        ),
        ({"client": CLIENT, "resources": "a"}, 'resources: must be a list; got "a"'),
        (
            {"client": CLIENT, "resources": ["a"], "resource_defaults": {"endpoint": "x"}},
            'resource_defaults.endpoint: must be a mapping in resource_defaults; got "x"',
        ),
    ],
)
def test_a_wrong_source_says_what_and_where(source, message):
    assert str(check_source(source)[0]).startswith(message)


def test_a_bare_config_with_our_keys_says_where_they_go(problems):
    text = "client: {base_url: https://x.org}\nresources: [a]\nsync: {concurrency: 4}\n"
    (problem,) = problems(text)
    assert problem == (
        "school.yaml:3: sync: unknown key `sync`; allowed: client, resources, resource_defaults; "
        "to have `sync`, put client, resources and resource_defaults under `source:`"
    )


def test_a_long_value_is_shortened():
    (problem,) = _problems(primary_key={"x": "y" * 200})
    assert problem.endswith("y...")
    assert len(problem.partition("got ")[2]) == 80


def test_a_wrong_object_is_named_by_its_type_alone():
    (problem,) = _problems({"paginator": SinglePagePaginator})
    assert problem.endswith("got the class SinglePagePaginator")


def test_the_given_source_is_not_changed():
    resource = {"name": "a", "endpoint": {"path": "x/{id}", "params": {"id": 5}}, "columns": {"c": {}}}
    source = {"client": {**CLIENT, "auth": {"token": None}}, "resources": [resource, "b"]}
    before = repr(source)
    check_source(source)
    assert repr(source) == before


@pytest.mark.parametrize(
    "endpoint",
    [
        {"params": {"a": {"type": "incremental", "cursor_path": "x", "foo": 1}}},
        {"path": "{a}", "params": {"a": {}}},
    ],
)
def test_whatever_dlt_cannot_build_is_a_problem(endpoint):
    source = {"client": CLIENT, "resources": [{"name": "a", "endpoint": endpoint}]}
    assert check_source(source)
    with pytest.raises((TypeError, ValueError)):
        rest_api_resources(source)
