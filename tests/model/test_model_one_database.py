"""The same questions to several platforms in one database."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

sys.path.insert(0, str(Path(__file__).parent))

import one_database

from homeroom.values import Report, Status

ALL_FOUR = {"sample_school", "moodle", "oneroster_1_2", "oneroster_1_1"}


@pytest.fixture(scope="module")
def campus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, list[Report]]]:
    """The sample school, Moodle and both versions of OneRoster, synced one after the other."""
    folder = tmp_path_factory.mktemp("campus")
    database = f"duckdb:///{folder}/campus.duckdb"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DLT_DATA_DIR", str(folder / "dlt"))
        patch.chdir(folder)
        reports = [one_database.sample_school(folder, database, 0.02)]
        reports += [one_database.platform(name, folder, database) for name in one_database.STAND_INS]
    yield folder / "campus.duckdb", reports


@pytest.fixture(scope="module")
def answers(campus: tuple[Path, list[Report]]) -> dict[str, Counter[str]]:
    return one_database.answers(campus[0], date(2026, 5, 29))


def test_every_platform_is_read_whole_and_breaks_no_rule(campus: tuple[Path, list[Report]]) -> None:
    for report in campus[1]:
        assert report.status in (Status.COMPLETE, Status.UNPROVED), report.name
        assert report.model is not None
        assert (report.model.error, report.model.note, list(report.model.broken)) == ("", "", [])


def test_each_source_has_as_many_people_in_the_model_as_its_report_says(campus: tuple[Path, list[Report]]) -> None:
    file, reports = campus
    with duckdb.connect(str(file), read_only=True) as connection:
        found = dict(connection.execute("SELECT source, count(*) FROM edu.person GROUP BY source").fetchall())
    assert found == {report.name: report.model.rows["person"] for report in reports if report.model}


@pytest.mark.parametrize(
    ("question", "sources"),
    [
        ("enrolled_by_section_and_term", ALL_FOUR),
        ("sections_without_a_teacher", ALL_FOUR),
        ("students_per_teacher", {"sample_school", "moodle"}),
        ("grades_by_section", {"sample_school", "moodle"}),
        ("late_and_missing_by_section", {"sample_school", "moodle"}),
        ("rosters_that_differ", {"oneroster_1_2", "moodle"}),
    ],
)
def test_a_question_is_answered_for_each_source_that_has_the_data(
    question: str, sources: set[str], answers: dict[str, Counter[str]]
) -> None:
    assert set(answers[question]) == sources


def test_every_question_can_be_asked_of_all_of_them(answers: dict[str, Counter[str]]) -> None:
    assert len(answers) == 10
