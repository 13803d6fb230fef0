"""What a case of the parity table is."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

Config = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """Resources of one config, the tables that they must make, and in words what of the format they use.

    `requests` says whether the server must be asked for the same things, too; where not, `why` does.
    """

    name: str
    covers: str
    resources: tuple[Any, ...]
    tables: tuple[str, ...]
    requests: bool = True
    why: str = ""


def case(covers: str, *resources: Any, tables: Iterable[str] = (), but: str = "") -> Case:
    """A case named like its last resource. `but`: why the requests are not quite dlt's."""
    named = [_name(each) for each in resources]
    return Case(named[-1], covers, resources, tuple(tables) or tuple(named), not but, but)


def in_one_chain(cases: Iterable[Case]) -> list[Any]:
    """All resources of all cases."""
    return [resource for each in cases for resource in each.resources]


def asked_otherwise(each: Case, why: str) -> Case:
    """The case, its requests not compared."""
    return replace(each, requests=False, why=why)


def _name(resource: Any) -> str:
    if isinstance(resource, str):
        return resource.replace("/", "_")
    return str(resource["name"] if isinstance(resource, dict) else resource.name)


def at(name: str, kind: str, **endpoint: Any) -> Config:
    """A resource that asks the annex for a kind of answer; keys of the resource itself stand in `of`."""
    more = endpoint.pop("of", {})
    return {"name": name, "endpoint": {"path": f"{name}/{kind}", **endpoint}, **more}
