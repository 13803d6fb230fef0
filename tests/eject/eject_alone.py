"""A process that has no Homeroom, and the tables that it makes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb

KEY = "k3y-0f-the-sch00l"
_ALONE = """
import runpy, sys
for name in ("homeroom", "pyarrow", "aiohttp", "msgspec", "typer", "pydantic", "oauthlib"):
    sys.modules[name] = None  # as if they were not installed
runpy.run_path(sys.argv[1], run_name="__main__")
"""


def run_alone(script: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Runs a script where Homeroom, and what only Homeroom needs, cannot be imported."""
    return subprocess.run(
        [sys.executable, "-c", _ALONE, str(script)],
        capture_output=True,
        text=True,
        env=os.environ | environ,
        timeout=60,
        check=False,
    )


Table = tuple[tuple[tuple[str, str, str], ...], Counter[tuple[Any, ...]]]


def tables_of(database: Path, dataset: str) -> dict[str, Table]:
    """Every table of a dataset: its columns with type and nullability, its rows; without what is dlt's or ours."""
    with duckdb.connect(str(database), read_only=True) as connection:
        asked = "from information_schema.columns where table_schema = ? and not starts_with(table_name, '_')"
        found = connection.execute(
            f"select table_name, column_name, data_type, is_nullable {asked} "
            "and not starts_with(column_name, '_dlt') order by 1, 2",
            [dataset],
        ).fetchall()
        tables: dict[str, Table] = {}
        for name in {row[0] for row in found}:
            columns = tuple((column, kind, null) for table, column, kind, null in found if table == name)
            listed = ", ".join(f'"{column}"' for column, _, _ in columns)
            rows = connection.execute(f'select {listed} from "{dataset}"."{name}"').fetchall()
            tables[name] = columns, Counter(tuple(map(str, row)) for row in rows)
        return tables
