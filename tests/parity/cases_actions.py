"""`response_actions`, and steps after the rows."""

import json
from collections.abc import Iterator
from typing import Any

from dlt.sources.helpers.rest_client.exceptions import IgnoreResponseException
from parity_case import Case, at, case
from requests import Response

OFFSET = {"type": "offset", "limit": 5, "total_path": None}


def without_email(response: Response, *_: Any, **__: Any) -> Response:
    """As in dlt's docs."""
    found = response.json()
    for row in found["data"]:
        row.pop("email", None)
    response._content = json.dumps(found).encode()
    return response


def marked(mark: str) -> Any:
    """A hook that leaves a mark in each row, after those that are there."""

    def mark_rows(response: Response) -> None:
        found = response.json()
        for row in found.get("data", []):
            row["marks"] = row.get("marks", "") + mark
        response._content = json.dumps(found).encode()

    return mark_rows


def answered_otherwise(response: Response) -> None:
    """A refusal becomes an empty page."""
    response.status_code = 200
    response._content = b'{"data": []}'


def by_another_reader(response: Response) -> None:
    """A hook that replaces `json` of the response."""
    response.json = lambda **_: {"data": [{"id": 1, "name": "of another reader"}]}  # type: ignore[method-assign]


def in_windows_text(response: Response, *_: Any, **__: Any) -> Response:
    """As in dlt's docs."""
    response.encoding = "windows-1252"
    return response


def ignored(response: Response) -> None:
    """What `ignore` does, by hand."""
    if response.status_code == 410:
        raise IgnoreResponseException


def acting(name: str, covers: str, kind: str, *actions: Any, **endpoint: Any) -> Case:
    """A list with response actions."""
    given = {"data_selector": "data", "paginator": OFFSET, "response_actions": list(actions), **endpoint}
    return case(covers, at(name, kind, **given))


def actions() -> list[Case]:
    """All of them."""
    return [*_ignoring(), *_calling(), *_steps()]


def _ignoring() -> list[Case]:
    by_status, by_content = {"status_code": 404, "action": "ignore"}, {"content": "not enrolled", "action": "ignore"}
    parents = at("act_units", "parents", data_selector="data", paginator="single_page")
    some = at(
        "act_child",
        "",
        path="act_child/some/{resources.act_units.id}",
        data_selector="data",
        paginator="single_page",
        response_actions=[by_status],
    )
    return [
        acting("act_status", "`ignore` by status, on page 3", "refusing/404/10", by_status),
        acting("act_content", "by content", "refusing/200/10", by_content),
        acting("act_both", "by both", "refusing/409/10", {"status_code": 409, **by_content}),
        acting("act_unmet", "an action for another status", "offset", {"status_code": 418, "action": "ignore"}),
        acting("act_by_hand", "`IgnoreResponseException` from a callable", "refusing/410/10", ignored),
        case("some parents' children are gone", parents, some),
    ]


def _calling() -> list[Case]:
    return [
        acting(
            "act_changed", "a callable that takes a field out", "offset", {"status_code": 200, "action": without_email}
        ),
        acting("act_called", "a callable alone", "offset", without_email),
        acting(
            "act_listed", "a list of callables", "offset", {"status_code": 200, "action": [marked("a"), marked("b")]}
        ),
        acting(
            "act_ordered",
            "actions in their order",
            "offset",
            marked("1"),
            {"content": "marks", "action": marked("2")},
            marked("3"),
        ),
        acting(
            "act_mended",
            "a callable that makes a page of a refusal",
            "refusing/409/10",
            {"status_code": 409, "action": answered_otherwise},
        ),
        acting("act_encoded", "a callable that sets the encoding", "latin", in_windows_text, paginator="single_page"),
        acting("act_read", "a callable that replaces `json()`", "offset", by_another_reader, paginator="single_page"),
    ]


def _steps() -> list[Case]:
    def exploded(row: Any) -> Iterator[Any]:
        for number in range(2):
            yield {**row, "id": f"{row['id']}-{number}"}

    steps = [
        {"map": lambda row: {**row, "length": len(row["name"])}},
        {"filter": lambda row: row["length"] > 6},
        {"yield_map": exploded},
        {"map": lambda row: {"id": row["id"], "length": row["length"]}},
    ]
    listed = {"data_selector": "data", "paginator": OFFSET}
    return [
        case(
            "`processing_steps`: map, filter, yield_map in their order",
            at("stepped", "offset", **listed, of={"processing_steps": steps}),
            but="without a total, pages overlap by one row",
        ),
        case(
            "steps of a parent hold for its children",
            at("stepped_units", "offset", **listed, of={"processing_steps": steps[:2]}),
            at("stepped_child", "", path="stepped_child/echo/{resources.stepped_units.length}/x", data_selector="data"),
        ),
    ]
