"""Every way of paging that the sample school knows, with every fault it has: all rows, or a report that says no."""

from pathlib import Path
from typing import Any

import dlt
import pyarrow.parquet as parquet
import pytest
from source_help import config_of, ids, resource

from homeroom.demo import Dials, School
from homeroom.errors import HomeroomError
from homeroom.source import RestApiSource, rest_api_source
from homeroom.values import Status

PAGE = 20
RUNS = 20
QUICK = {"retry": {"first_wait_s": 0.01, "max_wait_s": 0.05, "attempts": 8}}

OFFSET = {"type": "offset", "limit": PAGE}
POSTED = {"type": "offset", "limit": PAGE, "offset_param": None, "limit_param": None}
WAYS: dict[str, dict[str, Any]] = {
    "offset": {"path": "/v1/people", "data_selector": "data", "paginator": OFFSET},
    "offset, posted": {
        "path": "/search/people",
        "method": "POST",
        "json": {"filters": {}},
        "data_selector": "data",
        "paginator": {**POSTED, "offset_body_path": "offset", "limit_body_path": "limit"},
    },
    "page number": {
        "path": "/page/people",
        "data_selector": "items",
        "params": {"per_page": PAGE},
        "paginator": {"type": "page_number", "base_page": 1, "total_path": "total_pages"},
    },
    "page number, no total": {
        "path": "/page0/people",
        "data_selector": "items",
        "params": {"per_page": PAGE},
        "paginator": {"type": "page_number", "total_path": None},
    },
    "cursor": {
        "path": "/cursor/people",
        "data_selector": "results",
        "params": {"limit": PAGE},
        "paginator": {"type": "cursor", "cursor_path": "cursors.next", "cursor_param": "cursor"},
    },
    "header cursor": {
        "path": "/header-cursor/people",
        "data_selector": "$",
        "params": {"limit": PAGE},
        "paginator": {"type": "header_cursor", "cursor_key": "X-Next-Cursor", "cursor_param": "cursor"},
    },
    "json link": {
        "path": "/link/people",
        "data_selector": "results",
        "params": {"per_page": PAGE},
        "paginator": {"type": "json_link", "next_url_path": "next"},
    },
    "relative json link": {
        "path": "/link-relative/people",
        "data_selector": "results",
        "params": {"per_page": PAGE},
        "paginator": {"type": "json_link", "next_url_path": "next"},
    },
    "header link": {
        "path": "/header/people",
        "data_selector": "$",
        "params": {"per_page": PAGE},
        "paginator": {"type": "header_link"},
    },
    "guessed": {"path": "/link/people", "data_selector": "results", "params": {"per_page": PAGE}},
    "all at once": {"path": "/all/people", "data_selector": "data", "paginator": "single_page"},
}
TOTALS = ("body", "header", "absent")
CASES = [
    pytest.param(way, total, id=f"{way}-{total}")
    for way in WAYS
    for total in (TOTALS if "offset" in way else ("body",))
]
FAULTS: dict[str, dict[str, Any]] = {
    "none": {},
    "clamped": {"page_cap": 7},
    "throttled": {"throttle_every": 5, "retry_after_s": 0.01},
    "503": {"fail_every": ((503, 4),)},
    "cut": {"cut_every": 4},
    "cut, length right": {"short_length_every": 4},
    "reset": {"reset_every": 4},
    "late": {"latency_s": 0.002, "jitter_s": 0.02},
    "late and clamped": {"jitter_s": 0.02, "page_cap": 7},
    "all at once": {"jitter_s": 0.01, "page_cap": 13, "fail_every": ((503, 9),), "cut_every": 7, "reset_every": 11},
}
DECEPTIONS: dict[str, dict[str, Any]] = {
    "a page empty": {"empty_page_every": 4},
    "HTML": {"html_every": 4},
    "an error object": {"error_200_every": 4},
    "an empty body": {"empty_200_every": 4},
}


def source_of(school: School, way: str) -> RestApiSource:
    """All people, read in this way."""
    endpoint = {"data_selector": None, **WAYS[way]}
    if "paginator" not in endpoint:
        endpoint["paginator"] = "auto"
    return rest_api_source(config_of(school, resource("people", endpoint=endpoint)), sync=QUICK)


def read(source: RestApiSource) -> list[Any] | None:
    """The rows, None where the read ended in one of our errors."""
    try:
        return list(source)
    except Exception as error:
        cause: BaseException | None = error
        while cause is not None and not isinstance(cause, HomeroomError):
            cause = cause.__cause__
        assert isinstance(cause, HomeroomError), f"{error!r} is none of ours"
        return None


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(("way", "total"), CASES)
def test_faults_that_pass_cost_no_row(way: str, total: str, fault: str, school: School) -> None:
    """Neither missing nor twice, and the report does not doubt it."""
    school.set_dials(Dials(total=total, **FAULTS[fault]))
    source = source_of(school, way)
    assert ids(read(source) or []) == ids(school.rows("people"))
    line = source.report.resources["people"]
    assert line.status in (Status.COMPLETE, Status.UNPROVED)
    if total != "absent" and "offset" in way:
        assert line.status is Status.COMPLETE


@pytest.mark.parametrize("fault", DECEPTIONS)
@pytest.mark.parametrize(("way", "total"), CASES)
def test_an_answer_that_only_looks_like_one_costs_no_row_in_silence(
    way: str, total: str, fault: str, school: School
) -> None:
    """All rows, or an error, or a report that claims no more than that it came to an end."""
    school.set_dials(Dials(total=total, **DECEPTIONS[fault]))
    source = source_of(school, way)
    rows = read(source)
    status = source.report.resources["people"].status
    if rows is None:
        assert status in (Status.INCOMPLETE, Status.FAILED)
    elif ids(rows) != ids(school.rows("people")):
        assert status is not Status.COMPLETE


def mixed(school: School) -> School:
    """People whose columns come and change their type from page to page."""
    for number, row in enumerate(school.rows("people")):
        grade = f"grade {number}" if number % 35 == 34 else number if number % 2 else number / 2
        school.put("people", {**row, "grade": grade, **({f"extra_{number // 30}": True} if number % 30 == 29 else {})})
    return school


def stored(source: RestApiSource, name: str, folder: Path) -> dict[str, Any]:
    """What a run would load: the columns of each table in their order, with types, and its rows.

    How many pages are at hand at once decides which of them share a file, so the files are read together.
    """
    pipeline = dlt.pipeline(name, destination="duckdb", dataset_name="held", pipelines_dir=str(folder))
    pipeline.extract(source, loader_file_format="parquet")
    pipeline.normalize()
    (load_id,) = pipeline.list_normalized_load_packages()
    rows: dict[str, list[dict[str, Any]]] = {}
    for job in pipeline.get_load_package_info(load_id).jobs["new_jobs"]:
        table = job.job_file_info.table_name
        if table.startswith("_dlt_") or not job.file_path.endswith(".parquet"):
            continue
        for row in parquet.read_table(job.file_path).to_pylist():
            own = {column: value for column, value in row.items() if value is not None and column[:5] != "_dlt_"}
            rows.setdefault(table, []).append(own)
    tables = pipeline.default_schema.tables
    types = {name: [(c, tables[name]["columns"][c].get("data_type")) for c in tables[name]["columns"]] for name in rows}
    return {name: (types[name], sorted(rows[name], key=repr)) for name in rows}


@pytest.mark.parametrize(("way", "total"), [("offset", "absent"), ("page number, no total", "body")])
def test_latency_changes_neither_a_row_nor_a_column_nor_its_type(
    way: str, total: str, school: School, tmp_path: Path
) -> None:
    """Twenty of twenty."""
    mixed(school)
    runs = []
    for number in range(RUNS):
        faults = {"page_cap": 13} if way == "offset" else {}
        school.set_dials(Dials(total=total, jitter_s=0.002 * (number % 5), **faults))
        runs.append(stored(source_of(school, way), f"run_{number}", tmp_path))
    assert all(run == runs[0] for run in runs)
    assert len(runs[0]["people"][1]) == len(school.rows("people"))
    assert "grade__v_text" in dict(runs[0]["people"][0])


@pytest.mark.parametrize(("way", "total"), [("offset", "absent"), ("page number, no total", "body")])
def test_latency_does_not_change_the_order_of_rows(way: str, total: str, school: School) -> None:
    """Twenty of twenty: as they leave for dlt, of which its files are only one use."""
    faults = {"page_cap": 13} if way == "offset" else {}
    runs = []
    for number in range(RUNS):
        school.set_dials(Dials(total=total, jitter_s=0.002 * (number % 5), **faults))
        runs.append([row["id"] for row in read(source_of(school, way)) or ()])
    assert runs[0] == [row["id"] for row in school.rows("people")]
    assert all(run == runs[0] for run in runs)
