"""The config that people write first: one resource, an offset of 100, a key from dlt's secrets."""

from typing import Any

import dlt
import pytest
from source_help import Campus, ids

from homeroom.demo import Dials, School
from homeroom.source import rest_api_source
from homeroom.values import Status


@pytest.fixture
def config(school: School, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """As written, but for the URL and the path."""
    monkeypatch.setenv("API_KEY", school.api_key)
    return {
        "client": {
            "base_url": school.url,
            "auth": {
                "type": "api_key",
                "name": "api_key",
                "api_key": dlt.secrets["api_key"],
                "location": "query",
            },
        },
        "resource_defaults": {
            "primary_key": "id",
            "write_disposition": "merge",
        },
        "resources": [
            {
                "name": "resource_name",
                "endpoint": {
                    "path": "/v1/people",
                    "data_selector": "data",
                    "paginator": {"type": "offset", "limit": 100},
                },
            },
        ],
    }


@pytest.mark.parametrize("total", ["body", "absent", "header"])
def test_it_reads_every_row_and_a_second_run_changes_nothing(
    total: str, config: dict[str, Any], campus: Campus, school: School
) -> None:
    """Wherever the API says how many there are, and where it says nothing."""
    school.set_dials(Dials(total=total))
    campus.run(rest_api_source(config))
    first = campus.content()
    campus.run(rest_api_source(config))
    assert campus.content() == first and campus.column("resource_name") == ids(school.rows("people"))


@pytest.mark.parametrize(("total", "status"), [("body", "complete"), ("header", "complete"), ("absent", "complete")])
def test_its_report_says_how_sure_that_is(
    total: str, status: str, config: dict[str, Any], campus: Campus, school: School
) -> None:
    """A total proves it; without one, pages that meet."""
    school.set_dials(Dials(total=total))
    source = rest_api_source(config)
    campus.run(source)
    assert source.report.status is Status(status)
    assert source.report.resources["resource_name"].rows_distinct == len(school.rows("people"))
