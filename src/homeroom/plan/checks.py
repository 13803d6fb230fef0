"""Settings of ours that a resource of the config cannot have: what stands against them, and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from homeroom.dlt_seam import rest_api as seam
from homeroom.dlt_seam.merging import way_of
from homeroom.errors import Problem
from homeroom.plan.resource import setting_place
from homeroom.values import ResourceSettings


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
    if settings.deletes != "keep" or settings.deleted_when:
        yield from _deletes_problems(name, resource, settings)


def foreign_problems(name: str, settings: ResourceSettings) -> Iterator[Problem]:
    """Each setting that cannot be honoured for a `DltResource` of the user's, which reads by itself."""
    if settings.deletes != "keep":
        why = "a DltResource of your own reads by itself, so nothing proves what it did not bring"
        yield Problem(setting_place(name, "deletes"), why, repr(settings.deletes), "keep")


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


def _window_problems(
    name: str, resource: Mapping[str, Any], incremental: seam.IncrementalPlan | None, *, is_child: bool
) -> Iterator[Problem]:
    """A window needs a span to cut, an API that is told where it ends, and a table that takes a row twice."""
    endpoint = resource["endpoint"]
    asked = [endpoint["path"], endpoint.get("params"), endpoint.get("json"), endpoint.get("data")]
    way = way_of(resource.get("write_disposition"))
    if incremental is None:
        why, hint = "the resource has no `incremental`, whose span could be cut", None
    elif is_child:
        why, hint = "a resource with a parent is read parent by parent", None
    elif not seam.fills_end(incremental, asked):
        why, hint = "the API is not told where a span ends", "name its parameter as incremental.end_param"
    elif way.disposition != "merge" or not resource.get("primary_key"):
        hint = "set write_disposition: merge and primary_key"
        why = "rows at the edge of two windows come twice, and the table would hold them twice"
    else:
        return
    yield Problem(setting_place(name, "window"), why, hint=hint)
