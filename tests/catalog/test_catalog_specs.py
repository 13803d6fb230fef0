"""Configs against the vendors' own descriptions (`specs/`: names and types alone, cut out of the files that they name).

What a description does not have is listed here, so that nothing is left out by accident.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from dlt.common.normalizers.naming.snake_case import NamingConvention

from homeroom.catalog import Platform, find_platform

SPECS = Path(__file__).parent / "specs"
ELSEWHERE = {
    # Their source is among the facts.
    "canvas": {"root_account", "accounts", "terms", "users", "sections", "assignment_groups"},
}
RENAMED = {"oneroster_1_2": {"grade": "grades"}}  # its swagger says grade, the standard and the server grades
UNASKED = {  # come by include[] or expand alone
    "blackboard": {"user"},
    "canvas": {"enrollments", "submission_comments"},
}
NAMING = NamingConvention()


@dataclass(frozen=True, slots=True)
class Asked:
    """A resource of a config, defaults merged, and what its description says of it."""

    platform: Platform
    resource: dict[str, Any]
    endpoint: dict[str, Any]
    paginator: dict[str, Any]
    params: dict[str, Any]
    said: dict[str, Any]


def described() -> Iterator[Any]:
    for file in sorted(SPECS.glob("*.json")):
        platform, spec = find_platform(file.stem), json.loads(file.read_text())
        for resource in platform.resources:
            if resource["name"] not in ELSEWHERE.get(platform.platform, ()):
                yield pytest.param(_asked(platform, resource, spec), id=f"{platform.platform}-{resource['name']}")


def _asked(platform: Platform, resource: dict[str, Any], spec: dict[str, Any]) -> Asked:
    source = platform.config["source"]
    general = source.get("resource_defaults", {}).get("endpoint", {})
    endpoint = {**general, **resource["endpoint"]}
    params = {**general.get("params", {}), **resource["endpoint"].get("params", {})}
    said = spec["paths"].get(_plain(endpoint["path"]), {})
    paginator = endpoint.get("paginator") or source["client"]["paginator"]
    return Asked(platform, resource, endpoint, paginator, params, said)


def _plain(path: str) -> str:
    """`courses/{resources.courses.id}/users` as descriptions are compared by: `/courses/{}/users`."""
    return "/" + re.sub(r"\$?\{[^}]*\}", "{}", path).lstrip("/")


@pytest.fixture(params=list(described()))
def asked(request: pytest.FixtureRequest) -> Asked:
    return request.param  # type: ignore[no-any-return]


def test_the_path_exists(asked: Asked) -> None:
    assert asked.said, _plain(asked.endpoint["path"])


def test_the_selector_is_where_the_rows_stand(asked: Asked) -> None:
    assert asked.endpoint.get("data_selector", "$") == asked.said["rows"]


def test_every_parameter_exists(asked: Asked) -> None:
    sent = {*asked.params, *_paging(asked.paginator)} - _unlisted(asked)
    assert sent <= set(asked.said["params"])


def _paging(paginator: dict[str, Any]) -> set[str]:
    """The parameters that paging adds."""
    match paginator["type"]:
        case "offset":
            return {paginator.get("offset_param", "offset"), paginator.get("limit_param", "limit")}
        case "page_number":
            return {paginator.get("page_param", "page")}
        case _:
            return set()


def _unlisted(asked: Asked) -> set[str]:
    """per_page is Canvas's in every list, also where its partial description forgets it."""
    return {"per_page"} if asked.platform.platform == "canvas" else set()


def test_what_paging_and_totals_read_from_the_answer_exists(asked: Asked) -> None:
    settings = asked.platform.config.get("sync", {}).get("resources", {}).get(asked.resource["name"]) or {}
    wanted = [asked.paginator.get("total_path"), asked.paginator.get("next_url_path"), settings.get("total_path")]
    for path in filter(None, wanted):
        found: Any = asked.said["beside"]
        for part in path.split("."):
            found = found[part]


def test_the_keys_and_the_cursor_are_fields_of_a_row(asked: Asked) -> None:
    defaults = asked.platform.config["source"].get("resource_defaults", {})
    key = asked.resource.get("primary_key", defaults.get("primary_key"))
    cursors = [value["cursor_path"] for value in asked.params.values() if isinstance(value, dict)]
    for field in [*([key] if isinstance(key, str) else key), *cursors]:
        assert field in asked.said["row"] or field.startswith("_")


def test_parents_have_the_field_that_the_path_takes_from_them(asked: Asked) -> None:
    spec = json.loads((SPECS / f"{asked.platform.platform}.json").read_text())
    by_name = {each["name"]: each for each in asked.platform.resources}
    for parent, field in re.findall(r"\{resources\.(\w+)\.(\w+)\}", asked.endpoint["path"]):
        # What begins with _ comes from the parent's own parent; the plan holds that.
        assert field in _asked(asked.platform, by_name[parent], spec).said["row"] or field.startswith("_")


def test_every_field_of_a_row_has_a_class_of_personal_data(asked: Asked) -> None:
    declared = {
        **asked.platform.config["source"].get("resource_defaults", {}).get("columns", {}),
        **asked.resource.get("columns", {}),
    }
    classes = {
        table: {column for columns in each.values() for column in columns}
        for table, each in asked.platform.classes.items()
    }
    unasked = UNASKED.get(asked.platform.platform, set())
    renamed = RENAMED.get(asked.platform.platform, {})
    row = {renamed.get(field, field): kind for field, kind in asked.said["row"].items() if field not in unasked}
    missing = [
        f"{table}.{column}"
        for table, column in _columns(row, asked.resource["name"], declared)
        if column not in classes.get(table, set())
        # The swagger of OneRoster calls lists of texts a text.
        and f"{table}__{column}" not in classes
    ]
    assert missing == []


def _columns(row: dict[str, Any], table: str, declared: dict[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """Table and column of each field, as dlt lays rows in tables. Objects without fields are left out."""
    for field, kind in row.items():
        name = f"{before}{NAMING.normalize_identifier(field)}"
        if isinstance(kind, dict) and name not in declared:
            yield from _columns(kind, table, declared, f"{name}__")
        elif isinstance(kind, list):
            inner = kind[0]
            if isinstance(inner, dict):
                yield from _columns(inner, f"{table}__{name}", {})
            elif inner not in ("object", "any"):
                yield f"{table}__{name}", "value"
        elif kind != "object" or name in declared:
            yield table, name
