"""Configs that dlt and Homeroom read differently on purpose: what each makes of one read of the annex."""

from dataclasses import dataclass
from typing import Any

from cases_actions import acting
from parity_case import Config, at

Outcome = int | str
"""Rows that came, or the name of the error that ended the run."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A config, the rows or the error that each side makes of it, and the line of docs/differences.md on it."""

    name: str
    covers: str
    resources: tuple[Any, ...]
    theirs: Outcome
    ours: Outcome
    words: str


def _of(name: str, covers: str, words: str, theirs: Outcome, ours: Outcome, *resources: Any) -> Difference:
    return Difference(name, covers, resources, theirs, ours, words)


def _listed(name: str, kind: str = "offset", **endpoint: Any) -> Config:
    return at(name, kind, **{"data_selector": "data", "paginator": {"type": "offset", "limit": 5}, **endpoint})


def _acting(name: str, kind: str, *actions: Any) -> Config:
    found: Config = acting(name, "", kind, *actions).resources[0]
    return found


_IGNORED = {"status_code": 404, "action": "ignore"}
_MORE = {"type": "offset", "limit": 5, "total_path": None, "has_more_path": "nowhere"}

DIFFERENCES = [
    _of(
        "untold_total",
        "`offset` without a total",
        "offset or page number, the answer holds no total",
        "ValueError",
        23,
        _listed("untold_total", "untold"),
    ),
    _of(
        "lost_selector",
        "a `data_selector` that finds nothing",
        "`data_selector` finds nothing in an answer that is not empty",
        0,
        "DataError",
        _listed("lost_selector", "offset", data_selector="dtaa", paginator="single_page"),
    ),
    _of(
        "untold_more",
        "`has_more_path` that finds nothing",
        "`has_more_path` finds nothing, or no flag",
        "ValueError",
        23,
        _listed("untold_more", "untold", paginator=_MORE),
    ),
    _of(
        "ignoring_paging",
        "a server that does not know the paging parameters, no total",
        "the server ignores the paging parameters and tells no total",
        "ValueError",
        "IncompleteError",
        _listed("ignoring_paging", "parents"),
    ),
    _of(
        "ignored_early",
        "`ignore` on page 3 of 5, the total is told",
        "`response_actions`: `ignore` after the first page",
        10,
        "IncompleteError",
        _listed("ignored_early", "refusing_told/404/10", response_actions=[_IGNORED]),
    ),
    _of(
        "status_as_text",
        "`status_code` as text",
        "`response_actions`: a `status_code` written as text",
        "HTTPError",
        10,
        _acting("status_as_text", "refusing/404/10", {"status_code": "404", "action": "ignore"}),
    ),
    _of(
        "unknown_action",
        "an unknown action",
        "`response_actions`: an unknown action, or `ignore` without a condition",
        23,
        "ConfigError",
        _acting("unknown_action", "offset", {"status_code": 404, "action": "skip"}),
    ),
    _of(
        "ignore_all",
        "`action: ignore` without a condition",
        "`response_actions`: an unknown action, or `ignore` without a condition",
        23,
        "ConfigError",
        _acting("ignore_all", "offset", {"action": "ignore"}),
    ),
    _of(
        "auto_with_keys",
        "`type: auto` with keys of another paginator",
        "`type: auto` with keys of another paginator",
        23,
        "ConfigError",
        _listed("auto_with_keys", "link", paginator={"type": "auto", "next_url_path": "paging.next_link"}),
    ),
    _of(
        "odd_total",
        "a total that is no number",
        "offset or page number, the answer holds no total",
        "ValueError",
        23,
        _listed("odd_total", paginator={"type": "offset", "limit": 5, "total_path": "meta.more_text"}),
    ),
]
