"""Several platforms in one DuckDB, and what the model makes of them: `python tests/model/one_database.py [PLATFORM]…`.

The sample school and the stand-ins of Moodle and OneRoster; `kolibri` and `jupyterhub` as arguments start the real
programs too. Prints what the model holds of each source, every check that is broken, and what each question answers.
Exits 1 where a resource is not complete, or a check of severity error is broken.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections import Counter
from contextlib import closing
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "standins"))
import duckdb
from counts import PLATFORMS
from questions_asked import ask_all_ten
from reads import filled

import homeroom
from homeroom.config import read_sync
from homeroom.demo import School
from homeroom.demo.config import school_config
from homeroom.edu_values import ModelSettings
from homeroom.sync_run.options import SyncOptions
from homeroom.sync_run.whole import sync_config
from homeroom.values import Config, Report, Status

STAND_INS = ("moodle", "oneroster_1_2", "oneroster_1_1")


def sample_school(folder: Path, database: str, scale: float = 0.2) -> Report:
    """The sample school, a part of it."""
    with School(scale=scale) as school:
        source = school_config(school.url, school.api_key)
        model = ModelSettings("sample_school")
        config = Config("sample_school", source, database, sync=read_sync({}), model=model)
        return sync_config(config, SyncOptions(home=folder / "home"))


def platform(name: str, folder: Path, database: str) -> Report:
    """A platform, read with the catalogue's config."""
    own = folder / name
    own.mkdir()
    with PLATFORMS[name](own) as (values, _):  # type: ignore[attr-defined]
        return homeroom.sync(filled(name, values, own), destination=database, home=folder / "home")


def answers(file: Path, today: date) -> dict[str, Counter[str]]:
    """How many rows each question gives as of that day, by source."""
    asked = ask_all_ten(str(file), today=today, sis="oneroster_1_2", lms="moodle")
    return {name: Counter(str(row["source"]) for row in rows) for name, rows in asked.items()}


def told(report: Report) -> bool:
    """Print what came of a sync; whether all of it is as it should be."""
    model = report.model
    assert model is not None
    held = ", ".join(f"{entity} {rows:,}" for entity, rows in model.rows.items() if rows)
    print(f"| {report.name} | {report.status} | {held} | {len(model.checks)} |")
    for each in model.broken:
        print(f"  {each.entity}.{each.column} {each.kind}: {each.violations} ({each.severity})")
    is_whole = all(line.status in (Status.COMPLETE, Status.UNPROVED) for line in report.resources.values())
    return is_whole and not model.error and not any(each.severity == "error" for each in model.broken)


def main(names: list[str]) -> int:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        os.environ |= {"DLT_DATA_DIR": str(folder / "dlt"), "RUNTIME__DLTHUB_TELEMETRY": "false"}
        file = folder / "campus.duckdb"
        database = f"duckdb:///{file}"
        print("| source | status | rows in edu | checks |\n|---|---|---|---|")
        reports = [sample_school(folder, database), *(platform(name, folder, database) for name in names)]
        is_right = all(list(map(told, reports)))
        print("\n| question | rows, by source |\n|---|---|")
        for name, sources in answers(file, date.today()).items():
            print(f"| {name} | {', '.join(f'{source} {n}' for source, n in sorted(sources.items())) or 'none'} |")
        with closing(duckdb.connect(str(file), read_only=True)) as connection:
            query = "SELECT severity, sum(violations) FROM edu._checks GROUP BY severity ORDER BY severity"
            print("\nviolations:", dict(connection.execute(query).fetchall()))
    return 0 if is_right else 1


if __name__ == "__main__":
    sys.exit(main([*STAND_INS, *sys.argv[1:]]))
