"""Where rows name a person, and what becomes of a row that names one who is forgotten.

What the config says comes first, then names: `user_id` is a person's where persons are in a table `users`. A row is
about the person whom it names plainly (`enrollments.user_id`) and is deleted; one that names a person in some part
(`courses.teacher_id`, `marks.grader_user_id`) is about something else, and that column is emptied.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from homeroom.privacy.book import SEPARATOR
from homeroom.privacy_values import Act

At = tuple[str, str]

PEOPLE = ("user", "person", "student", "learner", "pupil")
"""Tables by whose name a config's persons are found, in the singular."""

ABOUT = ("student", "learner", "pupil", "participant")
"""Parts that a person has in a row that is about the person."""

NAMED = ("teacher", "instructor", "tutor", "grader", "author")
"""Parts in rows that are about something else."""

_PLURALS = {"people": "person"}


def singular(table: str) -> str:
    """The last word of a table's name, in the singular: `core_users` is `user`."""
    word = table.rpartition(SEPARATOR)[2].rpartition("_")[2]
    return _PLURALS.get(word, word.removesuffix("s"))


@dataclass(frozen=True, slots=True)
class Person:
    """The `resource` whose `table` has a row for each person, told apart by `column`.

    `told` is what the config says of columns; `roots` are all root tables. Names are compared in lower case.
    """

    resource: str
    table: str
    column: str
    told: Mapping[At, Act] = field(default_factory=dict)
    roots: frozenset[str] = frozenset()

    def act_of(self, table: str, column: str) -> Act:
        """What becomes of a row of a table that has a forgotten person's id in a column."""
        table, column = table.lower(), column.lower()
        if (table, column) == (self.table, self.column):
            return "delete"
        told = self.told.get((table, column))
        return told if told is not None else self._by_name(table, column)

    def _by_name(self, table: str, column: str) -> Act:
        others = {singular(root) for root in self.roots} - {singular(self.table)}
        plain = {singular(self.table), *(part for part in ABOUT if part not in others)}
        parts = {part for part in NAMED if part not in others}
        keys = dict.fromkeys(("id", self.column))
        if table not in self.roots and table != self.table:
            listed = table.rpartition(SEPARATOR)[2]
            if self._is_listed(listed, column, plain | parts):
                return "delete"
        if self.column.startswith(singular(self.table)) and column == self.column:
            return "delete"
        names = {
            f"{part}{between}{key}": part for part in plain | parts for between in ("_", SEPARATOR) for key in keys
        }
        if column in names:
            return "delete" if names[column] in plain else "clear"
        return "clear" if any(column.endswith(f"_{name}") for name in names) else "keep"

    def _is_listed(self, name: str, column: str, parts: set[str]) -> bool:
        """Whether a list holds persons: `teachers` of objects with an id, or `teacher_ids` of ids."""
        if column == "value":
            return any(name == f"{part}_ids" for part in parts)
        return column in ("id", self.column) and singular(name) in parts
