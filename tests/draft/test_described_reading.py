"""What is an API description, and what is one that cannot be read."""

import json
from typing import Any

import pytest
import yaml
from describing import ROW, drafted, get, many, names, openapi, swagger

from homeroom.draft.described import read_description
from homeroom.errors import ConfigError

BOOKS = openapi(paths={"/books": get(many())})


def said(text: str) -> str:
    with pytest.raises(ConfigError) as raised:
        read_description(text.encode(), "lantern.yaml")
    return str(raised.value)


@pytest.mark.parametrize("version", ["3.0.0", "3.0.3", "3.1.0", "3.1.1", "3.2.0"])
def test_openapi_is_read(version: str) -> None:
    assert read_description(json.dumps({**BOOKS, "openapi": version}).encode(), "x") is not None


def test_yaml_is_read_as_json_is() -> None:
    assert read_description(yaml.safe_dump(BOOKS).encode(), "x") == BOOKS


def test_a_byte_order_mark_and_a_comment_in_front_do_no_harm() -> None:
    text = "\ufeff# by hand\n" + yaml.safe_dump(BOOKS)
    assert read_description(text.encode(), "x") == BOOKS


def test_a_version_without_quotes_is_a_number_in_yaml() -> None:
    text = "swagger: 2.0\ninfo: {title: T}\npaths: {/books: {}}\n"
    assert read_description(text.encode(), "x") is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<!doctype html><p>swagger: the docs</p>",
        '{"data": [{"id": 1}], "total": 1}',
        "[1, 2]",
        "name: campus\nsource: {client: {}}\n",
        "{ broken",
        "\xff\xfe".encode("latin-1").decode("latin-1"),
    ],
)
def test_anything_else_is_no_description(text: str) -> None:
    assert read_description(text.encode("latin-1"), "x") is None


@pytest.mark.parametrize(
    ("head", "value"), [("swagger: '1.2'", "'1.2'"), ("openapi: 4.0.0", "'4.0.0'"), ("swaggerVersion: 1.1", "'1.1'")]
)
def test_another_version_is_named_with_those_that_can_be_read(head: str, value: str) -> None:
    message = said(f"{head}\npaths: {{/books: {{}}}}\n")
    assert f"got {value}" in message
    assert "OpenAPI 3.0, 3.1 or 3.2, or Swagger 2.0" in message


def test_a_broken_one_is_told_with_its_line() -> None:
    assert said("openapi: 3.0.0\npaths:\n  /books: [\n").startswith("lantern.yaml:4: the API description is broken")
    assert said('{"openapi": "3.0.0",\n "paths": {,}}').startswith("lantern.yaml:2: the API description is broken")


def test_one_without_paths_is_told() -> None:
    assert "describes no paths" in said("openapi: 3.1.0\nwebhooks: {}\n")


def test_a_reference_that_leads_nowhere_is_passed_over_and_told() -> None:
    rows = {"type": "array", "items": {"$ref": "schemas.yaml#/Book"}}
    draft = drafted(openapi(paths={"/books": get(rows), "/loans": get(many())}))
    assert names(draft) == ["books", "loans"]
    assert any("schemas.yaml#/Book" in note for note in draft.notes)


def test_schemas_that_hold_each_other_come_to_an_end() -> None:
    person = {
        "type": "object",
        "properties": {
            "id": {"type": "integer"},
            "boss": {"$ref": "#/components/schemas/Person"},
            "team": {"type": "array", "items": {"$ref": "#/components/schemas/Person"}},
        },
    }
    ring = {"$ref": "#/components/schemas/Ring"}
    parts = {"components": {"schemas": {"Person": person, "Ring": {"allOf": [ring]}, "Loop": ring}}}
    paths = {"/people": get(many({"$ref": "#/components/schemas/Person"})), "/rings": get(many(ring))}
    draft = drafted(openapi(paths=paths, **parts))
    assert names(draft) == ["people", "rings"]
    assert [column.name for column in draft.resources[0].columns if column.declared] == ["id"]


@pytest.mark.parametrize("odd", [None, [], "text", 7, {"$ref": 7}, {"$ref": "#/nowhere"}, {"type": ["null"]}])
def test_odd_nodes_do_no_harm(odd: Any) -> None:
    paths = {"/books": get(many()), "/odd": get(odd), "/items": get({"type": "array", "items": odd})}
    document = openapi(paths=paths, components={"schemas": odd, "securitySchemes": odd}, security=odd)
    document["paths"]["/worse"] = odd
    document["paths"]["/books"]["parameters"] = [odd]
    assert "books" in names(drafted(document))


def test_the_paths_of_swagger_are_read_like_those_of_openapi() -> None:
    operation = {
        "produces": ["application/json"],
        "responses": {"200": {"schema": many({"$ref": "#/definitions/Book"})}},
    }
    draft = drafted(swagger(host="lantern.example.org", paths={"/books": operation}, definitions={"Book": ROW}))
    assert [(column.name, column.data_type) for column in draft.resources[0].columns] == [
        ("id", "bigint"),
        ("name", "text"),
    ]
