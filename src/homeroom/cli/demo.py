"""`homeroom demo`: the sample school, synced in front of your eyes."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from rich.text import Text

from homeroom.cli.console import EXIT_PART, Voice, errors_told
from homeroom.cli.job import run_config
from homeroom.config import read_sync
from homeroom.demo import Dials, School
from homeroom.demo.command import DEFAULT_PORT, serve
from homeroom.demo.config import school_config
from homeroom.demo.dials import parse_dials
from homeroom.edu_values import ModelSettings
from homeroom.errors import ConfigError, Problem
from homeroom.model import Question, ready_questions
from homeroom.report.grid import Grid, print_grid
from homeroom.values import Config

_Rows = Sequence[tuple[Any, ...]]

DATABASE = "homeroom_demo.duckdb"
_ROUGH_DAY = Dials(throttle_every=60, retry_after_s=1, fail_every=((503, 45),))
"""Some 429 and 503, so that the retries of the report are real."""

_DAY = date(2026, 5, 29)
"""The questions are asked as of a day in the spring of the sample school's only year."""

_FIRST_ROW_WIDTH = 46


def run_demo(voice: Voice, port: int | None, scale: float, dials: tuple[str, ...]) -> int:
    """Serve, sync, ask the ready questions where something has landed; the exit code of the sync."""
    with errors_told(voice), _opened(port or 0, scale, _dials(dials, _ROUGH_DAY)) as school:
        voice.say(f"The sample school answers at {school.url}, with some 429 and 503 as on a rough day.")
        code = run_config(voice, _config(school), destination=f"duckdb:///{DATABASE}")
        if code not in (0, EXIT_PART):
            return code
        _ask(voice, Path(DATABASE))
        voice.say(f"The tables are in {DATABASE}, datasets school (as they come) and edu (the model). Try next:")
        voice.say("  homeroom show last        the ledger of this run; homeroom demo again changes no row")
        voice.say("  homeroom demo --serve     the school alone, for a config of your own")
        return code


def serve_school(voice: Voice, port: int | None, scale: float, dials: tuple[str, ...]) -> int:
    """Serve until Ctrl-C; 0. `port` 0 is any free one, None the usual one."""
    at = DEFAULT_PORT if port is None else port
    with errors_told(voice):
        try:
            serve(at, scale, _dials(dials, Dials()), lambda line: voice.out.print(line, soft_wrap=True))
        except OSError as error:
            raise _taken(at, error, usual=port is None) from None
    return 0


@contextmanager
def _opened(port: int, scale: float, dials: Dials) -> Iterator[School]:
    school = School(port=port, scale=scale, dials=dials)
    try:
        school.start()
    except OSError as error:
        raise _taken(port, error) from None
    try:
        yield school
    finally:
        school.stop()


def _taken(port: int, error: OSError, *, usual: bool = False) -> ConfigError:
    why, hint = os.strerror(error.errno or 0), "give another one, or --port 0 for any free one"
    if usual:
        words = f"is not given, and the usual one, {port}, cannot be served on: {why}"
        return ConfigError([Problem("--port", words, hint=hint, code="wrong-flag")])
    return ConfigError([Problem("--port", f"cannot be served on: {why}", str(port), hint=hint, code="wrong-flag")])


def _dials(given: tuple[str, ...], default: Dials) -> Dials:
    try:
        return parse_dials(",".join(given), default) if given else default
    except ValueError as error:
        raise ConfigError([Problem("--dial", str(error), code="wrong-flag")]) from None


def _config(school: School) -> Config:
    return Config(
        name="school",
        source=school_config(school.url, school.api_key),
        sync=read_sync({}),
        model=ModelSettings("sample_school"),
    )


def _ask(voice: Voice, database: Path) -> None:
    """Show the ready questions with the first row of each answer."""
    import duckdb

    questions = ready_questions()
    with duckdb.connect(str(database), read_only=True) as connection:
        answers = [connection.execute(_sql(each)).fetchall() for each in questions]
    voice.say(f"\nTen questions, as of {_DAY.isoformat()}; docs/questions.md has the SQL of each:")
    print_grid(_grid_of_all(questions, answers), voice.out)


def _sql(question: Question) -> str:
    return question.asking(today=_DAY) if "today" in question.asked else question.sql


def _grid_of_all(questions: Sequence[Question], answers: Sequence[_Rows]) -> Grid:
    rows = [
        (each.title, f"{len(answer):,}", _first_row(each, answer))
        for each, answer in zip(questions, answers, strict=True)
    ]
    return Grid(("question", "rows", "first row"), rows, numbers=("rows",), spare=("first row",))


def _first_row(question: Question, answer: _Rows) -> Text:
    """Names as they are, numbers with their column; without ids and the source, which is the same in all."""
    shown = [
        value if isinstance(value, str) else f"{name} {value}"
        for name, value in zip(question.columns, answer[0] if answer else (), strict=bool(answer))
        if value is not None and name != "source" and not name.endswith("_id")
    ]
    told = Text(", ".join(shown))
    told.truncate(_FIRST_ROW_WIDTH, overflow="ellipsis")
    return told
