"""The neutral model as `edu.yaml` declares it: the tables of the dataset `edu`, and what must hold of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal, cast

import yaml

DATASET = "edu"

Type = Literal["text", "texts", "boolean", "bigint", "double", "decimal", "date", "timestamp", "json"]
"""texts: a list of text. decimal: 12 digits, 4 of them behind the point. timestamp: with its zone, UTC."""

CheckKind = Literal["unique", "required", "enum", "type", "reference", "rows"]
Severity = Literal["error", "warning"]
"""error: a query over the model counts wrongly. warning: the platform itself may be so."""


@dataclass(frozen=True, slots=True)
class Reference:
    """The entity whose id a column holds; with `when`, in rows alone where another column has that value."""

    entity: str
    when: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an entity. `allowed`: its values, None for any; `personal`: its class, as in the catalogue."""

    name: str
    type: Type
    required: bool = False
    allowed: Sequence[str] | None = None
    references: Sequence[Reference] = ()
    personal: str = "none"
    means: str = ""


@dataclass(frozen=True, slots=True)
class Entity:
    """A table of the model. `columns` begins with source and id, and ends with what all tables have."""

    name: str
    means: str
    columns: Mapping[str, Column]
    own: Sequence[str]
    """The columns that other entities have not."""
    optional: bool = False
    """Made only where a config asks for it."""


@dataclass(frozen=True, slots=True)
class Model:
    """All of it: entities by name, and how much a violation of each kind of check weighs."""

    entities: Mapping[str, Entity]
    severities: Mapping[CheckKind, Severity]


@cache
def neutral_model() -> Model:
    """The model that this version of Homeroom ships."""
    text = files("homeroom.model").joinpath("edu.yaml").read_text(encoding="utf-8")
    return read_model(yaml.safe_load(text))


def read_model(declared: Mapping[str, Any]) -> Model:
    """The model of a parsed declaration. Raises ValueError naming what does not fit together in it."""
    enums: Mapping[str, list[str]] = declared["enums"]
    common = [_column(name, said, enums) for name, said in declared["common"].items()]
    first, last = common[:2], common[2:]
    entities: dict[str, Entity] = {}
    for name, said in declared["entities"].items():
        own = [_column(column, each, enums) for column, each in said["columns"].items()]
        columns = {column.name: column for column in (*first, *own, *last)}
        if len(columns) < len(common) + len(own):
            raise ValueError(f"{name} declares a column that every table has")
        entities[name] = Entity(
            name=name,
            means=said["means"],
            columns=MappingProxyType(columns),
            own=tuple(column.name for column in own),
            optional=said.get("optional", False),
        )
    _check_references(entities)
    return Model(MappingProxyType(entities), MappingProxyType(declared["checks"]))


def _column(name: str, said: Mapping[str, Any], enums: Mapping[str, list[str]]) -> Column:
    named = said.get("enum")
    if named is not None and named not in enums:
        raise ValueError(f"column {name}: there is no enum {named}")
    return Column(
        name=name,
        type=cast(Type, said["type"]),
        required=said.get("required", False),
        allowed=None if named is None else tuple(enums[named]),
        references=tuple(_references(said)),
        personal=said.get("class", "none"),
        means=said.get("means", ""),
    )


def _references(said: Mapping[str, Any]) -> list[Reference]:
    if "references" in said:
        return [Reference(said["references"])]
    if (by := said.get("references_by")) is None:
        return []
    return [Reference(entity, (by["column"], value)) for value, entity in by["entities"].items()]


def _check_references(entities: Mapping[str, Entity]) -> None:
    for entity in entities.values():
        for column in entity.columns.values():
            for reference in column.references:
                if reference.entity not in entities:
                    raise ValueError(f"{entity.name}.{column.name}: there is no entity {reference.entity}")
                if reference.when and reference.when[0] not in entity.columns:
                    raise ValueError(f"{entity.name}.{column.name}: there is no column {reference.when[0]}")
