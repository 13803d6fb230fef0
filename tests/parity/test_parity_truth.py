"""Where dlt fails or loses rows there is no parity: what counts is what the school holds."""

import json
from collections import Counter
from typing import Any

import pytest
from parity_sides import Side

from homeroom.demo import Dials, School

Sides = tuple[Side, Side]


def config_of(school: School, style: str, selector: str, paginator: Any) -> dict[str, Any]:
    """Terms and people are read; flat tables, so that a row is easily compared."""
    endpoint = {"path": f"/{style}/enrollments", "data_selector": selector, "paginator": paginator}
    return {
        "client": {"base_url": school.url, "auth": {"type": "bearer", "token": school.api_key}},
        "resources": [{"name": "enrollments", "primary_key": "id", "endpoint": endpoint}],
    }


def ids(rows: Counter[str]) -> list[int]:
    """The ids of a table's rows, repeated where a row is."""
    return sorted(json.loads(row)["id"] for row in rows.elements())


OFFSET = ("v1", "data", {"type": "offset", "limit": 100})


@pytest.mark.parametrize("total", ["absent", "header", "text", "wrong-low"])
def test_a_total_that_is_absent_or_elsewhere_costs_no_row(total: str, sides: Sides, school: School) -> None:
    """dlt fails without one, and stops early at one that is too low."""
    school.set_dials(Dials(total=total))
    found = sides[1].run(config_of(school, *OFFSET))
    assert ids(found.rows["enrollments"]) == [row["id"] for row in school.rows("enrollments")]


@pytest.mark.parametrize("total", ["absent", "body"])
def test_a_server_that_gives_less_than_was_asked_for_costs_no_row(total: str, sides: Sides, school: School) -> None:
    """dlt steps by what it asked for and loses every second half page."""
    school.set_dials(Dials(page_cap=50, total=total))
    found = sides[1].run(config_of(school, *OFFSET))
    assert ids(found.rows["enrollments"]) == [row["id"] for row in school.rows("enrollments")]


def test_dlt_does_lose_them(sides: Sides, school: School) -> None:
    """If a new dlt no longer does, the case belongs to parity."""
    school.set_dials(Dials(page_cap=50))
    found = sides[0].run(config_of(school, *OFFSET))
    assert found.rows["enrollments"].total() < len(school.rows("enrollments"))


def test_a_capped_page_costs_no_row_of_any_other_paging(sides: Sides, school: School) -> None:
    """Page numbers, cursors and links go by what the server says."""
    school.set_dials(Dials(page_cap=50))
    found = sides[1].run(config_of(school, "page", "items", {"type": "page_number", "base_page": 1}))
    assert ids(found.rows["enrollments"]) == [row["id"] for row in school.rows("enrollments")]
