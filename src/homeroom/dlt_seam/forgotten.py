"""Taking a person out of the tables of a pipeline, and the table of those who are forgotten."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from dlt.common.destination.exceptions import DestinationUndefinedEntity
from dlt.common.schema import Schema
from dlt.common.schema.utils import is_complete_column
from dlt.destinations.sql_client import SqlClientBase
from dlt.pipeline.pipeline import Pipeline

from homeroom.dlt_seam.conditions import Rows
from homeroom.dlt_seam.tables import write_rows
from homeroom.privacy_values import Act

TOMBSTONES = "_homeroom_forgotten"
COLUMNS: Mapping[str, tuple[str, bool]] = {
    "name": ("text", False),
    "hash": ("text", False),
    "key_mark": ("text", False),
    "resource": ("text", True),
    "forgotten_at": ("timestamp", True),
}
_VARIANT = "__v_"
_SEPARATOR = "__"
_BIGINTS = 1 << 63
_WHOLE = re.compile(r"0|-?[1-9][0-9]*")


@dataclass(frozen=True, slots=True)
class Removed:
    """What became of `rows` of a table: `deleted`, or `cleared` of the person in `columns`."""

    table: str
    act: str
    rows: int
    columns: tuple[str, ...] = ()


@dataclass(slots=True)
class _Doomed:
    """What is to be done in one table. `columns` are those to empty, by the condition of their rows."""

    table: str
    deleted: list[Rows] = field(default_factory=list)
    cleared: list[tuple[Rows, tuple[str, ...]]] = field(default_factory=list)

    @property
    def gone(self) -> Rows | None:
        """The rows that go."""
        return _either(self.deleted) if self.deleted else None


def remove_person(
    pipeline: Pipeline, schema: Schema, act_of: Callable[[str, str], Act], ids: Sequence[str], *, dry: bool
) -> Iterator[Removed]:
    """Take a person out of all tables, one family of tables in one transaction; `dry`: only count.

    `ids` are the forms in which the id may stand in a column. Rows of nested tables go with theirs.
    """
    tables = list(schema.data_tables(seen_data_only=True))
    with pipeline.sql_client() as client:
        for root in [table for table in tables if not table.get("parent")]:
            family = [each for each in tables if _root_of(schema, each) == root["name"]]
            yield from _removed(client, _planned(schema, client, family, act_of, ids), dry=dry)


def columns_of_persons(schema: Schema, act_of: Callable[[str, str], Act]) -> list[str]:
    """The columns that hold ids of persons, as `table.column`."""
    tables = schema.data_tables(seen_data_only=True)
    held = [(str(table["name"]), name, told) for table in tables for name, told in table["columns"].items()]
    known = [(table, name.partition(_VARIANT)[0]) for table, name, told in held if is_complete_column(told)]
    return list(dict.fromkeys(f"{table}.{name}" for table, name in known if act_of(table, name) != "keep"))


def _root_of(schema: Schema, table: Any) -> str:
    while table.get("parent"):
        table = schema.tables[table["parent"]]
    return str(table["name"])


def _planned(
    schema: Schema,
    client: SqlClientBase[Any],
    family: Sequence[Any],
    act_of: Callable[[str, str], Act],
    ids: Sequence[str],
) -> list[_Doomed]:
    """What is to be done in a root table and those nested in it, each behind its parent."""
    planned: dict[str, _Doomed] = {}
    for table in sorted(family, key=lambda each: str(each["name"])):
        doomed = planned[str(table["name"])] = _Doomed(str(table["name"]))
        if (parent := planned.get(str(table.get("parent")))) is not None:
            gone = parent.gone
            lost = [
                *([] if gone is None else [gone]),
                *(rows for rows, part in parent.cleared if _is_of(doomed, parent, part)),
            ]
            doomed.deleted += [_of_parents(schema, client, parent.table, rows) for rows in lost]
        _plan_table(doomed, table, client, act_of, ids)
    return [doomed for doomed in planned.values() if doomed.deleted or doomed.cleared]


def _plan_table(
    doomed: _Doomed, table: Any, client: SqlClientBase[Any], act_of: Callable[[str, str], Act], ids: Sequence[str]
) -> None:
    columns = {name: told for name, told in table["columns"].items() if is_complete_column(told)}
    for name, told in columns.items():
        act = act_of(doomed.table, name.partition(_VARIANT)[0])
        rows = None if act == "keep" else _with_ids(client, name, str(told["data_type"]), ids)
        if rows is None:
            continue
        emptied = _emptied(name.partition(_VARIANT)[0], columns) if act == "clear" else ()
        if act == "delete" or any(not columns[each].get("nullable", True) for each in emptied):
            doomed.deleted.append(rows)
        else:
            doomed.cleared.append((rows, emptied))


def _emptied(column: str, columns: Collection[str]) -> tuple[str, ...]:
    """The columns that say something of the person whom one of them names: all of its object, or that one alone."""
    prefix = column.rpartition(_SEPARATOR)[0]
    if prefix:
        return tuple(each for each in columns if each.startswith(prefix + _SEPARATOR))
    return tuple(each for each in columns if each == column or each.startswith(column + _VARIANT))


def _is_of(nested: _Doomed, parent: _Doomed, columns: Sequence[str]) -> bool:
    """Whether a nested table is made of a list in the object that these columns of its parent are of."""
    prefixes = {each.partition(_VARIANT)[0].rpartition(_SEPARATOR)[0] for each in columns} - {""}
    return any(nested.table.startswith(f"{parent.table}{_SEPARATOR}{prefix}{_SEPARATOR}") for prefix in prefixes)


def _of_parents(schema: Schema, client: SqlClientBase[Any], parent: str, rows: Rows) -> Rows:
    row_id, parent_id = (
        client.escape_column_name(schema.naming.normalize_identifier(name)) for name in ("_dlt_id", "_dlt_parent_id")
    )
    name = client.make_qualified_table_name(parent)
    return Rows(f"{parent_id} IN (SELECT {row_id} FROM {name} WHERE {rows.where})", rows.values)


def _either(parts: Sequence[Rows]) -> Rows:
    where = " OR ".join(f"({part.where})" for part in parts)
    return Rows(f"({where})", tuple(value for part in parts for value in part.values))


def _with_ids(client: SqlClientBase[Any], column: str, kind: str, ids: Sequence[str]) -> Rows | None:
    """Rows with one of the ids in a column; None where its type can hold none of them."""
    values = [value for each in ids if (value := _as_type(kind, each)) is not None]
    if not values:
        return None
    marks = ", ".join(["%s"] * len(values))
    return Rows(f"{client.escape_column_name(column)} IN ({marks})", tuple(values))


def _as_type(kind: str, text: str) -> Any:
    """An id as a column of that type has it; None where none does: `007`, `7.0` and `1e1` are no whole number's id."""
    if kind == "text":
        return text
    if not _WHOLE.fullmatch(text):
        return None
    if kind in ("bigint", "wei"):
        number = int(text)
        return number if kind == "wei" or -_BIGINTS <= number < _BIGINTS else None
    return Decimal(text) if kind == "decimal" else float(text) if kind == "double" else None


def _removed(client: SqlClientBase[Any], planned: Sequence[_Doomed], *, dry: bool) -> list[Removed]:
    """Do it, and say what was done: from the innermost table up, because a row tells by its parent whose it is."""
    done: list[Removed] = []
    acts: list[tuple[str, tuple[Any, ...]]] = []
    for doomed in planned:
        name, gone = client.make_qualified_table_name(doomed.table), doomed.gone
        if gone is not None and (count := _count(client, name, gone)):
            done.append(Removed(doomed.table, "deleted", count))
            acts.insert(0, (f"DELETE FROM {name} WHERE {gone.where}", gone.values))
        for rows, columns in doomed.cleared:
            left = rows if gone is None else rows & Rows(f"CASE WHEN {gone.where} THEN 1 ELSE 0 END = 0", gone.values)
            if count := _count(client, name, left):
                done.append(Removed(doomed.table, "cleared", count, columns))
                emptied = ", ".join(f"{client.escape_column_name(column)} = NULL" for column in columns)
                acts.append((f"UPDATE {name} SET {emptied} WHERE {rows.where}", rows.values))
    if acts and not dry:
        with client.begin_transaction():
            for sql, values in acts:
                client.execute_sql(sql, *values)
    return done


def _count(client: SqlClientBase[Any], name: str, rows: Rows) -> int:
    try:
        return int((client.execute_sql(f"SELECT COUNT(*) FROM {name} WHERE {rows.where}", *rows.values) or [[0]])[0][0])
    except DestinationUndefinedEntity:
        return 0


def empty_staging(pipeline: Pipeline, schema: Schema, *, dry: bool) -> int:
    """Delete all rows that lie in the staging dataset: between two loads nobody needs them. How many."""
    rows = 0
    with pipeline.sql_client() as client, client.with_staging_dataset():
        if not client.has_dataset():
            return 0
        for table in schema.data_tables(seen_data_only=True):
            name = client.make_qualified_table_name(str(table["name"]))
            if count := _count(client, name, Rows()):
                rows += count
                if not dry:
                    client.execute_sql(f"DELETE FROM {name} WHERE 1 = 1")
    return rows


def rejected_rows(pipeline: Pipeline, table: str) -> list[tuple[str, str]]:
    """The texts of the rows that contracts kept out of their tables, each with its resource."""
    with pipeline.sql_client() as client:
        columns = ", ".join(map(client.escape_column_name, ("resource", "row")))
        try:
            found = client.execute_sql(f"SELECT DISTINCT {columns} FROM {client.make_qualified_table_name(table)}")
        except DestinationUndefinedEntity:
            return []
    return [(str(resource), str(text)) for resource, text in found or () if text is not None]


def drop_rejected(pipeline: Pipeline, table: str, texts: Sequence[str], *, dry: bool) -> int:
    """Delete the rejected rows with these texts; how many."""
    rows = 0
    with pipeline.sql_client() as client:
        name, row = client.make_qualified_table_name(table), client.escape_column_name("row")
        for text in texts:
            rows += _count(client, name, Rows(f"{row} = %s", (text,)))
            if not dry:
                client.execute_sql(f"DELETE FROM {name} WHERE {row} = %s", text)
    return rows


def bury(pipeline: Pipeline, hash_: str, key_mark: str, resource: str, at: datetime) -> None:
    """Note that somebody is forgotten; nothing where that is noted already."""
    if hash_ not in buried(pipeline).get(key_mark, ()):
        row = (pipeline.pipeline_name, hash_, key_mark, resource, at)
        write_rows(pipeline, {TOMBSTONES: COLUMNS}, {TOMBSTONES: [row]})


def buried(pipeline: Pipeline) -> dict[str, set[str]]:
    """The hashes of those whom this pipeline has forgotten, by the mark of the key that made them.

    Another config may load into the same dataset, where the same id is somebody else's.
    """
    found: dict[str, set[str]] = {}
    with pipeline.sql_client() as client:
        columns = ", ".join(map(client.escape_column_name, ("hash", "key_mark")))
        own = f"{client.escape_column_name('name')} = %s"
        sql = f"SELECT {columns} FROM {client.make_qualified_table_name(TOMBSTONES)} WHERE {own}"
        try:
            rows = client.execute_sql(sql, pipeline.pipeline_name) or ()
        except DestinationUndefinedEntity:
            return found
    for hash_, mark in rows:
        found.setdefault(str(mark), set()).add(str(hash_))
    return found
