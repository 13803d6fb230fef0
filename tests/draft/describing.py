"""Tiny API descriptions, and what is drafted of them."""

from __future__ import annotations

import json
from typing import Any

from homeroom.draft.described import draft_description, read_description
from homeroom.draft.values import Column, Draft, DraftedResource

ROW = {"type": "object", "properties": {"id": {"type": "integer"}, "name": {"type": "string"}}}


def many(row: Any = ROW) -> dict[str, Any]:
    """The schema of a bare list."""
    return {"type": "array", "items": row}


def get(schema: Any = None, *parameters: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An operation of OpenAPI 3 whose answer is of a schema; `headers` are those of the answer."""
    answer: dict[str, Any] = {"description": "OK", "headers": more.pop("headers", {})}
    if schema is not None:
        answer["content"] = {"application/json": {"schema": schema}}
    return {"parameters": [*parameters], "responses": {"200": answer}, **more}


def query(name: str, *, required: bool = False, about: str = "", **schema: Any) -> dict[str, Any]:
    """A query parameter of OpenAPI 3."""
    kind = {"type": "string", **schema}
    return {"name": name, "in": "query", "required": required, "description": about, "schema": kind}


def openapi(version: str = "3.0.3", /, **parts: Any) -> dict[str, Any]:
    """A description; `paths` map each path to its GET. A server is there unless `servers` are given."""
    paths = {path: {"get": operation} for path, operation in parts.pop("paths").items()}
    servers = parts.pop("servers", [{"url": "https://lantern.example.org/api"}])
    return {"openapi": version, "info": {"title": "Lantern API"}, "servers": servers, "paths": paths, **parts}


def swagger(**parts: Any) -> dict[str, Any]:
    """The same in Swagger 2."""
    paths = {path: {"get": operation} for path, operation in parts.pop("paths").items()}
    return {"swagger": "2.0", "info": {"title": "Lantern API"}, "paths": paths, **parts}


def drafted(document: dict[str, Any], source: str = "lantern.json", **options: Any) -> Draft:
    """The draft, by way of the document's bytes."""
    read = read_description(json.dumps(document).encode(), source)
    assert read is not None
    return draft_description(read, source, **options)


def one(operation: dict[str, Any], path: str = "/books", **parts: Any) -> DraftedResource:
    """The one resource of a description with one list."""
    (resource,) = drafted(openapi(paths={path: operation}, **parts)).resources
    return resource


def names(draft: Draft) -> list[str]:
    return [resource.name for resource in draft.resources]


def resource(draft: Draft, name: str) -> DraftedResource:
    return next(each for each in draft.resources if each.name == name)


def column(resource: DraftedResource, name: str, table: str = "") -> Column:
    return next(each for each in resource.columns if (each.name, each.table) == (name, table))
