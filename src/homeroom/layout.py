"""How rows of JSON lie in flat tables: which keys they hold, and which column or table each becomes.

`Keys` is what was seen of a resource's rows; a `Table` is what dlt's rules make of it. Neither holds a value.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

MOST_LEVELS = 40
"""Lists and objects inside of each other that are followed; deeper rows are dlt's own business."""


class UnfitError(Exception):
    """Rows of this resource cannot be read as columns; the text says why, and holds no value."""


class MisfitError(Exception):
    """These pages do not fit the columns exactly; the text says why, and holds no value."""


@dataclass(slots=True)
class Keys:
    """What was seen at one place of the rows. `kind` is "" as long as only nulls were.

    A place keeps its first kind: a row that has another one there does not fit.
    """

    kind: Literal["", "scalar", "object", "list"] = ""
    fields: dict[str, Keys] = field(default_factory=dict)
    element: Keys | None = None

    def see(self, value: Any, level: int = 0) -> None:
        """Take note of a value. Raises `UnfitError` for one that is nested too deep."""
        if value is None:
            return
        if level > MOST_LEVELS:
            raise UnfitError(f"rows are nested deeper than {MOST_LEVELS} levels")
        kind: Any = "object" if isinstance(value, dict) else "list" if isinstance(value, list) else "scalar"
        self.kind = self.kind or kind
        if self.kind != kind:
            return
        if kind == "object":
            for key, inner in value.items():
                self.fields.setdefault(key, Keys()).see(inner, level + 1)
        elif kind == "list":
            self.element = self.element or Keys()
            for inner in value:
                self.element.see(inner, level + 1)


@dataclass(frozen=True, slots=True)
class Leaf:
    """A column. `type` is dlt's data type; None where no value may come: none did so far, or none that can be read."""

    column: str
    type: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """An object, its fields by their key: they become columns of the table that it stands in."""

    fields: tuple[tuple[str, Part], ...]


@dataclass(frozen=True, slots=True)
class Many:
    """A list: its elements become the rows of a table of their own."""

    table: Table


Part = Leaf | Group | Many


@dataclass(frozen=True, slots=True)
class Table:
    """A table and what makes a row of it: an object, a single value, or a list of its own (a row of ids alone).

    `known`: whether dlt's schema has it by now; no row may come before that.
    """

    name: str
    row: Part
    known: bool

    def leaves(self) -> Iterator[Leaf]:
        """The columns of this table alone."""
        return leaves_of(self.row)


def leaves_of(part: Part) -> Iterator[Leaf]:
    """The columns of a part that belong to the table it stands in."""
    if isinstance(part, Leaf):
        yield part
    elif isinstance(part, Group):
        for _, inner in part.fields:
            yield from leaves_of(inner)


@dataclass(frozen=True, slots=True)
class IdColumns:
    """The names of dlt's own columns, as the schema's naming convention makes them."""

    row: str
    load: str
    parent: str
    index: str
    root: str
    value: str
