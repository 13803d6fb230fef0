"""Settings of ours that a resource of the config cannot have: what stands against them, and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from homeroom.dlt_seam import rest_api as seam
from homeroom.dlt_seam.merging import way_of
from homeroom.errors import Problem
from homeroom.plan.resource import setting_place
from homeroom.values import ResourceSettings

_LEAVE = "leave it out"
_ADD = "give its endpoint an `incremental`, or leave it out"


def setting_problems(
    name: str,
    resource: Mapping[str, Any],
    settings: ResourceSettings,
    incremental: seam.IncrementalPlan | None,
    *,
    is_child: bool,
) -> Iterator[Problem]:
    """Each setting of a resource that cannot be honoured; `resource` has its defaults merged."""
    if settings.window_s is not None:
        yield from _window_problems(name, resource, incremental, is_child=is_child)
    if settings.at_least and (is_child or incremental is not None):
        why = "parents may have no row" if is_child else "nothing may be new since the cursor"
        yield Problem(setting_place(name, "at_least"), why, str(settings.at_least), hint="leave it out")
    if settings.cursor_per_parent:
        yield from own_cursor_problems(setting_place(name, "cursor_per_parent"), resource, incremental)
        if not is_child:
            yield Problem(setting_place(name, "cursor_per_parent"), "the resource has no parent", hint="leave it out")
    if settings.further_cursors:
        yield from _further_problems(setting_place(name, "further_cursors"), resource, settings, incremental)
    if settings.by_change_version:
        yield from _version_problems(
            setting_place(name, "by_change_version"), resource, settings, incremental, is_child
        )
    if settings.deletes != "keep" or settings.deleted_when:
        yield from _deletes_problems(name, resource, settings)


def foreign_problems(name: str, settings: ResourceSettings) -> Iterator[Problem]:
    """Each setting that cannot be honoured for a `DltResource` of the user's, which reads by itself."""
    if settings.at_least:
        yield Problem(setting_place(name, "at_least"), "a DltResource of your own reads by itself", hint="leave it out")
    if settings.deletes != "keep":
        why = "a DltResource of your own reads by itself, so nothing proves what it did not bring"
        yield Problem(setting_place(name, "deletes"), why, repr(settings.deletes), "keep")
    if settings.casts:
        why = "a DltResource of your own reads by itself, so its rows are not seen"
        yield Problem(setting_place(name, "casts"), why, hint="cast in the resource, or leave it out")


def _deletes_problems(name: str, resource: Mapping[str, Any], settings: ResourceSettings) -> Iterator[Problem]:
    """Deletes go by which load wrote a row last, so every row that comes must be written again."""
    way = way_of(resource.get("write_disposition"))
    keyed = resource.get("primary_key") or resource.get("merge_key")
    at = setting_place(name, "deletes")
    if settings.deletes == "keep":
        why, hint = "says what is deleted, and deletes: keep keeps it", "set deletes: soft or deletes: hard beside it"
        yield Problem(setting_place(name, "deleted_when"), why, hint=hint)
    elif way.disposition != "merge" or not keyed:
        why = "only rows that are merged by a key can be told to be gone"
        yield Problem(at, why, hint="set write_disposition: merge and primary_key")
    elif not way.writes_all:
        why = "this merge strategy does not write every row that comes"
        yield Problem(at, why, repr(way.strategy), hint="set strategy: delete-insert or upsert")
    elif not isinstance(resource.get("table_name", name), str):
        why = "rows that choose their table (table_name is a function) cannot be told to be gone"
        yield Problem(at, why, hint="give the resource one table_name, or set deletes: keep")


def own_cursor_problems(
    at: str, resource: Mapping[str, Any], incremental: seam.IncrementalPlan | None, *, one_query: bool = False
) -> Iterator[Problem]:
    """A cursor of ours picks no row, so a table must take one twice; and it runs upwards.

    `one_query`: a row comes again in a later load alone, which a table that keeps what came first takes too.
    """
    if incremental is None:
        yield Problem(at, "the resource has no `incremental`, whose cursor that would be", hint=_ADD)
    elif incremental.cursor.last_value_func is not max:
        yield Problem(at, "its `incremental` has a last_value_func, and such a cursor runs upwards", hint=_LEAVE)
    elif incremental.cursor.end_value is not None:
        yield Problem(at, "its `incremental` has an end_value, so nothing is remembered of it", hint=_LEAVE)
    elif not (is_merged_by_key(resource) or (one_query and _keeps_first_of_a_key(resource))):
        why, hint = "rows come more than once, and the table would hold them twice", "set write_disposition: merge"
        yield Problem(at, why, hint=f"{hint} and primary_key")


def _further_problems(
    at: str, resource: Mapping[str, Any], settings: ResourceSettings, incremental: seam.IncrementalPlan | None
) -> Iterator[Problem]:
    """Queries are told apart by their parameters, and their cursors by their paths."""
    yield from own_cursor_problems(at, resource, incremental)
    if incremental is None:
        return
    if incremental.start_param is None:
        why, hint = "each query needs a parameter of its own", "name that of the endpoint as incremental.start_param"
        yield Problem(at, why, hint=hint)
    paths = [incremental.cursor.cursor_path, *(each.cursor_path for each in settings.further_cursors)]
    params = [str(incremental.start_param), *(each.start_param for each in settings.further_cursors)]
    for what, names in (("cursor_path", paths), ("start_param", params)):
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield Problem(at, f"two queries have the same {what}", repr(name), hint="give each its own")
    if settings.window_s is not None and any(each.end_param is None for each in settings.further_cursors):
        yield Problem(at, "the API is not told where a window ends", hint="give each an end_param, or leave out window")


def _version_problems(
    at: str,
    resource: Mapping[str, Any],
    settings: ResourceSettings,
    incremental: seam.IncrementalPlan | None,
    is_child: bool,
) -> Iterator[Problem]:
    """One list, from one version to another."""
    yield from own_cursor_problems(at, resource, incremental, one_query=True)
    if is_child:
        yield Problem(at, "a resource with a parent is read parent by parent", hint=_LEAVE)
    elif incremental is not None and incremental.start_param is None:
        why, hint = "the API is not told from which version on", "name its parameter as incremental.start_param"
        yield Problem(at, why, hint=hint)
    beside = {"window": settings.window_s, "further_cursors": settings.further_cursors}
    for key in (key for key, value in beside.items() if value):
        yield Problem(at, f"versions are no time: `{key}` cannot stand beside it", hint="keep one of them")


def is_merged_by_key(resource: Mapping[str, Any]) -> bool:
    """Whether the table of a resource, defaults merged, holds one row of a key however often it comes."""
    return bool(way_of(resource.get("write_disposition")).keeps_one and resource.get("primary_key"))


def _keeps_first_of_a_key(resource: Mapping[str, Any]) -> bool:
    """Whether of rows with one key, in several loads, the table of a resource holds the one that came first."""
    return bool(way_of(resource.get("write_disposition")).keeps_first and resource.get("primary_key"))


def _window_problems(
    name: str, resource: Mapping[str, Any], incremental: seam.IncrementalPlan | None, *, is_child: bool
) -> Iterator[Problem]:
    """A window needs a span to cut, an API that is told where it ends, and a table that takes a row twice."""
    endpoint = resource["endpoint"]
    asked = [endpoint["path"], endpoint.get("params"), endpoint.get("json"), endpoint.get("data")]
    way = way_of(resource.get("write_disposition"))
    if incremental is None:
        why, hint = "the resource has no `incremental`, whose span could be cut", _ADD
    elif is_child:
        why, hint = "a resource with a parent is read parent by parent", _LEAVE
    elif incremental.cursor.last_value_func is not max:
        why, hint = "its `incremental` has a last_value_func, and windows go upwards from the start", _LEAVE
    elif not seam.fills_end(incremental, asked):
        why, hint = "the API is not told where a span ends", "name its parameter as incremental.end_param"
    elif way.disposition != "merge" or not resource.get("primary_key"):
        hint = "set write_disposition: merge and primary_key"
        why = "rows at the edge of two windows come twice, and the table would hold them twice"
    else:
        return
    yield Problem(setting_place(name, "window"), why, hint=hint)
