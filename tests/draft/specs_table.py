"""The four real descriptions of ../shared/specs: what is drafted of them, counted and beside the catalogue's configs.

`python tests/draft/specs_table.py` prints the table of the closing note. Lists are counted here by a rule of their
own, on the raw documents, that knows nothing of the code under test.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from homeroom.catalog import find_platform
from homeroom.draft.described import draft_description, read_description
from homeroom.draft.values import Draft, DraftedResource

SPECS = Path(os.environ.get("HOMEROOM_SPECS") or Path(__file__).parents[3] / "shared" / "specs")
FILES = {
    "canvas": "canvas-partial.yml",
    "thinkific": "thinkific-admin.yml",
    "oneroster_1_2": "oneroster-1.2.yml",
    "blackboard": "blackboard-learn.json",
}
PAGING = ("type", "base_page", "page_param", "offset_param", "next_url_path", "total_path")
DEFAULTS = {"base_page": 0, "page_param": "page", "offset_param": "offset", "total_path": "total"}
"""What dlt takes where a config does not say it."""


@cache
def document(platform: str) -> dict[str, Any]:
    """The raw document."""
    text = (SPECS / FILES[platform]).read_text()
    found: dict[str, Any] = json.loads(text) if text.startswith("{") else yaml.load(text, yaml.CSafeLoader)
    return found


@cache
def draft(platform: str) -> Draft:
    """The draft of all its lists."""
    read = read_description((SPECS / FILES[platform]).read_bytes(), FILES[platform])
    assert read is not None
    return draft_description(read, FILES[platform])


def gets(platform: str) -> list[str]:
    return [path for path, item in document(platform)["paths"].items() if "get" in item]


def list_paths(platform: str) -> set[str]:
    """The paths whose good answer is an array of objects, or an object without an id that has such an array."""
    return {path for path in gets(platform) if _is_list(platform, document(platform)["paths"][path]["get"])}


def _is_list(platform: str, get: Mapping[str, Any]) -> bool:
    answer = next((_at(platform, get["responses"][each]) for each in ("200", 200) if each in get["responses"]), {})
    schema = answer.get("schema") or next(iter(answer.get("content", {}).values()), {}).get("schema") or {}
    schema = _at(platform, schema)
    if schema.get("type") == "array":
        return "properties" in _at(platform, schema["items"])
    fields = {name: _at(platform, each) for name, each in schema.get("properties", {}).items()}
    arrays = [each for each in fields.values() if each.get("type") == "array"]
    has_rows = any("properties" in _at(platform, each["items"]) for each in arrays)
    return has_rows and not {"id", "sourcedId"} & {*fields} and len(fields) <= 2


def _at(platform: str, node: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in node:
        found: Any = document(platform)
        for part in node["$ref"].split("/")[1:]:
            found = found[part]
        node = found
    return node


def route(path: str) -> str:
    """A whole path to compare: without its host, with `{}` for each placeholder."""
    path = re.sub(r"^(https?://[^/]+|\$\{[A-Z_]+\})", "", path)
    return re.sub(r"\$?\{[^}]+\}", "{}", path)


def drafted(platform: str) -> dict[str, DraftedResource]:
    """The drafted resources by their route."""
    base = draft(platform).base_url.value
    return {route(f"{base}/{resource.path.value}"): resource for resource in draft(platform).resources}


@dataclass
class Compared:
    """One resource of the catalogue beside the drafted one; `differs` maps what differs to (catalogue, draft)."""

    name: str
    described: bool
    drafted: str = ""
    differs: dict[str, tuple[Any, Any]] = field(default_factory=dict)


def compared(platform: str) -> Iterator[Compared]:
    config = find_platform(platform).config["source"]
    paths = {route(serving_base(platform) + path) for path in gets(platform)}
    ours = drafted(platform)
    for resource in config["resources"]:
        merged = _merged(config, resource)
        at = route(f"{config['client']['base_url']}/{merged['path']}")
        found = ours.get(at)
        yield Compared(
            resource["name"], at in paths, found.name if found else "", _differences(merged, found) if found else {}
        )


def serving_base(platform: str) -> str:
    """The path of the server that is described."""
    servers = document(platform).get("servers") or [{"url": ""}]
    return route(servers[0]["url"].replace("{canvas_host}", "canvas.example"))


def _merged(config: Mapping[str, Any], resource: Mapping[str, Any]) -> dict[str, Any]:
    """What a resource of the catalogue comes to with its defaults."""
    defaults = config.get("resource_defaults", {})
    usual, own = defaults.get("endpoint", {}), resource["endpoint"]
    params = {**usual.get("params", {}), **own.get("params", {})}
    start = next((name for name, value in params.items() if isinstance(value, dict)), None)
    return {
        "path": own["path"],
        "selector": own.get("data_selector") or usual.get("data_selector") or "$",
        "paginator": own.get("paginator") or usual.get("paginator") or config["client"].get("paginator"),
        "key": resource.get("primary_key") or defaults.get("primary_key"),
        "start": start or own.get("incremental", {}).get("start_param"),
        "size": next((params[name] for name in ("limit", "per_page") if name in params), None),
    }


def _differences(merged: Mapping[str, Any], found: DraftedResource) -> dict[str, tuple[Any, Any]]:
    theirs, own = merged["paginator"], found.paginator.value
    key = merged["key"]
    pairs = {f"paginator.{name}": (_setting(theirs, name), _setting(own, name)) for name in PAGING}
    pairs["selector"] = (merged["selector"], found.selector.value)
    pairs["key"] = (tuple([key] if isinstance(key, str) else key), found.primary_key.value)
    size = next((found.params[name] for name in ("limit", "per_page") if name in found.params), None)
    pairs["page size"] = (theirs.get("limit") or merged["size"], own.get("limit") or size)
    changes = found.incremental.value if found.incremental is not None else None
    pairs["changes by"] = (merged["start"], changes["start_param"] if changes else None)
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _setting(paginator: Mapping[str, Any], name: str) -> Any:
    if name in paginator or name == "type":
        return paginator.get(name)
    belongs = {"offset": ("offset_param", "total_path"), "page_number": ("base_page", "page_param", "total_path")}
    return DEFAULTS.get(name) if name in belongs.get(paginator["type"], ()) else None


HEAD = ("description", "GETs", "lists", "resources", "left", "envelope", "paging", "key", "columns", "parents")
HEAD += ("changes", "in the catalogue", "described", "agree")


def line(platform: str) -> tuple[Any, ...]:
    """A line of the table: counts of a description."""
    resources = draft(platform).resources
    beside = list(compared(platform))
    described = [each for each in beside if each.drafted]
    basics = {*(f"paginator.{name}" for name in PAGING), "selector", "key"}
    return (
        FILES[platform],
        len(gets(platform)),
        len(list_paths(platform)),
        len(resources),
        len(draft(platform).left),
        sum(bool(each.selector.value) for each in resources),
        sum(each.paginator.value["type"] != "single_page" for each in resources),
        sum(bool(each.primary_key.value) for each in resources),
        sum(any(column.declared for column in each.columns) for each in resources),
        sum("{resources." in each.path.value + str(dict(each.params)) for each in resources),
        sum(each.incremental is not None and each.incremental.value is not None for each in resources),
        len(beside),
        len(described),
        sum(not basics & {*each.differs} for each in described),
    )


def main() -> None:
    rows = [HEAD, *(tuple(map(str, line(platform))) for platform in FILES)]
    print("\n".join(f"| {' | '.join(row)} |" for row in (rows[0], ("---",) * len(HEAD), *rows[1:])))
    for platform in FILES:
        for each in compared(platform):
            if not each.drafted:
                why = "described, but no list" if each.described else "not in the description"
                print(f"{platform} {each.name}: {why}")
            for what, (theirs, own) in each.differs.items():
                print(f"{platform} {each.name}, {what}: catalogue {theirs!r}, draft {own!r}")


if __name__ == "__main__":
    sys.exit(main())
