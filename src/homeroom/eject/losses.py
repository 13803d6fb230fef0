"""What a script of dlt's alone does not do, in words: one line for each thing, with the nearest that dlt has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from homeroom.eject.mended import Mended

_MOST_NAMES = 4
_ALWAYS = (
    "no run is proved: where an answer is cut short, a page comes empty or rows move meanwhile, dlt says success "
    "(docs/differences.md of Homeroom); keep `limit` at what the server honours, dlt steps by it",
    "one resource that fails ends all, and a run that was stopped begins anew: nothing is kept of what was read",
)
_TABLES = (
    "tables: improved: dlt puts fractions of a column of whole numbers into x__v_double, and of two keys that become "
    "one name the last wins (`tables: dlt` in Homeroom)"
)
_PRIVACY = (
    "privacy: every column is stored as it comes, also beside rows that were hidden; nearest: a function for "
    "`add_map` that drops or hashes fields, before the first run"
)
_PERSON = (
    "privacy.person: persons who were forgotten come back with the next run; nearest: a function for `add_filter` that "
    "knows them"
)
_SYNC: Mapping[str, str] = {
    "concurrency": "dlt asks for one page after another; rest_api_source(CONFIG, parallelized=True) reads resources "
    "side by side",
    "rate": "dlt has no limit of requests in a time; it waits where it is told by a 429 and Retry-After",
    "deadline": "dlt reads as long as it takes",
    "read_ahead_mb": "dlt reads no page ahead",
    "journal": "dlt keeps no pages",
    "resume_within": "dlt begins anew",
    "keep_raw": "dlt keeps no pages, so that nothing can be replayed",
    "overlap": "pages do not overlap, so that rows which move between two requests are lost unseen",
    "repair_passes": "dlt reads each page once",
    "max_delete_share": "no guard: `replace` empties a table where the API answers with an empty list",
    "allowed_hosts": "dlt follows links and redirects to any host, with the key",
    "limits": "dlt knows a time-out alone (runtime.request_timeout)",
    "needs": "a refusal does not say what to grant the key",
    "full_every": "all is read again by hand; pipeline.run(…, refresh='drop_resources') drops the tables first",
    "change_versions": "dlt knows no change versions",
}
_RESOURCE: Mapping[str, str] = {
    "total_header": "the number of rows is not compared with those that came",
    "total_path": "the number of rows is not compared with those that came",
    "error_when": "an answer of status 200 that is an error counts as rows, or as none; nearest: a function in "
    "response_actions",
    "at_least": "an empty read is a success",
    "needs": "a refusal does not say what to grant the key",
    "retry": "dlt repeats alike for all resources (runtime.request_*)",
    "deletes": "rows that are gone from the API stay; nearest: write_disposition replace, which reads all each time",
    "deleted_when": "rows that say that they are deleted stay as they come; nearest: the column hint hard_delete",
    "deleted_in": "what another resource names as deleted stays",
    "window": "what is new is read in one span",
    "full_every": "all is read again by hand",
    "batch": "one request for each parent",
}
_HANDLED = ("casts", "by_change_version", "further_cursors", "cursor_per_parent", "parent_column")
"""Told where they are handled, or of no meaning without others."""
_WHOLE = {
    "by_change_version": "dlt cannot ask by change versions",
    "further_cursors": "dlt has one query and cursor for a resource",
    "cursor_per_parent": "dlt has one cursor for all parents",
    "child": "to dlt the newest row of one parent is the start of the next",
}
_RETRY = {
    "attempts": ("RUNTIME__REQUEST_MAX_ATTEMPTS", "{}"),
    "first_wait_s": ("RUNTIME__REQUEST_BACKOFF_FACTOR", "{}"),
    "max_wait_s": ("RUNTIME__REQUEST_MAX_RETRY_DELAY", "{}"),
}


def dlts_settings(sync: Mapping[str, Any]) -> dict[str, str]:
    """dlt's own settings, as variables of its environment, that come nearest to `sync.retry` and `sync.limits`."""
    retry, limits = sync.get("retry") or {}, sync.get("limits") or {}
    found = {name: str(retry[key]) for key, (name, _) in _RETRY.items() if key in retry}
    return found | ({"RUNTIME__REQUEST_TIMEOUT": str(limits["silence_s"])} if "silence_s" in limits else {})


def losses(content: Mapping[str, Any], made: Mended) -> list[str]:
    """A line for each thing that is lost, from the config as written and what became of its source."""
    return list(dict.fromkeys(_losses(content, made)))


def _losses(content: Mapping[str, Any], made: Mended) -> Iterator[str]:
    sync = content.get("sync") or {}
    yield from _ALWAYS
    if _hides(content.get("privacy")):
        yield _PRIVACY
    if (content.get("privacy") or {}).keys() & {"person", "person_in"}:
        yield _PERSON
    if sync.get("tables") != "dlt":
        yield _TABLES
    for auth in made.auths:
        yield from (f"auth: {each}" for each in auth.lost)
    for reason, names in made.whole.items():
        yield f"{listed(names)}: read in full each time, without the `incremental`: {_WHOLE[reason]}"
    if made.partial:
        yield f"{listed(made.partial)}: rows can be missing: dlt's cursor is one for all parents and queries"
    yield from (f"sync.{key}: {_SYNC[key]}" for key, value in sync.items() if key in _SYNC and value is not None)
    if (retry := sync.get("retry")) and retry.keys() - _RETRY.keys():
        yield f"sync.retry: {', '.join(sorted(retry.keys() - _RETRY.keys()))}: dlt repeats after 429 and 5xx alone"
    yield from _of_resources(sync.get("resources") or {})
    if content.get("model") is not None:
        yield "model: no views are made in the dataset edu; those that are there read the same tables"


def _hides(privacy: Any) -> bool:
    if not isinstance(privacy, Mapping):
        return False
    rules = [*(privacy.get("columns") or {}).values(), *(privacy.get("by_class") or {}).values()]
    return privacy.get("profile") not in (None, "full") or any(rule != "keep" for rule in rules)


def _of_resources(resources: Mapping[str, Any]) -> Iterator[str]:
    lost: dict[str, list[str]] = {}
    for name, own in resources.items():
        for key, value in (own or {}).items():
            if key not in _HANDLED and value is not None and (key, value) != ("deletes", "keep"):
                lost.setdefault(key, []).append(str(name))
    for key, names in lost.items():
        yield f"sync.resources: {key} of {listed(names)}: {_RESOURCE[key]}"


def listed(names: Sequence[str]) -> str:
    """Names in one line, the first of them where they are many."""
    if len(names) <= _MOST_NAMES:
        return ", ".join(names)
    return f"{len(names)} resources ({', '.join(names[: _MOST_NAMES - 1])}, …)"
