"""What must hold of the model's tables, as queries that count what does not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from homeroom.model.declaration import CheckKind, Column, Entity, Reference
from homeroom.model.mapping import EntityMapping
from homeroom.model.rendering import Held, Place, literal, misfits_of, translated


@dataclass(frozen=True, slots=True)
class Check:
    """One rule of one table; `column` is empty where it is about whole rows."""

    entity: str
    kind: CheckKind
    column: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """One row of numbers. The first counts the entity's rows where `counts_rows`, the others are violations."""

    checks: Sequence[Check]
    sql: str
    counts_rows: bool = False


def queries_of(mappings: Mapping[str, EntityMapping], edu: str, place: Place, held: Held) -> Iterator[Query]:
    """All that is asked of one source's rows; `edu` is the dataset of the views, which must be there.

    References to an entity that the platform has no mapping of are not asked for: nothing could resolve them.
    """
    for mapping in mappings.values():
        yield _of_rows(mapping.entity, edu, place)
        if misfits := misfits_of(mapping, place, held):
            columns, sql = misfits
            yield Query([Check(mapping.entity.name, "type", column) for column in columns], sql)
        for name in sorted(mapping.gives):
            column = mapping.entity.columns[name]
            told = [reference for reference in column.references if reference.entity in mappings]
            for reference in told:
                yield _of_reference(mapping.entity, column, reference, edu, place)


def rows_there(mapping: EntityMapping, place: Place, held: Held) -> str | None:
    """A query of one number: 0 where the tables that the entity is made of have no row; None where none is there."""
    tables = [table for table in sorted(mapping.begins_with) if place.fold(table) in held]
    if not tables:
        return None
    parts = [f'SELECT 1 AS x FROM "{place.dataset}"."{table}" LIMIT 1' for table in tables]
    return translated(" UNION ALL ".join(f"SELECT COUNT(*) AS n FROM ({part}) AS t" for part in parts), place)


def _of_rows(entity: Entity, edu: str, place: Place) -> Query:
    """Rows, ids that came before, columns that are null and may not be, and values that are not of the list."""
    rules: list[tuple[Check, str]] = [(Check(entity.name, "unique", "id"), "COUNT(e.id) - COUNT(DISTINCT e.id)")]
    for column in entity.columns.values():
        if column.required:
            check = Check(entity.name, "required", column.name)
            rules.append((check, f"COUNT(CASE WHEN e.{column.name} IS NULL THEN 1 END)"))
        if column.allowed is not None:
            allowed = ", ".join(f"'{value}'" for value in column.allowed)
            outside = f"NOT e.{column.name} IN ({allowed})"
            rules.append((Check(entity.name, "enum", column.name), f"COUNT(CASE WHEN {outside} THEN 1 END)"))
    counts = ", ".join(["COUNT(*)", *(sql for _, sql in rules)])
    sql = f'SELECT {counts} FROM "{edu}".{entity.name} AS e WHERE e.source = {literal(place.source)}'
    return Query([check for check, _ in rules], translated(sql, place), counts_rows=True)


def _of_reference(entity: Entity, column: Column, reference: Reference, edu: str, place: Place) -> Query:
    """Ids that no row has. What is deleted may refer to what is gone."""
    mine = f"e.source = {literal(place.source)} AND e.state <> 'deleted'"
    if reference.when:
        mine += f" AND e.{reference.when[0]} = '{reference.when[1]}'"
    ids = f"UNNEST(e.{column.name})" if column.type == "texts" else f"e.{column.name}"
    asked = f'SELECT {ids} AS ref FROM "{edu}".{entity.name} AS e WHERE {mine} AND NOT e.{column.name} IS NULL'
    known = f'SELECT r.id FROM "{edu}".{reference.entity} AS r WHERE r.source = {literal(place.source)}'
    sql = f"SELECT COUNT(*) FROM ({asked}) AS a WHERE NOT EXISTS (SELECT 1 FROM ({known}) AS k WHERE k.id = a.ref)"
    return Query([Check(entity.name, "reference", column.name)], translated(sql, place))
