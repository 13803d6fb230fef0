"""Where a described API is, and how it is signed in to."""

from typing import Any

import pytest
from describing import drafted, get, many, openapi, query, swagger

from homeroom.draft.values import Confidence, Draft

BOOKS = {"/books": get(many())}
PLAIN = {"/books": {"responses": {"200": {"schema": many()}}}}
HERE = "https://docs.example.org/apis/lantern.json"


def base(document: dict[str, Any], source: str = "lantern.json", **options: Any) -> str:
    return drafted(document, source, **options).base_url.value


def test_the_first_server_is_the_base_url_and_the_others_are_offered() -> None:
    servers = [{"url": "https://a.example.org/v1/"}, {"url": "https://b.example.org/v1"}]
    found = drafted(openapi(paths=BOOKS, servers=servers)).base_url
    assert (found.value, found.confidence) == ("https://a.example.org/v1", Confidence.CERTAIN)
    assert found.others == ("https://b.example.org/v1",)


def test_variables_of_a_server_have_their_defaults() -> None:
    variables = {"host": {"default": "x.example.org"}, "version": {"default": "v2", "enum": ["v1", "v2"]}}
    found = drafted(
        openapi(paths=BOOKS, servers=[{"url": "https://{host}/{version}", "variables": variables}])
    ).base_url
    assert (found.value, found.confidence) == ("https://x.example.org/v2", Confidence.LIKELY)


@pytest.mark.parametrize(
    ("servers", "value"),
    [
        ([{"url": "http://localhost:3000/v1"}], "${LANTERN_URL}/v1"),
        ([{"url": "https://127.0.0.1"}], "${LANTERN_URL}"),
        ([{"url": "/v2"}], "${LANTERN_URL}/v2"),
        ([], "${LANTERN_URL}"),
        ([{"url": "https://{tenant}.example.org/v1"}], "${LANTERN_URL}/v1"),
        ([{"url": "https://[tenant/v1"}], "${LANTERN_URL}"),
    ],
)
def test_where_no_server_is_real_the_address_is_a_variable(servers: list[Any], value: str) -> None:
    draft = drafted(openapi(paths=BOOKS, servers=servers))
    assert (draft.base_url.value, draft.base_url.confidence) == (value, Confidence.GUESS)
    assert [(secret.variable, secret.is_secret) for secret in draft.secrets] == [("LANTERN_URL", False)]


def test_a_relative_server_holds_from_where_the_description_is() -> None:
    assert base(openapi(paths=BOOKS, servers=[{"url": "/v2"}]), HERE) == "https://docs.example.org/v2"
    assert base(openapi(paths=BOOKS, servers=[{"url": "../v2"}]), HERE) == "https://docs.example.org/v2"
    assert base(openapi(paths=BOOKS, servers=[]), HERE) == "https://docs.example.org"
    assert base(swagger(paths=PLAIN, basePath="/v2"), HERE) == "https://docs.example.org/v2"


def test_this_machine_is_a_server_for_a_description_that_is_on_it() -> None:
    source = "http://127.0.0.1:8000/openapi.json"
    assert base(openapi(paths=BOOKS, servers=[{"url": "/v1"}]), source) == "http://127.0.0.1:8000/v1"


@pytest.mark.parametrize(
    ("parts", "value"),
    [
        ({"host": "x.example.org", "basePath": "/v1", "schemes": ["http", "https"]}, "https://x.example.org/v1"),
        ({"host": "x.example.org:81", "schemes": ["http"]}, "http://x.example.org:81"),
        ({"host": "x.example.org", "basePath": "/"}, "https://x.example.org"),
        ({"basePath": "/v1"}, "${LANTERN_URL}/v1"),
        ({"host": "localhost", "basePath": "/v1", "schemes": ["https"]}, "${LANTERN_URL}/v1"),
    ],
)
def test_swagger_has_host_base_path_and_schemes(parts: dict[str, Any], value: str) -> None:
    assert base(swagger(paths=PLAIN, **parts)) == value


def test_what_all_lists_have_in_front_goes_into_the_base_url() -> None:
    paths = {"/api/v1/books": get(many()), "/api/v1/loans": get(many()), "/token": get({"type": "string"})}
    draft = drafted(openapi(paths=paths, servers=[{"url": "https://x.example.org"}]))
    assert draft.base_url.value == "https://x.example.org/api/v1"
    assert [each.path.value for each in draft.resources] == ["books", "loans"]


def test_a_list_under_which_all_others_are_stays_in_the_paths() -> None:
    paths = {"/books": get(many()), "/books/{id}/pages": get(many())}
    assert drafted(openapi(paths=paths)).resources[0].path.value == "books"


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ("https://mine.example.org/x", "https://mine.example.org/x/api/v1"),
        ("https://mine.example.org", "https://mine.example.org/root/api/v1"),
        ("https://mine.example.org/x/api/v1/", "https://mine.example.org/x/api/v1"),
    ],
)
def test_a_base_url_that_is_given_may_leave_out_what_is_described(given: str, value: str) -> None:
    paths = {"/api/v1/books": get(many()), "/api/v1/loans": get(many())}
    document = openapi(paths=paths, servers=[{"url": "https://lantern.example.org/root"}])
    assert base(document, base_url=given) == value


def signed(schemes: dict[str, Any], *security: dict[str, Any], **parts: Any) -> Draft:
    more = {"security": list(security)} if security else {}
    return drafted(openapi(paths=BOOKS, components={"securitySchemes": schemes}, **more, **parts))


def auth(draft: Draft) -> dict[str, Any]:
    assert draft.auth.value is not None
    return dict(draft.auth.value)


KEY = {"type": "apiKey", "in": "header", "name": "X-Api-Key"}
BEARER = {"type": "http", "scheme": "bearer"}
BASIC = {"type": "http", "scheme": "basic"}
CLIENT = {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "/token", "scopes": {"read": ""}}}}
PERSON = {"type": "oauth2", "flows": {"authorizationCode": {"tokenUrl": "https://x.org/t", "scopes": {}}}}


@pytest.mark.parametrize("place", ["header", "query"])
def test_a_key_goes_where_it_is_described(place: str) -> None:
    draft = signed({"key": {**KEY, "in": place}})
    wanted = {"type": "api_key", "name": "X-Api-Key", "api_key": "${secret:lantern_api_key}", "location": place}
    assert auth(draft) == wanted
    assert [(secret.variable, secret.is_secret) for secret in draft.secrets] == [("LANTERN_API_KEY", True)]


def test_bearer_and_basic() -> None:
    assert auth(signed({"b": BEARER})) == {"type": "bearer", "token": "${secret:lantern_token}"}
    wanted = {"type": "http_basic", "username": "${LANTERN_USERNAME}", "password": "${secret:lantern_password}"}
    assert auth(signed({"b": BASIC})) == wanted


def test_client_credentials_are_our_oauth2_with_the_scopes_that_the_lists_ask_for() -> None:
    assert auth(signed({"o": CLIENT}, {"o": ["read"]})) == {
        "type": "oauth2",
        "access_token_url": "https://lantern.example.org/token",
        "client_id": "${LANTERN_CLIENT_ID}",
        "client_secret": "${secret:lantern_client_secret}",
        "client_auth": "basic",
        "scope": ["read"],
    }


def test_a_token_url_that_is_none_is_a_variable() -> None:
    flow = {"tokenUrl": "{TOKEN_URL}", "scopes": {}}
    draft = signed({"o": {"type": "oauth2", "flows": {"clientCredentials": flow}}})
    assert auth(draft)["access_token_url"] == "${LANTERN_TOKEN_URL}"
    assert "LANTERN_TOKEN_URL" in [secret.variable for secret in draft.secrets]


def test_flows_for_people_are_a_bearer_token_with_a_note() -> None:
    draft = signed({"o": PERSON})
    assert auth(draft)["type"] == "bearer"
    assert any("authorizationCode" in note for note in draft.notes)


def test_the_scheme_for_machines_comes_first_and_the_others_are_offered() -> None:
    draft = signed({"person": PERSON, "key": KEY, "machine": CLIENT}, {"person": []}, {"key": []}, {"machine": []})
    assert auth(draft)["type"] == "oauth2"
    assert [other["type"] for other in draft.auth.others if other] == ["api_key", "bearer"]


def test_only_schemes_that_the_lists_take_count() -> None:
    assert auth(signed({"key": KEY, "b": BEARER}, {"b": []}))["type"] == "bearer"
    operation = get(many(), security=[{"b": []}])
    parts = {"components": {"securitySchemes": {"key": KEY, "b": BEARER}}, "security": [{"key": []}]}
    assert auth(drafted(openapi(paths={"/books": operation}, **parts)))["type"] == "bearer"


def test_schemes_that_are_sent_together_are_a_key_and_a_header() -> None:
    site = {"type": "apiKey", "in": "header", "name": "X-Subdomain"}
    draft = signed({"site": site, "key": KEY}, {"site": [], "key": []})
    assert auth(draft)["name"] == "X-Api-Key"
    assert draft.headers == {"X-Subdomain": "${LANTERN_SUBDOMAIN}"}
    assert ("LANTERN_SUBDOMAIN", False) in [(secret.variable, secret.is_secret) for secret in draft.secrets]


def test_a_second_key_in_a_header_is_a_secret() -> None:
    second = {"type": "apiKey", "in": "header", "name": "X-App-Token"}
    draft = signed({"key": KEY, "second": second}, {"key": [], "second": []})
    assert draft.headers == {"X-App-Token": "${secret:lantern_app_token}"}


@pytest.mark.parametrize("text", ["Bearer, then the token", "a JWT"])
def test_a_key_in_authorization_whose_text_says_bearer_is_one(text: str) -> None:
    scheme = {"type": "apiKey", "in": "header", "name": "Authorization", "description": text}
    assert auth(drafted(swagger(paths=PLAIN, host="x.org", securityDefinitions={"a": scheme})))["type"] == "bearer"


def test_a_key_in_authorization_of_which_nothing_is_said_is_a_guess() -> None:
    draft = signed({"a": {**KEY, "name": "Authorization"}})
    assert (auth(draft)["type"], draft.auth.confidence) == ("api_key", Confidence.GUESS)


def test_swagger_flows() -> None:
    flow = {"type": "oauth2", "flow": "application", "tokenUrl": "https://id.example.org/token", "scopes": {}}
    found = auth(drafted(swagger(paths=PLAIN, host="x.org", securityDefinitions={"o": flow, "b": {"type": "basic"}})))
    assert (found["type"], found["access_token_url"]) == ("oauth2", "https://id.example.org/token")


def test_a_bearer_whose_text_says_how_a_program_gets_one_is_oauth2() -> None:
    text = "a token, from a client_credentials grant to /v1/oauth2/token."
    scheme = {"type": "apiKey", "in": "header", "name": "Authorization", "description": f"Bearer: {text}"}
    found = auth(drafted(swagger(paths=PLAIN, host="localhost", securityDefinitions={"a": scheme})))
    assert (found["type"], found["access_token_url"]) == ("oauth2", "${LANTERN_URL}/v1/oauth2/token")


def test_without_a_scheme_no_key_is_sent_as_a_guess() -> None:
    draft = drafted(openapi(paths=BOOKS))
    assert (draft.auth.value, draft.auth.confidence) == (None, Confidence.GUESS)


def test_a_scheme_that_no_auth_type_does_is_told() -> None:
    draft = signed({"d": {"type": "http", "scheme": "digest"}})
    assert (auth(draft)["type"], draft.auth.confidence) == ("bearer", Confidence.GUESS)
    assert any("digest" in note for note in draft.notes)


def test_a_header_that_every_list_needs_is_sent() -> None:
    tenant = {"name": "X-Tenant", "in": "header", "required": True, "schema": {"type": "string"}}
    version = {"name": "X-Version", "in": "header", "required": True, "schema": {"type": "string", "default": "2"}}
    draft = drafted(openapi(paths={"/books": get(many(), tenant, version, query("q"))}))
    assert draft.headers == {"X-Tenant": "${LANTERN_TENANT}", "X-Version": "2"}
