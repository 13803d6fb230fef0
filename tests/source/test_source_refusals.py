"""A read that is not whole loads nothing, leaves nothing behind and says why."""

from typing import Any

import pytest
from source_help import Campus, child, ids, resource, source_of

from homeroom.demo import Dials, School
from homeroom.demo.config import school_config
from homeroom.errors import DataError, IncompleteError, RequestError
from homeroom.source import make_source
from homeroom.source.options import ReadingOptions
from homeroom.values import Status, SyncSettings


def test_a_resource_that_fails_keeps_all_others_out(campus: Campus, school: School) -> None:
    """dlt's own rule: a source is loaded whole or not at all."""
    school.set_dials(Dials(always=400, only="/v1/terms"))
    source = source_of(school, "people", "terms")
    error = campus.refuses(source, RequestError)
    assert f"resource terms, GET {school.url}/v1/terms" in str(error) and campus.is_untouched
    assert source.report.resources["terms"].status is Status.FAILED


def test_a_run_after_a_failed_one_starts_afresh(campus: Campus, school: School) -> None:
    """No package of the failed one is in its way."""
    school.set_dials(Dials(always=404))
    campus.refuses(source_of(school, "people"), RequestError)
    school.set_dials(Dials())
    campus.run(source_of(school, "people"))
    assert campus.column("people") == ids(school.rows("people"))


def test_a_total_above_what_came_is_an_error(campus: Campus, school: School) -> None:
    """Rows are missing, or the API is wrong: either way somebody must look."""
    school.set_dials(Dials(total="wrong-high"))
    source = source_of(school, "people")
    error = campus.refuses(source, IncompleteError)
    assert "the API says 604 rows, 104 came" in str(error) and campus.is_untouched
    assert source.report.status is Status.INCOMPLETE


def test_a_child_with_missing_rows_is_an_error(campus: Campus, school: School) -> None:
    """Of a single parent."""
    last = school.rows("sections")[-1]["id"]
    school.set_dials(Dials(total="wrong-high", only=f"/v1/sections/{last}/*"))
    error = campus.refuses(source_of(school, "sections", child("sections", "enrollments")), IncompleteError)
    assert error.resource == "enrollments" and campus.is_untouched  # type: ignore[attr-defined]


def test_an_exception_in_a_step_of_the_user_comes_through(campus: Campus, shared_school: School) -> None:
    """As the user raised it, and nothing is left of the run."""

    def fussy(row: dict[str, Any]) -> dict[str, Any]:
        raise KeyError(f"no place for row {row['id']}")

    source = source_of(shared_school, "people")
    source.people.add_map(fussy)
    assert "no place for row 100001" in str(campus.refuses(source, KeyError)) and campus.is_untouched


@pytest.mark.parametrize("listed", ["the key", "a column"])
def test_a_null_where_none_may_be_is_an_error_before_anything_is_written(
    listed: str, campus: Campus, shared_school: School
) -> None:
    """It names resource, page, row and column; dlt would fail in the middle of its load."""
    nth = next(n for n, row in enumerate(shared_school.rows("people")) if row["email"] is None)
    hints = {"primary_key": "email"} if listed == "the key" else {"columns": {"email": {"nullable": False}}}
    error = campus.refuses(source_of(shared_school, resource("people", **hints)), DataError)
    page, row = divmod(nth, 20)
    assert f"resource people, page {page + 1} (" in str(error) and f"row {row + 1}: column email is null" in str(error)
    assert campus.is_untouched


def test_a_null_that_a_step_fills_is_none(campus: Campus, shared_school: School) -> None:
    """What counts is what would be loaded."""
    source = source_of(shared_school, resource("people", columns={"email": {"nullable": False}}))
    source.people.add_map(lambda row: {**row, "email": row["email"] or "none"})
    campus.run(source)
    assert campus.column("people") == ids(shared_school.rows("people"))


def test_a_first_run_without_rows_is_fine(campus: Campus, school: School) -> None:
    """There is nothing to lose yet."""
    empty(school, "terms")
    source = source_of(school, "people", "terms", write_disposition="replace")
    campus.run(source)
    assert "terms" not in campus.tables and source.report.status is Status.COMPLETE


@pytest.mark.parametrize("disposition", ["merge", "append"])
def test_a_later_run_without_rows_is_fine_where_nothing_is_replaced(
    disposition: str, campus: Campus, school: School
) -> None:
    """The rows stay."""
    campus.run(source_of(school, "terms", write_disposition=disposition))
    empty(school, "terms")
    campus.run(source_of(school, "terms", write_disposition=disposition))
    assert len(campus.column("terms")) == 3


@pytest.mark.parametrize("strategy", ["scd2", "cdc"])
def test_an_empty_list_retires_and_deletes_nothing(strategy: str, campus: Campus, school: School) -> None:
    """To dlt it is no load; should that change, such a table needs the guard of one that is replaced."""
    kept = {"write_disposition": {"disposition": "merge", "strategy": strategy}}
    campus.run(source_of(school, "terms", **kept))
    held = campus.content()
    empty(school, "terms")
    campus.run(source_of(school, "terms", **kept))
    assert campus.content() == held
    if strategy == "scd2":
        assert campus.column("terms", "_dlt_valid_to") == [None] * 3


def test_an_empty_list_does_not_empty_a_table(campus: Campus, school: School) -> None:
    """dlt would truncate it: an error page that looks like an empty list has emptied many a table."""
    campus.run(source_of(school, "terms", write_disposition="replace"))
    empty(school, "terms")
    error = campus.refuses(source_of(school, "terms", write_disposition="replace"), IncompleteError)
    assert "replace would empty the table terms" in str(error)
    assert len(campus.column("terms")) == 3 and not campus.pipeline.has_pending_data


def test_an_empty_child_does_not_empty_its_table(campus: Campus, school: School) -> None:
    """No parent has any."""
    listed = ("sections", child("sections", "assignments"))
    campus.run(source_of(school, *listed, write_disposition="replace"))
    held = campus.column("assignments")
    empty(school, "assignments")
    error = campus.refuses(source_of(school, *listed, write_disposition="replace"), IncompleteError)
    assert error.resource == "assignments" and campus.column("assignments") == held  # type: ignore[attr-defined]


def test_parents_that_are_gone_do_not_empty_the_table_of_their_children(campus: Campus, school: School) -> None:
    """The parent is merged, so that it may come back empty; its child is not even asked for."""
    replaced = child("sections", "assignments", write_disposition="replace")
    campus.run(source_of(school, "sections", replaced))
    held = campus.column("assignments")
    empty(school, "sections")
    campus.refuses(source_of(school, "sections", replaced), IncompleteError)
    assert campus.column("assignments") == held


def empty(school: School, entity: str) -> None:
    """Take all rows away."""
    for row in school.rows(entity):
        school.remove(entity, row["id"])


def test_code_of_the_config_that_raises_costs_its_own_resource_where_others_go_on() -> None:
    """In the whole job a hook that raises is a failed resource; its words, which may quote a row, are not kept."""

    def broken(response: Any) -> None:
        raise KeyError("s3cret")

    with School(scale=0.01) as school:
        config = school_config(school.url, school.api_key)
        config["resources"] = [each for each in config["resources"] if each["name"] in ("terms", "schools")]
        config["resources"][0]["endpoint"]["response_actions"] = [broken]
        source = make_source(config, SyncSettings(), ReadingOptions(strict=False))
        list(source)
    statuses = {name: str(line.status) for name, line in source.report.resources.items()}
    assert sorted(statuses.values()) == ["complete", "failed"]
    assert "KeyError" in str(source.report) and "s3cret" not in str(source.report)


def test_rows_that_are_no_objects_are_refused_where_they_need_a_key(campus: Campus, shared_school: School) -> None:
    """A selector that finds the total, or one value of each row."""
    for selector in ("total", "data[*].id"):
        endpoint = {"path": "/v1/terms", "data_selector": selector, "paginator": "single_page"}
        source = source_of(shared_school, {"name": "terms", "endpoint": endpoint})
        error = campus.refuses(source, DataError)
        assert "row 1 is a number, not an object" in str(error) and f"which is {selector} here" in str(error)
        assert campus.is_untouched
