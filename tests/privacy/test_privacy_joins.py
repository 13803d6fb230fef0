"""Every reference of the sample school joins as many rows over hashed ids as over clear ones."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
import yaml

import homeroom
from homeroom.demo import School
from homeroom.demo.config import school_config

REFERENCES = {
    "schools.district_id": "districts",
    "terms.parent_id": "terms",
    "courses.school_id": "schools",
    "sections.course_id": "courses",
    "sections.term_id": "terms",
    "sections.school_id": "schools",
    "people.school_id": "schools",
    "people__roles.org_id": "schools",
    "enrollments.section_id": "sections",
    "enrollments.person_id": "people",
    "assignments.section_id": "sections",
    "submissions.assignment_id": "assignments",
    "submissions.person_id": "people",
}
"""Columns, each with the table whose `id` it holds."""
ACROSS = (
    "enrollments e JOIN submissions s ON e.person_id = s.person_id JOIN assignments a ON s.assignment_id = a.id "
    "AND a.section_id = e.section_id"
)


def counts(database: Path) -> dict[str, int]:
    """How many rows each reference joins, and how many different ids there are on both sides."""
    found = {}
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute("SET schema = 'd'")
        for at, other in REFERENCES.items():
            table, column = at.split(".")
            sql = f"SELECT count(*), count(DISTINCT b.id) FROM {table} a JOIN {other} b ON a.{column} = b.id"
            found[at], found[f"{at}, different"] = connection.execute(sql).fetchall()[0]
        found["across four tables"] = connection.execute(f"SELECT count(*) FROM {ACROSS}").fetchall()[0][0]
    return found


def test_joins_on_hashed_ids_give_the_counts_of_clear_ones(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    columns = dict.fromkeys([*REFERENCES, *(f"{other}.id" for other in REFERENCES.values())], "hash")
    made = {}
    with School(scale=0.02) as school:
        source = school_config(school.url, school.api_key)
        for name, rules in (("clear", {}), ("hashed", columns)):
            config, database = tmp_path / f"{name}.yaml", tmp_path / f"{name}.duckdb"
            config.write_text(yaml.safe_dump({"source": source, "privacy": {"columns": rules}}))
            report = homeroom.sync(config, destination=f"duckdb:///{database}", dataset="d", home=tmp_path / name)
            assert report.status == "complete"
            made[name] = counts(database)
    joined = sum(number for at, number in made["clear"].items() if "different" not in at)
    with capsys.disabled():
        print(f"\n{len(REFERENCES)} references, {joined:,} joined rows: the same over hashes")
    assert made["hashed"] == made["clear"]
    assert all(made["clear"].values())
