"""The model's rows of one source, as the dataset `edu` has them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from homeroom.errors import ConfigError, Problem
from homeroom.model import Column, Place, neutral_model, translated
from homeroom.model.rendering import literal
from homeroom.oneroster_export.bundle import DEMOGRAPHIC, READS, Tables
from homeroom.oneroster_export.texts import Row

if TYPE_CHECKING:
    from homeroom.dlt_seam.edu import Database

ALWAYS = ("id", "state")


def sources_in(db: Database, edu: str) -> list[str]:
    """The sources that the views hold, sorted. Raises `ConfigError` where there are no views."""
    asked = translated(f'SELECT DISTINCT s.source FROM "{edu}"._sources AS s', _place(db))
    if not db.can_run(asked):
        hint = "write `model: PLATFORM` into a config and run homeroom sync"
        raise ConfigError(
            [Problem("--from", f"there is no dataset {edu} in this database", hint=hint, code="nothing-synced")]
        )
    return sorted(str(row[0]) for row in db.run(asked))


def read_tables(db: Database, edu: str, source: str, *, demographics: bool) -> Tables:
    """All rows of a source, deleted ones too, in order of id; times are dates in UTC.

    Raises `ConfigError` where demographics are asked for and no sync has made them.
    """
    place = _place(db)
    tables: dict[str, Sequence[Row]] = {}
    for entity, columns in READS.items():
        if entity == DEMOGRAPHIC and not demographics:
            continue
        names = (*ALWAYS, *columns)
        sql = _select(entity, names, edu, source, place)
        if entity == DEMOGRAPHIC and not db.can_run(sql):
            hint = "set model.demographics: true in the config and sync again"
            raise ConfigError(
                [Problem("--demographics", f"{edu} has no {DEMOGRAPHIC}", hint=hint, code="nothing-synced")]
            )
        declared = neutral_model().entities[entity].columns
        tables[entity] = [_row(names, values, declared) for values in db.run(sql)]
    return tables


def _select(entity: str, names: Sequence[str], edu: str, source: str, place: Place) -> str:
    declared = neutral_model().entities[entity].columns
    columns = ", ".join(f"{_told(declared[name])} AS {name}" for name in names)
    where = f"e.source = {literal(source)}"
    return translated(f'SELECT {columns} FROM "{edu}".{entity} AS e WHERE {where} ORDER BY e.id', place)


def _told(column: Column) -> str:
    if column.type == "timestamp":
        return f"CAST(e.{column.name} AT TIME ZONE 'UTC' AS DATE)"
    return f"e.{column.name}"


def _row(names: Sequence[str], values: Sequence[Any], declared: Mapping[str, Column]) -> Row:
    found = dict(zip(names, values, strict=True))
    for name, value in found.items():
        if declared[name].type == "texts" and isinstance(value, str):  # a database without lists has JSON
            found[name] = json.loads(value)
    return found


def _place(db: Database) -> Place:
    return Place("", db.dataset, db.dialect, db.fold)
