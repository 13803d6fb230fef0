"""What must hold of rows before they go to dlt, and what a child row takes from its parent."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from homeroom.errors import DataError
from homeroom.values import Page

if TYPE_CHECKING:
    from homeroom.codes import Code


@dataclass(frozen=True, slots=True)
class RowRules:
    """What a resource's rows must obey. All names are column names, as dlt's naming convention makes them.

    `key` is the primary key, empty where there is none that is plain columns. `required` are the columns
    that may not be null; empty where steps of the user come after us and may still fill them. `namer`
    turns a key of a row into its column name.
    """

    key: tuple[str, ...]
    required: tuple[str, ...]
    namer: Callable[[str], str]


def with_parent_fields(rows: Sequence[Any], fields: Mapping[str, Any]) -> None:
    """Put the parent's fields into each child row, as dlt's `include_from_parent` does. Changes the rows.

    Raises `DataError` for a row that is no object.
    """
    if fields:
        for number, row in enumerate(rows, start=1):
            if not isinstance(row, dict):
                why = f"row {number} is no object, so it cannot take the parent's fields {', '.join(fields)}"
                raise DataError(f"{why}; check data_selector, or leave out include_from_parent")
            row.update(fields)


def check_required(page: Page, rows: Sequence[Any], rules: RowRules) -> None:
    """Raise `DataError` at the first null in a column that may have none; nothing of the page has gone on.

    A row that is no object has no columns; where none is required it goes on, as in dlt, under a column `value`.
    """
    if rules.required:
        _check_objects(page, rows)
    for column in rules.required:
        for number, row in enumerate(rows, start=1):
            if _value(row, column, rules.namer) is None:
                absent = "is missing" if _key_for(row, column, rules.namer) is None else "is null"
                where = f"{_where(page)}, row {number}"
                reason = required_reason(column, rules)
                words = f"{where}: column {column} {absent}, but {reason}"
                raise DataError(words, resource=page.resource, code=_code_of(column, rules))


def _code_of(column: str, rules: RowRules) -> Code:
    return "null-in-key" if column in rules.key else "null-in-column"


def null_column(row: Any, rules: RowRules) -> str | None:
    """The first column of a row that is null and may not be; None where there is none."""
    if not isinstance(row, dict):
        return None
    return next((column for column in rules.required if _value(row, column, rules.namer) is None), None)


def _check_objects(page: Page, rows: Sequence[Any]) -> None:
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            finds = f"check data_selector, which is {page.selector.text} here"
            words = f"{_where(page)}: row {number} is {_kind(row)}, not an object; {finds}"
            raise DataError(words, resource=page.resource)


def _where(page: Page) -> str:
    return f"resource {page.resource}, page {page.number} ({page.place})"


def _kind(row: Any) -> str:
    kinds = ((bool, "true or false"), (int | float, "a number"), (str, "a text"), (list, "a list"))
    return next((kind for types, kind in kinds if isinstance(row, types)), "null")


def required_reason(column: str, rules: RowRules) -> str:
    """Why a column may not be null, and what to do."""
    if column in rules.key:
        return "it is in the primary key; name columns that every row has as primary_key, or filter the row"
    allow = f"columns: {{{column}: {{nullable: true}}}}"
    return f"it is declared not null; allow it with {allow} or filter the row"


def keys_of(rows: Sequence[Any], rules: RowRules) -> list[Hashable] | None:
    """Each row's primary key, as something that can be counted; None without a key."""
    if not rules.key:
        return None
    if len(rules.key) == 1:
        column = rules.key[0]
        return [_hashable(_value(row, column, rules.namer)) for row in rows if isinstance(row, dict)]
    return [
        tuple(_hashable(_value(row, column, rules.namer)) for column in rules.key)
        for row in rows
        if isinstance(row, dict)
    ]


def is_null(key: Hashable) -> bool:
    """Whether a key, one of `keys_of`, is null or has a part that is."""
    return key is None or (isinstance(key, tuple) and None in key)


def _value(row: Mapping[str, Any], column: str, namer: Callable[[str], str]) -> Any:
    """The value of a column in a row; `profile__city` looks into the object `profile`. None where absent."""
    if column in row:
        return row[column]
    key = _key_for(row, column, namer)
    if key is not None:
        return row[key]
    for inner, value in row.items():
        prefix = namer(inner) + "__"
        if isinstance(value, dict) and column.startswith(prefix):
            return _value(value, column.removeprefix(prefix), namer)
    return None


def _key_for(row: Mapping[str, Any], column: str, namer: Callable[[str], str]) -> str | None:
    if column in row:
        return column
    return next((key for key in row if namer(key) == column), None)


def _hashable(value: Any) -> Hashable:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS) if isinstance(value, dict | list) else value


def column_values(rows: Sequence[Any], column: str, namer: Callable[[str], str]) -> list[Any]:
    """The value of a column in each row, None where it is null or missing."""
    return [_value(row, column, namer) if isinstance(row, dict) else None for row in rows]
