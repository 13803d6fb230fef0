"""Which rows of a table are meant, as conditions in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dlt.common.schema import Schema
from dlt.common.schema.typing import C_DLT_LOAD_ID
from dlt.destinations.sql_client import SqlClientBase

DELETED_AT = "_deleted_at"
"""The column of soft deletes: when a run first missed the row, null while it is there."""


@dataclass(frozen=True, slots=True)
class Rows:
    """A condition, and the values in it."""

    where: str = "1 = 1"
    values: tuple[Any, ...] = ()

    def __and__(self, other: Rows) -> Rows:
        return Rows(f"{self.where} AND {other.where}", (*self.values, *other.values))


def is_marked(schema: Schema, table: str) -> bool:
    """Whether a table has the column of soft deletes."""
    return table in schema.tables and DELETED_AT in schema.tables[table]["columns"]


def column_of(schema: Schema, table: str, path: str) -> str | None:
    """The column that a field of a row (`a.b` for one inside of an object) lies in; None where the table has none."""
    column = schema.naming.normalize_path(path.replace(".", schema.naming.PATH_SEPARATOR))
    held = schema.tables[table]["columns"] if table in schema.tables else {}
    return column if "data_type" in held.get(column, {}) else None  # without a type there was no value yet


def live(schema: Schema, table: str, client: SqlClientBase[Any], alias: str = "") -> Rows:
    """Rows that are not marked as deleted; `alias` (`t.`) where the statement has given the table one."""
    return Rows(f"{alias}{client.escape_column_name(DELETED_AT)} IS NULL") if is_marked(schema, table) else Rows()


def older(schema: Schema, client: SqlClientBase[Any], load_id: str) -> Rows:
    """Rows that another load than this one has written last."""
    column = client.escape_column_name(schema.naming.normalize_identifier(C_DLT_LOAD_ID))
    return Rows(f"({column} <> %s OR {column} IS NULL)", (load_id,))


def valued(client: SqlClientBase[Any], columns: Sequence[str], found: Sequence[Sequence[Any]]) -> Rows:
    """Rows that have one of these values, or rows of values, in these columns."""
    names = [client.escape_column_name(column) for column in columns]
    if len(names) == 1:
        marks = ", ".join(["%s"] * len(found))
        return Rows(f"{names[0]} IN ({marks})", tuple(values[0] for values in found))
    one = " AND ".join(f"{name} = %s" for name in names)
    alternatives = " OR ".join([f"({one})"] * len(found))
    return Rows(f"({alternatives})", tuple(value for values in found for value in values))
