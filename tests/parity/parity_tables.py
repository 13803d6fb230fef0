"""What two DuckDB datasets have in common, by the rule of the design: generated ids do not count."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import dlt

GENERATED = frozenset({"row_key", "parent_key", "root_key"})
LOADED_AT = frozenset({"_dlt_load_id"})
FOR_EVER = 9999

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Tables:
    """One dataset. Each mapping is by table name; rows are JSON texts without generated columns.

    `links` holds each row of a nested table with its parent's and its root's row.
    """

    hints: Mapping[str, Mapping[str, Any]]
    columns: Mapping[str, Mapping[str, Mapping[str, Any]]]
    types: Mapping[str, Mapping[str, str]]
    rows: Mapping[str, Counter[str]]
    links: Mapping[str, Counter[str]]

    def family(self, root: str) -> frozenset[str]:
        """The table and those nested in it."""
        return frozenset(name for name in self.hints if self._root_of(name) == root)

    def _root_of(self, name: str) -> str:
        parent = self.hints[name].get("parent")
        return name if parent is None else self._root_of(parent)


def read_tables(pipeline: dlt.Pipeline) -> Tables:
    """The data tables of a pipeline's default schema, as the schema says and as the database has them."""
    stored = {table["name"]: dict(table) for table in pipeline.default_schema.data_tables()}
    columns = {name: dict(table.pop("columns")) for name, table in stored.items()}
    with pipeline.sql_client() as client:
        found = {name: _fetched(client, name) for name in stored}
    return Tables(
        hints=stored,
        columns=columns,
        types={name: types for name, (types, _) in found.items()},
        rows={name: Counter(_natural(columns[name], row) for row in rows) for name, (_, rows) in found.items()},
        links=_links(stored, columns, {name: rows for name, (_, rows) in found.items()}),
    )


def _fetched(client: Any, table: str) -> tuple[dict[str, str], list[Row]]:
    with client.execute_query(f"SELECT * FROM {client.make_qualified_table_name(table)}") as cursor:
        described = cursor.description
        names = [column[0] for column in described]
        return {c[0]: str(c[1]) for c in described}, [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _natural(columns: Mapping[str, Any], row: Row) -> str:
    kept = {k: v for k, v in row.items() if k not in LOADED_AT and not GENERATED & set(columns.get(k, ()))}
    for name in kept.keys() & columns.keys():
        if "x-valid-from" in columns[name]:
            kept[name] = "then"
        elif "x-valid-to" in columns[name]:
            kept[name] = "open" if kept[name] is None or kept[name].year == FOR_EVER else "closed"
    return json.dumps(kept, sort_keys=True, default=repr)


def _links(
    hints: Mapping[str, Any], columns: Mapping[str, Any], rows: Mapping[str, list[Row]]
) -> dict[str, Counter[str]]:
    by_id = {name: {row["_dlt_id"]: row for row in held if "_dlt_id" in row} for name, held in rows.items()}

    def chain(name: str, row: Row | None) -> list[str]:
        if row is None:
            return ["an orphan"]
        own, parent = _natural(columns[name], row), hints[name].get("parent")
        return [own] if parent is None else [own, *chain(parent, by_id[parent].get(row["_dlt_parent_id"]))]

    def root(name: str, row: Row) -> list[str]:
        while (parent := hints[name].get("parent")) is not None:
            name = parent
        return chain(name, by_id[name].get(row["_dlt_root_id"])) if "_dlt_root_id" in row else []

    nested = [name for name in rows if hints[name].get("parent") is not None]
    return {name: Counter(json.dumps([chain(name, row), root(name, row)]) for row in rows[name]) for name in nested}


def compare_tables(left: Tables, right: Tables, only: Iterable[str] | None = None) -> list[str]:
    """Every difference, in words; empty where the datasets are the same. `only`: root tables to look at."""
    roots = None if only is None else list(only)
    names = _names(left, roots), _names(right, roots)
    found = [f"table {name} is only on the {side}" for side, name in _one_sided(*names)]
    for name in sorted(names[0] & names[1]):
        found += _differing(f"{name}: hint", left.hints[name], right.hints[name])
        found += _differing(f"{name}: column", left.columns[name], right.columns[name])
        found += _differing(f"{name}: type of", left.types[name], right.types[name])
        found += _counted(f"{name}: row", left.rows[name], right.rows[name])
        found += _counted(f"{name}: link", left.links.get(name, Counter()), right.links.get(name, Counter()))
    return found


def _names(tables: Tables, roots: list[str] | None) -> frozenset[str]:
    return frozenset(tables.hints) if roots is None else frozenset(n for root in roots for n in tables.family(root))


def _one_sided(left: Iterable[str], right: Iterable[str]) -> list[tuple[str, str]]:
    here, there = set(left), set(right)
    return [("left", name) for name in sorted(here - there)] + [("right", name) for name in sorted(there - here)]


def _differing(what: str, left: Mapping[str, Any], right: Mapping[str, Any]) -> list[str]:
    keys = sorted(key for key in {*left, *right} if left.get(key) != right.get(key))
    return [f"{what} {key}: {left.get(key)} | {right.get(key)}" for key in keys]


def _counted(what: str, left: Counter[str], right: Counter[str]) -> list[str]:
    less, more = left - right, right - left
    return [f"{what} only left: {row}" for row in less] + [f"{what} only right: {row}" for row in more]
