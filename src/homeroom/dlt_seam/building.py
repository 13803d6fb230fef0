"""Whether dlt could build a resource of a `rest_api` config, tried out on a copy and offline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import dlt
from dlt.extract import DltResource
from dlt.sources.rest_api.config_setup import build_resource_dependency_graph, setup_incremental_object

from homeroom.dlt_seam.validation import copied


def build_errors(source: Mapping[str, Any], indexes: Iterable[int]) -> dict[int, str]:
    """Why dlt cannot build the resources at `indexes`, by index; those that it can build are left out.

    The texts are dlt's own and may quote the config: mask them before they are shown. The config is copied,
    auth is neither resolved nor used, and no request is made. Of the other resources only the names count.
    """
    stand_ins = {name: dlt.resource([], name=name) for name in _names(source["resources"])}
    errors: dict[int, str] = {}
    for index in indexes:
        wanted = copied(source["resources"][index])
        others = [each for name, each in stand_ins.items() if name != resource_name(wanted)]
        try:
            _build(wanted, copied(source.get("resource_defaults") or {}), others)
        except Exception as error:  # dlt raises whatever its parts raise
            errors[index] = " ".join(str(error).split()) or type(error).__name__
    return errors


def parent_cycle(source: Mapping[str, Any]) -> list[str]:
    """The names of resources that wait for each other, the first repeated at the end; empty where none do."""
    graph, _, _ = build_resource_dependency_graph(
        copied(source.get("resource_defaults") or {}), copied(source["resources"])
    )
    try:
        graph.prepare()
    except ValueError as error:  # graphlib.CycleError
        return [str(name) for name in reversed(error.args[1])]
    return []


def resource_name(resource: Any) -> str | None:
    """The name of an entry of `resources`, whatever its form; None where it has none that is text."""
    if isinstance(resource, DltResource):
        return resource.name
    name = resource.get("name") if isinstance(resource, dict) else resource
    return name if isinstance(name, str) else None


def _build(wanted: Any, defaults: Any, others: list[Any]) -> None:
    _, resources, _ = build_resource_dependency_graph(defaults, [wanted, *others])
    name = resource_name(wanted)
    resource: Any = resources[name] if name is not None else wanted
    if isinstance(resource, DltResource):
        return
    endpoint: Any = resource["endpoint"]
    setup_incremental_object(endpoint.get("params", {}), endpoint.get("incremental"))
    left_out = {"endpoint", "include_from_parent", "processing_steps"}
    hints: dict[str, Any] = {key: hint for key, hint in resource.items() if key not in left_out}
    dlt.resource(_nothing, **hints)


def _nothing() -> Iterator[Any]:
    yield from ()


def _names(resources: Iterable[Any]) -> list[str]:
    return list(dict.fromkeys(name for each in resources if (name := resource_name(each))))
