"""Which rule holds at which place of a resource's rows.

Rules name columns as the database has them; rows have keys. So a place is named as dlt would name what comes of it, and
looked up once: `profile.city` is `profile__city`, and the elements of the list `emails` are the table `users__emails`.
An object or a list that has a rule is hidden with all that is in it.
A database that takes short names alone has a long one in short, with a hash in its middle: rules may name either.
Of a plain value at a place that no rule knows a profile may guess; an object or a list is no plain value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from homeroom.privacy.profiles import Guess
from homeroom.privacy_values import At, Columns, Rule

SEPARATOR = "__"
"""Between the parts of a name, by every naming convention of dlt's but `direct`."""

_VALUE = "value"
"""The column of a list's elements that are no objects."""

_MAY_BE_SHORT, _TAG = 30, 8
"""The length of the shortest names that a database cuts others down to, and half of the most that stands in between."""

_VARIANT = f"{SEPARATOR}v_"
"""Between the name of a column and the data type of a variant of it."""


@dataclass(slots=True)
class Node:
    """One place of the rows. `rule` holds for all that is there; `is_free`: there is no rule in it either.

    `is_known`: a rule is told of it, `keep` perhaps, or of what it lies in. `leaf`: the rule of plain values; None
    until one came. `listed`: of the elements of a list that are neither plain nor objects with a `value` of their own.
    """

    table: str
    column: str
    rule: Rule
    is_free: bool
    is_known: bool
    leaf: Rule | None = None
    listed: Rule = "keep"
    fields: dict[str, Node] = field(default_factory=dict)
    element: Node | None = None


class Book:
    """The rules of one resource, whose root table is `table`; `name` makes a column's name of a key.

    Places are looked up as rows bring them, and remembered. `guess` gives the rule of columns that `columns` does not
    know; what it hides of the rows is in `guessed`. For one thread.
    """

    def __init__(self, table: str, columns: Columns, name: Callable[[str], str], guess: Guess | None = None) -> None:
        self.table = table
        self.guessed: dict[At, Rule] = {}
        self._guess = guess
        self._name = name
        own = (table, table + SEPARATOR)
        self._rules = {at: rule for at, rule in columns.items() if at[0] == own[0] or at[0].startswith(own[1])}
        self._matched: set[tuple[str, str]] = set()
        self.root = Node(table, "", "keep", not self.hides, is_known=False)

    @property
    def hides(self) -> bool:
        """Whether anything of the resource's rows does not stay as it comes."""
        return self._guess is not None or any(rule != "keep" for rule in self._rules.values())

    @property
    def unmatched(self) -> list[str]:
        """The rules, as `table.column`, of which no column came: a name that is mistyped, perhaps."""
        return [".".join(at) for at in self._rules if at not in self._matched]

    def rule_of(self, column: str, table: str | None = None) -> Rule:
        """The rule of a column by its name; of a variant (`x__v_text`) that of `x`. The root table if none is named."""
        own = self.own_rule_of(column, table)
        if own is not None or self._guess is None:
            return own or "keep"
        return self._guess(table or self.table, base_of(column))

    def rule_of_declared(self, column: str, data_type: str) -> Rule:
        """The rule of a column that is declared; what is JSON is no plain value, and nobody guesses at it."""
        told = self._told_of(f"{self.table}{SEPARATOR}{column}")
        return (told or "keep") if data_type == "json" else self.rule_of(column)

    def own_rule_of(self, column: str, table: str | None = None) -> Rule | None:
        """The rule that is told of a column, or of what it lies in; None where none is."""
        table = table or self.table
        told = self._told_of(f"{table}{SEPARATOR}{column}")
        return self._of_elements(table, base_of(column)) if told is None else told

    def _of_elements(self, table: str, column: str) -> Rule | None:
        """The rule of the plain values of a list, where there is one: a single one may come in the place of a list."""
        place = f"{table}{SEPARATOR}{column}"
        plain = self._rules.get((place, _VALUE))
        return self._rules.get((self._name(place), _VALUE)) if plain is None else plain

    def _told_of(self, place: str) -> Rule | None:
        found = None
        for (at, name), rule in self._rules.items():
            own = f"{at}{SEPARATOR}{name}"
            if place == own or place.startswith(own + SEPARATOR):
                if rule != "keep":
                    return rule
                found = rule
        return found

    def field(self, node: Node, key: str) -> Node:
        """The place of a key of the object at a place."""
        held = node.fields.get(key)
        if held is None:
            own = self._name(key)
            column = f"{node.column}{SEPARATOR}{own}" if node.column else own
            held = node.fields[key] = self._place(node.table, column, node)
        return held

    def element(self, node: Node) -> Node:
        """The place of the elements of the list at a place."""
        if node.element is None:
            table = f"{node.table}{SEPARATOR}{node.column}" if node.column else f"{node.table}{SEPARATOR}list"
            node.element = self._place(table, "", node)
        return node.element

    def whole(self, node: Node, value: Any) -> Rule:
        """The rule of an object or a list at a place, with all that is in it.

        A rule for the column `value` is that of the plain elements of a list, or of the field of that name.
        """
        if node.rule != "keep" or node.listed == "keep":
            return node.rule
        has_own = isinstance(value, dict) and any(self._name(str(key)) == _VALUE for key in value)
        return "keep" if has_own else node.listed

    def leaf(self, node: Node) -> Rule:
        """The rule of a plain value at a place."""
        if node.leaf is None:
            node.leaf = node.rule
            at = (node.table, node.column or _VALUE)
            if self._guess is not None and not node.is_known and at not in self._rules:
                node.leaf = self._guess(*at)
                if node.leaf != "keep":
                    self.guessed[at] = node.leaf
        return node.leaf

    def _place(self, table: str, column: str, above: Node) -> Node:
        at, in_short = (table, column or _VALUE), (self._name(table), self._name(column or _VALUE))
        above_all = above.listed if above.rule == "keep" and not column else above.rule
        if above_all == "keep":
            self._matched |= {at, in_short} & self._rules.keys()
        # By its name, as what is stored is looked up: a key may itself be called `home__city`.
        told = self._told_of(f"{table}{SEPARATOR}{column}" if column else table)
        if told in (None, "keep") and column:
            told = self._rules.get(in_short, told)
        rule = (told or "keep") if above_all == "keep" else above_all
        is_known = above.is_known or (column != "" and told is not None)
        is_open = self._guess is not None and not is_known
        is_free = rule == "keep" and not is_open and not any(self._inside(table, column))
        node = Node(table, column, rule, is_free, is_known)
        plain = self._of_elements(table, column) if column else self._rules.get(at, self._rules.get(in_short))
        if rule == "keep" and told is None and plain is not None:
            node.leaf, node.listed = plain, "keep" if column else plain
            self._matched.add((f"{table}{SEPARATOR}{column}", _VALUE) if column else at)
        return node

    def _inside(self, table: str, column: str) -> Iterator[bool]:
        """For each rule whether it is of something inside of a place."""
        within = f"{table}{SEPARATOR}{column}{SEPARATOR}" if column else f"{table}{SEPARATOR}"
        return (_may_begin_with(other, name, within) for other, name in self._rules)


def _may_begin_with(table: str, column: str, within: str) -> bool:
    """Whether the place of a column may begin so. Of a name in short its beginning alone is that of the place."""
    place = f"{table}{SEPARATOR}{column}"
    known = len(place)
    if len(column) >= _MAY_BE_SHORT:
        known = len(table) + len(SEPARATOR) + len(column) // 2 - _TAG
    if len(table) >= _MAY_BE_SHORT:
        known = len(table) // 2 - _TAG
    return place.startswith(within) or (known < len(within) and place[:known] == within[:known] and known < len(place))


def base_of(column: str) -> str:
    """The name of the column of which another is a variant; its own where it is none."""
    return column.partition(_VARIANT)[0]
