"""The script and the sync make the same tables of one config."""

from __future__ import annotations

from pathlib import Path

import pytest
from eject_alone import KEY, run_alone, tables_of
from typer.testing import CliRunner

from homeroom import sync
from homeroom.cli.app import app
from homeroom.demo import School

CONFIG = """
name: campus
destination: duckdb:///rows.duckdb
source:
  client:
    base_url: ${SCHOOL_URL}
    auth: {type: api_key, name: api_key, api_key: "${API_KEY}", location: query}
  resource_defaults:
    primary_key: id
    write_disposition: merge
    endpoint: {data_selector: data, paginator: {type: offset, limit: 50}}
  resources:
    - {name: districts, endpoint: {path: /v1/districts}}
    - name: courses
      endpoint: {path: /v1/courses}
      columns: {credits: {data_type: double}}
    - name: people # roles are a table of their own
      endpoint:
        path: /v1/people
        auth: {type: bearer, token: "${secret:school.token}"}
        incremental: {cursor_path: updated_at, start_param: updated_since, initial_value: "2025-12-01T00:00:00Z"}
    - name: sections
      endpoint:
        path: /v1/sections
        auth: {type: http_basic, username: demo, password: "${API_KEY}"}
    - name: enrollments_of_sections
      include_from_parent: [id]
      endpoint: {path: "/v1/sections/{resources.sections.id}/enrollments"}
    - name: terms
      endpoint: {path: /page/terms, data_selector: items, paginator: {type: page_number, base_page: 1}}
    - name: schools
      endpoint: {path: /cursor/schools, data_selector: results, paginator: {type: cursor, cursor_path: next_cursor}}
sync:
  resources:
    courses: {casts: {created_at: timestamp, subject.id: list}}
"""


def test_the_script_makes_the_tables_that_the_sync_makes(
    school: School, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCHOOL_URL", school.url)
    Path("campus.yaml").write_text(CONFIG)
    ejected = CliRunner().invoke(app, ["eject", "campus.yaml", "-o", "campus_dlt.py"])
    assert ejected.exit_code == 0, ejected.output

    report = sync("campus.yaml")
    assert {line.status for line in report.resources.values()} <= {"complete", "unproved"}
    beside = tmp_path / "beside"
    beside.mkdir()
    with monkeypatch.context() as patch:
        patch.chdir(beside)
        result = run_alone(tmp_path / "campus_dlt.py")
    assert result.returncode == 0, result.stderr

    ours, theirs = tables_of(Path("rows.duckdb"), "campus"), tables_of(beside / "rows.duckdb", "campus")
    for tables in (ours, theirs):
        assert {"people__roles", "enrollments_of_sections", "schools__grades"} <= tables.keys()
    assert theirs == ours

    school.clear_log()
    again = run_alone(tmp_path / "campus_dlt.py")  # into the tables of the sync, from where that has read to
    assert again.returncode == 0, again.stderr
    asked = [request.query["updated_since"] for request in school.requests if request.resource == "people"]
    assert min(asked) > "2025-12-01T00:00:00Z"
    assert tables_of(Path("rows.duckdb"), "campus") == ours
    assert KEY not in (tmp_path / "campus_dlt.py").read_text() + result.stdout + result.stderr
