"""`plan` tells what a sync then asks for: the number itself, or bounds that hold."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from dlt.extract.exceptions import ResourceExtractionError
from routes_server import Routes, Says, listing, people
from small_school import resource
from typer.testing import CliRunner

import homeroom
from homeroom import rest_api_source
from homeroom.cli.app import app
from homeroom.demo.dials import Dials
from homeroom.errors import ConfigError, TransientError
from homeroom.plan_run import ResourcePlanned, plan

if TYPE_CHECKING:
    from small_school import Write

    from homeroom.demo import School

SECTIONS = resource("sections")
OF_SECTIONS = resource("rosters", "/v1/sections/{resources.sections.id}/enrollments", 5)


def _numbered(path: str, size: int, **more: Any) -> dict[str, Any]:
    pages = {"type": "page_number", "base_page": 1, **more}
    endpoint = {"path": path, "data_selector": "items", "params": {"per_page": size}, "paginator": pages}
    return {"name": "people", "primary_key": "id", "endpoint": endpoint}


def _linked(size: int) -> dict[str, Any]:
    pages = {"type": "json_link", "next_url_path": "next"}
    endpoint = {"path": "/link/people", "data_selector": "results", "params": {"per_page": size}, "paginator": pages}
    return {"name": "people", "primary_key": "id", "endpoint": endpoint}


def _planned(config: Path, school: School) -> tuple[ResourcePlanned, int]:
    """What is planned of the only resource, and how many requests a full read then makes."""
    school.clear_log()
    report = plan(config)
    assert report.requests_made == len(school.requests)
    school.clear_log()
    told = json.loads(config.read_text(encoding="utf-8"))
    with suppress(ResourceExtractionError):  # a guess that is doubted ends incomplete
        list(rest_api_source(told["source"], sync=told["sync"]))
    return report.resources[0], len(school.requests)


EXACT = {
    "offset": (resource("people"), {}, {}),
    "offset, a full last page": (resource("people", limit=130), {}, {}),
    "offset, clamped": (resource("people"), {"page_cap": 37}, {}),
    "offset, total in a header": (resource("people"), {"total": "header"}, {}),
    "offset, overlapping": (resource("people", limit=50), {}, {"overlap": "always"}),
    "offset, to a maximum": (
        resource("people", endpoint={"paginator": {"type": "offset", "limit": 50, "maximum_offset": 150}}),
        {},
        {},
    ),
    "a single page": (resource("people", "/all/people", endpoint={"paginator": "single_page"}), {}, {}),
    "a guess that is doubted": (
        {"name": "people", "endpoint": {"path": "/all/people", "data_selector": "data"}},
        {},
        {},
    ),
    "page numbers in one page": (_numbered("/page/people", 300), {}, {}),
    "page numbers in one full page": (_numbered("/page/people", 260), {}, {}),
    "an empty list": (resource("people"), {"empty_for_rights": "on"}, {}),
}


@pytest.mark.parametrize("case", EXACT)
def test_what_the_api_tells_is_planned_exactly(case: str, write: Write, school: School) -> None:
    named, dials, settings = EXACT[case]
    config = write(named, sync=settings)
    school.set_dials(Dials(**dials))
    found, asked = _planned(config, school)
    assert found.requests is not None
    assert (found.requests.low, found.requests.high) == (asked, asked)
    assert found.rows is not None
    assert found.rows.is_exact


@pytest.mark.parametrize("rows", [50, 33])
def test_a_flag_that_ends_the_read_is_believed_as_far_as_a_sync_does(rows: int, routes: Routes, tmp_path: Path) -> None:
    routes.routes["/people"] = lambda query: Says({"data": people(rows)[int(query["offset"]) :], "more": False})
    pages = {"type": "offset", "limit": 100, "has_more_path": "more", "total_path": None}
    named = resource("people", "/people", endpoint={"paginator": pages})
    source: Any = {"client": {"base_url": routes.url}, "resources": [named]}
    file = tmp_path / "flag.json"
    file.write_text(json.dumps(source))
    found = plan(file).resources[0]
    routes.asked.clear()
    list(rest_api_source(source))
    assert (str(found.requests), str(found.rows)) == (str(len(routes.asked)), str(rows))


def test_a_whole_sync_makes_the_requests_that_were_planned(write: Write, school: School) -> None:
    config = write(resource("people"), SECTIONS, resource("enrollments", limit=200))
    planned = plan(config)
    school.clear_log()
    report = homeroom.sync(config)
    assert [planned.requests.low, planned.requests.high] == [len(school.requests)] * 2
    assert planned.rows.best == report.rows_loaded


BOUNDED = {
    "offset without a total": (resource("people"), {"total": "absent"}),
    "page numbers": (_numbered("/page/people", 100), {}),
    "page numbers, a full last page": (_numbered("/page/people", 130), {}),
    "page numbers, clamped": (_numbered("/page/people", 100), {"page_cap": 50}),
    "next links": (_linked(100), {}),
}


@pytest.mark.parametrize("case", BOUNDED)
def test_what_it_does_not_tell_is_within_the_bounds(case: str, write: Write, school: School) -> None:
    named, dials = BOUNDED[case]
    config = write(named)
    school.set_dials(Dials(**dials))
    found, asked = _planned(config, school)
    rows = len(school.rows("people"))
    for count, real in ((found.requests, asked), (found.rows, rows)):
        assert count is not None
        assert not (count is found.rows and count.is_exact)
        assert count.low <= real
        assert count.high is None or real <= count.high


def test_a_child_is_an_estimate_from_one_parent(write: Write, school: School) -> None:
    report = plan(write(SECTIONS, OF_SECTIONS))
    sections, rosters = report.resources
    count, first = len(school.rows("sections")), school.rows("sections")[0]["id"]
    of_first = sum(row["section_id"] == first for row in school.rows("enrollments"))
    assert len(school.requests) == 2
    assert rosters.rows is not None and rosters.requests is not None and sections.rows is not None
    assert sections.rows.best == count
    assert rosters.rows.best == count * of_first
    assert (rosters.requests.low > count - 1, rosters.requests.high) == (True, None)
    assert rosters.notes == (f"an estimate, from one of {count} rows of sections",)


def test_a_parent_is_planned_with_its_child_and_others_are_not(write: Write, school: School) -> None:
    report = plan(write(SECTIONS, OF_SECTIONS, resource("people")), select=["rosters"])
    assert [each.resource for each in report.resources] == ["sections", "rosters"]
    assert report.notes == ("sections is read for its children alone",)


def test_the_next_run_of_an_incremental_is_planned(write: Write, school: School) -> None:
    since = {"cursor_path": "updated_at", "start_param": "updated_since", "initial_value": "2020-01-01T00:00:00Z"}
    config = write(resource("people", endpoint={"incremental": since}))
    before = plan(config).resources[0]
    homeroom.sync(config)
    school.clear_log()
    after = plan(config).resources[0]
    newest = max(row["updated_at"] for row in school.rows("people"))
    assert before.notes == ("from updated_at 2020-01-01T00:00:00Z on (initial_value)",)
    assert before.rows is not None and before.rows.best == len(school.rows("people"))
    assert [request.query["updated_since"] for request in school.requests] == [newest]
    assert after.rows is not None and after.rows.best == sum(
        row["updated_at"] >= newest for row in school.rows("people")
    )
    assert after.notes == (f"from updated_at {newest} on, where the last sync of this machine ended",)


def test_spans_of_time_are_a_request_each_at_the_least(write: Write) -> None:
    since = {"cursor_path": "updated_at", "start_param": "updated_since", "end_param": "updated_until"}
    named = resource("people", endpoint={"incremental": {**since, "initial_value": "2026-01-01T00:00:00Z"}})
    found = plan(write(named, sync={"resources": {"people": {"window": "7d"}}})).resources[0]
    assert found.requests is not None and found.requests.high is None
    assert found.requests.low > 10
    assert found.notes[0].startswith("read in ")


def test_steps_of_the_config_leave_fewer_parents(tmp_path: Path, write: Write, school: School) -> None:
    (tmp_path / "steps_of_plan.py").write_text(
        "from pathlib import Path\nimport json\n"
        "config = json.loads(Path('school.yaml').read_text())\n"
        "config['source']['resources'][0]['processing_steps'] = [{'filter': lambda row: row['id'] % 3 == 0}]\n"
    )
    write(SECTIONS, OF_SECTIONS)
    rosters = plan("steps_of_plan:config").resources[1]
    third = sum(row["id"] % 3 == 0 for row in school.rows("sections"))
    assert rosters.notes == (f"an estimate, from one of ~ {third} rows of sections",)


def test_a_refused_resource_is_told_and_the_others_go_on(write: Write, school: School) -> None:
    config = write(resource("people"), SECTIONS, OF_SECTIONS)
    school.set_dials(Dials(always=403, only="/v1/sections"))
    report = plan(config)
    assert (report.unknown, report.exit_code) == (("sections", "rosters"), 3)
    assert "answered 403" in report.resources[1].reason
    assert report.resources[2].reason == "its parent sections was not read"
    assert school.api_key not in str(report)


def test_a_child_of_an_empty_list_asks_for_nothing(write: Write, school: School) -> None:
    config = write(SECTIONS, OF_SECTIONS)
    school.set_dials(Dials(empty_for_rights="on"))
    report = plan(config)
    rosters = report.resources[1]
    assert (str(rosters.rows), str(rosters.requests), report.exit_code) == ("0", "0", 0)


@pytest.mark.parametrize(("status", "code"), [(401, 4), (404, 1)])
def test_where_nothing_is_known_the_exit_code_says_why(write: Write, school: School, status: int, code: int) -> None:
    config = write(resource("people"))
    school.set_dials(Dials(always=status))
    assert plan(config).exit_code == code


def test_a_resource_of_the_users_own_is_not_asked(tmp_path: Path, school: School) -> None:
    (tmp_path / "own_of_plan.py").write_text(
        "import dlt\n"
        "mine = dlt.resource([{'id': 1}], name='mine')\n"
        f"config = {{'client': {{'base_url': '{school.url}'}}, 'resources': [mine]}}\n"
    )
    report = plan("own_of_plan:config")
    assert report.resources[0].reason == "a DltResource of yours, which asks by itself"
    assert not school.requests


def test_an_unfinished_run_is_told(write: Write, school: School) -> None:
    config = write(resource("people", limit=20), sync={"retry": {"attempts": 1}, "concurrency": 1})
    school.set_dials(Dials(fail_every=((500, 6),)))
    with pytest.raises(TransientError):
        homeroom.sync(config, fail_fast=True)
    school.set_dials(Dials())
    assert plan(config).notes == ("an earlier run was not finished: 5 of 13 pages are here, and not asked for again",)


def test_change_versions_are_asked_for_once_and_gone_on_from(write: Write, school: School) -> None:
    since = {"cursor_path": "version", "start_param": "minChangeVersion", "end_param": "maxChangeVersion"}
    named = [resource(name, endpoint={"incremental": since}) for name in ("people", "sections")]
    versions = {"path": "/changes/availableChangeVersions", "newest": "newestChangeVersion"}
    own = {"by_change_version": True}
    config = write(*named, sync={"change_versions": versions, "resources": {"people": own, "sections": own}})
    before = plan(config)
    homeroom.sync(config)
    school.clear_log()
    after = plan(config)
    newest = str(school.newest_change)
    assert before.resources[0].notes == ("all of it (no version is remembered), behind one request for the newest",)
    assert before.resources[0].rows is not None and before.resources[0].rows.best == len(school.rows("people"))
    assert after.resources[0].notes == (f"from change version {newest} on, behind one request for the newest",)
    assert [request.query.get("minChangeVersion") for request in school.requests] == [None, newest, newest]


def test_parents_that_go_together_are_reckoned_together(routes: Routes, tmp_path: Path) -> None:
    routes.routes["/parents"] = listing(people(10))
    routes.routes["/kids"] = lambda query: Says({"data": [{"id": n} for n in range(6 * len(query["ids"].split(",")))]})
    kids = {"path": "/kids", "params": {"ids": "{resources.parents.id}"}, "data_selector": "data"}
    source = {
        "client": {"base_url": routes.url},
        "resources": [
            resource("parents", "/parents"),
            {"name": "kids", "primary_key": "id", "endpoint": {**kids, "paginator": "single_page"}},
        ],
    }
    file = tmp_path / "together.json"
    file.write_text(json.dumps({"source": source, "sync": {"resources": {"kids": {"batch": 4}}}}))
    found = plan(file).resources[1]
    assert (str(found.requests), str(found.rows)) == ("~ 3", "~ 60")
    assert found.notes[0] == "an estimate, from 4 of 10 rows of parents"


def test_quota_and_rate_tell_the_minutes(routes: Routes, tmp_path: Path) -> None:
    pages = listing(people(2500))

    def limited(query: dict[str, str]) -> Says:
        left = {"X-RateLimit-Limit": "10", "X-RateLimit-Remaining": "9", "X-RateLimit-Reset": "60"}
        return Says(pages(query).body, headers=left)

    routes.routes["/people"] = limited
    source = {"client": {"base_url": routes.url}, "resources": [resource("people", "/people")]}
    file = tmp_path / "quota.json"
    file.write_text(json.dumps(source))
    report = plan(file, rate="1/s")
    assert (str(report.requests), str(report.time)) == ("26", "≥ 2 min")
    shown = CliRunner().invoke(app, ["plan", str(file)]).stdout
    assert "26 requests, and 9 of 10 are left for the next 60 s" in shown
    assert str(plan(file, select=["people"], rate="600/min").resources[0].time) == "≥ 2 min"


def test_latency_and_concurrency_tell_the_time(write: Write, school: School) -> None:
    config = write(resource("people", limit=10))
    school.set_dials(Dials(latency_s=0.1))
    report = plan(config, concurrency=2)
    assert 1.4 <= report.time.seconds < 3  # 27 requests, two at a time
    assert report.hosts[0].answer_s >= 0.1


def test_an_unknown_pattern_is_refused_before_a_request(write: Write, school: School) -> None:
    with pytest.raises(ConfigError, match="did you mean people"):
        plan(write(resource("people")), select=["peple"])
    assert not school.requests


def test_the_table_and_the_json_say_the_same(write: Write, school: School) -> None:
    config = str(write(resource("people"), SECTIONS, OF_SECTIONS))
    shown = CliRunner().invoke(app, ["plan", config])
    told = json.loads(CliRunner().invoke(app, ["plan", config, "--json"]).stdout)
    assert shown.exit_code == told["exit_code"] == 0
    line = next(line.split() for line in shown.stdout.splitlines() if line.startswith("people "))
    assert line[:4] == ["people", "260", "100", "3"]
    people_told = told["resources"][0]
    assert people_told["requests"] == {"low": 3, "high": 3, "likely": 3}
    assert shown.stdout.splitlines()[-1] == "school: 3 resources; 3 requests made, nothing written."


def test_what_is_said_of_many_is_said_once(write: Write, school: School) -> None:
    names = ("people", "sections", "courses", "terms", "schools", "districts", "assignments")
    config = str(write(*map(resource, names)))
    school.set_dials(Dials(always=401))
    shown = CliRunner().invoke(app, ["plan", config])
    told = [line for line in shown.stdout.splitlines() if ": not asked" in line]
    assert (shown.exit_code, len(school.requests)) == (4, 2)
    assert [line.partition(": ")[0] for line in told] == ["courses, terms, schools and 2 more"]


def test_nothing_is_written_anywhere(write: Write, elsewhere: Path) -> None:
    config = write(resource("people"), SECTIONS)

    def files() -> dict[str, str]:
        found = [file for file in elsewhere.rglob("*") if file.is_file()]
        return {str(file): hashlib.sha256(file.read_bytes()).hexdigest() for file in found}

    homeroom.sync(config)
    before = files()
    plan(config)
    assert files() == before
