"""From a draft to the text of a config: above each line what it rests on. Pure.

What nobody has proved is marked `# check:`. A `${` of the API's own is written as `$${`, so that it stays one.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from homeroom.draft.values import Column, Confidence, Draft, DraftedResource, Guess
from homeroom.personal import Personal

_WIDTH = 110
"""Of a comment, without its indent, which is 8 at the most."""
_PAIR = re.compile(r"\\u[dD][89abAB]..\\u[dD][c-fC-F]..")
"""How JSON writes a letter beyond U+FFFF; YAML takes the halves for two letters."""
_BROKEN_AT = 100
"""A value that would make a longer line than this is written with a line for each of its keys."""


def written(draft: Draft, *, name: str, destination: str, command: str, version: str, editor: str = "") -> str:
    """The config's text.

    `command` is how it was drafted, `version` ours; `editor` a first line for editors, left out where empty.
    """
    parts = [*([editor] if editor else []), *_head(draft, command, version)]
    parts += [f"name: {scalar(name)}", f"destination: {scalar(destination)}", "source:", "  client:"]
    parts += _indented(_client(draft), 4)
    if any(resource.primary_key.value for resource in draft.resources):
        parts += ["  resource_defaults: {write_disposition: merge}"]
    parts += ["  resources:"]
    for resource in draft.resources:
        parts += _indented(_resource(resource), 4)
    parts += _sync(draft)
    parts += _privacy(draft)
    return "\n".join(parts) + "\n"


def flow(value: Any) -> str:
    """A value as YAML in one line."""
    return _dumped([value], default_flow_style=True).strip()[1:-1]


def scalar(value: str) -> str:
    """A text as YAML, where it stands alone behind its key: without quotes where it can."""
    return _dumped(value, default_flow_style=None).removesuffix("\n").removesuffix("\n...")


def _dumped(value: Any, default_flow_style: bool | None) -> str:
    """YAML in one line, letters as they are; escaped where that does not read back: Unicode has several line breaks."""
    written: str = yaml.safe_dump(
        value, default_flow_style=default_flow_style, width=float("inf"), sort_keys=False, allow_unicode=True
    )
    if "\n" not in written.removesuffix("\n").removesuffix("\n...") and yaml.safe_load(written) == value:
        return written
    return _PAIR.sub(lambda pair: f"\\U{ord(json.loads(chr(34) + pair[0] + chr(34))):08x}", json.dumps(value))


def _head(draft: Draft, command: str, version: str) -> Iterator[str]:
    sent = f", with {draft.requests} requests" if draft.requests else ""
    yield from _comment(f"Drafted by homeroom {version} from {draft.source}{sent}: {command}")
    yield from _comment(
        "Above a line stands what it rests on: certain (asked, and answered so), likely, or `check:` where nobody has "
        "proved it."
    )
    for secret in draft.secrets:
        where = f"{secret.variable}, or in small letters in .dlt/secrets.toml" if secret.is_secret else secret.variable
        yield from _comment(f"From the environment: {secret.what} as {where}")
    for note in draft.notes:
        yield from _comment(note)
    for left in draft.left:
        yield from _comment(f"Left out: {left.name}: {left.why}")


def _client(draft: Draft) -> Iterator[str]:
    yield from _told(draft.base_url)
    yield f"base_url: {scalar(draft.base_url.value)}"
    yield from _told(draft.auth)
    if draft.auth.value is not None:
        yield from _pair("auth", draft.auth.value)
    if draft.headers:
        yield from _pair("headers", draft.headers)


def _resource(resource: DraftedResource) -> Iterator[str]:
    yield f"- name: {flow(resource.name)}"
    yield from _indented(_resource_keys(resource), 2)


def _resource_keys(resource: DraftedResource) -> Iterator[str]:
    for note in resource.notes:
        yield from _comment(note)
    key = resource.primary_key
    yield from _told(key, "key")
    if key.value:
        yield f"primary_key: {flow(key.value[0] if len(key.value) == 1 else list(key.value))}"
    else:
        yield "write_disposition: replace"
    if resource.include_from_parent:
        yield f"include_from_parent: {flow(list(resource.include_from_parent))}"
    yield from _columns(resource.columns)
    yield "endpoint:"
    yield from _indented(_endpoint(resource), 2)


def _endpoint(resource: DraftedResource) -> Iterator[str]:
    yield from _told(resource.path, "path")
    yield f"path: {scalar(_literal(resource.path.value))}"
    if resource.method != "GET":
        yield f"method: {resource.method}"
    yield from _told(resource.selector, "rows")
    yield f"data_selector: {scalar(_literal(resource.selector.value))}"
    yield from _told(resource.paginator, "paging")
    yield from _pair("paginator", _literal(resource.paginator.value))
    if resource.params:
        yield from _pair("params", _literal(resource.params))
    if resource.json:
        yield from _pair("json", _literal(resource.json))
    if resource.incremental is not None:
        yield from _told(resource.incremental, "changes")
        if resource.incremental.value is not None:
            yield from _pair("incremental", _literal(resource.incremental.value))


def _columns(columns: Sequence[Column]) -> Iterator[str]:
    declared = [column for column in columns if column.declared and column.data_type is not None and not column.table]
    if declared:
        yield "columns:"
    for column in declared:
        hints: dict[str, Any] = {"data_type": column.data_type}
        if column.nullable is not None:
            hints["nullable"] = column.nullable
        said = f" # {_line(column.evidence)}" if column.evidence else ""
        yield f"  {flow(column.name)}: {flow(hints)}{said}"
    for table in dict.fromkeys(column.table for column in columns if column.table):
        names = ", ".join(_shape(column) for column in columns if column.table == table)
        yield from _comment(f"nested table {table}: {names}")
    spare = [column for column in columns if not column.table and column not in declared]
    if spare:
        yield from _comment("not declared: " + "; ".join(f"{each.name} ({_line(each.evidence)})" for each in spare))


def _shape(column: Column) -> str:
    return f"{column.name} {column.data_type}" if column.data_type else column.name


def _sync(draft: Draft) -> Iterator[str]:
    resources = [resource for resource in draft.resources if resource.sync]
    if not draft.sync and not resources:
        return
    yield "sync:"
    for name, guess in draft.sync.items():
        yield from _indented([*_told(guess), f"{name}: {flow(_literal(guess.value))}"], 2)
    if resources:
        yield "  resources:"
    for resource in resources:
        yield f"    {flow(resource.name)}:"
        for name, guess in resource.sync.items():
            yield from _indented([*_told(guess), f"{name}: {flow(_literal(guess.value))}"], 6)


def _privacy(draft: Draft) -> Iterator[str]:
    """The rules for what looks personal, and the profile that holds back what looks so later on."""
    rules = personal_rules(draft)
    yield from _comment(
        "What looks personal is not stored as it comes: look the rules through, and write keep where a column may be "
        "stored. The profile holds back further columns of ids given by a government, birth, sex and origin."
    )
    if needs_key(draft):
        yield from _comment("Ids are hashed by a key from the environment: `homeroom privacy key` makes one")
    yield "privacy:"
    yield "  profile: standard"
    if rules:
        yield "  columns:"
    for place, rule in rules.items():
        yield f"    {flow(place)}: {rule.rule} # {_line(rule.evidence)}"


def needs_key(draft: Draft) -> bool:
    """Whether a rule of the draft hashes."""
    return any(rule.rule == "hash" for rule in personal_rules(draft).values())


def personal_rules(draft: Draft) -> dict[str, Personal]:
    """The rules of what looks personal, by `table.column`."""
    found = {
        f"{column.table or resource.name}.{column.name}": _rule(resource, column)
        for resource in draft.resources
        for column in resource.columns
    }
    return {place: rule for place, rule in found.items() if rule is not None}


def _rule(resource: DraftedResource, column: Column) -> Personal | None:
    """The rule of a column: of one in the key `hash`, because rows are told apart by it; none of a cursor's."""
    rule = column.personal
    if rule is None or (not column.table and _letters(column.name) == _cursor(resource)):
        return None
    keys = {_letters(key) for key in resource.primary_key.value} if not column.table else set()
    if rule.rule == "hash" or _letters(column.name) not in keys:
        return rule
    return Personal("hash", f"{rule.evidence}, and it is in the key")


def _cursor(resource: DraftedResource) -> str:
    value = resource.incremental.value if resource.incremental is not None else None
    return _letters(str((value or {}).get("cursor_path", "")).replace(".", ""))


def _letters(name: str) -> str:
    return name.lower().replace("_", "")


def _told(guess: Guess[Any], what: str = "") -> Iterator[str]:
    """The evidence of a guess, as a comment."""
    mark = "check" if guess.confidence is Confidence.GUESS else str(guess.confidence)
    said = f"{what}, {mark}" if what and guess.confidence is not Confidence.GUESS else mark
    about = f"{what}: " if what and guess.confidence is Confidence.GUESS else ""
    others = f"; or {', or '.join(flow(_plain(other)) for other in guess.others)}" if guess.others else ""
    yield from _comment(f"{said}: {about}{guess.evidence}{others}")


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else list(value) if isinstance(value, tuple) else value


def _pair(key: str, value: Any) -> Iterator[str]:
    """A key and its value: in one line where that is short, else with a line for each key below it."""
    line = f"{key}: {flow(_plain(value))}"
    if len(line) <= _BROKEN_AT or not isinstance(value, Mapping):
        yield line
        return
    yield f"{key}:"
    for name, item in value.items():
        yield f"  {flow(name)}: {flow(_plain(item))}"


def _literal(value: Any) -> Any:
    """A value that the API or its description gives: what looks like one of our placeholders is none."""
    if isinstance(value, str):
        return value.replace("${", "$${")
    if isinstance(value, Mapping):
        return {_literal(key): _literal(item) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [_literal(item) for item in value]
    return value


def _comment(text: str) -> Iterator[str]:
    """Text as comment lines."""
    for line in textwrap.wrap(_line(text), _WIDTH, break_long_words=False, break_on_hyphens=False):
        yield f"# {line}"


def _line(text: str) -> str:
    """Text without what would end a comment: line breaks and other controls."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _indented(lines: Iterator[str] | Sequence[str], by: int) -> list[str]:
    return [f"{' ' * by}{line}" for line in lines]
