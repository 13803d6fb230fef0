"""Credentials, and all that goes into a request: each row tells how it was asked for."""

from typing import Any

import dlt
from dlt.common.configuration.specs import configspec
from dlt.sources.helpers.rest_client.auth import APIKeyAuth, AuthConfigBase, BearerTokenAuth, HttpBasicAuth
from dlt.sources.rest_api.config_setup import register_auth
from parity_case import Case, at, case
from requests import PreparedRequest

PARENT = "units"


@configspec
class SignedAuth(AuthConfigBase):
    """A user's own: it signs the path."""

    token: str = None  # type: ignore[assignment]

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """In a header."""
        request.headers["X-Signed"] = f"{self.token}:{request.path_url.split('?')[0]}"
        return request


def register_auths() -> None:
    """Make `type: signed` known."""
    register_auth("signed", SignedAuth)


def echo(name: str, covers: str, but: str = "", of: Any = (), **endpoint: Any) -> Case:
    """A resource of one row, which tells its request; one for each parent row where it has a parent."""
    return case(
        covers,
        at(name, "echo", **{"data_selector": "data", "paginator": "single_page", **endpoint}, of=of or {}),
        but=but,
    )


def auths(url: str) -> list[Case]:
    """Every kind of credential."""
    oauth = {
        "type": "oauth2_client_credentials",
        "access_token_url": f"{url}/token/token",
        "client_id": "campus",
        "client_secret": "t0p-s3cret",
        "access_token_request_data": {"scope": "read"},
        "default_token_expiration": 600,
    }
    key: dict[str, Any] = {"type": "api_key", "api_key": "the-key"}
    made: dict[str, tuple[str, Any]] = {
        "key_default": ("`api_key`, its default place", key),
        "key_header": ("`location: header`", {**key, "name": "X-Key", "location": "header"}),
        "key_query": ("`location: query`", {**key, "name": "key", "location": "query"}),
        "key_param": ("`location: param`", {**key, "name": "key", "location": "param"}),
        "bearer": ("`bearer`", {"type": "bearer", "token": "a-token"}),
        "bearer_untyped": ("a mapping without `type`", {"token": "a-token"}),
        "bearer_word": ("`bearer` as a word, the token from the environment", "bearer"),
        "basic": ("`http_basic`", {"type": "http_basic", "username": "ann", "password": "p:ss"}),
        "oauth": ("`oauth2_client_credentials`", oauth),
        "key_object": ("an `APIKeyAuth`", APIKeyAuth(name="X-Key", api_key="of-object")),  # type: ignore[arg-type]
        "bearer_object": ("a `BearerTokenAuth`", BearerTokenAuth("of-object")),  # type: ignore[arg-type]
        "basic_object": ("an `HttpBasicAuth`", HttpBasicAuth("ann", "of-object")),  # type: ignore[arg-type]
        "own": ("an `AuthConfigBase` of the user's", SignedAuth(token="signed")),
        "registered": ("`register_auth`, by its type", {"type": "signed", "token": "registered"}),
    }
    return [
        echo("auth_of_client", "`client.auth`, where the endpoint has none"),
        *(echo(f"auth_{name}", what, auth=auth) for name, (what, auth) in made.items()),
    ]


def asking() -> list[Case]:
    """Methods, paths, parameters, headers, bodies, and what stands in for values in them."""
    return [*_plain(), *_braces(), *_from_parents()]


def _plain() -> list[Case]:
    many: dict[str, Any] = {"a": [1, "two"], "flag": True, "none": None, "empty": "", "né": "ø&=?", "n": 1.5}
    return [
        echo("params_kinds", "`params`: lists, null, text of many scripts", params=many),
        echo(
            "params_in_path",
            "a param that the path names",
            path="params_in_path/echo/{kind}",
            params={"kind": "x y", "b": 2},
        ),
        echo("headers_merged", "`headers` over `client.headers`", headers={"X-Both": "endpoint", "X-Own": "1"}),
        echo("headers_default", "`client.headers`"),
        echo("method_post", "`method: POST` without a body", method="POST"),
        echo("json_body", "`json`", method="POST", json={"a": {"b": [1, None, True, "ø"]}, "c": 1.0}),
        echo("json_with_get", "`json` with GET", json={"a": 1}),
        echo("data_form", "`data`, a form", method="POST", data={"a": "1", "b": ["x", "y"], "c": "ø &"}),
        echo("data_text", "`data`, text", method="POST", data="plain text"),
        echo(
            "data_typed", "`data` with a Content-Type", method="POST", data="<x/>", headers={"Content-Type": "text/xml"}
        ),
        echo("path_query", "a query in `path`", path="path_query/echo?a=1", params={"b": 2}),
        echo("path_slash", "a `path` that begins with a slash", path="/path_slash/echo"),
        case("a path as its endpoint", {"name": "plain_endpoint", "endpoint": "plain_endpoint/bare"}),
        case("a name as its path", "bare_name/keyed"),
    ]


def _braces() -> list[Case]:
    return [
        echo("braces_params", "doubled braces in `params`, keys too", params={"q": "{{a}}", "{{k}}": "v"}),
        echo("braces_headers", "doubled braces in `headers`", headers={"X-Braces": "{{a}}"}),
        echo(
            "braces_json", "doubled braces in `json`, keys too", method="POST", json={"{{k}}": ["{{a}}", {"b": "{{}}"}]}
        ),
        echo("braces_data", "doubled braces in `data`", method="POST", data="query {{ units {{ id }} }}"),
        echo("braces_form", "doubled braces in a form", method="POST", data={"{{k}}": "{{v}}"}),
    ]


def _from_parents() -> list[Case]:
    resolve = {"type": "resolve", "resource": PARENT, "field": "place.city"}
    per = "{resources.units."
    included = {"include_from_parent": ["name", "place", "kinds"]}
    return [
        case(
            "the parent of those below",
            at(PARENT, "parents", data_selector="data", paginator="single_page", of={"primary_key": "id"}),
        ),
        echo(
            "from_resolve",
            "`type: resolve`, a nested field",
            path="from_resolve/echo/{city}",
            params={"city": resolve, "b": 1},
        ),
        echo("from_path", "`{resources.a.b}` in `path`", path=f"from_path/echo/{per}id}}/x/{per}place.city}}/y"),
        echo("from_json_path", "a JSONPath into the parent", path=f"from_json_path/echo/{per}kinds[1]}}/y"),
        echo(
            "from_params", "in `params`, keys too", params={"of": f"{per}id}}", f"{per}place.city}}": f"<{per}name}}>"}
        ),
        echo("from_headers", "in `headers`, keys too", headers={"X-Of": f"{per}id}}", f"X-{per}id}}": "v"}),
        echo(
            "from_json",
            "in `json`: a lone placeholder keeps its type, keys too",
            method="POST",
            json={
                "id": f"{per}id}}",
                "text": f"no {per}id}}",
                f"{per}name}}": [f"{per}place}}", {"{{a}}": f"{per}kinds}}"}],
            },
        ),
        echo("from_data_form", "in a form", method="POST", data={"id": f"{per}id}}", f"{per}name}}": "{{v}}"}),
        echo("from_data_text", "in text", method="POST", data=f"unit={per}id}} {{{{x}}}}"),
        echo(
            "from_parent_included",
            "`include_from_parent`, an object and a list too",
            params={"of": f"{per}id}}"},
            of=included,
        ),
        case("a path that ends in a placeholder: one row", at("from_single", "", path=f"from_single/part/{per}id}}")),
        case(
            "a single row with parent fields",
            at("from_single_included", "", path=f"from_single_included/part/{per}id}}", of=included),
        ),
        case(
            "a child of a child",
            at("from_parts", "", path=f"from_parts/parts/{per}id}}", data_selector="data", paginator="single_page"),
            at(
                "from_parts_of_parts",
                "",
                path="from_parts_of_parts/echo/{resources.from_parts.id}/x",
                data_selector="data",
                paginator="single_page",
                of={"include_from_parent": ["unit_id"]},
            ),
        ),
        case(
            "`selected: false`: read for its children alone",
            at("from_hidden", "parents", data_selector="data", paginator="single_page", of={"selected": False}),
            at("of_hidden", "", path="of_hidden/echo/{resources.from_hidden.id}/x", data_selector="data"),
            tables=("of_hidden",),
        ),
        case(
            "`parallelized` on parent and child",
            at("side_by_side", "parents", data_selector="data", of={"parallelized": True}),
            at(
                "of_side_by_side",
                "",
                path="of_side_by_side/echo/{resources.side_by_side.id}/x",
                data_selector="data",
                of={"parallelized": True},
            ),
        ),
        case(
            "a `DltResource` as the parent",
            dlt.resource([[{"id": 1}, {"id": 2}]], name="users_own"),
            at("of_users_own", "", path="of_users_own/echo/{resources.users_own.id}/x", data_selector="data"),
        ),
    ]
