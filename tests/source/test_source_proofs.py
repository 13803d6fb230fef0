"""What the report claims, paging style by paging style."""

from typing import Any

import pytest
from source_help import config_of, ids, resource, source_of

from homeroom.demo import Dials, School
from homeroom.source import rest_api_source
from homeroom.values import Proof, Status

OFFSET = {"type": "offset", "limit": 100}
CURSOR = {"type": "cursor", "cursor_path": "cursors.next"}
NUMBERED = {"type": "page_number", "base_page": 1}
STYLES = [
    ("v1", "data", OFFSET, Status.COMPLETE, Proof.COUNT),
    ("cursor", "results", CURSOR, Status.COMPLETE, Proof.KEYSET),
    ("all", "data", "single_page", Status.COMPLETE, Proof.DECLARED),
    ("page", "items", NUMBERED, Status.UNPROVED, Proof.END),
    ("page0", "items", "page_number", Status.UNPROVED, Proof.END),
    ("link", "results", "json_link", Status.UNPROVED, Proof.END),
    ("link-relative", "results", "json_link", Status.UNPROVED, Proof.END),
    ("header", "$", "header_link", Status.UNPROVED, Proof.END),
    ("link", "results", "auto", Status.COMPLETE, Proof.COUNT),
    ("header", "$", "auto", Status.UNPROVED, Proof.END),
]


def people(style: str, selector: str, paginator: Any, **params: Any) -> dict[str, Any]:
    """All people in this style."""
    endpoint = {
        "path": f"/{style}/people",
        "data_selector": selector,
        "paginator": paginator,
        "params": params,
    }
    return resource("people", endpoint=endpoint)


@pytest.mark.parametrize(("style", "selector", "paginator", "status", "proof"), STYLES)
def test_a_paging_style_proves_what_it_can(
    style: str, selector: str, paginator: Any, status: Status, proof: Proof, shared_school: School
) -> None:
    """Only a total, a cursor and a declaration prove that nothing moved."""
    sized = {} if style in ("v1", "cursor") else {"per_page": 30}
    source = rest_api_source(config_of(shared_school, people(style, selector, paginator, **sized)))
    assert ids(list(source)) == ids(shared_school.rows("people"))
    line = source.report.resources["people"]
    assert (line.status, line.proof) == (status, proof)


@pytest.mark.parametrize(
    ("total", "status", "proof"),
    [
        ("header", Status.COMPLETE, Proof.COUNT),
        ("text", Status.COMPLETE, Proof.COUNT),
        ("absent", Status.COMPLETE, Proof.CONTINUITY),
        ("wrong-low", Status.UNPROVED, Proof.END),
    ],
)
def test_a_total_counts_wherever_it_stands(total: str, status: Status, proof: Proof, school: School) -> None:
    """One that is too low costs the proof, never a row."""
    school.set_dials(Dials(total=total))
    source = source_of(school, "people")
    assert ids(list(source)) == ids(school.rows("people"))
    line = source.report.resources["people"]
    assert (line.status, line.proof) == (status, proof)


@pytest.mark.parametrize("total", ["body", "absent", "header"])
def test_a_page_that_is_capped_in_silence_loses_nothing(total: str, school: School) -> None:
    """50 rows where 100 were asked for."""
    school.set_dials(Dials(page_cap=50, total=total))
    source = rest_api_source(config_of(school, people("v1", "data", OFFSET)))
    assert ids(list(source)) == ids(school.rows("people"))


def test_rows_without_a_key_are_counted_but_not_proved(shared_school: School) -> None:
    """A row that came twice would hide one that is missing."""
    source = source_of(shared_school, "people", primary_key=[])
    list(source)
    line = source.report.resources["people"]
    assert (line.status, line.rows_distinct, line.api_total) == (Status.UNPROVED, None, line.rows_received)


def test_a_report_counts_what_reading_cost(shared_school: School) -> None:
    """Pages, requests, bytes and times."""
    source = source_of(shared_school, "people")
    list(source)
    line = source.report.resources["people"]
    assert (line.pages, line.requests, line.retries, line.table_name) == (6, 6, 0, "people")
    assert line.bytes > 10_000 and line.started_at <= line.oldest_page_at <= line.finished_at
