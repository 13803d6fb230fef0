"""The rules of privacy while a source is read: one book for each resource, for both lanes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from homeroom.dlt_seam import extraction as seam
from homeroom.dlt_seam.cast_types import hide_types
from homeroom.dlt_seam.columnar import current_package
from homeroom.dlt_seam.noted_rules import Noted, columns_with_rows, note_rules, noted_rules
from homeroom.dlt_seam.rest_api import json_path
from homeroom.errors import ConfigError, Problem
from homeroom.privacy import Book, Guess, Hidden, Hider, Privacy, Rule, guess_of, hide_rows
from homeroom.privacy.book import base_of
from homeroom.privacy.profiles import says
from homeroom.privacy_values import At

if TYPE_CHECKING:
    import pyarrow as pa
    from dlt import Schema
    from dlt.extract import DltResource

    from homeroom.decode_columns import RowFields
    from homeroom.layout import Keys, Table


def refuse_changed(book: Book, before: Noted, mark: str, stored: Iterable[tuple[str, str]]) -> None:
    """Raise `ConfigError` for the columns that rows are in by another rule than the book's, or by another key."""
    if problems := changes(book, before, mark, stored):
        raise ConfigError(problems)


def changes(book: Book, before: Noted, mark: str, stored: Iterable[tuple[str, str]]) -> list[Problem]:
    """The columns that rows are in by another rule than the book's, or by another key.

    What was dropped before is in no row, so any rule may follow.
    """
    earlier = _book_of(book.table, before)
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
    return problems


def as_before(book: Book, before: Noted, stored: Iterable[At]) -> dict[At, Rule]:
    """The rules by which columns stand in rows, where the book would but guess: names that look personal may be others
    in another version."""
    earlier = _book_of(book.table, before)
    unknown = [(table, base_of(column)) for table, column in stored if book.own_rule_of(column, table) is None]
    return {(table, column): earlier.rule_of(column, table) for table, column in unknown}


def _book_of(table: str, noted: Noted) -> Book:
    rules, guessed = _read(noted.rules), _read(noted.guessed)
    return Book(table, rules, lambda key: key, lambda at, column: guessed.get((at, column), "keep"))


def _noted(rules: Mapping[At, Rule]) -> dict[str, str]:
    return {".".join(at): rule for at, rule in rules.items() if rule != "keep"}


def _read(noted: Mapping[str, Any]) -> dict[At, Rule]:
    return {(at.partition(".")[0], at.partition(".")[2]): rule for at, rule in noted.items()}


_ANEW = "read all of it anew by homeroom sync --rekey, or load into another dataset (--dataset)"


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

    def __init__(self, rules: Mapping[str, Mapping[At, Rule]], privacy: Privacy) -> None:
        self._rules = {name: dict(own) for name, own in rules.items()}
        self._settings = privacy.settings
        self._hider = Hider(privacy.key)
        self._screens: dict[str, Screen | None] = {}
        self._guessed: dict[str, dict[At, Rule]] = {}
        self._stand: dict[str, dict[At, Rule]] = {}
        self._checked = ""

    def hides(self, name: str) -> bool:
        """Whether there is any rule for a resource, or may be one for columns that nobody knows."""
        return self._settings.guesses or bool(self._rules.get(name))

    def check(self, names: Iterable[str]) -> None:
        """Raise `ConfigError` where rows are in a table that were hidden otherwise: they would be beside the new ones.

        Of all resources, before the first of an extraction is read; the rules of this one are noted with its load.
        """
        schema, package = seam.current_schema(), current_package()
        if schema is None or package is None or self._checked == package.load_id:
            return
        self._checked, self._stand, self._guessed = package.load_id, {}, {}
        for name in names:
            resource = seam.current_resource(name)
            if resource is None:
                continue
            before = noted_rules(name)
            book, stored = self._against(resource, schema, before)
            refuse_changed(book, before, self._hider.mark, stored)
            self._note(name, seam.column_namer(schema))

    def is_changed(self, resource: DltResource, schema: Schema, before: Noted | None) -> bool:
        """Whether rows are in the table of a resource that were hidden otherwise; asked outside of an extraction."""
        known = before or Noted()
        book, stored = self._against(resource, schema, known)
        return bool(changes(book, known, self._hider.mark, stored))

    def _against(self, resource: DltResource, schema: Schema, before: Noted) -> tuple[Book, list[At]]:
        """The rules of a resource beside those of before, and the columns that its rows stand in."""
        name, namer = resource.name, seam.column_namer(schema)
        table = name if resource.has_dynamic_table_name else seam.own_table(resource, schema)
        stored, book = [*columns_with_rows(schema, table)], self._book(name, table, namer)
        if stored and self._settings.guesses and before.profile == self._settings.profile:
            self._stand[name] = as_before(book, before, stored)
            book = self._book(name, table, namer)
        return book, stored

    def _book(self, name: str, table: str, namer: Callable[[str], str]) -> Book:
        own = self._rules.get(name, {})
        in_short = {(namer(at), namer(column)): rule for (at, column), rule in own.items()}
        return Book(table, {**own, **in_short}, namer, self._guess(name, namer))

    def _guess(self, name: str, namer: Callable[[str], str]) -> Guess | None:
        """What is guessed of columns; those that stand in rows stay as they stand."""
        first, stand = guess_of(self._settings, namer), self._stand.get(name)
        new = guess_of(self._settings, namer, is_later=True)
        if first is None or new is None or stand is None:
            return first
        places = {"__".join(at) for at in stand}

        def guess(table: str, column: str) -> Rule:
            # A column of JSON stands in rows with all that is in it, and the schema does not tell what that is.
            parts = f"{table}__{column}".split("__")
            is_inside = any("__".join(parts[:end]) in places for end in range(2, len(parts)))
            return stand.get((table, column)) or (first if is_inside else new)(table, column)

        return guess

    def _note(self, name: str, namer: Callable[[str], str]) -> None:
        """Note the rules, and what was guessed so far."""
        rules = _noted({(namer(at), namer(column)): rule for (at, column), rule in self._rules.get(name, {}).items()})
        guessed = _noted({**self._stand.get(name, {}), **self._guessed.get(name, {})})
        key = self._hider.mark if "hash" in (*rules.values(), *guessed.values()) else ""
        profile = str(self._settings.profile) if self._settings.guesses else ""
        note_rules(name, Noted(rules, key, profile, guessed))

    def begin(self, name: str, namer: Callable[[str], str]) -> None:
        """Pages of a resource are about to come: what the config declares of hidden columns is taken back."""
        self._screens[name] = None
        if not self.hides(name):
            return
        resource, schema = seam.current_resource(name), seam.current_schema()
        table = name
        if resource is not None and schema is not None and not resource.has_dynamic_table_name:
            table = seam.own_table(resource, schema)
        book = self._book(name, table, namer)
        if not book.hides:
            return
        book.guessed = self._guessed.setdefault(name, {})
        self._screens[name] = Screen(book, self._hider)
        if resource is not None:
            hide_types(resource, book.rule_of_declared, namer)

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

    def noted(self, name: str, field: str, value: Any) -> Any:
        """A value of a row as it came, as it may be noted beside the tables: hashed where its column is hidden.

        Without a privacy key, which no rule needs that only drops or masks, it is as it came.
        """
        screen = self.of(name)
        if screen is None or value is None or not self._hider.has_key:
            return value
        keys, node = json_path(field).keys, screen.book.root
        for key in keys or ():
            node = screen.book.field(node, key)
        # What a longer path leads to nobody knows beforehand.
        is_kept = keys is not None and screen.book.leaf(node) == "keep"
        return value if is_kept else self._hider.hide("hash", value)

    def settle(self, name: str) -> None:
        """All rows of a resource have come: what was guessed at its columns is noted with them."""
        if self._guessed.get(name):
            self._note(name, seam.column_namer(seam.current_schema()))

    def remarks(self, name: str) -> Iterator[str]:
        """What is to be said of a resource whose rows have come: what was hidden unasked, rules that hid nothing."""
        if found := self._guessed.get(name):
            yield guessed_in_words(found)
        screen = self.of(name)
        told = {".".join(at) for at in self._settings.columns}
        idle = [] if screen is None else [each for each in screen.book.unmatched if each in told]
        if idle:
            yield f"privacy: no row has {', '.join(idle)}; rules name columns as they are in the database"


def guessed_in_words(found: Mapping[At, Rule]) -> str:
    """Which columns were hidden because they look personal; what a person is to do is to give them rules."""
    told = [
        f"{'.'.join(at)} ({says(*at)}{'' if rule == 'drop' else f', by {rule}'})" for at, rule in sorted(found.items())
    ]
    more = [f"{len(told) - _MOST_NAMED:,} more"] if len(told) > _MOST_NAMED else []
    named = ", ".join([*told[:_MOST_NAMED], *more])
    return f"privacy: held back columns that look personal: {named}; give them rules, keep for those that may be stored"


_MOST_NAMED = 8
