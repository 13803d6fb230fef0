"""Pages on their way to dlt, and what became of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from homeroom.values import Page

if TYPE_CHECKING:
    import pyarrow as pa

BATCH_PAGES = 50
BATCH_BYTES = 3 << 20
"""A batch ends at the first of the two; larger ones are not read faster."""


PageKeys: TypeAlias = "Sequence[Any] | pa.Array | None"
"""The primary keys of a page's rows: of several columns as tuples, else as the column; None without a key."""


@dataclass(frozen=True, slots=True)
class Source:
    """A page and the fields of its parent that each of its rows takes in."""

    page: Page
    given: Mapping[str, Any]
    cast: Callable[[list[Any]], None] | None = field(default=None, compare=False)
    """What casts its rows once they are decoded; None where there is nothing to cast any more."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Pages that went as columns, in their order, each with its rows' primary keys (None without a key)."""

    pages: Sequence[tuple[Page, PageKeys]]


@dataclass(frozen=True, slots=True)
class Objects:
    """A page that must go as rows of Python, and why. `kept` are the rows to store, None for all of them."""

    page: Page
    rows: list[Any]
    why: str
    kept: list[Any] | None = None


@dataclass(frozen=True, slots=True)
class KeyRules:
    """The columns of the primary key, and those that may not be null.

    `of` are the keys of rows of Python; `keeps_last`: of rows with one key the table holds the one that came last.
    """

    key: tuple[str, ...]
    required: tuple[str, ...]
    of: Callable[[Sequence[Any]], Sequence[Any] | None]
    keeps_last: bool
