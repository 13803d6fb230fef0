"""Who the persons of a config are: in which table, and which columns of others its parts say refer to it."""

from __future__ import annotations

from homeroom.dlt_seam.extraction import column_namer
from homeroom.errors import ConfigError, Problem
from homeroom.plan.privacy import At, references_of, table_of
from homeroom.plan.resource import ResourcePlan, SourcePlan
from homeroom.privacy import PrivacySettings
from homeroom.privacy.person import ABOUT, PEOPLE, Person, singular
from homeroom.privacy_values import Act
from homeroom.values import ResourceSettings, SyncSettings

_AT = "privacy.person"
_NO_SETTINGS = ResourceSettings()


def person_of(plan: SourcePlan, settings: PrivacySettings, sync: SyncSettings) -> Person:
    """Where rows name persons. Raises `ConfigError` where the config does not tell which table has them."""
    name = column_namer(None)
    tables = {each.name: table_of(each) for each in plan.resources}
    own, column = _named(plan, settings) if settings.person is not None else _found(plan)
    told = _told(plan, own, (tables[own.name], column), tables, sync)
    told |= {(name(table), name(field)): act for (table, field), act in settings.person_in.items()}
    lowered = {(table.lower(), field.lower()): act for (table, field), act in told.items()}
    roots = frozenset(table.lower() for table in tables.values())
    return Person(own.name, tables[own.name].lower(), column.lower(), lowered, roots)


def untold(plan: SourcePlan, person: Person) -> list[str]:
    """The resources that are asked for by persons and whose rows do not tell by whom."""
    tables = {table for table, _ in person.told}
    parents = {each.name: each.parent for each in plan.resources}
    return [
        each.name
        for each in plan.resources
        if person.resource in _above(each.name, parents) and table_of(each).lower() not in tables
    ]


def _above(name: str, parents: dict[str, str | None]) -> list[str]:
    found, above = [], parents.get(name)
    while above is not None:
        found.append(above)
        above = parents.get(above)
    return found


def _named(plan: SourcePlan, settings: PrivacySettings) -> tuple[ResourcePlan, str]:
    assert settings.person is not None
    name = column_namer(None)
    table, column = (name(part) for part in settings.person)
    for each in plan.resources:
        if table_of(each) == table:
            return each, column
    known = ", ".join(sorted(table_of(each) for each in plan.resources))
    raise ConfigError([Problem(_AT, "no resource makes such a table", repr(settings.person[0]), known)])


def _found(plan: SourcePlan) -> tuple[ResourcePlan, str]:
    candidates = [each for each in plan.resources if each.parent is None and singular(table_of(each)) in PEOPLE]
    keys = [(each, _key(each)) for each in candidates]
    alone = [(each, key[0]) for each, key in keys if len(key) == 1]
    if len(alone) == 1 == len(candidates):
        each, key = alone[0]
        return each, column_namer(None)(key)
    why = "nothing tells which table holds the persons" if len(candidates) != 1 else "its persons have no single key"
    named = ", ".join(table_of(each) for each in candidates) or None
    raise ConfigError([Problem(_AT, why, named, hint="name the column with their ids: users.id", code="missing-key")])


def _told(plan: SourcePlan, person: ResourcePlan, at: At, tables: dict[str, str], sync: SyncSettings) -> dict[At, Act]:
    """The columns that refer to the person's by what the config says, children of children too."""
    parents = {each.name: each.parent for each in plan.resources}
    told: dict[At, Act] = {at: "delete"}
    for each in plan.resources:  # parents come before their children
        is_child = person.name in _above(each.name, parents)
        for own, source in references_of(each, tables, sync.resources.get(each.name, _NO_SETTINGS)):
            if source in told and own not in told:
                told[own] = "delete" if is_child or _is_about(each, own[1], at) else "clear"
    return told


def _is_about(plan: ResourcePlan, column: str, person: At) -> bool:
    """Whether a row is about the person whom a column of it refers to: it is part of its key, or names it plainly."""
    names = {f"{part}_{key}" for part in (singular(person[0]), *ABOUT) for key in ("id", person[1])}
    return column in {*map(column_namer(None), _key(plan))} or column in names


def _key(plan: ResourcePlan) -> tuple[str, ...]:
    key = plan.hints.get("primary_key")
    return (key,) if isinstance(key, str) else tuple(map(str, key)) if isinstance(key, list | tuple) else ()
