"""The dataset `edu`: views of the neutral model over every platform in a database, and what is checked of them.

Each source writes down its part of each view (`edu._sources`), and the views are made again of all parts. A part that
cannot be read any more, because its tables are gone, is left out, and said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from homeroom.codes import tagged
from homeroom.dlt_seam.failing import errors_of_dlt
from homeroom.edu_values import ModelCheck, ModelReport, ModelSettings
from homeroom.errors import LoadError
from homeroom.model import (
    DATASET,
    EntityMapping,
    Held,
    Place,
    mappings_of,
    neutral_model,
    queries_of,
    rows_there,
    select_of,
    translated,
    united,
)

if TYPE_CHECKING:
    from dlt import Pipeline

    from homeroom.dlt_seam.edu import Database

SOURCES, CHECKS = "_sources", "_checks"

_COLUMNS: Mapping[str, Sequence[str]] = {
    SOURCES: ("source", "platform", "dataset", "entity", "part", "made_at"),
    CHECKS: ("source", "run_id", "checked_at", "entity", "kind", "column_name", "severity", "violations"),
}
_KINDS = {"made_at": "TIMESTAMPTZ", "checked_at": "TIMESTAMPTZ", "violations": "BIGINT"}

_STANDS = "the rows have landed; the next sync makes the views again"


def edu_dataset(pipeline: Pipeline, kind: str) -> str:
    """The name of the dataset: `edu`, and `edu_data` in a DuckDB file of that name, which DuckDB would mistake."""
    from homeroom.dlt_seam.destination import duckdb_file

    is_taken = kind in ("duckdb", "motherduck") and Path(duckdb_file(pipeline)).stem.lower() == DATASET
    return f"{DATASET}_data" if is_taken else DATASET


def make_views(
    pipeline: Pipeline, kind: str, settings: ModelSettings, source: str, *, run_id: str, at: datetime
) -> ModelReport:
    """Make the views anew with what `source` has now, then check its rows; what came of it.

    Raises `LoadError` where the database refuses; the views are as they were, or gone, then.
    """
    from homeroom.dlt_seam.edu import opened

    mappings, edu = chosen_mappings(settings), edu_dataset(pipeline, kind)
    with errors_of_dlt(f"make the views of {edu}", stands=_STANDS):
        held = _held(pipeline, mappings)
        with opened(pipeline) as db:
            place = Place(source, db.dataset, db.dialect, db.fold)
            notes = _remade(db, edu, mappings, place, held, settings, at)
            report = _checked(db, edu, mappings, place, held, settings.platform)
            _keep_checks(db, edu, place, report, run_id, at)
    return ModelReport(report.platform, edu, report.rows, report.checks, note="; ".join(notes))


def views_of(
    pipeline: Pipeline, kind: str, settings: ModelSettings, source: str, *, run_id: str, at: datetime
) -> ModelReport:
    """The same, where a database that refuses is no error: the report says what it said."""
    try:
        return make_views(pipeline, kind, settings, source, run_id=run_id, at=at)
    except LoadError as error:
        return ModelReport(settings.platform, DATASET, error=tagged(str(error), error.code))


def check_views(pipeline: Pipeline, kind: str, settings: ModelSettings, source: str) -> ModelReport | None:
    """Check the rows that the views hold of a source; None where no sync has made views of it. Nothing is written.

    Raises `LoadError` where the database cannot be asked.
    """
    from homeroom.dlt_seam.edu import opened

    mappings, edu = chosen_mappings(settings), edu_dataset(pipeline, kind)
    with errors_of_dlt(f"check the views of {edu}"), opened(pipeline) as db:
        place = Place(source, db.dataset, db.dialect, db.fold)
        if not db.can_run(translated(f'SELECT * FROM "{edu}".{SOURCES} LIMIT 0', place)):
            return None
        if source not in {part.source for part in _parts(db, edu, place)}:
            return None
        return _checked(db, edu, mappings, place, _held(pipeline, mappings), settings.platform)


def chosen_mappings(settings: ModelSettings) -> Mapping[str, EntityMapping]:
    """The mappings that a config asks for, by entity."""
    found = mappings_of(settings.platform)
    return {name: each for name, each in found.items() if settings.demographics or not each.entity.optional}


def _held(pipeline: Pipeline, mappings: Mapping[str, EntityMapping]) -> Held:
    from homeroom.dlt_seam.edu import storage_columns

    return storage_columns(pipeline, sorted({table for each in mappings.values() for table in each.reads}))


@dataclass(frozen=True, slots=True)
class _Part:
    """What a source has of an entity: a select in the database's dialect."""

    source: str
    dataset: str
    entity: str
    sql: str


def _remade(
    db: Database,
    edu: str,
    mappings: Mapping[str, EntityMapping],
    place: Place,
    held: Held,
    settings: ModelSettings,
    at: datetime,
) -> list[str]:
    """Make all views again; what is to be said of it."""
    db.make_dataset(edu)
    for table in _COLUMNS:
        _make_table(db, edu, table, place)
    known = _parts(db, edu, place)
    _refuse_moved(db, edu, known, place)
    read, notes = _readable(db, [part for part in known if part.source != place.source], place)
    selects = {name: select_of(each, place, held) for name, each in mappings.items()}
    with db.transaction():
        for entity in neutral_model().entities:  # before the tables below, on which they may rest
            db.run(f"DROP VIEW IF EXISTS {_table(edu, entity, place)}")
            db.run(f"DROP TABLE IF EXISTS {_own_table(edu, entity, place)}")
        mine = [_written(db, edu, name, sql, place, settings) for name, sql in selects.items()]
        _register(db, edu, mine, settings, place, at)
        _unite(db, edu, [*read, *mine], place)
    return notes


def _refuse_moved(db: Database, edu: str, known: Sequence[_Part], place: Place) -> None:
    """Raise `LoadError` where the source's rows are those of another dataset, which is still there.

    A trial or a replay beside it (`--dataset`), or another config of the name, would take the place of the real rows.
    """
    moved = [part for part in known if part.source == place.source and part.dataset != place.dataset]
    if moved and _readable(db, moved, place)[0]:
        raise LoadError(
            f"{place.source} in {edu} is of the dataset {moved[0].dataset}, and was left as it was: this run loaded "
            f"into {place.dataset}; give one of the two configs another name, or delete the rows of {place.source} "
            f"in {edu}.{SOURCES} if the dataset has moved",
            code="name-taken",
        )


def _written(db: Database, edu: str, entity: str, sql: str, place: Place, settings: ModelSettings) -> _Part:
    """The part of an entity, its rows written down where the config asks for that."""
    if settings.materialise:
        table = _own_table(edu, entity, place)
        db.run(f"CREATE TABLE {table} AS {sql}")
        sql = f"SELECT * FROM {table}"
    return _Part(place.source, place.dataset, entity, sql)


def _register(
    db: Database, edu: str, parts: Sequence[_Part], settings: ModelSettings, place: Place, at: datetime
) -> None:
    """Write down what this source has, in place of what it had."""
    table = _table(edu, SOURCES, place)
    db.run(f"DELETE FROM {table} WHERE {_name('source', place)} = %s", place.source)
    rows = [(part.source, settings.platform, part.dataset, part.entity, part.sql, at) for part in parts]
    _insert(db, edu, SOURCES, rows, place)


def _unite(db: Database, edu: str, parts: Sequence[_Part], place: Place) -> None:
    """Make each view over the parts of all sources; an optional entity has one where it has a part."""
    for entity in neutral_model().entities.values():
        view = _table(edu, entity.name, place)
        columns = ", ".join(_name(column, place) for column in entity.columns)
        own = sorted((part for part in parts if part.entity == entity.name), key=lambda part: part.source)
        if own or not entity.optional:
            over = [f"SELECT {columns} FROM ({part.sql}) AS p" for part in own]
            db.run(f"CREATE VIEW {view} AS {united(entity, over, place)}")


def _readable(db: Database, parts: Sequence[_Part], place: Place) -> tuple[list[_Part], list[str]]:
    """The parts of other sources that can be read as things are, and what is said of the others."""
    read, lost = [], set()
    for part in parts:
        entity = neutral_model().entities.get(part.entity)
        names = ", ".join(_name(column, place) for column in entity.columns) if entity else ""
        if names and db.can_run(f"SELECT {names} FROM ({part.sql}) AS p WHERE 1 = 0"):
            read.append(part)
        else:
            lost.add(part.source)
    notes = [
        f"{name} is left out: its tables are gone or are of an older model; sync it again" for name in sorted(lost)
    ]
    return [part for part in read if part.source not in lost], notes


def _parts(db: Database, edu: str, place: Place) -> list[_Part]:
    names = ", ".join(_name(column, place) for column in ("source", "dataset", "entity", "part"))
    return [_Part(*map(str, row)) for row in db.run(f"SELECT {names} FROM {_table(edu, SOURCES, place)}")]


def _checked(
    db: Database, edu: str, mappings: Mapping[str, EntityMapping], place: Place, held: Held, platform: str
) -> ModelReport:
    severities = neutral_model().severities
    rows: dict[str, int] = {}
    checks: list[ModelCheck] = []
    for query in queries_of(mappings, edu, place, held):
        counts = [int(value or 0) for value in db.run(query.sql)[0]]
        if query.counts_rows:
            rows[query.checks[0].entity] = counts.pop(0)
        for check, count in zip(query.checks, counts, strict=True):
            checks.append(ModelCheck(check.entity, check.kind, check.column, severities[check.kind], count))
    for name, mapping in mappings.items():
        if (asked := rows_there(mapping, place, held)) is not None:
            is_lost = not rows[name] and any(row[0] for row in db.run(asked))
            checks.append(ModelCheck(name, "rows", "", severities["rows"], int(is_lost)))
    return ModelReport(platform, edu, MappingProxyType(rows), tuple(checks))


def _keep_checks(db: Database, edu: str, place: Place, report: ModelReport, run_id: str, at: datetime) -> None:
    """Write down the checks of a source's last run, in place of those of the run before."""
    told = [
        (place.source, run_id, at, each.entity, each.kind, each.column, each.severity, each.violations)
        for each in report.checks
    ]
    with db.transaction():
        db.run(f"DELETE FROM {_table(edu, CHECKS, place)} WHERE {_name('source', place)} = %s", place.source)
        _insert(db, edu, CHECKS, told, place)


def _make_table(db: Database, edu: str, table: str, place: Place) -> None:
    columns = ", ".join(f"{name} {_KINDS.get(name, 'TEXT')}" for name in _COLUMNS[table])
    db.run(translated(f'CREATE TABLE IF NOT EXISTS "{edu}".{table} ({columns})', place))


def _insert(db: Database, edu: str, table: str, rows: Sequence[Sequence[Any]], place: Place) -> None:
    names = ", ".join(_name(column, place) for column in _COLUMNS[table])
    marks = f"({', '.join(['%s'] * len(_COLUMNS[table]))})"
    for row in _chunks(rows):
        statement = f"INSERT INTO {_table(edu, table, place)} ({names}) VALUES {', '.join([marks] * len(row))}"
        db.run(statement, *(value for each in row for value in each))


def _chunks(rows: Sequence[Sequence[Any]]) -> Iterator[Sequence[Sequence[Any]]]:
    """Fifty at once: of some databases one statement may have 2,100 values at most."""
    return (rows[begin : begin + 50] for begin in range(0, len(rows), 50))


def _table(edu: str, name: str, place: Place) -> str:
    from sqlglot import exp

    return exp.table_(place.fold(name), db=place.fold(edu), quoted=True).sql(dialect=place.dialect)


def _own_table(edu: str, entity: str, place: Place) -> str:
    """The table of a source's part, where its rows are written down."""
    return _table(edu, f"_{entity}_of_{place.source}", place)


def _name(column: str, place: Place) -> str:
    from sqlglot import exp

    return exp.to_identifier(place.fold(column), quoted=True).sql(dialect=place.dialect)
