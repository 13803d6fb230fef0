"""A platform as a page, and all of them as a table; both Markdown, for docs/platforms and for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, get_args

from homeroom.catalog.model import Platform, Verified
from homeroom.privacy_values import PersonalClass

_MEANS: dict[Verified, str] = {
    "real server": "this config has read the real program to the last row, in the tests",
    "vendor spec": "paths, selectors and keys are those of the vendor's own machine-readable description or source",
    "documentation": "written from the vendor's documentation; nobody has run it against the platform here",
}


def page_of(platform: Platform) -> str:
    """Everything that the catalogue says of one platform."""
    return "\n".join(
        [
            f"# {platform.title}",
            "",
            f"`homeroom init {platform.platform}` · {platform.kind} · verified: **{platform.verified}** "
            f"({_MEANS[platform.verified]})",
            "",
            *_in_a_line(platform),
            "",
            "## Access",
            "",
            *_access(platform),
            "",
            "## Tables",
            "",
            *_tables(platform),
            "",
            "## Personal data",
            "",
            *_classes(platform),
            "",
            "## What this rests on",
            "",
            *(f"- {fact.says} ({_linked(fact.source)}, {fact.date})" for fact in platform.facts),
            "",
        ]
    )


def table_of(platforms: Sequence[Platform]) -> str:
    """All platforms, those first that are verified best."""
    order = list(get_args(Verified))
    lines = ["| platform | kind | verified | reads |", "|---|---|---|---|"]
    for each in sorted(platforms, key=lambda each: (order.index(each.verified), each.platform)):
        link = f"[{each.title}]({each.platform}.md) `{each.platform}`"
        lines.append(f"| {link} | {each.kind} | {each.verified} | {_cell(each.reads)} |")
    meanings = [f"- **{verified}**: {_MEANS[verified]}." for verified in order]
    return "\n".join([*lines, "", *meanings, ""])


def _in_a_line(platform: Platform) -> Iterator[str]:
    yield f"- **Reads**: {platform.reads}"
    yield f"- **Cannot**: {platform.cannot}"
    yield f"- **Limits**: {platform.limits}"
    yield f"- **Increments**: {platform.increments}"
    yield f"- **Deletes**: {platform.deletes}"


def _access(platform: Platform) -> Iterator[str]:
    if platform.asks.base_url is None:
        yield f"The address is the same for everybody: `{platform.config['source']['client']['base_url']}`"
        yield ""
    for ask in platform.values:
        yield f"- `{ask.variable}`: {ask.what}, such as `{ask.example}`"
    for secret in platform.asks.secrets:
        yield f"- `{secret.variable}` (a key, in secrets.toml `{secret.variable.lower()}`): {secret.what}"
        yield f"    - where to get it: {secret.where}"
        yield f"    - what to grant it: {'; '.join(secret.permissions)}"


def _tables(platform: Platform) -> Iterator[str]:
    yield "| table | asks | key | written | paging | deletes | increments by |"
    yield "|---|---|---|---|---|---|---|"
    defaults = platform.config["source"].get("resource_defaults", {})
    settings = platform.config.get("sync", {}).get("resources", {})
    for resource in platform.resources:
        yield _row(resource, defaults, settings.get(str(resource["name"])) or {})


def _row(resource: dict[str, Any], defaults: dict[str, Any], settings: dict[str, Any]) -> str:
    hints = {**defaults, **resource}
    endpoint = {**_mapping(defaults.get("endpoint")), **_mapping(resource.get("endpoint"))}
    params = {**_mapping(_mapping(defaults.get("endpoint")).get("params")), **_mapping(endpoint.get("params"))}
    path = str(_mapping(resource.get("endpoint")).get("path", resource["name"]))
    asked = "&".join(f"{key}={value}" for key, value in params.items() if not isinstance(value, dict))
    cursor = endpoint.get("incremental") or next((v for v in params.values() if isinstance(v, dict)), {})
    key = hints.get("primary_key", "–")
    cells = [
        f"`{resource['name']}`",
        f"`{path}{'?' if asked else ''}{asked}`",
        ", ".join(f"`{each}`" for each in ([key] if isinstance(key, str) else key)),
        _disposition(hints.get("write_disposition", "append")),
        _paging(endpoint.get("paginator", "guessed")),
        ", ".join([settings.get("deletes", "keep"), *_listed(settings.get("deleted_when"))]),
        f"`{cursor['cursor_path']}`" if cursor.get("cursor_path") else "–",
    ]
    return f"| {' | '.join(_cell(cell) for cell in cells)} |"


def _classes(platform: Platform) -> Iterator[str]:
    yield f"| table | {' | '.join(get_args(PersonalClass))} |"
    yield f"|---|{'---|' * len(get_args(PersonalClass))}"
    for table, classes in platform.classes.items():
        columns = (", ".join(f"`{column}`" for column in classes.get(each, [])) for each in get_args(PersonalClass))
        yield f"| `{table}` | {' | '.join(columns)} |"


def _linked(source: str) -> str:
    kind, _, rest = source.partition(": ")
    return f"<{source}>" if source.startswith("https://") else f"{kind}: {rest}"


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {"path": value} if isinstance(value, str) else {}


def _listed(value: Any) -> list[str]:
    return [] if value is None else [f"`{value}`"] if isinstance(value, str) else [f"`{each}`" for each in value]


def _disposition(value: Any) -> str:
    return str(value.get("disposition")) if isinstance(value, dict) else str(value)


def _paging(value: Any) -> str:
    return str(value.get("type")) if isinstance(value, dict) else str(value)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
