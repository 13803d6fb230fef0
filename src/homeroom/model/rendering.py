"""SQL of the model's views in the destination's dialect: from mappings, and from what the database holds."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from homeroom.model.declaration import Column, Entity, Type
from homeroom.model.mapping import DIALECT, EntityMapping, parsed, platform_tables

if TYPE_CHECKING:
    from sqlglot import exp

Held = Mapping[str, Collection[str]]
"""The tables of a platform's dataset that the database has, and the columns of each."""

TYPES: Mapping[Type, str] = {
    "text": "TEXT",
    "texts": "TEXT[]",
    "boolean": "BOOLEAN",
    "bigint": "BIGINT",
    "double": "DOUBLE",
    "decimal": "DECIMAL(12, 4)",
    "date": "DATE",
    "timestamp": "TIMESTAMPTZ",
    "json": "JSON",
}

_UNTRIED = ("postgres",)
"""Dialects in which a cast cannot be tried: there the value is looked at as text first."""

_LOOKS_LIKE: Mapping[str, str] = {
    "BOOLEAN": r"^(true|false|t|f|yes|no|y|n|on|off|1|0)$",
    "BIGINT": r"^[-+]?\d{1,18}(\.0*)?$",
    "DOUBLE": r"^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,2})?$",
    "DECIMAL": r"^[-+]?(\d{1,8}(\.\d*)?|\.\d+)([eE]-\d{1,2})?$",
    "DATE": r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])([ T].*)?$",
    "TIMESTAMPTZ": r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])([ T]\d{2}:\d{2}.*)?$",
}
"""By sqlglot's name of the type. A day that its month has not passes, and is an error of the database's."""


_VALID_TO = "_dlt_valid_to"
"""When a version of a row ended (scd2): NULL of an active one, or a day far off where the config says so."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the rows of one source are: its name, the dataset of its tables, and the destination's dialect.

    `fold` gives an identifier the case in which the destination keeps it.
    """

    source: str
    dataset: str
    dialect: str
    fold: Callable[[str], str] = str


def select_of(mapping: EntityMapping, place: Place, held: Held) -> str:
    """What one source has of an entity: all columns, in its order, each of its declared type."""
    columns = [f"{_value(each, mapping, place)} AS {each.name}" for each in mapping.entity.columns.values()]
    return translated(f"SELECT {', '.join(columns)} FROM ({_over(mapping, place, held)}) AS m", place)


def misfits_of(mapping: EntityMapping, place: Place, held: Held) -> tuple[tuple[str, ...], str] | None:
    """Columns whose values may not be of their type, and a select of one row that counts those that are not.

    None where all fit by themselves.
    """
    fallible = tuple(each for each in mapping.entity.columns.values() if each.name in mapping.gives and _is_tried(each))
    if not fallible:
        return None
    counts = [f"COUNT(CASE WHEN NOT m.{c.name} IS NULL AND {_cast(c)} IS NULL THEN 1 END)" for c in fallible]
    sql = translated(f"SELECT {', '.join(counts)} FROM ({_over(mapping, place, held)}) AS m", place)
    return tuple(each.name for each in fallible), sql


def united(entity: Entity, parts: Sequence[str], place: Place) -> str:
    """The query of an entity's view over the parts of all sources, which are in the dialect; no rows without parts."""
    if parts:
        return " UNION ALL ".join(parts)
    columns = ", ".join(f"CAST(NULL AS {TYPES[each.type]}) AS {each.name}" for each in entity.columns.values())
    return translated(f"SELECT {columns} WHERE FALSE", place)


def translated(sql: str, place: Place) -> str:
    """A query in DuckDB's dialect as the destination takes it; each name in quotes, as it is kept there."""
    import sqlglot
    from sqlglot import exp

    query = sqlglot.parse_one(sql, dialect=DIALECT)
    for name in query.find_all(exp.Identifier):
        name.set("this", place.fold(name.name))
        name.set("quoted", True)
    if place.dialect in _UNTRIED:
        query = query.transform(_untried).transform(_built)
    return query.sql(dialect=place.dialect)


def literal(text: str) -> str:
    """The text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def _over(mapping: EntityMapping, place: Place, held: Held) -> str:
    """The mapping over the tables that there are: a column that is missing is NULL, a table that is has no rows."""
    query = parsed(mapping.sql)
    for table in list(platform_tables(query)):
        table.replace(_stand_in(table, mapping.reads[table.name], place, held))
    return query.sql(dialect=DIALECT)


def _stand_in(table: exp.Table, wanted: Iterable[str], place: Place, held: Held) -> exp.Expression:
    from sqlglot import exp

    name, alias = table.name, table.alias_or_name
    if (columns := held.get(place.fold(name))) is None:
        nothing = ", ".join(f'CAST(NULL AS TEXT) AS "{each}"' for each in sorted(wanted)) or "NULL AS nothing"
        return parsed(f"SELECT {nothing} WHERE FALSE").subquery(alias)
    read = [_read(each, columns, place) for each in sorted(wanted)]
    ended = place.fold(_VALID_TO) in columns
    if not ended and all(sql == f't."{each}"' for each, sql in zip(sorted(wanted), read, strict=True)):
        return exp.table_(name, db=place.dataset, alias=alias)
    listed = ", ".join(f'{sql} AS "{each}"' for each, sql in zip(sorted(wanted), read, strict=True))
    there = exp.table_(name, db=place.dataset, quoted=True, alias="t").sql(dialect=DIALECT)
    active = f' WHERE t."{_VALID_TO}" IS NULL OR t."{_VALID_TO}" > CURRENT_TIMESTAMP' if ended else ""
    return parsed(f"SELECT {listed or '1 AS nothing'} FROM {there}{active}").subquery(alias)


def _read(column: str, columns: Collection[str], place: Place) -> str:
    """A column of a platform's table; with its variants, which dlt makes for values of another type, as text."""
    known = [column] if place.fold(column) in columns else []
    variants = sorted(each for each in columns if each.lower().startswith(f"{column.lower()}__v_"))
    if variants:
        texts = [f'CAST(t."{each}" AS TEXT)' for each in (*known, *variants)]
        return f"COALESCE({', '.join(texts)})"
    return f't."{column}"' if known else "CAST(NULL AS TEXT)"


def _value(column: Column, mapping: EntityMapping, place: Place) -> str:
    if column.name == "source":
        return literal(place.source)
    if column.name == "state":
        said = "COALESCE(m.state, 'active')" if "state" in mapping.gives else "'active'"
        return (
            f"CASE WHEN NOT m.deleted_at IS NULL THEN 'deleted' ELSE {said} END"
            if "deleted_at" in mapping.gives
            else said
        )
    return _cast(column) if column.name in mapping.gives else f"CAST(NULL AS {TYPES[column.type]})"


def _cast(column: Column) -> str:
    way = "TRY_CAST" if _is_tried(column) else "CAST"
    return f"{way}(m.{column.name} AS {TYPES[column.type]})"


def _is_tried(column: Column) -> bool:
    return column.type not in ("text", "texts", "json")


def _untried(node: exp.Expression) -> exp.Expression:
    """A cast where the value looks as if it could be cast, NULL where it does not."""
    from sqlglot import exp

    if not isinstance(node, exp.TryCast):
        return node
    to = node.to
    pattern = _LOOKS_LIKE.get(to.this.name)
    if pattern is None:
        return exp.cast(node.this, to)
    text = exp.func("TRIM", exp.cast(node.this, "TEXT"))
    number = exp.cast(text.copy(), "DECIMAL") if to.this == exp.DataType.Type.BIGINT else text.copy()
    looks = exp.RegexpILike(this=text, expression=exp.Literal.string(pattern))
    return exp.case().when(looks, exp.cast(number, to))


def _built(node: exp.Expression) -> exp.Expression:
    """PostgreSQL's own function for an object, which all of its versions have."""
    from sqlglot import exp

    if not isinstance(node, exp.JSONObject):
        return node
    parts = [each for pair in node.expressions for each in (pair.this, pair.expression)]
    return exp.Anonymous(this="JSON_BUILD_OBJECT", expressions=parts)
