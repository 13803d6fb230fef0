"""The ready questions: what people ask of any school's data, each one query over the dataset `edu`.

`questions/NN_name.sql` begins with what it asks and what its columns mean, and its first `WITH` has what a person may
change, such as the day that counts as today.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import NamedTuple

from homeroom.model.mapping import DIALECT, QUESTIONS, parsed, platform_tables
from homeroom.model.rendering import literal

_ASKED = "WITH asked AS ("


@dataclass(frozen=True, slots=True)
class Question:
    """One query in DuckDB's dialect; `rendering.translated` makes it that of a destination."""

    name: str
    title: str
    asks: str
    needs: Sequence[str]
    """The entities that it reads."""
    columns: Mapping[str, str]
    """What each column of the answer means, in their order."""
    asked: Mapping[str, str]
    """What may be changed: an expression of SQL by name."""
    sql: str

    def asking(self, **values: date | int | str) -> str:
        """The query with other values of what it asks for. Raises ValueError where it does not ask for one."""
        if unknown := sorted(values.keys() - self.asked.keys()):
            raise ValueError(f"{self.name} does not ask for {unknown[0]}; it does for {', '.join(self.asked)}")
        asked = {**self.asked, **{name: _literal(value) for name, value in values.items()}}
        selected = ", ".join(f"{expression} AS {name}" for name, expression in asked.items())
        return f"{_ASKED}SELECT {selected})" + self.sql[_end_of_asked(self.sql) :]


@cache
def ready_questions() -> tuple[Question, ...]:
    """All of them, in their order."""
    folder = files("homeroom.model").joinpath(QUESTIONS)
    found = sorted(file.name for file in folder.iterdir() if file.name.endswith(".sql"))
    return tuple(
        read_question(name.removesuffix(".sql").partition("_")[2], folder.joinpath(name).read_text(encoding="utf-8"))
        for name in found
    )


def read_question(name: str, text: str) -> Question:
    """The question that a file is. Raises ValueError where it is none, saying why."""
    from sqlglot.errors import SqlglotError

    said, begins, rest = text.partition(_ASKED)
    sql = (begins + rest).strip()
    try:
        if not begins:
            raise ValueError(f"does not begin with {_ASKED}…)")
        told, query = _header(said), parsed(sql)
        if list(told.columns) != query.named_selects:
            raise ValueError(f"gives {', '.join(query.named_selects)}, and tells of {', '.join(told.columns)}")
        if {(each.db, each.name) for each in platform_tables(query)} != {("edu", each) for each in told.needs}:
            raise ValueError("needs other tables than it says")
    except (SqlglotError, ValueError) as error:
        raise ValueError(f"{name}: {error}") from None
    asked = {each.alias: each.unalias().sql(dialect=DIALECT, comments=False) for each in query.ctes[0].this.selects}
    return Question(
        name=name,
        title=told.title,
        asks=told.asks,
        needs=told.needs,
        columns=MappingProxyType(told.columns),
        asked=MappingProxyType(asked),
        sql=sql,
    )


class _Header(NamedTuple):
    """What the lines before the query say."""

    title: str
    asks: str
    needs: Sequence[str]
    columns: dict[str, str]


def _header(text: str) -> _Header:
    """Raises ValueError where something is not said."""
    lines = [line.removeprefix("--") for line in text.splitlines() if line.startswith("--")]
    start = lines.index(" columns:")
    said = dict(line.strip().split(": ", 1) for line in lines[:start])
    columns: list[list[str]] = []
    for line in lines[start + 1 :]:
        if line.startswith("     "):  # goes on
            columns[-1][1] += " " + line.strip()
        else:
            columns.append(line.strip().split(": ", 1))
    if missing := [key for key in ("title", "asks", "needs") if key not in said]:
        raise ValueError(f"does not say {missing[0]}")
    return _Header(said["title"], said["asks"], tuple(said["needs"].split(", ")), dict(columns))


def _end_of_asked(sql: str) -> int:
    """Behind the bracket that closes what may be changed, which begins a line."""
    return sql.index("\n)") + 2


def _literal(value: date | int | str) -> str:
    if isinstance(value, str):
        return literal(value)
    return str(value) if isinstance(value, int) else f"DATE '{value.isoformat()}'"
