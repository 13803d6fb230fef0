"""From a config to resources in reading order, and from a resource to its first request."""

from typing import Any

import dlt
import pytest
import requests
from dlt.sources.helpers import requests as dlt_requests
from dlt.sources.helpers.rest_client import paginators
from dlt.sources.helpers.rest_client.auth import BearerTokenAuth

from homeroom import paginate
from homeroom.errors import ConfigError, DataError
from homeroom.plan import ResourcePlan, SourcePlan, build_plan, child_request, paging_of, root_request
from homeroom.values import Cast, ResourceSettings, SyncSettings

BASE = "https://api.example.com/v1/"


def plan(*resources: Any, sync: SyncSettings | None = None, defaults: Any = None, **client: Any) -> SourcePlan:
    source: dict[str, Any] = {"client": {"base_url": BASE, **client}, "resources": list(resources)}
    return build_plan({**source, "resource_defaults": defaults} if defaults else source, sync or SyncSettings())


def only(resource: Any, **options: Any) -> ResourcePlan:
    (planned,) = plan(resource, **options).resources
    return planned


def named(name: str, path: str = "", **endpoint: Any) -> dict[str, Any]:
    return {"name": name, "endpoint": {"path": path or name, **endpoint}}


def refused(*resources: Any, **client: Any) -> dict[str, str]:
    """Path and text of each problem."""
    with pytest.raises(ConfigError) as caught:
        plan(*resources, **client)
    return {problem.path: str(problem) for problem in caught.value.problems}


def child(path: str = "courses/{resources.courses.id}/users", **resource: Any) -> ResourcePlan:
    endpoint = resource.pop("endpoint", {})
    return plan("courses", {**named("users", path, **endpoint), **resource}).resources[1]


def test_a_name_alone_is_a_resource_with_that_path() -> None:
    planned = only("users")
    assert (planned.name, planned.path, planned.method, planned.parent) == ("users", "users", "GET", None)
    assert planned.paging is None and planned.selector is None


def test_defaults_are_merged_and_the_resource_wins() -> None:
    defaults = {
        "primary_key": "id",
        "write_disposition": "merge",
        "endpoint": {"data_selector": "data", "params": {"sort": "id"}},
    }
    planned = only({**named("users", data_selector="items"), "write_disposition": "append"}, defaults=defaults)
    assert planned.selector is not None and planned.selector.text == "items"
    assert planned.params == {"sort": "id"}
    assert planned.hints == {"name": "users", "primary_key": "id", "write_disposition": "append"}


def test_headers_of_the_client_and_the_endpoint_are_merged_and_the_endpoint_wins() -> None:
    planned = only(named("users", headers={"B": "2"}), headers={"A": "1", "B": "1"})
    assert planned.headers == {"A": "1", "B": "2"}


def test_the_clients_paginator_is_for_all_that_name_none() -> None:
    own, other = plan(named("a", paginator="single_page"), "b", paginator={"type": "offset", "limit": 7}).resources
    assert own.paging == paginate.SinglePage()
    assert isinstance(other.paging, paginate.Offset) and other.paging.limit == 7


def test_auth_is_one_object_for_one_section() -> None:
    first, second = plan("a", "b", auth={"type": "bearer", "token": "t"}).resources
    assert isinstance(first.auth, BearerTokenAuth) and first.auth is second.auth


def test_an_endpoint_may_have_its_own_auth() -> None:
    planned = only(named("a", auth={"type": "bearer", "token": "own"}), auth={"type": "bearer", "token": "all"})
    assert isinstance(planned.auth, BearerTokenAuth) and planned.auth.token == "own"


def test_our_settings_of_a_resource_reach_its_plan() -> None:
    sync = SyncSettings(resources={"users": ResourceSettings(total_header="X-Rows")})
    assert only("users", sync=sync).total_header == "X-Rows"


def of_users(**settings: Any) -> SyncSettings:
    return SyncSettings(resources={"users": ResourceSettings(**settings)})


def test_the_path_of_the_total_is_compiled_once() -> None:
    total = only("users", sync=of_users(total_path="meta.count")).total
    assert total is not None and (total.text, total.keys) == ("meta.count", ("meta", "count"))
    assert only("users").total is None


@pytest.mark.parametrize(
    ("resource", "why"),
    [
        (named("users", "courses/{resources.courses.id}/users"), "parents may have no row"),
        (
            named("users", incremental={"cursor_path": "at", "start_param": "since"}),
            "nothing may be new since the cursor",
        ),
    ],
)
def test_a_list_that_may_be_empty_by_right_cannot_have_a_least_number_of_rows(resource: Any, why: str) -> None:
    with pytest.raises(ConfigError) as caught:
        plan("courses", resource, sync=of_users(at_least=1))
    assert str(caught.value) == f"sync.resources.users.at_least: {why}; got 1; leave it out"


def test_patterns_of_an_error_are_compiled_and_know_their_setting() -> None:
    first, second = only("users", sync=of_users(error_when=("success == false", "exception"))).errors
    assert (first.setting, first.text, first.path.text) == (
        "sync.resources.users.error_when",
        "success == false",
        "success",
    )
    assert second.path.text == "exception"
    assert only("users").errors == ()


def test_settings_that_are_no_path_are_told_with_their_place_in_the_sync_section() -> None:
    sync = of_users(total_path="[[", error_when=("fine", "success = false", "a =="))
    assert list(refused("users", sync=sync).values()) == [
        "sync.resources.users.total_path: is not a JSONPath; got '[['",
        "sync.resources.users.error_when[1]: is not a JSONPath, alone or followed by `== VALUE` or `!= VALUE`; "
        "got 'success = false'",
        "sync.resources.users.error_when[2]: has no value after `==`; got 'a =='",
    ]


def test_a_resource_whose_name_is_no_plain_word_stands_quoted_in_a_problems_place() -> None:
    sync = SyncSettings(resources={"v1/users": ResourceSettings(total_path="[[")})
    assert list(refused("v1/users", sync=sync)) == ["sync.resources['v1/users'].total_path"]


def test_parents_come_before_their_children() -> None:
    deepest = named("tags", "users/{resources.users.id}/tags")
    planned = plan(deepest, named("users", "courses/{resources.courses.id}/users"), "courses")
    assert [r.name for r in planned.resources] == list(planned.order) == ["courses", "users", "tags"]
    assert [r.parent for r in planned.resources] == [None, "courses", "users"]


def test_a_dlt_resource_of_the_config_is_kept_apart() -> None:
    own = dlt.resource([{"id": 1}], name="courses")
    planned = plan(own, named("users", "courses/{resources.courses.id}/users"))
    assert list(planned.foreign) == ["courses"] and planned.order == ("courses", "users")
    assert [r.parent for r in planned.resources] == ["courses"]


def test_a_circle_of_parents_is_named() -> None:
    circle = refused(named("a", "a/{resources.b.id}"), named("b", "b/{resources.a.id}"))
    assert "a -> b -> a" in circle["resources"] or "b -> a -> b" in circle["resources"]


def test_an_unknown_parent_is_named() -> None:
    assert "`nobody`" in refused(named("a", "a/{resources.nobody.id}"))["resources"]


def test_fields_of_a_parent_need_a_parent() -> None:
    problems = refused({**named("a"), "include_from_parent": ["id"]})
    assert "no parent" in problems["resources[0].include_from_parent"]


def test_all_that_cannot_be_honoured_is_told_at_once_with_its_place() -> None:
    problems = refused(
        "fine",
        named("a", response_actions=[print, {"status_code": 404, "action": "skip"}], data_selector="[["),
        named("b", json={"a": 1}, data="a"),
        session=object(),
    )
    assert list(problems) == [
        "client.session",
        "resources[1].endpoint.data_selector",
        "resources[1].endpoint.response_actions[1]",
        "resources[2].endpoint",
    ]


def test_a_session_of_the_users_own_reaches_the_plan() -> None:
    session = requests.Session()
    assert plan("users", session=session).session is session
    assert plan("users", session=None).session is None and plan("users").session is None


def test_what_is_no_session_is_told_with_what_to_give_instead() -> None:
    problems = refused("users", session=dlt_requests.Client())
    words = "is no requests.Session; got Client; of dlt's requests.Client give its `session`"
    assert problems == {"client.session": f"client.session: {words}"}


def test_an_incremental_object_among_the_parameters_fills_its_parameter() -> None:
    cursor = dlt.sources.incremental("x", initial_value=7)
    incremental = only(named("b", params={"since": cursor, "kept": 1})).incremental
    assert incremental is not None and (incremental.cursor, incremental.start_param) == (cursor, "since")


def test_a_paginator_with_wrong_arguments_is_told_with_its_place() -> None:
    assert "limit" in refused("fine", named("a", paginator={"type": "offset"}))["resources[1].endpoint.paginator"]


def test_a_selector_that_is_no_path_is_told_with_its_place() -> None:
    assert list(refused(named("a", data_selector="[["))) == ["resources[0].endpoint.data_selector"]


def test_a_missing_credential_is_told_where_the_auth_stands() -> None:
    assert "token" in refused("a", auth={"type": "bearer"})["client.auth"]
    assert "token" in refused(named("a", auth={"type": "bearer"}))["resources[0].endpoint.auth"]


def test_a_paginator_of_the_users_own_class_is_driven_as_it_is() -> None:
    class Odd(paginators.OffsetPaginator):
        pass

    odd = Odd(limit=5)
    assert paging_of(odd) == paginate.Own(odd)


def test_no_paginator_is_to_be_guessed() -> None:
    assert paging_of(None) is None


def test_an_offset_paginator_is_taken_over_whole() -> None:
    assert paging_of(
        paginators.OffsetPaginator(5, 10, "o", limit_param="l", total_path="t", maximum_offset=90, has_more_path="m")
    ) == paginate.Offset(5, 10, "o", None, "l", None, *_paths("t"), maximum=90, has_more=_paths("m")[0])


def test_an_offset_in_the_body_is_taken_over() -> None:
    paging = paging_of(paginators.OffsetPaginator(5, offset_body_path="p.o", limit_body_path="p.l", total_path=None))
    assert isinstance(paging, paginate.Offset)
    assert (paging.body_path, paging.limit_body_path, paging.total) == ("p.o", "p.l", None)


def test_a_page_number_paginator_is_taken_over_whole() -> None:
    assert paging_of(
        paginators.PageNumberPaginator(1, 3, "p", total_path="t", maximum_page=9, has_more_path="m")
    ) == paginate.PageNumber(1, 3, "p", None, *_paths("t"), maximum=9, has_more=_paths("m")[0])


def test_the_paginators_that_follow_what_the_server_says_are_taken_over() -> None:
    (path,) = _paths("x")
    assert paging_of(paginators.JSONLinkPaginator("x")) == paginate.JsonLink(path)
    assert paging_of(paginators.HeaderLinkPaginator("more")) == paginate.HeaderLink("more")
    assert paging_of(paginators.HeaderCursorPaginator("X-Next", "after")) == paginate.HeaderCursor("X-Next", "after")
    assert paging_of(paginators.JSONResponseCursorPaginator("x", "after")) == paginate.Cursor(path, "after")


def _paths(*texts: str) -> list[Any]:
    return [
        paginate.JsonLink(paging.path).path
        for text in texts
        if isinstance(paging := paging_of(paginators.JSONLinkPaginator(text)), paginate.JsonLink)
    ]


def test_the_first_request_joins_the_path_to_the_base() -> None:
    request = root_request(only(named("users", "/people/all", params={"q": "{{x}}"}, method="POST", json={"n": 1})))
    assert (request.method, request.url) == ("POST", BASE + "people/all")
    assert request.params == {"q": "{x}"} and request.json == {"n": 1}


def test_a_url_written_in_the_config_is_asked_as_it_is_and_may_have_the_key() -> None:
    planned = plan(named("a", "https://files.example.com:8443/a"), "b")
    assert root_request(planned.resources[0]).url == "https://files.example.com:8443/a"
    assert planned.origins == {"https://api.example.com:443", "https://files.example.com:8443"}


@pytest.mark.parametrize("path", ["{resources.courses.url}", "https://{resources.courses.host}/x"])
def test_a_url_that_a_parent_row_fills_in_is_not_trusted_with_the_key(path: str) -> None:
    planned = plan("courses", named("users", path))
    request, _ = child_request(planned.resources[1], {"url": "https://evil.org/x", "host": "evil.org"})
    assert request.url == "https://evil.org/x"
    assert planned.origins == {"https://api.example.com:443"}


def test_a_url_of_the_config_is_trusted_where_only_its_path_is_filled_in() -> None:
    planned = plan("courses", named("users", "https://files.example.com/{resources.courses.id}"))
    assert "https://files.example.com:443" in planned.origins


def test_a_parent_row_fills_path_query_headers_and_body() -> None:
    endpoint = {
        "params": {"of": "{resources.courses.code}", "sort": "id"},
        "headers": {"X-Course": "{resources.courses.id}"},
        "json": {"course": "{resources.courses.id}"},
    }
    request, fields = child_request(child(endpoint=endpoint), {"id": 7, "code": "B1", "name": "Ann"})
    assert request.url == BASE + "courses/7/users" and request.params == {"of": "B1", "sort": "id"}
    assert request.headers["X-Course"] == "7" and request.json == {"course": 7} and fields == {}


def test_the_older_way_to_bind_a_parameter_works_and_does_not_go_into_the_query() -> None:
    bound = {"type": "resolve", "resource": "courses", "field": "id"}
    request, _ = child_request(child("courses/{c}/users", endpoint={"params": {"c": bound, "sort": "id"}}), {"id": 7})
    assert request.url == BASE + "courses/7/users" and request.params == {"sort": "id"}


def test_fields_of_the_parent_are_named_as_dlt_names_them() -> None:
    _, fields = child_request(child(include_from_parent=["id", "name"]), {"id": 7, "name": "Bio", "room": 3})
    assert fields == {"_courses_id": 7, "_courses_name": "Bio"}


@pytest.mark.parametrize(("included", "missing"), [((), "id"), (("title",), "title")])
def test_a_parent_row_without_the_field_is_an_error_that_names_fields_and_no_value(included: Any, missing: str) -> None:
    planned = child(**({"include_from_parent": list(included)} if included else {}))
    with pytest.raises(DataError, match=f"{missing}.*name") as caught:
        child_request(planned, {"name": "s3cret"} | ({"id": "s3cret"} if included else {}))
    assert caught.value.resource == "users" and "s3cret" not in str(caught.value)


def test_one_parent_row_leaves_the_plan_as_it_was_for_the_next() -> None:
    planned = child(endpoint={"json": {"course": "{resources.courses.id}"}})
    requests = [child_request(planned, {"id": number})[0] for number in (1, 2)]
    assert [(request.url[-7:], request.json) for request in requests] == [
        ("1/users", {"course": 1}),
        ("2/users", {"course": 2}),
    ]


def with_casts(*resources: Any, **casts: Any) -> dict[str, str]:
    """The problems of casts of `users`."""
    sync = SyncSettings(resources={"users": ResourceSettings(casts=casts)})
    return refused(*resources, sync=sync)


def cast(*kinds: str, **parts: str) -> Cast:
    return Cast(kinds, **parts)


def test_casts_of_fields_that_others_lie_in_come_first() -> None:
    casts = {"a.b": cast("bool"), "a": cast("list")}
    planned = only("users", sync=SyncSettings(resources={"users": ResourceSettings(casts=casts)}))
    assert [each.keys for each in planned.casts] == [("a",), ("a", "b")]


@pytest.mark.parametrize(
    ("path", "given", "says"),
    [
        ("a[*].b", cast("bool"), "is no path of keys"),
        ("a..b", cast("bool"), "is no path of keys"),
        ("a", cast("bool", "timestamp"), "a value has one type; got bool, timestamp"),
        ("a.b", cast(date="d", time="t"), "one time is made of two fields of the row itself"),
        ("a", cast(date="d", time="d"), "one time is made of two fields of the row itself"),
        ("isActive", cast("bool"), "makes bool of the column, and columns declares text"),
    ],
)
def test_a_cast_that_cannot_be_is_refused(path: str, given: Cast, says: str) -> None:
    users = {**named("users"), "columns": {"is_active": {"data_type": "text"}}}
    (problem,) = with_casts(users, **{path: given}).values()
    assert f"sync.resources.users.casts.{path}: {says}" in problem


@pytest.mark.parametrize("path", ["changed.at", "changed", "changed.at.x"])
def test_a_field_that_is_the_cursor_is_not_cast(path: str) -> None:
    users = named("users", incremental={"cursor_path": "changed.at", "start_param": "since"})
    (problem,) = with_casts(users, **{path: cast("timestamp")}).values()
    assert "the cursor changed.at is compared as the API gives it" in problem
    assert only(users, sync=SyncSettings(resources={"users": ResourceSettings(casts={"made": cast("bool")})})).casts


@pytest.mark.parametrize("given", [{"id": cast("bigint")}, {"at": cast(date="id", time="t")}])
def test_a_field_that_requests_of_a_child_are_made_with_is_not_cast(given: Any) -> None:
    (problem,) = with_casts("users", named("marks", "users/{resources.users.id}/marks"), **given).values()
    assert "requests of marks are made with id as the API gives it" in problem


def test_a_resource_of_the_users_own_is_not_cast() -> None:
    own = dlt.resource([{"id": 1}], name="users")
    assert "reads by itself" in with_casts(own, a=cast("bool"))["sync.resources.users.casts"]
