"""What the check says of a full read is what a full read then proves, for each style of the sample school."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from routes_server import said

import homeroom
from homeroom.check_run import Outcome
from homeroom.demo import Dials, School
from homeroom.source import rest_api_source
from homeroom.values import Status

SIZED = {"per_page": 10}
OFFSET = {"type": "offset", "limit": 10}
CURSOR = {"type": "cursor", "cursor_path": "cursors.next"}
POSTED = {"type": "offset", "limit": 10, "offset_param": None, "limit_param": None}
POSTED |= {"offset_body_path": "offset", "limit_body_path": "limit"}
STYLES: list[tuple[str, dict[str, Any], Dials]] = [
    ("v1", {"data_selector": "data", "paginator": OFFSET}, Dials()),
    ("v1", {"data_selector": "data", "paginator": OFFSET}, Dials(total="header")),
    ("v1", {"data_selector": "data", "paginator": OFFSET}, Dials(total="absent")),
    ("v1", {"data_selector": "data", "paginator": OFFSET}, Dials(page_cap=7)),
    ("v1", {"data_selector": "data", "paginator": OFFSET}, Dials(page_cap=7, total="absent")),
    ("search", {"method": "POST", "json": {}, "data_selector": "data", "paginator": POSTED}, Dials()),
    ("cursor", {"data_selector": "results", "paginator": CURSOR, "params": {"limit": 10}}, Dials()),
    ("all", {"data_selector": "data", "paginator": "single_page"}, Dials()),
    (
        "page",
        {"data_selector": "items", "paginator": {"type": "page_number", "base_page": 1}, "params": SIZED},
        Dials(),
    ),
    ("page0", {"data_selector": "items", "paginator": "page_number", "params": SIZED}, Dials(page_cap=7)),
    ("link", {"data_selector": "results", "paginator": "json_link", "params": SIZED}, Dials()),
    ("header", {"data_selector": "$", "paginator": "header_link", "params": SIZED}, Dials()),
    ("link", {"params": SIZED}, Dials()),
    ("header", {"params": SIZED}, Dials()),
    ("header-cursor", {"paginator": {"type": "header_cursor", "cursor_key": "X-Next-Cursor"}}, Dials()),
]


@pytest.fixture(scope="module")
def school() -> Iterator[School]:
    with School(scale=0.01) as opened:
        yield opened


@pytest.mark.parametrize(("style", "endpoint", "dials"), STYLES)
def test_the_prospect_is_what_a_full_read_proves(
    style: str, endpoint: dict[str, Any], dials: Dials, school: School, tmp_path: Path
) -> None:
    school.set_dials(dials)
    people = {"name": "people", "endpoint": {"path": f"/{style}/people", **endpoint}}
    client = {"base_url": school.url, "auth": {"type": "bearer", "token": school.api_key}}
    config: Any = {"client": client, "resource_defaults": {"primary_key": "id"}, "resources": [people]}
    file = tmp_path / "school.json"
    file.write_text(json.dumps(config), encoding="utf-8")
    report = homeroom.check(file)
    source = rest_api_source(config)
    list(source)
    line, found = source.report.resources["people"], said(report, "people")["paging"]
    words = "unproved" if line.status is Status.UNPROVED else f"proved by {line.proof}"
    assert found.verdict is not Outcome.FAILED
    assert words in found.text
    assert report.passes and report.requests <= 3
