"""Which rows go where: one run at a time, names of datasets, patterns of resources, limits."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dlt
import pytest

from homeroom.errors import ConfigError, LoadError
from homeroom.events import StageStarted
from homeroom.report import exit_code
from homeroom.values import Status

if TYPE_CHECKING:
    from conftest import Campus, OpenCampus


def test_a_second_run_into_the_same_dataset_is_refused(campus: Campus) -> None:
    campus.configure("terms")
    refusals: list[str] = []

    def sync_again(event: object) -> None:
        if event == StageStarted("read"):
            with pytest.raises(LoadError) as caught:
                campus.sync()
            refusals.append(str(caught.value))

    assert exit_code(campus.sync(hooks=[sync_again])) == 0
    expected = f"another run (process {os.getpid()}) writes to {campus.url}, dataset campus, at this moment; "
    expected += "wait for its end, or write to another dataset with --dataset"
    assert refusals == [expected]
    assert campus.query("SELECT count(*) FROM _homeroom_runs") == [(1,)]


@dlt.destination
def sink(items: Any, table: Any) -> None:
    """Takes rows as they are: for it nothing is nested in tables."""


def test_a_pipeline_of_before_changes_no_table_and_is_active_again(campus: Campus, tmp_path: Path) -> None:
    campus.configure("courses")
    mine = dlt.pipeline("mine", destination=sink, pipelines_dir=str(tmp_path))
    campus.sync()
    assert "courses__grades" in campus.tables()
    assert dlt.current.pipeline() is mine
    mine.deactivate()


def test_a_folder_may_be_named_like_a_module_of_python(
    campus: Campus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gc").mkdir()
    monkeypatch.setenv("DLT_PROJECT_DIR", str(tmp_path / "gc"))
    campus.configure("terms")
    assert campus.sync().status is Status.COMPLETE


def test_a_dataset_named_like_the_duckdb_file_becomes_name_data(campus: Campus) -> None:
    campus.configure("terms")
    report = campus.sync(destination=f"duckdb:///{campus.folder}/campus.duckdb")
    assert report.dataset == "campus_data"
    campus.database = campus.folder / "campus.duckdb"
    assert campus.query("SELECT count(*) FROM campus_data.terms") == [(3,)]


def test_a_dataset_that_is_named_like_the_duckdb_file_is_refused_where_it_is_given(campus: Campus) -> None:
    campus.configure("terms")
    with pytest.raises(ConfigError) as caught:
        campus.sync(destination=f"duckdb:///{campus.folder}/campus.duckdb", dataset="campus")
    assert "--dataset: the dataset may not be named like the DuckDB file" in str(caught.value)
    assert "name it campus_data, or rename the file" in str(caught.value)
    assert not Path(campus.folder, "campus.duckdb").exists()


def test_a_relative_duckdb_file_lies_in_the_working_folder(campus: Campus, tmp_path: Path) -> None:
    campus.configure("terms")
    campus.sync(destination="duckdb:///here.duckdb")
    assert (tmp_path / "here.duckdb").exists()


@pytest.mark.parametrize(
    ("destination", "said"),
    [
        (None, "no destination is given"),
        ("ftp://example.org/x", "no destination takes this kind of URL"),
        ("nosuchthing", "destination"),
    ],
)
def test_a_destination_that_is_none_is_refused(campus: Campus, destination: str | None, said: str) -> None:
    campus.configure("terms")
    with pytest.raises(ConfigError, match=said):
        campus.sync(destination=destination)
    assert campus.school.requests == []


def test_a_password_of_a_refused_destination_is_not_shown(campus: Campus) -> None:
    campus.configure("terms")
    with pytest.raises(ConfigError) as caught:
        campus.sync(destination="ftp://me:hunter22@example.org/x")
    assert "hunter22" not in str(caught.value)


CHILD = {
    "name": "section_enrollments",
    "endpoint": {"path": "/v1/sections/{resources.sections.id}/enrollments"},
}


@pytest.fixture(scope="module")
def family(open_campus: OpenCampus) -> Campus:
    """sections with a child, and two others."""
    campus = open_campus()
    campus.configure("sections", CHILD, "terms", "schools")
    return campus


def loaded(campus: Campus, name: str, **options: object) -> set[str]:
    """The resources whose root tables a run made."""
    campus.database = campus.folder / f"{name}.duckdb"
    campus.sync(destination=f"duckdb:///{campus.database}", dataset="campus", **options)
    return {table for table in campus.tables() if not table.startswith("_homeroom") and "__" not in table}


def test_a_selected_child_is_loaded_and_its_parent_is_only_read(family: Campus) -> None:
    assert loaded(family, "child", select=["section_*"]) == {"section_enrollments"}
    assert family.query("SELECT count(*) FROM section_enrollments") == [(len(family.true_ids("enrollments")),)]


def test_patterns_select(family: Campus) -> None:
    assert loaded(family, "selected", select=["t*", "schools"]) == {"terms", "schools"}


def test_patterns_exclude(family: Campus) -> None:
    assert loaded(family, "excluded", exclude=["sect*"]) == {"terms", "schools"}


def test_exclude_outweighs_select(family: Campus) -> None:
    assert loaded(family, "both", select=["*s"], exclude=["section*"]) == {"terms", "schools"}


def test_a_pattern_that_fits_nothing_is_refused(family: Campus) -> None:
    with pytest.raises(ConfigError) as caught:
        family.sync(select=["term", "terms"])
    assert str(caught.value) == (
        "--select: no resource has such a name; got 'term'; "
        "allowed: sections, terms, schools, section_enrollments; did you mean terms?"
    )


def test_a_run_that_excludes_everything_is_refused(family: Campus) -> None:
    with pytest.raises(ConfigError, match="no resource is left to read"):
        family.sync(exclude=["*"])


@pytest.fixture(scope="module")
def limited(open_campus: OpenCampus) -> tuple[Campus, dict[str, object], int]:
    """A run that read at most 10 rows of each resource, its lines and its exit code."""
    campus = open_campus()
    campus.configure("people", "terms")
    report = campus.sync(limit=10)
    return campus, dict(report.resources), exit_code(report)


def test_a_limit_is_the_most_rows_of_a_resource(limited: tuple[Campus, dict[str, object], int]) -> None:
    assert limited[0].ids("people") == limited[0].true_ids("people")[:10]


def test_a_limited_resource_ends_incomplete(limited: tuple[Campus, dict[str, object], int]) -> None:
    _, lines, code = limited
    people = lines["people"]
    assert (people.status, people.proof, people.note) == (Status.INCOMPLETE, None, "stopped at 10 rows as asked")
    assert code == 3


def test_a_resource_below_the_limit_is_complete(limited: tuple[Campus, dict[str, object], int]) -> None:
    assert limited[1]["terms"].status is Status.COMPLETE
