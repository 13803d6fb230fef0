"""docs/reference/config_keys.md, written from the JSON Schema of a config."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pages import cell

INTRO = """\
# Every key of the config

What a config may hold, as `homeroom validate` and editors know it; written from the JSON Schema that `homeroom schema`
prints. [The config file](../config.md) explains the keys of `sync` with examples. Those under `source` are dltHub's.
A key that is **bold** must be there. `null` stands for a key that is left out.

| part | sections |
|---|---|
{contents}
"""

TOP = "The file"

PARTS: Mapping[str, Mapping[str, str]] = {
    "Source": {
        "RESTAPIConfig": "source",
        "ClientConfig": "source.client",
        "EndpointResource": "source.resources, each",
        "EndpointResourceBase": "source.resource_defaults",
        "Endpoint": "endpoint",
        "ProcessingSteps": "processing_steps, each",
        "ResponseActionDict": "response_actions, each",
        "ResolveParamConfig": "params: type resolve",
        "IncrementalConfig": "incremental",
        "IncrementalParamConfig": "params: type incremental",
    },
    "Paginators": {
        "OffsetPaginatorConfig": "paginator: offset",
        "PageNumberPaginatorConfig": "paginator: page_number",
        "JSONLinkPaginatorConfig": "paginator: json_link",
        "JSONResponseCursorPaginatorConfig": "paginator: cursor",
        "HeaderLinkPaginatorConfig": "paginator: header_link",
        "HeaderCursorPaginatorConfig": "paginator: header_cursor",
        "PaginatorTypeConfig": "paginator: auto and single_page",
    },
    "Auth": {
        "BearerTokenAuthConfig": "auth: bearer",
        "ApiKeyAuthConfig": "auth: api_key",
        "HttpBasicAuthConfig": "auth: http_basic",
        "OAuth2ClientCredentialsConfig": "auth: oauth2_client_credentials",
        "ClientCredentialsConfig": "auth: oauth2",
        "RefreshTokenConfig": "auth: oauth2_refresh_token",
        "OAuth1Config": "auth: oauth1",
        "ServiceAccountConfig": "auth: service_account",
        "LoginConfig": "auth: login",
        "Basic": "basic, of a login",
    },
    "Tables": {
        "TColumnSchema": "columns, each",
        "TSchemaContractDict": "schema_contract",
        "TResourceNestedHints": "nested_hints, each",
        "TTableReferenceInline": "references, each",
        "TWriteDispositionDict": "write_disposition: a mapping",
        "TMergeDispositionDict": "write_disposition: merge",
        "TDeleteInsertStrategyDict": "write_disposition: strategy delete-insert",
        "TUpsertStrategyDict": "write_disposition: strategy upsert",
        "TScd2StrategyDict": "write_disposition: strategy scd2",
        "TCdcStrategyDict": "write_disposition: strategy cdc",
    },
    "Sync": {
        "SyncModel": "sync",
        "RetryModel": "sync.retry",
        "LimitsModel": "sync.limits",
        "ChangeVersionsModel": "sync.change_versions",
        "ResourceModel": "sync.resources.NAME",
        "OwnRetryModel": "retry, of one resource",
        "FurtherCursorModel": "further_cursors, each",
        "NamedInModel": "deleted_in, each",
    },
}
"""What each definition of the schema is called on the page, in its order."""

TITLES = {name: title for part in PARTS.values() for name, title in part.items()}


def untitled(schema: Mapping[str, Any]) -> set[str]:
    """Definitions that PARTS does not know, or that the schema has no more."""
    return set(schema["$defs"]) ^ set(TITLES)


def keys_page(schema: Mapping[str, Any]) -> str:
    """The whole page."""
    rows = [f"| {TOP} | {_link(TOP)} |"]
    rows += [f"| {part} | {', '.join(map(_link, titles.values()))} |" for part, titles in PARTS.items()]
    sections = [_section(TOP, schema["else"])]
    sections += [_section(title, schema["$defs"][name]) for name, title in TITLES.items()]
    return INTRO.format(contents="\n".join(rows)) + "".join(sections)


def _link(title: str, text: str = "") -> str:
    plain = "".join(letter for letter in title.lower() if letter.isalnum() or letter in "_- ")
    return f"[{text or title}](#{plain.replace(' ', '-')})"


def _section(title: str, definition: Mapping[str, Any]) -> str:
    needed = definition.get("required", ())
    rows = [
        f"| {f'**`{key}`**' if key in needed else f'`{key}`'} | {cell(_value(part))} | {cell(_told(part))} |"
        for key, part in definition["properties"].items()
    ]
    return "\n".join([f"\n## {title}\n", "| key | value | |", "|---|---|---|", *rows]) + "\n"


def _told(part: Mapping[str, Any]) -> str:
    default = part.get("default")
    told = str(part.get("description", ""))
    if default in (None, "", [], {}) or "default" in told or "Default" in told:
        return told
    return f"{told}; default `{json.dumps(default).strip(chr(34))}`"


def _value(part: Mapping[str, Any]) -> str:
    return " or ".join(dict.fromkeys(_kinds(part))) or (
        "only from Python" if part.get("type") == "null" else "any value"
    )


def _kinds(part: Mapping[str, Any]) -> Iterator[str]:
    """What a value may be, in words, each with a link to its own section where it has one."""
    if "$ref" in part:
        title = TITLES[part["$ref"].rpartition("/")[2]]
        yield _link(title, title.rpartition(": ")[2])
    elif "anyOf" in part:
        by_type = any("allOf" in each for each in part["anyOf"])
        for each in part["anyOf"]:
            yield from ["the type alone"] if by_type and "enum" in each else _kinds(each)
    elif "allOf" in part:  # by its `type` one of several
        found = dict.fromkeys(kind for each in part["allOf"] for kind in _kinds(each.get("then", each)))
        yield ", ".join(found)
    elif "enum" in part:
        yield ", ".join(f"`{each}`" for each in part["enum"])
    elif isinstance(part.get("type"), list):
        yield from (word for kind in part["type"] for word in _kinds({"type": kind}))
    else:
        yield from _plain(part)


_WORDS = {"string": "text", "integer": "whole number", "number": "number", "boolean": "`true`, `false`"}


def _plain(part: Mapping[str, Any]) -> Iterator[str]:
    match part.get("type"):
        case "array":
            yield f"list of {_value(part['items'])}" if part.get("items") else "list"
        case "object":
            values = part.get("additionalProperties")
            named = ", ".join(f"`{key}`" for key in part.get("properties", ()))
            yield f"mapping to {_value(values)}" if values else f"mapping of {named}" if named else "mapping"
        case "null" | None:
            return
        case kind:
            yield _WORDS[kind]
