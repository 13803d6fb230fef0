"""The casts of each resource on its pages, and the types that they give to columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import msgspec

from homeroom.dlt_seam import extraction as seam
from homeroom.dlt_seam.cast_types import declared_types, give_types, stored_types
from homeroom.errors import DataError
from homeroom.source.casts import TooLargeError, cast_rows, cast_text
from homeroom.source.pages import Source
from homeroom.values import FieldCast, Page


class Casting:
    """The casts of all resources of a source; of the thread that dlt pulls in."""

    def __init__(self, casts: Mapping[str, Sequence[FieldCast]]) -> None:
        self._casts = casts
        self._held: dict[str, Sequence[FieldCast]] = {}
        self._remarks: dict[str, str] = {}

    def begin(self, name: str, namer: Callable[[str], str]) -> None:
        """Pages of a resource are about to come: their columns get the types that the casts make.

        A column that its table has with another type keeps that, and what the API gives: half of its values would
        else be in another column.
        """
        casts = self._casts.get(name, ())
        resource, schema = seam.current_resource(name), seam.current_schema()
        self._remarks.pop(name, None)
        if not casts or resource is None or schema is None:
            self._held[name] = casts
            return
        stored, declared = stored_types(resource, schema), declared_types(resource, namer)
        typed = {namer(each.keys[0]): each for each in casts if len(each.keys) == 1 and each.data_type}
        others = {name: each for name, each in typed.items() if stored.get(name, each.data_type) != each.data_type}
        self._held[name] = [each for each in casts if not any(each is other for other in others.values())]
        fresh = {name: str(each.data_type) for name, each in typed.items() if name not in {**others, **declared}}
        give_types(resource, fresh)
        if others:
            told = ", ".join(f"{column} is {stored[column]}, not {each.data_type}" for column, each in others.items())
            hint = "its values stay as they are until the table is made anew"
            self._remarks[name] = f"casts: {told} in the table {seam.own_table(resource, schema)}; {hint}"

    def remark(self, name: str) -> str | None:
        """What is to be said of the casts of a resource in the report."""
        return self._remarks.get(name)

    def cast(self, source: Source) -> Source:
        """The page with the casts of its resource. Raises `DataError` for a number that its type does not hold."""
        casts, page = self._held.get(source.page.resource, ()), source.page
        if not casts or not page.facts.rows:
            return source
        by_row = replace(source, cast=partial(_cast, page, casts))
        if page.facts.data is None:  # its rows lie all over the answer
            return by_row
        try:
            data = cast_text(page.facts.data, casts)
        except TooLargeError as error:
            raise _too_large(page, error) from None
        except (msgspec.DecodeError, UnicodeDecodeError):
            return by_row  # decoding the rows will say what is wrong with them
        return replace(source, page=replace(page, facts=replace(page.facts, data=data)))


def _cast(page: Page, casts: Sequence[FieldCast], rows: list[Any]) -> None:
    try:
        cast_rows(rows, casts)
    except TooLargeError as error:
        raise _too_large(page, error) from None


def _too_large(page: Page, error: TooLargeError) -> DataError:
    where = f"resource {page.resource}, page {page.number} ({page.place}), row {error.row}"
    why = f"{error.field} is a whole number beyond 64 bits, which bigint does not hold"
    hint = f"leave casts.{error.field} out, and declare the column as decimal"
    return DataError(f"{where}: {why}; {hint}", resource=page.resource)
