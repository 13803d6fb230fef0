"""In a pipeline: runs that follow each other, several pipelines, and tables that do not depend on luck."""

import threading
from collections.abc import Callable
from typing import Any

import dlt
import pytest
from source_help import Campus, child, config_of, ids, resource, source_of

from homeroom.demo import Dials, School
from homeroom.source import rest_api_source
from homeroom.values import Status


def test_a_source_can_be_run_twice(campus: Campus, shared_school: School) -> None:
    """The same object; merged rows stay as they are."""
    source = source_of(shared_school, "people")
    campus.run(source)
    campus.run(source)
    assert campus.column("people") == ids(shared_school.rows("people"))
    assert source.report.resources["people"].rows_received == len(shared_school.rows("people"))


def test_a_source_can_go_into_two_pipelines(open_campus: Callable[[str], Campus], shared_school: School) -> None:
    """One after the other."""
    source, left, right = source_of(shared_school, "people"), open_campus("left"), open_campus("right")
    left.run(source)
    right.run(source)
    assert left.content() == right.content() and left.column("people") == ids(shared_school.rows("people"))


def test_a_second_run_brings_what_changed(campus: Campus, school: School) -> None:
    """A new row and another name."""
    campus.run(source_of(school, "terms"))
    school.put("terms", {**school.rows("terms")[0], "name": "Renamed"})
    school.put("terms", {"id": 99, "name": "Summer"})
    campus.run(source_of(school, "terms"))
    assert campus.column("terms", "name") == sorted(row["name"] for row in school.rows("terms"))


def test_a_run_of_a_selection_fills_the_report_of_the_original(campus: Campus, shared_school: School) -> None:
    """And loads nothing else."""
    source = source_of(shared_school, "people", "terms")
    campus.run(source.with_resources("terms"))
    assert campus.tables == ["terms"] and source.report.resources["terms"].status is Status.COMPLETE


def test_a_limit_loads_what_was_asked_for(campus: Campus, shared_school: School) -> None:
    """Two pages, without raising; the report says that it is not all."""
    source = source_of(shared_school, "people")
    source.people.add_limit(2)
    campus.run(source)
    assert len(campus.column("people")) == 40 and source.report.status is Status.INCOMPLETE


def test_a_transformer_may_follow(campus: Campus, shared_school: School) -> None:
    """The parent alone feeds it."""

    @dlt.transformer(name="lengths")
    def lengths(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{"id": row["id"], "length": len(row["name"])} for row in rows]

    campus.run(source_of(shared_school, "people").people | lengths)
    assert campus.column("lengths") == ids(shared_school.rows("people"))


def test_two_sources_can_be_run_as_one(campus: Campus, shared_school: School) -> None:
    """Each has a report of its own."""
    sources = [source_of(shared_school, name) for name in ("people", "terms")]
    campus.run(sources)
    assert {"people", "terms"} < set(campus.tables)
    assert [len(source.report.resources) for source in sources] == [1, 1]


def test_parallelized_leaves_resources_of_the_user_to_dlt(shared_school: School) -> None:
    """They are read in dlt's threads; ours need none."""
    threads: list[str] = []

    def numbers() -> Any:
        threads.append(threading.current_thread().name)
        yield [{"id": 1}]

    config = config_of(shared_school, dlt.resource(numbers, name="numbers"), resource("terms"))
    source = rest_api_source(config, parallelized=True)
    source.terms.add_map(lambda row: threads.append(threading.current_thread().name) or row)
    assert len(list(source)) == 4
    assert threads.count("MainThread") == 3 and len(threads) == 4


@pytest.mark.parametrize("parallelized", [False, True])
def test_the_order_of_answers_changes_no_table(
    parallelized: bool, open_campus: Callable[[str], Campus], school: School
) -> None:
    """Types come from the first value seen: rows leave in page order, parents in theirs, whatever is late."""
    for number, row in enumerate(school.rows("enrollments")):
        school.put("enrollments", {**row, "grade": number if number % 40 else f"grade {number}"})
    listed = (
        resource("sections"),
        child("sections", "enrollments"),
        resource("people"),
        child("sections", "assignments"),
    )
    config = config_of(school, *listed, write_disposition="append")
    found = []
    for run, jitter_s in enumerate((0.0, 0.02, 0.05)):
        school.set_dials(Dials(jitter_s=jitter_s))
        campus = open_campus(f"run_{run}")
        campus.run(rest_api_source(config, parallelized=parallelized))
        found.append(campus.content())
    assert found[0] == found[1] == found[2] and len(found[0]["enrollments"][1]) == len(school.rows("enrollments"))
