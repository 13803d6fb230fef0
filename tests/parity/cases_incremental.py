"""`incremental` in every form, in three runs with rows added between."""

from typing import Any

import dlt
from parity_case import Case, at, case

FIRST = "2024-01-01T03:00:00Z"
OFFSET = {"type": "offset", "limit": 5}
AHEAD = "Homeroom has asked for the next pages when dlt closes the read"


def since(name: str, covers: str, incremental: Any = None, but: str = "", of: Any = (), **endpoint: Any) -> Case:
    """A list that knows `since`, `until` and `since_seq`."""
    given = {"data_selector": "data", "paginator": OFFSET, **endpoint}
    if incremental is not None:
        given["incremental"] = incremental
    return case(covers, at(name, "offset", **given, of=dict(of)), but=but)


def cursor(path: str = "at", **more: Any) -> dict[str, Any]:
    """`endpoint.incremental`, its value sent as `since`."""
    return {"cursor_path": path, "start_param": "since", "initial_value": FIRST, **more}


def counted(**more: Any) -> dict[str, Any]:
    """A cursor of numbers of which two rows share each."""
    return {"cursor_path": "seq", "start_param": "since_seq", "initial_value": 2, **more}


def incremental() -> list[Case]:
    """All of them."""
    return [*_forms(), *_ranges(), *_orders(), *_missing(), *_placeholders(), *_children()]


def _forms() -> list[Case]:
    in_param = {"type": "incremental", "cursor_path": "at", "initial_value": FIRST}
    return [
        since("inc_plain", "`endpoint.incremental`: `cursor_path`, `initial_value`, `start_param`", cursor()),
        since(
            "inc_no_param",
            "without `start_param`: rows are filtered here",
            {"cursor_path": "at", "initial_value": FIRST},
        ),
        since("inc_no_initial", "without `initial_value`", {"cursor_path": "at", "start_param": "since"}),
        since("inc_in_param", "`type: incremental` in a param", params={"since": in_param, "order": "asc"}),
        since(
            "inc_in_param_converted",
            "the same with `convert`",
            params={"since": {**in_param, "convert": lambda at: at.replace("Z", "")}},
        ),
        since(
            "inc_object",
            "a `dlt.sources.incremental` in a param",
            params={"since": dlt.sources.incremental("at", FIRST)},
        ),
        since("inc_converted", "`convert`", cursor(convert=lambda at: at[:13])),
        since(
            "inc_deprecated",
            "`transform`, its old name",
            params={"since": {**in_param, "transform": lambda at: at[:13]}},
        ),
        since("inc_merged", "with `merge` and a key", cursor(), of={"primary_key": "id", "write_disposition": "merge"}),
        since("inc_own_key", "`primary_key` of its own", counted(primary_key="id")),
        since(
            "inc_keyless",
            "`primary_key: []`, which repeats the last rows",
            counted(primary_key=[]),
            of={"primary_key": "id"},
        ),
        since("inc_nested", "a nested `cursor_path`", {"cursor_path": "place.city", "initial_value": "city 1"}),
        since("inc_stepped", "with a filter and a map", cursor(), of={"processing_steps": _steps()}),
        since(
            "inc_scheduled", "`allow_external_schedulers` without a scheduler", cursor(allow_external_schedulers=False)
        ),
    ]


def _steps() -> list[Any]:
    return [{"filter": lambda row: row["id"] % 2 == 0}, {"map": lambda row: {**row, "at": row["at"].lower().upper()}}]


def _ranges() -> list[Case]:
    end = "2024-01-01T12:00:00Z"
    return [
        since("inc_until", "`end_value`, `end_param`: no state", cursor(end_value=end, end_param="until")),
        since("inc_until_here", "`end_value` without `end_param`", cursor(end_value=end)),
        since(
            "inc_until_converted",
            "`convert` of both",
            cursor(end_value=end, end_param="until", convert=lambda at: at[:13]),
        ),
        since("inc_end_closed", "`range_end: closed`", cursor(end_value=end, range_end="closed")),
        since("inc_start_open", "`range_start: open`", counted(range_start="open")),
        since("inc_lag", "`lag` of a number", counted(lag=3)),
        since(
            "inc_lag_merged", "`lag` with merge", counted(lag=2), of={"primary_key": "id", "write_disposition": "merge"}
        ),
        since("inc_lag_time", "`lag` of a time, in seconds", cursor(lag=7200)),
        since(
            "inc_min", "`last_value_func: min`", {"cursor_path": "seq", "initial_value": 9, "last_value_func": "min"}
        ),
        since("inc_func", "`last_value_func`, a function", counted(last_value_func=lambda values: max(values))),
    ]


def _orders() -> list[Case]:
    return [
        since(
            "inc_descending",
            "`row_order: desc`: the read ends at the first old row",
            counted(row_order="desc", start_param=None),
            params={"order": "desc"},
            but=AHEAD,
        ),
        since(
            "inc_ascending",
            "`row_order: asc` with `end_value`",
            counted(row_order="asc", end_value=6, start_param=None),
            but=AHEAD,
        ),
    ]


def _missing() -> list[Case]:
    return [
        since(f"inc_missing_{what}", f"`on_cursor_value_missing: {what}`", cursor("seen", on_cursor_value_missing=what))
        for what in ("include", "exclude")
    ]


def _placeholders() -> list[Case]:
    inc = "{incremental."
    given = {"cursor_path": "at", "initial_value": FIRST}
    kinds = ("initial_value", "start_value", "last_value", "end_value")
    every = {kind: f"{inc}{kind}}}" for kind in kinds}
    return [
        since(
            "inc_at_params",
            "every `{incremental.…}` in `params`",
            given,
            params={"since": f"{inc}start_value}}", **every},
        ),
        since("inc_at_path", "in `path`", given, path=f"inc_at_path/offset/{inc}last_value}}/x"),
        since("inc_at_headers", "in `headers`", given, headers={"X-Since": f"{inc}start_value}}"}),
        since(
            "inc_at_json",
            "in `json`, types kept",
            counted(start_param=None),
            method="POST",
            json={"since_seq": f"{inc}last_value}}", "nested": [every]},
        ),
        since(
            "inc_at_form",
            "in a form",
            given,
            method="POST",
            data={"since": f"{inc}start_value}}"},
            paginator="single_page",
        ),
        since(
            "inc_at_converted",
            "with `convert`",
            {**given, "convert": lambda at: at[:13]},
            params={"since": f"{inc}start_value}}", **every},
        ),
    ]


def _children() -> list[Case]:
    def family(name: str, **endpoint: Any) -> tuple[Any, Any]:
        given = {
            "path": f"{name}/parts/{{resources.{name}_units.id}}",
            "data_selector": "data",
            "paginator": "single_page",
        }
        return (
            at(f"{name}_units", "parents", data_selector="data", paginator="single_page"),
            at(name, "", **{**given, **endpoint}),
        )

    start = {"cursor_path": "at", "start_param": "since", "initial_value": "2024-02-01T02:00:00Z"}
    path = "inc_child_placed/parts/{resources.inc_child_placed_units.id}"
    placed = {"cursor_path": "at", "initial_value": "2024-02-01T02:00:00Z"}
    return [
        case("on a child", *family("inc_child", incremental=start)),
        case("on a child, in a param", *family("inc_child_param", params={"since": {"type": "incremental", **placed}})),
        case(
            "on a child, `{incremental.start_value}` and `convert`",
            *family(
                "inc_child_placed",
                path=path,
                incremental={**placed, "convert": lambda at: at[:10]},
                params={"since": "{incremental.start_value}"},
            ),
        ),
        case(
            "a child of an incremental parent",
            at("inc_parent", "many_parents", data_selector="data", paginator=OFFSET, incremental=cursor()),
            at(
                "inc_parents_child", "", path="inc_parents_child/echo/{resources.inc_parent.id}/x", data_selector="data"
            ),
        ),
    ]
