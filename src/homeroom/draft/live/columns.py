"""The columns that a sample of rows makes: types and nulls as dlt's own normaliser sees them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from homeroom.dlt_seam.inferred import InferredColumn, inferred_columns
from homeroom.draft.live.envelope import Row
from homeroom.draft.values import Column
from homeroom.personal import look


def columns_of(name: str, rows: Sequence[Row], key: Sequence[str]) -> tuple[Column, ...]:
    """The columns of a resource and of the tables nested in it.

    Types are declared, so that a first page of nulls makes no difference. That a column is never null is declared of
    the primary key alone, since no sample can prove it.
    """
    if not rows:
        return ()
    found = inferred_columns(name, rows)
    own = found[0].table if found else name
    keys = _key_columns(name, rows, key)
    variants = {(each.table, each.name.partition("__v_")[0]) for each in found if "__v_" in each.name}
    return tuple(_columns(found, own, keys, variants))


def _columns(
    found: Sequence[InferredColumn], own: str, keys: set[str], variants: set[tuple[str, str]]
) -> Iterator[Column]:
    for each in found:
        table = "" if each.table == own else each.table
        several = (each.table, each.name) in variants
        if "__v_" in each.name:
            continue
        is_key = not table and each.name in keys
        evidence = "values of several types came" if several else "" if is_key else _nulls(each)
        declared = not table and not several and each.data_type is not None
        personal = look(each.table, each.name, each.values)
        yield Column(each.name, each.data_type, False if is_key else None, evidence, table, declared, personal)


def _nulls(column: InferredColumn) -> str:
    empty, rows = column.rows - column.filled, f"{column.rows:,} {'row' if column.rows == 1 else 'rows'}"
    if not column.filled:
        return f"always null in {rows}"
    return f"null or missing in {empty:,} of {rows}" if empty else f"never null in {rows}"


def _key_columns(name: str, rows: Sequence[Row], key: Sequence[str]) -> set[str]:
    """The key as columns: it is given as fields of the rows."""
    only: list[dict[str, Any]] = [{field: rows[0][field] for field in key if field in rows[0]}]
    return {each.name for each in inferred_columns(name, only)} if only[0] else set()
