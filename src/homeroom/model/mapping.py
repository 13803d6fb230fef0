"""Mappings: for each platform and entity one select over the platform's tables, in DuckDB's dialect.

`<platform>/<entity>.sql` names the tables as the shipped config of the platform makes them, each with an alias, and
each column by its alias. What it does not give is NULL. CONTRIBUTING.md says how one is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import TYPE_CHECKING

from homeroom.model.declaration import Entity, neutral_model

if TYPE_CHECKING:
    from sqlglot import exp

DIALECT = "duckdb"
QUESTIONS = "questions"
"""The folder beside those of the platforms that holds the ready questions."""


@dataclass(frozen=True, slots=True)
class EntityMapping:
    """One select. `gives` are the columns it has; `reads` the platform's tables, and which columns of each."""

    platform: str
    entity: Entity
    sql: str
    gives: frozenset[str]
    reads: Mapping[str, frozenset[str]]
    begins_with: frozenset[str]
    """The tables whose rows it is made of, with nothing left out: where these have rows, it should have some."""


def mapped_platforms() -> tuple[str, ...]:
    """The platforms that the neutral model has mappings of, sorted."""
    return tuple(sorted(each.name for each in _root().iterdir() if _is_platform(each)))


@cache
def mappings_of(platform: str) -> Mapping[str, EntityMapping]:
    """By entity, in the model's order. Raises ValueError where a file is no mapping, saying which and why."""
    entities = neutral_model().entities
    texts = {
        file.name.removesuffix(".sql"): file.read_text(encoding="utf-8") for file in _sql_files(_root() / platform)
    }
    if unknown := sorted(texts.keys() - entities.keys()):
        raise ValueError(f"{platform}/{unknown[0]}.sql: the model has no such entity; it has {', '.join(entities)}")
    found = {name: read_mapping(platform, entities[name], texts[name]) for name in entities if name in texts}
    return MappingProxyType(found)


def read_mapping(platform: str, entity: Entity, sql: str) -> EntityMapping:
    """The mapping that a text is. Raises ValueError where it is none."""
    from sqlglot.errors import SqlglotError

    try:
        query = parsed(sql)
        gives = frozenset(query.named_selects)
        tables = aliased(query)
    except (SqlglotError, ValueError) as error:
        raise ValueError(f"{platform}/{entity.name}.sql: {error}") from None
    if unknown := sorted(gives - entity.columns.keys()):
        raise ValueError(f"{platform}/{entity.name}.sql: {entity.name} has no column {', '.join(unknown)}")
    if "id" not in gives or "source" in gives:
        raise ValueError(f"{platform}/{entity.name}.sql: gives id, and not source, which is the config's name")
    reads: dict[str, set[str]] = {table: set() for table in tables.values()}
    for alias, column in _columns(query):
        if alias in tables:
            reads[tables[alias]].add(column)
    return EntityMapping(
        platform=platform,
        entity=entity,
        sql=sql,
        gives=gives,
        reads=MappingProxyType({table: frozenset(columns) for table, columns in reads.items()}),
        begins_with=frozenset(_first_tables(query, query)),
    )


def parsed(sql: str) -> exp.Query:
    """The query that a mapping's text is. Raises ValueError, or sqlglot's error, where it is none."""
    import sqlglot
    from sqlglot import exp

    found = sqlglot.parse_one(sql, dialect=DIALECT)
    if not isinstance(found, exp.Query):
        raise ValueError("is no select")
    return found


def aliased(query: exp.Query) -> dict[str, str]:
    """The platform's tables in a query, by the alias of each. Raises ValueError where two have the same alias."""
    found: dict[str, str] = {}
    for table in platform_tables(query):
        if found.setdefault(table.alias_or_name, table.name) != table.name:
            raise ValueError(f"the alias {table.alias_or_name} is of two tables")
    return found


def platform_tables(query: exp.Query) -> Iterator[exp.Table]:
    """The places in a query where a table of the platform stands, not one that the query itself names (`WITH`)."""
    from sqlglot import exp

    own = {each.alias for each in query.find_all(exp.CTE)}
    return (each for each in [*query.find_all(exp.Table)] if each.name not in own)


def _columns(query: exp.Query) -> Iterator[tuple[str, str]]:
    from sqlglot import exp

    for column in query.find_all(exp.Column):
        if not column.table and not column.find_ancestor(exp.Lambda, exp.Order):
            raise ValueError(f"the column {column.name} is of no alias")
        yield column.table, column.name


def _first_tables(part: object, query: exp.Query) -> Iterator[str]:
    from sqlglot import exp

    if isinstance(part, exp.SetOperation):
        yield from _first_tables(part.left, query)
        yield from _first_tables(part.right, query)
    elif isinstance(part, exp.Subquery):
        yield from _first_tables(part.this, query)
    elif isinstance(part, exp.Table):
        named = {each.alias: each.this for each in query.find_all(exp.CTE)}
        yield from _first_tables(named[part.name], query) if part.name in named else [part.name]
    elif isinstance(part, exp.Select) and part.args.get("where") is None and (begin := part.args.get("from_")):
        yield from _first_tables(begin.this, query)


def _is_platform(folder: Traversable) -> bool:
    return folder.is_dir() and folder.name != QUESTIONS and any(_sql_files(folder))


def _sql_files(folder: Traversable) -> list[Traversable]:
    return [each for each in folder.iterdir() if each.name.endswith(".sql")]


def _root() -> Traversable:
    return files("homeroom.model")
