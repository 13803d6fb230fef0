"""Outside of a pipeline the source is what dlt's is: dicts, a page at a time, for whatever is attached."""

import gc
import inspect
import threading
from collections.abc import Iterator
from typing import Any

import dlt
import pytest
from dlt.extract import DltResource, DltSource
from dlt.sources.rest_api import rest_api_resources as dlt_resources
from dlt.sources.rest_api import rest_api_source as dlt_source
from source_help import child, config_of, ids, resource, source_of

from homeroom.demo import School
from homeroom.source import rest_api_resources, rest_api_source
from homeroom.values import Status


def test_a_list_of_the_source_has_every_row(shared_school: School) -> None:
    """As dicts."""
    assert list(source_of(shared_school, "people")) == shared_school.rows("people")


def test_a_resource_yields_a_page_at_a_time(shared_school: School) -> None:
    """A list of dicts each."""
    pages: list[Any] = []
    source = source_of(shared_school, "people")
    source.people.add_map(lambda row: pages.append(row["id"]) or row)
    first = next(iter(source))
    assert first["id"] == pages[0] and len(pages) == 20


def test_a_second_iteration_reads_again(shared_school: School) -> None:
    """And the report is that of the last one alone."""
    source = source_of(shared_school, "people")
    assert list(source) == list(source)
    assert source.report.resources["people"].rows_received == len(shared_school.rows("people"))


def test_an_iteration_that_is_given_up_leaves_no_thread(shared_school: School) -> None:
    """It ends with its iterator, and the report says that its reader wanted no more."""
    source = source_of(shared_school, "people")
    next(iter(source))
    gc.collect()  # dlt's iterator holds itself in a circle
    assert source.report.status is Status.INCOMPLETE
    assert "homeroom-fetch" not in [thread.name for thread in threading.enumerate()]


def test_a_map_acts_on_each_row(shared_school: School) -> None:
    """As in dlt."""
    source = source_of(shared_school, "terms")
    source.terms.add_map(lambda row: {"id": row["id"] * 10})
    assert list(source) == [{"id": row["id"] * 10} for row in shared_school.rows("terms")]


def test_a_filter_drops_rows(shared_school: School) -> None:
    """The report still counts what came."""
    source = source_of(shared_school, "people")
    source.people.add_filter(lambda row: row["role"] == "teacher")
    assert ids(list(source)) == ids([r for r in shared_school.rows("people") if r["role"] == "teacher"])
    assert source.report.resources["people"].rows_received == len(shared_school.rows("people"))


def test_a_yield_map_makes_several_rows_of_one(shared_school: School) -> None:
    """As in dlt."""

    def twice(row: dict[str, Any]) -> Iterator[dict[str, Any]]:
        yield {"id": row["id"]}
        yield {"id": -row["id"]}

    source = source_of(shared_school, "terms")
    source.terms.add_yield_map(twice)
    assert len(list(source)) == 2 * len(shared_school.rows("terms"))


def test_a_limit_counts_pages(shared_school: School) -> None:
    """Two pages of 20, and the report says that this is not all."""
    source = source_of(shared_school, "people")
    source.people.add_limit(2)
    assert list(source) == shared_school.rows("people")[:40]
    line = source.report.resources["people"]
    assert (line.status, line.pages) == (Status.INCOMPLETE, 2)


def test_a_transformer_gets_the_pages(shared_school: School) -> None:
    """`resource | transformer`."""

    @dlt.transformer
    def numbers(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        yield {"rows": len(rows)}

    source = source_of(shared_school, "people")
    assert list(source.people | numbers) == [{"rows": 20}] * 5 + [{"rows": 4}]


def test_a_selection_reads_what_was_selected(shared_school: School) -> None:
    """The original has the report too."""
    source = source_of(shared_school, "people", "terms")
    assert list(source.with_resources("terms")) == shared_school.rows("terms")
    assert {name: line.status for name, line in source.report.resources.items() if line.pages} == {
        "terms": Status.COMPLETE
    }


def test_a_selected_child_brings_its_parent_along(shared_school: School) -> None:
    """Read for its sake, and not given out."""
    source = source_of(shared_school, "sections", child("sections", "enrollments"))
    assert ids(list(source.with_resources("enrollments"))) == ids(shared_school.rows("enrollments"))
    assert source.report.resources["sections"].status is Status.COMPLETE


@pytest.mark.parametrize("flag", ["the source's", "the resource's", "the method"])
def test_parallelized_reads_the_same(flag: str, shared_school: School) -> None:
    """Whichever way it is asked for, children included."""
    flagged = {"parallelized": True} if flag == "the resource's" else {}
    parts = resource("sections", **flagged), child("sections", "enrollments", **flagged)
    source = rest_api_source(config_of(shared_school, *parts), parallelized=flag == "the source's")
    if flag == "the method":
        source.parallelize()
    wanted = shared_school.rows("sections") + shared_school.rows("enrollments")
    assert ids(list(source)) == ids(wanted) and source.report.status is Status.COMPLETE


def test_the_report_of_a_source_that_was_not_read_says_so(shared_school: School) -> None:
    """Before the first iteration."""
    source = source_of(shared_school, "people")
    assert {line.status for line in source.report.resources.values()} == {Status.SKIPPED}


@pytest.mark.parametrize("names", [{}, {"name": "campus_api"}, {"name": "a", "section": "b"}])
def test_a_source_has_the_names_that_dlt_gives_it(names: dict[str, str], shared_school: School) -> None:
    """Name, section, schema, and the resources in dlt's order."""
    config = config_of(shared_school, child("sections", "enrollments"), resource("sections"), "v1/terms")
    ours, theirs = rest_api_source(config, **names), dlt_source(config, **names)
    assert isinstance(ours, DltSource)
    assert (ours.name, ours.section, ours.schema.name) == (theirs.name, theirs.section, theirs.schema.name)
    assert list(ours.resources) == list(theirs.resources)


def test_the_resources_alone_are_those_of_dlt(shared_school: School) -> None:
    """To be mixed with others in a source of one's own."""
    config = config_of(shared_school, child("sections", "enrollments"), resource("sections"))
    ours = rest_api_resources(config)
    assert [r.name for r in ours] == [r.name for r in dlt_resources(config)]
    assert all(isinstance(each, DltResource) for each in ours) and len(list(ours[0])) == 25


@pytest.mark.parametrize(("ours", "theirs"), [(rest_api_source, dlt_source), (rest_api_resources, dlt_resources)])
def test_the_parameters_are_those_of_dlt(ours: Any, theirs: Any) -> None:
    """In dlt's order and with its defaults; what is ours is named."""
    taken = inspect.signature(ours).parameters.values()
    shared = [(p.name, p.default) for p in taken if p.kind is not inspect.Parameter.KEYWORD_ONLY]
    assert shared == [(p.name, p.default) for p in inspect.signature(theirs).parameters.values()]
