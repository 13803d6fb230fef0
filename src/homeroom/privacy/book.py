"""Which rule holds at which place of a resource's rows.

Rules name columns as the database has them; rows have keys. So a place is named as dlt would name what comes of it, and
looked up once: `profile.city` is `profile__city`, and the elements of the list `emails` are the table `users__emails`.
An object or a list that has a rule is hidden with all that is in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from homeroom.privacy_values import Columns, Rule

SEPARATOR = "__"
"""Between the parts of a name, by every naming convention of dlt's but `direct`."""

_VALUE = "value"
"""The column of a list's elements that are no objects."""


@dataclass(slots=True)
class Node:
    """One place of the rows. `rule` holds for all that is there; `is_free`: there is no rule in it either."""

    table: str
    column: str
    rule: Rule
    is_free: bool
    fields: dict[str, Node] = field(default_factory=dict)
    element: Node | None = None


class Book:
    """The rules of one resource, whose root table is `table`; `name` makes a column's name of a key.

    Places are looked up as rows bring them, and remembered. For one thread.
    """

    def __init__(self, table: str, columns: Columns, name: Callable[[str], str]) -> None:
        self.table = table
        self._name = name
        own = (table, table + SEPARATOR)
        self._rules = {at: rule for at, rule in columns.items() if at[0] == own[0] or at[0].startswith(own[1])}
        self._matched: set[tuple[str, str]] = set()
        self.root = Node(table, "", "keep", not self.hides)

    @property
    def hides(self) -> bool:
        """Whether anything of the resource's rows does not stay as it comes."""
        return any(rule != "keep" for rule in self._rules.values())

    @property
    def unmatched(self) -> list[str]:
        """The rules, as `table.column`, of which no column came: a name that is mistyped, perhaps."""
        return [".".join(at) for at in self._rules if at not in self._matched]

    def rule_of(self, column: str, table: str | None = None) -> Rule:
        """The rule of a column by its name; of a variant (`x__v_text`) that of `x`. The root table if none is named."""
        place = f"{table or self.table}{SEPARATOR}{column}"
        for (at, name), rule in self._rules.items():
            own = f"{at}{SEPARATOR}{name}"
            if rule != "keep" and (place == own or place.startswith(own + SEPARATOR)):
                return rule
        return "keep"

    def field(self, node: Node, key: str) -> Node:
        """The place of a key of the object at a place."""
        held = node.fields.get(key)
        if held is None:
            own = self._name(key)
            column = f"{node.column}{SEPARATOR}{own}" if node.column else own
            held = node.fields[key] = self._place(node.table, column, node.rule)
        return held

    def element(self, node: Node) -> Node:
        """The place of the elements of the list at a place."""
        if node.element is None:
            table = f"{node.table}{SEPARATOR}{node.column}" if node.column else f"{node.table}{SEPARATOR}list"
            rule = self._own(table, _VALUE) if node.rule == "keep" else node.rule
            node.element = Node(table, "", rule, rule == "keep" and not any(self._inside(table, "")))
        return node.element

    def _place(self, table: str, column: str, above: Rule) -> Node:
        rule = self._own(table, column) if above == "keep" else above
        return Node(table, column, rule, rule == "keep" and not any(self._inside(table, column)))

    def _own(self, table: str, column: str) -> Rule:
        if (table, column) in self._rules:
            self._matched.add((table, column))
        return self._rules.get((table, column), "keep")

    def _inside(self, table: str, column: str) -> Iterator[bool]:
        """For each rule whether it is of something inside of a place."""
        within = f"{table}{SEPARATOR}{column}" if column else table
        for other, name in self._rules:
            of_fields = other == table and (not column or name.startswith(column + SEPARATOR))
            yield of_fields or other == within or other.startswith(within + SEPARATOR)
