"""The mappings in PostgreSQL, which is stricter about types than DuckDB."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import dlt
import psycopg2
import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "columnar"))

from destination_postgres import missing_program, postgres
from mapped import AT

from homeroom.edu_values import ModelSettings
from homeroom.model import mapped_platforms
from homeroom.views import make_views

pytestmark = pytest.mark.skipif(missing_program() is not None, reason=f"there is no {missing_program()}")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres() as url:
        yield url


def pipeline(server: str, name: str, folder: Path) -> dlt.Pipeline:
    destination = dlt.destinations.postgres(server)
    return dlt.pipeline(name, destination=destination, dataset_name=f"{name}_raw", pipelines_dir=str(folder))


@pytest.mark.parametrize("platform", mapped_platforms())
def test_a_platform_without_a_table_has_empty_views(platform: str, server: str, tmp_path: Path) -> None:
    settings = ModelSettings(platform, demographics=True)
    report = make_views(pipeline(server, platform, tmp_path), "postgres", settings, platform, run_id="r1", at=AT)
    assert set(report.rows.values()) == {0}
    assert report.broken == []


def test_views_of_views_are_made_again_in_postgresql(server: str, tmp_path: Path) -> None:
    people = [{"id": 1, "name": "Ada", "role": "student", "is_active": True, "birth_date": "next Monday"}]
    opened = pipeline(server, "school", tmp_path)
    opened.run([dlt.resource(people, name="people", primary_key="id")])
    for materialise in (False, True, False):
        settings = ModelSettings("sample_school", materialise=materialise, demographics=True)
        report = make_views(opened, "postgres", settings, "school", run_id="r1", at=AT)
        assert [(each.column, each.kind) for each in report.broken] == [("birth_date", "type")]
    with psycopg2.connect(server) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT display_name, state FROM edu.person WHERE source = 'school'")
        assert cursor.fetchall() == [("Ada", "active")]
    connection.close()
