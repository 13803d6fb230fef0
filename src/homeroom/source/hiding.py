"""The rules of privacy while a source is read: one book for each resource, for both lanes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from homeroom.dlt_seam import extraction as seam
from homeroom.dlt_seam.cast_types import hide_types
from homeroom.dlt_seam.columnar import current_package
from homeroom.dlt_seam.noted_rules import Noted, columns_with_rows, note_rules, noted_rules
from homeroom.errors import ConfigError, Problem
from homeroom.privacy import Book, Hidden, Hider, Rule, hide_rows

if TYPE_CHECKING:
    import pyarrow as pa

    from homeroom.decode_columns import RowFields
    from homeroom.layout import Keys, Table


def refuse_changed(book: Book, before: Noted, mark: str, stored: Iterable[tuple[str, str]]) -> None:
    """Raise `ConfigError` for the columns that rows are in by another rule than the book's, or by another key.

    What was dropped before is in no row, so any rule may follow.
    """
    told = {tuple(at.split(".", 1)): rule for at, rule in before.rules.items()}
    earlier = Book(book.table, told, lambda key: key)  # type: ignore[arg-type]
    problems = []
    for table, column in stored:
        was, now = earlier.rule_of(column, table), book.rule_of(column, table)
        at = f"privacy.columns['{table}.{column}']"
        if was not in (now, "drop"):
            stands = "as it came" if was == "keep" else f"by the rule {was}"
            why = f"in rows that were loaded before it stands {stands}, and the rule is {now} now"
            problems.append(Problem(at, why, hint=_ANEW, code="rows-hidden-otherwise"))
        elif was == now == "hash" and before.key != mark:
            why = "rows that were loaded before are hashed with another key"
            problems.append(Problem(at, why, hint=f"set that key again, or {_ANEW}", code="rows-hidden-otherwise"))
    if problems:
        raise ConfigError(problems)


_ANEW = "load into another dataset (--dataset), or remove this one and sync it anew"


@dataclass(frozen=True, slots=True)
class Screen:
    """What hides the columns of one resource. Rows it makes are new ones; those given stay as they are."""

    book: Book
    hider: Hider

    def rows(self, rows: Sequence[Any]) -> list[Any]:
        """Rows of Python as they may be stored."""
        return hide_rows(rows, self.book, self.hider)

    def array(self, rule: str, values: pa.Array) -> pa.Array:
        """A column as it may be stored."""
        # Here: who has columns has imported pyarrow.
        from homeroom.privacy.columns import hide_array

        return hide_array(rule, values, self.hider)

    def layout(self, stored: Table, raw: Keys) -> Table:
        """How rows are read as columns. Raises `UnfitError`."""
        from homeroom.privacy.weaving import woven

        return woven(stored, raw, self.book)

    def fields(self, rows: list[RowFields]) -> list[RowFields]:
        """Some fields of rows as they will be stored, changed in their place: what an incremental compares."""
        hidden = self.rows(rows)
        for row, own in zip(rows, hidden, strict=True):
            row.update(own)
        return rows


class Hiding:
    """The screens of all resources of a source; of the thread that dlt pulls in.

    `rules` are by resource: columns of its tables, named as in the database, to their rules.
    """

    def __init__(self, rules: Mapping[str, Mapping[tuple[str, str], Rule]], key: str | None) -> None:
        self._rules = rules
        self._hider = Hider(key)
        self._screens: dict[str, Screen | None] = {}
        self._checked = ""

    def hides(self, name: str) -> bool:
        """Whether there is any rule for a resource."""
        return bool(self._rules.get(name))

    def check(self, names: Iterable[str]) -> None:
        """Raise `ConfigError` where rows are in a table that were hidden otherwise: they would be beside the new ones.

        Of all resources, before the first of an extraction is read; the rules of this one are noted with its load.
        """
        schema, package = seam.current_schema(), current_package()
        if schema is None or package is None or self._checked == package.load_id:
            return
        self._checked, hasher = package.load_id, self._hider.mark
        for name in names:
            resource = seam.current_resource(name)
            if resource is None:
                continue
            namer, before = seam.column_namer(schema), noted_rules(name)
            table = seam.own_table(resource, schema)
            own = {(namer(at), namer(column)): rule for (at, column), rule in self._rules.get(name, {}).items()}
            refuse_changed(Book(table, own, namer), before, hasher, columns_with_rows(schema, table))
            hashes = "hash" in own.values()
            note_rules(name, Noted({".".join(at): rule for at, rule in own.items()}, hasher if hashes else ""))

    def begin(self, name: str, namer: Callable[[str], str]) -> None:
        """Pages of a resource are about to come: what the config declares of hidden columns is taken back."""
        self._screens[name] = None
        rules = self._rules.get(name)
        if not rules:
            return
        resource, schema = seam.current_resource(name), seam.current_schema()
        table = name if resource is None or schema is None else seam.own_table(resource, schema)
        book = Book(table, {(namer(at), namer(column)): rule for (at, column), rule in rules.items()}, namer)
        if not book.hides:
            return
        self._screens[name] = Screen(book, self._hider)
        if resource is not None:
            hide_types(resource, book.rule_of, namer)

    def of(self, name: str) -> Screen | None:
        """The screen of a resource whose pages have begun to come; None where all of it stays as it comes."""
        return self._screens.get(name)

    def rows(self, name: str, rows: list[Any]) -> list[Any]:
        """Rows as they may be stored, each with the row as it came: children are asked for by that."""
        screen = self.of(name)
        if screen is None:
            return rows
        hidden = screen.rows(rows)
        return [Hidden(row, came) if isinstance(row, dict) else row for row, came in zip(hidden, rows, strict=True)]

    @staticmethod
    def with_clear(rows: list[Any], hidden: Sequence[Any]) -> list[Any]:
        """Rows that something was made of, with what the hidden ones had."""
        return [
            Hidden(row, before.came) if isinstance(before, Hidden) and row is not before else row
            for row, before in zip(rows, hidden, strict=True)
        ]

    def values(self, name: str, columns: Sequence[str], values: tuple[str, ...] | None) -> tuple[str, ...] | None:
        """Values, each of a column of the resource, as its table will have them; None stays None."""
        screen = self.of(name)
        if screen is None or values is None:
            return values
        rules = [screen.book.rule_of(column) for column in columns]
        hidden = zip(rules, values, strict=True)
        return tuple(value if rule == "keep" else str(self._hider.hide(rule, value)) for rule, value in hidden)

    def remark(self, name: str) -> str | None:
        """What is to be said of a resource whose rows have come: rules that hid nothing may be mistyped."""
        screen = self.of(name)
        idle = [] if screen is None else screen.book.unmatched
        return (
            f"privacy: no row has {', '.join(idle)}; rules name columns as they are in the database" if idle else None
        )
