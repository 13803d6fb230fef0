"""The neutral views over columns that a profile hides: what is dropped is null, what is hashed joins as before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
import yaml

import homeroom
from homeroom.demo import School
from homeroom.demo.config import school_config
from homeroom.values import Status

JOINED = (
    "person p ON p.id = e.person_id",
    "section s ON s.id = e.section_id",
)


@pytest.fixture(scope="module")
def school() -> Iterator[School]:
    with School(scale=0.05) as school:
        yield school


def synced(school: School, folder: Path, profile: str) -> duckdb.DuckDBPyConnection:
    folder.mkdir()
    source = school_config(school.url, school.api_key)
    config = {"name": "campus", "source": source, "model": "sample_school", "privacy": {"profile": profile}}
    (folder / "campus.yaml").write_text(yaml.safe_dump(config))
    report = homeroom.sync(folder / "campus.yaml", destination=f"duckdb:///{folder / 'it.duckdb'}", home=folder / "h")
    assert report.status is Status.COMPLETE
    return duckdb.connect(str(folder / "it.duckdb"), read_only=True)


def counts(database: duckdb.DuckDBPyConnection) -> list[int]:
    """Rows of the views, and of what joins them."""
    views = ["person", "enrollment", *(f"enrollment e JOIN edu.{each}" for each in JOINED)]
    return [int(database.execute(f"SELECT count(*) FROM edu.{each}").fetchall()[0][0]) for each in views]


def test_joins_on_hashed_ids_find_as_many_rows_as_on_clear_ones(school: School, tmp_path: Path) -> None:
    with synced(school, tmp_path / "clear", "full") as clear, synced(school, tmp_path / "hidden", "deidentified") as it:
        assert counts(it) == counts(clear)
        assert all(counts(clear))
        names = "SELECT count(*) FROM edu.person WHERE coalesce(given_name, family_name, display_name) IS NOT NULL"
        assert it.execute(names).fetchall() == [(0,)]
        assert {len(each) for (each,) in it.execute("SELECT person_id FROM edu.enrollment").fetchall()} == {64}
