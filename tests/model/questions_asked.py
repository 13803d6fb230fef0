"""The ten ready questions, asked of any database that has the dataset `edu`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

import duckdb

from homeroom.model import Place, Question, ready_questions, translated

Run = Callable[[str], Sequence[tuple[Any, ...]]]
"""The rows of a query in the database's own dialect."""

Answers = dict[str, list[dict[str, Any]]]


def ask_all_ten(database: str, **values: date | int | str) -> Answers:
    """What every question gives, by its name; `database` is a DuckDB file or a URL of PostgreSQL.

    `values` (`today`, `sis`, `lms`, …) go to the questions that ask for them. A row is a dict by column.
    """
    opened = _postgres if database.startswith("postgres") else _duckdb
    dialect = "postgres" if database.startswith("postgres") else "duckdb"
    with opened(database) as run:
        return {each.name: asked(each, run, dialect, **values) for each in ready_questions()}


def asked(question: Question, run: Run, dialect: str, **values: date | int | str) -> list[dict[str, Any]]:
    """The answer of one question."""
    own = {name: value for name, value in values.items() if name in question.asked}
    sql = translated(question.asking(**own), Place("", "", dialect))
    return [dict(zip(question.columns, row, strict=True)) for row in run(sql)]


@contextmanager
def _duckdb(file: str) -> Iterator[Run]:
    with duckdb.connect(file, read_only=True) as connection:
        connection.execute("SET TimeZone = 'America/Chicago'")  # no answer may depend on it
        yield lambda sql: connection.execute(sql).fetchall()


@contextmanager
def _postgres(url: str) -> Iterator[Run]:
    import psycopg2

    connection = psycopg2.connect(url, options="-c TimeZone=America/Chicago")
    try:
        cursor = connection.cursor()

        def run(sql: str) -> list[tuple[Any, ...]]:
            cursor.execute(sql)
            return [*cursor.fetchall()]

        yield run
    finally:
        connection.close()
