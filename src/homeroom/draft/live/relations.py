"""How lists hang together: a list within a row of another one, and what a row shows when it is asked for alone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from homeroom.draft.live.api import Api, Endpoint, Seen
from homeroom.draft.live.envelope import Row
from homeroom.draft.values import Confidence, Guess

_HOLE = re.compile(r"\{[^{}]*\}")
_MOST_PARENTS = 3
_MOST_NAMES = 6


@dataclass(frozen=True, slots=True)
class Parent:
    """A list whose rows another list may lie in: `key` is the one field that its rows are asked for by."""

    name: str
    path: str
    key: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Child:
    """A list within the rows of a parent: the answer for `row`, and one for a second row where that has some, too."""

    parent: Parent
    path: Guess[str]
    endpoint: Endpoint
    seen: Seen
    row: Row
    second: tuple[Seen, Row] | None = None


def find_parent(api: Api, endpoint: Endpoint, parents: Sequence[Parent]) -> Child | None:
    """The parent in whose rows a list is found; None where none of them has it.

    A path with a hole (`courses/{id}/users`) names its parent by what stands before the hole.
    """
    for parent in parents:
        if (child := _within(api, endpoint, parent)) is not None:
            return child
    return None


def _within(api: Api, endpoint: Endpoint, parent: Parent) -> Child | None:
    template = _template(endpoint, parent)
    if template is None:
        return None
    answered: list[tuple[Endpoint, Seen, Row]] = []
    for row in parent.rows[:_MOST_PARENTS]:
        path = _filled(template, quote(str(row[parent.key]), safe=""))
        asked = replace(endpoint, path=path, shown=_filled(template, f"{{{parent.key}}}"))
        seen = api.ask(asked)
        if not seen.is_list:
            break
        answered.append((asked, seen, row))
        if sum(bool(each.rows) for _, each, _ in answered) > 1:
            break
    if not answered:
        return None
    answered.sort(key=lambda each: -len(each[1].rows))
    (asked, seen, row), rest = answered[0], answered[1:]
    bound = _filled(template, f"{{resources.{parent.name}.{parent.key}}}")
    said = f"{_filled(template, '…')} answers with the {parent.key} of {_counted(answered, parent)}"
    second = next(((each, of) for _, each, of in rest if each.rows), None)
    return Child(parent, Guess(bound, Confidence.CERTAIN, said), asked, seen, row, second)


def _template(endpoint: Endpoint, parent: Parent) -> str | None:
    """The path with a hole for the parent's key; None where it names another parent, or holes that we cannot fill."""
    if "{" not in endpoint.path:
        return f"{parent.path.rstrip('/')}/{{}}/{endpoint.path}"
    before, _, after = endpoint.path.partition("{")
    if "{" in after or before.strip("/") != parent.path.strip("/"):
        return None
    return endpoint.path


def _filled(template: str, text: str) -> str:
    """The path with a text in its hole."""
    return _HOLE.sub(lambda _: text, template)


def _counted(answered: Sequence[Any], parent: Parent) -> str:
    return f"a row of {parent.name}" if len(answered) == 1 else f"{len(answered)} rows of {parent.name}"


def with_parent(child: Child, rows: Sequence[Row], second: Sequence[Row]) -> list[Row]:
    """Rows of the child with the field that tells their parent, as dlt's `include_from_parent` adds it."""
    field = f"_{child.parent.name}_{child.parent.key}"
    first = [{**row, field: child.row[child.parent.key]} for row in rows]
    of = child.second[1] if child.second else {}
    return [*first, *({**row, field: of[child.parent.key]} for row in second)]


def find_detail(api: Api, endpoint: Endpoint, rows: Sequence[Row], key: Sequence[str]) -> str:
    """What a row says more when it is asked for alone, in words; empty where it cannot be asked for."""
    if len(key) != 1 or not rows or endpoint.in_body or key[0] not in rows[0]:
        return ""
    row, end = rows[0], "/" if endpoint.path.endswith("/") else ""
    base = endpoint.path.rstrip("/")
    path, shown = f"{base}/{quote(str(row[key[0]]), safe='')}{end}", f"{base}/{{{key[0]}}}{end}"
    seen = api.ask(replace(endpoint, path=path, shown=shown, always={}))
    body = _unwrapped(seen.body, row, key[0])
    if seen.status != 200 or body is None:
        return ""
    more = [name for name in body if name not in row]
    if not more:
        return f"{base}/{{{key[0]}}} answers too, with nothing that the list does not have"
    names = ", ".join(more[:_MOST_NAMES]) + (", …" if len(more) > _MOST_NAMES else "")
    return (
        f"{base}/{{{key[0]}}} answers with {len(more)} fields more ({names}): a resource of its own, with one "
        f"request for each row, could read them: path: {base}/{{resources.{endpoint.name}.{key[0]}}}{end}"
    )


def _unwrapped(body: Any, row: Row, key: str) -> Mapping[str, Any] | None:
    """The object that is the row; some APIs put it under a name of its own."""
    candidates = [body, *(body.values() if isinstance(body, Mapping) and len(body) <= 2 else ())]
    same = (each for each in candidates if isinstance(each, Mapping) and each.get(key) == row[key])
    return next(same, None)
