"""`homeroom demo`: the sample school, synced in front of your eyes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from homeroom.cli.console import Voice, errors_told
from homeroom.cli.job import run_config
from homeroom.config import read_sync
from homeroom.demo import Dials, School
from homeroom.demo.command import DEFAULT_PORT, serve
from homeroom.demo.config import school_config
from homeroom.demo.dials import parse_dials
from homeroom.edu_values import ModelSettings
from homeroom.errors import ConfigError, Problem
from homeroom.report.grid import Grid, print_grid
from homeroom.values import Config

DATABASE = "homeroom_demo.duckdb"
_ROUGH_DAY = Dials(throttle_every=60, retry_after_s=1, fail_every=((503, 45),))
"""Some 429 and 503, so that the retries of the report are real."""

_QUERY = """\
SELECT s.name AS school, count(DISTINCT e.person_id) AS students, count(DISTINCT c.id) AS sections,
       round(count(DISTINCT e.id) / count(DISTINCT c.id), 1) AS per_section
FROM school.schools s
JOIN school.sections c ON c.school_id = s.id
JOIN school.enrollments e ON e.section_id = c.id AND e.role = 'student'
GROUP BY ALL ORDER BY students DESC, school LIMIT 5"""


def run_demo(voice: Voice, port: int | None, scale: float, dials: tuple[str, ...]) -> int:
    """Serve, sync, query; the exit code of the sync."""
    with errors_told(voice), _opened(port or 0, scale, _dials(dials, _ROUGH_DAY)) as school:
        voice.say(f"The sample school answers at {school.url}, with some 429 and 503 as on a rough day.")
        code = run_config(voice, _config(school), destination=f"duckdb:///{DATABASE}")
        voice.say(f"\n{_QUERY}\n")
        print_grid(_answer(Path(DATABASE)), voice.out)
        voice.say("The tables are in homeroom_demo.duckdb, dataset school. Try next:")
        voice.say("  homeroom show last        the ledger of this run again")
        voice.say("  homeroom demo             once more: no row changes")
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
    why = os.strerror(error.errno or 0)
    if usual:
        words = f"is not given, and the usual one, {port}, cannot be served on: {why}"
        return ConfigError([Problem("--port", words, hint="give another one, or --port 0 for any free one")])
    return ConfigError([Problem("--port", f"cannot be served on: {why}", str(port))])


def _dials(given: tuple[str, ...], default: Dials) -> Dials:
    try:
        return parse_dials(",".join(given), default) if given else default
    except ValueError as error:
        raise ConfigError([Problem("--dial", str(error))]) from None


def _config(school: School) -> Config:
    return Config(
        name="school",
        source=school_config(school.url, school.api_key),
        sync=read_sync({}),
        model=ModelSettings("sample_school"),
    )


def _answer(database: Path) -> Grid:
    import duckdb

    with duckdb.connect(str(database), read_only=True) as connection:
        result = connection.execute(_QUERY)
        names = [column[0] for column in result.description or ()]
        rows = result.fetchall()
    return Grid(names, [[str(value) for value in row] for row in rows])
